//! `POST /v1/fraud/assess`.

mod answer;
mod attempts;
mod rules;

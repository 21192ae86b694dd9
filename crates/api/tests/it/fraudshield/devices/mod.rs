//! `/v1/fraud/devices`.

mod blocking;
mod matching;
mod past;
mod register;

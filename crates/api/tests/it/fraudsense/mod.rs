//! The fraudsense dialect: accounts that people make for themselves, and what they can do with them.

mod accounts;
mod catalog;
mod client_events;
mod dashboard;
mod devices;
mod frame;
mod history;
mod keys;
mod limits;
mod lists;
mod requests;
mod scenarios;
mod score;
mod scoring;
pub(crate) mod support;
mod time_and_place;

//! The router against a real store; modules mirror the routes. A second tenant exists in every test about tenants.
#![allow(clippy::unwrap_used, reason = "tests")]

mod api_keys;
mod audit;
mod auth;
mod clients;
mod console;
mod custom_rules;
mod directory;
mod docs;
mod envelope;
mod event_time;
mod events;
mod feed;
mod fraudsense;
mod fraudshield;
mod golden;
mod ingest;
mod keyri;
mod limits;
mod lists;
mod matrix;
mod one_engine;
mod operations;
mod reputation;
mod rules;
mod sdk;
mod secrets;
mod signet;
mod stories;
mod team;
mod trust;
mod users;
mod velocity_rules;
mod webhooks;

//! The fraudsense dialect: accounts that people make for themselves, and what they can do with them.

mod accounts;
mod dashboard;
mod keys;
mod limits;
mod support;

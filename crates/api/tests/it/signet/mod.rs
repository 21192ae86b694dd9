//! The signet dialect.

mod doors;
mod enrollments;
mod flags;
mod frame;
mod golden;
mod lists;
mod places;
mod reports;
mod risk;
mod support;
mod threshold;

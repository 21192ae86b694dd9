//! What tests share: a clock that they move, and a whole server without a socket.
//!
//! The server ([`TestApp`]) is behind the feature `app`, so that the crates it is made of can use the rest. Everything
//! here panics when it does not work: a test has nothing better to do.
#![allow(clippy::expect_used, clippy::missing_panics_doc, reason = "only tests use this")]

#[cfg(feature = "app")]
mod app;
mod clock;
#[cfg(feature = "keyri")]
mod keyri;
#[cfg(feature = "app")]
mod request;
mod scenario;

#[cfg(feature = "app")]
pub use app::{PASSWORD, TestApp, TestTenant};
pub use clock::FakeClock;
#[cfg(feature = "keyri")]
pub use keyri::{KeyriClient, open_keyri_answer};
#[cfg(feature = "app")]
pub use request::{Answer, Call, Open};
pub use scenario::{Expected, Given, Scenario, ScenarioError, Step};

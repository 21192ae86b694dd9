//! The flows of more than one step; above all [`Assessor::assess`], the page to read first.
//!
//! Nothing here knows HTTP, JSON or a database.

mod account;
mod activity;
mod arrivals;
mod assess;
mod enrich;
mod follow_up;
mod history_facts;
mod latencies;
mod lists;
mod plans;
mod sensors;
mod sighting;

pub use account::{AccountQuestion, JudgedAccount, Priority};
pub use arrivals::Waiting;
pub use assess::{AnswerWriter, AssessError, Assessed, Assessor, Request, Show, TellShown, WriteAnswer};
pub use plans::Variant;

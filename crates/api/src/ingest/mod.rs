//! The ingest dialect: ALLOW / CHALLENGE / BLOCK for signup and login.
//!
//! Contract: seed 000 (R0.*, G0.*). Its quirks: scores have no upper end, `MONITOR` is answered with `CHALLENGE`, a
//! rule that lacks data passes, and a mouse path that is too long is cut instead of refused. `docs/dialects/ingest.md`
//! is the page for its users.

mod assess;
mod auth;
mod error;
mod events;
mod normalize;
pub(crate) mod profile;
mod request;
mod response;

pub(crate) use self::{
    assess::{__path_ingest, ingest},
    error::IngestError,
    events::{__path_get_event, __path_report_outcome, get_event, report_outcome},
    response::KnownTexts,
};

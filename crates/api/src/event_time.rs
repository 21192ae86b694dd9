//! When test traffic happened: with a test-mode key a request may say that it is about the past.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use domain::{Mode, Timestamp};
use http::{HeaderValue, request::Parts};
use portcullis_domain as domain;

/// The header's name, as errors tell it.
pub(crate) const EVENT_TIME: &str = "Portcullis-Event-Time";

/// What the OpenAPI document says of it.
pub(crate) const ABOUT: &str = "Only with a test-mode key: when it happened, RFC 3339, at most 400 days ago";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Longer than any window of history, and than a year of figures.
const FURTHEST_MS: i64 = 400 * DAY_MS;

/// The header as it was sent. Whose request it is must be known before it means anything.
pub(crate) struct EventTime(Option<HeaderValue>);

/// The time of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// The time that it is judged at.
    pub(crate) at: Timestamp,
    /// The same, when the caller said so.
    pub(crate) stated: Option<Timestamp>,
}

/// Why the header can not be followed, as the end of a sentence that begins with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventTimeError(pub(crate) &'static str);

impl<S: Sync> FromRequestParts<S> for EventTime {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.headers.get(EVENT_TIME).cloned()))
    }
}

impl EventTime {
    /// When the request of a key of this mode, which came at `now`, is about.
    pub(crate) fn check(self, mode: Mode, now: Timestamp) -> Result<When, EventTimeError> {
        let Some(sent) = self.0 else { return Ok(When { at: now, stated: None }) };
        if mode != Mode::Test {
            return Err(EventTimeError("may only be sent with a test-mode key"));
        }
        let at = sent.to_str().ok().and_then(|text| text.parse::<Timestamp>().ok());
        let at = at.ok_or(EventTimeError("must be an RFC 3339 time, such as 2026-01-31T09:30:00Z"))?;
        match now.millis_since(at) {
            0..=FURTHEST_MS => Ok(When { at, stated: Some(at) }),
            ..0 => Err(EventTimeError("must not be in the future")),
            _ => Err(EventTimeError("must be at most 400 days ago")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn check(mode: Mode, text: &str) -> Result<When, EventTimeError> {
        EventTime(Some(HeaderValue::from_str(text).unwrap())).check(mode, NOW)
    }

    #[test]
    fn without_it_the_time_is_now() {
        for mode in [Mode::Live, Mode::Test] {
            assert_eq!(EventTime(None).check(mode, NOW), Ok(When { at: NOW, stated: None }));
        }
    }

    #[test]
    fn the_past_has_an_end_and_the_future_no_beginning() {
        for ago_ms in [0, 1, DAY_MS, FURTHEST_MS] {
            let at = NOW.plus_millis(-ago_ms);
            assert_eq!(check(Mode::Test, &at.to_string()), Ok(When { at, stated: Some(at) }));
        }
        let wrong = |ago_ms: i64| check(Mode::Test, &NOW.plus_millis(-ago_ms).to_string()).unwrap_err().0;
        assert_eq!(wrong(-1), "must not be in the future");
        assert_eq!(wrong(FURTHEST_MS + 1), "must be at most 400 days ago");
    }

    #[test]
    fn other_texts_and_live_keys_are_refused() {
        for text in ["", "yesterday", "2026-01-31", "1767225600"] {
            assert!(check(Mode::Test, text).unwrap_err().0.starts_with("must be an RFC 3339 time"), "{text}");
        }
        let live = check(Mode::Live, "2025-12-31T00:00:00Z").unwrap_err();
        assert_eq!(live.0, "may only be sent with a test-mode key");
    }
}

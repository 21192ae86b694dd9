//! Identifiers of what is an event under another name: a prefix that names the kind, and the digits of the event's id.

use std::{fmt, str::FromStr};

use portcullis_domain::EventId;

use super::IdError;

/// What the text form of an event's own id begins with.
const OF_EVENTS: &str = "cm";

fn show(f: &mut fmt::Formatter<'_>, prefix: &str, event: EventId) -> fmt::Result {
    let id = event.to_string();
    write!(f, "{prefix}{}", id.strip_prefix(OF_EVENTS).unwrap_or(&id))
}

fn read(text: &str, prefix: &str) -> Result<EventId, IdError> {
    let digits = text.strip_prefix(prefix).ok_or(IdError)?;
    format!("{OF_EVENTS}{digits}").parse().map_err(|_| IdError)
}

macro_rules! event_ref {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(EventId);

        impl $name {
            /// That of this event.
            pub const fn of(event: EventId) -> Self {
                Self(event)
            }

            /// The event.
            pub const fn event(self) -> EventId {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show(f, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show(f, $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read(text, $prefix).map(Self)
            }
        }
    };
}

event_ref!(
    /// The id of an identity verification.
    VerificationId,
    "ver_"
);
event_ref!(
    /// The id of an assessment.
    AssessmentId,
    "ass_"
);
event_ref!(
    /// The id of a review.
    ReviewId,
    "rev_"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let event = EventId::from_u64(37);
        assert_eq!(VerificationId::of(event).to_string(), "ver_0000000000011");
        assert_eq!(AssessmentId::of(event).to_string(), "ass_0000000000011");
        assert_eq!("rev_0000000000011".parse(), Ok(ReviewId::of(event)));
        for text in
            ["ass_0000000000011", "cm0000000000011", "ver_", "ver_000000000011", "ver_cm0000000000011"]
        {
            assert!(text.parse::<VerificationId>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_form_parses_back(raw: u64) {
            let id = VerificationId::of(EventId::from_u64(raw));
            prop_assert_eq!(id.to_string().parse::<VerificationId>(), Ok(id));
            prop_assert_eq!(id.event().as_u64(), raw);
        }

        #[test]
        fn parsing_never_panics(text in "(ver_)?.{0,16}") {
            let _ = text.parse::<VerificationId>();
        }
    }
}

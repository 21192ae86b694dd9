//! The ids of velocity rules and checks.

use std::{fmt, str::FromStr};

use portcullis_domain::Timestamp;

use super::super::{IdError, short_id};
use crate::Error;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// A new id that sorts after `last`; the operating system's random source can fail.
            pub(crate) fn fresh(now: Timestamp, last: Option<Self>) -> Result<Self, Error> {
                short_id::fresh(now, last.map(|last| last.0)).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                short_id::show(f, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                short_id::show(f, $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                short_id::read(text, $prefix).map(Self)
            }
        }
    };
}

id!(
    /// The id of a velocity rule.
    VelocityRuleId,
    "vrule_"
);
id!(
    /// The id of one velocity check, for the logs of whoever asked: checks are not kept.
    VelocityCheckId,
    "vel_"
);

//! Device identity: whether what a client tells now comes from a device that is known.
//!
//! Devices with one strong identifier in common are the same. All others are weighed: every attribute that agrees adds
//! the bits it tells, every one that differs takes some off, one that either side did not tell does neither
//! (`weights.rs` names the sources). What millions of devices share, all of it together, stays below
//! [`MATCH_THRESHOLD`]: two stock phones of one model are two devices unless an id or the account agrees.
//!
//! A store finds the few devices that are worth comparing by [`blocking_keys`], without a scan.

mod attribute;
mod attributes;
mod compare;
mod form;
mod keys;
mod stored;
#[cfg(test)]
mod testing;
mod version;
mod weights;

pub use attribute::{Attribute, AttributeSet};
pub use attributes::Attributes;
pub use compare::{Match, compare};
pub use form::Form;
pub use keys::{MAX_DEVICES_PER_KEY, MAX_KEYS, blocking_keys, exact_key};
pub use version::Version;

/// From this confidence on, two observations are of one device.
///
/// It takes 18.7 bits of agreement ([`REQUIRED_BITS`] × this), and differences that weigh at most 0.18 of it. On a
/// desktop that is, for instance, canvas, graphics, screen, system and browser, with time zone and language changed.
pub const MATCH_THRESHOLD: f64 = 0.85;

/// The agreement that makes certain when nothing differs, bits: one device in four million.
pub const REQUIRED_BITS: f64 = 22.0;

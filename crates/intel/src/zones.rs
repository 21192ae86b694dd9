//! Time zones: the one at a point, and a zone's offset from UTC, both from tables compiled in.

use std::sync::{LazyLock, OnceLock};

use compact_str::CompactString;
use jiff::tz::TimeZoneDatabase;
use portcullis_domain::Timestamp;
use quick_cache::sync::Cache;
use tzf_rs::EmbeddedFinder;

/// Longer than any zone's name.
const MAX_NAME_LEN: usize = 64;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
static FINDER: OnceLock<EmbeddedFinder> = OnceLock::new();
static POINTS: LazyLock<Cache<(u64, u64), CompactString>> = LazyLock::new(|| Cache::new(4096));

/// Whether there is a zone of this name.
pub(crate) fn exists(name: &str) -> bool {
    get(name).is_some()
}

fn get(name: &str) -> Option<jiff::tz::TimeZone> {
    if name.is_empty() || name.len() > MAX_NAME_LEN {
        return None;
    }
    DATABASE.get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The offset from UTC in minutes, east positive, that a zone has at this time.
pub(crate) fn utc_offset_min(name: &str, at: Timestamp) -> Option<i64> {
    let offset = get(name)?.to_offset(at.to_jiff());
    Some(i64::from(offset.seconds()).div_euclid(60))
}

/// The abbreviation that a zone goes by at this time, such as CDT; its offset where it has none.
pub(crate) fn abbreviation(name: &str, at: Timestamp) -> Option<CompactString> {
    let zone = get(name)?;
    Some(CompactString::from(zone.to_offset_info(at.to_jiff()).abbreviation()))
}

/// The zone at a point, at sea too.
pub(crate) fn at_point(latitude: f64, longitude: f64) -> Option<CompactString> {
    let key = (latitude.to_bits(), longitude.to_bits());
    if let Some(name) = POINTS.get(&key) {
        return Some(name).filter(|name| !name.is_empty());
    }
    let name = CompactString::from(finder().get_tz_name(longitude, latitude));
    POINTS.insert(key, name.clone());
    Some(name).filter(|name| !name.is_empty())
}

/// Makes the first look-up fast.
pub(crate) fn warm_up() {
    finder();
}

fn finder() -> &'static EmbeddedFinder {
    FINDER.get_or_init(EmbeddedFinder::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(zone: &str, at: &str) -> Option<i64> {
        utc_offset_min(zone, at.parse().unwrap())
    }

    #[test]
    fn abbreviations_follow_the_season() {
        let of = |zone, at: &str| abbreviation(zone, at.parse().unwrap());
        assert_eq!(of("America/Chicago", "2026-07-15T12:00:00Z").as_deref(), Some("CDT"));
        assert_eq!(of("America/Chicago", "2026-01-15T12:00:00Z").as_deref(), Some("CST"));
        assert_eq!(of("Asia/Dubai", "2026-01-15T12:00:00Z").as_deref(), Some("+04"));
        assert_eq!(of("Mars/Base", "2026-01-15T12:00:00Z"), None);
    }

    #[test]
    fn knows_summer_and_winter() {
        let cases = [
            ("Europe/Berlin", 60, 120),
            ("America/New_York", -300, -240),
            ("Africa/Cairo", 120, 180),
            ("Asia/Kolkata", 330, 330),
            ("America/St_Johns", -210, -150),
            ("Australia/Lord_Howe", 660, 630),
            ("UTC", 0, 0),
        ];
        for (zone, january, july) in cases {
            assert_eq!(offset(zone, "2026-01-15T12:00:00Z"), Some(january), "{zone}");
            assert_eq!(offset(zone, "2026-07-15T12:00:00Z"), Some(july), "{zone}");
        }
    }

    #[test]
    fn knows_no_others() {
        let long = "x".repeat(300);
        for zone in ["", "Mars/Olympus", "Europe/Berlin ", "Etc/Unknown", "../etc/passwd", long.as_str()] {
            assert_eq!(offset(zone, "2026-01-15T12:00:00Z"), None, "{zone}");
        }
    }

    #[test]
    fn finds_the_zone_of_a_point() {
        let cases = [
            (30.044, 31.236, "Africa/Cairo"),
            (51.507, -0.128, "Europe/London"),
            (37.422, -122.085, "America/Los_Angeles"),
            (35.68, 139.69, "Asia/Tokyo"),
        ];
        for (latitude, longitude, zone) in cases {
            assert_eq!(at_point(latitude, longitude).as_deref(), Some(zone));
            assert_eq!(at_point(latitude, longitude).as_deref(), Some(zone), "the second time");
        }
    }
}

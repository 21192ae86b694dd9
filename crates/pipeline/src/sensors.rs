//! What a mobile client measured, and the position it tells, as facts.

use domain::{
    Claims, Fact, Facts, Missing, Place, Sensors, Timestamp,
    facts::{behavior, client, device, ip, location, session},
};
use intel::Intel;
use portcullis_domain as domain;
use portcullis_engine::geo;
use portcullis_intel as intel;

/// Adds what the client measured; what it did not send stays as it is.
pub(crate) fn add_sensors(facts: &mut Facts, sent: &Sensors, now: Timestamp, intel: &Intel) {
    if let Some(model) = &sent.model {
        facts.set(device::MODEL, model.clone());
    }
    if let Some(os) = &sent.os {
        facts.set(device::OS, os.clone());
    }
    let flags = [
        (device::IS_EMULATOR, sent.is_emulator),
        (device::IS_ROOTED, sent.is_rooted),
        (device::HAS_HOOK_TOOL, sent.has_hook_tool),
        (device::IS_CLOUD_PHONE, sent.is_cloud_phone),
        (device::IS_APP_TAMPERED, sent.is_app_tampered),
        (device::IS_SCREEN_SHARED, sent.is_screen_shared),
        (device::HAS_SIM, sent.has_sim),
        (device::IS_DEBUGGABLE, sent.is_debuggable),
        (device::HAS_DANGEROUS_APPS, sent.has_dangerous_apps),
        (device::HAS_MALICIOUS_PACKAGES, sent.has_malicious_packages),
        (device::IS_VPN_ACTIVE, sent.is_vpn_active),
        (behavior::CLIPBOARD_CHANGED, sent.clipboard_changed),
    ];
    for (key, flag) in flags {
        if let Some(flag) = flag {
            facts.set(key, flag);
        }
    }
    let measures = [
        (device::UPTIME_S, sent.uptime_s),
        (device::MIN_BRIGHTNESS, sent.min_brightness),
        (device::PORTRAIT_RATIO, sent.portrait_ratio),
        (device::MOVEMENT, sent.movement),
        (device::CHARGING_RATIO, sent.charging_ratio),
        (device::NETWORK_CHANGES_PER_MIN, sent.network_changes_per_min),
        (behavior::TYPING_WPM, sent.typing_wpm),
        (behavior::TOUCH_VARIANCE_MS, sent.touch_variance_ms),
        (location::ENTROPY, sent.location_entropy),
    ];
    for (key, measure) in measures {
        facts.put(key, Fact::from_option(measure, Missing::NotSent));
    }
    facts.put(session::HOUR, Fact::from_option(sent.session_hour, Missing::NotSent));
    if facts.known(device::UTC_OFFSET_MIN).is_none()
        && let Some(offset) = sent.utc_offset_min
    {
        facts.set(device::UTC_OFFSET_MIN, offset);
    }
    if let Some(position) = sent.position {
        add_position(facts, position, now, intel);
    }
}

fn add_position(facts: &mut Facts, position: Place, now: Timestamp, intel: &Intel) {
    facts.set(location::LATITUDE, position.latitude);
    facts.set(location::LONGITUDE, position.longitude);
    let zone = intel.timezone_at(position);
    let offset = zone.as_deref().and_then(|zone| intel.utc_offset_min(zone, now));
    facts.put(location::TIMEZONE, Fact::from_option(zone, Missing::NotFound));
    facts.put(location::UTC_OFFSET_MIN, Fact::from_option(offset, Missing::NotFound));
    let city = match (facts.get(ip::LATITUDE), facts.get(ip::LONGITUDE)) {
        (Fact::Known(latitude), Fact::Known(longitude)) => Fact::Known(Place { latitude, longitude }),
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Fact::Missing(reason),
    };
    facts.put(location::IP_DISTANCE_KM, city.map(|city| geo::distance_km(position, city)));
}

/// Adds what the client concluded itself.
pub(crate) fn add_claims(facts: &mut Facts, claims: &Claims) {
    if !claims.signals.is_empty() {
        facts.set(client::SIGNALS, claims.signals.clone());
    }
    facts.put(client::SCORE, Fact::from_option(claims.score, Missing::NotSent));
}

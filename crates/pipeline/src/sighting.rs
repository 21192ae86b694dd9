//! What is compared when a device is to be known again, and under which keys it is found.

use compact_str::{CompactString, ToCompactString as _, format_compact};
use domain::Device;
use intel::{Intel, UserAgent};
use portcullis_domain as domain;
use portcullis_engine::device_match::{
    Attribute, Attributes, Form, Version, blocking_keys, compare, exact_key,
};
use portcullis_intel as intel;
use portcullis_store::{Candidate, Chosen, Matched, Sighting};
use smallvec::SmallVec;

/// What tells a device from others of its kind. Without any of these a fingerprint fits half the world.
const TELLING: [Attribute; 5] = [
    Attribute::DeviceId,
    Attribute::ClientFingerprint,
    Attribute::Canvas,
    Attribute::WebGl,
    Attribute::Fonts,
];

/// The device that an event tells of, to be looked up; `None` when it tells nothing.
///
/// A device that tells exactly what a known one told is that one. Two users of whom nothing telling is known never share
/// a device.
pub(crate) fn sighting(sent: &Device, user: Option<&str>, intel: &Intel) -> Option<Sighting> {
    let agent = sent.user_agent.as_deref().map(|text| intel.user_agent(text));
    let mut seen = attributes(sent, agent.as_deref());
    let told = seen.told();
    // A user agent that names no known browser is no attribute, but it tells the device from those with another.
    if told.is_empty() && sent.user_agent.is_none() {
        return None;
    }
    let is_telling = TELLING.iter().any(|&attribute| told.contains(attribute));
    let mut exact = seen;
    if let (false, Some(user)) = (is_telling, user) {
        exact.set(Attribute::Account, user);
    }
    let exact = exact_key(&exact, sent.user_agent.as_deref().unwrap_or_default());
    if let Some(user) = user {
        seen.set(Attribute::Account, user);
    }
    let keys: SmallVec<_> = std::iter::once(exact).chain(blocking_keys(&seen)).collect();
    let exact_name = format_compact!("exact\0{exact:016x}");
    let name = if is_telling { core_name(sent) } else { exact_name.clone() };
    let attributes = without_account(seen).to_bytes();
    let user = user.map(CompactString::from);
    let choose = Box::new(move |candidates: &[Candidate]| choose(&seen, user.as_deref(), candidates));
    Some(Sighting { names: [name, exact_name], keys, attributes, choose })
}

fn attributes(sent: &Device, agent: Option<&UserAgent>) -> Attributes {
    let mut attributes = Attributes::from(sent);
    let Some(agent) = agent else { return attributes };
    let version = |major: i64| u32::try_from(major).ok().map(Version::of_major);
    let major = agent.browser_major.known().and_then(version);
    attributes.set_browser(agent.browser.clone().known().as_deref().unwrap_or_default(), major);
    attributes.set_os(agent.os.clone().known().as_deref().unwrap_or_default(), None);
    let touch_points = sent.identity.as_deref().and_then(|hints| hints.touch_points);
    attributes.set_form(Form::guess(Some(agent.device_type.name()), sent.platform.as_deref(), touch_points));
    attributes
}

/// The account is kept apart: a device may have many.
fn without_account(mut attributes: Attributes) -> Attributes {
    attributes.set(Attribute::Account, "");
    attributes
}

/// Which of the known devices was seen, of those that are alike enough: one of which that is certain; of phones, whose
/// looks millions share, one that the user was seen on; one that told exactly the same; the most alike.
fn choose(seen: &Attributes, user: Option<&str>, candidates: &[Candidate]) -> Option<Chosen> {
    let prefers_own = seen.form() != Some(Form::Desktop);
    let compared = candidates.iter().enumerate().filter_map(|(place, candidate)| {
        let mut known: Attributes = Attributes::from_bytes(&candidate.attributes)?;
        if let (true, Some(user)) = (candidate.has_user, user) {
            known.set(Attribute::Account, user);
        }
        let found = compare(&known, seen);
        let confidence = if candidate.is_exact { 1.0 } else { found.confidence };
        let rank =
            (found.confidence >= 1.0, prefers_own && candidate.has_user, candidate.is_exact, confidence);
        let attributes = found.matched.iter().map(Attribute::name).collect();
        let is_it = candidate.is_exact || found.is_same_device();
        is_it.then_some((rank, Chosen { place, matched: Matched { confidence, attributes } }))
    });
    let (_, chosen) = compared.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    Some(chosen)
}

/// What a device is named after as long as no other is: what stays the same when its browser is updated.
fn core_name(sent: &Device) -> CompactString {
    let hints = sent.identity.as_deref();
    let screen = sent.screen.unwrap_or_default();
    let side = |length: Option<f64>| length.map(|length| length.to_compact_string()).unwrap_or_default();
    let texts = [
        hints.and_then(|hints| hints.device_id.as_deref()),
        sent.client_fingerprint.as_deref(),
        hints.and_then(|hints| hints.canvas_hash.as_deref()),
        hints.and_then(|hints| hints.webgl_hash.as_deref()).or(sent.webgl_renderer.as_deref()),
        sent.platform.as_deref(),
        sent.timezone.as_deref(),
    ];
    let mut name = format_compact!("core\0{}x{}", side(screen.width), side(screen.height));
    for text in texts {
        name.push('\0');
        name.push_str(text.unwrap_or_default());
    }
    name
}

//! Which of the tenant's own lists an event is on, as facts.

use compact_str::{CompactString, ToCompactString as _, format_compact};
use domain::{
    Event, Facts, Realm, Timestamp,
    facts::{Key, Text, device, lists},
};
use portcullis_domain as domain;
use portcullis_store::{DeviceId, List, ListHits, ListKind, Lists, device_uuid, listed_user};
use smallvec::SmallVec;

/// Looks up everything that an event can be listed by. A device is listed by our hash or id of it, or by the
/// id that the client gave it.
pub(crate) fn add_lists(facts: &mut Facts, event: &Event, realm: Realm, lists: &Lists, now: Timestamp) {
    let hits = if lists.knows(realm) { find(facts, event, realm, lists, now) } else { ListHits::default() };
    for (key, list) in FACTS {
        facts.set(key, words(hits, list));
    }
}

const FACTS: [(Key<Text>, List); 3] =
    [(lists::BLOCKED, List::Block), (lists::WATCHED, List::Watch), (lists::ALLOWED, List::Allow)];

/// The same for a device that was found out after all else.
pub(crate) fn add_lists_of_device(
    facts: &mut Facts,
    hash: &str,
    realm: Realm,
    lists: &Lists,
    now: Timestamp,
) {
    if !lists.knows(realm) {
        return;
    }
    let id = DeviceId::of_hash(hash).map(|id| id.to_compact_string());
    let uuid = device_uuid(hash);
    let texts = [Some(hash), id.as_deref(), uuid.as_deref()]
        .into_iter()
        .flatten()
        .map(|text| (ListKind::Device, text));
    let hits = lists.find(realm, &texts.collect::<SmallVec<[_; 3]>>(), None, now);
    let word = ListKind::Device.as_str();
    for (key, list) in FACTS {
        let known = facts.known(key).unwrap_or_default();
        if hits.has(list, ListKind::Device) && known.split(' ').all(|kind| kind != word) {
            let both = if known.is_empty() { word.into() } else { format_compact!("{known} {word}") };
            facts.set(key, both);
        }
    }
}

fn find(facts: &Facts, event: &Event, realm: Realm, lists: &Lists, now: Timestamp) -> ListHits {
    let user = event.user.as_deref().map(listed_user);
    let email = event.email.as_ref().map(domain::Email::to_lowercase);
    let fingerprint = event.device.as_ref().and_then(|device| device.client_fingerprint.as_deref());
    let given_id = event.device.as_ref().and_then(|device| device.identity.as_deref()?.device_id.as_deref());
    let hash = facts.known(device::HASH);
    let id = hash.and_then(DeviceId::of_hash).map(|id| id.to_compact_string());
    let more = event.more.as_deref();
    let candidates = [
        (ListKind::User, user.as_deref()),
        (ListKind::Device, hash),
        (ListKind::Device, id.as_deref()),
        (ListKind::Device, fingerprint),
        (ListKind::Device, given_id),
        (ListKind::Email, email.as_deref()),
        (ListKind::Phone, more.and_then(|more| more.phone.as_deref())),
        (ListKind::Document, more.and_then(|more| more.document.as_deref())),
    ];
    let texts: SmallVec<[(ListKind, &str); 8]> =
        candidates.into_iter().filter_map(|(kind, text)| Some((kind, text?.trim()))).collect();
    lists.find(realm, &texts, event.ip, now)
}

fn words(hits: ListHits, list: List) -> CompactString {
    let mut text = CompactString::default();
    for kind in hits.kinds(list) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(kind.as_str());
    }
    text
}

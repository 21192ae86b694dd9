//! Which of the tenant's own lists an event is on, as facts.

use compact_str::CompactString;
use domain::{
    Event, Facts, Realm, Timestamp,
    facts::{device, lists},
};
use portcullis_domain as domain;
use portcullis_store::{List, ListHits, ListKind, Lists, listed_user};
use smallvec::SmallVec;

/// Looks up everything that an event can be listed by. A device is listed by our hash of it, or by the id that the
/// client gave it.
pub(crate) fn add_lists(facts: &mut Facts, event: &Event, realm: Realm, lists: &Lists, now: Timestamp) {
    let hits = if lists.knows(realm) { find(facts, event, realm, lists, now) } else { ListHits::default() };
    let keys = [(lists::BLOCKED, List::Block), (lists::WATCHED, List::Watch), (lists::ALLOWED, List::Allow)];
    for (key, list) in keys {
        facts.set(key, words(hits, list));
    }
}

fn find(facts: &Facts, event: &Event, realm: Realm, lists: &Lists, now: Timestamp) -> ListHits {
    let user = event.user.as_deref().map(listed_user);
    let email = event.email.as_ref().map(domain::Email::to_lowercase);
    let fingerprint = event.device.as_ref().and_then(|device| device.client_fingerprint.as_deref());
    let candidates = [
        (ListKind::User, user.as_deref()),
        (ListKind::Device, facts.known(device::HASH)),
        (ListKind::Device, fingerprint),
        (ListKind::Email, email.as_deref()),
    ];
    let texts: SmallVec<[(ListKind, &str); 4]> =
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

//! Searches against a real store.

use std::sync::Arc;

use domain::{Mode, Realm, SystemClock, TenantId};
use portcullis_domain as domain;
use proptest::{prelude::*, sample::subsequence};
use rusqlite::Connection;

use super::*;
use crate::{Options, control::ListKind};

const LIVE: Realm = Realm { tenant: TenantId(1), mode: Mode::Live };
const TEST: Realm = Realm { tenant: TenantId(1), mode: Mode::Test };
const OTHER: Realm = Realm { tenant: TenantId(2), mode: Mode::Live };

struct Bed {
    store: Store,
    dir: tempfile::TempDir,
}

impl Bed {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(Options::new(dir.path(), Arc::new(SystemClock))).unwrap();
        Self { store, dir }
    }

    async fn enroll(&self, realm: Realm, verification: &Verification) {
        self.store.of(realm).enroll(verification.clone()).await.unwrap();
    }

    async fn find(&self, realm: Realm, verification: &Verification, differing_bits: u32) -> FoundDuplicates {
        self.store.of(realm).find_duplicates(verification.clone(), differing_bits).await.unwrap()
    }
}

/// Bits that look random, another pattern for every seed (splitmix64).
fn bits(seed: u64) -> [u8; 32] {
    let mut bits = [0; 32];
    for (place, chunk) in bits.chunks_exact_mut(8).enumerate() {
        let mut value = (seed * 4 + place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(value ^ (value >> 31)).to_le_bytes());
    }
    bits
}

fn changed(bits: [u8; 32], places: &[usize]) -> [u8; 32] {
    let mut changed = bits;
    for place in places {
        changed[place / 8] ^= 1 << (place % 8);
    }
    changed
}

/// An image of which only the picture matters.
fn image(kind: ImageKind, bits: [u8; 32]) -> Sample {
    let digest = *blake3::hash(&bits).as_bytes();
    Sample::Image { kind, digest, bits: Some(bits) }
}

fn number(text: &str) -> Sample {
    Sample::DocumentNumber(ListValue::parse(ListKind::Document, text).unwrap())
}

fn verification(id: &str, user: &str, samples: Vec<Sample>) -> Verification {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Verification { id: some(id), user: some(user), samples }
}

fn ids(found: &FoundDuplicates) -> Vec<&str> {
    found.matches.iter().map(|found| found.verification.as_str()).collect()
}

#[tokio::test]
async fn the_most_alike_come_first_and_name_their_users() {
    let bed = Bed::new();
    let face = |id: &str, user: &str, places: &[usize]| {
        verification(id, user, vec![image(ImageKind::Face, changed(bits(1), places))])
    };
    bed.enroll(LIVE, &face("ver_far", "u3", &(0..33).collect::<Vec<_>>())).await;
    bed.enroll(LIVE, &face("ver_near", "", &[3, 250])).await;
    bed.enroll(LIVE, &face("ver_same", "U1@x.example", &[])).await;
    bed.enroll(LIVE, &face("ver_unlike", "u4", &(0..34).collect::<Vec<_>>())).await;
    let asked = face("", "u1@X.example", &[]);
    let found = bed.find(LIVE, &asked, 33).await;
    assert_eq!(ids(&found), ["ver_same", "ver_near", "ver_far"]);
    let told: Vec<_> = found
        .matches
        .iter()
        .map(|found| (found.differing_bits, found.user.as_deref(), found.same_user))
        .collect();
    assert_eq!(told, [(0, Some("U1@x.example"), true), (2, None, false), (33, Some("u3"), false)]);
    assert_eq!(ids(&bed.find(LIVE, &asked, 32).await), ["ver_same", "ver_near"]);
    assert_eq!(ids(&bed.find(LIVE, &asked, 2).await), ["ver_same", "ver_near"]);
    assert_eq!(ids(&bed.find(LIVE, &asked, 0).await), ["ver_same"]);
    assert_eq!(ids(&bed.find(LIVE, &asked, 200).await), ["ver_same", "ver_near", "ver_far"]);
}

#[tokio::test]
async fn realms_and_kinds_are_apart() {
    let bed = Bed::new();
    let all =
        vec![image(ImageKind::Face, bits(1)), image(ImageKind::Document, bits(2)), number("ab 123-456")];
    bed.enroll(LIVE, &verification("ver_1", "u1", all.clone())).await;
    let asked = verification("", "u2", all);
    for realm in [TEST, OTHER] {
        assert!(bed.find(realm, &asked, 33).await.matches.is_empty());
    }
    let found = bed.find(LIVE, &asked, 33).await;
    let kinds: Vec<_> = found.matches.iter().map(|found| found.kind).collect();
    assert_eq!(kinds.len(), 3);
    let swapped =
        vec![image(ImageKind::Document, bits(1)), image(ImageKind::Face, bits(2)), number("AB123457")];
    assert!(bed.find(LIVE, &verification("", "", swapped), 33).await.matches.is_empty());
    let found = bed.find(LIVE, &verification("", "", vec![number("AB123456")]), 33).await;
    assert_eq!((found.matches[0].kind, found.compared), (SampleKind::DocumentNumber, 0));
}

#[tokio::test]
async fn a_verification_is_enrolled_once_and_is_no_duplicate_of_itself() {
    let bed = Bed::new();
    let first = verification("ver_1", "u1", vec![image(ImageKind::Document, bits(1)), number("AB123456")]);
    for _ in 0..3 {
        bed.enroll(LIVE, &first).await;
    }
    assert!(bed.find(LIVE, &first, 33).await.matches.is_empty());
    let found = bed.find(LIVE, &verification("ver_2", "u1", first.samples.clone()), 33).await;
    assert_eq!(ids(&found), ["ver_1", "ver_1"]);
    // The same id in another realm is another verification; without an id nothing is enrolled.
    bed.enroll(OTHER, &first).await;
    bed.enroll(OTHER, &verification("", "u2", first.samples.clone())).await;
    let asked = verification("ver_2", "", first.samples);
    assert_eq!(bed.find(OTHER, &asked, 33).await.matches.len(), 2);
}

#[tokio::test]
async fn plain_images_match_by_their_file_only() {
    let bed = Bed::new();
    let plain = |digest| Sample::Image { kind: ImageKind::Face, digest: [digest; 32], bits: None };
    bed.enroll(LIVE, &verification("ver_1", "u1", vec![plain(1)])).await;
    assert_eq!(bed.find(LIVE, &verification("", "", vec![plain(1)]), 33).await.matches.len(), 1);
    assert!(bed.find(LIVE, &verification("", "", vec![plain(2)]), 33).await.matches.is_empty());
}

/// Puts prints into the tables as enrolling does, all in one transaction.
async fn enroll_many(bed: &Bed, many: Vec<Verification>) {
    let desk = bed.store.of(LIVE).desk().unwrap();
    let now = bed.store.clock().now();
    let job = move |tx: &Transaction<'_>| many.iter().try_for_each(|one| desk.enroll(tx, one, now));
    bed.store.write(job).await.unwrap();
}

#[tokio::test]
async fn of_twenty_thousand_prints_few_are_read() {
    let bed = Bed::new();
    let face =
        |seed: u64| verification(&format!("ver_{seed}"), "u", vec![image(ImageKind::Face, bits(seed))]);
    enroll_many(&bed, (0..20_000).map(face).collect()).await;
    for seed in [0, 9_999, 19_999] {
        let places: Vec<_> = (0..32).map(|place| place * 8).collect();
        let asked = verification("", "", vec![image(ImageKind::Face, changed(bits(seed), &places))]);
        let found = bed.find(LIVE, &asked, 32).await;
        assert_eq!(ids(&found), [format!("ver_{seed}")]);
        assert!(found.is_complete && found.compared < 300, "{} were compared", found.compared);
        let asked = verification("", "", vec![image(ImageKind::Face, changed(bits(seed), &places[..16]))]);
        let found = bed.find(LIVE, &asked, 16).await;
        assert_eq!(ids(&found), [format!("ver_{seed}")]);
        assert!(found.compared < 40, "{} were compared", found.compared);
    }
    // Both look-ups go through an index.
    let connection = Connection::open(bed.dir.path().join("portcullis.db")).unwrap();
    for sql in [
        "SELECT id FROM enrolled_piece WHERE realm = 1 AND slot = 1 ORDER BY id DESC LIMIT 9",
        "SELECT id FROM enrolled WHERE exact = x'00' AND verification IS NOT 'a' ORDER BY id DESC LIMIT 9",
        "SELECT EXISTS (SELECT 1 FROM enrolled WHERE verification = 'a' AND exact = x'00')",
        "SELECT id FROM duplicate_search WHERE id < 5 ORDER BY id LIMIT 9",
        "SELECT 1 FROM identity_link WHERE one = x'00' AND other <> x'00' LIMIT 9",
    ] {
        let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps: Vec<String> = plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let is_sought = |step: &String| step.starts_with("SEARCH") || step.starts_with("SCAN CONSTANT ROW");
        let is_frame = |step: &String| step.starts_with("SCALAR SUBQUERY");
        assert!(steps.iter().all(|step| is_sought(step) || is_frame(step)), "{sql}: {steps:?}");
    }
}

#[tokio::test]
async fn work_and_matches_are_bounded() {
    let bed = Bed::new();
    let face = |seed: usize| {
        verification(
            &format!("ver_{seed}"),
            "u",
            vec![image(ImageKind::Face, changed(bits(7), &[seed % 256]))],
        )
    };
    enroll_many(&bed, (0..1_000).map(face).collect()).await;
    let found = bed.find(LIVE, &verification("", "", vec![image(ImageKind::Face, bits(7))]), 33).await;
    assert_eq!((found.matches.len(), found.is_complete), (MOST_MATCHES, false));
    assert!(found.matches.is_sorted_by_key(|found| found.differing_bits));
    assert_eq!(found.matches[0].verification, "ver_999", "of those as much alike the newest comes first");
}

#[tokio::test]
async fn a_report_is_its_realms_and_is_forgotten() {
    let bed = Bed::new();
    bed.enroll(LIVE, &verification("ver_1", "jane@x.example", vec![number("AB123456")])).await;
    let asked = verification("ver_2", "joe@x.example", vec![number("AB123456")]);
    let search = DuplicateSearch { verification: asked, differing_bits: 32, enroll: true };
    let report = bed.store.of(LIVE).search_duplicates(search.clone()).await.unwrap();
    assert_eq!(ids(&report.found), ["ver_1"]);
    assert_eq!(bed.store.of(LIVE).duplicate_report(report.id).await.unwrap(), Some(report.clone()));
    for realm in [TEST, OTHER] {
        assert_eq!(bed.store.of(realm).duplicate_report(report.id).await.unwrap(), None);
    }
    // It was enrolled, after it was searched for.
    assert_eq!(report.enrolled_as.as_deref(), Some("ver_2"));
    let again = verification("ver_3", "", search.verification.samples.clone());
    assert_eq!(ids(&bed.find(LIVE, &again, 0).await), ["ver_2", "ver_1"]);

    assert_eq!(bed.store.forget_old_duplicate_searches().await.unwrap(), 0);
    let desk = bed.store.of(LIVE).desk().unwrap();
    let long_ago = bed.store.clock().now().plus_millis(-DUPLICATE_SEARCH_MS - 1_000);
    let old = move |tx: &Transaction<'_>| {
        desk.keep(tx, Verification::default(), FoundDuplicates::default(), long_ago)
    };
    // Ids go up, whatever the clock says: of an empty table.
    bed.store.write(|tx| Ok(tx.execute("DELETE FROM duplicate_search", [])?)).await.unwrap();
    let old = bed.store.write(old).await.unwrap();
    assert_eq!(bed.store.of(LIVE).duplicate_report(old.id).await.unwrap(), None, "it is too old");
    assert_eq!(bed.store.forget_old_duplicate_searches().await.unwrap(), 1);
}

#[tokio::test]
async fn nothing_personal_is_in_the_files() {
    let bed = Bed::new();
    let asked = verification("ver_1", "jane@x.example", vec![number("XQ987654321")]);
    let search = DuplicateSearch { verification: asked.clone(), differing_bits: 32, enroll: true };
    bed.store.of(LIVE).search_duplicates(search).await.unwrap();
    let claim = IdentityClaim {
        person: "janequux|1990-01-02".to_owned(),
        document: ListValue::parse(ListKind::Document, "XQ987654321").ok(),
        user: Some("jane@x.example".to_owned()),
        email: ListValue::parse(ListKind::Email, "jane@x.example").ok(),
        phone: ListValue::parse(ListKind::Phone, "+212612345678").ok(),
    };
    assert_eq!(format!("{claim:?}{asked:?}"), "IdentityClaim(***)Verification(Some(\"ver_1\"), 1 samples)");
    bed.store.of(LIVE).link_identity(claim).await.unwrap();
    bed.store.close().await.unwrap();
    for file in std::fs::read_dir(bed.dir.path()).unwrap() {
        let content = std::fs::read(file.unwrap().path()).unwrap();
        for text in ["jane", "XQ9876", "+212612345678", "janequux"] {
            assert!(!content.windows(text.len()).any(|window| window == text.as_bytes()), "{text}");
        }
    }
}

#[tokio::test]
async fn persons_and_documents_are_counted_both_ways() {
    let bed = Bed::new();
    let claim = |person: &str, document: Option<&str>, user: &str| IdentityClaim {
        person: person.to_owned(),
        document: document.map(|text| ListValue::parse(ListKind::Document, text).unwrap()),
        user: Some(user.to_owned()),
        email: None,
        phone: None,
    };
    let link = async |realm, claim| bed.store.of(realm).link_identity(claim).await.unwrap().1;
    let facts = link(LIVE, claim("jane", Some("a-1"), "u1")).await;
    let nothing = IdentityFacts {
        others_on_document: Some(0),
        other_documents: Some(0),
        others_on_user: Some(0),
        ..IdentityFacts::default()
    };
    assert_eq!(facts, nothing);
    assert_eq!(link(LIVE, claim("jane", Some("A1"), "U1")).await.others_on_user, Some(0));
    let facts = link(LIVE, claim("joe", Some("A1"), "u1")).await;
    assert_eq!((facts.others_on_document, facts.others_on_user), (Some(1), Some(1)));
    let facts = link(LIVE, claim("jane", Some("A2"), "u1")).await;
    assert_eq!((facts.others_on_document, facts.other_documents), (Some(0), Some(1)));
    for realm in [TEST, OTHER] {
        assert_eq!(link(realm, claim("joe", Some("A1"), "u1")).await, nothing);
    }
    // Without a document nothing is linked.
    let facts = link(LIVE, claim("jim", None, "u9")).await;
    assert_eq!(
        (facts.others_on_document, facts.other_documents, facts.others_on_user),
        (None, None, Some(0))
    );
    assert_eq!(link(LIVE, claim("jake", None, "u9")).await.others_on_user, Some(0));

    for person in 0..120 {
        link(OTHER, claim(&format!("p{person}"), Some("B1"), &format!("u{person}"))).await;
    }
    assert_eq!(link(OTHER, claim("one more", Some("B1"), "u")).await.others_on_document, Some(MOST_LINKED));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// What looking up pieces finds is what comparing with every print finds.
    #[test]
    fn finds_what_a_scan_finds(
        prints in proptest::collection::vec(
            (0u64..4, subsequence((0..256).collect::<Vec<usize>>(), 0..60)), 1..60),
        asked in (0u64..4, subsequence((0..256).collect::<Vec<usize>>(), 0..20)),
        differing_bits in 0u32..=33,
    ) {
        let prints: Vec<_> = prints.iter().map(|(seed, places)| changed(bits(*seed), places)).collect();
        let asked = changed(bits(asked.0), &asked.1);
        let mut expected: Vec<_> = prints.iter().map(|print| pieces::distance(print, &asked)).collect();
        expected.retain(|distance| *distance <= differing_bits);
        expected.sort_unstable();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            let bed = Bed::new();
            let many = prints.iter().enumerate().map(|(index, print)| {
                verification(&format!("ver_{index}"), "", vec![image(ImageKind::Document, *print)])
            });
            enroll_many(&bed, many.collect()).await;
            bed.find(LIVE, &verification("", "", vec![image(ImageKind::Document, asked)]), differing_bits).await
        });
        let found: Vec<_> = found.matches.iter().map(|found| found.differing_bits).collect();
        prop_assert_eq!(found, expected);
    }
}

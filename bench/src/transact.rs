//! `transact` alone, without HTTP, history included; beside a raw append of the same bytes with fdatasync.

use std::{
    io::Write as _,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use portcullis_domain::{
    Assessment, Check, CheckStatus, Decision, Dialect, Email, Entity, EntityHasher, EntityKind, EventType,
    Facts, Mode, Outcome, Place, PolicyId, Realm, Stopwatch, Subject, SystemClock, TenantId, Timings,
    facts::{behavior, device, email, ip, links, velocity},
};
use portcullis_store::{Options, Store, Submission, Touch};

use crate::{server::bytes_in, traffic::Random};

const EVENTS: usize = 300_000;
const REALM: Realm = Realm { tenant: TenantId(1), mode: Mode::Live };
const RECORD_BYTES: usize = 800;
const BATCHES: usize = 5_000;

/// Prints events per second with some in hand at a time: while one half is committed, the other is prepared.
pub fn run() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let dir = tempfile::tempdir_in(".").unwrap();
    println!("\ntransact alone, beside a raw append of {RECORD_BYTES} bytes with 16 per fdatasync");
    println!("| in hand | transact /s | raw append /s | ratio | bytes on disk per event |");
    println!("|---|---|---|---|---|");
    for in_hand in [16, 32, 64] {
        let raw = raw_append(dir.path());
        let data = dir.path().join(in_hand.to_string());
        let store = Store::open(Options::new(&data, Arc::new(SystemClock))).unwrap();
        let stopwatch = Stopwatch::start();
        runtime.block_on(submit_all(&store, in_hand));
        let ours = EVENTS as f64 / stopwatch.elapsed().as_secs_f64();
        runtime.block_on(store.close()).unwrap();
        let bytes = bytes_in(&data) / EVENTS as u64;
        println!("| {in_hand} | {ours:.0} | {raw:.0} | {:.2} | {bytes} |", ours / raw);
    }
}

fn raw_append(dir: &std::path::Path) -> f64 {
    let mut file = std::fs::File::create(dir.join("raw")).unwrap();
    let batch = vec![7u8; RECORD_BYTES * 16];
    let stopwatch = Stopwatch::start();
    for _ in 0..BATCHES {
        file.write_all(&batch).unwrap();
        file.sync_data().unwrap();
    }
    (BATCHES * 16) as f64 / stopwatch.elapsed().as_secs_f64()
}

async fn submit_all(store: &Store, in_hand: usize) {
    let next = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..in_hand)
        .map(|_| {
            let (store, next) = (store.clone(), Arc::clone(&next));
            tokio::spawn(async move {
                let hasher = store.entity_hasher();
                let facts = ordinary_facts();
                while let index @ 0..EVENTS = next.fetch_add(1, Ordering::Relaxed) {
                    submit(&store, &hasher, &facts, index).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// 30 % new accounts, each with its device; three accounts share an address.
async fn submit(store: &Store, hasher: &EntityHasher, facts: &Facts, index: usize) {
    let mut random = Random(index as u64);
    let is_signup = random.next() % 10 < 3;
    let account = if is_signup { index } else { random.next() as usize % (index + 1) };
    let event_type = if is_signup { EventType::Signup } else { EventType::Login };
    let entities = [
        (EntityKind::User, format!("user-{account}")),
        (EntityKind::Device, format!("device-{account}")),
        (EntityKind::Ip, format!("ip-{}", account / 3)),
        (EntityKind::Mailbox, format!("user{account}@gmail.com")),
        (EntityKind::MousePath, index.to_string()),
        (EntityKind::Country, "GB".to_owned()),
    ];
    let entities = entities.map(|(kind, value)| (kind, hasher.key(REALM, &Entity::new(kind, value))));
    let place = Some(Place { latitude: 51.5, longitude: -0.1 });
    let touch = Touch {
        event_type,
        at: None,
        entities: entities.into_iter().collect(),
        place,
        position: None,
        verdict: None,
    };
    let submission = Submission::new(touch, "{}".into());
    let facts = Box::new(facts.clone());
    let email = Email::parse("some.person.name@gmail.com").ok();
    let subject = Subject { user: Some("some.person.name@gmail.com".into()), email, ..Subject::default() };
    let decide = move |history: &portcullis_store::History<'_>| Decision {
        dialect: Dialect::Ingest,
        event_type,
        at: history.at(),
        subject,
        facts,
        policy: PolicyId(1),
        assessment: Assessment {
            score: 0,
            band: 0,
            outcome: Outcome::Allow,
            would: Outcome::Allow,
            checks: (0..18).map(|rule| Check { rule, status: CheckStatus::Quiet }).collect(),
            labels: 0,
        },
        forced: None,
        timings: Timings::default(),
    };
    store.of(REALM).transact(submission, decide).await.unwrap();
}

/// What is known of an ordinary signup from a desktop browser.
pub fn ordinary_facts() -> Facts {
    let mut facts = Facts::unknown();
    let texts = [
        (ip::ADDRESS, "81.2.69.142"),
        (ip::COUNTRY_CODE, "GB"),
        (ip::COUNTRY, "United Kingdom"),
        (ip::REGION, "England"),
        (ip::CITY, "London"),
        (ip::TIMEZONE, "Europe/London"),
        (ip::AS_ORG, "Andrews & Arnold Ltd"),
        (device::HASH, "0123456789abcdef0123456789abcdef"),
        (device::CLIENT_FINGERPRINT, "fd9e1f2a3b4c5d6e7f8091a2b3c4d5e6"),
        (
            device::USER_AGENT,
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        ),
        (device::BROWSER, "Chrome"),
        (device::OS, "Windows"),
        (device::TYPE, "desktop"),
        (device::PLATFORM, "Win32"),
        (device::LANGUAGE, "en-GB"),
        (device::TIMEZONE, "Europe/London"),
        (device::WEBGL_VENDOR, "Google Inc. (NVIDIA)"),
        (device::WEBGL_RENDERER, "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)"),
        (email::DOMAIN, "gmail.com"),
        (email::NORMALIZED_HASH, "0123456789abcdef0123456789abcdef"),
    ];
    for (key, text) in texts {
        facts.set(key, text);
    }
    let no = [ip::IS_PRIVATE, ip::IS_TOR, ip::IS_VPN, ip::IS_PROXY, ip::IS_DATACENTER, ip::IS_HIGH_RISK_ASN];
    for key in
        no.into_iter().chain([email::IS_DISPOSABLE, email::IS_RELAY, email::IS_ROLE, device::IS_BOT_AGENT])
    {
        facts.set(key, false);
    }
    for key in
        [device::IS_SENT, behavior::IS_SENT, email::IS_FREE, device::IS_NEW, behavior::MOUSE_IS_ORDERED]
    {
        facts.set(key, true);
    }
    let counts = [
        (ip::ASN, 20_712),
        (ip::UTC_OFFSET_MIN, 0),
        (device::UTC_OFFSET_MIN, 0),
        (device::BROWSER_MAJOR, 142),
        (device::HARDWARE_CONCURRENCY, 8),
        (behavior::COMPLETION_MS, 12_345),
        (behavior::SUBMITTED_AHEAD_MS, -80),
        (behavior::KEYSTROKES, 42),
        (behavior::MOUSE_POINTS, 57),
        (behavior::MOUSE_POINTS_CUT, 0),
        (links::USERS_ON_DEVICE, 1),
        (links::USERS_ON_IP, 1),
        (links::USERS_ON_MAILBOX, 1),
        (velocity::SIGNUPS_PER_IP_1H, 1),
        (velocity::SIGNUPS_PER_DEVICE_1H, 1),
    ];
    for (key, count) in counts {
        facts.set(key, count);
    }
    let measures = [
        (ip::LATITUDE, 51.5142),
        (ip::LONGITUDE, -0.0931),
        (device::SCREEN_WIDTH, 1_920.0),
        (device::SCREEN_HEIGHT, 1_080.0),
        (device::PIXEL_RATIO, 1.25),
        (device::MEMORY_GIB, 8.0),
        (behavior::KEYS_PER_SECOND, 3.402),
        (behavior::MOUSE_STRAIGHTNESS, 0.734_231),
        (behavior::MOUSE_MEAN_SPEED, 312.342_34),
        (behavior::MOUSE_SPEED_VARIATION, 0.932_12),
        (behavior::MOUSE_INTERVAL_VARIATION, 0.332_12),
        (behavior::MOUSE_MIN_INTERVAL_MS, 51.0),
    ];
    for (key, measure) in measures {
        facts.set(key, measure);
    }
    facts
}

//! Throw-away first look at `transact` alone.
#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]
use portcullis_domain::*;
use portcullis_store::*;
use std::sync::Arc;
use std::time::Instant;
use std::io::Write;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn facts() -> Box<Facts> {
    let mut f = Facts::unknown();
    f.set(facts::ip::ADDRESS, "81.2.69.142"); f.set(facts::ip::COUNTRY_CODE, "GB"); f.set(facts::ip::COUNTRY, "United Kingdom");
    f.set(facts::ip::REGION, "England"); f.set(facts::ip::CITY, "London"); f.set(facts::ip::LATITUDE, 51.5142); f.set(facts::ip::LONGITUDE, -0.0931);
    f.set(facts::ip::TIMEZONE, "Europe/London"); f.set(facts::ip::UTC_OFFSET_MIN, 60); f.set(facts::ip::ASN, 20712); f.set(facts::ip::AS_ORG, "Andrews & Arnold Ltd");
    for k in [facts::ip::IS_TOR, facts::ip::IS_VPN, facts::ip::IS_PROXY, facts::ip::IS_DATACENTER, facts::ip::IS_PRIVATE, facts::ip::IS_HIGH_RISK_ASN] { f.set(k, false); }
    f.set(facts::device::IS_SENT, true); f.set(facts::device::HASH, "0123456789abcdef0123456789abcdef"); f.set(facts::device::CLIENT_FINGERPRINT, "fd9e1f2a3b4c5d6e7f8091a2b3c4d5e6");
    f.set(facts::device::USER_AGENT, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36");
    f.set(facts::device::BROWSER, "Chrome"); f.set(facts::device::OS, "Windows"); f.set(facts::device::TYPE, "desktop"); f.set(facts::device::PLATFORM, "Win32"); f.set(facts::device::LANGUAGE, "en-GB"); f.set(facts::device::TIMEZONE, "Europe/London");
    f.set(facts::device::WEBGL_VENDOR, "Google Inc. (NVIDIA)"); f.set(facts::device::WEBGL_RENDERER, "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)");
    f.set(facts::device::SCREEN_WIDTH, 1920.0); f.set(facts::device::SCREEN_HEIGHT, 1080.0); f.set(facts::device::PIXEL_RATIO, 1.25);
    f.set(facts::email::DOMAIN, "gmail.com"); f.set(facts::email::NORMALIZED_HASH, "0123456789abcdef0123456789abcdef");
    f.set(facts::behavior::COMPLETION_MS, 12345); f.set(facts::behavior::KEYSTROKES, 42); f.set(facts::behavior::KEYS_PER_SECOND, 3.3);
    f.set(facts::behavior::MOUSE_POINTS, 57); f.set(facts::behavior::MOUSE_STRAIGHTNESS, 0.734231); f.set(facts::behavior::MOUSE_MEAN_SPEED, 312.34234); f.set(facts::behavior::MOUSE_SPEED_VARIATION, 0.93212);f.set(facts::behavior::MOUSE_INTERVAL_VARIATION, 0.33212);
    f.set(facts::links::USERS_ON_DEVICE, 1); f.set(facts::links::USERS_ON_IP, 1); f.set(facts::velocity::SIGNUPS_PER_IP_1H, 1);
    Box::new(f)
}

fn main() {
    let n: usize = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(200_000);
    let inflight: usize = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(16);
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let dir = tempfile::tempdir_in(".").unwrap();
    let store = Store::open(Options::new(dir.path(), Arc::new(SystemClock))).unwrap();
    let hasher = store.entity_hasher();
    let realm = Realm { tenant: TenantId(1), mode: Mode::Live };
    let f = facts();
    let started = Instant::now();
    rt.block_on(async {
        let next = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let mut tasks = vec![];
        for _ in 0..inflight {
            let (store, hasher, next, f) = (store.clone(), hasher.clone(), next.clone(), f.clone());
            tasks.push(tokio::spawn(async move {
                let mut lat = vec![];
                loop {
                    let i = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if i >= n { return lat; }
                    // 30% new users/devices
                    let r = (i as u64).wrapping_mul(0x9E3779B97F4A7C15);
                    let (u, signup) = if r % 10 < 3 { (i, true) } else { ((r >> 20) as usize % (i + 1), false) };
                    let k = |kind, v: String| (kind, hasher.key(realm, &Entity::new(kind, v)));
                    let touch = Touch { event_type: if signup { EventType::Signup } else { EventType::Login }, at: None,
                        entities: [k(EntityKind::User, format!("user-{u}")), k(EntityKind::Device, format!("dev-{u}")), k(EntityKind::Ip, format!("ip-{}", u / 3)), k(EntityKind::Mailbox, format!("user-{u}@gmail.com")), k(EntityKind::MousePath, format!("{i}")), k(EntityKind::Country, "GB".into())].into_iter().collect(),
                        place: Some(Place { latitude: 51.5, longitude: 0.0 }) };
                    let t0 = Instant::now();
                    let f = f.clone();
                    let sub = Submission { touch, policy_json: "{}".into(), idempotency: None };
                    store.of(realm).transact(sub, move |h| Decision { dialect: Dialect::Ingest, event_type: EventType::Signup, at: h.at(), subject: Subject { user: Some("some.person.name@gmail.com".into()), email: Email::parse("some.person.name@gmail.com").ok() }, facts: f, policy: PolicyId(1),
                        assessment: Assessment { score: 0, band: 0, outcome: Outcome::Allow, checks: (0..18).map(|r| Check { rule: r, status: CheckStatus::Quiet }).collect() }, forced: None, timings: Timings::default() }).await.unwrap();
                    lat.push(t0.elapsed().as_micros() as u32);
                }
            }));
        }
        let mut lat = vec![];
        for t in tasks { lat.extend(t.await.unwrap()); }
        let el = started.elapsed().as_secs_f64();
        lat.sort();
        println!("transact: {:.0}/s p50 {} p99 {} max {} us", n as f64 / el, lat[lat.len()/2], lat[lat.len()*99/100], lat[lat.len()-1]);
        store.close().await.unwrap();
    });
    println!("closed at {:.2}s", started.elapsed().as_secs_f64());
    let bytes: u64 = std::fs::read_dir(dir.path()).unwrap().map(|f| { let f = f.unwrap(); let l = f.metadata().unwrap().len(); println!("{:?} {}", f.file_name(), l); l }).sum();
    println!("bytes/event {:.0}", bytes as f64 / n as f64);
    let mut file = std::fs::File::create(dir.path().join("raw")).unwrap();
    let t = Instant::now(); let row = vec![7u8; 900*16];
    for _ in 0..(n/16).min(5000) { file.write_all(&row).unwrap(); file.sync_data().unwrap(); }
    println!("raw append {:.0}/s", ((n/16).min(5000)*16) as f64 / t.elapsed().as_secs_f64());
}

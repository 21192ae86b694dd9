//! What finding a device among many costs: registrations that know it again by its looks, against events without one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use portcullis_domain::{
    Device, Dialect, Event, EventType, IdentityHints, Limits, Mode, Outcome, Realm, Screen, Stopwatch,
    TenantId,
};
use portcullis_engine::{Profile, ProfileBand};
use portcullis_intel::{Intel, Sources};
use portcullis_pipeline::{Assessed, Assessor, Request};
use portcullis_store::{Options, Store};

const REALM: Realm = Realm { tenant: TenantId(1), mode: Mode::Live };
/// Registrations in hand while devices are made.
const IN_HAND: usize = 256;
const MEASURED: usize = 2_000;

static PROFILE: Profile = Profile {
    dialect: Dialect::Fraudshield,
    bands: &[ProfileBand { name: "ALL", max: None, outcome: Outcome::Allow }],
    limits: Limits::USUAL,
    max_score: None,
    factors: &[],
    custom_percent: 100,
    labels: &[],
    scale: None,
    monitors: false,
    rules: &[],
};

/// Prints the latency of one caller with few devices known and with `many`.
pub async fn run(many: usize) {
    let dir = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(portcullis_domain::SystemClock);
    let store = Store::open(Options::new(dir.path(), clock)).unwrap();
    let intel = Intel::load(&Sources::default()).unwrap();
    let assessor = Arc::new(Assessor::new(store.clone(), Arc::new(intel)));
    let mut made = 0;
    for known in [many / 100, many] {
        make(&assessor, made..known).await;
        made = known;
        let without = measure(&assessor, known, |_| None).await;
        let same = measure(&assessor, known, |number| Some(device(number, "124"))).await;
        let updated = measure(&assessor, known, |number| Some(device(number, "125"))).await;
        println!("devices: {known} known, median and p99 of one caller, commit included:");
        println!(
            "  no device {}; exactly known {}; known by its looks {}",
            show(without),
            show(same),
            show(updated)
        );
        println!(
            "  finding it by its looks adds {:.0} µs to the median",
            (updated.0.as_secs_f64() - without.0.as_secs_f64()) * 1e6
        );
    }
    store.close().await.unwrap();
}

fn show((median, p99): (Duration, Duration)) -> String {
    format!("{:.0} / {:.0} µs", median.as_secs_f64() * 1e6, p99.as_secs_f64() * 1e6)
}

async fn make(assessor: &Arc<Assessor>, numbers: std::ops::Range<usize>) {
    let next = Arc::new(AtomicUsize::new(numbers.start));
    let tasks: Vec<_> = (0..IN_HAND)
        .map(|_| {
            let (assessor, next, end) = (Arc::clone(assessor), Arc::clone(&next), numbers.end);
            tokio::spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return;
                    }
                    assert_known(&assessor, number, Some(device(number, "124")), true).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn measure(
    assessor: &Assessor,
    known: usize,
    device: impl Fn(usize) -> Option<Device>,
) -> (Duration, Duration) {
    let mut times = Vec::with_capacity(MEASURED);
    for index in 0..MEASURED {
        // Spread over all that are known.
        let number = index * (known / MEASURED).max(1) % known;
        let device = device(number);
        let stopwatch = Stopwatch::start();
        assert_known(assessor, number, device, false).await;
        times.push(stopwatch.elapsed());
    }
    times.sort_unstable();
    (times[MEASURED / 2], times[MEASURED * 99 / 100])
}

async fn assert_known(assessor: &Assessor, number: usize, device: Option<Device>, is_new: bool) {
    let has_device = device.is_some();
    let event = Event {
        dialect: Dialect::Fraudshield,
        event_type: EventType::DeviceRegistration,
        at: portcullis_domain::Timestamp::from_millis(0),
        user: Some(format!("user-{number}").into()),
        email: None,
        ip: Some([81, 2, (number >> 8) as u8, number as u8].into()),
        device,
        behavior: None,
        session: None,
        sensors: None,
        claims: None,
        more: None,
    };
    let assessed = assessor.assess(Request::new(REALM, &PROFILE, event)).await.unwrap();
    let Assessed::Now { found, .. } = assessed else { unreachable!("nothing is repeated") };
    let found = found.and_then(|found| found.device);
    assert_eq!(found.map(|device| device.is_new), has_device.then_some(is_new));
}

/// A desktop: 20,000 canvases, 300 graphics, 5,000 sets of fonts and ten screens make no two alike, and each of these by
/// itself is shared by many.
fn device(number: usize, version: &str) -> Device {
    const SCREENS: [(f64, f64); 5] =
        [(1_920.0, 1_080.0), (1_536.0, 864.0), (1_366.0, 768.0), (2_560.0, 1_440.0), (1_440.0, 900.0)];
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let (width, height) = SCREENS[(mixed >> 7) % SCREENS.len()];
    let agent = format!(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    );
    let hints = IdentityHints {
        canvas_hash: Some(format!("canvas-{}", number % 20_000).into()),
        webgl_hash: Some(format!("webgl-{}", (mixed >> 20) % 300).into()),
        fonts: Some(format!("fonts-{}-{}", number / 20_000, (mixed >> 33) % 5_000).into()),
        ..IdentityHints::default()
    };
    Device {
        user_agent: Some(agent.into()),
        screen: Some(Screen { width: Some(width), height: Some(height), pixel_ratio: None }),
        timezone: Some("Africa/Casablanca".into()),
        language: Some("fr-MA".into()),
        platform: Some("Win32".into()),
        identity: Some(Box::new(hints)),
        ..Device::default()
    }
}

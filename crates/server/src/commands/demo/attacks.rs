//! The attack waves, each a burst of its own on one day.

use portcullis_domain::Timestamp;
use serde_json::json;

use super::{
    devices::{COMPUTERS, Device, PHONES},
    dice::Dice,
    event::{Api, Event, Wave},
    forms,
    people::Person,
    places::{self, HOSTS, LINES},
};

const SECOND_MS: i64 = 1_000;
const MINUTE_MS: i64 = 60 * SECOND_MS;

/// Signups on one device in three, from two lines, filled in by a program.
pub(super) fn account_farm(start: Timestamp, count: u64, dice: &mut Dice) -> Vec<Event> {
    let line = &LINES[3];
    let addresses = [places::address(line.prefix, dice), places::address(line.prefix, dice)];
    let devices: Vec<Device> = (0..=count / 12).map(|_| Device::new(&COMPUTERS, dice)).collect();
    let mut at = start;
    let signups = (0..count).map(|index| {
        at = at.plus_millis(dice.between(30 * SECOND_MS, 3 * MINUTE_MS));
        let user = format!("farm-{index:04}");
        let took_ms = dice.between(800, 2_600);
        let body = json!({
            "type": "SIGNUP", "email": format!("{}@example.net", dice.hex(10)), "externalUserId": user,
            "ip": dice.pick(&addresses), "device": dice.pick(&devices).browser(line.home),
            "behavior": forms::by_program(at, took_ms, dice),
        });
        Event { at, wave: Wave::AccountFarm, api: Api::Ingest, user, body }
    });
    signups.collect()
}

/// Logins to accounts of `victims` from a few servers: half by a script that says so, half by a browser that is new
/// each time.
pub(super) fn credential_stuffing(
    start: Timestamp,
    count: u64,
    victims: &[Person],
    dice: &mut Dice,
) -> Vec<Event> {
    let servers: Vec<String> = (0..2 + count / 60).map(|_| places::address(HOSTS[0], dice)).collect();
    let home = LINES[0].home;
    let mut at = start;
    let logins = (0..count).map(|_| {
        at = at.plus_millis(dice.between(2 * SECOND_MS, 15 * SECOND_MS));
        let victim = dice.pick(victims);
        let mut body = json!({
            "type": "LOGIN", "email": victim.email, "externalUserId": victim.user, "ip": dice.pick(&servers),
        });
        if dice.percent(50) {
            body["device"] = json!({ "userAgent": "python-requests/2.32.3" });
        } else {
            body["device"] = Device::new(&COMPUTERS, dice).browser(home);
            body["behavior"] = forms::by_program(at, 1_500, dice);
        }
        let user = victim.user.clone();
        Event { at, wave: Wave::CredentialStuffing, api: Api::Ingest, user, body }
    });
    logins.collect()
}

/// Signups with throw-away mailboxes, each on a device and a line of its own; most by a program.
pub(super) fn disposable_mail(start: Timestamp, count: u64, dice: &mut Dice) -> Vec<Event> {
    const DOMAINS: [&str; 4] = ["mailinator.com", "guerrillamail.com", "yopmail.com", "10minutemail.com"];
    let mut at = start;
    let signups = (0..count).map(|index| {
        at = at.plus_millis(dice.between(MINUTE_MS, 9 * MINUTE_MS));
        let user = format!("bonus-{index:04}");
        let line = dice.pick(&LINES);
        let behavior =
            if dice.percent(75) { forms::by_program(at, 2_200, dice) } else { forms::by_hand(at, dice) };
        let body = json!({
            "type": "SIGNUP", "email": format!("{}@{}", dice.hex(8), dice.pick(&DOMAINS)),
            "externalUserId": user, "ip": places::address(line.prefix, dice),
            "device": Device::new(&COMPUTERS, dice).browser(line.home), "behavior": behavior,
        });
        Event { at, wave: Wave::DisposableMail, api: Api::Ingest, user, body }
    });
    signups.collect()
}

/// Sessions of a few phones that take money out here and minutes later on another continent.
pub(super) fn gps_spoofing(start: Timestamp, count: u64, dice: &mut Dice) -> Vec<Event> {
    const CITIES: [(f64, f64); 4] = [(25.20, 55.27), (52.52, 13.40), (-23.55, -46.63), (1.35, 103.82)];
    let phones: Vec<Device> = (0..=count / 15).map(|_| Device::new(&PHONES, dice)).collect();
    let mut at = start;
    let sessions = (0..count).map(|index| {
        at = at.plus_millis(dice.between(MINUTE_MS, 6 * MINUTE_MS));
        let (phone, (lat, lon)) = (dice.pick(&phones), CITIES[index as usize % CITIES.len()]);
        let body = json!({
            "deviceId": phone.id, "sessionId": dice.hex(20), "eventType": "WITHDRAWAL",
            "deviceProfile": {
                "isRooted": dice.percent(40), "hasSim": false, "uptimeSeconds": dice.between(400, 3_000),
                "timezone": "Europe/Berlin",
            },
            "locationProfile": { "lat": lat, "lon": lon, "entropy": 0.02 },
            "behaviorProfile": { "typingWPM": 60, "movementScore": 0.01, "touchVarianceMs": 12 },
            "batteryProfile": { "chargingRatio": 0.8 },
        });
        Event { at, wave: Wave::GpsSpoofing, api: Api::Session, user: phone.id.clone(), body }
    });
    sessions.collect()
}

/// Accounts that take turns on a few devices behind a hosting provider: each shows its device and then takes money out.
pub(super) fn fraud_ring(start: Timestamp, count: u64, dice: &mut Dice) -> Vec<Event> {
    let home = LINES[7].home;
    let devices: Vec<Device> = (0..=count / 25).map(|_| Device::new(&COMPUTERS, dice)).collect();
    let servers = [places::address(HOSTS[1], dice), places::address(HOSTS[1], dice)];
    let mut at = start;
    let turns = (0..count).map(|index| {
        at = at.plus_millis(dice.between(MINUTE_MS, 6 * MINUTE_MS));
        let turn = index / 2;
        let user = format!("ring-{turn:03}");
        let fingerprint = devices[turn as usize % devices.len()].fingerprint(home);
        let server = &servers[turn as usize % servers.len()];
        let (api, body) = if index % 2 == 0 {
            (Api::Device, json!({ "fingerprint": fingerprint, "ip_address": server, "user_id": user }))
        } else {
            let amount = dice.between(90_000, 480_000) as f64 / 100.0;
            let body = json!({
                "user_id": user, "event_type": "withdrawal", "action": "withdrawal", "ip_address": server,
                "fingerprint": fingerprint, "user": { "age_days": dice.between(0, 3) },
                "transaction": { "amount": amount, "currency": "EUR" },
            });
            (Api::Action, body)
        };
        Event { at, wave: Wave::FraudRing, api, user, body }
    });
    turns.collect()
}

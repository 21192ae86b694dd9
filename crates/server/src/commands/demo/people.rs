//! Good traffic: people who come back with devices of their own, by day more than by night, some of them in one
//! household or behind one carrier's address.

use portcullis_domain::Timestamp;
use serde_json::{Value, json};

use super::{
    devices::{COMPUTERS, Device, PHONES},
    dice::Dice,
    event::{Api, Event, Wave},
    forms,
    places::{self, Home, LINES},
};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;

/// Of a hundred people, those who are awake and about, by the hour of the day in UTC.
const AWAKE: [u64; 24] =
    [12, 6, 4, 3, 4, 10, 25, 45, 60, 68, 70, 72, 75, 70, 66, 65, 68, 75, 88, 96, 98, 84, 55, 28];

/// Somebody with an account.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) user: String,
    pub(super) email: String,
    home: &'static Home,
    /// The address of their line.
    line: String,
    computer: Device,
    phone: Option<Device>,
    /// Whether their account is older than the demo.
    is_old: bool,
}

/// So many people. Every fifth lives with the one before; every twentieth uses the other's computer as well.
pub(super) fn people(count: u64, dice: &mut Dice) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for index in 0..count {
        let network = dice.pick(&LINES);
        let own = Person {
            user: format!("user-{index:04}"),
            email: format!("person{index:04}@example.{}", dice.pick(&["com", "net", "org"])),
            home: network.home,
            line: places::address(network.prefix, dice),
            computer: Device::new(&COMPUTERS, dice),
            phone: dice.percent(60).then(|| Device::new(&PHONES, dice)),
            is_old: dice.percent(70),
        };
        people.push(match people.last() {
            Some(other) if index % 20 == 11 => {
                Person { home: other.home, line: other.line.clone(), computer: other.computer.clone(), ..own }
            }
            Some(other) if index % 5 == 3 => Person { home: other.home, line: other.line.clone(), ..own },
            _ => own,
        });
    }
    people
}

/// What these people do in `days` days from `start` on, `count` things, in the order of time.
pub(super) fn lives(
    people: &[Person],
    start: Timestamp,
    days: u32,
    count: u64,
    dice: &mut Dice,
) -> Vec<Event> {
    let mut times: Vec<Timestamp> = (0..count).map(|_| waking_time(start, days, dice)).collect();
    times.sort_unstable();
    let mut has_come = vec![false; people.len()];
    let events = times.into_iter().map(|at| {
        // The square makes some come often and most now and then.
        let index = (dice.unit().powi(2) * people.len() as f64) as usize;
        let is_first = !std::mem::replace(&mut has_come[index], true);
        people[index].does_something(at, is_first, dice)
    });
    events.collect()
}

fn waking_time(start: Timestamp, days: u32, dice: &mut Dice) -> Timestamp {
    loop {
        let at_ms = dice.between(0, i64::from(days) * DAY_MS);
        if dice.percent(AWAKE[(at_ms % DAY_MS / HOUR_MS) as usize]) {
            return start.plus_millis(at_ms);
        }
    }
}

impl Person {
    fn does_something(&self, at: Timestamp, is_first: bool, dice: &mut Dice) -> Event {
        let with_phone = self.phone.as_ref().filter(|_| !is_first && dice.percent(40));
        if is_first && !self.is_old {
            return self.ingest("SIGNUP", &self.computer, &self.line, at, dice);
        }
        match with_phone {
            Some(phone) if dice.percent(45) => self.session(phone, at, dice),
            Some(phone) => {
                let carrier = places::carrier_address(self.home, dice);
                self.ingest("LOGIN", phone, &carrier, at, dice)
            }
            None if !is_first && dice.percent(25) => self.action(at, dice),
            None => self.ingest("LOGIN", &self.computer, &self.line, at, dice),
        }
    }

    fn event(&self, api: Api, at: Timestamp, body: Value) -> Event {
        Event { at, wave: Wave::Good, api, user: self.user.clone(), body }
    }

    fn ingest(&self, kind: &str, device: &Device, ip: &str, at: Timestamp, dice: &mut Dice) -> Event {
        let body = json!({
            "type": kind, "email": self.email, "externalUserId": self.user, "ip": ip,
            "device": device.browser(self.home), "behavior": forms::by_hand(at, dice),
        });
        self.event(Api::Ingest, at, body)
    }

    /// A payment as a rule, now and then a withdrawal or a device that makes itself known.
    fn action(&self, at: Timestamp, dice: &mut Dice) -> Event {
        let fingerprint = self.computer.fingerprint(self.home);
        if dice.percent(20) {
            let body = json!({ "fingerprint": fingerprint, "ip_address": self.line, "user_id": self.user });
            return self.event(Api::Device, at, body);
        }
        let kind = if dice.percent(15) { "withdrawal" } else { "payment" };
        let body = json!({
            "user_id": self.user, "event_type": kind, "action": kind, "ip_address": self.line,
            "fingerprint": fingerprint, "email": self.email,
            "transaction": { "amount": dice.between(300, 18_000) as f64 / 100.0, "currency": "EUR" },
        });
        self.event(Api::Action, at, body)
    }

    fn session(&self, phone: &Device, at: Timestamp, dice: &mut Dice) -> Event {
        let near = |degrees: f64, dice: &mut Dice| degrees + (dice.unit() - 0.5) * 0.04;
        let (lat, lon) = self.home.city;
        let kind = dice.pick(&["LOGIN", "LOGIN", "PAYMENT", "PROFILE_UPDATE", "VISIT"]);
        let body = json!({
            "deviceId": phone.id, "sessionId": dice.hex(20), "eventType": kind,
            "deviceProfile": {
                "isEmulator": false, "isRooted": dice.percent(2), "hasSim": true,
                "uptimeSeconds": dice.between(4_000, 900_000), "timezone": self.home.timezone,
            },
            "locationProfile": {
                "lat": near(lat, dice), "lon": near(lon, dice), "entropy": 0.25 + 0.6 * dice.unit(),
            },
            "behaviorProfile": {
                "typingWPM": dice.between(18, 70), "touchVarianceMs": dice.between(20, 90),
                "movementScore": 0.1 + 0.6 * dice.unit(), "clipboardChanged": dice.percent(5),
                "sessionHour": at.as_millis().rem_euclid(DAY_MS) / HOUR_MS,
            },
            "batteryProfile": { "chargingRatio": 0.7 * dice.unit() },
            "networkProfile": { "vpnActive": dice.percent(4), "changesPerMinute": 1 },
        });
        Event { user: phone.id.clone(), ..self.event(Api::Session, at, body) }
    }
}

//! The whole demo as a list of events: a function of the seed, the first day and the sizes.

use portcullis_domain::Timestamp;

use super::{
    attacks,
    dice::Dice,
    event::{Event, Wave},
    people::{self, DAY_MS},
};

/// How much there is to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// The first day's midnight, UTC.
    pub(super) start: Timestamp,
    pub(super) days: u32,
    pub(super) events: u64,
}

/// Of a thousand events, those of an attack, and the part of the time after which it begins, percent.
const ATTACKS: [(Wave, u64, i64); 5] = [
    (Wave::AccountFarm, 60, 20),
    (Wave::CredentialStuffing, 80, 40),
    (Wave::DisposableMail, 40, 55),
    (Wave::GpsSpoofing, 30, 70),
    (Wave::FraudRing, 40, 80),
];

/// Every event, in the order of time.
pub(super) fn write(plan: Plan) -> Vec<Event> {
    let Plan { seed, start, days, events } = plan;
    let attacking = |per_mille: u64| (events * per_mille / 1_000).max(2);
    let good = events.saturating_sub(ATTACKS.iter().map(|(_, share, _)| attacking(*share)).sum());
    let people = people::people((good / 12).max(10), &mut Dice::new(seed, 1));
    let mut all = people::lives(&people, start, days, good, &mut Dice::new(seed, 2));
    for (wave, share, after_percent) in ATTACKS {
        let dice = &mut Dice::new(seed, 10 + wave as u64);
        let begin = start.plus_millis(i64::from(days) * DAY_MS * after_percent / 100);
        let count = attacking(share);
        all.extend(match wave {
            Wave::Good => Vec::new(),
            Wave::AccountFarm => attacks::account_farm(begin, count, dice),
            Wave::CredentialStuffing => attacks::credential_stuffing(begin, count, &people, dice),
            Wave::DisposableMail => attacks::disposable_mail(begin, count, dice),
            Wave::GpsSpoofing => attacks::gps_spoofing(begin, count, dice),
            Wave::FraudRing => attacks::fraud_ring(begin, count, dice),
        });
    }
    let end = start.plus_millis(i64::from(days) * DAY_MS);
    all.retain(|event| event.at < end);
    // Stable: what happens at once stays in the order in which it was written.
    all.sort_by_key(|event| event.at);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Plan =
        Plan { seed: 7, start: Timestamp::from_millis(1_767_225_600_000), days: 30, events: 3_000 };

    #[test]
    fn the_same_plan_gives_the_same_events() {
        assert_eq!(write(PLAN), write(PLAN));
        assert_ne!(write(PLAN), write(Plan { seed: 8, ..PLAN }));
    }

    #[test]
    fn another_day_moves_times_and_nothing_else() {
        let tomorrow = write(Plan { start: PLAN.start.plus_millis(DAY_MS), ..PLAN });
        for (event, later) in write(PLAN).iter().zip(&tomorrow) {
            assert_eq!(later.at.millis_since(event.at), DAY_MS);
            assert_eq!((later.wave, later.api, &later.user), (event.wave, event.api, &event.user));
            assert_eq!(later.body["ip"], event.body["ip"]);
        }
    }

    #[test]
    fn every_wave_is_there_in_the_order_of_time_and_within_the_days() {
        for (days, events) in [(30, 3_000), (3, 200), (1, 20)] {
            let all = write(Plan { days, events, ..PLAN });
            assert!(all.is_sorted_by_key(|event| event.at));
            let end = PLAN.start.plus_millis(i64::from(days) * DAY_MS);
            assert!(all.iter().all(|event| (PLAN.start..end).contains(&event.at)));
            for wave in Wave::ALL {
                assert!(all.iter().any(|event| event.wave == wave), "{wave:?} of {events}");
            }
            let good = all.iter().filter(|event| event.wave == Wave::Good).count();
            assert!(good * 10 >= all.len() * 4, "{good} of {}", all.len());
        }
    }

    #[test]
    fn nights_are_quieter_than_evenings() {
        let hour = |event: &Event| event.at.as_millis() % DAY_MS / 3_600_000;
        let all: Vec<_> = write(PLAN).into_iter().filter(|event| event.wave == Wave::Good).collect();
        let within = |from, to| all.iter().filter(|event| (from..to).contains(&hour(event))).count();
        assert!(within(18, 21) > 4 * within(2, 5));
    }
}

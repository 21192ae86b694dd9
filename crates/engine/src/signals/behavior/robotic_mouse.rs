//! `behavior.robotic_mouse`: the pointer moved as only a program moves it.

use portcullis_domain::facts::behavior;
use portcullis_domain::{Fact, Facts, Limits};

use crate::mouse_path::MIN_POINTS;
use crate::signals::{Clue, Doc, Reading, Signal};

/// Straightness, 0 to 1, that a hand does not reach over many points: arms turn about joints and draw arcs.
const STRAIGHT: f64 = 0.99;

/// Standard deviation over mean of the speed, below which it is steady. A hand speeds up and slows down: the
/// minimum-jerk model of a reach (Flash & Hogan 1985) gives 0.65. A program's even steps, rounded to whole pixels and
/// milliseconds, stay below 0.05.
const STEADY_SPEED: f64 = 0.1;

/// Standard deviation over mean of the sampling intervals, below which they are all the same. A throttle of 50 ms over
/// a real mouse gives 50 to 70 ms, and even the steadiest display (144 Hz: always 55.6 ms) gives 0.009 once times are
/// whole milliseconds; a single interval of ten that is off by one gives 0.006. Synthetic events on a fixed step give 0.
const SAME_INTERVALS: f64 = 0.002;

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(behavior::MOUSE_PATH_REPLAYED)),
        explain: |_| "Exactly this pointer path was seen before from another account".to_owned(),
    },
    Clue { read: is_ruled_line, explain: say_ruled_line },
    Clue {
        read: |facts| {
            let variation = facts.get(behavior::MOUSE_INTERVAL_VARIATION);
            Reading::of(variation.map(|variation| variation < SAME_INTERVALS))
        },
        explain: |facts| format!("All intervals between {} pointer positions are the same", points(facts)),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.robotic_mouse",
    title: "The pointer moved like a machine",
    doc: Doc {
        why: "Automation tools move the pointer in straight, even lines, on an exact clock, or play a recorded path \
              again; hands do none of these.",
        quiet: "Quiet below 10 points, so for keyboard, touch and autofill users, and for any path that bends, speeds \
                up and slows down. Unknown when no path is sent.",
        wrong: "Assistive pointers such as eye trackers and keyboard-driven mice may be straight and even. A short \
                steady stroke on a display whose frames divide 50 ms can look exactly timed when the browser's clock \
                is coarse. An integrator's own end-to-end tests replay paths.",
        source: "10 points and straightness 0.99 are the product's defaults; 0.1 for steady speed and 0.002 for equal \
                 intervals lie between what programs (up to 0.05; 0) and hands (about 0.65; 0.006 and up) give.",
    },
    evaluate,
    explain: |facts, _| Clue::explain_first(CLUES, facts),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match facts.get(behavior::MOUSE_POINTS) {
        Fact::Known(points) if points < MIN_POINTS as i64 => Reading::Quiet,
        Fact::Known(_) => Clue::any(CLUES, facts),
        Fact::Missing(reason) => Reading::Unknown(reason),
    }
}

fn is_ruled_line(facts: &Facts) -> Reading {
    match (facts.get(behavior::MOUSE_STRAIGHTNESS), facts.get(behavior::MOUSE_SPEED_VARIATION)) {
        (Fact::Known(straightness), Fact::Known(variation)) => {
            Reading::of(Fact::Known(straightness > STRAIGHT && variation < STEADY_SPEED))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

fn say_ruled_line(facts: &Facts) -> String {
    let straightness = facts.known(behavior::MOUSE_STRAIGHTNESS).unwrap_or_default().clamp(0.0, 1.0);
    format!("{} pointer positions in a line of straightness {straightness:.3} at even speed", points(facts))
}

fn points(facts: &Facts) -> i64 {
    facts.known(behavior::MOUSE_POINTS).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use portcullis_domain::{Missing, MousePoint};

    use super::*;
    use crate::mouse_path::analyze;
    use crate::signals::read;

    /// A hand: bent, at varying speed and intervals.
    fn human(facts: &mut Facts) {
        facts.set(behavior::MOUSE_POINTS, 40);
        facts.set(behavior::MOUSE_STRAIGHTNESS, 0.8);
        facts.set(behavior::MOUSE_SPEED_VARIATION, 0.7);
        facts.set(behavior::MOUSE_INTERVAL_VARIATION, 0.3);
        facts.set(behavior::MOUSE_PATH_REPLAYED, false);
    }

    fn reading(change: impl FnOnce(&mut Facts)) -> Reading {
        let set = |facts: &mut Facts| {
            human(facts);
            change(facts);
        };
        read(&SIGNAL, set).0
    }

    /// What the signal makes of a path.
    fn reading_of(points: &[MousePoint]) -> Reading {
        let path = analyze(points);
        let set = |facts: &mut Facts| {
            facts.set(behavior::MOUSE_POINTS, points.len() as i64);
            facts.put(
                behavior::MOUSE_STRAIGHTNESS,
                Fact::from_option(path.straightness, Missing::NotApplicable),
            );
            let variation = Fact::from_option(path.speed_variation, Missing::NotApplicable);
            facts.put(behavior::MOUSE_SPEED_VARIATION, variation);
            let variation = Fact::from_option(path.interval_variation, Missing::NotApplicable);
            facts.put(behavior::MOUSE_INTERVAL_VARIATION, variation);
        };
        read(&SIGNAL, set).0
    }

    /// A minimum-jerk reach of 600 px in a second, on a display with this frame time behind a throttle of 50 ms, with
    /// times in whole milliseconds and frames up to a millisecond late.
    fn reach(frame_ms: f64, bend_px: f64) -> Vec<MousePoint> {
        let mut points: Vec<MousePoint> = Vec::new();
        for frame in 0..(1_000.0 / frame_ms) as u32 {
            let late_ms = f64::from(frame * 7 % 10) / 10.0;
            let t_ms = (f64::from(frame) * frame_ms + late_ms).round();
            if points.last().is_some_and(|last| t_ms - last.t_ms < 50.0) {
                continue;
            }
            let s = t_ms / 1_000.0;
            let progress = s.powi(3) * (10.0 - 15.0 * s + 6.0 * s * s);
            let bend = bend_px * (std::f64::consts::PI * progress).sin();
            points.push(MousePoint { x: (600.0 * progress).round(), y: (200.0 + bend).round(), t_ms });
        }
        points
    }

    #[test]
    fn is_quiet_for_a_hand() {
        assert_eq!(reading(|_| {}), Reading::Quiet);
        for frame_ms in [1_000.0 / 60.0, 1_000.0 / 75.0, 1_000.0 / 120.0, 1_000.0 / 144.0, 1_000.0 / 165.0] {
            assert_eq!(reading_of(&reach(frame_ms, 40.0)), Reading::Quiet, "{frame_ms}");
            assert_eq!(reading_of(&reach(frame_ms, 0.0)), Reading::Quiet, "a ruler was used, at {frame_ms}");
        }
    }

    #[test]
    fn fires_on_interpolated_steps() {
        let step = |i: u32| MousePoint {
            x: (f64::from(i) * 20.4).round(),
            y: (f64::from(i) * 7.3).round(),
            t_ms: f64::from(i * 52 + i % 3),
        };
        assert_eq!(reading_of(&(0..12).map(step).collect::<Vec<_>>()), Reading::Fired);
        assert_eq!(reading_of(&(0..9).map(step).collect::<Vec<_>>()), Reading::Quiet, "too few points");
    }

    #[test]
    fn fires_on_an_exact_clock() {
        let wiggle =
            |i: u32| MousePoint { x: f64::from(i * i), y: f64::from(i % 5 * 30), t_ms: f64::from(i * 50) };
        assert_eq!(reading_of(&(0..10).map(wiggle).collect::<Vec<_>>()), Reading::Fired);
    }

    #[test]
    fn fires_on_a_replayed_path() {
        let (reading, said) = read(&SIGNAL, |facts| {
            human(facts);
            facts.set(behavior::MOUSE_PATH_REPLAYED, true);
        });
        assert_eq!(reading, Reading::Fired);
        assert_eq!(said, "Exactly this pointer path was seen before from another account");
    }

    #[test]
    fn is_quiet_at_the_edges() {
        let line = |straightness, variation| {
            reading(|facts| {
                facts.set(behavior::MOUSE_STRAIGHTNESS, straightness);
                facts.set(behavior::MOUSE_SPEED_VARIATION, variation);
            })
        };
        assert_eq!(line(0.991, 0.09), Reading::Fired);
        assert_eq!(line(0.99, 0.09), Reading::Quiet);
        assert_eq!(line(0.991, 0.1), Reading::Quiet);
        assert_eq!(reading(|f| f.set(behavior::MOUSE_INTERVAL_VARIATION, 0.002)), Reading::Quiet);
        assert_eq!(reading(|f| f.set(behavior::MOUSE_INTERVAL_VARIATION, 0.0)), Reading::Fired);
    }

    #[test]
    fn is_quiet_without_movement_and_unknown_without_a_path() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(behavior::MOUSE_POINTS, 0)).0, Reading::Quiet);
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}

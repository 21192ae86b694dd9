//! What a sampled pointer path looks like: the values behind the `behavior.mouse_*` facts.

use portcullis_domain::MousePoint;

/// Paths with fewer points than this are too short to say anything about the hand, and too likely to repeat by chance.
pub const MIN_POINTS: usize = 10;

/// Positions beyond this many CSS pixels are no screen's: such points are skipped.
const MAX_POSITION_PX: f64 = 1e7;

/// Times beyond this many milliseconds, 300 years, are no page's: such points are skipped. Times since 1970 pass.
const MAX_TIME_MS: f64 = 1e13;

/// Times closer than this are the same: no browser's clock is finer than 5 µs.
const SAME_TIME_MS: f64 = 0.001;

/// A mean speed (px/ms) or interval (ms) below this is zero: what is left of numbers that cancel.
const MIN_MEAN: f64 = 1e-6;

/// A pointer path in numbers. A value is `None` where the path is too short, or stands still, for it to make sense.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MousePath {
    /// Distance from the first to the last point over the path's length, 0 to 1.
    pub straightness: Option<f64>,
    /// The path's length over its duration, px/s.
    pub mean_speed: Option<f64>,
    /// Standard deviation over mean of the speeds between neighboring points.
    pub speed_variation: Option<f64>,
    /// Standard deviation over mean of the times between neighboring points.
    pub interval_variation: Option<f64>,
    /// The shortest time between neighboring points, ms; negative when one is earlier than its predecessor.
    pub min_interval_ms: Option<f64>,
    /// Whether no point is earlier than the one before it.
    pub is_ordered: Option<bool>,
    /// Names exactly this path, wherever on the page and whenever it was drawn, so that a recorded path that is played
    /// again is recognized: the first 16 bytes of the BLAKE3 hash of each point relative to the first, as `x` and `y`
    /// in hundredths of a pixel (`i32`) and `t` in tenths of a millisecond (`i64`), little-endian. `None` for a path
    /// of fewer than [`MIN_POINTS`] points or one that does not move.
    pub fingerprint: Option<[u8; 16]>,
}

/// Analyzes a path, oldest point first. Allocates nothing and never panics, whatever the numbers.
pub fn analyze(points: &[MousePoint]) -> MousePath {
    let mut usable = points.iter().copied().filter(is_usable);
    let Some(first) = usable.next() else { return MousePath::default() };

    let (mut speeds, mut intervals) = (Spread::default(), Spread::default());
    let (mut length, mut min_interval, mut count) = (0.0, f64::INFINITY, 1_usize);
    let mut hasher = blake3::Hasher::new();
    let mut last = first;
    for point in usable {
        let distance = distance(last, point);
        let interval = point.t_ms - last.t_ms;
        length += distance;
        min_interval = interval.min(min_interval);
        intervals.add(interval);
        if interval >= SAME_TIME_MS {
            speeds.add(distance / interval);
        }
        hasher.update(&relative(point, first));
        last = point;
        count += 1;
    }
    if count == 1 {
        return MousePath::default();
    }

    let duration = last.t_ms - first.t_ms;
    let net = distance(first, last);
    let moves = length > 0.0;
    MousePath {
        straightness: moves.then(|| (net / length).clamp(0.0, 1.0)),
        mean_speed: (duration >= SAME_TIME_MS).then(|| length / duration * 1_000.0),
        speed_variation: speeds.variation(),
        interval_variation: intervals.variation(),
        min_interval_ms: Some(min_interval),
        is_ordered: Some(min_interval >= 0.0),
        fingerprint: (moves && count >= MIN_POINTS).then(|| short_hash(&hasher)),
    }
}

fn is_usable(point: &MousePoint) -> bool {
    point.x.abs() <= MAX_POSITION_PX && point.y.abs() <= MAX_POSITION_PX && point.t_ms.abs() <= MAX_TIME_MS
}

/// Without the care that `hypot` takes of overflow, which usable positions can not cause: this runs 300 times an event.
fn distance(from: MousePoint, to: MousePoint) -> f64 {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    (dx * dx + dy * dy).sqrt()
}

/// The fingerprint's bytes of one point.
fn relative(point: MousePoint, first: MousePoint) -> [u8; 16] {
    let hundredths = |px: f64| (px * 100.0).round() as i32;
    let tenths = ((point.t_ms - first.t_ms) * 10.0).round() as i64;
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&hundredths(point.x - first.x).to_le_bytes());
    bytes[4..8].copy_from_slice(&hundredths(point.y - first.y).to_le_bytes());
    bytes[8..].copy_from_slice(&tenths.to_le_bytes());
    bytes
}

fn short_hash(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut short = [0; 16];
    short.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    short
}

/// Mean and deviation of a stream of numbers (Welford's method, which does not cancel when they are nearly equal).
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    count: u32,
    mean: f64,
    squares: f64,
}

impl Spread {
    fn add(&mut self, value: f64) {
        self.count += 1;
        let from_old_mean = value - self.mean;
        self.mean += from_old_mean / f64::from(self.count);
        self.squares += from_old_mean * (value - self.mean);
    }

    /// Standard deviation over mean; `None` for fewer than two numbers, or a mean that is negative or nothing but a
    /// rounding error.
    fn variation(self) -> Option<f64> {
        let deviation = (self.squares / f64::from(self.count)).max(0.0).sqrt();
        (self.count >= 2 && self.mean >= MIN_MEAN).then_some(deviation / self.mean)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(points: impl IntoIterator<Item = (f64, f64, f64)>) -> Vec<MousePoint> {
        points.into_iter().map(|(x, y, t_ms)| MousePoint { x, y, t_ms }).collect()
    }

    /// A straight line at 200 px/s, sampled every 50 ms.
    fn line(count: u32) -> Vec<MousePoint> {
        path((0..count).map(|i| (f64::from(i) * 10.0, 5.0, f64::from(i) * 50.0)))
    }

    fn is_close(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() < 1e-9)
    }

    #[test]
    fn a_steady_line_is_straight_and_does_not_vary() {
        let path = analyze(&line(12));
        assert!(is_close(path.straightness, 1.0));
        assert!(is_close(path.mean_speed, 200.0));
        assert!(is_close(path.speed_variation, 0.0));
        assert!(is_close(path.interval_variation, 0.0));
        assert!(is_close(path.min_interval_ms, 50.0));
        assert_eq!(path.is_ordered, Some(true));
        assert!(path.fingerprint.is_some());
    }

    #[test]
    fn a_detour_is_not_straight_and_pauses_vary() {
        let path = analyze(&path([(0.0, 0.0, 0.0), (3.0, 4.0, 50.0), (6.0, 0.0, 200.0)]));
        assert!(is_close(path.straightness, 0.6));
        assert!(is_close(path.mean_speed, 50.0));
        assert!(is_close(path.interval_variation, 0.5));
        assert!(is_close(path.speed_variation, 0.5));
    }

    #[test]
    fn one_point_or_none_says_nothing() {
        assert_eq!(analyze(&[]), MousePath::default());
        assert_eq!(analyze(&line(1)), MousePath::default());
    }

    #[test]
    fn a_short_or_still_path_has_no_fingerprint() {
        assert_eq!(analyze(&line(9)).fingerprint, None);
        let still = analyze(&path((0..20).map(|i| (7.0, 7.0, f64::from(i) * 50.0))));
        assert_eq!((still.straightness, still.fingerprint), (None, None));
    }

    #[test]
    fn sees_disorder() {
        let path = analyze(&path([(0.0, 0.0, 100.0), (1.0, 0.0, 50.0), (2.0, 0.0, 150.0)]));
        assert_eq!(path.is_ordered, Some(false));
        assert!(is_close(path.min_interval_ms, -50.0));
    }

    #[test]
    fn points_of_one_time_have_no_speed() {
        let path = analyze(&path([(0.0, 0.0, 10.0), (9.0, 0.0, 10.0), (18.0, 0.0, 10.0)]));
        assert_eq!((path.mean_speed, path.speed_variation, path.interval_variation), (None, None, None));
        assert_eq!(path.is_ordered, Some(true));
    }

    #[test]
    fn intervals_that_cancel_have_no_variation() {
        let path = analyze(&path([(0.0, 0.0, 0.0), (1.0, 0.0, 90.0), (2.0, 0.0, 1e-320)]));
        assert_eq!(path.interval_variation, None);
    }

    #[test]
    fn skips_points_that_can_not_be() {
        let mut points = line(12);
        let clean = analyze(&points);
        points.insert(3, MousePoint { x: f64::NAN, y: 0.0, t_ms: 0.0 });
        points.insert(6, MousePoint { x: 0.0, y: f64::INFINITY, t_ms: 0.0 });
        points.insert(9, MousePoint { x: 0.0, y: 0.0, t_ms: -1e300 });
        assert_eq!(analyze(&points), clean);
    }

    #[test]
    fn a_slightly_different_path_has_another_fingerprint() {
        let original = analyze(&line(12)).fingerprint;
        let mut later = line(12);
        later[11].t_ms += 1.0;
        assert_ne!(analyze(&later).fingerprint, original);
        let mut lower = line(12);
        lower[5].y += 0.5;
        assert_ne!(analyze(&lower).fingerprint, original);
    }

    fn any_number() -> impl Strategy<Value = f64> {
        prop_oneof![4 => -2_000.0..2_000.0, 1 => any::<f64>(), 1 => Just(f64::NAN), 1 => Just(0.0)]
    }

    proptest! {
        #[test]
        fn stays_in_range_whatever_the_numbers(
            points in prop::collection::vec((any_number(), any_number(), any_number()), 0..60),
        ) {
            let path = analyze(&path(points));
            prop_assert!(path.straightness.is_none_or(|value| (0.0..=1.0).contains(&value)));
            let sizes = [path.mean_speed, path.speed_variation, path.interval_variation];
            prop_assert!(sizes.into_iter().flatten().all(|value| value.is_finite() && value >= 0.0));
            prop_assert!(path.min_interval_ms.is_none_or(f64::is_finite));
        }

        #[test]
        fn place_and_time_do_not_matter(
            points in prop::collection::vec((-2_000_i32..2_000, -2_000_i32..2_000, 0_i32..60_000), 0..60),
            (dx, dy, dt) in (-5_000_i32..5_000, -5_000_i32..5_000, 0_i32..1_000_000),
        ) {
            // Whole numbers, so that moving them does not round.
            let moved_by = |dx: i32, dy: i32, dt: i32| {
                analyze(&path(points.iter().map(|&(x, y, t)| {
                    (f64::from(x + dx), f64::from(y + dy), f64::from(t + dt))
                })))
            };
            prop_assert_eq!(moved_by(dx, dy, dt), moved_by(0, 0, 0));
        }
    }
}

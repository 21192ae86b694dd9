//! One rule in the model.

use super::MAX_LEARNED;

/// The variance of a rule's learned weight before any label, nats² in millionths: a standard deviation of 0.7, so that
/// the operator's points are most likely right within a factor of two in the odds.
const PRIOR_VARIANCE: u32 = 500_000;

/// The lowest variance, nats² in millionths: what keeps a model learning when fraud changes.
pub(super) const MIN_VARIANCE: u32 = 10_000;

/// A millionth.
pub(super) const MICRO: f64 = 1e-6;

/// A rule: its points and what was learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Feature {
    pub(super) code: Box<str>,
    /// `None` while there is no such rule.
    pub(super) points: Option<i32>,
    pub(super) learned: Learned,
}

/// What labels taught of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Learned {
    /// The weight's mean, millionths of a nat.
    pub(super) mean: i32,
    /// Its variance, millionths of a nat².
    pub(super) variance: u32,
    /// How many labeled events it fired on.
    pub(super) labels: u32,
}

impl Feature {
    pub(super) fn new(code: &str, points: i32) -> Self {
        let learned = Learned { mean: 0, variance: PRIOR_VARIANCE, labels: 0 };
        Self { code: code.into(), points: Some(points), learned }
    }
}

impl Learned {
    /// The largest mean either way, millionths of a nat.
    const MAX_MEAN: i32 = (MAX_LEARNED / MICRO) as i32;

    /// Whether it is what labels can teach.
    pub(super) fn is_sound(self) -> bool {
        (-Self::MAX_MEAN..=Self::MAX_MEAN).contains(&self.mean)
            && (MIN_VARIANCE..=PRIOR_VARIANCE).contains(&self.variance)
    }

    /// The variance in nats².
    pub(super) fn variance(self) -> f64 {
        f64::from(self.variance) * MICRO
    }

    /// After one label more that moves the mean by `step` nats and the variance to `variance` nats². The step is
    /// rounded toward zero, so that steps add up to no more than was meant.
    pub(super) fn moved(self, step: f64, variance: f64) -> Self {
        let mean = self.mean.saturating_add((step / MICRO) as i32);
        Self {
            mean: mean.clamp(-Self::MAX_MEAN, Self::MAX_MEAN),
            variance: ((variance / MICRO).round() as u32).clamp(MIN_VARIANCE, PRIOR_VARIANCE),
            labels: self.labels.saturating_add(1),
        }
    }
}

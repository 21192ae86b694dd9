//! Profiles: what makes a dialect's score, as data, and how overrides are laid over it.

use std::fmt::Display;

use portcullis_domain::policy::{Band, LimitOverrides};
use portcullis_domain::{
    Category, CustomRule, Dialect, EventTypes, Factor, Limits, Outcome, Overrides, Policy, PolicyLabel,
    PolicyRule, RuleMode, RuleOverride,
};

use crate::{Signal, trust::Scale};

/// The largest weight, in either direction, that a rule may be given.
pub const MAX_WEIGHT: i32 = 10_000;
/// The highest cut between bands: no sum of weights comes near it.
pub const MAX_CUT: i32 = 1_000_000;
/// The largest count a limit may be set to; beyond it the rule may as well be disabled.
pub const MAX_COUNT: i64 = 1_000_000;
/// The longest that filling in a form may be required to take: an hour.
pub const MAX_COMPLETION_MS: i64 = 3_600_000;

/// A dialect's way of scoring, before anyone tunes it.
#[derive(Debug)]
pub struct Profile {
    /// Whose.
    pub dialect: Dialect,
    /// The score's bands, mildest first; only the last has no upper end.
    pub bands: &'static [ProfileBand],
    /// The signals' limits.
    pub limits: Limits,
    /// The highest score; open upward when `None`.
    pub max_score: Option<i32>,
    /// By how much the points of a category count in events of a type; fully where nothing is said.
    pub factors: &'static [Factor],
    /// What the points of custom rules, which are for a scale of 0 to 1000, count here, in hundredths.
    pub custom_percent: u16,
    /// Names for what fired together.
    pub labels: &'static [ProfileLabel],
    /// How points and the odds of fraud go together; what labels taught counts nothing when `None`.
    pub scale: Option<Scale>,
    /// Whether a tenant may only watch what would be done.
    pub monitors: bool,
    /// The rules, in the order in which they are listed.
    pub rules: &'static [ProfileRule],
}

/// A name for what fired together.
#[derive(Debug)]
pub struct ProfileLabel {
    /// The dialect's code of it.
    pub code: &'static str,
    /// What it means.
    pub description: &'static str,
    /// Sets of rules, by their codes: it applies when all of any one set fired and count.
    pub any_of: &'static [&'static [&'static str]],
    /// The event types it is for.
    pub applies_to: EventTypes,
}

/// A range of scores.
#[derive(Debug)]
pub struct ProfileBand {
    /// The dialect's word for it.
    pub name: &'static str,
    /// The highest score in it; `None` for the last.
    pub max: Option<i32>,
    /// What to do.
    pub outcome: Outcome,
}

/// A signal under a dialect's name, with its points.
#[derive(Debug)]
pub struct ProfileRule {
    /// What is looked for.
    pub signal: &'static Signal,
    /// The dialect's code.
    pub code: &'static str,
    /// The dialect's label.
    pub label: &'static str,
    /// Points when it fires.
    pub points: i32,
    /// The event types it is for.
    pub applies_to: EventTypes,
    /// Whether it is looked at unless someone says otherwise.
    pub enabled: bool,
    /// What it looks at; its points count fully when `None`.
    pub category: Option<Category>,
    /// Whether it tells of labels: its points are part of what was learned.
    pub soft: bool,
}

/// One thing that is wrong with overrides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverrideError {
    /// Where, in the words of [`Overrides`]: `cuts`, `limits.accounts_per_ip`, `rules.TOR_EXIT.weight`.
    pub field: String,
    /// What is wrong, as the end of a sentence that begins with the field.
    pub message: String,
}

impl Profile {
    /// The policy of a tenant: its overrides over the installation's over the profile. What the tenant leaves alone
    /// follows the installation, also after that changes.
    ///
    /// It acts, and knows no labels: that is for the caller to add. Overrides that do not fit the profile, such as those of a rule that is no more, change nothing.
    pub fn policy(&self, global: &Overrides, tenant: &Overrides) -> Policy {
        Policy {
            dialect: self.dialect,
            bands: self.bands_over(&[global, tenant]),
            limits: tenant.limits.over(global.limits.over(self.limits)),
            max_score: self.max_score,
            factors: self.factors.to_vec(),
            labels: self.labels.iter().map(ProfileLabel::to_label).collect(),
            monitor: false,
            learned: None,
            verdicts: Vec::new(),
            rules: self
                .rules
                .iter()
                .map(|rule| rule.over(&[global.rules.get(rule.code), tenant.rules.get(rule.code)]))
                .collect(),
        }
    }

    /// A custom rule as one of this profile's.
    pub fn custom_rule(&self, rule: &CustomRule) -> PolicyRule {
        let points = (i64::from(rule.points) * i64::from(self.custom_percent) + 50).div_euclid(100);
        PolicyRule {
            signal: String::new(),
            code: rule.code.clone(),
            label: rule.name.clone(),
            weight: points as i32,
            enabled: rule.enabled,
            mode: rule.mode,
            applies_to: EventTypes::ALL,
            category: None,
            soft: false,
            custom: Some(rule.condition.clone()),
        }
    }

    /// Everything that is wrong with these overrides.
    ///
    /// Overrides of two layers that each pass make a sound policy together, because cuts are replaced as a whole and
    /// everything else is checked by itself.
    pub fn check(&self, overrides: &Overrides) -> Result<(), Vec<OverrideError>> {
        let mut errors = Vec::new();
        if let Some(cuts) = &overrides.cuts {
            self.check_cuts(cuts, &mut errors);
        }
        check_limits(&overrides.limits, &mut errors);
        for (code, change) in &overrides.rules {
            if self.rule(code).is_none() {
                errors.push(error(format_args!("rules.{code}"), "is not a rule"));
            }
            if let Some(weight) = change.weight
                && !(-MAX_WEIGHT..=MAX_WEIGHT).contains(&weight)
            {
                let message = format!("must be from -{MAX_WEIGHT} to {MAX_WEIGHT}");
                errors.push(error(format_args!("rules.{code}.weight"), message));
            }
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    /// The rule with this code of the dialect.
    pub fn rule(&self, code: &str) -> Option<&'static ProfileRule> {
        self.rules.iter().find(|rule| rule.code == code)
    }

    fn bands_over(&self, layers: &[&Overrides]) -> Vec<Band> {
        let cut_count = self.bands.len().saturating_sub(1);
        let fitting = |layer: &&Overrides| layer.cuts.clone().filter(|cuts| cuts.len() == cut_count);
        let cuts = layers.iter().rev().find_map(fitting);
        let mut bands: Vec<Band> = self.bands.iter().map(ProfileBand::to_band).collect();
        for (band, cut) in bands.iter_mut().zip(cuts.into_iter().flatten()) {
            band.max = Some(cut);
        }
        bands
    }

    fn check_cuts(&self, cuts: &[i32], errors: &mut Vec<OverrideError>) {
        let expected = self.bands.len().saturating_sub(1);
        if cuts.len() != expected {
            errors.push(error("cuts", format!("must be {expected} numbers")));
        }
        if !cuts.is_sorted_by(|a, b| a < b) {
            errors.push(error("cuts", "must ascend, each greater than the one before"));
        }
        if cuts.iter().any(|cut| !(0..=MAX_CUT).contains(cut)) {
            errors.push(error("cuts", format!("must be from 0 to {MAX_CUT}")));
        }
    }
}

impl ProfileBand {
    fn to_band(&self) -> Band {
        Band { name: self.name.to_owned(), max: self.max, outcome: self.outcome }
    }
}

impl ProfileLabel {
    fn to_label(&self) -> PolicyLabel {
        let owned = |codes: &&[&str]| codes.iter().map(|&code| code.to_owned()).collect();
        PolicyLabel {
            code: self.code.to_owned(),
            description: self.description.to_owned(),
            any_of: self.any_of.iter().map(owned).collect(),
            applies_to: self.applies_to,
        }
    }
}

impl ProfileRule {
    fn over(&self, layers: &[Option<&RuleOverride>]) -> PolicyRule {
        let mut rule = PolicyRule {
            signal: self.signal.code.to_owned(),
            code: self.code.to_owned(),
            label: self.label.to_owned(),
            weight: self.points,
            enabled: self.enabled,
            mode: RuleMode::Live,
            applies_to: self.applies_to,
            category: self.category,
            soft: self.soft,
            custom: None,
        };
        for change in layers.iter().copied().flatten() {
            rule.weight = change.weight.unwrap_or(rule.weight);
            rule.enabled = change.enabled.unwrap_or(rule.enabled);
            rule.mode = change.mode.unwrap_or(rule.mode);
        }
        rule
    }
}

fn check_limits(limits: &LimitOverrides, errors: &mut Vec<OverrideError>) {
    let LimitOverrides {
        signups_per_ip_1h,
        signups_per_device_1h,
        accounts_per_ip,
        accounts_per_device,
        min_completion_ms,
    } = *limits;
    let each = [
        ("signups_per_ip_1h", signups_per_ip_1h, MAX_COUNT),
        ("signups_per_device_1h", signups_per_device_1h, MAX_COUNT),
        ("accounts_per_ip", accounts_per_ip, MAX_COUNT),
        ("accounts_per_device", accounts_per_device, MAX_COUNT),
        ("min_completion_ms", min_completion_ms, MAX_COMPLETION_MS),
    ];
    for (name, value, max) in each {
        if value.is_some_and(|value| !(0..=max).contains(&value)) {
            errors.push(error(format_args!("limits.{name}"), format!("must be from 0 to {max}")));
        }
    }
}

fn error(field: impl Display, message: impl Into<String>) -> OverrideError {
    OverrideError { field: field.to_string(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::PROFILE;

    fn weight(code: &str, weight: i32) -> Overrides {
        let change = RuleOverride { weight: Some(weight), ..RuleOverride::default() };
        Overrides { rules: [(code.to_owned(), change)].into(), ..Overrides::default() }
    }

    fn fields(overrides: &Overrides) -> Vec<String> {
        match PROFILE.check(overrides) {
            Ok(()) => Vec::new(),
            Err(errors) => errors.into_iter().map(|error| error.field).collect(),
        }
    }

    #[test]
    fn without_overrides_is_the_profile() {
        let policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        assert_eq!(policy.limits, PROFILE.limits);
        assert_eq!(policy.bands.iter().map(|band| band.max).collect::<Vec<_>>(), [Some(79), Some(119), None]);
        for (rule, row) in policy.rules.iter().zip(PROFILE.rules) {
            assert_eq!((rule.code.as_str(), rule.weight, rule.enabled), (row.code, row.points, row.enabled));
            assert_eq!((rule.signal.as_str(), rule.mode), (row.signal.code, RuleMode::Live));
        }
    }

    #[test]
    fn the_tenant_lies_over_the_installation_over_the_profile() {
        let weight_of_tor =
            |global: &Overrides, tenant: &Overrides| PROFILE.policy(global, tenant).rules[2].weight;
        let none = Overrides::default();
        assert_eq!(weight_of_tor(&none, &none), 60);
        assert_eq!(weight_of_tor(&weight("TOR", 70), &none), 70);
        assert_eq!(weight_of_tor(&weight("TOR", 70), &weight("TOR", 5)), 5);
        assert_eq!(weight_of_tor(&weight("TOR", 70), &weight("MAIL", 5)), 70);
    }

    #[test]
    fn fields_of_one_rule_are_laid_over_one_by_one() {
        let off = RuleOverride { enabled: Some(false), ..RuleOverride::default() };
        let tenant = Overrides { rules: [("TOR".to_owned(), off)].into(), ..Overrides::default() };
        let rule = PROFILE.policy(&weight("TOR", 70), &tenant).rules.swap_remove(2);
        assert_eq!((rule.weight, rule.enabled), (70, false));
    }

    #[test]
    fn cuts_and_limits_are_laid_over() {
        let mut global = Overrides { cuts: Some(vec![10, 20]), ..Overrides::default() };
        global.limits.accounts_per_ip = Some(9);
        let mut tenant = Overrides::default();
        tenant.limits.accounts_per_device = Some(4);
        let policy = PROFILE.policy(&global, &tenant);
        assert_eq!(policy.bands.iter().map(|band| band.max).collect::<Vec<_>>(), [Some(10), Some(20), None]);
        assert_eq!((policy.limits.accounts_per_ip, policy.limits.accounts_per_device), (9, 4));
        tenant.cuts = Some(vec![30, 40]);
        assert_eq!(PROFILE.policy(&global, &tenant).bands[0].max, Some(30));
    }

    #[test]
    fn overrides_of_what_is_no_more_change_nothing() {
        let stale = Overrides { cuts: Some(vec![5]), ..weight("GONE", 1) };
        let none = Overrides::default();
        assert_eq!(PROFILE.policy(&none, &stale), PROFILE.policy(&none, &none));
    }

    #[test]
    fn accepts_the_edges() {
        for cuts in [vec![0, 1], vec![0, MAX_CUT]] {
            assert_eq!(fields(&Overrides { cuts: Some(cuts), ..weight("TOR", -MAX_WEIGHT) }), [""; 0]);
        }
        let mut limits = Overrides::default();
        limits.limits.accounts_per_ip = Some(0);
        limits.limits.min_completion_ms = Some(MAX_COMPLETION_MS);
        assert_eq!(fields(&limits), [""; 0]);
    }

    #[test]
    fn names_everything_that_is_wrong() {
        for cuts in [vec![-1, 5], vec![5, 5], vec![6, 5], vec![5], vec![1, 2, 3], vec![0, MAX_CUT + 1]] {
            assert_eq!(fields(&Overrides { cuts: Some(cuts), ..Overrides::default() }), ["cuts"]);
        }
        let mut overrides = weight("GONE", MAX_WEIGHT + 1);
        overrides.limits.signups_per_ip_1h = Some(-1);
        overrides.limits.min_completion_ms = Some(MAX_COMPLETION_MS + 1);
        let expected =
            ["limits.signups_per_ip_1h", "limits.min_completion_ms", "rules.GONE", "rules.GONE.weight"];
        assert_eq!(fields(&overrides), expected);
    }
}

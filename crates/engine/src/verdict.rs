//! Where rules decide and not their points: the strongest of those that fired.

use portcullis_domain::policy::{Band, RuleVerdict};
use portcullis_domain::{Check, CheckStatus, EventType, Facts, Outcome, Policy};

use crate::{Plan, actions::Verdict, trust::Scale};

/// The word that was answered where rules decide: that of the rule that decided, else the mildest. `None` where points
/// decide.
pub fn answered<'p>(policy: &'p Policy, checks: &[Check]) -> Option<&'p str> {
    if policy.verdicts.is_empty() {
        return None;
    }
    let decided = deciding(policy, checks).map(|verdict| verdict.word.as_str());
    decided.or_else(|| policy.bands.first().map(|band| band.name.as_str()))
}

/// What the rules that fired decide: of the strongest the one that asks for the strictest outcome. `None` when none
/// fired that asks for anything.
fn deciding<'p>(policy: &'p Policy, checks: &[Check]) -> Option<&'p RuleVerdict> {
    let fired = checks.iter().filter(|check| check.status == CheckStatus::Fired);
    let rules = fired.filter_map(|check| policy.rules.get(usize::from(check.rule)));
    let verdicts = rules.filter_map(|rule| policy.verdicts.iter().find(|verdict| verdict.code == rule.code));
    // Of several that are equal the first counts.
    verdicts.reduce(|best, next| {
        let weight = |verdict: &RuleVerdict| (verdict.strength, severity(&policy.bands, &verdict.word));
        if weight(next) > weight(best) { next } else { best }
    })
}

impl Plan {
    pub(crate) fn decided_by_rules(&self, checks: &[Check]) -> Option<Verdict> {
        let bands = &self.policy().bands;
        if self.policy().verdicts.is_empty() {
            return None;
        }
        let word = deciding(self.policy(), checks).map(|verdict| verdict.word.as_str());
        let named = word.and_then(|word| bands.iter().position(|band| band.name == word));
        let outcome = match (word, named) {
            (_, Some(place)) => bands[place].outcome,
            // A word of the tenant's own is for the tenant to act on.
            (Some(_), None) => Outcome::Flag,
            (None, None) => bands.first().map_or(Outcome::Allow, |band| band.outcome),
        };
        Some(Verdict { band: named.unwrap_or(0) as u8, outcome, would: outcome })
    }

    /// How likely the event is fraud by the points of what fired and what labels taught of it; never 0 nor 1.
    pub fn fraud_probability(
        &self,
        facts: &Facts,
        event_type: EventType,
        checks: &[Check],
        scale: Scale,
    ) -> f64 {
        let fired = checks.iter().filter(|check| check.status == CheckStatus::Fired);
        let points: i64 = fired.map(|check| self.hundredths(check.rule, event_type)).sum();
        let learned: i64 = self.learned(facts, checks).iter().map(|points| points.hundredths).sum();
        scale.probability(points.saturating_add(learned))
    }
}

/// Where in the order of strictness a word is: a tenant's own is stricter than the mildest band, and milder than others.
fn severity(bands: &[Band], word: &str) -> usize {
    match bands.iter().position(|band| band.name == word) {
        Some(0) => 0,
        Some(place) => place + 1,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::facts::{email, ip};
    use portcullis_domain::{Assessment, Overrides};

    use super::*;
    use crate::{evaluate, testing::PROFILE};

    /// A login by Tor with a throw-away mailbox, where the two rules ask for these.
    fn assess(verdicts: &[(&str, &str, i32)]) -> (Option<String>, Assessment) {
        let mut policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        let verdict = |&(code, word, strength): &(&str, &str, i32)| RuleVerdict {
            code: code.to_owned(),
            word: word.to_owned(),
            strength,
        };
        policy.verdicts = verdicts.iter().map(verdict).collect();
        let plan = Plan::compile(policy).unwrap();
        let mut facts = Facts::unknown();
        facts.set(ip::IS_TOR, true);
        facts.set(email::IS_DISPOSABLE, true);
        let assessment = evaluate(&facts, EventType::Login, &plan);
        let word = deciding(plan.policy(), &assessment.checks).map(|verdict| verdict.word.clone());
        (word, assessment)
    }

    #[test]
    fn the_strongest_decides_and_of_equals_the_strictest() {
        for (verdicts, word, outcome) in [
            (&[("TOR", "MIDDLE", 1), ("MAIL", "HIGH", 1)][..], Some("HIGH"), Outcome::Block),
            (&[("TOR", "MIDDLE", 2), ("MAIL", "HIGH", 1)], Some("MIDDLE"), Outcome::Challenge),
            (&[("TOR", "LOW", 9), ("MAIL", "HIGH", 1)], Some("LOW"), Outcome::Allow),
            (&[("TOR", "call", 1), ("MAIL", "LOW", 1)], Some("call"), Outcome::Flag),
            (&[("TOR", "call", 1), ("MAIL", "MIDDLE", 1)], Some("MIDDLE"), Outcome::Challenge),
            (&[("RATE", "HIGH", 1)], None, Outcome::Allow),
        ] {
            let (decided, assessment) = assess(verdicts);
            assert_eq!((decided.as_deref(), assessment.outcome), (word, outcome), "{verdicts:?}");
            assert_eq!(assessment.would, assessment.outcome);
        }
    }

    #[test]
    fn without_any_the_bands_decide() {
        assert_eq!(assess(&[]).1.outcome, Outcome::Challenge);
    }
}

//! What a custom rule may say, and trying a condition out: the same for a client's backend and for its people.

use std::ops::RangeInclusive;

use portcullis_engine::rules::{CompiledCondition, Condition, Schema, Truth, Values};
use portcullis_store::{NewRule, RuleChange};
use serde_json::{Map, Value as Json};

const LONGEST_NAME: usize = 100;
const LONGEST_DESCRIPTION: usize = 1_000;
/// What a rule may add to a score of 0 to 1000.
const POINTS: RangeInclusive<i32> = -1_000..=1_000;

/// What can be wrong with a rule or a trial; every API has its own name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleField {
    Name,
    Description,
    Condition,
    Points,
    TestData,
}

/// What is wrong with a field, as the end of a sentence that begins with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) field: RuleField,
    pub(crate) message: String,
}

impl Complaint {
    fn new(field: RuleField, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

/// A rule that can be kept, or everything that is wrong with it. Spaces around name and description are left out; the
/// condition stays as it was written.
pub(crate) fn check_new(mut new: NewRule) -> Result<NewRule, Vec<Complaint>> {
    let mut complaints = Vec::new();
    check_name(&mut new.name, &mut complaints);
    check_description(&mut new.description, &mut complaints);
    check_condition(&new.condition, &mut complaints);
    check_points(new.points, &mut complaints);
    if complaints.is_empty() { Ok(new) } else { Err(complaints) }
}

/// The same for a change.
pub(crate) fn check_change(mut change: RuleChange) -> Result<RuleChange, Vec<Complaint>> {
    let mut complaints = Vec::new();
    if let Some(name) = &mut change.name {
        check_name(name, &mut complaints);
    }
    if let Some(description) = &mut change.description {
        check_description(description, &mut complaints);
    }
    if let Some(condition) = &change.condition {
        check_condition(condition, &mut complaints);
    }
    if let Some(points) = change.points {
        check_points(points, &mut complaints);
    }
    if complaints.is_empty() { Ok(change) } else { Err(complaints) }
}

/// What a condition says about some data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trial {
    /// Whether it holds.
    pub(crate) matched: bool,
    /// Its variables that have no value, in the order of the condition.
    pub(crate) missing: Vec<String>,
    /// What it takes at most to evaluate it.
    pub(crate) cost: u32,
}

/// Runs a condition over data as [`Values::of_json`] takes it.
pub(crate) fn try_condition(condition: &str, data: &Map<String, Json>) -> Result<Trial, Complaint> {
    let condition = compile(condition)?;
    let values = Values::of_json(Schema::standard(), data)
        .map_err(|error| Complaint::new(RuleField::TestData, format!("has a wrong value: {error}")))?;
    Ok(Trial {
        matched: condition.evaluate(&values) == Truth::True,
        missing: condition.missing(&values).map(ToOwned::to_owned).collect(),
        cost: condition.cost(),
    })
}

fn compile(condition: &str) -> Result<CompiledCondition, Complaint> {
    let compiled = Condition::parse(condition).and_then(|parsed| parsed.compile(Schema::standard()));
    compiled.map_err(|error| Complaint::new(RuleField::Condition, format!("is wrong at {error}")))
}

fn check_condition(condition: &str, complaints: &mut Vec<Complaint>) {
    complaints.extend(compile(condition).err());
}

fn check_name(name: &mut String, complaints: &mut Vec<Complaint>) {
    trim(name);
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        let message = format!("must have 1 to {LONGEST_NAME} characters, and no control characters");
        complaints.push(Complaint::new(RuleField::Name, message));
    }
}

/// Line breaks and tabs are no harm in a text of several sentences.
fn check_description(description: &mut String, complaints: &mut Vec<Complaint>) {
    trim(description);
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if description.chars().count() > LONGEST_DESCRIPTION || description.chars().any(is_odd) {
        let message = format!(
            "must have at most {LONGEST_DESCRIPTION} characters, and no control characters but line breaks"
        );
        complaints.push(Complaint::new(RuleField::Description, message));
    }
}

fn check_points(points: i32, complaints: &mut Vec<Complaint>) {
    if !POINTS.contains(&points) {
        let message = format!("must be from {} to {}", POINTS.start(), POINTS.end());
        complaints.push(Complaint::new(RuleField::Points, message));
    }
}

fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        *text = trimmed.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::RuleAction;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn new_rule() -> NewRule {
        NewRule {
            name: " High risk ".to_owned(),
            description: "\nTwo\nlines\n".to_owned(),
            condition: "\n user.age_days < 7\n".to_owned(),
            action: RuleAction::Flag,
            points: 300,
            enabled: true,
            enforcement: None,
        }
    }

    fn complaints(new: NewRule) -> Vec<RuleField> {
        check_new(new).unwrap_err().into_iter().map(|complaint| complaint.field).collect()
    }

    fn trial(condition: &str, data: &Json) -> Result<Trial, Complaint> {
        try_condition(condition, data.as_object().unwrap())
    }

    #[test]
    fn names_are_trimmed_and_conditions_are_not() {
        let checked = check_new(new_rule()).unwrap();
        assert_eq!((checked.name.as_str(), checked.description.as_str()), ("High risk", "Two\nlines"));
        assert_eq!(checked.condition, "\n user.age_days < 7\n");
    }

    #[test]
    fn everything_that_is_wrong_is_told() {
        let wrong = NewRule {
            name: " ".to_owned(),
            description: "\u{0}".to_owned(),
            condition: String::new(),
            points: 1_001,
            ..new_rule()
        };
        let all = [RuleField::Name, RuleField::Description, RuleField::Condition, RuleField::Points];
        assert_eq!(complaints(wrong), all);
        let edges = NewRule {
            name: "é".repeat(LONGEST_NAME),
            description: "é".repeat(LONGEST_DESCRIPTION),
            points: -1_000,
            ..new_rule()
        };
        check_new(edges.clone()).unwrap();
        let beyond = NewRule { name: "é".repeat(LONGEST_NAME + 1), points: -1_001, ..edges.clone() };
        assert_eq!(complaints(beyond), [RuleField::Name, RuleField::Points]);
        let beyond = NewRule { description: "é".repeat(LONGEST_DESCRIPTION + 1), ..edges };
        assert_eq!(complaints(beyond), [RuleField::Description]);
    }

    #[test]
    fn a_change_is_checked_where_it_says_something() {
        check_change(RuleChange::default()).unwrap();
        let change = RuleChange { name: Some(" a ".to_owned()), ..RuleChange::default() };
        assert_eq!(check_change(change).unwrap().name.unwrap(), "a");
        let change = RuleChange { condition: Some("ip.is_tro".to_owned()), ..RuleChange::default() };
        let complaint = &check_change(change).unwrap_err()[0];
        let expected = "is wrong at line 1, column 1: unknown variable ip.is_tro, did you mean ip.is_tor?";
        assert_eq!((complaint.field, complaint.message.as_str()), (RuleField::Condition, expected));
    }

    #[test]
    fn trials_tell_what_is_missing() {
        let condition = "user.age_days < 7 AND device.is_vpn = true AND transaction.amount > 10000";
        let data = json!({ "user": { "age_days": 3 }, "device.is_vpn": true });
        let found = trial(condition, &data).unwrap();
        assert_eq!((found.matched, found.missing), (false, vec!["transaction.amount".to_owned()]));
        let data = json!({ "user.age_days": 3, "device": { "is_vpn": true }, "transaction.amount": 10_001 });
        let found = trial(condition, &data).unwrap();
        assert_eq!((found.matched, found.missing, found.cost), (true, vec![], 4));
        let condition = "metadata.cart.total + 1 > 10 AND metadata.coupon = 'X'";
        let found = trial(condition, &json!({ "metadata": { "cart": { "total": "9.5" } } })).unwrap();
        assert_eq!((found.matched, found.missing), (false, vec!["metadata.coupon".to_owned()]));
        let found = trial(condition, &json!({ "metadata.cart.total": 10, "metadata.coupon": "X" })).unwrap();
        assert!(found.matched);
        let wrong = trial("user.age_days > 1", &json!({ "user.age_days": "3" })).unwrap_err();
        assert_eq!(wrong.field, RuleField::TestData);
        assert_eq!(wrong.message, "has a wrong value: user.age_days must be a number");
    }

    proptest! {
        #[test]
        fn trying_never_panics(condition in ".{0,60}", key in "[a-z._]{0,20}", value in ".{0,10}") {
            let data = json!({ key: value, "user": 7, "ip": { "is_tor": true } });
            let _ = trial(&condition, &data);
        }
    }
}

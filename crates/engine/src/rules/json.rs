//! Conditions written as JSON, in the manner of MongoDB's queries, as the same trees that texts make.
//!
//! ```json
//! { "$and": [ { "threat.is_tor": true }, { "historicalData.device.uniqueUser": { "$gte": 3, "$lt": 10 } } ] }
//! ```
//!
//! A path names a variable: one of [`PATHS`], or the variable's own name; it may stand in `${…}`, which as a value makes it
//! a variable too. Several members must all hold. There is no arithmetic (`$sum`, `$add`, …) and there are no loops
//! (`$transform`, `$reduce`): the language that is run has neither, and says so when one is asked for.

use serde_json::{Map, Value};

use super::{
    Condition, MAX_DEPTH,
    ast::{Comparison, Constant, Expr, Item, Operand, Place, Term},
    types::Type,
    variables::Schema,
};

/// What is called otherwise in JSON, and the variable that it is.
pub const PATHS: [(&str, &str); 25] = [
    ("deviceModel.language", "device.language"),
    ("deviceModel.system", "device.os"),
    ("deviceModel.time_zone_location", "device.timezone"),
    ("eventLimiterCount", "velocity.events_10s"),
    ("eventType", "event.action"),
    ("historicalData.device.uniqueUser", "links.users_on_device"),
    ("historicalData.ip.uniqueUser", "links.users_on_ip"),
    ("historicalData.user._totals_day_", "velocity.daily_count"),
    ("historicalData.user.uniqueDevice", "links.devices_of_user"),
    ("historicalData.user.uniqueIp", "links.ips_of_user"),
    ("ipData.asn_name", "ip.as_org"),
    ("ipData.ip", "ip.address"),
    ("ipGeoData.city", "ip.city"),
    ("ipGeoData.country_code", "ip.country_code"),
    ("ipGeoData.ip_timezone_name", "ip.timezone"),
    ("ipGeoData.latitude", "ip.latitude"),
    ("ipGeoData.longitude", "ip.longitude"),
    ("ipGeoData.region_code", "ip.region"),
    ("threat.is_bogon", "ip.is_private"),
    ("threat.is_datacenter", "ip.is_datacenter"),
    ("threat.is_proxy", "ip.is_proxy"),
    ("threat.is_threat", "ip.is_high_risk_asn"),
    ("threat.is_tor", "ip.is_tor"),
    ("threat.is_vpn", "ip.is_vpn"),
    ("userModel.age", "user.age_days"),
];

const COMPARISONS: [(&str, Comparison); 6] = [
    ("$eq", Comparison::Equal),
    ("$ne", Comparison::NotEqual),
    ("$gt", Comparison::Greater),
    ("$gte", Comparison::GreaterOrEqual),
    ("$lt", Comparison::Less),
    ("$lte", Comparison::LessOrEqual),
];

const NOT_IN_THE_LANGUAGE: [&str; 7] =
    ["$sum", "$add", "$subtract", "$multiply", "$divide", "$transform", "$reduce"];

/// What is wrong with a condition in JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct JsonError {
    /// The place, as a JSON pointer; empty for the whole.
    pub pointer: String,
    /// What is wrong and what to write instead, as the end of a sentence that begins with the place.
    pub message: String,
}

/// Reads a condition. Its names are looked up; its types are for [`Condition::compile`] to check.
pub fn parse(json: &Value) -> Result<Condition, JsonError> {
    let reader = Reader { schema: Schema::standard() };
    let condition = Condition(reader.condition(json, &At::default())?);
    // What can not be written as a text is not to be had here either: too long, too deep, lists that are too long.
    Condition::parse(&condition.to_string()).map_err(|error| At::default().error(error.message))
}

/// A place in the JSON, and how deep it is.
#[derive(Clone, Debug, Default)]
struct At {
    pointer: String,
    depth: usize,
}

impl At {
    fn member(&self, name: impl std::fmt::Display) -> Self {
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{name}", self.pointer), depth: self.depth + 1 }
    }

    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { pointer: self.pointer.clone(), message: message.into() }
    }
}

struct Reader {
    schema: &'static Schema,
}

impl Reader {
    /// An object whose members must all hold.
    fn condition(&self, json: &Value, at: &At) -> Result<Expr, JsonError> {
        if at.depth > 4 * MAX_DEPTH {
            return Err(at.error("is nested too deep"));
        }
        let members = object(json, at)?;
        let tests = members.iter().map(|(key, value)| self.member(key, value, &at.member(key)));
        group(tests.collect::<Result<_, _>>()?, Expr::All).ok_or_else(|| at.error("must not be empty"))
    }

    fn member(&self, key: &str, value: &Value, at: &At) -> Result<Expr, JsonError> {
        match key {
            "$and" => self.group(value, at, Expr::All),
            "$or" => self.group(value, at, Expr::Any),
            "$not" => Ok(Expr::Not(Box::new(self.condition(value, at)?))),
            _ if key.starts_with('$') && !key.starts_with("${") => self.prefixed(key, value, at),
            _ => self.tests_of(self.variable(key, at)?, value, at),
        }
    }

    fn group(&self, json: &Value, at: &At, make: fn(Vec<Expr>) -> Expr) -> Result<Expr, JsonError> {
        let members = array(json, at)?.iter().enumerate();
        let members = members.map(|(index, member)| self.condition(member, &at.member(index)));
        group(members.collect::<Result<_, _>>()?, make).ok_or_else(|| at.error("must not be empty"))
    }

    /// `{"$gt": ["path", 5]}`.
    fn prefixed(&self, operator: &str, value: &Value, at: &At) -> Result<Expr, JsonError> {
        known(operator, at)?;
        let [path, value] = array(value, at)?.as_slice() else {
            return Err(at.error("must be a path and a value"));
        };
        let first = at.member(0);
        let path = path.as_str().ok_or_else(|| first.error("must be a path"))?;
        self.test(self.variable(path, &first)?, operator, value, &at.member(1))
    }

    /// What is asked of a variable: a value that it must have, or operators that must all hold.
    fn tests_of(&self, variable: &str, json: &Value, at: &At) -> Result<Expr, JsonError> {
        let Value::Object(operators) = json else { return self.test(variable, "$eq", json, at) };
        let tests = operators.iter().map(|(operator, value)| {
            let at = at.member(operator);
            match operator.as_str() {
                "$not" if at.depth <= 4 * MAX_DEPTH => {
                    Ok(Expr::Not(Box::new(self.tests_of(variable, value, &at)?)))
                }
                operator => self.test(variable, operator, value, &at),
            }
        });
        group(tests.collect::<Result<_, _>>()?, Expr::All).ok_or_else(|| at.error("must not be empty"))
    }

    fn test(&self, variable: &str, operator: &str, value: &Value, at: &At) -> Result<Expr, JsonError> {
        known(operator, at)?;
        let left = operand(Term::Variable(variable.into()));
        if let Some(&(_, comparison)) = COMPARISONS.iter().find(|(name, _)| *name == operator) {
            let right = operand(self.term(variable, value, at)?);
            return Ok(Expr::Compare { left, comparison, right });
        }
        let list = array(value, at)?.iter().enumerate();
        let list: Vec<Item> = list
            .map(|(index, value)| {
                let constant = self.constant(variable, value, &at.member(index))?;
                Ok(Item { place: Place::default(), constant })
            })
            .collect::<Result<_, _>>()?;
        if list.is_empty() {
            return Err(at.error("must not be empty"));
        }
        Ok(Expr::In { item: left, is_negated: operator == "$nin", list })
    }

    /// A value that is compared with: `${path}` is a variable.
    fn term(&self, variable: &str, value: &Value, at: &At) -> Result<Term, JsonError> {
        match value.as_str() {
            Some(text) if is_interpolated(text) => Ok(Term::Variable(self.variable(text, at)?.into())),
            _ => Ok(Term::Constant(self.constant(variable, value, at)?)),
        }
    }

    /// A value as it is written; `"true"` and `"false"` are booleans where the variable is one.
    fn constant(&self, variable: &str, value: &Value, at: &At) -> Result<Constant, JsonError> {
        let kind = || self.schema.slot(variable).and_then(|slot| self.schema.type_of(slot));
        Ok(match value {
            Value::Null => Constant::Null,
            Value::Bool(flag) => Constant::Bool(*flag),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Constant::Int(whole),
                (None, Some(float)) => Constant::Float(float),
                (None, None) => return Err(at.error("is no number that can be compared with")),
            },
            Value::String(text) if kind() == Some(Type::Bool) => match text.as_str() {
                "true" => Constant::Bool(true),
                "false" => Constant::Bool(false),
                _ => Constant::Text(text.as_str().into()),
            },
            Value::String(text) => Constant::Text(text.as_str().into()),
            Value::Array(_) | Value::Object(_) => return Err(at.error("must be a value")),
        })
    }

    /// The variable that a path names.
    fn variable(&self, path: &str, at: &At) -> Result<&'static str, JsonError> {
        let path = path.strip_prefix("${").and_then(|path| path.strip_suffix('}')).unwrap_or(path);
        let name = PATHS.iter().find(|(json, _)| *json == path).map_or(path, |&(_, name)| name);
        let slot = self.schema.slot(name).and_then(|slot| self.schema.variable(slot));
        slot.map(|variable| variable.name).ok_or_else(|| at.error("names nothing that rules can look at"))
    }
}

fn is_interpolated(text: &str) -> bool {
    text.starts_with("${") && text.ends_with('}')
}

fn known(operator: &str, at: &At) -> Result<(), JsonError> {
    if operator == "$in" || operator == "$nin" || COMPARISONS.iter().any(|(name, _)| *name == operator) {
        return Ok(());
    }
    if NOT_IN_THE_LANGUAGE.contains(&operator) {
        return Err(at.error("is not supported: conditions compare values, and compute none"));
    }
    Err(at.error("is not an operator; use $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $and, $or or $not"))
}

fn object<'j>(json: &'j Value, at: &At) -> Result<&'j Map<String, Value>, JsonError> {
    json.as_object().ok_or_else(|| at.error("must be an object"))
}

fn array<'j>(json: &'j Value, at: &At) -> Result<&'j Vec<Value>, JsonError> {
    json.as_array().ok_or_else(|| at.error("must be an array"))
}

/// A single member is no group.
fn group(mut members: Vec<Expr>, make: fn(Vec<Expr>) -> Expr) -> Option<Expr> {
    if members.len() > 1 { Some(make(members)) } else { members.pop() }
}

const fn operand(term: Term) -> Operand {
    Operand { place: Place { line: 0, column: 0 }, term }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn text(json: &Value) -> Result<String, String> {
        parse(json).map(|condition| condition.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn says_the_same_as_the_text() {
        for (json, expected) in [
            (json!({"threat.is_tor": true}), "ip.is_tor = true"),
            (json!({"${threat.is_tor}": "true"}), "ip.is_tor = true"),
            (json!({"ip.asn": {"$gte": 3, "$lt": 9.5}}), "ip.asn >= 3 AND ip.asn < 9.5"),
            (
                json!({"ipGeoData.country_code": {"$nin": ["DE", "FR"]}}),
                "ip.country_code NOT IN ('DE', 'FR')",
            ),
            (json!({"device.timezone": {"$ne": "${ip.timezone}"}}), "device.timezone != ip.timezone"),
            (json!({"$gt": ["historicalData.device.uniqueUser", 3]}), "links.users_on_device > 3"),
            (
                json!({"$or": [{"eventType": "signup"}, {"$not": {"ip.city": null}}]}),
                "event.action = 'signup' OR NOT ip.city = null",
            ),
            (
                json!({"$and": [{"$or": [{"ip.is_vpn": true}, {"ip.is_proxy": true}]}, {"ip.asn": {"$not": {"$eq": 1}}}]}),
                "(ip.is_vpn = true OR ip.is_proxy = true) AND NOT ip.asn = 1",
            ),
            (json!({"$or": [{"ip.city": "O'Hare"}]}), "ip.city = 'O''Hare'"),
        ] {
            assert_eq!(text(&json).as_deref(), Ok(expected), "{json}");
            let condition = parse(&json).unwrap();
            assert_eq!(Condition::parse(expected).unwrap(), condition);
            condition.compile(Schema::standard()).unwrap();
        }
    }

    #[test]
    fn says_where_it_is_wrong() {
        for (json, expected) in [
            (json!([]), ": must be an object"),
            (json!({}), ": must not be empty"),
            (
                json!({"$and": [{"ip.is_tor": true}, {"nobody": 1}]}),
                "/$and/1/nobody: names nothing that rules can look at",
            ),
            (json!({"ip.asn": {"$gt": [1]}}), "/ip.asn/$gt: must be a value"),
            (json!({"ip.asn": {"$in": []}}), "/ip.asn/$in: must not be empty"),
            (json!({"ip.asn": {"$in": [1, {}]}}), "/ip.asn/$in/1: must be a value"),
            (json!({"$or": 1}), "/$or: must be an array"),
            (
                json!({"ip.asn": {"$sum": [1, 2]}}),
                "/ip.asn/$sum: is not supported: conditions compare values, and compute none",
            ),
            (
                json!({"$near": [1, 2]}),
                "/$near: is not an operator; use $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $and, $or or $not",
            ),
        ] {
            assert_eq!(text(&json), Err(expected.to_owned()), "{json}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused() {
        let mut json = json!({"ip.is_tor": true});
        for _ in 0..500 {
            json = json!({ "$not": json });
        }
        assert!(parse(&json).is_err());
    }

    #[test]
    fn every_path_is_a_variable() {
        for (path, name) in PATHS {
            assert!(Schema::standard().slot(name).is_some(), "{path}: {name}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9f64).prop_map(Value::from),
            "[a-z' ü]{0,6}".prop_map(Value::from),
            Just(Value::Null),
        ]
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let name = prop::sample::select(vec!["ip.asn", "ip.is_tor", "eventType", "nobody"]);
        let operator = prop::sample::select(vec!["$eq", "$gte", "$lt", "$in", "$not", "$sum"]);
        let leaf = prop_oneof![
            (name.clone(), any_value()).prop_map(|(name, value)| json!({ name: value })),
            (name, operator, prop::collection::vec(any_value(), 0..3)).prop_map(
                |(name, operator, values)| {
                    let value = if operator == "$in" { json!(values) } else { json!(values.first()) };
                    json!({ name: { operator: value } })
                }
            ),
        ];
        leaf.prop_recursive(4, 20, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(|members| json!({ "$and": members })),
                prop::collection::vec(inner.clone(), 0..3).prop_map(|members| json!({ "$or": members })),
                inner.prop_map(|member| json!({ "$not": member })),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_text_of_what_was_read_is_the_same_condition(json in any_json()) {
            let reader = Reader { schema: Schema::standard() };
            if let (Ok(tree), Ok(condition)) = (reader.condition(&json, &At::default()), parse(&json)) {
                prop_assert_eq!(&Condition(tree), &condition);
                prop_assert_eq!(Condition::parse(&condition.to_string()).unwrap(), condition);
            }
        }
    }
}

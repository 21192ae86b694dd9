//! What rules may name although nobody declared it: what the caller sent of an event in words of its own,
//! `metadata.cart.total`, and what the event's API shows of it, `instance.userModel.age`.

use portcullis_domain::facts::{Details, Value};
use serde_json::{Map, Value as Json};

use super::leaves;

/// What the names of what was sent begin with.
pub const SENT: &str = "metadata.";
/// What the names of what an API shows begin with.
pub const SHOWN: &str = "instance.";
/// How many values of one event can be read. The first in the order of their names count.
pub const MOST: usize = 64;
/// The longest name that can be read, bytes.
pub const LONGEST_NAME_BYTES: usize = 128;
/// The longest text that can be read, bytes.
pub const LONGEST_TEXT_BYTES: usize = 256;
/// How deep objects and arrays are looked into.
pub const DEEPEST: usize = 8;

/// Whether a condition may name this.
pub(super) fn is_name(name: &str) -> bool {
    name.strip_prefix(SENT).is_some_and(|path| !path.is_empty())
        || name.strip_prefix(SHOWN).is_some_and(leaves::is_leaf)
}

/// What of an object rules can read, as `metadata.…`: texts, numbers and booleans. Members of members, and the elements
/// of arrays by their index, have dotted names.
pub fn of_metadata(object: &Map<String, Json>) -> Details {
    let mut values = Vec::new();
    flatten(object, SENT, 1, &mut values);
    values.into_iter().collect()
}

/// What of a sample of values is under names that are not declared.
pub(super) fn of_sample(sample: &Map<String, Json>) -> Details {
    let mut values = Vec::new();
    for (name, value) in sample {
        match value {
            Json::Object(members) if [SENT, SHOWN].contains(&format!("{name}.").as_str()) => {
                flatten(members, &format!("{name}."), 1, &mut values);
            }
            value if is_name(name) => put(name.clone(), value, 1, &mut values),
            _ => {}
        }
    }
    values.into_iter().collect()
}

fn flatten(object: &Map<String, Json>, prefix: &str, depth: usize, values: &mut Vec<(String, Value)>) {
    for (key, value) in object {
        put(format!("{prefix}{key}"), value, depth, values);
    }
}

fn put(name: String, value: &Json, depth: usize, values: &mut Vec<(String, Value)>) {
    if values.len() >= MOST || name.len() > LONGEST_NAME_BYTES || name.chars().any(char::is_control) {
        return;
    }
    match value {
        Json::Object(members) if depth < DEEPEST => {
            flatten(members, &format!("{name}."), depth + 1, values);
        }
        Json::Array(elements) if depth < DEEPEST => {
            for (index, element) in elements.iter().enumerate().take(MOST) {
                put(format!("{name}.{index}"), element, depth + 1, values);
            }
        }
        value => values.extend(scalar(value).map(|value| (name, value))),
    }
}

/// What an object has under one of the names that begin with [`SHOWN`]. Each `${…}` in it stands for what the object has
/// under that name.
pub fn shown(object: &Map<String, Json>, name: &str) -> Option<Value> {
    let mut path = String::new();
    let mut rest = name.strip_prefix(SHOWN)?;
    while let Some((before, after)) = rest.split_once("${") {
        let (template, after) = after.split_once('}')?;
        path.push_str(before);
        path.push_str(&match find(object, template)? {
            Json::String(text) => text.clone(),
            value @ (Json::Number(_) | Json::Bool(_)) => value.to_string(),
            Json::Null | Json::Array(_) | Json::Object(_) => return None,
        });
        rest = after;
    }
    path.push_str(rest);
    find(object, &path).or_else(|| find(object, &leaves::canonical(&path))).and_then(scalar)
}

/// The member of this dotted name; names of members may have points themselves.
fn find<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.get(name).or_else(|| {
        name.match_indices('.')
            .find_map(|(point, _)| find(object.get(&name[..point])?.as_object()?, &name[point + 1..]))
    })
}

/// A value as rules read it; `None` for what they can not.
pub fn scalar(value: &Json) -> Option<Value> {
    match value {
        Json::Bool(flag) => Some(Value::Bool(*flag)),
        Json::Number(number) => number.as_i64().map(Value::Int).or(number.as_f64().map(Value::Float)),
        Json::String(text) if text.len() <= LONGEST_TEXT_BYTES => Some(Value::Text(text.as_str().into())),
        Json::String(_) | Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(object: &Json) -> Vec<String> {
        of_metadata(object.as_object().unwrap()).iter().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn members_of_members_have_dotted_names() {
        let sent = json!({
            "cart": { "total": 12.5, "items": [{ "sku": "a" }, { "sku": "b" }] },
            "vip": true, "note": null, "amount": "500", "big": u64::MAX,
        });
        let details = of_metadata(sent.as_object().unwrap());
        let expected = [
            ("metadata.amount", Value::Text("500".into())),
            ("metadata.big", Value::Float(u64::MAX as f64)),
            ("metadata.cart.items.0.sku", Value::Text("a".into())),
            ("metadata.cart.items.1.sku", Value::Text("b".into())),
            ("metadata.cart.total", Value::Float(12.5)),
            ("metadata.vip", Value::Bool(true)),
        ];
        assert_eq!(
            details.iter().collect::<Vec<_>>(),
            expected.each_ref().map(|(name, value)| (*name, value))
        );
    }

    #[test]
    fn names_in_braces_stand_for_their_values() {
        let object = json!({
            "ipGeoData": { "country_code": "US", "city": "St. Louis" },
            "userModel": { "country_code": { "US": { "percent": 0.5 } }, "city": { "St. Louis": { "counter": 3 } } },
            "historicalData": { "user": { "uniqueIp": { "_totals_day_": 2 } } },
            "timeData": { "localHour": null },
        });
        for (name, expected) in [
            ("instance.ipGeoData.city", Some(Value::Text("St. Louis".into()))),
            ("instance.userModel.country_code.${ipGeoData.country_code}.percent", Some(Value::Float(0.5))),
            ("instance.userModel.city.${ipGeoData.city}.counter", Some(Value::Int(3))),
            ("instance.userModel.city.${timeData.localHour}.counter", None),
            ("instance.historicalData.user.uniqueIp", None),
            ("instance.historicalData.user.uniqueIp._totals_day_", Some(Value::Int(2))),
            ("instance.historicalData.user.uniqueIp._totals_24_hours", Some(Value::Int(2))),
            ("instance.timeData.localHour", None),
            ("metadata.ipGeoData.city", None),
        ] {
            assert_eq!(shown(object.as_object().unwrap(), name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_too_much_is_left_out() {
        let many: Map<_, _> = (0..=MOST).map(|index| (format!("n{index:03}"), json!(index))).collect();
        assert_eq!(names(&Json::Object(many)).len(), MOST);
        let edge = LONGEST_NAME_BYTES - SENT.len();
        assert_eq!(names(&json!({ "a".repeat(edge): 1, "b".repeat(edge + 1): 1 })).len(), 1);
        let texts = json!({ "a": "x".repeat(LONGEST_TEXT_BYTES), "b": "x".repeat(LONGEST_TEXT_BYTES + 1) });
        assert_eq!(names(&texts), ["metadata.a"]);
        assert_eq!(names(&json!({ "a\nb": 1, "c": 2 })), ["metadata.c"]);
        let nested = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert_eq!((names(&nested(DEEPEST)).len(), names(&nested(DEEPEST + 1)).len()), (1, 0));
        let wide = json!({ "list": vec![json!({ "a": 1 }); 500] });
        assert_eq!(names(&wide).len(), MOST);
    }
}

//! The values of all variables for one event, or for one test of a condition.

use std::borrow::Cow;

use portcullis_domain::{Fact, Facts, facts::Details};
use serde_json::{Map, Value as Json};

use super::{
    details,
    types::Type,
    value::Value,
    variables::{Schema, Slot},
};

/// A value for every variable of a schema, or none. Made once for an event, and then read by any number of conditions.
#[derive(Clone, Debug)]
pub struct Values<'a> {
    schema: &'a Schema,
    slots: Box<[Option<Value<'a>>]>,
    details: Cow<'a, Details>,
}

/// A value that its variable can not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} must be {expected}")]
pub struct ValueError {
    /// The variable.
    pub variable: &'static str,
    /// The type that it has.
    pub expected: Type,
}

impl<'a> Values<'a> {
    /// No variable has a value.
    pub fn unknown(schema: &'a Schema) -> Self {
        Self { schema, slots: vec![None; schema.len()].into(), details: Cow::Owned(Details::none()) }
    }

    /// The values of the facts that are known, under all their names.
    pub fn of_facts(schema: &'a Schema, facts: &'a Facts) -> Self {
        let mut values = Self::unknown(schema);
        for (slot, (_, fact)) in values.slots.iter_mut().zip(facts.iter()) {
            *slot = match fact {
                Fact::Known(value) => known(value.into()),
                Fact::Missing(_) => None,
            };
        }
        values.fill_aliases();
        values.details = Cow::Borrowed(facts.details());
        values
    }

    /// The values in a JSON object: flat, `{"user.age_days": 3}`, nested, `{"user": {"age_days": 3}}`, or both, of which
    /// flat counts. Null is a missing value; what names no variable is ignored.
    pub fn of_json(schema: &'a Schema, object: &'a Map<String, Json>) -> Result<Self, ValueError> {
        let mut values = Self::unknown(schema);
        for (slot, variable) in schema.iter() {
            let value = match find(object, variable.name) {
                None | Some(Json::Null) => continue,
                Some(Json::Bool(value)) => Some(Value::Bool(*value)),
                Some(Json::Number(value)) => {
                    value.as_i64().map(Value::Int).or(value.as_f64().map(Value::Float))
                }
                Some(Json::String(value)) => Some(Value::Text(value)),
                Some(Json::Array(_) | Json::Object(_)) => None,
            };
            let error = ValueError { variable: variable.name, expected: variable.kind.into() };
            values.put(slot, value.ok_or(error)?)?;
        }
        values.fill_aliases();
        values.details = Cow::Owned(details::of_sample(object));
        Ok(values)
    }

    /// Gives a variable its value, under this name alone. Fails, and changes nothing, when the variable has another type;
    /// whole numbers are not told from others. A slot of another schema is ignored.
    pub fn put(&mut self, slot: Slot, value: Value<'a>) -> Result<(), ValueError> {
        let Some(variable) = self.schema.variable(slot) else { return Ok(()) };
        let expected = Type::from(variable.kind);
        if value.type_of() != expected {
            return Err(ValueError { variable: variable.name, expected });
        }
        self.slots[slot.index()] = known(value);
        Ok(())
    }

    /// The variable's value, if it has one.
    pub fn get(&self, slot: Slot) -> Option<Value<'a>> {
        self.slots.get(slot.index()).copied().flatten()
    }

    /// The value of what was not declared, by its name.
    pub fn detail(&self, name: &str) -> Option<Value<'_>> {
        known(self.details.get(name)?.into())
    }

    /// Gives aliases without a value of their own that of the fact they stand for.
    fn fill_aliases(&mut self) {
        for &(alias, fact) in self.schema.aliases() {
            self.slots[alias.index()] = self.get(alias).or(self.get(fact));
        }
    }
}

/// The value, unless it says nothing.
fn known(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Float(float) if float.is_nan() => None,
        _ => Some(value),
    }
}

/// The member of this dotted name, flat or nested.
fn find<'j>(object: &'j Map<String, Json>, name: &str) -> Option<&'j Json> {
    object.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        find(object.get(first)?.as_object()?, rest)
    })
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;
    use portcullis_domain::facts::{ip, links};
    use serde_json::json;

    use super::*;

    fn get<'a>(values: &Values<'a>, name: &str) -> Option<Value<'a>> {
        values.get(Schema::standard().slot(name).unwrap())
    }

    #[test]
    fn facts_have_their_values_under_all_their_names() {
        let mut facts = Facts::unknown();
        facts.set(ip::COUNTRY_CODE, "MA");
        facts.set(ip::IS_VPN, true);
        facts.set(links::USERS_ON_DEVICE, 2);
        facts.set(ip::LATITUDE, f64::NAN);
        facts.set_missing(ip::CITY, Missing::NotFound);
        let values = Values::of_facts(Schema::standard(), &facts);
        assert_eq!(get(&values, "ip.country_code"), Some(Value::Text("MA")));
        assert_eq!(get(&values, "ip.is_vpn"), Some(Value::Bool(true)));
        assert_eq!(get(&values, "device.is_vpn"), Some(Value::Bool(true)));
        assert_eq!(get(&values, "device.linked_accounts"), Some(Value::Int(2)));
        for missing in ["ip.latitude", "ip.city", "ip.is_tor", "transaction.amount"] {
            assert_eq!(get(&values, missing), None, "{missing}");
        }
    }

    #[test]
    fn json_is_flat_or_nested() {
        let data = json!({
            "user": { "age_days": 3, "verification_count": 1.5 },
            "user.age_days": 4,
            "transaction": { "currency": "MAD", "amount": 18_446_744_073_709_551_615_u64, "other": [] },
            "device": { "is_vpn": null },
            "links": { "users_on_device": 2 },
            "nobody.knows": {},
        });
        let values = Values::of_json(Schema::standard(), data.as_object().unwrap()).unwrap();
        assert_eq!(get(&values, "user.age_days"), Some(Value::Int(4)));
        assert_eq!(get(&values, "user.verification_count"), Some(Value::Float(1.5)));
        assert_eq!(get(&values, "transaction.currency"), Some(Value::Text("MAD")));
        assert_eq!(get(&values, "transaction.amount"), Some(Value::Float(18_446_744_073_709_551_615.0)));
        assert_eq!(get(&values, "device.is_vpn"), None);
        assert_eq!(get(&values, "device.linked_accounts"), Some(Value::Int(2)));
    }

    #[test]
    fn values_of_another_type_are_refused_by_name() {
        let cases = [
            (json!({ "user.age_days": "3" }), "user.age_days must be a number"),
            (json!({ "device": { "is_vpn": 1 } }), "device.is_vpn must be a boolean"),
            (json!({ "event": { "type": ["login"] } }), "event.type must be a text"),
        ];
        for (data, expected) in cases {
            let error = Values::of_json(Schema::standard(), data.as_object().unwrap()).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}

//! Facts under names that nobody declared: what a caller sent of an event in words of its own, and what else rules ask for
//! by name. They may be personal data, and are stored sealed.

use std::fmt;

use compact_str::CompactString;

use crate::varint::{self, Damaged};

use super::{
    Fact, Facts, Value,
    codec::{decode_fact, encode_fact},
};

/// Values by dotted name, in the order of the names.
#[derive(Clone, Default, PartialEq)]
pub struct Details(Box<[(CompactString, Value)]>);

impl Details {
    /// No values.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.binary_search_by(|(other, _)| other.as_str().cmp(name)).ok()?;
        Some(&self.0[found].1)
    }

    /// All values with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Appends the stored form to `out`: the number of values, then each name and value as facts are stored.
    pub fn encode(&self, out: &mut Vec<u8>) {
        varint::put(out, self.0.len() as u64);
        for (name, value) in &self.0 {
            varint::put_bytes(out, name.as_bytes());
            encode_fact(&Fact::Known(value.clone()), out);
        }
    }

    /// Reads the stored form from the front of `bytes` and moves past it.
    pub fn decode(bytes: &mut &[u8]) -> Result<Self, Damaged> {
        let values = (0..varint::take_length(bytes)?).map(|_| {
            let name = CompactString::from_utf8(varint::take_bytes(bytes)?).map_err(|_| Damaged)?;
            let value = decode_fact(varint::take_byte(bytes)?, bytes)?.known().ok_or(Damaged)?;
            Ok((name, value))
        });
        let values: Vec<_> = values.collect::<Result<_, _>>()?;
        if !values.is_sorted_by(|(a, _), (b, _)| a < b) {
            return Err(Damaged);
        }
        Ok(Self(values.into()))
    }
}

impl<N: Into<CompactString>> FromIterator<(N, Value)> for Details {
    /// Of several values of one name the first counts.
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(values: I) -> Self {
        let mut values: Vec<(CompactString, Value)> =
            values.into_iter().map(|(name, value)| (name.into(), value)).collect();
        values.sort_by(|(a, _), (b, _)| a.cmp(b));
        values.dedup_by(|(later, _), (first, _)| later == first);
        Self(values.into())
    }
}

impl fmt::Debug for Details {
    /// Names and values may be personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Details({})", self.0.len())
    }
}

impl Facts {
    /// The facts under names that nobody declared.
    pub const fn details(&self) -> &Details {
        &self.details
    }

    /// Sets all of them.
    pub fn set_details(&mut self, details: Details) {
        self.details = details;
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn any_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::Int),
            (-1e9..1e9f64).prop_map(Value::Float),
            ".{0,20}".prop_map(|text| Value::Text(text.into())),
        ]
    }

    #[test]
    fn of_several_values_of_a_name_the_first_counts() {
        let values = [("b", 1), ("a", 2), ("b", 3)].map(|(name, value)| (name, Value::Int(value)));
        let details: Details = values.into_iter().collect();
        assert_eq!(details.iter().collect::<Vec<_>>(), [("a", &Value::Int(2)), ("b", &Value::Int(1))]);
        assert_eq!((details.get("b"), details.get("c")), (Some(&Value::Int(1)), None));
        assert_eq!(format!("{details:?}"), "Details(2)");
    }

    proptest! {
        #[test]
        fn decode_undoes_encode(values in vec(("[a-z.]{0,9}", any_value()), 0..9)) {
            let details: Details = values.into_iter().collect();
            let mut stored = Vec::new();
            details.encode(&mut stored);
            let mut rest = stored.as_slice();
            prop_assert_eq!(Details::decode(&mut rest).unwrap(), details);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = Details::decode(&mut bytes.as_slice());
        }
    }
}

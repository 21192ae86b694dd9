//! Values and how they compare.

use std::cmp::Ordering;

use portcullis_domain::facts;

use super::types::Type;

/// A value of a variable. Numbers are one type, whether whole or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any number; one that is not a number at all counts as missing.
    Float(f64),
    /// Text.
    Text(&'a str),
}

impl Value<'_> {
    /// Its type.
    pub const fn type_of(self) -> Type {
        match self {
            Self::Bool(_) => Type::Bool,
            Self::Int(_) | Self::Float(_) => Type::Number,
            Self::Text(_) => Type::Text,
        }
    }

    /// Whether the two are the same; `None` when they can not be compared.
    pub(super) fn equals(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a == b),
            (Self::Text(a), Self::Text(b)) => Some(a == b),
            _ => self.order(other).map(Ordering::is_eq),
        }
    }

    /// Which of two numbers is larger, exactly; `None` when one is no number.
    pub(super) fn order(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => order_mixed(a, b),
            (Self::Float(a), Self::Int(b)) => order_mixed(b, a).map(Ordering::reverse),
            _ => None,
        }
    }
}

impl<'a> From<&'a facts::Value> for Value<'a> {
    fn from(value: &'a facts::Value) -> Self {
        match value {
            facts::Value::Bool(value) => Self::Bool(*value),
            facts::Value::Int(value) => Self::Int(*value),
            facts::Value::Float(value) => Self::Float(*value),
            facts::Value::Text(value) => Self::Text(value),
        }
    }
}

/// Compares without rounding the whole number: not every one above 2⁵³ has a float.
fn order_mixed(whole: i64, float: f64) -> Option<Ordering> {
    /// 2⁶³, the first float above every `i64`.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        None
    } else if float >= END {
        Some(Ordering::Less)
    } else if float < -END {
        Some(Ordering::Greater)
    } else {
        let by_whole = whole.cmp(&(float.trunc() as i64));
        Some(by_whole.then(0.0_f64.partial_cmp(&float.fract())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_and_other_numbers_compare_exactly() {
        let cases = [
            (7, 7.0, Ordering::Equal),
            (7, 7.5, Ordering::Less),
            (8, 7.5, Ordering::Greater),
            (-7, -7.5, Ordering::Greater),
            (-8, -7.5, Ordering::Less),
            (0, -0.5, Ordering::Greater),
            (0, -0.0, Ordering::Equal),
            (9_007_199_254_740_993, 9_007_199_254_740_992.0, Ordering::Greater),
            (i64::MAX, 9_223_372_036_854_775_807.0, Ordering::Less),
            (i64::MIN, -9_223_372_036_854_775_808.0, Ordering::Equal),
            (i64::MAX, f64::INFINITY, Ordering::Less),
            (i64::MIN, f64::NEG_INFINITY, Ordering::Greater),
        ];
        for (whole, float, expected) in cases {
            let (whole, float) = (Value::Int(whole), Value::Float(float));
            assert_eq!(whole.order(float), Some(expected), "{whole:?} {float:?}");
            assert_eq!(float.order(whole), Some(expected.reverse()), "{float:?} {whole:?}");
        }
    }

    #[test]
    fn what_can_not_be_compared_is_not_unequal() {
        let nan = Value::Float(f64::NAN);
        for (a, b) in [(nan, nan), (nan, Value::Int(1)), (Value::Text("1"), Value::Int(1))] {
            assert_eq!((a.equals(b), a.order(b)), (None, None));
        }
        assert_eq!(Value::Text("a").order(Value::Text("b")), None);
    }
}

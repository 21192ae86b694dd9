//! Values and how they compare.

use std::cmp::Ordering;

use portcullis_domain::facts;

use super::{ast::Arithmetic, types::Type};

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

    /// What the two numbers make: a whole number where it is one of 64 bits and comes from such, else a float. `None` for
    /// what are no numbers, what is divided by zero, and what is too large for a float.
    pub(super) fn compute(self, arithmetic: Arithmetic, other: Self) -> Option<Self> {
        if let (Self::Int(a), Self::Int(b)) = (self, other)
            && let Some(whole) = compute_whole(a, arithmetic, b)
        {
            return Some(Self::Int(whole));
        }
        let (a, b) = (self.float()?, other.float()?);
        let float = match arithmetic {
            Arithmetic::Add => a + b,
            Arithmetic::Subtract => a - b,
            Arithmetic::Multiply => a * b,
            Arithmetic::Divide => a / b,
        };
        float.is_finite().then_some(Self::Float(float))
    }

    const fn float(self) -> Option<f64> {
        match self {
            Self::Int(value) => Some(value as f64),
            Self::Float(value) => Some(value),
            Self::Bool(_) | Self::Text(_) => None,
        }
    }

    /// The value as one of this type: a text that is written like a number, `true` or `false` can be one, because forms
    /// send all they have as texts.
    pub(super) fn read_as(self, of: Option<Type>) -> Option<Self> {
        match (self, of) {
            (Self::Text(text), Some(Type::Number)) => match (text.parse(), text.parse::<f64>()) {
                (Ok(whole), _) => Some(Self::Int(whole)),
                (_, Ok(float)) if float.is_finite() => Some(Self::Float(float)),
                _ => None,
            },
            (Self::Text(text), Some(Type::Bool)) => text.parse().ok().map(Self::Bool),
            (value, Some(of)) if value.type_of() != of => None,
            (value, _) => Some(value),
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

/// `None` when it is no whole number of 64 bits.
const fn compute_whole(a: i64, arithmetic: Arithmetic, b: i64) -> Option<i64> {
    match arithmetic {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => match a.checked_rem(b) {
            Some(0) => a.checked_div(b),
            _ => None,
        },
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
    fn numbers_stay_whole_where_they_can() {
        use Arithmetic::{Add, Divide, Multiply, Subtract};
        use Value::{Float, Int};
        let cases = [
            (Int(7), Add, Int(2), Some(Int(9))),
            (Int(7), Subtract, Float(0.5), Some(Float(6.5))),
            (Int(7), Divide, Int(2), Some(Float(3.5))),
            (Int(6), Divide, Int(-2), Some(Int(-3))),
            (Int(i64::MAX), Add, Int(1), Some(Float(9_223_372_036_854_775_808.0))),
            (Int(i64::MIN), Divide, Int(-1), Some(Float(9_223_372_036_854_775_808.0))),
            (Int(i64::MAX), Multiply, Int(i64::MAX), Some(Float(8.507_059_173_023_462e37))),
            (Int(7), Divide, Int(0), None),
            (Int(0), Divide, Int(0), None),
            (Float(7.0), Divide, Float(-0.0), None),
            (Float(f64::MAX), Add, Float(f64::MAX), None),
            (Float(f64::MAX), Multiply, Int(2), None),
            (Int(7), Add, Value::Bool(true), None),
            (Value::Text("7"), Add, Int(7), None),
        ];
        for (a, arithmetic, b, expected) in cases {
            assert_eq!(a.compute(arithmetic, b), expected, "{a:?} {arithmetic:?} {b:?}");
        }
    }

    #[test]
    fn texts_are_read_as_what_they_spell() {
        let read = |text, of| Value::Text(text).read_as(Some(of));
        for (text, expected) in [
            ("500", Some(Value::Int(500))),
            ("-1.5", Some(Value::Float(-1.5))),
            ("2e3", Some(Value::Float(2_000.0))),
            ("", None),
            ("inf", None),
            ("NaN", None),
            ("1,5", None),
        ] {
            assert_eq!(read(text, Type::Number), expected, "{text}");
        }
        assert_eq!(read("true", Type::Bool), Some(Value::Bool(true)));
        assert_eq!((read("yes", Type::Bool), read("7", Type::Text)), (None, Some(Value::Text("7"))));
        assert_eq!(Value::Int(1).read_as(Some(Type::Bool)), None);
        assert_eq!(Value::Int(1).read_as(None), Some(Value::Int(1)));
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

//! The stored form of declared facts: for each slot a tag byte, then the value. Details are stored apart.
//!
//! Tags: 0–3 missing for that reason, 4 false, 5 true, 6 integer (zigzag varint), 7 float (8 bytes, little-endian),
//! 8 text (varint length, UTF-8), 9 float that fits an `f32` exactly (4 bytes). Runs of slots of which nothing was
//! sent are one byte: 128 + length − 1. A record written when fewer facts existed reads with the rest not sent.

use compact_str::CompactString;

use crate::varint::{self, Damaged};

use super::{ALL, COUNT, Fact, Facts, Kind, Missing, Value};

const RUN: u8 = 128;
const LONGEST_RUN: usize = 128;

impl Facts {
    /// Appends the stored form to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let not_sent = Fact::Missing(Missing::NotSent);
        let mut slot = 0;
        varint::put(out, COUNT as u64);
        while slot < COUNT {
            let run =
                self.slots[slot..].iter().take(LONGEST_RUN).take_while(|fact| **fact == not_sent).count();
            if run > 0 {
                out.push(RUN + (run - 1) as u8);
                slot += run;
            } else {
                encode_fact(&self.slots[slot], out);
                slot += 1;
            }
        }
    }

    /// Reads the stored form from the front of `bytes` and moves past it.
    pub fn decode(bytes: &mut &[u8]) -> Result<Self, Damaged> {
        let mut facts = Self::unknown();
        let written = varint::take(bytes)? as usize;
        let mut slot = 0;
        while slot < written {
            let tag = varint::take_byte(bytes)?;
            if tag >= RUN {
                slot += usize::from(tag - RUN) + 1;
                continue;
            }
            let fact = decode_fact(tag, bytes)?;
            let place = facts.slots.get_mut(slot).ok_or(Damaged)?;
            if let Fact::Known(value) = &fact
                && kind_of(value) != ALL[slot].kind
            {
                return Err(Damaged);
            }
            *place = fact;
            slot += 1;
        }
        if slot == written { Ok(facts) } else { Err(Damaged) }
    }
}

const fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(_) => Kind::Int,
        Value::Float(_) => Kind::Float,
        Value::Text(_) => Kind::Text,
    }
}

pub(super) fn encode_fact(fact: &Fact<Value>, out: &mut Vec<u8>) {
    match fact {
        Fact::Missing(reason) => out.push(*reason as u8),
        Fact::Known(Value::Bool(value)) => out.push(4 + u8::from(*value)),
        Fact::Known(Value::Int(value)) => {
            out.push(6);
            varint::put_signed(out, *value);
        }
        Fact::Known(Value::Float(value)) => {
            let short = *value as f32;
            if f64::from(short).to_bits() == value.to_bits() {
                out.push(9);
                out.extend_from_slice(&short.to_le_bytes());
            } else {
                out.push(7);
                out.extend_from_slice(&value.to_le_bytes());
            }
        }
        Fact::Known(Value::Text(value)) => {
            out.push(8);
            varint::put_bytes(out, value.as_bytes());
        }
    }
}

pub(super) fn decode_fact(tag: u8, bytes: &mut &[u8]) -> Result<Fact<Value>, Damaged> {
    Ok(match tag {
        0 => Fact::Missing(Missing::NotSent),
        1 => Fact::Missing(Missing::NotFound),
        2 => Fact::Missing(Missing::NotLoaded),
        3 => Fact::Missing(Missing::NotApplicable),
        4 | 5 => Fact::Known(Value::Bool(tag == 5)),
        6 => Fact::Known(Value::Int(varint::take_signed(bytes)?)),
        7 => Fact::Known(Value::Float(f64::from_le_bytes(varint::take_array(bytes)?))),
        8 => {
            let text = varint::take_bytes(bytes)?;
            Fact::Known(Value::Text(CompactString::from_utf8(text).map_err(|_| Damaged)?))
        }
        9 => Fact::Known(Value::Float(f64::from(f32::from_le_bytes(varint::take_array(bytes)?)))),
        _ => return Err(Damaged),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_fact(kind: Kind) -> BoxedStrategy<Fact<Value>> {
        let known = match kind {
            Kind::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
            Kind::Int => any::<i64>().prop_map(Value::Int).boxed(),
            Kind::Float => {
                prop_oneof![any::<f64>(), any::<f32>().prop_map(f64::from)].prop_map(Value::Float).boxed()
            }
            Kind::Text => ".{0,40}".prop_map(|text| Value::Text(text.into())).boxed(),
        };
        prop_oneof![
            2 => known.prop_map(Fact::Known),
            1 => Just(Fact::Missing(Missing::NotSent)),
            1 => Just(Fact::Missing(Missing::NotLoaded)),
        ]
        .boxed()
    }

    fn bits(facts: &Facts) -> Vec<u8> {
        let mut out = Vec::new();
        facts.encode(&mut out);
        out
    }

    proptest! {
        #[test]
        fn decode_undoes_encode_bit_for_bit(slots in ALL.iter().map(|d| any_fact(d.kind)).collect::<Vec<_>>()) {
            let mut facts = Facts::unknown();
            for (slot, fact) in slots.into_iter().enumerate() {
                facts.slots[slot] = fact;
            }
            let stored = bits(&facts);
            let mut rest = stored.as_slice();
            let read = Facts::decode(&mut rest).unwrap();
            prop_assert!(rest.is_empty());
            prop_assert_eq!(bits(&read), stored);
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = Facts::decode(&mut bytes.as_slice());
        }
    }

    #[test]
    fn knowing_nothing_takes_the_count_and_a_byte_for_each_run() {
        let mut count = Vec::new();
        varint::put(&mut count, COUNT as u64);
        assert_eq!(bits(&Facts::unknown()).len(), count.len() + COUNT.div_ceil(LONGEST_RUN));
    }
}

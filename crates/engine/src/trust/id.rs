//! What decisions name a model by.

use std::fmt;

use portcullis_domain::varint;
use serde::{Deserialize, Serialize};

use super::TrustModel;

/// A model's name: the how-manieth of its tenant, and a hash of what it holds. Two models that judge alike have the
/// same hash, also when one was rolled back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ModelId {
    /// Counts the changes of the model; 0 before the first.
    pub version: u64,
    /// The first 8 bytes of the BLAKE3 hash of the content, little-endian; fits an `i64`.
    pub hash: u64,
}

impl ModelId {
    pub(super) fn of(model: &TrustModel) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::hash(&content(model)).as_bytes()[..8]);
        Self { version: model.version, hash: u64::from_le_bytes(first) >> 1 }
    }
}

/// `12-00c3a5f09b1e7d42`: the version, a dash and the hash in hexadecimal.
impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:016x}", self.version, self.hash)
    }
}

/// All that a model judges by and learns from, in one way of writing.
fn content(model: &TrustModel) -> Vec<u8> {
    let mut out = Vec::new();
    varint::put_signed(&mut out, i64::from(model.scale.even));
    varint::put_signed(&mut out, i64::from(model.scale.per_logit));
    for feature in &model.features {
        varint::put_bytes(&mut out, feature.code.as_bytes());
        out.push(u8::from(feature.points.is_some()));
        varint::put_signed(&mut out, i64::from(feature.points.unwrap_or_default()));
        varint::put_signed(&mut out, i64::from(feature.learned.mean));
        varint::put(&mut out, u64::from(feature.learned.variance));
        varint::put(&mut out, u64::from(feature.learned.labels));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::testing::{RULES, SCALE, model, taught};
    use super::super::{Scale, Truth};
    use super::*;

    #[test]
    fn a_label_or_another_weight_makes_another_model() {
        let id = model().id();
        let labeled = taught(&[(&["vpn"], Truth::Fraud)]).id();
        assert_eq!((id.version, labeled.version), (0, 1));
        assert_ne!(id.hash, labeled.hash);
        let mut rules = RULES.to_vec();
        rules[0].1 += 1;
        assert_ne!(TrustModel::prior(&rules, SCALE).id().hash, id.hash);
        assert_ne!(TrustModel::prior(RULES, Scale::new(400, 100)).id().hash, id.hash);
    }

    #[test]
    fn is_written_as_version_and_hash() {
        assert_eq!(ModelId { version: 12, hash: 0xc3a5 }.to_string(), "12-000000000000c3a5");
    }
}

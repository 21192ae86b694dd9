//! The form in which a model is stored.

use serde::{Deserialize, Serialize};

use super::feature::{Feature, Learned};
use super::{Scale, TrustModel};

/// The number of the form that is written.
const FORMAT: u8 = 1;

/// A model as it is written: `{"format": 1, "version": 3, "scale": [500, 100], "rules": [["vpn", 200, 1200, 480000, 2]]}`.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    format: u8,
    version: u64,
    scale: (i32, i32),
    rules: Vec<StoredRule>,
}

/// A rule: its code, its points (null when there is no such rule any more), its learned mean and variance in millionths,
/// and its labels.
type StoredRule = (Box<str>, Option<i32>, i32, u32, u32);

/// What is read is no model, or one of a later version of Portcullis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored trust model is damaged or of a later version")]
pub struct DamagedModel;

impl From<TrustModel> for Stored {
    fn from(model: TrustModel) -> Self {
        let rules = model.features.into_iter().map(|feature| {
            let Learned { mean, variance, labels } = feature.learned;
            (feature.code, feature.points, mean, variance, labels)
        });
        Self {
            format: FORMAT,
            version: model.version,
            scale: (model.scale.even, model.scale.per_logit),
            rules: rules.collect(),
        }
    }
}

impl TryFrom<Stored> for TrustModel {
    type Error = DamagedModel;

    fn try_from(stored: Stored) -> Result<Self, DamagedModel> {
        let features: Vec<_> = stored
            .rules
            .into_iter()
            .map(|(code, points, mean, variance, labels)| {
                let learned = Learned { mean, variance, labels };
                Feature { code, points, learned }
            })
            .collect();
        let (even, per_logit) = stored.scale;
        let is_sound = stored.format == FORMAT
            && per_logit > 0
            && features.iter().all(|feature| feature.learned.is_sound())
            && features.windows(2).all(|pair| pair[0].code < pair[1].code);
        let model = Self { version: stored.version, scale: Scale::new(even, per_logit), features };
        if is_sound { Ok(model) } else { Err(DamagedModel) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{any_labels, model};
    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(labels in any_labels(0..30)) {
            let model = labels.iter().fold(model(), |model, (fired, truth)| model.update(fired, *truth));
            let json = serde_json::to_string(&model).unwrap();
            let read: TrustModel = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read.id(), model.id());
            prop_assert_eq!(read, model);
        }
    }

    #[test]
    fn is_short() {
        let json = serde_json::to_string(&model().with_rules(&[("vpn", 200)], Scale::new(500, 100))).unwrap();
        assert_eq!(json, r#"{"format":1,"version":1,"scale":[500,100],"rules":[["vpn",200,0,500000,0]]}"#);
    }

    #[test]
    fn what_no_labels_could_have_taught_is_refused() {
        let written = |format: u8, scale: &str, rules: &str| {
            let json = format!(r#"{{"format":{format},"version":1,"scale":{scale},"rules":[{rules}]}}"#);
            serde_json::from_str::<TrustModel>(&json)
        };
        assert!(written(1, "[500,100]", r#"["a",null,-5,10000,1],["b",1,0,500000,0]"#).is_ok());
        assert!(written(2, "[500,100]", "").is_err());
        assert!(written(1, "[500,0]", "").is_err());
        assert!(written(1, "[500,100]", r#"["a",1,3000001,10000,1]"#).is_err());
        assert!(written(1, "[500,100]", r#"["a",1,0,0,1]"#).is_err());
        assert!(written(1, "[500,100]", r#"["b",1,0,500000,0],["a",1,0,500000,0]"#).is_err());
    }
}

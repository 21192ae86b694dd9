//! The form in which attributes are stored: what was told, by number, and nothing for what was not.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use super::{Attribute, Attributes, Form, Version};

/// Attributes as they are written. Numbers that this version does not know are left out when read.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    values: Vec<(u8, NonZeroU64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    browser_version: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    os_version: Option<Version>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    form: Option<Form>,
}

impl From<Attributes> for Stored {
    fn from(attributes: Attributes) -> Self {
        let values = Attribute::ALL.into_iter().filter_map(|attribute| {
            let value = attributes.get(attribute)?;
            Some((attribute as u8, value))
        });
        Self {
            values: values.collect(),
            browser_version: attributes.browser_version,
            os_version: attributes.os_version,
            form: attributes.form,
        }
    }
}

impl From<Stored> for Attributes {
    fn from(stored: Stored) -> Self {
        let mut attributes = Self {
            browser_version: stored.browser_version,
            os_version: stored.os_version,
            form: stored.form,
            ..Self::default()
        };
        for (code, value) in stored.values {
            if let Some(attribute) = Attribute::from_code(code) {
                attributes.values[attribute as usize] = Some(value);
            }
        }
        attributes
    }
}

impl Attributes {
    /// The form that a store keeps.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Numbers and names can always be written.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` when it is something else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::any_attributes;
    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(attributes in any_attributes()) {
            let json = serde_json::to_string(&attributes).unwrap();
            prop_assert_eq!(serde_json::from_str::<Attributes>(&json).unwrap(), attributes);
        }
    }

    #[test]
    fn numbers_of_later_versions_are_left_out() {
        let read: Attributes = serde_json::from_str(r#"{"values": [[3, 7], [250, 9]]}"#).unwrap();
        assert_eq!(read.told().iter().collect::<Vec<_>>(), [Attribute::Canvas]);
    }
}

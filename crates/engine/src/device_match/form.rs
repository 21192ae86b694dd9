//! Whether devices of a kind differ from each other by what they show.

use serde::{Deserialize, Serialize};

/// A kind of device, by how much its attributes tell one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A desktop or laptop: put together, configured and filled with fonts in many ways.
    Desktop,
    /// A phone or tablet: millions of one model show the same graphics, screen, fonts and canvas.
    Handheld,
}

impl Form {
    /// What a device is by the kind that its user agent names (`desktop`, `mobile`, `tablet`, …), `navigator.platform`
    /// and the fingers its screen tells apart, each as far as known; `None` when they do not say.
    ///
    /// A tablet that asks for the pages of desktops calls itself a Mac, but no Mac has a touch screen; a phone that
    /// does so still has an ARM platform.
    pub fn guess(
        device_type: Option<&str>,
        platform: Option<&str>,
        touch_points: Option<u32>,
    ) -> Option<Self> {
        const HANDHELD: [&str; 6] = ["iPhone", "iPad", "iPod", "Android", "Linux arm", "Linux aarch64"];
        let platform = platform.unwrap_or_default().trim();
        let is = |names: &[&str]| names.iter().any(|name| platform.starts_with(name));
        let is_touched_mac = is(&["Mac"]) && touch_points.is_some_and(|points| points > 1);
        if matches!(device_type, Some("mobile" | "tablet")) || is(&HANDHELD) || is_touched_mac {
            Some(Self::Handheld)
        } else if device_type == Some("desktop") || is(&["Win", "Mac", "Linux", "CrOS"]) {
            Some(Self::Desktop)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_through_the_pages_of_desktops() {
        use Form::{Desktop, Handheld};
        let cases = [
            (Some("desktop"), Some("Win32"), Some(10), Some(Desktop)),
            (Some("desktop"), Some("MacIntel"), Some(0), Some(Desktop)),
            (Some("desktop"), Some("MacIntel"), Some(5), Some(Handheld)),
            (Some("desktop"), Some("Linux armv81"), None, Some(Handheld)),
            (Some("mobile"), None, None, Some(Handheld)),
            (None, Some("iPhone"), None, Some(Handheld)),
            (None, Some("Linux x86_64"), None, Some(Desktop)),
            (Some("other"), Some(""), None, None),
            (None, None, None, None),
        ];
        for (device_type, platform, touch_points, form) in cases {
            assert_eq!(
                Form::guess(device_type, platform, touch_points),
                form,
                "{device_type:?} {platform:?}"
            );
        }
    }
}

//! Operating-system families, as the user agent and as `navigator.platform` name them.

use portcullis_domain::facts::device;
use portcullis_domain::{Fact, Facts, Missing};

/// A family of operating systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Os {
    Windows,
    Mac,
    Ios,
    Android,
    Chrome,
    Linux,
}

impl Os {
    /// The family that the user agent names; not found for consoles, television sets and whatever else there is, of
    /// which nothing is claimed.
    pub(crate) fn of_user_agent(facts: &Facts) -> Fact<Self> {
        match facts.get(device::OS) {
            Fact::Known(name) => Fact::from_option(Self::named(name), Missing::NotFound),
            Fact::Missing(reason) => Fact::Missing(reason),
        }
    }

    fn named(name: &str) -> Option<Self> {
        const LINUXES: [&str; 12] = [
            "Linux",
            "Ubuntu",
            "Debian",
            "Fedora",
            "Red Hat",
            "CentOS",
            "SUSE",
            "openSUSE",
            "Arch Linux",
            "Gentoo",
            "Mageia",
            "Mint",
        ];
        match name {
            "Windows Phone" | "Windows Mobile" => None,
            "Mac OS X" | "Mac OS" | "macOS" => Some(Self::Mac),
            "iOS" | "iPadOS" => Some(Self::Ios),
            "Android" => Some(Self::Android),
            "Chrome OS" | "ChromeOS" => Some(Self::Chrome),
            windows if windows.starts_with("Windows") => Some(Self::Windows),
            linux if LINUXES.contains(&linux) => Some(Self::Linux),
            _ => None,
        }
    }

    /// The family's name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Mac => "macOS",
            Self::Ios => "iOS",
            Self::Android => "Android",
            Self::Chrome => "ChromeOS",
            Self::Linux => "Linux",
        }
    }
}

/// What `navigator.platform` names: coarser than an operating system, because Android and ChromeOS say Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    Windows,
    Mac,
    Iphone,
    Ipad,
    Android,
    Linux,
}

impl Platform {
    /// The platform that the browser names; not found when it names none that is known.
    pub(crate) fn of_browser(facts: &Facts) -> Fact<Self> {
        match facts.get(device::PLATFORM) {
            Fact::Known(name) => Fact::from_option(Self::named(name), Missing::NotFound),
            Fact::Missing(reason) => Fact::Missing(reason),
        }
    }

    fn named(name: &str) -> Option<Self> {
        let families = [
            ("Win", Self::Windows),
            ("Mac", Self::Mac),
            ("iPhone", Self::Iphone),
            ("iPod", Self::Iphone),
            ("iPad", Self::Ipad),
            ("Android", Self::Android),
            ("Linux", Self::Linux),
        ];
        families.into_iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, platform)| platform)
    }

    /// The platform's name for people.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Windows => "Windows",
            Self::Mac => "Mac",
            Self::Iphone => "iPhone",
            Self::Ipad => "iPad",
            Self::Android => "Android",
            Self::Linux => "Linux",
        }
    }
}

/// Whether this is an iPad that calls itself a Mac, as iPadOS has done since version 13: a Mac whose screen is higher
/// than wide. iPadOS reports the upright size however the tablet is held; a Mac with a turned display is rare.
pub(crate) fn is_disguised_ipad(facts: &Facts) -> bool {
    let size = facts.known(device::SCREEN_WIDTH).zip(facts.known(device::SCREEN_HEIGHT));
    Os::of_user_agent(facts) == Fact::Known(Os::Mac) && size.is_some_and(|(width, height)| height > width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_families_that_parsers_name() {
        let cases = [
            ("Windows", Some(Os::Windows)),
            ("Windows 10", Some(Os::Windows)),
            ("Windows Phone", None),
            ("Mac OS X", Some(Os::Mac)),
            ("iOS", Some(Os::Ios)),
            ("Android", Some(Os::Android)),
            ("Chrome OS", Some(Os::Chrome)),
            ("Ubuntu", Some(Os::Linux)),
            ("Tizen", None),
            ("", None),
        ];
        for (name, os) in cases {
            let mut facts = Facts::unknown();
            facts.set(device::OS, name);
            assert_eq!(Os::of_user_agent(&facts).known(), os, "{name}");
        }
    }

    #[test]
    fn an_upright_mac_is_an_ipad() {
        let mut facts = Facts::unknown();
        facts.set(device::OS, "Mac OS X");
        assert!(!is_disguised_ipad(&facts));
        facts.set(device::SCREEN_WIDTH, 820.0);
        facts.set(device::SCREEN_HEIGHT, 1180.0);
        assert!(is_disguised_ipad(&facts));
        facts.set(device::SCREEN_WIDTH, 1440.0);
        facts.set(device::SCREEN_HEIGHT, 900.0);
        assert!(!is_disguised_ipad(&facts));
    }
}

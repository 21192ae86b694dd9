//! Emulators that do not hide: what a device tells of itself, looked through for their names and for two machines in one.

use portcullis_domain::Facts;
use portcullis_domain::facts::device;

use crate::os::Os;

/// What emulators and simulators call themselves in user agents, models and graphics, in lower case: the system images
/// of Android Studio, their older names and boards, Genymotion, the game emulators, and Apple's simulator.
const NAMES: [&str; 20] = [
    "sdk_gphone",
    "sdk_phone",
    "google_sdk",
    "android sdk built for",
    "emulator",
    "simulator",
    "goldfish",
    "ranchu",
    "generic_x86",
    "genymotion",
    "vbox86",
    "bluestacks",
    "noxplayer",
    "nox_",
    "memu",
    "ldplayer",
    "mumu",
    "koplayer",
    "droid4x",
    "android-x86",
];

/// Graphics that are computed by a processor: no phone is sold with that.
const SOFTWARE_RENDERERS: [&str; 3] = ["swiftshader", "llvmpipe", "android emulator opengl"];

/// Platforms of personal computers, in lower case.
const COMPUTERS: [&str; 5] = ["win", "linux x86_64", "linux i686", "linux i586", "mac"];

/// Whether the device tells that it is an emulator: by name, as a phone's system on a computer's processor, or as a
/// phone without graphics hardware. `None` when it tells neither user agent, model nor graphics.
///
/// A tablet that asks for the pages of desktops names a computer both times, and is none of these.
pub fn looks_emulated(facts: &Facts) -> Option<bool> {
    let texts = [device::USER_AGENT, device::MODEL, device::WEBGL_RENDERER].map(|key| facts.known(key));
    if texts.iter().all(Option::is_none) {
        return None;
    }
    let names_itself = texts.into_iter().flatten().any(|text| has_any(text, &NAMES));
    let is_phone = matches!(Os::of_user_agent(facts).known(), Some(Os::Android | Os::Ios));
    let platform = facts.known(device::PLATFORM).map(str::to_ascii_lowercase);
    let on_computer = platform.is_some_and(|text| COMPUTERS.iter().any(|name| text.trim().starts_with(name)));
    let renderer = facts.known(device::WEBGL_RENDERER);
    let is_drawn_by_software = renderer.is_some_and(|text| has_any(text, &SOFTWARE_RENDERERS));
    Some(names_itself || is_phone && (on_computer || is_drawn_by_software))
}

fn has_any(text: &str, names: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    names.iter().any(|name| text.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIXEL: &str = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36";

    fn looks(agent: &str, os: &str, platform: &str, renderer: &str) -> Option<bool> {
        let mut facts = Facts::unknown();
        for (key, text) in [
            (device::USER_AGENT, agent),
            (device::OS, os),
            (device::PLATFORM, platform),
            (device::WEBGL_RENDERER, renderer),
        ] {
            if !text.is_empty() {
                facts.set(key, text);
            }
        }
        looks_emulated(&facts)
    }

    #[test]
    fn knows_emulators_by_name() {
        for model in ["sdk_gphone64_x86_64", "Android SDK built for x86", "BlueStacks", "Emulator"] {
            let agent = PIXEL.replace("Pixel 8", model);
            assert_eq!(looks(&agent, "Android", "Linux armv8l", ""), Some(true), "{model}");
        }
    }

    #[test]
    fn knows_a_phone_on_a_computer() {
        assert_eq!(looks(PIXEL, "Android", "Linux x86_64", ""), Some(true));
        assert_eq!(looks(PIXEL, "Android", "Win32", ""), Some(true));
        assert_eq!(looks("iPhone", "iOS", "MacIntel", ""), Some(true));
        assert_eq!(looks(PIXEL, "Android", "Linux armv8l", "Google SwiftShader"), Some(true));
    }

    #[test]
    fn leaves_phones_and_computers_alone() {
        assert_eq!(looks(PIXEL, "Android", "Linux armv8l", "Mali-G715"), Some(false));
        assert_eq!(looks(PIXEL, "Android", "Linux aarch64", ""), Some(false));
        assert_eq!(looks("iPhone", "iOS", "iPhone", "Apple GPU"), Some(false));
        assert_eq!(looks("Macintosh", "Mac OS X", "MacIntel", "Apple GPU"), Some(false));
        assert_eq!(looks("X11; Linux", "Linux", "Linux x86_64", "llvmpipe"), Some(false));
        assert_eq!(looks("", "", "Linux x86_64", ""), None);
    }
}

//! `device.inconsistent`: what the browser says of itself contradicts itself.

use portcullis_domain::facts::device;
use portcullis_domain::{Fact, Facts, Limits};

use crate::os::{Os, Platform};
use crate::signals::{Clue, Doc, Reading, Signal};

/// The smallest side of a screen, CSS px, that anybody signs up on; watches have more.
const MIN_SCREEN_PX: f64 = 100.0;

/// The largest side, CSS px: the texture limit of graphics cards, and wider than five monitors side by side.
const MAX_SCREEN_PX: f64 = 16_384.0;

/// The largest pixel ratio: a doubled display at a browser's largest zoom, 500 %.
const MAX_PIXEL_RATIO: f64 = 10.0;

/// A phone's screen held sideways is narrower than this, CSS px; the longest phones have about 1,000.
const DESKTOP_WIDTH_PX: f64 = 1_200.0;

/// A phone's screen held sideways is lower than this, CSS px, unfolded ones included unless they are also narrower.
const DESKTOP_HEIGHT_PX: f64 = 700.0;

/// More logical processors than any phone has; eight are usual and ten the most.
const DESKTOP_PROCESSORS: i64 = 13;

/// Graphics that no phone has.
const DESKTOP_GRAPHICS: &[&str] =
    &["GeForce", "Radeon", "Direct3D", "Intel(R) HD", "Intel(R) UHD", "Intel(R) Iris"];

const CLUES: &[Clue] = &[
    Clue { read: platform_contradicts, explain: say_platform },
    Clue { read: screen_is_impossible, explain: say_screen },
    Clue {
        read: |facts| {
            Reading::of(facts.get(device::PIXEL_RATIO).map(|ratio| ratio <= 0.0 || ratio > MAX_PIXEL_RATIO))
        },
        explain: |_| format!("The pixel ratio is not between 0 and {MAX_PIXEL_RATIO}"),
    },
    Clue {
        read: phone_is_a_desktop,
        explain: |_| "The user agent names a phone, screen and hardware are those of a desktop".to_owned(),
    },
    Clue { read: renderer_contradicts, explain: say_renderer },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.inconsistent",
    title: "The device contradicts itself",
    doc: Doc {
        why: "Whoever fakes a device changes the user agent first and forgets the rest: `navigator.platform`, the \
              screen, the graphics.",
        quiet: "Quiet for every combination that browsers really send: iPads and iPhones that ask for the desktop page \
                say Mac, Android and ChromeOS say Linux, virtual machines name the host's graphics. Unknown when \
                there is nothing to compare.",
        wrong: "Privacy extensions and developer tools that change the user agent, phones in a desktop mode on a large \
                screen, and browsers yet unknown.",
        source: "The values that browsers document and are seen to send. Screens of 100 to 16,384 CSS px and pixel \
                 ratios up to 10 bound what exists; phones have at most 10 processors.",
    },
    evaluate: |facts, _: &Limits| Clue::any(CLUES, facts),
    explain: |facts, _| Clue::explain_first(CLUES, facts),
};

fn platform_contradicts(facts: &Facts) -> Reading {
    match (Os::of_user_agent(facts), Platform::of_browser(facts)) {
        (Fact::Known(os), Fact::Known(platform)) => Reading::of(Fact::Known(!is_real(os, platform, facts))),
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

/// Whether browsers on `os` are known to name `platform`.
fn is_real(os: Os, platform: Platform, facts: &Facts) -> bool {
    match os {
        Os::Windows => platform == Platform::Windows,
        // An iPhone or iPad that asks for the desktop page sends a Mac's user agent.
        Os::Mac => matches!(platform, Platform::Mac | Platform::Iphone | Platform::Ipad),
        // Since iPadOS 13 an iPad's platform is that of a Mac; an iPhone's never is.
        Os::Ios => match platform {
            Platform::Iphone | Platform::Ipad => true,
            Platform::Mac => !facts.known(device::USER_AGENT).is_some_and(|agent| agent.contains("iPhone;")),
            Platform::Windows | Platform::Android | Platform::Linux => false,
        },
        // Phones say Linux with their processor's name. One that asks for the desktop page has a Linux user agent.
        Os::Android | Os::Linux => matches!(platform, Platform::Android | Platform::Linux),
        Os::Chrome => platform == Platform::Linux,
    }
}

fn say_platform(facts: &Facts) -> String {
    let os = Os::of_user_agent(facts).known().map_or("another system", Os::name);
    let platform = Platform::of_browser(facts).known().map_or("another", Platform::name);
    format!("The user agent names {os}, the browser's platform is {platform}")
}

fn screen_is_impossible(facts: &Facts) -> Reading {
    let impossible = |side: f64| !(MIN_SCREEN_PX..=MAX_SCREEN_PX).contains(&side);
    match (facts.get(device::SCREEN_WIDTH), facts.get(device::SCREEN_HEIGHT)) {
        (Fact::Known(width), Fact::Known(height)) => {
            Reading::of(Fact::Known(impossible(width) || impossible(height)))
        }
        (Fact::Known(side), Fact::Missing(_)) | (Fact::Missing(_), Fact::Known(side)) => {
            Reading::of(Fact::Known(impossible(side)))
        }
        (Fact::Missing(reason), Fact::Missing(_)) => Reading::Unknown(reason),
    }
}

fn say_screen(facts: &Facts) -> String {
    let side = |key| facts.known(key).map_or_else(|| "?".to_owned(), |side| (side as i64).to_string());
    format!("No screen has {} × {} pixels", side(device::SCREEN_WIDTH), side(device::SCREEN_HEIGHT))
}

fn phone_is_a_desktop(facts: &Facts) -> Reading {
    match (facts.get(device::TYPE), facts.get(device::SCREEN_WIDTH), facts.get(device::SCREEN_HEIGHT)) {
        (Fact::Known("mobile"), Fact::Known(width), Fact::Known(height)) => {
            let is_large = width >= DESKTOP_WIDTH_PX && height >= DESKTOP_HEIGHT_PX && width > height;
            Reading::of(Fact::Known(is_large && has_desktop_hardware(facts)))
        }
        (Fact::Known("mobile"), Fact::Missing(reason), _)
        | (Fact::Known("mobile"), _, Fact::Missing(reason))
        | (Fact::Missing(reason), _, _) => Reading::Unknown(reason),
        (Fact::Known(_), _, _) => Reading::Quiet,
    }
}

fn has_desktop_hardware(facts: &Facts) -> bool {
    let processors = facts.known(device::HARDWARE_CONCURRENCY);
    let renderer = facts.known(device::WEBGL_RENDERER);
    processors.is_some_and(|count| count >= DESKTOP_PROCESSORS)
        || renderer.is_some_and(|renderer| DESKTOP_GRAPHICS.iter().any(|name| renderer.contains(name)))
}

fn renderer_contradicts(facts: &Facts) -> Reading {
    match (Os::of_user_agent(facts), facts.get(device::WEBGL_RENDERER)) {
        (Fact::Known(os), Fact::Known(renderer)) => {
            Reading::of(Fact::Known(foreign_graphics(os, renderer).is_some()))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

/// The graphics system or maker that the renderer names and that is not to be had on `os`.
fn foreign_graphics(os: Os, renderer: &str) -> Option<&'static str> {
    // Virtual machines pass on the name of the host's graphics.
    if renderer.contains("Parallels") || renderer.contains("virgl") || renderer.contains("VMware") {
        return None;
    }
    let is_apple = matches!(os, Os::Mac | Os::Ios);
    // Asahi Linux runs on Apple's processors, without Metal.
    if renderer.contains("Direct3D") && os != Os::Windows {
        Some("Direct3D")
    } else if renderer.contains("Metal Renderer") && !is_apple {
        Some("Metal")
    } else if (renderer.contains("Apple GPU") || renderer.contains("Apple M")) && !is_apple && os != Os::Linux
    {
        Some("Apple's graphics")
    } else {
        None
    }
}

fn say_renderer(facts: &Facts) -> String {
    let seen = Os::of_user_agent(facts).known().zip(facts.known(device::WEBGL_RENDERER));
    let foreign = seen.and_then(|(os, renderer)| foreign_graphics(os, renderer)).unwrap_or("other graphics");
    let os = seen.map_or("another system", |(os, _)| os.name());
    format!("The user agent names {os}, the graphics are drawn by {foreign}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of_platform(os: &str, platform: &str, agent: &str) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(device::OS, os);
            facts.set(device::PLATFORM, platform);
            facts.set(device::USER_AGENT, agent);
        };
        read(&SIGNAL, set).0
    }

    fn of_screen(width: f64, height: f64, ratio: f64) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(device::SCREEN_WIDTH, width);
            facts.set(device::SCREEN_HEIGHT, height);
            facts.set(device::PIXEL_RATIO, ratio);
        };
        read(&SIGNAL, set).0
    }

    fn of_renderer(os: &str, renderer: &str) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(device::OS, os);
            facts.set(device::WEBGL_RENDERER, renderer);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn knows_what_browsers_really_send() {
        let real = [
            ("Windows", "Win32", ""),
            ("Windows", "Win64", ""),
            ("Mac OS X", "MacIntel", ""),
            ("Mac OS X", "iPhone", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"),
            ("iOS", "iPhone", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"),
            ("iOS", "iPad", "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X)"),
            ("iOS", "MacIntel", "Mozilla/5.0 (iPad; CPU OS 17_4 like Mac OS X)"),
            ("Android", "Linux armv8l", ""),
            ("Android", "Linux aarch64", ""),
            ("Android", "Linux armv81", ""),
            ("Android", "Linux armv7l", ""),
            ("Android", "Android", ""),
            ("Chrome OS", "Linux x86_64", ""),
            ("Chrome OS", "Linux armv7l", ""),
            ("Linux", "Linux x86_64", ""),
            ("Linux", "Linux aarch64", "Mozilla/5.0 (X11; Linux x86_64)"),
            ("Ubuntu", "Linux x86_64", ""),
        ];
        for (os, platform, agent) in real {
            assert_eq!(of_platform(os, platform, agent), Reading::Quiet, "{os} {platform}");
        }
    }

    #[test]
    fn fires_on_platforms_of_other_systems() {
        let faked = [
            ("Windows", "Linux x86_64", ""),
            ("Windows", "MacIntel", ""),
            ("Mac OS X", "Win32", ""),
            ("Mac OS X", "Linux x86_64", ""),
            ("iOS", "Win32", ""),
            ("iOS", "Linux x86_64", ""),
            ("iOS", "MacIntel", "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X)"),
            ("Android", "Win32", ""),
            ("Android", "MacIntel", ""),
            ("Chrome OS", "Win32", ""),
            ("Linux", "Win32", ""),
        ];
        for (os, platform, agent) in faked {
            assert_eq!(of_platform(os, platform, agent), Reading::Fired, "{os} {platform}");
        }
    }

    #[test]
    fn claims_nothing_of_what_it_does_not_know() {
        for (os, platform) in [("Tizen", "Linux armv7l"), ("Windows", "Xbox"), ("Windows", "")] {
            assert_eq!(of_platform(os, platform, ""), Reading::Unknown(Missing::NotFound), "{os} {platform}");
        }
    }

    #[test]
    fn knows_the_edges_of_screens() {
        for (width, height, ratio) in [(100.0, 100.0, 0.25), (16_384.0, 16_384.0, 10.0), (390.0, 844.0, 3.0)]
        {
            assert_eq!(of_screen(width, height, ratio), Reading::Quiet);
        }
        for (width, height, ratio) in [
            (0.0, 844.0, 3.0),
            (390.0, -1.0, 3.0),
            (1.0, 1.0, 1.0),
            (16_385.0, 900.0, 1.0),
            (390.0, 844.0, 0.0),
            (390.0, 844.0, 10.1),
            (f64::NAN, 844.0, 3.0),
        ] {
            assert_eq!(of_screen(width, height, ratio), Reading::Fired, "{width} {height} {ratio}");
        }
    }

    #[test]
    fn half_a_screen_is_judged_too() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::SCREEN_WIDTH, -1.0)).0, Reading::Fired);
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::SCREEN_HEIGHT, 900.0)).0, Reading::Quiet);
    }

    #[test]
    fn a_phone_with_the_hardware_of_a_desktop_fires() {
        let phone = |width: f64, height: f64, processors: i64, renderer: &str| {
            let set = |facts: &mut Facts| {
                facts.set(device::TYPE, "mobile");
                facts.set(device::SCREEN_WIDTH, width);
                facts.set(device::SCREEN_HEIGHT, height);
                facts.set(device::HARDWARE_CONCURRENCY, processors);
                facts.set(device::WEBGL_RENDERER, renderer);
            };
            read(&SIGNAL, set).0
        };
        assert_eq!(phone(1920.0, 1080.0, 16, "Mali-G78"), Reading::Fired);
        assert_eq!(phone(1920.0, 1080.0, 8, "NVIDIA GeForce RTX 3060"), Reading::Fired);
        assert_eq!(phone(1920.0, 1080.0, 8, "Adreno (TM) 740"), Reading::Quiet, "a phone on a large display");
        assert_eq!(phone(844.0, 390.0, 16, "Apple GPU"), Reading::Quiet);
    }

    #[test]
    fn graphics_of_other_systems_fire() {
        let metal = "ANGLE (Apple, ANGLE Metal Renderer: Apple M2, Unspecified Version)";
        let direct3d = "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11 vs_5_0 ps_5_0, D3D11)";
        let cases = [
            ("Windows", direct3d, Reading::Quiet),
            ("Mac OS X", direct3d, Reading::Fired),
            ("Linux", direct3d, Reading::Fired),
            ("Linux", "D3D12 (NVIDIA GeForce RTX 3080)", Reading::Quiet),
            ("Mac OS X", metal, Reading::Quiet),
            ("Windows", metal, Reading::Fired),
            ("Linux", metal, Reading::Fired),
            ("Android", "Apple GPU", Reading::Fired),
            ("iOS", "Apple GPU", Reading::Quiet),
            ("Linux", "Apple M1 (G13G B1)", Reading::Quiet),
            (
                "Windows",
                "ANGLE (Parallels, Parallels using Apple M1 Pro (Compat) Direct3D11)",
                Reading::Quiet,
            ),
        ];
        for (os, renderer, reading) in cases {
            assert_eq!(of_renderer(os, renderer), reading, "{os} {renderer}");
        }
    }

    #[test]
    fn says_what_contradicts_what() {
        let (_, said) = read(&SIGNAL, |facts| {
            facts.set(device::OS, "Windows");
            facts.set(device::PLATFORM, "MacIntel");
        });
        assert_eq!(said, "The user agent names Windows, the browser's platform is Mac");
        let (_, said) = read(&SIGNAL, |facts| {
            facts.set(device::SCREEN_WIDTH, 0.0);
            facts.set(device::SCREEN_HEIGHT, 600.0);
        });
        assert_eq!(said, "No screen has 0 × 600 pixels");
    }
}

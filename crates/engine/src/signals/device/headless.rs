//! `device.headless`: the browser is driven by a program.

use portcullis_domain::facts::device;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Clue, Doc, Reading, Signal};

/// What automated browsers call themselves in the user agent, spelled as they spell it.
const AUTOMATION: &[&str] = &[
    "Headless",
    "PhantomJS",
    "SlimerJS",
    "CasperJS",
    "Electron/",
    "Puppeteer",
    "Playwright",
    "Selenium",
    "WebDriver",
    "Cypress/",
    "HtmlUnit",
    "jsdom",
    "Splash",
];

/// The window of headless Chrome and the viewport of Puppeteer, unless told otherwise, in CSS pixels.
const HEADLESS_SCREEN: (i64, i64) = (800, 600);

/// What draws in a headless Chrome without a graphics card.
const HEADLESS_RENDERER: &str = "SwiftShader";

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(device::USER_AGENT).map(|agent| automation(agent).is_some())),
        explain: |facts| {
            let name = facts.known(device::USER_AGENT).and_then(automation).unwrap_or_default();
            format!("The user agent names {}", name.trim_end_matches('/'))
        },
    },
    Clue {
        read: |facts| Reading::of(facts.get(device::IS_BOT_AGENT)),
        explain: |_| "The user agent is that of a crawler, a script library or an automation tool".to_owned(),
    },
    Clue {
        read: is_default_headless,
        explain: |_| "Screen of 800 × 600 drawn by SwiftShader, the defaults of headless Chrome".to_owned(),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.headless",
    title: "The browser is automated",
    doc: Doc {
        why: "Sign-ups and logins by browsers without a person in front of them are the working tool of account farms \
              and credential thieves.",
        quiet: "Quiet for user agents that name no automation. A software renderer or missing WebGL alone is not \
                evidence of it: that is `device.software_renderer`, or privacy. Unknown without a user agent.",
        wrong: "Desktop applications built on Electron that embed the form, accessibility checkers and the \
                integrator's own tests. Tools that take the trouble to hide are not seen.",
        source: "The names that the tools give themselves; 800 × 600 is the default of headless Chrome and Puppeteer, \
                 and counts only together with SwiftShader.",
    },
    evaluate: |facts, _: &Limits| Clue::any(CLUES, facts),
    explain: |facts, _| Clue::explain_first(CLUES, facts),
};

fn automation(user_agent: &str) -> Option<&'static str> {
    AUTOMATION.iter().copied().find(|name| user_agent.contains(name))
}

fn is_default_headless(facts: &Facts) -> Reading {
    let size = (facts.get(device::SCREEN_WIDTH), facts.get(device::SCREEN_HEIGHT));
    match (size, facts.get(device::WEBGL_RENDERER)) {
        ((Fact::Known(width), Fact::Known(height)), Fact::Known(renderer)) => {
            let is_default_size = (width as i64, height as i64) == HEADLESS_SCREEN;
            Reading::of(Fact::Known(is_default_size && renderer.contains(HEADLESS_RENDERER)))
        }
        ((Fact::Missing(reason), _) | (_, Fact::Missing(reason)), _) | (_, Fact::Missing(reason)) => {
            Reading::Unknown(reason)
        }
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    const CHROME: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36";

    fn of_agent(agent: &str) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(device::USER_AGENT, agent))
    }

    fn of_screen(width: f64, height: f64, renderer: &str) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(device::USER_AGENT, CHROME);
            facts.set(device::IS_BOT_AGENT, false);
            facts.set(device::SCREEN_WIDTH, width);
            facts.set(device::SCREEN_HEIGHT, height);
            facts.set(device::WEBGL_RENDERER, renderer);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_on_tools_that_name_themselves() {
        let headless = CHROME.replace("Chrome/", "HeadlessChrome/");
        assert_eq!(of_agent(&headless), (Reading::Fired, "The user agent names Headless".to_owned()));
        let electron = CHROME.replace("Safari", "Electron/28.2.0 Safari");
        assert_eq!(of_agent(&electron), (Reading::Fired, "The user agent names Electron".to_owned()));
        let phantom =
            "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1";
        assert_eq!(of_agent(phantom).0, Reading::Fired);
    }

    #[test]
    fn fires_on_crawlers_and_libraries() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_BOT_AGENT, true)).0, Reading::Fired);
    }

    #[test]
    fn fires_on_the_defaults_of_headless_chrome() {
        assert_eq!(
            of_screen(800.0, 600.0, "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device)"),
            Reading::Fired
        );
    }

    #[test]
    fn a_software_renderer_or_a_small_screen_alone_is_no_evidence() {
        assert_eq!(of_screen(1920.0, 1080.0, "Google SwiftShader"), Reading::Quiet);
        assert_eq!(of_screen(800.0, 600.0, "Intel(R) HD Graphics"), Reading::Quiet);
    }

    #[test]
    fn is_quiet_for_a_browser() {
        assert_eq!(of_agent(CHROME).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_a_user_agent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}

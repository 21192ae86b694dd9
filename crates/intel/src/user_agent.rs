//! User agents: which browser on which system, what kind of device, and whether it is no person's browser at all.

use std::{
    io::Read,
    sync::{Arc, LazyLock},
};

use aho_corasick::AhoCorasick;
use compact_str::CompactString;
use flate2::read::GzDecoder;
use portcullis_domain::{Fact, Facts, Missing, facts::device};
use quick_cache::sync::Cache;
use serde::Deserialize;
use ua_parser::{os, user_agent};

/// No more of a user agent than this many bytes is looked at.
const MAX_LEN: usize = 512;

/// How many different user agents are remembered; real traffic has a few thousand.
const REMEMBERED: usize = 8192;

static SHIPPED: &[u8] = include_bytes!("../../../data/user-agents.json.gz");
static CRAWLERS: &str = include_str!("../../../data/crawlers.txt");

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(Patterns::shipped);
static CRAWLER_TEXTS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::new(CRAWLERS.lines().filter(|line| !line.starts_with('#') && !line.is_empty())).ok()
});

/// Words, in lower case, that only tools which drive a browser without a person have.
const HEADLESS: [&str; 17] = [
    "headless",
    "phantomjs",
    "slimerjs",
    "casperjs",
    "zombie.js",
    "htmlunit",
    "jsdom",
    "happydom",
    "puppeteer",
    "playwright",
    "selenium",
    "webdriver",
    "cypress/",
    "nightmare/",
    "splash/",
    "chromedriver",
    "chrome-lighthouse",
];

/// Words, in lower case, of crawlers and of libraries that send requests from scripts. The libraries that phone apps
/// are built with (okhttp, CFNetwork, Dart) are not among them: people use those.
const SCRIPTS: [&str; 47] = [
    "crawl",
    "spider",
    "scrape",
    "scrapy",
    "slurp",
    "archiver",
    "curl/",
    "libcurl",
    "wget/",
    "python",
    "aiohttp",
    "httpx/",
    "httpie",
    "go-http-client",
    "java/",
    "java-http-client",
    "apache-httpclient",
    "jakarta commons",
    "libwww",
    "lwp::",
    "www-mechanize",
    "node-fetch",
    "undici",
    "axios/",
    "superagent",
    "got (",
    "guzzlehttp",
    "php/",
    "ruby",
    "faraday",
    "typhoeus",
    "mechanize",
    "perl",
    "postmanruntime",
    "insomnia/",
    "restsharp",
    "k6/",
    "winhttp",
    "powershell",
    // How crawlers say where to read about them.
    "+http",
    "feed fetcher",
    "rss reader",
    "acunetix",
    "pingdom",
    "ptst/",
    "netumo",
    "ssl labs",
];

/// What a user agent tells.
#[derive(Clone, Debug, PartialEq)]
pub struct UserAgent {
    /// The browser's family, such as `Chrome Mobile` or `Edge`.
    pub browser: Fact<CompactString>,
    /// Its major version.
    pub browser_major: Fact<i64>,
    /// The operating system's family, such as `Windows` or `Mac OS X`.
    pub os: Fact<CompactString>,
    /// The kind of device.
    pub device_type: DeviceType,
    /// Whether it names a crawler, a script library or an automation tool.
    pub is_bot: bool,
    /// Whether it names a browser that is driven without a person; such a one is a bot too.
    pub is_headless: bool,
}

/// A kind of device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceType {
    /// A desktop or a laptop.
    Desktop,
    /// A phone.
    Mobile,
    /// A tablet or a reader.
    Tablet,
    /// A crawler, a script or an automation tool.
    Bot,
    /// A television, a console, an app that does not say, or anything else.
    Other,
}

impl DeviceType {
    /// Its name in facts and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Mobile => "mobile",
            Self::Tablet => "tablet",
            Self::Bot => "bot",
            Self::Other => "other",
        }
    }
}

impl UserAgent {
    /// Sets the facts that are drawn from a user agent.
    pub fn put_into(&self, facts: &mut Facts) {
        facts.put(device::BROWSER, self.browser.clone());
        facts.put(device::BROWSER_MAJOR, self.browser_major);
        facts.put(device::OS, self.os.clone());
        facts.set(device::TYPE, self.device_type.name());
        facts.set(device::IS_BOT_AGENT, self.is_bot);
    }

    /// Reads a user agent; costs up to a millisecond.
    fn read(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        let is_headless = HEADLESS.iter().any(|word| lower.contains(word));
        let is_bot = is_headless || is_bot(text, &lower);
        let patterns = PATTERNS.as_ref();
        let browser = patterns.and_then(|patterns| patterns.browsers.extract(text));
        let major = browser.as_ref().and_then(|browser| browser.major?.parse().ok());
        let system = patterns.and_then(|patterns| patterns.systems.extract(text));
        Self {
            browser: known_family(browser.map(|browser| browser.family)),
            browser_major: Fact::from_option(major, Missing::NotFound),
            os: known_family(system.map(|system| system.os)),
            device_type: if is_bot { DeviceType::Bot } else { device_type(&lower) },
            is_bot,
            is_headless,
        }
    }
}

fn known_family(family: Option<impl AsRef<str>>) -> Fact<CompactString> {
    let name = family.map(|family| CompactString::from(family.as_ref()));
    Fact::from_option(name.filter(|name| !name.is_empty() && name != "Other"), Missing::NotFound)
}

fn is_bot(text: &str, lower: &str) -> bool {
    lower == "curl"
        || names_a_bot(lower)
        || SCRIPTS.iter().any(|word| lower.contains(word))
        || CRAWLER_TEXTS.as_ref().is_some_and(|texts| texts.is_match(text))
}

/// Whether a word ends in `bot` or `bots`; `cubot` is a make of phones.
fn names_a_bot(lower: &str) -> bool {
    lower.match_indices("bot").any(|(at, word)| {
        let behind = lower[at + word.len()..].strip_prefix('s').unwrap_or(&lower[at + word.len()..]);
        let ends = !behind.starts_with(|c: char| c.is_alphanumeric());
        ends && !lower[..at].ends_with("cu")
    })
}

/// The kind of device of a real browser, from the words that browsers agree on.
fn device_type(lower: &str) -> DeviceType {
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&[
        "smart-tv",
        "smarttv",
        "smart tv",
        "hbbtv",
        "appletv",
        "apple tv",
        "googletv",
        "google tv",
        "android tv",
        "bravia",
        "; aft",
        "crkey",
        "web0s",
        "webos",
        "tizen 2",
        "playstation",
        "nintendo",
        "xbox",
        "roku/",
    ]) {
        DeviceType::Other
    } else if has(&["ipad", "tablet", "kindle", "playbook", "silk/"]) {
        // Windows says "Tablet PC" of laptops that have a pen.
        if has(&["tablet pc"]) { DeviceType::Desktop } else { DeviceType::Tablet }
    } else if has(&["iphone", "ipod", "windows phone", "mobile", "opera mini", "blackberry", "bb10", "kaios"])
    {
        DeviceType::Mobile
    } else if has(&["android"]) {
        // Browsers on phones say "Mobile"; those on tablets do not. Apps that say no more than their library do neither.
        if has(&["mozilla/"]) { DeviceType::Tablet } else { DeviceType::Mobile }
    } else if has(&["windows nt", "macintosh", "mac os x", "x11", "cros ", "linux x86_64", "linux i686"]) {
        DeviceType::Desktop
    } else {
        DeviceType::Other
    }
}

/// The compiled patterns of uap-core.
struct Patterns {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
}

#[derive(Deserialize)]
struct PatternFile {
    user_agent_parsers: Vec<user_agent::Parser<'static>>,
    os_parsers: Vec<os::Parser<'static>>,
}

impl Patterns {
    fn shipped() -> Option<Self> {
        let patterns = Self::compile(SHIPPED);
        if patterns.is_none() {
            tracing::error!(
                "the shipped user-agent patterns cannot be used: browsers and systems stay unknown"
            );
        }
        patterns
    }

    fn compile(packed: &[u8]) -> Option<Self> {
        let mut json = Vec::new();
        GzDecoder::new(packed).read_to_end(&mut json).ok()?;
        let file: PatternFile = serde_json::from_slice(&json).ok()?;
        Some(Self {
            browsers: user_agent::Builder::new().push_all(file.user_agent_parsers).ok()?.build().ok()?,
            systems: os::Builder::new().push_all(file.os_parsers).ok()?.build().ok()?,
        })
    }
}

/// Reads user agents and remembers them.
#[derive(Debug)]
pub(crate) struct UserAgents {
    seen: Cache<CompactString, Arc<UserAgent>>,
}

impl UserAgents {
    pub(crate) fn new() -> Self {
        Self { seen: Cache::new(REMEMBERED) }
    }

    pub(crate) fn get(&self, text: &str) -> Arc<UserAgent> {
        let text = &text[..text.floor_char_boundary(MAX_LEN)];
        if let Some(known) = self.seen.get(text) {
            return known;
        }
        let read = Arc::new(UserAgent::read(text));
        self.seen.insert(text.into(), Arc::clone(&read));
        read
    }
}

/// Makes the first look-up fast.
pub(crate) fn warm_up() {
    LazyLock::force(&PATTERNS);
    LazyLock::force(&CRAWLER_TEXTS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_real_browsers() {
        let cases = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
                ("Chrome", 124, "Windows", "desktop"),
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.67",
                ("Edge", 124, "Windows", "desktop"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0",
                ("Firefox", 125, "Linux", "desktop"),
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
                ("Safari", 17, "Mac OS X", "desktop"),
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
                ("Chrome", 124, "Chrome OS", "desktop"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1",
                ("Mobile Safari", 17, "iOS", "mobile"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124.0.6367.88 Mobile/15E148 Safari/604.1",
                ("Chrome Mobile iOS", 124, "iOS", "mobile"),
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
                ("Mobile Safari", 16, "iOS", "tablet"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.82 Mobile Safari/537.36",
                ("Chrome Mobile", 124, "Android", "mobile"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
                ("Chrome", 123, "Android", "tablet"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36",
                ("Samsung Internet", 24, "Android", "mobile"),
            ),
            (
                "Mozilla/5.0 (Linux; Android 12; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36",
                ("Chrome Mobile", 124, "Android", "mobile"),
            ),
            (
                "Mozilla/5.0 (Android 14; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0",
                ("Firefox Mobile", 125, "Android", "mobile"),
            ),
        ];
        for (text, (browser, major, system, device_type)) in cases {
            let read = UserAgent::read(text);
            assert_eq!(read.browser, Fact::Known(browser.into()), "{text}");
            assert_eq!(read.browser_major, Fact::Known(major), "{text}");
            assert_eq!(read.os, Fact::Known(system.into()), "{text}");
            assert_eq!(read.device_type.name(), device_type, "{text}");
            assert!(!read.is_bot && !read.is_headless, "{text}");
        }
    }

    #[test]
    fn knows_bots_from_people() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.6099.28 Safari/537.36",
                true,
            ),
            (
                "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
                true,
            ),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", false),
            ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", false),
            (
                "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
                false,
            ),
            ("curl/8.4.0", false),
            ("python-requests/2.31.0", false),
            ("Go-http-client/2.0", false),
            ("Scrapy/2.11 (+https://scrapy.org)", false),
            ("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", false),
        ];
        for (text, is_headless) in cases {
            let read = UserAgent::read(text);
            assert!(read.is_bot, "{text}");
            assert_eq!(read.is_headless, is_headless, "{text}");
            assert_eq!(read.device_type, DeviceType::Bot, "{text}");
        }
    }

    #[test]
    fn takes_the_libraries_of_phone_apps_for_people() {
        for text in ["okhttp/4.12.0", "Shop/5 CFNetwork/1494 Darwin/23.4.0", "Dart/3.3 (dart:io)", ""] {
            assert!(!UserAgent::read(text).is_bot, "{text}");
        }
    }

    #[test]
    fn does_not_invent_a_browser() {
        let read = UserAgent::read("nothing that anybody knows");
        assert_eq!(read.browser, Fact::Missing(Missing::NotFound));
        assert_eq!(read.os, Fact::Missing(Missing::NotFound));
        assert_eq!(read.device_type, DeviceType::Other);
    }

    #[test]
    fn long_user_agents_are_cut_between_characters() {
        let agents = UserAgents::new();
        let long = "ü".repeat(1000);
        assert!(Arc::ptr_eq(&agents.get(&long), &agents.get(&long[..600])));
    }
}

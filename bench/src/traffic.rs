//! Realistic requests: 30 % signups, 70 % logins of accounts that exist, each account with its own device.

use std::fmt::Write as _;

const AGENTS: [(&str, &str, &str); 6] = [
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Win32",
        "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 (0x00002504) Direct3D11 vs_5_0 ps_5_0, D3D11)",
    ),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
        "Win32",
        "ANGLE (Intel, Intel(R) UHD Graphics Direct3D11 vs_5_0 ps_5_0)",
    ),
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "MacIntel",
        "Apple GPU",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        "iPhone",
        "Apple GPU",
    ),
    (
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        "Linux armv81",
        "Mali-G715",
    ),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Linux x86_64",
        "ANGLE (AMD, AMD Radeon RX 6600 (radeonsi), OpenGL 4.6)",
    ),
];

/// A repeatable stream of numbers (SplitMix64).
#[derive(Clone)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// The next number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Makes request bodies of about 1.2 KB.
pub struct Traffic {
    random: Random,
    accounts: u64,
}

impl Traffic {
    /// Traffic of a site that has `accounts` accounts already.
    pub fn new(seed: u64, accounts: u64) -> Self {
        Self { random: Random(seed), accounts }
    }

    /// The next request's body.
    pub fn body(&mut self) -> String {
        let is_signup = self.accounts == 0 || self.random.below(10) < 3;
        let account = if is_signup {
            self.accounts += 1;
            self.accounts
        } else {
            1 + self.random.below(self.accounts)
        };
        let kind = if is_signup { "SIGNUP" } else { "LOGIN" };
        let mut own = Random(account);
        let (agent, platform, renderer) = AGENTS[own.below(6) as usize];
        // Three accounts share an address, as households do.
        let mut home = Random(account / 3);
        let ip = format!(
            "{}.{}.{}.{}",
            11 + home.below(150),
            home.below(256),
            home.below(256),
            1 + home.below(254)
        );
        let started = 1_763_700_000_000 + self.random.below(1_000_000_000);
        let mut path = String::new();
        let (mut x, mut y, mut t) = (200 + self.random.below(400), 150 + self.random.below(300), 900u64);
        for index in 0..14 {
            x += self.random.below(40);
            y += self.random.below(25);
            t += 50 + self.random.below(90);
            let comma = if index == 0 { "" } else { "," };
            // Writing to a string can not fail.
            let _ = write!(path, r#"{comma}{{"x":{x},"y":{y},"t":{t}}}"#);
        }
        format!(
            r#"{{"type":"{kind}","email":"person.{account}@gmail.com","externalUserId":"user-{account}","ip":"{ip}","device":{{"userAgent":"{agent}","screen":{{"width":1920,"height":1080,"pixelRatio":1.25}},"timezone":"Europe/London","language":"en-GB","webglVendor":"Google Inc.","webglRenderer":"{renderer}","hardwareConcurrency":8,"deviceMemory":8,"platform":"{platform}","clientFingerprint":"{:016x}{:016x}"}},"behavior":{{"formStartedAt":{started},"formSubmittedAt":{},"mousePath":[{path}],"keystrokeCount":{}}}}}"#,
            own.next(),
            own.next(),
            started + 6_000 + self.random.below(20_000),
            20 + self.random.below(40),
        )
    }
}

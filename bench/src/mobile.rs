//! Realistic sessions of a banking app: 20 % of new devices, 80 % of devices that were seen, at home or near it.

use crate::traffic::Random;

const EVENTS: [&str; 5] = ["LOGIN", "LOGIN", "PAYMENT", "WITHDRAWAL", "PROFILE_UPDATE"];

/// Makes request bodies of about 1 KB.
pub struct Mobile {
    random: Random,
    devices: u64,
    sessions: u64,
}

impl Mobile {
    /// Traffic of an app that nobody has yet.
    pub const fn new(seed: u64) -> Self {
        Self { random: Random(seed), devices: 0, sessions: 0 }
    }

    /// The next request's body.
    pub fn body(&mut self) -> String {
        let is_new = self.devices == 0 || self.random.below(10) < 2;
        self.devices += u64::from(is_new);
        let device = if is_new { self.devices } else { 1 + self.random.below(self.devices) };
        self.sessions += 1;
        let mut own = Random(device);
        let (home_lat, home_lon) =
            (35.0 + own.below(20_000) as f64 / 1_000.0, own.below(30_000) as f64 / 1_000.0);
        let random = &mut self.random;
        let mut part = |bound: u64| random.below(bound) as f64 / bound as f64;
        format!(
            r#"{{"deviceId":"fs_{:016x}{:016x}","sessionId":"sess_{:012}","eventType":"{}","riskScore":{},"triggeredFlags":[{{"code":"VPN_DETECTED","points":10}},{{"code":"HAS_SIM_CARD","points":-5}}],"deviceProfile":{{"model":"iPhone 15","os":"iOS 17","isEmulator":false,"isRooted":false,"hookToolDetected":false,"isCloudPhone":false,"appTampered":false,"screenSharing":false,"hasSim":true,"uptimeSeconds":{:.0},"timezone":"Europe/Paris","utcOffsetMinutes":60}},"locationProfile":{{"lat":{:.5},"lon":{:.5},"entropy":{:.3}}},"behaviorProfile":{{"movementScore":{:.3},"typingWPM":{:.0},"sessionHour":14,"touchVarianceMs":{:.1},"clipboardChanged":false}},"sensorProfile":{{"accelerometerVariance":{:.4},"portraitRatio":{:.3},"minBrightness":{:.2}}},"batteryProfile":{{"chargingRatio":{:.3}}},"networkProfile":{{"vpnActive":false,"changesPerMinute":{:.1},"type":"wifi"}}}}"#,
            own.next(),
            own.next(),
            self.sessions,
            EVENTS[(self.sessions % 5) as usize],
            self.sessions % 20,
            400.0 + 100_000.0 * part(1_000),
            home_lat + 0.05 * part(1_000),
            home_lon + 0.05 * part(1_000),
            part(1_000),
            part(1_000),
            20.0 + 60.0 * part(60),
            8.0 + 40.0 * part(400),
            part(1_000),
            0.98 * part(1_000),
            0.9 * part(100),
            part(1_000),
            4.0 * part(40),
        )
    }
}

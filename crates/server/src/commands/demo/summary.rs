//! What was decided, by story.

use std::fmt::Write as _;

use serde_json::Value;

use super::event::{Api, Wave};

/// What a caller was told to do, in one vocabulary for all dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    Challenged,
    Reviewed,
    Blocked,
}

impl Verdict {
    /// What an answer of this call says; nothing when it is no such answer.
    pub(super) fn of(api: Api, answer: &Value) -> Option<Self> {
        let word = match api {
            Api::Ingest | Api::Action => &answer["decision"],
            Api::Session => &answer["riskLevel"],
            Api::Device => &answer["risk_level"],
        };
        Some(match word.as_str()?.to_ascii_lowercase().as_str() {
            "allow" | "flag" | "low" => Self::Allowed,
            "challenge" | "medium" => Self::Challenged,
            "review" | "high" => Self::Reviewed,
            "block" | "critical" => Self::Blocked,
            _ => return None,
        })
    }

    /// Whether it was in the caller's way.
    pub(super) fn stops(self) -> bool {
        self != Self::Allowed
    }
}

/// The verdicts of a run.
#[derive(Debug, Default)]
pub(super) struct Summary {
    /// By story and verdict, in the order of their declarations.
    counts: [[u64; 4]; Wave::ALL.len()],
    digest: Digest,
}

impl Summary {
    /// Counts a verdict.
    pub(super) fn add(&mut self, wave: Wave, verdict: Verdict) {
        self.counts[wave as usize][verdict as usize] += 1;
        self.digest.add(&[wave as u8, verdict as u8]);
    }

    /// The table, and a number that two runs with the same verdicts share.
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "{:<20} {:>7} {:>8} {:>11} {:>7} {:>8} {:>9}\n",
            "", "events", "allowed", "challenged", "review", "blocked", "stopped"
        );
        for wave in Wave::ALL {
            let row = self.counts[wave as usize];
            let all: u64 = row.iter().sum();
            let [allowed, challenged, reviewed, blocked] = row;
            let stopped = percent(all - allowed, all);
            // Writing to a string can not fail.
            let _ = writeln!(
                text,
                "{:<20} {all:>7} {allowed:>8} {challenged:>11} {reviewed:>7} {blocked:>8} {stopped:>8.1}%",
                wave.name()
            );
        }
        let _ = writeln!(
            text,
            "\nDecisions {:016x}: the same for the same seed, sizes and tables.",
            self.digest.0
        );
        text
    }
}

fn percent(part: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { part as f64 * 100.0 / of as f64 }
}

/// FNV-1a, 64 bits.
#[derive(Debug)]
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_dialects_words_are_understood() {
        for (api, answer, expected) in [
            (Api::Ingest, json!({ "decision": "CHALLENGE" }), Some(Verdict::Challenged)),
            (Api::Action, json!({ "decision": "block" }), Some(Verdict::Blocked)),
            (Api::Session, json!({ "riskLevel": "HIGH" }), Some(Verdict::Reviewed)),
            (Api::Device, json!({ "risk_level": "low" }), Some(Verdict::Allowed)),
            (Api::Device, json!({ "decision": "block" }), None),
            (Api::Ingest, json!({ "decision": "SHRUG" }), None),
        ] {
            assert_eq!(Verdict::of(api, &answer), expected, "{answer}");
        }
    }

    #[test]
    fn the_table_tells_what_part_was_stopped() {
        let mut summary = Summary::default();
        for verdict in [Verdict::Allowed, Verdict::Challenged, Verdict::Reviewed, Verdict::Blocked] {
            summary.add(Wave::FraudRing, verdict);
        }
        let text = summary.text();
        let row = text.lines().find(|line| line.starts_with("fraud ring")).unwrap();
        let cells: Vec<_> = row.split_whitespace().skip(2).collect();
        assert_eq!(cells, ["4", "1", "1", "1", "1", "75.0%"]);
        assert!(text.contains("good traffic               0"), "{text}");
    }

    #[test]
    fn another_order_is_another_run() {
        let told = |verdicts: [Verdict; 2]| {
            let mut summary = Summary::default();
            for verdict in verdicts {
                summary.add(Wave::Good, verdict);
            }
            summary.text()
        };
        assert_ne!(told([Verdict::Allowed, Verdict::Blocked]), told([Verdict::Blocked, Verdict::Allowed]));
    }
}

//! Stories as text: what is given, then one event a line with the decision that it must get.
//!
//! ```text
//! # Two accounts on one device
//! given override 203.0.114.0/24 countryCode=DE latitude=52.52 longitude=13.41
//! given tune limits.accountsPerDevice=1
//!
//! +00:00 signup user=u1 device=d1 ip=203.0.114.7 → allow 0
//! +00:02 signup user=u2 device=d1 ip=203.0.114.7 → challenge 60 DEVICE_REUSED
//! ```
//!
//! - Empty lines, and lines that begin with `#`, say nothing.
//! - `given <what> [<word> …]` comes before the first event. What the words mean is the runner's to say.
//! - `+<offset> <event> [<key>=<value> …] → <decision> <score> [<CODE> …]` is an event. The offset is the time since
//!   the story began, never less than the line before: `mm:ss`, `h:mm:ss` or `d.hh:mm:ss`, each with `.mmm` if need be.
//!   Values have no spaces. The decision is a lower-case word and the score an integer, both in the dialect's terms;
//!   the codes are those of all rules that must fire, in any order, and no others may.
//!
//! Reading knows the form only: which events, keys, decisions and codes there are is the runner's business, so that one
//! reader serves every dialect.

use std::{collections::BTreeMap, fmt};

/// A story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// What is so before the story begins, in order.
    pub given: Vec<Given>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// Something that is so before the story begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// The number of its line, from 1.
    pub line: usize,
    /// The word after `given`.
    pub what: String,
    /// The words after that.
    pub words: Vec<String>,
}

/// An event, and what must be decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The number of its line, from 1.
    pub line: usize,
    /// When, in milliseconds since the story began.
    pub at_ms: i64,
    /// What happens, such as `signup`.
    pub event: String,
    /// What is said of it.
    pub fields: BTreeMap<String, String>,
    /// What must be decided.
    pub expected: Expected,
}

/// What must be decided of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The decision, in lower case.
    pub decision: String,
    /// The score.
    pub score: i64,
    /// The codes of the rules that fire, sorted.
    pub fired: Vec<String>,
}

/// What is wrong with a story's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// Reads a story.
    pub fn read(text: &str) -> Result<Self, ScenarioError> {
        let mut scenario = Self { given: Vec::new(), steps: Vec::new() };
        for (line, text) in (1..).zip(text.lines().map(str::trim)) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            scenario.add(line, text).map_err(|reason| ScenarioError { line, reason })?;
        }
        Ok(scenario)
    }

    fn add(&mut self, line: usize, text: &str) -> Result<(), &'static str> {
        if let Some(given) = text.strip_prefix("given ") {
            if !self.steps.is_empty() {
                return Err("what is given comes before the first event");
            }
            let mut words = given.split_whitespace().map(str::to_owned);
            let what = words.next().ok_or("what is given?")?;
            self.given.push(Given { line, what, words: words.collect() });
            return Ok(());
        }
        let step = read_step(line, text)?;
        if self.steps.last().is_some_and(|before| before.at_ms > step.at_ms) {
            return Err("time does not go backward");
        }
        self.steps.push(step);
        Ok(())
    }
}

fn read_step(line: usize, text: &str) -> Result<Step, &'static str> {
    let (told, expected) = text.split_once('→').ok_or("an event needs → and what must be decided")?;
    let mut words = told.split_whitespace();
    let offset =
        words.next().and_then(|word| word.strip_prefix('+')).ok_or("an event begins with +offset")?;
    let at_ms = read_offset(offset).ok_or("the offset must be +mm:ss, +h:mm:ss or +d.hh:mm:ss")?;
    let event = words.next().ok_or("what happens?")?.to_owned();
    let mut fields = BTreeMap::new();
    for word in words {
        let (key, value) = word.split_once('=').ok_or("a field is key=value")?;
        if fields.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err("a field is said twice");
        }
    }
    Ok(Step { line, at_ms, event, fields, expected: read_expected(expected)? })
}

fn read_expected(text: &str) -> Result<Expected, &'static str> {
    let mut words = text.split_whitespace();
    let decision = words.next().ok_or("which decision?")?.to_owned();
    let score = words.next().and_then(|word| word.parse().ok()).ok_or("which score?")?;
    let mut fired: Vec<_> = words.map(str::to_owned).collect();
    fired.sort_unstable();
    Ok(Expected { decision, score, fired })
}

/// Milliseconds.
fn read_offset(text: &str) -> Option<i64> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse().ok()?, clock),
        _ => (0, text),
    };
    let (clock, millis) = clock.split_once('.').map_or((clock, Some(0)), |(clock, millis)| {
        (clock, if millis.len() == 3 { millis.parse().ok() } else { None })
    });
    let numbers: Vec<i64> = clock.split(':').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match numbers.as_slice() {
        [minutes, seconds] => (0, *minutes, *seconds),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    let is_clock = (0..60).contains(&seconds) && (0..60).contains(&minutes) && (0..24).contains(&hours);
    is_clock.then_some(())?;
    Some((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + millis?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> String {
        Scenario::read(text).unwrap_err().to_string()
    }

    #[test]
    fn reads_what_is_given_and_what_happens() {
        let text = "# a story\ngiven tor 192.0.3.9\n\n+01:02 signup user=u2 device=d1 → challenge 60 B A\n";
        let scenario = Scenario::read(text).unwrap();
        assert_eq!(scenario.given, [Given { line: 2, what: "tor".into(), words: vec!["192.0.3.9".into()] }]);
        let [step] = scenario.steps.as_slice() else { panic!("{scenario:?}") };
        assert_eq!((step.line, step.at_ms, step.event.as_str()), (4, 62_000, "signup"));
        assert_eq!(step.fields["device"], "d1");
        let expected =
            Expected { decision: "challenge".into(), score: 60, fired: vec!["A".into(), "B".into()] };
        assert_eq!(step.expected, expected);
    }

    #[test]
    fn reads_offsets() {
        for (text, millis) in [
            ("00:00", Some(0)),
            ("59:59.999", Some(3_599_999)),
            ("1:00:00", Some(3_600_000)),
            ("2.03:00:00", Some(183_600_000)),
            ("2.03:00:00.001", Some(183_600_001)),
            ("60:00", None),
            ("24:00:00", None),
            ("10", None),
            ("00:00.5", None),
            ("-1:00", None),
        ] {
            assert_eq!(read_offset(text), millis, "{text}");
        }
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        assert_eq!(complaint("\n+00:00 signup"), "line 2: an event needs → and what must be decided");
        assert_eq!(complaint("+00:00 signup user → allow 0"), "line 1: a field is key=value");
        assert_eq!(complaint("+00:00 signup a=1 a=2 → allow 0"), "line 1: a field is said twice");
        assert_eq!(complaint("+00:00 signup → allow"), "line 1: which score?");
        let backward = "+00:01 signup → allow 0\n+00:00 signup → allow 0";
        assert_eq!(complaint(backward), "line 2: time does not go backward");
        let late = "+00:01 signup → allow 0\ngiven tor 192.0.3.9";
        assert_eq!(complaint(late), "line 2: what is given comes before the first event");
    }
}

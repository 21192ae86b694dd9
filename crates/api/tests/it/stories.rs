//! What the stories in `fixtures/scenarios` have in common, whoever tells them.

use std::{collections::BTreeSet, fs, path::PathBuf};

use portcullis_testkit::{Scenario, Step, TestApp};

/// A test for each story of a dialect, which `tell` tells by its name, and one that none was left out.
macro_rules! stories {
    ($dialect:literal told by $tell:ident: $($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                $tell(stringify!($name)).await;
            }
        )+

        #[test]
        fn every_story_is_told() {
            assert_eq!($crate::stories::names($dialect), [$(stringify!($name)),+]);
        }
    };
}
pub(crate) use stories;

fn folder(dialect: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/scenarios").join(dialect)
}

/// The names of a dialect's stories, in order.
pub(crate) fn names(dialect: &str) -> Vec<String> {
    let files = fs::read_dir(folder(dialect)).unwrap().map(|entry| entry.unwrap().path());
    let names = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Reads a story.
pub(crate) fn read(dialect: &str, name: &str) -> Scenario {
    let text = fs::read_to_string(folder(dialect).join(format!("{name}.txt"))).unwrap();
    Scenario::read(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Moves the clock from where the story was to a step.
pub(crate) fn go_to(app: &TestApp, now_ms: &mut i64, step: &Step) {
    app.clock.advance(step.at_ms - *now_ms);
    *now_ms = step.at_ms;
}

/// What is told of a step: the decision, the score and the codes.
pub(crate) type Told = (String, i64, Vec<String>);

/// Fails unless a step is told as it is written; `why` is said with it.
pub(crate) fn compare(name: &str, step: &Step, told: Told, why: &impl std::fmt::Display) {
    let (decision, score, mut codes) = told;
    codes.sort_unstable();
    let expected = &step.expected;
    assert_eq!(
        (decision.as_str(), score, codes.join(" ")),
        (expected.decision.as_str(), expected.score, expected.fired.join(" ")),
        "{name} line {}: {why}",
        step.line
    );
}

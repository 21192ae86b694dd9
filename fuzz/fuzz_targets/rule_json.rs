//! No JSON makes the reader of conditions panic, and what it reads is what the text of it says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_engine::rules::{Condition, Schema, json};

fuzz_target!(|text: &str| {
    let Ok(value) = serde_json::from_str(text) else { return };
    let Ok(condition) = json::parse(&value) else { return };
    assert_eq!(Condition::parse(&condition.to_string()).as_ref(), Ok(&condition));
    let _ = condition.compile(Schema::standard());
});

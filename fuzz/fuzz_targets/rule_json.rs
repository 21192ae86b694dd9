//! No JSON makes the reader of conditions panic, and what it reads is what the text of it says, also of an event.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_engine::rules::{Condition, MAX_COST, MAX_LENGTH_BYTES, Schema, Values, json};
use serde_json::{Map, json};

fuzz_target!(|text: &str| {
    let Ok(value) = serde_json::from_str(text) else { return };
    let Ok(condition) = json::parse(&value) else { return };
    let printed = condition.to_string();
    if printed.len() <= MAX_LENGTH_BYTES {
        assert_eq!(Condition::parse(&printed).as_ref(), Ok(&condition), "{printed}");
    }
    let Ok(compiled) = condition.compile(Schema::standard()) else { return };
    assert!(compiled.cost() <= MAX_COST);
    let nothing = Map::new();
    let nothing = Values::of_json(Schema::standard(), &nothing).expect("nothing is of the wrong type");
    assert_eq!(compiled.missing(&nothing).count(), compiled.variables().count());
    let sample = json!({
        "ip": { "is_tor": false, "asn": 20_712, "country_code": "MA", "latitude": 51.5 },
        "metadata": { "a": i64::MAX, "b": "0.5", "c": true, "d": { "e": [0, "x"] } },
        "instance": { "userModel": { "_count": 2 } },
    });
    let sample = sample.as_object().expect("an object");
    let values = Values::of_json(Schema::standard(), sample).expect("values of the right types");
    compiled.evaluate(&values);
});

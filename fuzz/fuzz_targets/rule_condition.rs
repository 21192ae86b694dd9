//! No text makes the language of rules panic, and what is printed of a condition reads back as the same.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use portcullis_domain::{
    Facts,
    facts::{device, email, ip, links},
};
use portcullis_engine::rules::{Condition, MAX_COST, MAX_LENGTH_BYTES, Schema, Values};

/// A few facts of every type; the rest is unknown.
static FACTS: LazyLock<Facts> = LazyLock::new(|| {
    let mut facts = Facts::unknown();
    facts.set(ip::IS_TOR, false);
    facts.set(ip::IS_VPN, true);
    facts.set(ip::COUNTRY_CODE, "MA");
    facts.set(ip::ASN, 20_712);
    facts.set(ip::LATITUDE, 51.5142);
    facts.set(email::DOMAIN, "gmail.com");
    facts.set(device::TIMEZONE, "Europe/London");
    facts.set(device::PIXEL_RATIO, f64::NAN);
    facts.set(links::USERS_ON_DEVICE, 3);
    facts
});

fuzz_target!(|text: &str| {
    let Ok(condition) = Condition::parse(text) else { return };
    let printed = condition.to_string();
    // What is printed has full parentheses, and may be longer than may be sent.
    if printed.len() <= MAX_LENGTH_BYTES {
        assert_eq!(Condition::parse(&printed).as_ref(), Ok(&condition), "{printed}");
    }
    let Ok(compiled) = condition.compile(Schema::standard()) else { return };
    assert!(compiled.cost() <= MAX_COST);
    let nothing = Values::unknown(Schema::standard());
    compiled.evaluate(&nothing);
    assert_eq!(compiled.missing(&nothing).count(), compiled.variables().count());
    compiled.evaluate(&Values::of_facts(Schema::standard(), &FACTS));
});

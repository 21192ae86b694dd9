//! What conditions mean, operator by operator; the rest is in files of its own.

mod arbitrary;
mod errors;
mod page;
mod parsing;
mod properties;

use serde_json::{Value as Json, json};

use super::*;

/// What the condition says about the values in this object.
pub(super) fn truth(condition: &str, data: &Json) -> Truth {
    let values = Values::of_json(Schema::standard(), data.as_object().unwrap()).unwrap();
    compiled(condition).evaluate(&values)
}

pub(super) fn compiled(condition: &str) -> CompiledCondition {
    let compiled = Condition::parse(condition).and_then(|parsed| parsed.compile(Schema::standard()));
    compiled.unwrap_or_else(|error| panic!("{condition}: {error}"))
}

/// What is wrong with the condition.
pub(super) fn error(condition: &str) -> String {
    let compiled = Condition::parse(condition).and_then(|parsed| parsed.compile(Schema::standard()));
    compiled.map(drop).expect_err(condition).to_string()
}

fn check(data: &Json, cases: &[(&str, Truth)]) {
    for (condition, expected) in cases {
        assert_eq!(truth(condition, data), *expected, "{condition}");
    }
}

/// The condition of the product's guide, with its line breaks.
const GUIDE: &str = "
    user.age_days < 7 AND 
    device.is_vpn = true AND 
    transaction.amount > 10000
  ";

#[test]
fn the_guides_example_matches_new_users_with_a_vpn_and_much_money() {
    let cases = [
        (
            json!({ "user": { "age_days": 3 }, "device": { "is_vpn": true }, "transaction": { "amount": 10_001 } }),
            true,
        ),
        (json!({ "user.age_days": 6.9, "device.is_vpn": true, "transaction.amount": 10000.01 }), true),
        (json!({ "user.age_days": 7, "device.is_vpn": true, "transaction.amount": 10_001 }), false),
        (json!({ "user.age_days": 3, "device.is_vpn": false, "transaction.amount": 10_001 }), false),
        (json!({ "user.age_days": 3, "device.is_vpn": true, "transaction.amount": 10_000 }), false),
        (json!({ "user.age_days": 3, "device.is_vpn": true }), false),
    ];
    for (data, expected) in cases {
        assert_eq!(truth(GUIDE, &data).is_match(), expected, "{data}");
    }
    assert_eq!(compiled(GUIDE).cost(), 4);
}

#[test]
fn every_variable_of_the_guide_evaluates() {
    let data = json!({
        "user": { "age_days": 3, "verification_count": 2 },
        "device": { "is_vpn": true, "is_emulator": false, "linked_accounts": 4 },
        "transaction": { "amount": 99.5 },
        "velocity": { "daily_count": 12 },
    });
    let holding = "user.age_days = 3 AND user.verification_count = 2 AND device.is_vpn = true AND \
                   device.is_emulator = false AND device.linked_accounts = 4 AND transaction.amount = 99.5 AND \
                   velocity.daily_count = 12";
    assert_eq!(truth(holding, &data), Truth::True);
}

#[test]
fn numbers_compare_in_every_way() {
    use Truth::{False, True};
    let data = json!({ "user.age_days": 7, "transaction.amount": 0.1, "velocity.daily_count": 7 });
    check(
        &data,
        &[
            ("user.age_days = 7", True),
            ("user.age_days == 8", False),
            ("user.age_days != 8", True),
            ("user.age_days <> 7", False),
            ("user.age_days < 7", False),
            ("user.age_days < 7.5", True),
            ("user.age_days <= 7", True),
            ("user.age_days <= 6", False),
            ("user.age_days > 6.5", True),
            ("user.age_days > 7", False),
            ("user.age_days >= 7.0", True),
            ("user.age_days >= 7.5", False),
            ("-1 < user.age_days", True),
            ("transaction.amount = 0.1", True),
            ("user.age_days = velocity.daily_count", True),
            ("user.age_days > velocity.daily_count", False),
        ],
    );
}

#[test]
fn booleans_stand_alone_or_are_compared() {
    use Truth::{False, True};
    let data = json!({ "ip.is_tor": true, "ip.is_vpn": false });
    check(
        &data,
        &[
            ("ip.is_tor", True),
            ("NOT ip.is_tor", False),
            ("not not ip.is_tor", True),
            ("ip.is_vpn = FALSE", True),
            ("ip.is_tor != ip.is_vpn", True),
            ("ip.is_tor = True and not ip.is_vpn", True),
            ("true", True),
            ("FALSE", False),
        ],
    );
}

#[test]
fn texts_compare_with_their_case() {
    use Truth::{False, True};
    let data =
        json!({ "ip.country_code": "MA", "event.type": "login", "ip.city": "L'Aquila", "email.domain": "" });
    check(
        &data,
        &[
            ("ip.country_code = 'MA'", True),
            ("ip.country_code = \"MA\"", True),
            ("ip.country_code = 'ma'", False),
            ("ip.country_code != 'ma'", True),
            ("ip.city = 'L''Aquila'", True),
            ("ip.city = event.type", False),
            ("email.domain = ''", True),
            ("event.type contains 'ogi'", True),
            ("event.type CONTAINS 'OGI'", False),
            ("event.type not contains 'ogi'", False),
            ("event.type contains ''", True),
            ("event.type starts_with 'log'", True),
            ("event.type NOT starts_with 'in'", True),
            ("event.type ends_with 'in'", True),
            ("event.type ends_with 'log'", False),
            ("'some login page' contains event.type", True),
        ],
    );
}

#[test]
fn lists_hold_numbers_or_texts() {
    use Truth::{False, True};
    let data = json!({ "ip.country_code": "MA", "user.age_days": 3, "transaction.amount": 2.5 });
    check(
        &data,
        &[
            ("ip.country_code IN ('DE', 'MA', 'FR', 'MA')", True),
            ("ip.country_code in ('de', 'ma')", False),
            ("ip.country_code NOT IN ('DE', 'FR')", True),
            ("ip.country_code not in ('MA')", False),
            ("user.age_days IN (9, 3.0, -1)", True),
            ("user.age_days IN (9, 3.5, -1)", False),
            ("transaction.amount IN (1, 2.5, 2)", True),
        ],
    );
}

#[test]
fn null_asks_whether_there_is_a_value() {
    use Truth::{False, True};
    let data = json!({ "user.age_days": 3, "ip.city": null });
    check(
        &data,
        &[
            ("user.age_days = null", False),
            ("user.age_days != NULL", True),
            ("ip.city = null", True),
            ("null <> ip.city", False),
            ("ip.is_tor == null", True),
        ],
    );
}

#[test]
fn numbers_are_computed() {
    use Truth::{False, True, Unknown};
    let data = json!({ "user.age_days": 7, "transaction.amount": 0.5, "velocity.daily_count": 0 });
    check(
        &data,
        &[
            ("user.age_days + 1 = 8", True),
            ("user.age_days - 1 - 1 = 5", True),
            ("2 + user.age_days * 2 = 16", True),
            ("(2 + user.age_days) * 2 = 18", True),
            ("user.age_days / 2 = 3.5", True),
            ("-user.age_days < -6", True),
            ("user.age_days-7 = velocity.daily_count", True),
            ("transaction.amount * 4 IN (1, 2, 3)", True),
            ("user.age_days / velocity.daily_count > 0", Unknown),
            ("NOT user.age_days / velocity.daily_count > 0", Unknown),
            ("ip.asn + 1 > 0", Unknown),
            ("ip.asn + 1 > 0 OR user.age_days * 2 > 13", True),
            ("9223372036854775807 + user.age_days > 9223372036854775807", True),
            ("1e308 * user.age_days > 0", Unknown),
            ("0 * user.age_days != 0", False),
        ],
    );
}

#[test]
fn what_was_not_declared_is_read_as_what_it_is_compared_with() {
    use Truth::{False, True, Unknown};
    let data = json!({
        "metadata": { "cart": { "total": 12.5, "items": ["a", "b"] }, "amount": "500", "vip": true, "spelled": "true",
            "plan": "gold", "order-id": "A1", "it's": 1 },
        "metadata.flat": 3, "instance": { "timeData": { "localHour": 3 } },
    });
    check(
        &data,
        &[
            ("metadata.cart.total > 12", True),
            ("metadata.cart.items.1 = 'b'", True),
            ("metadata.cart.items.2 = 'b'", Unknown),
            ("metadata.amount >= 500", True),
            ("metadata.amount = '500'", True),
            ("metadata.amount + metadata.cart.total = 512.5", True),
            ("metadata.plan > 1", Unknown),
            ("metadata.plan != 1", Unknown),
            ("metadata.plan = 'gold'", True),
            ("metadata.plan IN ('gold', 'silver')", True),
            ("metadata.plan NOT IN (1, 2)", Unknown),
            ("metadata.plan contains 'ol'", True),
            ("metadata.amount IN (500)", True),
            ("metadata.vip", True),
            ("metadata.spelled AND NOT metadata.plan", Unknown),
            ("metadata.spelled = metadata.vip", Unknown),
            ("metadata.vip = true", True),
            ("metadata.flat = 3", True),
            ("metadata.'order-id' = 'A1'", True),
            ("metadata.'it''s' = 1", True),
            ("metadata.gone = null", True),
            ("metadata.vip != null", True),
            ("metadata.amount = null", False),
            ("instance.timeData.localHour < 5", True),
            ("instance.timeData.globalHour < 5", Unknown),
            ("metadata.cart.total < user.age_days", Unknown),
        ],
    );
    let condition = compiled("metadata.gone > 1 AND metadata.vip AND ip.asn = 1");
    let values = Values::of_json(Schema::standard(), data.as_object().unwrap()).unwrap();
    assert_eq!(condition.details().collect::<Vec<_>>(), ["metadata.gone", "metadata.vip"]);
    assert_eq!(condition.missing(&values).collect::<Vec<_>>(), ["metadata.gone", "ip.asn"]);
}

#[test]
fn a_missing_value_makes_every_other_test_unknown() {
    let tests = [
        "ip.is_tor",
        "NOT ip.is_tor",
        "ip.is_tor = false",
        "user.age_days < 7",
        "7 != user.age_days",
        "ip.city = ip.country",
        "ip.city IN ('Rabat')",
        "ip.city NOT IN ('Rabat')",
        "ip.city contains ''",
        "'x' NOT contains ip.city",
    ];
    for test in tests {
        assert_eq!(truth(test, &json!({})), Truth::Unknown, "{test}");
        assert!(!truth(test, &json!({})).is_match());
    }
}

#[test]
fn groups_follow_kleene() {
    use Truth::{False, True, Unknown};
    let data = json!({ "ip.is_tor": true, "ip.is_vpn": false });
    let named = [("ip.is_tor", True), ("ip.is_vpn", False), ("ip.is_proxy", Unknown)];
    for (a, a_truth) in named {
        for (b, b_truth) in named {
            let all = match (a_truth, b_truth) {
                (False, _) | (_, False) => False,
                (True, True) => True,
                _ => Unknown,
            };
            let any = match (a_truth, b_truth) {
                (True, _) | (_, True) => True,
                (False, False) => False,
                _ => Unknown,
            };
            assert_eq!(truth(&format!("{a} AND {b}"), &data), all, "{a} AND {b}");
            assert_eq!(truth(&format!("{a} OR {b}"), &data), any, "{a} OR {b}");
            assert_eq!(truth(&format!("NOT ({a} AND {b})"), &data), !all, "NOT ({a} AND {b})");
        }
    }
}

#[test]
fn lists_what_is_missing_once_and_in_order() {
    let condition = compiled("user.age_days < 7 AND ip.is_tor OR NOT (user.age_days > 3 AND ip.city = null)");
    assert_eq!(condition.variables().collect::<Vec<_>>(), ["user.age_days", "ip.is_tor", "ip.city"]);
    let data = json!({ "ip": { "is_tor": true } });
    let values = Values::of_json(Schema::standard(), data.as_object().unwrap()).unwrap();
    assert_eq!(condition.missing(&values).collect::<Vec<_>>(), ["user.age_days", "ip.city"]);
}

#[test]
fn facts_and_given_values_come_together() {
    let mut facts = portcullis_domain::Facts::unknown();
    facts.set(portcullis_domain::facts::ip::IS_VPN, true);
    let schema = Schema::standard();
    let mut values = Values::of_facts(schema, &facts);
    values.put(schema.slot("user.age_days").unwrap(), Value::Int(1)).unwrap();
    assert_eq!(compiled(GUIDE).evaluate(&values), Truth::Unknown);
    values.put(schema.slot("transaction.amount").unwrap(), Value::Float(10_000.5)).unwrap();
    assert_eq!(compiled(GUIDE).evaluate(&values), Truth::True);
}

#[test]
fn costs_add_up_and_have_a_limit() {
    let cases = [
        ("ip.is_tor", 1),
        ("user.age_days < 7", 1),
        ("ip.city = 'Rabat'", 2),
        ("ip.city = null", 1),
        ("null != ip.city", 1),
        ("NOT ip.is_tor", 2),
        ("ip.is_tor OR ip.is_vpn OR ip.is_proxy", 4),
        ("ip.asn IN (1)", 3),
        ("ip.asn IN (1, 2, 3, 4, 5, 6, 7, 8, 9)", 4),
        ("ip.city ends_with 't'", 8),
        ("ip.asn + 1 - 2 > 3 * 4", 4),
        ("metadata.a > 1", 3),
        ("metadata.a = metadata.b", 6),
    ];
    for (condition, expected) in cases {
        assert_eq!(compiled(condition).cost(), expected, "{condition}");
    }
    let many = |len: usize| vec!["ip.is_tor"; len].join(" OR ");
    assert_eq!(compiled(&many(499)).cost(), MAX_COST);
    assert_eq!(
        error(&many(500)),
        "line 1, column 1: the condition costs 501, more than the limit of 500; shorten it or split it into \
         several rules"
    );
}

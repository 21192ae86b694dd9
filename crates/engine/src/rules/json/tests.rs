use proptest::prelude::*;
use serde_json::json;

use super::{super::Values, *};

fn text(json: &Value) -> Result<String, String> {
    parse(json).map(|condition| condition.to_string()).map_err(|error| error.to_string())
}

#[test]
fn says_the_same_as_the_text() {
    for (json, expected) in [
        (json!({"threat.is_tor": true}), "ip.is_tor = true"),
        (json!({"${threat.is_tor}": "true"}), "ip.is_tor = true"),
        (json!({"ip.asn": {"$gte": 3, "$lt": 9.5}}), "ip.asn >= 3 AND ip.asn < 9.5"),
        (json!({"ipGeoData.country_code": {"$nin": ["DE", "FR"]}}), "ip.country_code NOT IN ('DE', 'FR')"),
        (json!({"device.timezone": {"$ne": "${ip.timezone}"}}), "device.timezone != ip.timezone"),
        (json!({"device.timezone": {"$ne": "ipGeoData.ip_timezone_name"}}), "device.timezone != ip.timezone"),
        (json!({"$gt": ["historicalData.device.uniqueUser", 3]}), "links.users_on_device > 3"),
        (
            json!({"$or": [{"eventType": "signup"}, {"$not": {"ip.city": null}}]}),
            "event.action = 'signup' OR NOT ip.city = null",
        ),
        (
            json!({"$and": [{"$or": [{"ip.is_vpn": true}, {"ip.is_proxy": true}]}, {"ip.asn": {"$not": {"$eq": 1}}}]}),
            "(ip.is_vpn = true OR ip.is_proxy = true) AND NOT ip.asn = 1",
        ),
        (json!({"$or": [{"ip.city": "O'Hare"}]}), "ip.city = 'O''Hare'"),
        // A word that is also a name in `instance` is still a word.
        (json!({"eventType": "state"}), "event.action = 'state'"),
        (json!({"eventMetadata.vip": "true"}), "metadata.vip = true"),
        (json!({"metadata.order-id": {"$in": ["a", "b"]}}), "metadata.'order-id' IN ('a', 'b')"),
        (
            json!({"userModel.country_code.${ipGeoData.country_code}.percent": {"$gte": 0.25}}),
            "instance.userModel.country_code.'${ipGeoData.country_code}'.percent >= 0.25",
        ),
        (json!({"threat.is_known_attacker": true}), "instance.threat.is_known_attacker = true"),
    ] {
        check(&json, expected);
    }
}

#[test]
fn arithmetic_says_the_same_as_the_text() {
    let sum = json!({"$sum": ["userModel.metadata.amount._sum_24_h_", "eventMetadata.amount"]});
    for (json, expected) in [
        (
            json!({"2500": {"$lte": sum}}),
            "2500 <= instance.userModel.metadata.amount._sum_24_h_ + metadata.amount",
        ),
        (json!({"ip.asn": {"$gt": {"$sum": ["${user.age_days}", 1]}}}), "ip.asn > user.age_days + 1"),
        (
            json!({"ip.asn": {"$gt": {"$add": ["user.age_days", -1.5, 2]}}}),
            "ip.asn > user.age_days + -1.5 + 2",
        ),
        (json!({"ip.asn": {"$gt": {"$sum": ["user.age_days"]}}}), "ip.asn > user.age_days"),
        (
            json!({"$gte": [{"$divide": ["ip.asn", {"$subtract": ["user.age_days", 1]}]}, 2]}),
            "ip.asn / (user.age_days - 1) >= 2",
        ),
        (
            json!({"ip.asn": {"$eq": {"$multiply": [{"$multiply": ["user.age_days", 2]}, {"$multiply": [3, "4"]}]}}}),
            "ip.asn = user.age_days * 2 * (3 * 4)",
        ),
    ] {
        check(&json, expected);
    }
}

#[test]
fn what_was_computed_may_have_a_name() {
    for (json, expected) in [
        (
            json!({
                "$transform": [{ "limit": 4 }, { "twice": { "$multiply": ["limit", "eventMetadata.amount"] } }],
                "$and": [{ "twice": { "$gte": "limit" } }, { "eventMetadata.amount": { "$gte": 500 } }],
            }),
            "4 * metadata.amount >= 4 AND metadata.amount >= 500",
        ),
        (
            json!({ "$transform": [{ "x": "ipGeoData.city" }, { "x": "Rabat" }], "ip.city": { "$eq": "x" } }),
            "ip.city = 'Rabat'",
        ),
        (
            json!({ "$transform": [{ "sum": { "$reduce": {
                "input": ["ip.asn", 2, { "$add": ["user.age_days", 1] }],
                "initialValue": 0, "math": { "$sum": ["$$value", "$$this"] } } } }],
                "sum": { "$lt": 10 } }),
            "0 + ip.asn + 2 + (user.age_days + 1) < 10",
        ),
        (
            json!({ "ip.asn": { "$gt": { "$reduce": { "input": [2, 3], "initialValue": 1,
                "math": { "$multiply": ["$$value", "value"] } } } } }),
            "ip.asn > 1 * 2 * 3",
        ),
        (
            json!({ "ip.asn": { "$gt": { "$reduce": { "input": [], "initialValue": 1,
                "math": { "$sum": ["$$value", "$$this"] } } } } }),
            "ip.asn > 1",
        ),
    ] {
        check(&json, expected);
    }
    let outside = json!({ "$and": [{ "$transform": [{ "x": 1 }], "ip.asn": { "$gt": "x" } }, { "x": 1 }] });
    assert_eq!(text(&outside).unwrap_err(), "/$and/1/x: names nothing that rules can look at");
}

fn check(json: &Value, expected: &str) {
    assert_eq!(text(json).as_deref(), Ok(expected), "{json}");
    let condition = parse(json).unwrap();
    assert_eq!(Condition::parse(expected).unwrap(), condition);
    condition.compile(Schema::standard()).unwrap();
}

#[test]
fn says_where_it_is_wrong() {
    for (json, expected) in [
        (json!([]), ": must be an object"),
        (json!({}), ": must not be empty"),
        (
            json!({"$and": [{"ip.is_tor": true}, {"nobody": 1}]}),
            "/$and/1/nobody: names nothing that rules can look at",
        ),
        (json!({"ip.asn": {"$gt": [1]}}), "/ip.asn/$gt: must be a value"),
        (json!({"ip.asn": {"$in": []}}), "/ip.asn/$in: must not be empty"),
        (json!({"ip.asn": {"$in": [1, {}]}}), "/ip.asn/$in/1: must be a value"),
        (
            json!({"ip.asn": {"$nin": ["${user.age_days}"]}}),
            "/ip.asn/$nin/0: must be a value: a list holds no paths",
        ),
        (json!({"$or": 1}), "/$or: must be an array"),
        (
            json!({"ip.asn": {"$sum": [1, 2]}}),
            "/ip.asn/$sum: makes a value; compare it, as in {\"$gt\": {\"$sum\": …}}",
        ),
        (
            json!({"$near": [1, 2]}),
            "/$near: is not an operator; use $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $and, $or or $not",
        ),
        (
            json!({"ip.asn": "text"}),
            "/ip.asn: is wrong: ip.asn is a number and 'text' is a text: they can not be compared",
        ),
        (json!({"ip.asn": {"$gt": "nobody"}}), "/ip.asn/$gt: names nothing that rules can look at"),
        (json!({"ip.asn": {"$gt": {}}}), "/ip.asn/$gt: must have one operator, such as $sum"),
        (
            json!({"ip.asn": {"$gt": {"$near": [1]}}}),
            "/ip.asn/$gt/$near: computes nothing; use $sum, $add, $subtract, $multiply, $divide or $reduce",
        ),
        (json!({"ip.asn": {"$gt": {"$sum": []}}}), "/ip.asn/$gt/$sum: must be an array of one value or more"),
        (json!({"ip.asn": {"$gt": {"$sum": 1}}}), "/ip.asn/$gt/$sum: must be an array"),
        (json!({"ip.asn": {"$gt": {"$divide": [1]}}}), "/ip.asn/$gt/$divide: must be an array of two values"),
        (
            json!({"ip.asn": {"$gt": {"$subtract": [1, 2, 3]}}}),
            "/ip.asn/$gt/$subtract: must be an array of two values",
        ),
        (
            json!({"ip.asn": {"$gt": {"$sum": [1, "ipGeoData.city"]}}}),
            "/ip.asn/$gt/$sum/1: must be a number, which ip.city is not",
        ),
        (
            json!({"ip.asn": {"$gt": {"$sum": [1, true]}}}),
            "/ip.asn/$gt/$sum/1: must be a number, a path or an operator such as $sum",
        ),
        (
            json!({"ip.city": {"$eq": {"$sum": [1, 2]}}}),
            "/ip.city/$eq: is wrong: ip.city is a text and 1 + 2 is a number: they can not be compared",
        ),
        (json!({"$transform": [{"x": 1}]}), ": must not be empty"),
        (json!({"$transform": {"x": 1}, "ip.asn": 1}), "/$transform: must be an array"),
        (
            json!({"$transform": [{"$x": 1}], "ip.asn": 1}),
            "/$transform/0/$x: must be a name of at most 64 bytes, without $",
        ),
        (
            json!({"$transform": [{"x": [1]}], "ip.asn": 1}),
            "/$transform/0/x: must be a value, a path or an operator such as $sum",
        ),
        (
            json!({"ip.asn": {"$gt": {"$reduce": {"input": "userModel.rawMetaData", "initialValue": 0, "math": {}}}}}),
            "/ip.asn/$gt/$reduce/input: must be an array",
        ),
        (
            json!({"ip.asn": {"$gt": {"$reduce": {"input": [], "math": {}}}}}),
            "/ip.asn/$gt/$reduce/initialValue: is missing",
        ),
        (
            json!({"ip.asn": {"$gt": {"$reduce": {"conditions": {}, "input": [], "initialValue": 0, "math": {}}}}}),
            "/ip.asn/$gt/$reduce/conditions: is not supported: every element counts",
        ),
    ] {
        assert_eq!(text(&json), Err(expected.to_owned()), "{json}");
    }
}

#[test]
fn what_is_too_deep_is_refused() {
    let mut json = json!({"ip.is_tor": true});
    let mut computed = json!(1);
    for _ in 0..500 {
        json = json!({ "$not": json });
        computed = json!({ "$sum": [1, computed] });
    }
    assert!(parse(&json).is_err());
    assert!(parse(&json!({ "ip.asn": { "$gt": computed } })).is_err());
}

#[test]
fn names_that_stand_for_each_other_can_not_grow_without_end() {
    let mut names = vec![json!({ "x0": "ip.asn" })];
    for index in 1..100 {
        let before = format!("x{}", index - 1);
        names.push(json!({ format!("x{index}"): { "$sum": [before, before] } }));
    }
    let error = parse(&json!({ "$transform": names, "x99": { "$gt": 1 } })).unwrap_err();
    assert!(error.message.contains("cost more than the limit"), "{error}");
    let math = json!({ "$sum": ["$$value", "$$value"] });
    let reduce = json!({ "$reduce": { "input": vec![1; 100], "initialValue": 1, "math": math } });
    assert!(parse(&json!({ "ip.asn": { "$gt": reduce } })).is_err());
}

#[test]
fn decides_on_what_the_caller_sent() {
    let condition =
        parse(&json!({ "2500": { "$lte": { "$sum": ["eventMetadata.spent", "eventMetadata.amount"] } } }));
    let condition = condition.unwrap().compile(Schema::standard()).unwrap();
    for (sent, expected) in [
        (json!({ "spent": 2_000, "amount": 500 }), Some(true)),
        (json!({ "spent": "2000", "amount": "499.5" }), Some(false)),
        (json!({ "spent": 2_000 }), None),
        (json!({ "spent": 2_000, "amount": "much" }), None),
    ] {
        let sample = json!({ "metadata": sent });
        let values = Values::of_json(Schema::standard(), sample.as_object().unwrap()).unwrap();
        assert_eq!(condition.evaluate(&values), expected.into(), "{sample}");
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e9..1e9f64).prop_map(Value::from),
        "[a-z' ü.$]{0,6}".prop_map(Value::from),
        Just(Value::Null),
        Just(Value::from("user.age_days")),
        Just(Value::from("eventMetadata.a-b")),
    ]
}

fn any_computed() -> impl Strategy<Value = Value> {
    let operator = prop::sample::select(vec!["$sum", "$add", "$subtract", "$multiply", "$divide"]);
    any_value().prop_recursive(3, 12, 3, move |inner| {
        let operands = prop::collection::vec(inner, 1..3);
        (operator.clone(), operands).prop_map(|(operator, operands)| json!({ operator: operands }))
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = ["ip.asn", "ip.is_tor", "eventType", "nobody", "eventMetadata.a-b", "7", "named"];
    let name = prop::sample::select(names.to_vec());
    let operator = prop::sample::select(vec!["$eq", "$gte", "$lt", "$in", "$not", "$sum"]);
    let leaf = prop_oneof![
        (name.clone(), any_value()).prop_map(|(name, value)| json!({ name: value })),
        (name, operator, prop::collection::vec(any_computed(), 0..3)).prop_map(|(name, operator, values)| {
            let value = if operator == "$in" { json!(values) } else { json!(values.first()) };
            json!({ name: { operator: value } })
        }),
    ];
    leaf.prop_recursive(4, 20, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|members| json!({ "$and": members })),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|members| json!({ "$or": members })),
            (inner.clone(), any_computed())
                .prop_map(|(member, value)| json!({ "$transform": [{ "named": value }], "$and": [member] })),
            inner.prop_map(|member| json!({ "$not": member })),
        ]
    })
}

proptest! {
    #[test]
    fn the_text_of_what_was_read_is_the_same_condition(json in any_json()) {
        let left = Cell::new(MOST_OPERANDS);
        let reader = Reader::new(&left);
        if let (Ok(tree), Ok(condition)) = (reader.condition(&json, &At::default()), parse(&json)) {
            prop_assert_eq!(&Condition(tree), &condition);
            prop_assert_eq!(Condition::parse(&condition.to_string()).unwrap(), condition);
        }
    }
}

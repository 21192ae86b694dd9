//! `/v1/fraud/analytics`.

use portcullis_domain::{Mode, Realm};
use portcullis_store::{Metric, RuleFigure, RuleId};
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{Shop, error, key, names, set, two_shops};

const SUMMARY: &str = "/v1/fraud/analytics/summary";
const TRENDS: &str = "/v1/fraud/analytics/trends";
const RULES: &str = "/v1/fraud/analytics/rules";
const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

async fn get(app: &TestApp, key: &str, path: &str, query: &str) -> Value {
    app.get(&format!("{path}{query}")).bearer(key).send().await.expect_json(200)
}

fn realm(app: &TestApp, shop: &Shop, mode: Mode) -> Realm {
    Realm { tenant: app.store.control().tenant_by_slug(&shop.tenant.slug).unwrap().id, mode }
}

/// Counts for the live data of a shop, so long before now.
async fn count(app: &TestApp, shop: &Shop, ago_ms: i64, counts: Vec<(Metric, u32)>) {
    let at = app.store.clock().now().plus_millis(-ago_ms);
    app.store.of(realm(app, shop, Mode::Live)).tally(at, counts).await.unwrap();
}

/// Reports a signal so long before now, as the store does.
async fn report(app: &TestApp, shop: &Shop, ago_ms: i64, kind: &str, severity: &str) {
    count(app, shop, ago_ms, Metric::of_report(kind, severity).map(|metric| (metric, 1)).into()).await;
}

/// Decides a signal that was reported so long before now.
async fn decide(app: &TestApp, shop: &Shop, ago_ms: i64, is_fraud: bool) {
    let (decided, of_reported) = Metric::of_decision(is_fraud);
    count(app, shop, 0, vec![(decided, 1)]).await;
    count(app, shop, ago_ms, vec![(of_reported, 1)]).await;
}

/// One field of each item.
fn column(trends: &Value, field: &str) -> Vec<Value> {
    trends["data"].as_array().unwrap().iter().map(|item| item[field].clone()).collect()
}

#[tokio::test]
async fn a_summary_of_nothing_has_every_field() {
    let (app, acme, _other) = two_shops().await;
    let expected = json!({
        "object": "analytics_summary", "period": "30d",
        "signals": { "total": 0, "confirmed": 0, "dismissed": 0, "pending": 0 },
        "false_positive_rate": 0.0, "total_verifications": 0, "fraud_signals": 0, "fraud_rate": 0.0,
        "by_type": {}, "by_severity": {}, "events": 0, "blocked": 0, "would_block": 0,
        "velocity_exceeded": 0, "challenged": 0, "reviewed": 0,
    });
    assert_eq!(get(&app, &acme.live, SUMMARY, "").await, expected);
    assert_eq!(get(&app, &acme.live, SUMMARY, "?period=30d&unknown=1").await, expected);
}

#[tokio::test]
async fn a_summary_adds_up_and_is_of_one_realm() {
    let (app, acme, other) = two_shops().await;
    for (ago_ms, kind, severity) in
        [(0, "chargeback", "high"), (DAY_MS, "chargeback", "low"), (6 * DAY_MS, "account_takeover", "high")]
    {
        report(&app, &acme, ago_ms, kind, severity).await;
    }
    decide(&app, &acme, DAY_MS, true).await;
    decide(&app, &acme, 6 * DAY_MS, false).await;
    // Reported before the period, and decided in it.
    report(&app, &acme, 7 * DAY_MS, "old", "high").await;
    decide(&app, &acme, 7 * DAY_MS, true).await;
    let figures = [
        (Metric::Verifications, 8),
        (Metric::Events, 90),
        (Metric::Blocked, 7),
        (Metric::WouldBlock, 6),
        (Metric::Challenged, 5),
        (Metric::Reviewed, 4),
        (Metric::VelocityExceeded, 3),
    ];
    count(&app, &acme, 0, figures.into()).await;
    let expected = json!({
        "object": "analytics_summary", "period": "7d",
        "signals": { "total": 3, "confirmed": 1, "dismissed": 1, "pending": 1 },
        "false_positive_rate": 0.5, "total_verifications": 8, "fraud_signals": 3, "fraud_rate": 0.125,
        "by_type": { "account_takeover": 1, "chargeback": 2 }, "by_severity": { "high": 2, "low": 1 },
        "events": 90, "blocked": 7, "would_block": 6, "velocity_exceeded": 3, "challenged": 5, "reviewed": 4,
    });
    assert_eq!(get(&app, &acme.live, SUMMARY, "?period=7d").await, expected);
    let total = |summary: Value| summary["signals"]["total"].clone();
    assert_eq!(total(get(&app, &acme.live, SUMMARY, "?period=today").await), 1);
    assert_eq!(total(get(&app, &acme.live, SUMMARY, "").await), 4);
    assert_eq!(total(get(&app, &acme.test, SUMMARY, "").await), 0);
    assert_eq!(total(get(&app, &other.live, SUMMARY, "").await), 0);
    app.clock.advance(84 * DAY_MS);
    assert_eq!(total(get(&app, &acme.live, SUMMARY, "?period=90d").await), 2, "the 6th day back left it");
}

#[tokio::test]
async fn trends_have_every_day_oldest_first() {
    let (app, acme, other) = two_shops().await;
    report(&app, &acme, 2 * DAY_MS, "chargeback", "high").await;
    decide(&app, &acme, 2 * DAY_MS, true).await;
    count(&app, &acme, DAY_MS, vec![(Metric::Blocked, 2), (Metric::VelocityExceeded, 3)]).await;
    count(&app, &acme, 7 * DAY_MS, vec![(Metric::Blocked, 9)]).await;
    let trends = get(&app, &acme.live, TRENDS, "?period=7d").await;
    assert_eq!(
        (&trends["object"], &trends["period"], &trends["granularity"]),
        (&json!("analytics_trends"), &json!("7d"), &json!("daily"))
    );
    let dates = ["2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04"];
    assert_eq!(column(&trends, "date")[..6], dates.map(Value::from));
    assert_eq!(column(&trends, "date")[6], "2026-01-05");
    assert_eq!(column(&trends, "signals"), [0, 0, 0, 0, 1, 0, 0].map(Value::from));
    assert_eq!(
        column(&trends, "confirmed"),
        [0, 0, 0, 0, 0, 0, 1].map(Value::from),
        "the day of the decision"
    );
    assert_eq!(column(&trends, "blocked"), [0, 0, 0, 0, 0, 2, 0].map(Value::from));
    assert_eq!(column(&trends, "velocity_exceeded"), [0, 0, 0, 0, 0, 3, 0].map(Value::from));
    let fields = [
        "blocked",
        "challenged",
        "confirmed",
        "date",
        "dismissed",
        "events",
        "reviewed",
        "signals",
        "velocity_exceeded",
        "would_block",
    ];
    assert_eq!(names(&trends["data"][0]), fields);
    let usual = get(&app, &acme.live, TRENDS, "").await;
    assert_eq!((usual["data"].as_array().unwrap().len(), &usual["period"]), (30, &json!("30d")));
    for key in [&acme.test, &other.live] {
        let trends = get(&app, key, TRENDS, "?period=7d").await;
        assert!(column(&trends, "blocked").iter().all(|n| n == 0));
    }
}

/// It is Monday, 2026-01-05, 10:00.
#[tokio::test]
async fn trends_of_every_granularity_add_up_to_the_same() {
    let (app, acme, _other) = two_shops().await;
    for (ago_ms, n) in [(0, 1), (10 * HOUR_MS, 2), (11 * HOUR_MS, 4), (4 * DAY_MS, 8), (29 * DAY_MS, 16)] {
        count(&app, &acme, ago_ms, vec![(Metric::Events, n)]).await;
    }
    // Before the period, and in the week and month of its first day.
    count(&app, &acme, 30 * DAY_MS, vec![(Metric::Events, 1_000)]).await;
    for (granularity, items, first, last) in [
        ("hourly", 29 * 24 + 11, "2025-12-07T00:00:00Z", "2026-01-05T10:00:00Z"),
        ("daily", 30, "2025-12-07", "2026-01-05"),
        ("weekly", 6, "2025-12-01", "2026-01-05"),
        ("monthly", 2, "2025-12-01", "2026-01-01"),
    ] {
        let trends = get(&app, &acme.live, TRENDS, &format!("?granularity={granularity}")).await;
        let (dates, events) = (column(&trends, "date"), column(&trends, "events"));
        assert_eq!(dates.len(), items, "{granularity}");
        assert_eq!((dates.first().unwrap(), dates.last().unwrap()), (&json!(first), &json!(last)));
        assert!(dates.iter().map(Value::as_str).is_sorted());
        assert_eq!(events.iter().map(|n| n.as_u64().unwrap()).sum::<u64>(), 31, "{granularity}");
    }
    let weekly = get(&app, &acme.live, TRENDS, "?granularity=weekly").await;
    assert_eq!(column(&weekly, "events"), [16, 0, 0, 0, 12, 3].map(Value::from));
    let monthly = get(&app, &acme.live, TRENDS, "?granularity=monthly").await;
    assert_eq!(column(&monthly, "events"), [16, 15].map(Value::from));
    let today = get(&app, &acme.live, TRENDS, "?period=today&granularity=hourly").await;
    assert_eq!(column(&today, "events"), [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1].map(Value::from));
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let (app, acme, _other) = two_shops().await;
    for (path, query, param) in [
        (SUMMARY, "?period=", "period"),
        (SUMMARY, "?period=8d", "period"),
        (RULES, "?period=all", "period"),
        (TRENDS, "?period=30", "period"),
        (TRENDS, "?granularity=yearly", "granularity"),
    ] {
        let answer = app.get(&format!("{path}{query}")).bearer(&acme.live).send().await;
        let error = error(answer, 400, "validation_error", "invalid_parameter");
        assert_eq!(error["param"], param, "{path}{query}");
    }
    let answer = app.get(&format!("{TRENDS}?period=x&granularity=y")).bearer(&acme.live).send().await;
    let error = error(answer, 400, "validation_error", "invalid_parameter");
    let both = "period must be today, 7d, 30d or 90d; granularity must be hourly, daily, weekly or monthly";
    assert_eq!((&error["param"], &error["message"]), (&json!("period"), &json!(both)));
}

#[tokio::test]
async fn every_rule_is_listed_with_what_it_did() {
    let (app, acme, other) = two_shops().await;
    let post = |path: &'static str, body: Value| {
        let call = app.post(path, &body).bearer(&acme.live);
        async move { call.send().await.expect_json(201) }
    };
    let rule = |name: &str| json!({ "name": name, "condition": "ip.is_tor", "action": "block", "enforcement": "monitor" });
    let idle = post("/v1/fraud/rules", rule("Idle")).await;
    let busy = post("/v1/fraud/rules", rule("Busy")).await;
    let gone = post("/v1/fraud/rules", rule("Gone")).await;
    let limit =
        json!({ "name": "Limit", "action": "verify", "limit": 1, "window": "1h", "scope": "user_id" });
    let limit = post("/v1/fraud/velocity/rules", limit).await;
    let id: RuleId = busy["id"].as_str().unwrap().parse().unwrap();
    let figure = |figure, n| (Metric::rule(figure, id), n);
    let counts = vec![
        figure(RuleFigure::Fired, 10),
        figure(RuleFigure::WouldBlock, 9),
        figure(RuleFigure::Blocked, 1),
        figure(RuleFigure::Confirmed, 3),
        figure(RuleFigure::Dismissed, 1),
    ];
    count(&app, &acme, 8 * DAY_MS, counts).await;
    app.delete(&format!("/v1/fraud/rules/{}", gone["id"].as_str().unwrap())).bearer(&acme.live).send().await;
    // The limit of 1 is met by itself: the second and the third attempt are beyond it.
    for _ in 0..3 {
        let check = json!({ "user_id": "u1", "action": "verify" });
        app.post("/v1/fraud/velocity/check", &check).bearer(&acme.live).send().await.expect(200);
    }
    let idle = json!({
        "id": idle["id"], "name": "Idle", "kind": "custom", "action": "block", "enforcement": "monitor",
        "enabled": true, "fired": 0, "would_block": 0, "blocked": 0, "confirmed": 0, "dismissed": 0,
        "false_positive_rate": 0.0,
    });
    let mut busy_then = idle.clone();
    busy_then["id"] = busy["id"].clone();
    busy_then["name"] = json!("Busy");
    let busy_now = busy_then.clone();
    for (field, n) in [("fired", 10), ("would_block", 9), ("blocked", 1), ("confirmed", 3), ("dismissed", 1)]
    {
        busy_then[field] = json!(n);
    }
    busy_then["false_positive_rate"] = json!(0.25);
    let limit = json!({
        "id": limit["id"], "name": "Limit", "kind": "velocity", "action": "block", "enforcement": null,
        "enabled": true, "fired": 2, "would_block": 0, "blocked": 2, "confirmed": 0, "dismissed": 0,
        "false_positive_rate": 0.0,
    });
    let expected = json!({ "object": "analytics_rules", "period": "30d", "data": [busy_then, idle, limit] });
    assert_eq!(get(&app, &acme.live, RULES, "").await, expected);
    assert_eq!(get(&app, &acme.live, RULES, "?period=7d").await["data"][0], busy_now);
    // Rules are the account's, what they did is of one data set.
    let test = get(&app, &acme.test, RULES, "").await;
    assert_eq!((&test["data"][0], &test["data"][2]["fired"]), (&busy_now, &json!(0)));
    assert_eq!(get(&app, &other.live, RULES, "").await["data"], json!([]));
    let summary = get(&app, &acme.live, SUMMARY, "?period=today").await;
    assert_eq!(summary["velocity_exceeded"], 2);
}

#[tokio::test]
async fn figures_need_the_scope_to_read() {
    let (app, acme, _other) = two_shops().await;
    let writer = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:write"] })).await;
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    for path in [SUMMARY, TRENDS, RULES] {
        app.get(path).bearer(&reader).send().await.expect(200);
        let refused = app.get(path).bearer(&writer).send().await;
        error(refused, 403, "authorization_error", "forbidden");
        error(app.get(path).send().await, 401, "authentication_error", "unauthorized");
        error(
            app.get(path).bearer(&acme.tenant.admin).send().await,
            401,
            "authentication_error",
            "unauthorized",
        );
    }
}

#[tokio::test]
async fn a_key_may_ask_30_times_a_minute_for_all_figures_together() {
    let (app, acme, other) = two_shops().await;
    for call in 0..30 {
        let path = [SUMMARY, TRENDS, RULES][call % 3];
        let answer = app.get(path).bearer(&acme.live).send().await.expect(200);
        assert_eq!(answer.header("x-ratelimit-limit"), "30");
        assert_eq!(answer.header("x-ratelimit-remaining"), (29 - call).to_string());
        assert_eq!(answer.header("x-ratelimit-window"), "60");
    }
    let refused = app.get(SUMMARY).bearer(&acme.live).send().await;
    assert_eq!((refused.header("x-ratelimit-remaining"), refused.header("retry-after")), ("0", "60"));
    error(refused, 429, "rate_limit_error", "rate_limit_exceeded");
    // Other calls with the key are counted apart, as are other keys.
    let answer = app.get("/v1/fraud/blocklist").bearer(&acme.live).send().await.expect(200);
    assert_eq!(answer.header("x-ratelimit-remaining"), "999");
    app.get(TRENDS).bearer(&acme.test).send().await.expect(200);
    app.get(TRENDS).bearer(&other.live).send().await.expect(200);
    app.clock.advance(60_000);
    app.get(SUMMARY).bearer(&acme.live).send().await.expect(200);
}

#[tokio::test]
async fn the_operator_may_set_another_limit_for_figures() {
    let (app, acme, other) = two_shops().await;
    set(&app, &acme, json!({ "analyticsPerMinute": 1, "rateLimitPerMinute": 500 })).await;
    app.get(SUMMARY).bearer(&acme.live).send().await.expect(200);
    error(app.get(RULES).bearer(&acme.live).send().await, 429, "rate_limit_error", "rate_limit_exceeded");
    let answer = app.get(SUMMARY).bearer(&other.live).send().await.expect(200);
    assert_eq!(answer.header("x-ratelimit-limit"), "30");
    set(&app, &acme, json!({ "analyticsPerMinute": null })).await;
    let answer = app.get(SUMMARY).bearer(&acme.live).send().await.expect(200);
    assert_eq!((answer.header("x-ratelimit-limit"), answer.header("x-ratelimit-remaining")), ("30", "28"));
    for wrong in [json!(0), json!(1_000_001), json!("many")] {
        let patch = json!({ "analyticsPerMinute": wrong });
        let answer = app.patch("/api/v1/admin/clients/acme", &patch).bearer(&app.admin).send().await;
        assert!(answer.expect(400).text().contains("analyticsPerMinute"));
    }
}

#[tokio::test]
async fn figures_survive_a_restart() {
    let (app, acme, _other) = two_shops().await;
    report(&app, &acme, 0, "chargeback", "high").await;
    let app = app.restarted().await;
    assert_eq!(get(&app, &acme.live, SUMMARY, "").await["by_type"], json!({ "chargeback": 1 }));
}

//! What a session's time and place give away: replays, positions that jump, clocks that do not fit.

use serde_json::json;

use super::{
    scoring::{codes, event, live_key, points, score, session, with},
    support::two_accounts,
};

#[tokio::test]
async fn the_fourth_submission_within_a_minute_is_a_replay() {
    let (app, acme, other) = two_accounts().await;
    let body = event("d", "LOGIN");
    let live = live_key(&app, &acme).await;
    for (wait_ms, fired) in [
        (0, vec![]),
        (20_000, vec![]),
        (20_000, vec![]),
        (19_000, vec!["REPLAY_ATTACK"]),
        // Only the three of the last minute are left, this one included.
        (40_000, vec![]),
        (10_000, vec![]),
        (0, vec!["REPLAY_ATTACK"]),
    ] {
        app.clock.advance(wait_ms);
        let answer = score(&app, &acme.key, &body).await;
        assert_eq!(codes(&answer["serverFlags"]), fired);
        assert_eq!(answer["riskScore"], if fired.is_empty() { 0 } else { 60 }, "40 × 1.5");
        assert_eq!(answer["deviceHistory"]["totalSessions"], 1);
    }
    // A session of live data or of another account is not the same.
    for key in [&live, &other.key] {
        assert_eq!(points(&app, key, &body).await, 0);
    }
    assert_eq!(points(&app, &acme.key, &session("d", "another")).await, 0);
}

#[tokio::test]
async fn positions_that_jump_are_made_up() {
    let (app, acme, other) = two_accounts().await;
    let at = |lat: f64, lon: f64| json!({ "locationProfile": { "lat": lat, "lon": lon } });
    let (dubai, london) = (at(25.2048, 55.2708), at(51.5072, -0.1276));
    for (wait_ms, key, place, fired) in [
        (0, &acme.key, &dubai, false),
        // Another account's device of the same name is another device.
        (60_000, &other.key, &london, false),
        (60_000, &acme.key, &json!({}), false),
        // 5,470 km in two hours.
        (2 * 3_600_000, &acme.key, &london, true),
        (60_000, &acme.key, &at(51.508, -0.1276), false),
        // The same way in seven hours.
        (7 * 3_600_000, &acme.key, &dubai, false),
    ] {
        app.clock.advance(wait_ms);
        let name = app.store.clock().now().as_millis().to_string();
        let answer = score(&app, key, &with(session("d", &name), place)).await;
        let expected = if fired { vec!["GPS_IMPOSSIBLE_VELOCITY"] } else { vec![] };
        assert_eq!(codes(&answer["serverFlags"]), expected, "{place}");
        let label = if fired { "LOCATION_SPOOFING" } else { "CLEAN" };
        assert_eq!((codes(&answer["riskLabels"]), answer["riskScore"] == 30), (vec![label], fired));
    }
}

#[tokio::test]
async fn clocks_must_fit_the_position() {
    let (app, acme, _other) = two_accounts().await;
    let dubai = json!({ "lat": 25.2048, "lon": 55.2708 });
    for (index, (profile, fired)) in [
        (json!({ "timezone": "Asia/Dubai" }), false),
        // Winter: UTC+2 against UTC+4 is two hours, UTC+1 three.
        (json!({ "timezone": "Europe/Athens" }), false),
        (json!({ "timezone": "Europe/Berlin" }), true),
        (json!({ "utcOffsetMinutes": 240 }), false),
        (json!({ "utcOffsetMinutes": 120 }), false),
        (json!({ "utcOffsetMinutes": 105 }), true),
        (json!({ "timezone": "Asia/Dubai", "utcOffsetMinutes": 0 }), false),
        (json!({ "timezone": "Nowhere/Atall" }), false),
        (json!({ "timezone": "Nowhere/Atall", "utcOffsetMinutes": 0 }), true),
        (json!({}), false),
    ]
    .into_iter()
    .enumerate()
    {
        let more = json!({ "deviceProfile": profile, "locationProfile": dubai });
        let answer = score(&app, &acme.key, &with(session("d", &format!("s{index}")), &more)).await;
        let expected = if fired { "IDENTITY_MISMATCH" } else { "CLEAN" };
        assert_eq!(codes(&answer["riskLabels"]), [expected], "{profile}");
    }
}

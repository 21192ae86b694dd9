//! Many requests at once: every count exact, one idempotency key one event.

use std::collections::BTreeSet;

use portcullis_testkit::Answer;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::support::{
    admin_of, check_answer, ingest, judge, key_and_id, login, mouse_path, signup, two_clients, with,
};

const MANY: i64 = 64;

fn count(answer: &Value, name: &str) -> i64 {
    answer["derivedSignals"]["linkage"][name].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_signups_are_counted_one_by_one() {
    let (app, acme, other) = two_clients().await;
    let mut tasks = JoinSet::new();
    for index in 0..MANY {
        let name = format!("u{index}");
        let body = with(
            signup(&name),
            &[("/device", signup("farm")["device"].clone()), ("/behavior/mousePath", mouse_path(&name))],
        );
        for (whose, key) in [("acme", &acme), ("other", &other)] {
            let call = ingest(&app, key, &body);
            tasks.spawn(async move { (whose, call.send().await.expect_json(200)) });
        }
    }
    let answers = tasks.join_all().await;
    for whose in ["acme", "other"] {
        let ours: Vec<_> = answers.iter().filter(|(of, _)| *of == whose).map(|(_, answer)| answer).collect();
        for name in ["accountsOnDevice", "accountsOnIp", "signupsFromIpLastHour", "signupsFromDeviceLastHour"]
        {
            let mut counts: Vec<_> = ours.iter().map(|answer| count(answer, name)).collect();
            counts.sort_unstable();
            assert_eq!(counts, (1..=MANY).collect::<Vec<_>>(), "{whose} {name}");
        }
        for answer in &ours {
            check_answer(answer);
            // All four counts are of one moment.
            let place = count(answer, "accountsOnDevice");
            assert_eq!(count(answer, "signupsFromIpLastHour"), place);
            assert_eq!((count(answer, "devicesForAccount"), count(answer, "ipsForAccount")), (1, 1));
            assert_eq!(answer["derivedSignals"]["device"]["isNew"], place == 1);
        }
        let ids: BTreeSet<_> = ours.iter().map(|answer| answer["eventId"].as_str().unwrap()).collect();
        assert_eq!(ids.len() as i64, MANY);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_idempotency_key_at_once_is_one_event() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let mut tasks = JoinSet::new();
    for key in [&acme, &other] {
        for _ in 0..MANY {
            let call = ingest(&app, key, &signup("jane")).header("idempotency-key", "once");
            tasks.spawn(call.send());
        }
    }
    let answers: Vec<Answer> = tasks.join_all().await.into_iter().map(|answer| answer.expect(200)).collect();
    let bodies: BTreeSet<_> = answers.iter().map(Answer::text).collect();
    assert_eq!(bodies.len(), 2, "one for each client");
    let first = answers.iter().filter(|answer| answer.header("idempotent-replayed").is_empty());
    assert_eq!(first.count(), 2);
    let events = app.get("/api/v1/client/events").bearer(&token).send().await.expect_json(200);
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
    let later = judge(&app, &acme, &signup("jane")).await;
    assert_eq!(count(&later, "signupsFromDeviceLastHour"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_bodies_with_one_key_one_wins() {
    let (app, acme, _other) = two_clients().await;
    let mut tasks = JoinSet::new();
    for index in 0..MANY {
        let call = ingest(&app, &acme, &login(if index % 2 == 0 { "jane" } else { "joe" }));
        tasks.spawn(call.header("idempotency-key", "contested").send());
    }
    let answers = tasks.join_all().await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((won.len() as i64, lost.len() as i64), (MANY / 2, MANY / 2));
    assert!(lost.iter().all(|answer| answer.status == 409));
    assert_eq!(won.iter().map(|answer| answer.text()).collect::<BTreeSet<_>>().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn revoking_is_felt_by_every_request_after_it_under_load() {
    let (app, acme, other) = two_clients().await;
    let (doomed, id) = key_and_id(&app, "acme", "live").await;
    let mut before = JoinSet::new();
    for _ in 0..MANY {
        before.spawn(ingest(&app, &doomed, &login("jane")).send());
        before.spawn(ingest(&app, &other, &login("jane")).send());
    }
    app.delete(&format!("/api/v1/admin/clients/acme/api-keys/{id}"))
        .bearer(&app.admin)
        .send()
        .await
        .expect(204);
    let mut after = JoinSet::new();
    for _ in 0..MANY {
        after.spawn(ingest(&app, &doomed, &login("jane")).send());
    }
    assert!(after.join_all().await.iter().all(|answer| answer.status == 401));
    // Those on their way were answered one way or the other.
    assert!(before.join_all().await.iter().all(|answer| answer.status == 200 || answer.status == 401));
    ingest(&app, &acme, &login("jane")).send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rules_may_change_under_load() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let mut tasks = JoinSet::new();
    for round in 0..8 {
        let change = json!({ "rules": [{ "code": "MISSING_SIGNALS", "weight": 100 + round }] });
        let body = json!({ "type": "LOGIN", "ip": "203.0.113.7" });
        for _ in 0..8 {
            tasks.spawn(ingest(&app, &acme, &body).send());
        }
        app.put("/api/v1/client/rules", &change).bearer(&token).send().await.expect(200);
        assert_eq!(judge(&app, &acme, &body).await["riskScore"], 100 + round);
        assert_eq!(judge(&app, &other, &body).await["riskScore"], 20);
    }
    for answer in tasks.join_all().await {
        check_answer(&answer.expect_json(200));
    }
}

//! `GET /fraud/v1/geo-verify`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{get, two_partners, wrong_fields};

async fn world(app: &TestApp) {
    let items = json!({ "items": [
        { "cidr": "192.168.1.0/24", "country": "United States", "countryCode": "US", "region": "New York",
          "city": "New York" },
        { "cidr": "203.0.113.0/24", "country": "Brazil", "countryCode": "BR", "city": "São Paulo" },
        { "cidr": "198.51.100.0/24", "country": "Germany", "countryCode": "DE" },
    ] });
    app.put("/api/v1/admin/reputation/ip-overrides", &items).bearer(&app.admin).send().await.expect(200);
}

async fn verify(app: &TestApp, key: &str, query: &str) -> Value {
    get(app, key, &format!("geo-verify?{query}")).await
}

#[tokio::test]
async fn the_sample_of_the_guide_runs() {
    let (app, acme, _other) = two_partners().await;
    world(&app).await;
    let query = "ipAddress=192.168.1.100&expectedCountry=United%20States&expectedCity=New%20York";
    let expected = json!({ "verified": true, "actualCountry": "United States", "actualCity": "New York",
                           "confidence": 0.95, "message": "Location verification successful" });
    assert_eq!(verify(&app, &acme.live, query).await, expected);
}

#[tokio::test]
async fn countries_are_names_or_codes_and_less_agreement_is_less_confidence() {
    let (app, acme, _other) = two_partners().await;
    world(&app).await;
    for (query, verified, confidence) in [
        ("ipAddress=192.168.1.100&expectedCountry=us&expectedCity=new+york", true, 0.95),
        ("ipAddress=::ffff:192.168.1.100&expectedCountry=US", true, 0.8),
        ("ipAddress=203.0.113.7&expectedCountry=BRAZIL&expectedCity=Sao%20Paulo", true, 0.95),
        ("ipAddress=203.0.113.7&expectedCountry=Brazil&expectedCity=", true, 0.8),
        ("ipAddress=203.0.113.7&expectedCountry=Brazil&expectedCity=Santos", false, 0.3),
        ("ipAddress=198.51.100.7&expectedCountry=DE&expectedCity=Berlin", false, 0.5),
        ("ipAddress=198.51.100.7&expectedCountry=DE", true, 0.8),
        ("ipAddress=198.51.100.7&expectedCountry=deu", true, 0.8),
        ("ipAddress=198.51.100.7&expectedCountry=D", false, 0.0),
        ("ipAddress=192.168.1.100&expectedCountry=USA", true, 0.8),
        ("ipAddress=192.168.1.100&expectedCountry=United%20States%20of%20America", true, 0.8),
        ("ipAddress=192.168.1.100&expectedCountry=UK", false, 0.0),
        ("ipAddress=192.168.1.100&expectedCountry=Canada&expectedCity=New%20York", false, 0.0),
    ] {
        let place = verify(&app, &acme.live, query).await;
        assert_eq!(
            (&place["verified"], &place["confidence"]),
            (&json!(verified), &json!(confidence)),
            "{query}"
        );
        let message =
            if verified { "Location verification successful" } else { "Location verification failed" };
        assert_eq!(place["message"], message);
    }
}

#[tokio::test]
async fn an_address_that_hides_its_place_is_worth_half() {
    let (app, acme, _other) = two_partners().await;
    world(&app).await;
    let exits = json!({ "items": ["203.0.113.7"] });
    app.put("/api/v1/admin/reputation/tor-exits", &exits).bearer(&app.admin).send().await.expect(200);
    let query = "ipAddress=203.0.113.7&expectedCountry=BR&expectedCity=São%20Paulo".replace('ã', "%C3%A3");
    assert_eq!(verify(&app, &acme.live, &query).await["confidence"], 0.475);
}

#[tokio::test]
async fn what_is_not_known_is_not_verified() {
    let (app, acme, _other) = two_partners().await;
    let query = "ipAddress=10.0.0.1&expectedCountry=United%20States";
    let expected = json!({ "verified": false, "actualCountry": null, "actualCity": null, "confidence": 0.0,
                           "message": "Location could not be determined" });
    assert_eq!(verify(&app, &acme.live, query).await, expected);
}

#[tokio::test]
async fn wrong_input_names_its_parameter() {
    let (app, acme, _other) = two_partners().await;
    for (query, expected) in [
        ("", &["ipAddress", "expectedCountry"][..]),
        ("ipAddress=x&expectedCountry=US", &["ipAddress"]),
        ("ipAddress=192.0.2.1&expectedCity=Berlin", &["expectedCountry"]),
    ] {
        let answer = app.get(&format!("/fraud/v1/geo-verify?{query}")).bearer(&acme.live).send().await;
        assert_eq!(wrong_fields(answer), expected, "{query}");
    }
}

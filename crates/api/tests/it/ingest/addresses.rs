//! The forms of `ip` and `email`.

use serde_json::{Value, json};

use super::support::{admin_of, detail, fired, ingest, judge, list, login, signup, two_clients, with};

#[tokio::test]
async fn the_address_is_the_left_most_public_one() {
    let (app, acme, _other) = two_clients().await;
    for (sent, understood, is_private) in [
        ("81.2.69.142", "81.2.69.142", false),
        ("  81.2.69.142  ", "81.2.69.142", false),
        ("81.2.69.142:52100", "81.2.69.142", false),
        ("81.2.69.142, 8.8.8.8", "81.2.69.142", false),
        ("10.0.0.1, 81.2.69.142, 8.8.8.8", "81.2.69.142", false),
        ("unknown, 81.2.69.142", "81.2.69.142", false),
        ("_hidden,,81.2.69.142:80", "81.2.69.142", false),
        ("127.0.0.1, 81.2.69.142", "81.2.69.142", false),
        ("::ffff:81.2.69.142", "81.2.69.142", false),
        ("[::ffff:81.2.69.142]:443", "81.2.69.142", false),
        ("2001:4860:4860::8888", "2001:4860:4860::8888", false),
        ("2001:4860:4860:0:0:0:0:8888", "2001:4860:4860::8888", false),
        ("2001:4860:4860::8888:443", "2001:4860:4860::8888:443", false),
        ("[2001:4860:4860::8888]", "2001:4860:4860::8888", false),
        ("[2001:4860:4860::8888]:443", "2001:4860:4860::8888", false),
        ("\"[2001:4860:4860::8888]:443\"", "2001:4860:4860::8888", false),
        ("fe80::1%eth0", "fe80::1", true),
        ("10.0.0.1, 192.168.1.1", "10.0.0.1", true),
        ("192.168.1.100", "192.168.1.100", true),
        ("100.64.0.1", "100.64.0.1", true),
        ("172.31.255.255", "172.31.255.255", true),
        ("169.254.1.1", "169.254.1.1", true),
        ("127.0.0.1", "127.0.0.1", true),
        ("::1", "::1", true),
        ("0.0.0.0", "0.0.0.0", true),
        ("255.255.255.255", "255.255.255.255", true),
        ("203.0.113.7", "203.0.113.7", true),
        ("2001:db8::1", "2001:db8::1", true),
        ("fd00::1", "fd00::1", true),
        ("::ffff:10.0.0.1", "10.0.0.1", true),
    ] {
        let answer = judge(&app, &acme, &with(login("jane"), &[("/ip", json!(sent))])).await;
        let ip = &answer["derivedSignals"]["ip"];
        assert_eq!((&ip["address"], &ip["isPrivate"]), (&json!(understood), &json!(is_private)), "{sent}");
        if is_private {
            for field in
                ["country", "countryCode", "city", "latitude", "timezone", "asn", "isTor", "isDatacenter"]
            {
                assert_eq!(ip[field], Value::Null, "{sent} {field}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    let (app, acme, _other) = two_clients().await;
    for sent in [
        "",
        " ",
        ",",
        "localhost",
        "example.com",
        "8.8.8",
        "8.8.8.8.8",
        "8.8.8.256",
        "08.8.8.8",
        "0x08080808",
        "134744072",
        "8.8.8.8/32",
        "8.8.8.8:99999",
        "8.8.8.8:",
        "[::1",
        "::1]",
        "[8.8.8.8",
        "1::2::3",
        "::g",
        "12345::",
        "for=8.8.8.8",
        "null",
        "8.8.8.8 8.8.4.4",
        "8.8.8.8\u{0}",
        "８.８.８.８",
    ] {
        let body = with(login("jane"), &[("/ip", json!(sent))]);
        let answer = ingest(&app, &acme, &body).send().await;
        assert_eq!(answer.status.as_u16(), 400, "{sent:?}");
        assert_eq!(answer.json()["error"]["fields"][0]["field"], "ip", "{sent:?}");
    }
    let long = vec!["10.0.0.1"; 10_000].join(", ");
    judge(&app, &acme, &with(login("jane"), &[("/ip", json!(long))])).await;
}

#[tokio::test]
async fn the_peer_never_stands_in_for_the_address() {
    let (app, acme, _other) = two_clients().await;
    list(&app, "tor-exits", json!(["198.51.101.9"])).await;
    let from = async |peer: &str, forwarded: &str, ip: &str| {
        let body = with(login("jane"), &[("/ip", json!(ip))]);
        let call = ingest(&app, &acme, &body).from(peer).header("x-forwarded-for", forwarded);
        call.send().await.expect_json(200)["derivedSignals"]["ip"]["address"].clone()
    };
    assert_eq!(from("198.51.101.9", "198.51.101.9", "203.0.113.7").await, "203.0.113.7");
    assert_eq!(from("10.0.0.1", "198.51.101.9", "192.168.1.1").await, "192.168.1.1");
}

#[tokio::test]
async fn private_addresses_match_no_list_unless_an_override_names_them() {
    let (app, acme, _other) = two_clients().await;
    let berlin = json!({ "countryCode": "DE", "latitude": 52.52, "longitude": 13.41, "asn": 64500 });
    list(&app, "tor-exits", json!(["192.168.1.0/24", "127.0.0.0/8", "10.1.0.0/16"])).await;
    list(&app, "high-risk-asns", json!([64_500])).await;
    for cidr in ["10.1.0.0/16", "127.0.0.2/32"] {
        let mut entry = berlin.clone();
        entry["cidr"] = json!(cidr);
        list(&app, "ip-overrides", json!([entry])).await;
    }
    for (ip, is_private, country, codes) in [
        ("192.168.1.7", true, Value::Null, vec![]),
        ("127.0.0.1", true, Value::Null, vec![]),
        ("10.2.0.1", true, Value::Null, vec![]),
        ("10.1.2.3", false, json!("DE"), vec!["TOR_EXIT", "HIGH_RISK_ASN"]),
        ("127.0.0.2", false, json!("DE"), vec!["TOR_EXIT", "HIGH_RISK_ASN"]),
        ("::ffff:127.0.0.2", false, json!("DE"), vec!["TOR_EXIT", "HIGH_RISK_ASN"]),
    ] {
        let answer = judge(
            &app,
            &acme,
            &with(
                signup(ip),
                &[("/ip", json!(ip)), ("/email", json!("a@example.com")), ("/externalUserId", json!("jane"))],
            ),
        )
        .await;
        let seen = &answer["derivedSignals"]["ip"];
        assert_eq!((&seen["isPrivate"], &seen["countryCode"]), (&json!(is_private), &country), "{ip}");
        let ours: Vec<_> = fired(&answer)
            .into_iter()
            .filter(|code| {
                !matches!(*code, "DEVICE_REUSED" | "VELOCITY_IP" | "VELOCITY_DEVICE" | "TIMEZONE_MISMATCH")
            })
            .collect();
        assert_eq!(ours, codes, "{ip}");
    }
}

#[tokio::test]
async fn emails_are_read_as_people_type_them() {
    let (app, acme, _other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    for (sent, domain, shown) in [
        ("jane@example.com", "example.com", "jane@example.com"),
        ("  jane@example.com\n", "example.com", "jane@example.com"),
        ("Jane.Doe+tag@EXAMPLE.com", "example.com", "Jane.Doe+tag@example.com"),
        ("jörg@bücher.example", "xn--bcher-kva.example", "jörg@xn--bcher-kva.example"),
        ("用户@例子.广告", "xn--fsqu00a.xn--4rr70v", "用户@xn--fsqu00a.xn--4rr70v"),
        (
            "o'brien!#$%&*+-/=?^_`{|}~@a-b.c.example",
            "a-b.c.example",
            "o'brien!#$%&*+-/=?^_`{|}~@a-b.c.example",
        ),
        ("a@b.co", "b.co", "a@b.co"),
    ] {
        let body = with(signup("jane"), &[("/email", json!(sent)), ("/externalUserId", Value::Null)]);
        let answer = judge(&app, &acme, &body).await;
        let email = &answer["derivedSignals"]["email"];
        assert_eq!(email["domain"], domain, "{sent}");
        assert_eq!(email["normalizedHash"].as_str().unwrap().len(), 32);
        let detail = detail(&app, &token, &answer).await;
        assert_eq!((&detail["email"], &detail["user"]), (&json!(shown), &json!(shown.to_lowercase())));
    }
    for sent in [
        "jane",
        "jane@",
        "@example.com",
        "jane@example",
        "jane@@example.com",
        "jane doe@example.com",
        "jane@exa mple.com",
        ".jane@example.com",
        "jane.@example.com",
        "ja..ne@example.com",
        "jane@-a.com",
        "jane@example..com",
        "jane@1.2.3.4",
        "jane@[1.2.3.4]",
        "\"jane\"@example.com",
        "<jane@example.com>",
        "jane@example.com,joe@example.com",
        "mailto:jane@example.com?x",
        "jane@exam_ple.com",
        "ja\u{0}ne@example.com",
        "jane@example.com\u{0}",
    ] {
        let body = with(signup("jane"), &[("/email", json!(sent))]);
        let answer = ingest(&app, &acme, &body).send().await;
        assert_eq!(answer.status.as_u16(), 400, "{sent:?}");
        assert_eq!(answer.json()["error"]["fields"][0]["field"], "email");
        assert!(!answer.text().contains("jane"), "an address is not repeated");
    }
    for (local, domain, status) in [(64, "example.com", 200), (65, "example.com", 400)] {
        let body = with(signup("x"), &[("/email", json!(format!("{}@{domain}", "a".repeat(local))))]);
        ingest(&app, &acme, &body).send().await.expect(status);
    }
    let long = format!("a@{}.com", ["b".repeat(63).as_str(); 4].join("."));
    ingest(&app, &acme, &with(signup("x"), &[("/email", json!(long))])).send().await.expect(400);
}

#[tokio::test]
async fn one_mailbox_has_one_hash_for_each_client() {
    let (app, acme, other) = two_clients().await;
    let hash = async |key: &str, email: &str| {
        let body = with(login("jane"), &[("/email", json!(email))]);
        judge(&app, key, &body).await["derivedSignals"]["email"]["normalizedHash"].clone()
    };
    let jane = hash(&acme, "jane.doe@gmail.com").await;
    for alias in ["janedoe@gmail.com", "JaneDoe+x@googlemail.com", "j.anedoe+y+z@gmail.com"] {
        assert_eq!(hash(&acme, alias).await, jane, "{alias}");
    }
    for stranger in ["jane.doe@example.com", "janedoe1@gmail.com"] {
        assert_ne!(hash(&acme, stranger).await, jane, "{stranger}");
    }
    assert_ne!(hash(&other, "jane.doe@gmail.com").await, jane);
}

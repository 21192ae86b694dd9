//! Look-ups through the whole of [`Intel`].

use std::{fs, path::Path};

use portcullis_domain::{Fact, Facts, Missing, facts};
use serde_json::{Value, json};

use super::{
    mmdb::fixture::{Data, database},
    *,
};

fn shipped() -> Intel {
    Intel::load(&Sources::default()).unwrap()
}

fn with_data(files: &[(&str, &[u8])]) -> (Intel, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    let intel = Intel::load(&sources_in(dir.path())).unwrap();
    (intel, dir)
}

fn sources_in(dir: &Path) -> Sources {
    Sources { data_dir: Some(dir.to_owned()), ..Sources::default() }
}

fn ip(intel: &Intel, address: &str) -> Arc<IpIntel> {
    intel.ip(address.parse().unwrap())
}

fn edit(intel: &Intel, list: ReputationList, add: &[Value], remove: &[Value]) {
    let mut edits = (*intel.shared.tables.load().edits).clone();
    let of_list: &mut ListEdits = edits.entry(list).or_default();
    of_list.patch(list.parse_items(add).unwrap(), list.parse_items(remove).unwrap());
    intel.set_edits(&edits).unwrap();
}

fn items(intel: &Intel, list: ReputationList) -> Value {
    serde_json::to_value(intel.reputation(list).items).unwrap()
}

fn text<T: Clone + AsRef<str>>(fact: &Fact<T>) -> Option<String> {
    fact.clone().known().map(|text| text.as_ref().to_owned())
}

#[test]
fn answers_from_the_shipped_tables_alone() {
    let intel = shipped();
    let cases = [
        ("8.8.8.8", "US", "United States", 15169, true),
        ("102.45.67.89", "EG", "Egypt", 8452, false),
        ("81.2.69.142", "GB", "United Kingdom", 20712, false),
        ("185.220.101.1", "DE", "Germany", 60729, true),
    ];
    for (address, code, country, asn, is_datacenter) in cases {
        let found = ip(&intel, address);
        assert_eq!(text(&found.country_code).as_deref(), Some(code), "{address}");
        assert_eq!(text(&found.country).as_deref(), Some(country), "{address}");
        assert_eq!(found.asn, Fact::Known(asn), "{address}");
        assert_eq!(found.is_datacenter, Fact::Known(is_datacenter), "{address}");
        assert_eq!(found.is_high_risk_asn, Fact::Known(false), "{address}");
        assert!(!found.is_private);
        assert_eq!(found.city, Fact::Missing(Missing::NotLoaded), "{address}");
        assert_eq!(found.latitude, Fact::Missing(Missing::NotLoaded), "{address}");
        assert_eq!(found.is_tor, Fact::Missing(Missing::NotLoaded), "{address}");
        assert_eq!(found.is_vpn, Fact::Missing(Missing::NotLoaded), "{address}");
        assert_eq!(found.vpn_provider, Fact::Missing(Missing::NotLoaded), "{address}");
        assert_eq!(found.is_proxy, Fact::Missing(Missing::NotLoaded), "{address}");
    }
    assert_eq!(ip(&intel, "2001:4860:4860::8888").asn, Fact::Known(15169));
    assert_eq!(text(&ip(&intel, "102.45.67.89").timezone).as_deref(), Some("Africa/Cairo"));
    assert_eq!(ip(&intel, "185.220.101.1").timezone, Fact::Missing(Missing::NotLoaded));
}

#[test]
fn asks_no_table_about_private_and_reserved_addresses() {
    let intel = shipped();
    for address in
        ["192.168.1.100", "10.0.0.1", "127.0.0.1", "100.64.0.1", "::1", "fe80::1", "::ffff:192.168.1.1"]
    {
        let found = ip(&intel, address);
        assert!(found.is_private, "{address}");
        let reason = Missing::NotApplicable;
        assert_eq!(found.country_code, Fact::Missing(reason), "{address}");
        assert_eq!(found.asn, Fact::Missing(reason), "{address}");
        assert_eq!(found.is_tor, Fact::Missing(reason), "{address}");
        assert_eq!(found.is_datacenter, Fact::Missing(reason), "{address}");
        assert_eq!(found.is_high_risk_asn, Fact::Missing(reason), "{address}");
    }
}

#[test]
fn ipv4_written_as_ipv6_is_ipv4() {
    let intel = shipped();
    assert_eq!(ip(&intel, "::ffff:8.8.8.8"), ip(&intel, "8.8.8.8"));
}

#[test]
fn a_city_database_adds_the_place_and_its_zone() {
    let london = Data::Map(vec![
        ("city", Data::Text("London")),
        ("country_code", Data::Text("GB")),
        ("latitude", Data::Float(51.5)),
        ("longitude", Data::Float(-0.125)),
        ("state1", Data::Text("England")),
        ("timezone", Data::Text("")),
    ]);
    let (intel, _dir) = with_data(&[("dbip-city-ipv4.mmdb", &database(4, &[("81.2.69.0/24", london)]))]);
    let found = ip(&intel, "81.2.69.142");
    assert_eq!(text(&found.city).as_deref(), Some("London"));
    assert_eq!(text(&found.region).as_deref(), Some("England"));
    assert_eq!((found.latitude, found.longitude), (Fact::Known(51.5), Fact::Known(-0.125)));
    assert_eq!(text(&found.timezone).as_deref(), Some("Europe/London"));

    let elsewhere = ip(&intel, "8.8.8.8");
    assert_eq!(
        text(&elsewhere.country_code).as_deref(),
        Some("US"),
        "the built-in table still knows the country"
    );
    assert_eq!(elsewhere.city, Fact::Missing(Missing::NotFound));
    assert_eq!(
        ip(&intel, "2001:4860:4860::8888").city,
        Fact::Missing(Missing::NotLoaded),
        "no database for IPv6"
    );
}

#[test]
fn fetched_lists_answer_yes_or_no() {
    let (intel, _dir) = with_data(&[
        ("tor.txt", b"185.220.101.0/24 Tor\n"),
        ("vpn.txt", b"198.18.0.0/15 Reserved\n2.58.241.66 ProtonVPN\n5.157.13.0/24\n"),
        ("hosting.txt", b"81.2.69.0/24 Example\n"),
        ("relay.txt", b"104.28.28.0/26 Apple Private Relay\n"),
    ]);
    assert_eq!(ip(&intel, "185.220.101.1").is_tor, Fact::Known(true));
    assert_eq!(ip(&intel, "8.8.8.8").is_tor, Fact::Known(false));
    let proton = ip(&intel, "2.58.241.66");
    assert_eq!(
        (proton.is_vpn, text(&proton.vpn_provider)),
        (Fact::Known(true), Some("ProtonVPN".to_owned()))
    );
    assert_eq!(ip(&intel, "5.157.13.2").vpn_provider, Fact::Missing(Missing::NotFound));
    let no_vpn = ip(&intel, "8.8.8.8");
    assert_eq!(
        (no_vpn.is_vpn, &no_vpn.vpn_provider),
        (Fact::Known(false), &Fact::Missing(Missing::NotApplicable))
    );
    assert_eq!(no_vpn.is_proxy, Fact::Missing(Missing::NotLoaded));
    assert_eq!(ip(&intel, "81.2.69.142").is_datacenter, Fact::Known(true));
    assert_eq!(ip(&intel, "104.28.28.1").is_datacenter, Fact::Known(false), "people behind a privacy relay");
}

#[test]
fn edits_are_felt_by_the_next_look_up() {
    let intel = shipped();
    assert_eq!(ip(&intel, "8.8.8.8").is_tor, Fact::Missing(Missing::NotLoaded));
    edit(&intel, ReputationList::TorExits, &[json!("8.8.8.0/24")], &[]);
    assert_eq!(ip(&intel, "8.8.8.8").is_tor, Fact::Known(true));
    assert_eq!(ip(&intel, "81.2.69.142").is_tor, Fact::Known(false), "there is a list now");

    edit(&intel, ReputationList::HighRiskAsns, &[json!(15169)], &[]);
    assert_eq!(ip(&intel, "8.8.8.8").is_high_risk_asn, Fact::Known(true));
    edit(&intel, ReputationList::DatacenterAsns, &[json!(20712)], &[json!("AS15169")]);
    assert_eq!(ip(&intel, "8.8.8.8").is_datacenter, Fact::Known(false));
    assert_eq!(ip(&intel, "81.2.69.142").is_datacenter, Fact::Known(true));
    edit(&intel, ReputationList::VpnNetworks, &[json!({"cidr": "8.8.8.8", "provider": "Example VPN"})], &[]);
    assert_eq!(text(&ip(&intel, "8.8.8.8").vpn_provider).as_deref(), Some("Example VPN"));

    intel.set_edits(&HashMap::new()).unwrap();
    assert_eq!(ip(&intel, "8.8.8.8").is_tor, Fact::Missing(Missing::NotLoaded));
    assert_eq!(ip(&intel, "8.8.8.8").is_high_risk_asn, Fact::Known(false));
}

#[test]
fn a_removal_wins_over_every_table() {
    let (intel, _dir) = with_data(&[("tor.txt", b"185.220.101.0/24 Tor\n")]);
    let address: Email = Email::parse("a@x.mailinator.com").unwrap();
    assert!(intel.email(&address).is_disposable);
    edit(&intel, ReputationList::DisposableDomains, &[], &[json!("mailinator.com")]);
    assert!(!intel.email(&address).is_disposable);
    assert!(
        !intel
            .reputation(ReputationList::DisposableDomains)
            .items
            .contains(&Item::Domain("mailinator.com".into()))
    );

    edit(&intel, ReputationList::TorExits, &[], &[json!("185.220.101.1")]);
    assert_eq!(ip(&intel, "185.220.101.1").is_tor, Fact::Known(false));
    assert_eq!(ip(&intel, "185.220.101.2").is_tor, Fact::Known(true));
    let left = [
        "185.220.101.0",
        "185.220.101.2/31",
        "185.220.101.4/30",
        "185.220.101.8/29",
        "185.220.101.16/28",
        "185.220.101.32/27",
        "185.220.101.64/26",
        "185.220.101.128/25",
    ];
    assert_eq!(items(&intel, ReputationList::TorExits), json!(left));
}

#[test]
fn a_replaced_list_is_just_those_items() {
    let intel = shipped();
    let list = ReputationList::DisposableDomains;
    let only = ListEdits::replaced(list.parse_items(&[json!("Throwaway.Example")]).unwrap());
    intel.set_edits(&HashMap::from([(list, only)])).unwrap();
    assert_eq!(items(&intel, list), json!(["throwaway.example"]));
    assert!(!intel.email(&Email::parse("a@mailinator.com").unwrap()).is_disposable);
    assert!(intel.email(&Email::parse("a@b.throwaway.example").unwrap()).is_disposable);
}

#[test]
fn an_override_answers_before_everything() {
    let intel = shipped();
    edit(
        &intel,
        ReputationList::IpOverrides,
        &[
            json!({"cidr": "127.0.0.0/8", "countryCode": "EG", "city": "Cairo", "latitude": 30.04, "longitude": 31.24, "asn": 24940}),
            json!({"cidr": "127.0.0.1", "country": "Germany", "asOrg": "Home"}),
            json!({"cidr": "8.8.8.0/24", "asn": 64500}),
            json!({"cidr": "::1/128", "timezone": "Asia/Tokyo"}),
        ],
        &[],
    );
    let loopback = ip(&intel, "127.9.9.9");
    assert!(!loopback.is_private);
    assert_eq!(text(&loopback.country).as_deref(), Some("Egypt"));
    assert_eq!(text(&loopback.timezone).as_deref(), Some("Africa/Cairo"));
    assert_eq!(loopback.region, Fact::Missing(Missing::NotFound));
    assert_eq!(text(&loopback.as_org).as_deref(), Some("Hetzner Online GmbH"));
    assert_eq!(loopback.is_datacenter, Fact::Known(true));

    let most_specific = ip(&intel, "127.0.0.1");
    assert_eq!(text(&most_specific.country_code).as_deref(), Some("DE"));
    assert_eq!(most_specific.city, Fact::Missing(Missing::NotFound), "the place is one entry's whole");
    assert_eq!(most_specific.asn, Fact::Missing(Missing::NotFound));

    let public = ip(&intel, "8.8.8.8");
    assert_eq!(public.asn, Fact::Known(64500));
    assert_eq!(text(&public.country_code).as_deref(), Some("US"), "the place is not overridden");
    assert_eq!(text(&ip(&intel, "::1").timezone).as_deref(), Some("Asia/Tokyo"));
    assert!(ip(&intel, "10.0.0.1").is_private);
}

#[test]
fn edits_of_the_wrong_kind_are_refused_and_change_nothing() {
    let intel = shipped();
    let wrong = ListEdits { add: vec![Item::Asn(1)], ..ListEdits::default() };
    let error = intel.set_edits(&HashMap::from([(ReputationList::TorExits, wrong)])).unwrap_err();
    assert_eq!(error.to_string(), "tor-exits cannot hold 1");
    assert!(!intel.reputation(ReputationList::TorExits).is_loaded);
}

#[test]
fn a_reload_sees_new_files_and_keeps_edits() {
    let (intel, dir) = with_data(&[("tor.txt", b"8.8.8.8\n")]);
    edit(&intel, ReputationList::TorExits, &[json!("9.9.9.9")], &[]);
    assert!(!intel.has_changed_files());
    fs::write(dir.path().join("tor.txt"), "1.1.1.1 # another\n").unwrap();
    fs::write(dir.path().join("proxy.txt"), "1.0.0.1\n").unwrap();
    assert!(intel.has_changed_files());
    intel.reload().unwrap();
    assert!(!intel.has_changed_files());
    assert_eq!(items(&intel, ReputationList::TorExits), json!(["1.1.1.1", "9.9.9.9"]));
    assert_eq!(ip(&intel, "8.8.8.8").is_tor, Fact::Known(false));
    assert_eq!(ip(&intel, "1.0.0.1").is_proxy, Fact::Known(true));

    fs::write(dir.path().join("tor.txt"), "<html>not found</html>\n").unwrap();
    let error = intel.reload().unwrap_err().to_string();
    assert!(error.contains("tor.txt") && error.contains("line 1"), "{error}");
    assert_eq!(ip(&intel, "1.1.1.1").is_tor, Fact::Known(true), "the old tables stay");
}

#[test]
fn a_named_file_must_be_there() {
    let missing = Sources { city_mmdb: vec!["/nowhere/city.mmdb".into()], ..Sources::default() };
    assert_eq!(Intel::load(&missing).unwrap_err().to_string(), "cannot read /nowhere/city.mmdb");
    assert!(Intel::load(&sources_in(Path::new("/nowhere"))).is_ok(), "the data directory need not be");
}

#[test]
fn puts_every_fact_of_an_address() {
    let mut known = Facts::unknown();
    ip(&shipped(), "8.8.8.8").put_into(&mut known);
    let family: Vec<_> = known.iter().filter(|(definition, _)| definition.name.starts_with("ip.")).collect();
    for (definition, fact) in family {
        let is_set = *fact != Fact::Missing(Missing::NotSent);
        assert_eq!(
            is_set,
            definition.name != facts::ip::UTC_OFFSET_MIN.definition().name,
            "{}",
            definition.name
        );
    }
    assert_eq!(known.known(facts::ip::ADDRESS), Some("8.8.8.8"));
}

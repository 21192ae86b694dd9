//! Client addresses: reading them from headers, and telling public ones from reserved ones.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads a client address as callers pass it: one address or a forwarded-for list, with or without port and
/// brackets. Takes the left-most valid public address, else the left-most valid one.
///
/// IPv4 written as IPv6 (`::ffff:192.0.2.1`) comes back as IPv4.
pub fn parse_client_ip(text: &str) -> Option<IpAddr> {
    let mut valid = text.split(',').filter_map(parse_one);
    let first = valid.next()?;
    if is_public(first) { Some(first) } else { valid.find(|&ip| is_public(ip)).or(Some(first)) }
}

fn parse_one(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let bare = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (inside, rest) = bracketed.split_once(']')?;
            let port_is_fine = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
            port_is_fine.then_some(inside)?
        }
        None => match text.split_once(':') {
            Some((host, port)) if host.contains('.') && is_port(port) => host,
            _ => text,
        },
    };
    let without_zone = bare.split_once('%').map_or(bare, |(address, _)| address);
    without_zone.parse().ok().map(canonical)
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
}

/// IPv4-mapped IPv6 as IPv4; everything else unchanged.
pub fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// The network that counts as one visitor: the address itself for IPv4, the /64 for IPv6.
pub fn visitor_network(ip: IpAddr) -> IpAddr {
    match canonical(ip) {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Whether the address can belong to a visitor on the internet; false for every private, local, documentation,
/// benchmark, multicast and otherwise reserved range of the IANA special-purpose registries.
pub fn is_public(ip: IpAddr) -> bool {
    match canonical(ip) {
        IpAddr::V4(v4) => !is_reserved_v4(v4),
        IpAddr::V6(v6) => !is_reserved_v6(v6),
    }
}

fn is_reserved_v4(ip: Ipv4Addr) -> bool {
    const RESERVED: [(u32, u32); 14] = [
        (0x0000_0000, 8),  // this network
        (0x0a00_0000, 8),  // private
        (0x6440_0000, 10), // carrier-grade NAT
        (0x7f00_0000, 8),  // loopback
        (0xa9fe_0000, 16), // link-local
        (0xac10_0000, 12), // private
        (0xc000_0000, 24), // protocol assignments
        (0xc000_0200, 24), // documentation
        (0xc058_6300, 24), // 6to4 relay, deprecated
        (0xc0a8_0000, 16), // private
        (0xc612_0000, 15), // benchmarks
        (0xc633_6400, 24), // documentation
        (0xcb00_7100, 24), // documentation
        (0xe000_0000, 3),  // multicast and reserved
    ];
    let bits = ip.to_bits();
    RESERVED.iter().any(|&(network, length)| bits >> (32 - length) == network >> (32 - length))
}

fn is_reserved_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let global_unicast = first & 0xe000 == 0x2000;
    let protocol_assignments = first == 0x2001 && second < 0x0200;
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    let relay_6to4 = first == 0x2002;
    !global_unicast || protocol_assignments || documentation || relay_6to4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> String {
        parse_client_ip(text).map_or_else(|| "none".to_owned(), |ip| ip.to_string())
    }

    #[test]
    fn takes_the_left_most_public_address() {
        assert_eq!(parsed("10.0.0.1, 8.8.8.8, 1.1.1.1"), "8.8.8.8");
        assert_eq!(parsed("10.0.0.1, 192.168.1.1"), "10.0.0.1");
        assert_eq!(parsed("unknown, 8.8.4.4"), "8.8.4.4");
    }

    #[test]
    fn strips_ports_brackets_zones_and_mapping() {
        assert_eq!(parsed("8.8.8.8:443"), "8.8.8.8");
        assert_eq!(parsed("[2001:4860:4860::8888]:443"), "2001:4860:4860::8888");
        assert_eq!(parsed("[2001:4860:4860::8888]"), "2001:4860:4860::8888");
        assert_eq!(parsed("fe80::1%eth0"), "fe80::1");
        assert_eq!(parsed("::ffff:8.8.8.8"), "8.8.8.8");
    }

    #[test]
    fn refuses_what_is_no_address() {
        for text in ["", "localhost", "8.8.8", "8.8.8.8:99999", "[::1", "[::1]x", "1.2.3.4.5", "08.8.8.8"] {
            assert_eq!(parsed(text), "none", "{text}");
        }
    }

    #[test]
    fn knows_the_edges_of_reserved_ranges() {
        let public = [
            "9.255.255.255",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.0",
            "223.255.255.255",
            "2001:200::",
            "2a00::1",
        ];
        let reserved = [
            "10.0.0.0",
            "100.64.0.0",
            "100.127.255.255",
            "172.16.0.0",
            "172.31.255.255",
            "224.0.0.1",
            "255.255.255.255",
            "0.0.0.0",
            "::",
            "::1",
            "fc00::1",
            "fe80::1",
            "2001:db8::1",
            "ff02::1",
            "64:ff9b::1",
        ];
        for text in public {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in reserved {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn counts_ipv6_by_its_64() {
        let a = visitor_network("2a00:1450:4001:830::200e".parse().unwrap());
        let b = visitor_network("2a00:1450:4001:830:ffff::1".parse().unwrap());
        assert_eq!(a, b);
        assert_eq!(a.to_string(), "2a00:1450:4001:830::");
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,60}") {
            let _ = parse_client_ip(&text);
        }
    }
}

//! Whose address a request comes from.
//!
//! The socket's peer, unless that is a trusted proxy: then the right-most address of `X-Forwarded-For` that is not a
//! trusted proxy itself, because everything left of it is the caller's own word. `Forwarded` and `X-Real-IP` are not
//! looked at: two headers that may disagree are one way in too many.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use domain::ip::canonical;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;
use portcullis_domain as domain;

/// The address of the client behind `peer`.
pub(crate) fn client_ip(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| canonical(peer.ip()));
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.contains(&ip));
    let mut client = peer;
    // Lines of the same header are one list, the later line further right.
    let hops = headers.get_all("x-forwarded-for").iter().rev();
    for hop in hops.flat_map(|line| line.to_str().unwrap_or("?").rsplit(',')) {
        if !is_trusted(client) {
            break;
        }
        // Something unreadable came from the hop that is known so far.
        let Some(ip) = domain::ip::parse_client_ip(hop) else { break };
        client = ip;
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        let peer: IpAddr = peer.parse().unwrap();
        extensions.insert(ConnectInfo(SocketAddr::new(peer, 5_000)));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        client_ip(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn strangers_can_not_forward() {
        assert_eq!(found("9.9.9.9", &["1.1.1.1"], &[]), "9.9.9.9");
        assert_eq!(found("9.9.9.9", &["1.1.1.1"], &["10.0.0.0/8"]), "9.9.9.9");
    }

    #[test]
    fn takes_the_right_most_untrusted_hop() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(found("10.0.0.1", &["6.6.6.6, 1.1.1.1, 10.0.0.2"], &proxies), "1.1.1.1");
        assert_eq!(found("10.0.0.1", &["6.6.6.6", "1.1.1.1"], &proxies), "1.1.1.1");
        assert_eq!(found("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &proxies), "10.0.0.3");
        assert_eq!(found("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(found("::ffff:10.0.0.1", &["1.1.1.1:443"], &proxies), "1.1.1.1");
    }

    #[test]
    fn stops_at_what_is_no_address() {
        assert_eq!(found("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.2"], &["10.0.0.0/8"]), "10.0.0.2");
    }
}

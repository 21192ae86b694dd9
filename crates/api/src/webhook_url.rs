//! Where the messages to a webhook go: what can be checked of its URL without the network.

use domain::ip::is_public;
use portcullis_domain as domain;
use url::{Host, Position, Url};

/// A URL that messages may be sent to, as far as it tells by itself. A name in it may still stand for an address that
/// they must not be sent to: whoever connects looks at that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookUrl(Url);

const LONGEST: usize = 2_048;

impl WebhookUrl {
    /// Reads a URL. Plain HTTP and addresses that are not on the public internet are for those who `allow_private`.
    /// Else tells what is wrong with it, as the end of a sentence that begins with the field.
    pub fn parse(text: &str, allow_private: bool) -> Result<Self, &'static str> {
        if text.len() > LONGEST {
            return Err("must have at most 2048 characters");
        }
        // The parser would leave these out and go on.
        if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err("must have no spaces, backslashes or control characters");
        }
        let url = Url::parse(text).map_err(|_| "must be a URL, such as https://example.com/hook")?;
        match url.scheme() {
            "https" => {}
            "http" if allow_private => {}
            _ => return Err("must begin with https://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must have no user name or password");
        }
        if url.fragment().is_some() {
            return Err("must have no fragment (#)");
        }
        let is_public = match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name != "localhost" && !name.ends_with(".localhost")
            }
            Some(Host::Ipv4(ip)) => is_public(ip.into()),
            Some(Host::Ipv6(ip)) => is_public(ip.into()),
            None => return Err("must name a host"),
        };
        if is_public || allow_private { Ok(Self(url)) } else { Err("must be on the public internet") }
    }

    /// All of it, written in the one usual way.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is to be reached over TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host without brackets: a name, or an address.
    pub fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(ip)) => ip.to_string(),
            Some(Host::Ipv6(ip)) => ip.to_string(),
            None => String::new(),
        }
    }

    /// The port, also when it is not written.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// What the header `Host` says.
    pub fn authority(&self) -> &str {
        &self.0[Position::BeforeHost..Position::AfterPort]
    }

    /// What to ask that host for.
    pub fn path_and_query(&self) -> &str {
        &self.0[Position::BeforePath..Position::AfterQuery]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(text: &str) -> &'static str {
        WebhookUrl::parse(text, false).err().unwrap_or("none")
    }

    #[test]
    fn takes_the_parts_apart() {
        let url = WebhookUrl::parse("HTTPS://Example.com/a%20b?c=d", false).unwrap();
        assert_eq!(url.as_str(), "https://example.com/a%20b?c=d");
        assert_eq!((url.host().as_str(), url.port(), url.authority()), ("example.com", 443, "example.com"));
        assert_eq!((url.path_and_query(), url.is_https()), ("/a%20b?c=d", true));
        let url = WebhookUrl::parse("http://[::1]:8080", true).unwrap();
        assert_eq!((url.host().as_str(), url.port(), url.authority()), ("::1", 8_080, "[::1]:8080"));
        assert_eq!((url.path_and_query(), url.is_https()), ("/", false));
        let url = WebhookUrl::parse("https://bücher.example/", false).unwrap();
        assert_eq!(url.host(), "xn--bcher-kva.example");
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, expected) in [
            ("", "must be a URL"),
            ("/hook", "must be a URL"),
            ("example.com/hook", "must be a URL"),
            ("https://", "must be a URL"),
            ("https://exa mple.com", "must have no spaces"),
            ("https://example.com/\n", "must have no spaces"),
            ("https:\\\\example.com", "must have no spaces"),
            ("http://example.com", "must begin with https://"),
            ("ftp://example.com", "must begin with https://"),
            ("file:///etc/passwd", "must begin with https://"),
            ("https://user@example.com", "must have no user name"),
            ("https://:secret@example.com", "must have no user name"),
            ("https://example.com/#part", "must have no fragment"),
        ] {
            assert!(complaint(text).starts_with(expected), "{text}: {}", complaint(text));
        }
        assert_eq!(complaint(&format!("https://example.com/{}", "x".repeat(2_028))), "none");
        assert!(complaint(&format!("https://example.com/{}", "x".repeat(2_029))).contains("2048"));
    }

    #[test]
    fn addresses_that_are_not_public_are_refused_however_they_are_written() {
        for host in [
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.2.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]",
            "[::ffff:127.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b:1::7f00:1]",
            "[2002:7f00:1::]",
            "[fe80::1]",
            "[fd00::1]",
            "[ff02::1]",
            "[2001:db8::1]",
        ] {
            let text = format!("https://{host}:8443/hook");
            assert_eq!(complaint(&text), "must be on the public internet", "{host}");
            assert!(WebhookUrl::parse(&text, true).is_ok(), "{host}");
        }
        for host in ["8.8.8.8", "[2001:4860:4860::8888]", "example.com", "localhost.example.com"] {
            assert_eq!(complaint(&format!("https://{host}")), "none", "{host}");
        }
    }
}

//! E-mail addresses: syntax and international domains.

use std::fmt;

use compact_str::{CompactString, ToCompactString, format_compact};

/// A syntactically valid e-mail address: trimmed, the domain in lower-case ASCII (punycode), the local part as sent.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email {
    local: CompactString,
    domain: CompactString,
}

/// Why a text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// No `@`, or nothing before it.
    #[error("must be an address such as name@example.com")]
    Shape,
    /// Longer than 254 characters, or the local part than 64 (RFC 5321).
    #[error("is longer than an e-mail address can be")]
    TooLong,
    /// The part before the `@` has a character or a dot where none may be.
    #[error("has an invalid part before the @")]
    Local,
    /// The part after the `@` is not a domain name with at least two labels.
    #[error("has an invalid domain")]
    Domain,
}

impl Email {
    /// Reads an address as people type it. Quoted local parts and address literals are refused: no sign-up form's
    /// customers have them.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.len() > 254 {
            return Err(EmailError::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(EmailError::Shape);
        }
        if local.len() > 64 {
            return Err(EmailError::TooLong);
        }
        if !is_dot_atom(local) {
            return Err(EmailError::Local);
        }
        Ok(Self { local: local.to_compact_string(), domain: parse_domain(domain)? })
    }

    /// The part before the `@`, as sent.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The part after the `@`, lower-case ASCII.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The whole address in lower case: the account key when the caller names no user.
    pub fn to_lowercase(&self) -> CompactString {
        format_compact!("{}@{}", self.local.to_lowercase(), self.domain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl fmt::Debug for Email {
    /// Personal data: only the domain is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "***@{}", self.domain)
    }
}

/// RFC 5322 dot-atom, with the letters of any script (RFC 6531).
fn is_dot_atom(local: &str) -> bool {
    const PUNCTUATION: &str = "!#$%&'*+-/=?^_`{|}~";
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(|c| c.is_alphanumeric() || PUNCTUATION.contains(c)))
}

fn parse_domain(domain: &str) -> Result<CompactString, EmailError> {
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::STD3)
        .map_err(|_| EmailError::Domain)?;
    let labels_are_fine = ascii.split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    });
    let top_level_is_a_name =
        ascii.rsplit('.').next().is_some_and(|label| !label.bytes().all(|b| b.is_ascii_digit()));
    if ascii.len() <= 253 && ascii.contains('.') && labels_are_fine && top_level_is_a_name {
        Ok(ascii.to_compact_string())
    } else {
        Err(EmailError::Domain)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lowers_the_domain_and_keeps_the_local_part() {
        let email = Email::parse("  Jane.Doe+x@Example.COM ").unwrap();
        assert_eq!(email.to_string(), "Jane.Doe+x@example.com");
        assert_eq!(email.to_lowercase(), "jane.doe+x@example.com");
        assert_eq!(format!("{email:?}"), "***@example.com");
    }

    #[test]
    fn reads_international_domains() {
        assert_eq!(Email::parse("jörg@Bücher.example").unwrap().domain(), "xn--bcher-kva.example");
    }

    #[test]
    fn refuses_what_is_no_address() {
        let cases = [
            ("plain", EmailError::Shape),
            ("@example.com", EmailError::Shape),
            ("a@", EmailError::Shape),
            ("a b@example.com", EmailError::Local),
            ("a..b@example.com", EmailError::Local),
            (".a@example.com", EmailError::Local),
            ("a@b@example.com", EmailError::Local),
            ("a@localhost", EmailError::Domain),
            ("a@-x.com", EmailError::Domain),
            ("a@exa mple.com", EmailError::Domain),
            ("a@1.2.3.4", EmailError::Domain),
            ("a@example..com", EmailError::Domain),
            ("a@example.com.", EmailError::Domain),
        ];
        for (text, error) in cases {
            assert_eq!(Email::parse(text), Err(error), "{text}");
        }
        assert_eq!(Email::parse(&format!("{}@example.com", "a".repeat(65))), Err(EmailError::TooLong));
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,300}") {
            let _ = Email::parse(&text);
        }

        #[test]
        fn what_is_shown_parses_to_the_same(local in "[a-zA-Z0-9]{1,20}", domain in "[a-z]{1,20}\\.(com|org)") {
            let email = Email::parse(&format!("{local}@{domain}")).unwrap();
            prop_assert_eq!(Email::parse(&email.to_string()).unwrap(), email);
        }
    }
}

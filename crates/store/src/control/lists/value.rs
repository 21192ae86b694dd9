//! What can be listed, in the one form that entries are kept and looked up in.

use std::{borrow::Cow, fmt, net::IpAddr};

use domain::Email;
use ipnet::{IpNet, Ipv4Net};
use portcullis_domain as domain;

use super::{
    ListKind,
    number::{parse_document, parse_phone},
};

const LONGEST_ID: usize = 256;

/// What an entry is about, in the form that look-ups use.
#[derive(Clone, PartialEq, Eq)]
pub struct ListValue(pub(super) Form);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Stands for itself.
    Text(ListKind, Box<str>),
    /// Stands for every address in it; has no host bits.
    Network(IpNet),
}

/// Why a text can not be listed, as the end of a sentence that begins with the field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListValueError {
    /// No id of a user or device.
    #[error("must have 1 to {} characters, and no control characters", LONGEST_ID)]
    Id,
    /// No address or network.
    #[error("must be an address or a network such as 192.0.2.0/24")]
    Ip,
    /// No e-mail address, and why not.
    #[error("{0}")]
    Email(String),
    /// No phone number.
    #[error("must be a phone number with its country's code, such as +212612345678")]
    Phone,
    /// No document number.
    #[error("must be a document number of 1 to 64 letters and digits")]
    Document,
}

impl ListValue {
    /// Brings what people type into the form of look-ups: ids are trimmed, those of users that are e-mail addresses and e-mail addresses in lower case with an ASCII
    /// domain, addresses networks without host bits, IPv4 ones also when they are written as IPv6, phone numbers in
    /// E.164, and document numbers in upper case without separators.
    pub fn parse(kind: ListKind, text: &str) -> Result<Self, ListValueError> {
        let text = text.trim();
        let form = match kind {
            ListKind::User => Form::Text(kind, listed_user(checked_id(text)?).into()),
            ListKind::Device => Form::Text(kind, checked_id(text)?.into()),
            ListKind::Email => Form::Text(kind, parse_email(text)?),
            ListKind::Ip => Form::Network(parse_network(text).ok_or(ListValueError::Ip)?),
            ListKind::Phone => Form::Text(kind, parse_phone(text).ok_or(ListValueError::Phone)?),
            ListKind::Document => Form::Text(kind, parse_document(text).ok_or(ListValueError::Document)?),
        };
        Ok(Self(form))
    }

    /// What was kept, which is in this form already.
    pub(super) fn kept(kind: ListKind, text: &str) -> Option<Self> {
        Some(Self(match kind {
            ListKind::Ip => Form::Network(parse_network(text)?),
            kind => Form::Text(kind, text.into()),
        }))
    }

    /// What kind of thing it is.
    pub const fn kind(&self) -> ListKind {
        match &self.0 {
            Form::Text(kind, _) => *kind,
            Form::Network(_) => ListKind::Ip,
        }
    }
}

impl fmt::Display for ListValue {
    /// A network of one address is shown as that address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Text(_, text) => f.write_str(text),
            Form::Network(network) if network.prefix_len() == network.max_prefix_len() => {
                network.addr().fmt(f)
            }
            Form::Network(network) => network.fmt(f),
        }
    }
}

impl fmt::Debug for ListValue {
    /// Personal data: only the kind is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ***", self.kind().as_str())
    }
}

/// The id of a user in the form of look-ups: an address that serves as one is the same in any case.
pub fn listed_user(id: &str) -> Cow<'_, str> {
    let id = id.trim();
    parse_email(id).map_or(Cow::Borrowed(id), |address| Cow::Owned(address.into()))
}

fn checked_id(text: &str) -> Result<&str, ListValueError> {
    let is_fine = (1..=LONGEST_ID).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    is_fine.then_some(text).ok_or(ListValueError::Id)
}

fn parse_email(text: &str) -> Result<Box<str>, ListValueError> {
    let email = Email::parse(text).map_err(|error| ListValueError::Email(error.to_string()))?;
    Ok(email.to_lowercase().as_str().into())
}

fn parse_network(text: &str) -> Option<IpNet> {
    let network = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse().ok()?,
    };
    Some(without_mapping(network).trunc())
}

/// A network of IPv4 addresses that are written as IPv6 (`::ffff:192.0.2.0/120`) as that of the IPv4 addresses.
fn without_mapping(network: IpNet) -> IpNet {
    const MAPPED_BITS: u8 = 96;
    let IpNet::V6(v6) = network else { return network };
    let v4 = v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(MAPPED_BITS));
    v4.and_then(|(address, length)| Ipv4Net::new(address, length).ok()).map_or(network, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normalized(kind: ListKind, text: &str) -> Result<String, ListValueError> {
        ListValue::parse(kind, text).map(|value| value.to_string())
    }

    #[test]
    fn values_are_brought_into_one_form() {
        for (kind, text, expected) in [
            (ListKind::User, "  Cust-7\n", "Cust-7"),
            (ListKind::User, "a b", "a b"),
            (ListKind::User, "Jane@Example.com", "jane@example.com"),
            (ListKind::Device, " d1 ", "d1"),
            (ListKind::Email, " Jane.DOE+x@Bücher.example ", "jane.doe+x@xn--bcher-kva.example"),
            (ListKind::Phone, " +212 612-345678\n", "+212612345678"),
            (ListKind::Document, " ab 123-456 ", "AB123456"),
            (ListKind::Ip, " 192.0.2.7 ", "192.0.2.7"),
            (ListKind::Ip, "192.0.2.7/32", "192.0.2.7"),
            (ListKind::Ip, "192.0.2.7/24", "192.0.2.0/24"),
            (ListKind::Ip, "0.0.0.0/0", "0.0.0.0/0"),
            (ListKind::Ip, "::ffff:192.0.2.7", "192.0.2.7"),
            (ListKind::Ip, "::ffff:192.0.2.7/120", "192.0.2.0/24"),
            (ListKind::Ip, "::ffff:0:0/96", "0.0.0.0/0"),
            (ListKind::Ip, "::ffff:0:0/95", "::fffe:0:0/95"),
            (ListKind::Ip, "2001:DB8:0::1", "2001:db8::1"),
            (ListKind::Ip, "2001:db8::1/32", "2001:db8::/32"),
        ] {
            assert_eq!(normalized(kind, text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn lengths_count_characters() {
        let (longest, longer) = ("ü".repeat(LONGEST_ID), "u".repeat(LONGEST_ID + 1));
        assert_eq!(normalized(ListKind::User, &longest), Ok(longest));
        assert_eq!(normalized(ListKind::Device, &longer), Err(ListValueError::Id));
    }

    #[test]
    fn what_can_not_be_listed_is_refused() {
        for (kind, text) in [
            (ListKind::User, ""),
            (ListKind::User, " \t"),
            (ListKind::Device, "a\u{0}b"),
            (ListKind::Device, "a\nb"),
            (ListKind::Email, "jane"),
            (ListKind::Email, "jane@localhost"),
            (ListKind::Phone, "0612345678"),
            (ListKind::Document, "-"),
            (ListKind::Ip, ""),
            (ListKind::Ip, "example.com"),
            (ListKind::Ip, "10.0.0.0/33"),
            (ListKind::Ip, "10.0.0"),
            (ListKind::Ip, "fe80::1%eth0"),
            (ListKind::Ip, "192.0.2.1, 192.0.2.2"),
        ] {
            assert!(normalized(kind, text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debugging_shows_no_personal_data() {
        let value = ListValue::parse(ListKind::Email, "jane@example.com").unwrap();
        assert_eq!(format!("{value:?}"), "email ***");
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in ".{0,80}", kind in prop::sample::select(ListKind::ALL)) {
            let _ = ListValue::parse(kind, &text);
        }

        #[test]
        fn networks_in_this_form_stay(v6: bool, bits: u128, length in 0u8..=128) {
            let text = if v6 {
                format!("{}/{length}", std::net::Ipv6Addr::from_bits(bits))
            } else {
                format!("{}/{}", std::net::Ipv4Addr::from_bits(bits as u32), length % 33)
            };
            let value = ListValue::parse(ListKind::Ip, &text).unwrap();
            prop_assert_eq!(ListValue::parse(ListKind::Ip, &value.to_string()), Ok(value.clone()));
            prop_assert_eq!(ListValue::kept(ListKind::Ip, &value.to_string()), Some(value));
        }

        #[test]
        fn texts_in_this_form_stay(
            text in "\\PC{0,40}|\\+?[0-9 -]{0,20}|[a-z0-9 -]{0,20}",
            kind in prop::sample::select(&[ListKind::User, ListKind::Device, ListKind::Phone, ListKind::Document][..]),
        ) {
            if let Ok(value) = ListValue::parse(kind, &text) {
                prop_assert_eq!(ListValue::parse(kind, &value.to_string()), Ok(value));
            }
        }
    }
}

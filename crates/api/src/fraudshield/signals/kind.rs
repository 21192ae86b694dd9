//! The types of signals that are known, and how bad each is when the reporter does not say.

use portcullis_store::Severity;

/// Known types and their severity; `docs/dialects/fraudshield.md` has the same table.
const KNOWN: [(&str, Severity); 14] = [
    ("account_takeover", Severity::Critical),
    ("identity_theft", Severity::Critical),
    ("money_laundering", Severity::Critical),
    ("chargeback", Severity::High),
    ("document_fraud", Severity::High),
    ("payment_fraud", Severity::High),
    ("synthetic_identity", Severity::High),
    ("bot", Severity::Medium),
    ("fake_account", Severity::Medium),
    ("friendly_fraud", Severity::Medium),
    ("multi_accounting", Severity::Medium),
    ("suspicious_activity", Severity::Medium),
    ("other", Severity::Low),
    ("promo_abuse", Severity::Low),
];

/// The severity of a type that nothing is known of.
const UNKNOWN: Severity = Severity::Medium;

/// How bad a signal of this type usually is.
pub(super) fn usual_severity(kind: &str) -> Severity {
    KNOWN.iter().find(|(known, _)| *known == kind).map_or(UNKNOWN, |(_, severity)| *severity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_have_their_own_severity() {
        assert_eq!(usual_severity("chargeback"), Severity::High);
        assert_eq!(usual_severity("identity_theft"), Severity::Critical);
        assert_eq!(usual_severity("promo_abuse"), Severity::Low);
        assert_eq!(usual_severity("Chargeback"), Severity::Medium);
        assert_eq!(usual_severity("gift_card_fraud"), Severity::Medium);
    }

    #[test]
    fn the_page_has_the_same_table() {
        let page = include_str!("../../../../../docs/dialects/fraudshield.md");
        for severity in Severity::ALL {
            let known = KNOWN.iter().filter(|(_, of)| of == severity).map(|(kind, _)| format!("`{kind}`"));
            let row = format!("| `{}` | {}", severity.as_str(), known.collect::<Vec<_>>().join(", "));
            assert!(page.contains(&row), "{row}");
        }
    }
}

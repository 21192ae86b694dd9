//! The fraudshield dialect: scores from 0 to 1000, devices, velocity, rules and a blocklist, for a client's backend.
//!
//! Contract: seed 001 (R1.*, G1.*, D1 to D17). Its quirks: API keys are bearer tokens; errors have a type, a code and
//! at most one parameter; lists are paged by the ids of what is on them; what makes something answers 201; unknown
//! fields are ignored. `docs/dialects/fraudshield.md` is the page for its users.

mod analytics;
mod answer;
mod assess;
mod auth;
mod block;
mod blocklist;
mod blocklist_check;
mod devices;
mod duplicates;
mod error;
pub(crate) mod identity;
mod judge;
mod judgment;
mod level;
mod limits;
mod list;
mod normalize;
mod profile;
mod request;
mod reviews;
mod rule;
mod rule_hit;
mod rules;
mod settings;
mod signals;
mod synthetic;
mod velocity;
mod velocity_rule;
mod velocity_rules;
mod vocabulary;

pub(crate) use self::{
    analytics::{
        __path_show_rule_figures, __path_show_summary, __path_show_trends, show_rule_figures, show_summary,
        show_trends,
    },
    assess::{__path_assess_action, assess_action},
    blocklist::{
        __path_add_block, __path_list_blocks, __path_note_appeal, __path_remove_block, add_block,
        list_blocks, note_appeal, remove_block,
    },
    blocklist_check::{__path_check_blocks, check_blocks},
    devices::{
        __path_block_device, __path_device_history, __path_linked_accounts, __path_register_device,
        __path_show_device, __path_unblock_device, block_device, device_history, linked_accounts,
        register_device, show_device, unblock_device,
    },
    duplicates::{__path_search_duplicates, __path_show_duplicates, search_duplicates, show_duplicates},
    error::FraudshieldError,
    identity::{__path_verify_identity, verify_identity},
    limits::write_headers,
    profile::PROFILE,
    reviews::{
        __path_list_reviews, __path_resolve_review, __path_show_review, list_reviews, resolve_review,
        show_review,
    },
    rules::{
        __path_change_fraud_rule, __path_create_fraud_rule, __path_delete_fraud_rule,
        __path_list_fraud_rules, __path_show_fraud_rule, __path_test_fraud_rule, change_fraud_rule,
        create_fraud_rule, delete_fraud_rule, list_fraud_rules, show_fraud_rule, test_fraud_rule,
    },
    settings::{__path_change_settings, __path_show_settings, change_settings, show_settings},
    signals::{
        __path_confirm_signal, __path_dismiss_signal, __path_list_signals, __path_report_signal,
        __path_show_signal, confirm_signal, dismiss_signal, list_signals, report_signal, show_signal,
        shown as shown_signal,
    },
    synthetic::{__path_analyze_identity, analyze_identity},
    velocity::{__path_check_velocity, check_velocity},
    velocity_rules::{
        __path_change_velocity_rule, __path_create_velocity_rule, __path_delete_velocity_rule,
        __path_list_velocity_rules, __path_show_velocity_rule, change_velocity_rule, create_velocity_rule,
        delete_velocity_rule, list_velocity_rules, show_velocity_rule,
    },
};

use crate::failure;

/// What the paths of this dialect begin with; all that is below them is its own.
const PATHS: [&str; 2] = ["/v1/fraud", "/v1/identity"];

/// Whether errors of this path are told in this dialect's envelope.
pub(crate) fn owns(path: &str) -> bool {
    PATHS.iter().any(|ours| failure::is_below(ours, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_whole_segments_only() {
        for path in ["/v1/fraud", "/v1/fraud/", "/v1/fraud/blocklist/blk_1", "/v1/identity/verify"] {
            assert!(owns(path), "{path}");
        }
        for path in ["/v1/fraudsense", "/v1/identities", "/v1/risk/score", "/v1", "/", "/api/v1/fraud"] {
            assert!(!owns(path), "{path}");
        }
    }
}

//! `/v1/dashboard/*`: what an account used, and what that costs.

use axum::{Json as Answer, extract::State};
use domain::Dialect;
use portcullis_domain as domain;
use serde::Serialize;
use utoipa::ToSchema;

use super::{FraudsenseError, auth::AccountCaller, error::ErrorBody};
use crate::AppState;

/// Calls in a month that cost nothing.
const FREE_CALLS: u64 = 1_000;
/// What each call after them costs.
const PRICE_CENTS: u64 = 2;

/// What an account used.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseStats)]
pub(crate) struct Stats {
    /// Scored devices, ever, with test and live keys.
    #[schema(example = 4210)]
    total_calls: u64,
    /// The same in this UTC calendar month.
    #[schema(example = 1620)]
    calls_this_month: u64,
    /// How many more cost nothing this month.
    #[schema(example = 0)]
    free_calls_remaining: u64,
    /// What this month costs so far, in dollars, to the cent.
    #[schema(example = 12.4)]
    estimated_bill: f64,
}

/// Show the account's usage
///
/// 1,000 calls of `POST /v1/risk/score` a month are free; each after them costs $0.02. Only calls that were answered
/// with 200 count.
#[utoipa::path(get, path = "/v1/dashboard/stats", tag = "fraudsense", security(("token" = [])), responses(
    (status = 200, description = "The usage", body = Stats),
    (status = 401, description = "No valid token", body = ErrorBody),
    (status = 403, description = "The account is suspended", body = ErrorBody),
    (status = 429, description = "More than 1,000 calls of the account in 15 minutes", body = ErrorBody),
))]
pub(crate) async fn stats(
    State(state): State<AppState>,
    caller: AccountCaller,
) -> Result<Answer<Stats>, FraudsenseError> {
    let usage = state.store.configuration(caller.tenant.id).usage(Dialect::Fraudsense).await?;
    let bill = Bill::of(usage.this_month);
    Ok(Answer(Stats {
        total_calls: usage.total,
        calls_this_month: usage.this_month,
        free_calls_remaining: bill.free_calls_remaining,
        estimated_bill: dollars(bill.cents),
    }))
}

/// What a month costs.
#[derive(Debug, PartialEq, Eq)]
struct Bill {
    free_calls_remaining: u64,
    cents: u64,
}

impl Bill {
    const fn of(calls: u64) -> Self {
        Self {
            free_calls_remaining: FREE_CALLS.saturating_sub(calls),
            cents: calls.saturating_sub(FREE_CALLS).saturating_mul(PRICE_CENTS),
        }
    }
}

/// The number that is nearest to so many cents: written in its shortest form, it has at most two decimals.
fn dollars(cents: u64) -> f64 {
    cents as f64 / 100.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_thousand_calls_are_free() {
        for (calls, free_calls_remaining, cents) in [
            (0, 1_000, 0),
            (1, 999, 0),
            (999, 1, 0),
            (1_000, 0, 0),
            (1_001, 0, 2),
            (1_002, 0, 4),
            (1_620, 0, 1_240),
            (1_000_000, 0, 1_998_000),
        ] {
            assert_eq!(Bill::of(calls), Bill { free_calls_remaining, cents }, "{calls}");
        }
        assert_eq!(Bill::of(u64::MAX).free_calls_remaining, 0);
    }

    #[test]
    fn dollars_are_written_to_the_cent() {
        for (cents, expected) in
            [(0, "0.0"), (2, "0.02"), (1_240, "12.4"), (1_998, "19.98"), (1_998_000, "19980.0")]
        {
            assert_eq!(serde_json::to_string(&dollars(cents)).unwrap(), expected);
        }
    }

    proptest! {
        #[test]
        fn no_bill_has_more_than_two_decimals(cents in 0u64..1_000_000_000_000) {
            let text = serde_json::to_string(&dollars(cents)).unwrap();
            let (whole, decimals) = text.split_once('.').unwrap();
            prop_assert!(decimals.len() <= 2, "{text}");
            let read: u64 = format!("{whole}{decimals:0<2}").parse().unwrap();
            prop_assert_eq!(read, cents);
        }
    }
}

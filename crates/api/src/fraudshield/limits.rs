//! How often a key may call this dialect, and the headers that say so.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    caller::{Limit, LimitWindow},
    rate_limit::Quota,
};

/// 1,000 calls a minute, unless the client has a limit of its own.
pub(super) const PER_KEY: Limit = Limit { default: Some(1_000), ..Limit::PER_MINUTE };

/// 30 requests of figures a minute, unless the client has a limit of its own; counted apart from other calls.
pub(super) const ANALYTICS_PER_KEY: Limit = Limit {
    window: LimitWindow::MinuteOfAnalytics,
    default: Some(30),
    own: |settings| settings.analytics_per_minute,
};

/// Writes the headers of the contract: the limit, the calls that are left, the time in Unix seconds from which on
/// there is room for one more, and the window in seconds.
pub(crate) fn write_headers(quota: Quota, headers: &mut HeaderMap) {
    let values: [(_, i64); 4] = [
        ("x-ratelimit-limit", quota.limit.into()),
        ("x-ratelimit-remaining", quota.remaining.into()),
        ("x-ratelimit-reset", quota.reset_at_s),
        ("x-ratelimit-window", quota.window_s.into()),
    ];
    for (name, value) in values {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

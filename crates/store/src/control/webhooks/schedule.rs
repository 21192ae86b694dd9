//! When a delivery that failed is tried again.

use portcullis_domain::Timestamp;

use super::{MessageId, WebhookId};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// From each attempt to the next one; the first one is made at once.
const PAUSES_MS: [i64; 6] =
    [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS];

/// The pause is lengthened by up to this part of it, so that what failed together does not come back together.
const JITTER: i64 = 10;

/// How often a delivery is tried before it is given up.
pub const WEBHOOK_ATTEMPTS: u32 = PAUSES_MS.len() as u32 + 1;

/// When to try again after attempt number `attempts` (1 for the first one), which began at `at`, failed; `None` after the
/// last one. The same for the same delivery and attempt.
pub(super) fn next(
    webhook: WebhookId,
    message: MessageId,
    attempts: u32,
    at: Timestamp,
) -> Option<Timestamp> {
    let index = attempts.checked_sub(1)?;
    let &pause_ms = PAUSES_MS.get(index as usize)?;
    let hash = blake3::hash(format!("{webhook} {message} {attempts}").as_bytes());
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    let jitter_ms = u64::from_le_bytes(bytes) % (pause_ms / JITTER + 1) as u64;
    Some(at.plus_millis(pause_ms + jitter_ms as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_seven_attempts_with_growing_pauses_and_a_tenth_of_jitter() {
        let webhook: WebhookId = "whk_000000000001".parse().unwrap();
        let at = Timestamp::from_millis(1_000);
        let mut jitters = std::collections::HashSet::new();
        for number in 0..50 {
            let message = MessageId::from_number(number);
            for (attempts, minutes) in (1..).zip([1, 5, 30, 120, 720, 1_440]) {
                let pause = next(webhook, message, attempts, at).unwrap().millis_since(at);
                assert!((minutes * 60_000..=minutes * 66_000).contains(&pause), "{attempts}: {pause}");
                assert_eq!(next(webhook, message, attempts, at).unwrap().millis_since(at), pause);
                jitters.insert(pause * 1_000 / minutes);
            }
            assert_eq!(next(webhook, message, 7, at), None);
        }
        assert!(jitters.len() > 100, "{}", jitters.len());
        assert_eq!(WEBHOOK_ATTEMPTS, 7);
    }
}

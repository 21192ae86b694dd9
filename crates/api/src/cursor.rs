//! Page cursors: where a list goes on, signed, and bound to the list and filter they were made for.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use portcullis_domain::Secret;

use crate::error::Problem;

const MAC_BYTES: usize = 16;
const LONGEST: usize = 1_024;

/// Makes and reads cursors.
pub(crate) struct Cursors(Secret<[u8; 32]>);

impl Cursors {
    /// With a secret of this installation.
    pub(crate) const fn new(secret: Secret<[u8; 32]>) -> Self {
        Self(secret)
    }

    /// A cursor for going on after `position` in the list that `scope` names: the route, the tenant, and every filter.
    pub(crate) fn issue(&self, scope: &[&str], position: &str) -> String {
        let mut bytes = self.mac(scope, position).to_vec();
        bytes.extend_from_slice(position.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position in a cursor that was made for this very scope; anything else is a 400 before any query.
    pub(crate) fn open(&self, scope: &[&str], cursor: &str) -> Result<String, Problem> {
        self.read(scope, cursor).ok_or_else(|| Problem::field("after", "is not a cursor of this list"))
    }

    /// Reads a cursor whose position is written like `T`.
    pub(crate) fn position<T: std::str::FromStr>(
        &self,
        scope: &[&str],
        cursor: Option<&str>,
    ) -> Result<Option<T>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        let position = self.open(scope, cursor)?.parse();
        position.map(Some).map_err(|_| Problem::field("after", "is not a cursor of this list"))
    }

    fn read(&self, scope: &[&str], cursor: &str) -> Option<String> {
        if cursor.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (mac, position) = bytes.split_at_checked(MAC_BYTES)?;
        let position = std::str::from_utf8(position).ok()?;
        let is_ours: bool = subtle::ConstantTimeEq::ct_eq(mac, &self.mac(scope, position)[..]).into();
        is_ours.then(|| position.to_owned())
    }

    fn mac(&self, scope: &[&str], position: &str) -> [u8; MAC_BYTES] {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose());
        for part in scope.iter().chain([&position]) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut mac = [0; MAC_BYTES];
        mac.copy_from_slice(&hasher.finalize().as_bytes()[..MAC_BYTES]);
        mac
    }
}

/// Splits what was read, one more than asked for, into a page and the cursor of the next one.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    limit: u32,
    cursor_after: impl FnOnce(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let has_more = items.len() > limit as usize;
    items.truncate(limit as usize);
    let next = if has_more { items.last().map(cursor_after) } else { None };
    (items, next)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cursors(seed: u8) -> Cursors {
        Cursors::new(Secret::new([seed; 32]))
    }

    #[test]
    fn opens_only_in_its_own_scope() {
        let cursor = cursors(1).issue(&["audit", "7"], "42");
        assert_eq!(cursors(1).open(&["audit", "7"], &cursor).unwrap(), "42");
        for (seed, scope) in
            [(2, &["audit", "7"][..]), (1, &["audit", "8"]), (1, &["audit7"]), (1, &["audit", "7", ""])]
        {
            assert!(cursors(seed).open(scope, &cursor).is_err());
        }
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let cursor = cursors(1).issue(&["x"], "42");
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(cursors(1).open(&["x"], &URL_SAFE_NO_PAD.encode(forged)).is_err());
        }
    }

    #[test]
    fn a_full_page_has_a_next_one_only_when_there_is_more() {
        let next = |count: u32| page((0..count).collect(), 2, ToString::to_string);
        assert_eq!(next(2), (vec![0, 1], None));
        assert_eq!(next(3), (vec![0, 1], Some("1".to_owned())));
        assert_eq!(next(0), (vec![], None));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".{0,80}") {
            prop_assert!(cursors(1).open(&["x"], &text).is_err());
        }
    }
}

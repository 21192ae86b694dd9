//! Passwords: the policy, and argon2id off the async threads.

use std::sync::Arc;

use argon2::{Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _};
use portcullis_domain::Secret;
use serde::{Deserialize, Deserializer};
use tokio::sync::Semaphore;

/// Hashes computed at the same time: each takes 19 MiB and a core for about 30 ms.
const AT_ONCE: usize = 2;
/// Hashes that may wait for their turn; more are refused, or log-ins would wait longer than anybody does.
const WAITING: usize = 64;

/// The longest password, bytes.
const LONGEST: usize = 128;
const SHORTEST: usize = 8;

/// A password as somebody typed it: never shown, wiped when dropped.
#[derive(Clone, Debug)]
pub struct Password(Secret<String>);

impl Password {
    /// Takes what was typed.
    pub fn new(text: String) -> Self {
        Self(Secret::new(text))
    }

    /// Whether it may be somebody's password; the error is the end of a sentence that begins with the field.
    pub fn check(&self) -> Result<(), &'static str> {
        let text = self.0.expose();
        if text.chars().count() < SHORTEST {
            return Err("must have at least 8 characters");
        }
        if text.len() > LONGEST {
            return Err("must have at most 128 bytes");
        }
        let has = |is_kind: fn(char) -> bool| text.chars().any(is_kind);
        if !has(char::is_uppercase) || !has(char::is_lowercase) || !has(|c| c.is_ascii_digit()) {
            return Err("must have an upper-case letter, a lower-case letter and a digit");
        }
        Ok(())
    }

    /// The argon2id hash in PHC form; blocks for some 30 ms.
    pub fn hash(&self) -> Result<String, PasswordError> {
        let hash = Argon2::default().hash_password(self.0.expose().as_bytes());
        hash.map(|hash| hash.to_string()).map_err(|_| PasswordError::Failed)
    }

    fn matches(&self, hash: &str) -> bool {
        let password = self.0.expose().as_bytes();
        // Nobody's password is longer, and hashing any length for anybody would be a gift.
        let is_possible = password.len() <= LONGEST;
        let password = if is_possible { password } else { &password[..LONGEST] };
        let parsed = PasswordHash::new(hash);
        parsed.is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok()) && is_possible
    }
}

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Why a password could not be hashed or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many others wait.
    #[error("too many log-ins at once")]
    Busy,
    /// Hashing failed, for want of memory or randomness.
    #[error("hashing failed")]
    Failed,
}

/// Hashes and compares passwords, a few at a time.
pub(crate) struct Passwords {
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
    /// Compared with when there is no such user, so that it takes as long as when there is.
    nobody: Arc<str>,
}

impl Passwords {
    pub(crate) fn new() -> Self {
        let nobody = Password::new("nobody has this password".to_owned()).hash().unwrap_or_default();
        Self {
            running: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            nobody: nobody.into(),
        }
    }

    pub(crate) async fn hash(&self, password: Password) -> Result<String, PasswordError> {
        self.run(move || password.hash()).await?
    }

    /// Whether the password belongs to the hash; `None` is never so, and takes as long.
    pub(crate) async fn verify(
        &self,
        password: Password,
        hash: Option<String>,
    ) -> Result<bool, PasswordError> {
        let nobody = Arc::clone(&self.nobody);
        self.run(move || {
            let matches = password.matches(hash.as_deref().unwrap_or(&nobody));
            matches && hash.is_some()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = self.places.try_acquire().map_err(|_| PasswordError::Busy)?;
        // The job owns its permit: a caller that goes away does not make room for another hash.
        let permit = Arc::clone(&self.running).acquire_owned().await.map_err(|_| PasswordError::Failed)?;
        let job = move || {
            let _permit = permit;
            job()
        };
        tokio::task::spawn_blocking(job).await.map_err(|_| PasswordError::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn the_policy_has_these_edges() {
        let longest = format!("Aa1{}", "x".repeat(125));
        for fine in ["SecurePass1!", "Abcdefg1", "Äbcdefg1", &longest] {
            assert_eq!(password(fine).check(), Ok(()), "{fine}");
        }
        for bad in ["", "Abcdef1", "abcdefg1", "ABCDEFG1", "Abcdefgh", &format!("{longest}x")] {
            assert!(password(bad).check().is_err(), "{bad}");
        }
    }

    #[tokio::test]
    async fn only_the_right_password_matches_its_hash() {
        let passwords = Passwords::new();
        let hash = passwords.hash(password("SecurePass1!")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, passwords.hash(password("SecurePass1!")).await.unwrap(), "salted");
        let verify = |text: &str, hash: Option<&String>| passwords.verify(password(text), hash.cloned());
        assert_eq!(verify("SecurePass1!", Some(&hash)).await, Ok(true));
        assert_eq!(verify("SecurePass1", Some(&hash)).await, Ok(false));
        assert_eq!(verify("nobody has this password", None).await, Ok(false));
        assert_eq!(verify("x", Some(&"damaged".to_owned())).await, Ok(false));
    }

    #[test]
    fn is_never_shown() {
        assert_eq!(format!("{:?}", password("SecurePass1!")), "Password(***)");
    }
}

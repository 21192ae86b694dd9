//! Who is logged in to a console. Sessions are kept in memory: they end with the process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::{Secret, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{Control, User, UserId};
use subtle::ConstantTimeEq as _;

/// A session ends so long after its last request.
const IDLE_MS: i64 = 60 * 60 * 1_000;
/// It ends so long after the log-in, whatever was requested.
pub(crate) const LIFETIME_MS: i64 = 12 * 60 * 60 * 1_000;
/// Sessions that one user may have at a time; the one that was idle longest makes room.
const MOST_OF_USER: usize = 20;

/// All sessions, by the hash of their token.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<blake3::Hash, Session>>);

struct Session {
    user: UserId,
    token_version: u32,
    csrf: String,
    began: Timestamp,
    seen: Timestamp,
}

/// The hash of a session's token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionKey(blake3::Hash);

/// What a new session's owner is told.
pub(crate) struct NewSession {
    /// For the cookie.
    pub(crate) token: Secret<String>,
    /// For the header of requests that change something.
    pub(crate) csrf: String,
}

/// A session that goes on.
pub(crate) struct OpenSession {
    /// Which.
    pub(crate) key: SessionKey,
    /// Whose.
    pub(crate) user: Arc<User>,
    /// What its owner's changing requests have in a header.
    pub(crate) csrf: String,
}

impl OpenSession {
    /// Whether the header has the session's token.
    pub(crate) fn is_csrf(&self, header: &str) -> bool {
        self.csrf.as_bytes().ct_eq(header.as_bytes()).into()
    }
}

impl Session {
    fn is_over(&self, now: Timestamp) -> bool {
        now.millis_since(self.seen) >= IDLE_MS || now.millis_since(self.began) >= LIFETIME_MS
    }
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, HashMap<blake3::Hash, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; fails when the operating system has no randomness to give.
    pub(crate) fn open(&self, user: &User, now: Timestamp) -> Result<NewSession, getrandom::Error> {
        let new = NewSession { token: Secret::new(random()?), csrf: random()? };
        let (csrf, token_version) = (new.csrf.clone(), user.token_version);
        let session = Session { user: user.id, token_version, csrf, began: now, seen: now };
        let mut sessions = self.lock();
        sessions.retain(|_, session| !session.is_over(now));
        let own = sessions.iter().filter(|(_, session)| session.user == user.id);
        if own.clone().count() >= MOST_OF_USER
            && let Some(oldest) = own.min_by_key(|(_, session)| session.seen).map(|(key, _)| *key)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(key(new.token.expose()), session);
        Ok(new)
    }

    /// The session of this token, unless it is over, or its user was changed since. It was seen just now.
    pub(crate) fn find(&self, token: &str, control: &Control, now: Timestamp) -> Option<OpenSession> {
        let mut sessions = self.lock();
        let key = key(token);
        let session = sessions.get_mut(&key).filter(|session| !session.is_over(now))?;
        let user = control.user(session.user)?;
        if !user.is_active() || user.token_version != session.token_version {
            return None;
        }
        session.seen = now;
        Some(OpenSession { key: SessionKey(key), user: Arc::clone(user), csrf: session.csrf.clone() })
    }

    /// Whether the session goes on; asking does not make it seen.
    pub(crate) fn is_open(&self, SessionKey(key): SessionKey, now: Timestamp) -> bool {
        self.lock().get(&key).is_some_and(|session| !session.is_over(now))
    }

    /// Ends the session of this token.
    pub(crate) fn close(&self, token: &str) {
        self.lock().remove(&key(token));
    }
}

fn key(token: &str) -> blake3::Hash {
    blake3::hash(token.as_bytes())
}

/// 32 random bytes as text.
fn random() -> Result<String, getrandom::Error> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

//! Sessions of browsers: a credential that was verified once stands behind a random token until the session ends. They lie beside the
//! nonces, so that a log-in makes no remembered credential be looked at again, and every server of a cluster knows them.
//!
//! Called by the authentication. A session holds for as long as its credential is the same: that is judged there, with each request.

use std::time::Duration;

use plugpoint_sdk::model::timestamp::Timestamp;

use crate::error::StoreError;
use crate::nonces::Nonces;
use crate::random::random;
use crate::sql::values;
use crate::time::{from_micros, to_micros};

/// Sessions that a credential has at most; one more ends the oldest.
pub const SESSIONS_MAX: u32 = 32;

/// Bytes of a token before it is written in hexadecimal digits.
const TOKEN_BYTES: usize = 32;

/// Characters of a token.
pub const TOKEN_CHARS: usize = TOKEN_BYTES * 2;

/// Ended sessions that one log-in sweeps.
const SWEPT_MAX: u32 = 100;

/// What stands behind a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The public part of the credential that logged in.
    pub key_id: String,
    /// Tells whether the credential is still the same: compare by [`Session::is_of`].
    secret: Vec<u8>,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether this is the hash that the credential's secret had when it logged in.
    #[must_use]
    pub fn is_of(&self, secret_hash: &str) -> bool {
        self.secret == blake3::hash(secret_hash.as_bytes()).as_bytes()
    }
}

impl Nonces {
    /// Begins a session of a credential whose secret has this hash. Gives the token, which exists as text in this answer alone, and when
    /// the session ends.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn begin_session(
        &self,
        key_id: &str,
        secret_hash: &str,
        now: Timestamp,
        lasts: Duration,
    ) -> Result<(String, Timestamp), StoreError> {
        const INSERT: &str = "INSERT INTO sessions (token_hash, key_id, secret_hash, created_at, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        const CROWDED: &str = "DELETE FROM sessions WHERE token_hash IN
            (SELECT token_hash FROM sessions WHERE key_id = ?1 ORDER BY created_at DESC LIMIT 100 OFFSET ?2)";
        const ENDED: &str = "DELETE FROM sessions WHERE token_hash IN
            (SELECT token_hash FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
        let token = blake3::Hash::from_bytes(random::<TOKEN_BYTES>()?).to_hex().to_string();
        let (name, secret) = (blake3::hash(token.as_bytes()), blake3::hash(secret_hash.as_bytes()));
        let begun = to_micros(now);
        let ends = begun.saturating_add(i64::try_from(lasts.as_micros()).unwrap_or(i64::MAX));
        self.db.write("begin a session", |tx| {
            tx.execute(ENDED, values![begun, SWEPT_MAX])?;
            tx.execute(INSERT, values![name.as_bytes(), key_id, secret.as_bytes(), begun, ends])?;
            tx.execute(CROWDED, values![key_id, SESSIONS_MAX])
        })?;
        Ok((token, from_micros(ends)))
    }

    /// The session of a token, if it has not ended.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn session(&self, token: &str, now: Timestamp) -> Result<Option<Session>, StoreError> {
        const SELECT: &str =
            "SELECT key_id, secret_hash, expires_at FROM sessions WHERE token_hash = ?1 AND expires_at > ?2";
        let name = blake3::hash(token.as_bytes());
        self.db.read("read a session", |connection| {
            connection.query_opt(SELECT, values![name.as_bytes(), to_micros(now)], |row| {
                Ok(Session { key_id: row.get(0)?, secret: row.get(1)?, expires_at: from_micros(row.get(2)?) })
            })
        })
    }

    /// Whether a credential has sessions, ended ones that were not swept included.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn has_sessions(&self, key_id: &str) -> Result<bool, StoreError> {
        const SELECT: &str = "SELECT EXISTS (SELECT 1 FROM sessions WHERE key_id = ?1)";
        self.db.read("look for sessions", |connection| connection.query_one(SELECT, values![key_id], |row| row.get(0)))
    }

    /// Ends a session. Whether there was one.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn end_session(&self, token: &str) -> Result<bool, StoreError> {
        let name = blake3::hash(token.as_bytes());
        let delete = "DELETE FROM sessions WHERE token_hash = ?1";
        self.db.write("end a session", |tx| Ok(tx.execute(delete, values![name.as_bytes()])? > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Place;
    use crate::store::StoreOptions;

    fn at(second: i64) -> Timestamp {
        Timestamp(jiff::Timestamp::from_second(1_800_000_000 + second).unwrap())
    }

    fn begin(sessions: &Nonces, key_id: &str, second: i64) -> String {
        sessions.begin_session(key_id, "$hash", at(second), Duration::from_secs(100)).unwrap().0
    }

    #[test]
    fn a_session_holds_until_it_ends_by_time_by_log_out_or_with_its_credential() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Nonces::open(&Place::File(folder.path().join("nonces.db")), &StoreOptions::default()).unwrap();
        let token = begin(&sessions, "ok_1", 0);
        assert_eq!(token.len(), TOKEN_CHARS);
        let session = sessions.session(&token, at(99)).unwrap().unwrap();
        assert_eq!((session.key_id.as_str(), session.expires_at), ("ok_1", at(100)));
        assert!(session.is_of("$hash") && !session.is_of("$other"));
        assert_eq!(sessions.session(&token, at(100)).unwrap(), None);
        assert_eq!(sessions.session("nobody's", at(1)).unwrap(), None);
        assert!(sessions.end_session(&token).unwrap());
        assert!(!sessions.end_session(&token).unwrap());
        assert_eq!(sessions.session(&token, at(1)).unwrap(), None);
        let (gone, stays) = (begin(&sessions, "pk_1", 0), begin(&sessions, "pk_2", 0));
        assert_eq!(sessions.forget(&["pk_1".to_owned()]).unwrap(), 1);
        assert_eq!(sessions.session(&gone, at(1)).unwrap(), None);
        assert!(sessions.session(&stays, at(1)).unwrap().is_some());
    }

    #[test]
    fn a_credential_has_so_many_sessions_and_the_oldest_end() {
        let folder = tempfile::tempdir().unwrap();
        let sessions = Nonces::open(&Place::File(folder.path().join("nonces.db")), &StoreOptions::default()).unwrap();
        let of_others = begin(&sessions, "ok_2", 0);
        let tokens: Vec<_> = (0..i64::from(SESSIONS_MAX) + 2).map(|second| begin(&sessions, "ok_1", second)).collect();
        let held = |token: &String| sessions.session(token, at(40)).unwrap().is_some();
        assert_eq!(tokens.iter().map(held).take(3).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(tokens.iter().filter(|token| held(token)).count(), SESSIONS_MAX as usize);
        assert!(held(&of_others));
    }
}

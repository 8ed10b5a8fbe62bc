//! Nonces of password digests that were used: a database of its own, `nonces.db`, so that none is taken twice, not even after a
//! restart. Browsers' [`sessions`](crate::sessions) lie in it, too.
//!
//! Called by the authentication, for digests that are right and for no others: who has no credential cannot fill it. It is no part
//! of the control database, because a change of that makes every remembered credential be looked at again.

use plugpoint_sdk::model::timestamp::Timestamp;

use crate::database::{Database, Place};
use crate::error::StoreError;
use crate::migrate::{Schema, Setup, Step};
use crate::sql::{Connection, values};
use crate::store::StoreOptions;
use crate::time::to_micros;

static SCHEMA: Schema = Schema {
    application_id: 0x504c_504e, // "PLPN"
    steps: &[
        Step::new(
            "0001_nonces",
            include_str!("../migrations/nonces/0001_nonces.sql"),
            include_str!("../migrations/postgres/nonces.sql"),
        ),
        Step::new(
            "0002_sessions",
            include_str!("../migrations/nonces/0002_sessions.sql"),
            include_str!("../migrations/postgres/nonces_sessions.sql"),
        ),
    ],
    serves_from: 2,
    records_from: None,
    writer_setup: Setup { sqlite: "", postgres: "" },
};

/// Rows that one use sweeps: more than come in, so that the table shrinks, and few enough for one request to bear.
const SWEPT_MAX: u32 = 100;

/// What became of a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NonceUse {
    /// It was not there, and is now.
    First,
    /// It was there.
    Repeated,
    /// The credential has as many as it may have; this one was not remembered.
    Full,
}

/// The nonces of one data folder.
pub struct Nonces {
    pub(crate) db: Database,
}

impl Nonces {
    pub(crate) fn open(place: &Place, options: &StoreOptions) -> Result<Self, StoreError> {
        Ok(Self { db: Database::open(place, &SCHEMA, "nonce database".to_owned(), options)? })
    }

    /// Remembers a nonce of a credential until `expires_at`, durably, if it may be taken. `held_max` is how many a credential may
    /// have. What has expired at `now` goes.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn take(
        &self,
        key_id: &str,
        nonce: &[u8],
        now: Timestamp,
        expires_at: Timestamp,
        held_max: u64,
    ) -> Result<NonceUse, StoreError> {
        const INSERT: &str =
            "INSERT INTO nonces (key_id, nonce_hash, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let (hash, now, expires_at) = (blake3::hash(nonce), to_micros(now), to_micros(expires_at));
        self.db.write("remember a nonce", |tx| {
            sweep(tx, now)?;
            // Whether it is there comes first: a repeat is one however full the table is.
            const KNOWN: &str = "SELECT EXISTS (SELECT 1 FROM nonces WHERE key_id = ?1 AND nonce_hash = ?2)";
            if tx.query_one(KNOWN, values![key_id, hash.as_bytes()], |row| row.get::<bool>(0))? {
                return Ok(NonceUse::Repeated);
            }
            if held(tx, key_id)? >= held_max {
                return Ok(NonceUse::Full);
            }
            tx.execute(INSERT, values![key_id, hash.as_bytes(), expires_at])?;
            Ok(NonceUse::First)
        })
    }
}

impl Nonces {
    /// The nonces that a credential has.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn held(&self, key_id: &str) -> Result<u64, StoreError> {
        self.db.read("count nonces", |connection| held(connection, key_id))
    }

    /// Forgets all nonces and sessions of these keys, and leaves nothing of them in the file. Gives their number.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn forget(&self, key_ids: &[String]) -> Result<u64, StoreError> {
        let count = self.db.write("forget nonces", |tx| {
            tx.leave_nothing()?;
            let (delete, ends) = ("DELETE FROM nonces WHERE key_id = ?1", "DELETE FROM sessions WHERE key_id = ?1");
            key_ids.iter().try_fold(0, |count, key_id| {
                Ok(count + tx.execute(delete, values![key_id])? + tx.execute(ends, values![key_id])?)
            })
        })?;
        // Those that have expired may be in pages that are free.
        self.db.scrub()?;
        Ok(count)
    }
}

/// The nonces that a credential has.
fn held(tx: &Connection, key_id: &str) -> Result<u64, StoreError> {
    const SELECT: &str = "SELECT held FROM nonce_counts WHERE key_id = ?1";
    let held: Option<i64> = tx.query_opt(SELECT, values![key_id], |row| row.get(0))?;
    Ok(held.unwrap_or(0).unsigned_abs())
}

fn sweep(tx: &Connection, now: i64) -> Result<(), StoreError> {
    const DELETE: &str = "DELETE FROM nonces WHERE (key_id, nonce_hash) IN
        (SELECT key_id, nonce_hash FROM nonces WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)";
    tx.execute(DELETE, values![now, SWEPT_MAX])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use NonceUse::{First, Full, Repeated};

    fn at(second: i64) -> Timestamp {
        Timestamp(jiff::Timestamp::from_second(1_800_000_000 + second).unwrap())
    }

    fn nonces(folder: &std::path::Path) -> Nonces {
        Nonces::open(&Place::File(folder.join("nonces.db")), &StoreOptions::default()).unwrap()
    }

    fn rows(nonces: &Nonces, table: &str) -> i64 {
        let count = format!("SELECT count(*) FROM {table}");
        nonces.db.read("count", |connection| connection.query_one(&count, &[], |row| row.get(0))).unwrap()
    }

    #[test]
    fn a_nonce_is_taken_once_by_each_credential_and_not_again_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let take = |nonces: &Nonces, key_id, nonce| nonces.take(key_id, nonce, at(0), at(300), 10).unwrap();
        let first = nonces(folder.path());
        assert_eq!([take(&first, "a", b"1"), take(&first, "a", b"2"), take(&first, "b", b"1")], [First; 3]);
        assert_eq!([take(&first, "a", b"1"), take(&first, "b", b"1")], [Repeated; 2]);
        drop(first);
        let second = nonces(folder.path());
        assert_eq!([take(&second, "a", b"1"), take(&second, "a", b"3")], [Repeated, First]);
    }

    #[test]
    fn what_has_expired_goes_and_makes_room() {
        let folder = tempfile::tempdir().unwrap();
        let nonces = nonces(folder.path());
        for number in 0..3_u8 {
            assert_eq!(nonces.take("a", &[number], at(0), at(300), 3).unwrap(), First);
        }
        assert_eq!(nonces.take("a", b"x", at(300), at(600), 3).unwrap(), Full, "until its last moment");
        assert_eq!(nonces.take("a", &[0], at(300), at(600), 3).unwrap(), Repeated, "a repeat is one, full or not");
        assert_eq!(
            nonces.take("b", b"x", at(300), at(600), 3).unwrap(),
            First,
            "another credential has room of its own"
        );
        assert_eq!(nonces.take("a", b"x", at(301), at(600), 3).unwrap(), First);
        assert_eq!((rows(&nonces, "nonces"), rows(&nonces, "nonce_counts")), (2, 2));
        assert_eq!(nonces.take("c", b"x", at(601), at(900), 3).unwrap(), First);
        assert_eq!((rows(&nonces, "nonces"), rows(&nonces, "nonce_counts")), (1, 1), "nothing stays of who is gone");
    }

    #[test]
    fn the_table_shrinks_however_much_has_expired() {
        let folder = tempfile::tempdir().unwrap();
        let nonces = nonces(folder.path());
        let count = 3 * SWEPT_MAX;
        nonces
            .db
            .write("fill", |tx| {
                for number in 0..count {
                    tx.execute("INSERT INTO nonces VALUES ('a', ?1, 0)", values![number.to_le_bytes().as_slice()])?;
                }
                Ok(())
            })
            .unwrap();
        for round in 1..=4_u8 {
            assert_eq!(nonces.take("a", &[round], at(0), at(1), 1000).unwrap(), First);
        }
        assert_eq!(rows(&nonces, "nonces"), 4);
    }

    #[test]
    fn of_many_that_take_a_nonce_at_once_one_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let nonces = nonces(folder.path());
        let taken: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| nonces.take("a", b"1", at(0), at(300), 10).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(taken.iter().filter(|taken| **taken == First).count(), 1);
    }
}

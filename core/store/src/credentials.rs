//! Credentials: a public key id and a secret that is shown once and kept only as its argon2id hash; for password digests also
//! sealed, which is the control database's to do.
//!
//! Hashing takes tens of milliseconds and 19 MiB on purpose; callers run it on a blocking thread and cache what was verified.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use argon2::password_hash::PasswordHasher;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plugpoint_sdk::model::TenantId;

use crate::error::{StoreError, StoreErrorKind};
use crate::random::random;

/// Random bytes of a key id: enough that two never meet.
const KEY_ID_BYTES: usize = 10;
/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A new credential. The only moment at which the secret exists as text.
#[derive(Clone)]
pub struct Credential {
    /// `pk_` and 20 hexadecimal digits. Never an `@`: that is how a user of a customer's own directory is told apart.
    pub key_id: String,
    /// `ps_` and 43 characters of base64url: 256 bits.
    pub secret: String,
}

/// A credential as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialRow {
    /// Whose it is.
    pub tenant: TenantId,
    /// Its public part.
    pub key_id: String,
    /// argon2id hash of the secret, as a PHC string.
    pub secret_hash: String,
}

/// Keeps the secret out of logs.
impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// True if `secret` is the one with this hash. Blocks for tens of milliseconds; false also for a hash that cannot be
/// read.
#[must_use]
pub fn verify_secret(secret_hash: &str, secret: &str) -> bool {
    PasswordHash::new(secret_hash).is_ok_and(|hash| is_of(&hash, secret).unwrap_or_default())
}

/// Memory of runs that are over. Each thread that gave its own back to the allocator would leave it there: 19 MiB in each of the
/// many heaps that an allocator keeps for threads. As it is there are as many as ever ran at once, which the caller bounds.
static SPARE: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Whether the secret has this hash; none for a hash that is not argon2's.
fn is_of(hash: &PasswordHash, secret: &str) -> Option<bool> {
    let (salt, expected) = (hash.salt.as_ref()?, hash.hash.as_ref()?);
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).ok()?;
    let version = hash.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash).ok()?);
    let mut memory = spare().pop().unwrap_or_default();
    memory.resize(argon2.params().block_count(), Block::new());
    let mut found = vec![0; expected.len()];
    let run = argon2.hash_password_into_with_memory(secret.as_bytes(), salt, &mut found, &mut memory);
    spare().push(memory);
    // Compared in a time that does not depend on what they are.
    Some(run.is_ok() && Output::new(&found).ok()? == *expected)
}

fn spare() -> MutexGuard<'static, Vec<Vec<Block>>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A new credential and the hash of its secret.
pub(crate) fn generate() -> Result<(Credential, String), StoreError> {
    generate_as("pk_")
}

/// The same with another beginning of the key id.
pub(crate) fn generate_as(kind: &str) -> Result<(Credential, String), StoreError> {
    let key_id = random::<KEY_ID_BYTES>()?.iter().fold(kind.to_owned(), |text, byte| format!("{text}{byte:02x}"));
    let secret = format!("ps_{}", URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>()?));
    let hash = Argon2::default().hash_password(secret.as_bytes());
    let hash = hash.map_err(|error| StoreError::of(StoreErrorKind::Internal, error.to_string()))?;
    Ok((Credential { key_id, secret }, hash.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_cannot_be_taken_for_a_user_of_a_directory() {
        for _ in 0..2 {
            let (Credential { key_id, secret }, _) = generate().unwrap();
            let digits = key_id.strip_prefix("pk_").unwrap();
            assert_eq!(digits.len(), 20, "{key_id}");
            assert!(digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{key_id}");
            // A Bearer token is divided at the first of these.
            assert!(!secret.contains([':', '.', '@']));
        }
    }
}

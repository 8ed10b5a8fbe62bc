//! Password digests of WS-Security's UsernameToken Profile: Base64 of SHA-1 over nonce, Created and password.
//!
//! Called by the authentication. Whatever is wrong with a digest is one answer, whether or not there is such a key id; argon2 does
//! not run, and a nonce is remembered only of a digest that is right. It judges no time: whoever reads the token does.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{NonceUse, Store};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;

/// A password digest as it was presented, with a `Created` that was found to be fresh.
#[derive(Clone, PartialEq, Eq)]
pub struct PresentedDigest {
    /// The public part of the credential.
    pub key_id: String,
    /// The digest itself.
    pub digest: [u8; 20],
    /// What the sender may have meant by its nonce: its bytes, and for senders that name no encoding its text as well.
    pub nonces: Vec<Vec<u8>>,
    /// The text of `Created`, as it was hashed.
    pub created: String,
    /// Now, by the clock that found `Created` to be fresh.
    pub now: Timestamp,
    /// The last moment at which this `Created` is fresh.
    pub fresh_until: Timestamp,
}

/// Finds the tenant of a digest and remembers its nonce. Blocks.
///
/// # Errors
/// `unauthenticated` for a digest that is wrong, or was used before; `unavailable` when too many nonces of the credential are
/// remembered; those of the storage.
pub(super) fn verify(store: &Store, presented: &PresentedDigest, held_max: u64) -> Result<TenantId, ApiError> {
    let found = store.control().sealed_secret(&presented.key_id)?;
    let secret = found.as_ref().map_or("", |(_, secret)| secret.as_str());
    let nonce = presented.nonces.iter().find(|nonce| is_right(presented, nonce, secret));
    let (Some((tenant, _)), Some(nonce)) = (&found, nonce) else { return Err(wrong()) };
    // Of the bytes that were hashed, not of their text: one and the same nonce can be written in several ways.
    let PresentedDigest { key_id, now, fresh_until, .. } = presented;
    match store.nonces()?.take(key_id, nonce, *now, *fresh_until, held_max)? {
        NonceUse::First => Ok(tenant.clone()),
        NonceUse::Repeated => {
            let detail =
                "the UsernameToken was used before: every message needs a Nonce and a PasswordDigest of its own";
            Err(ApiError::new(&codes::UNAUTHENTICATED, detail))
        }
        NonceUse::Full => {
            let detail =
                "too many password digests of this credential within a short time; HTTP Basic has no such bound";
            Err(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(RETRY_AFTER_S))
        }
    }
}

/// After so many seconds a client may try again.
const RETRY_AFTER_S: u32 = 10;

fn is_right(presented: &PresentedDigest, nonce: &[u8], secret: &str) -> bool {
    let hash = Sha1::new().chain_update(nonce).chain_update(&presented.created).chain_update(secret).finalize();
    hash.as_slice().ct_eq(&presented.digest).into()
}

/// The one answer to an unknown key id, a wrong digest and a credential whose secret nobody can read again.
fn wrong() -> ApiError {
    let detail = "the key id or the PasswordDigest is wrong, or the credential was not made for digests; \
                  the operator makes one that is by `plugpoint tenant add-key NAME --digest`";
    ApiError::new(&codes::UNAUTHENTICATED, detail)
}

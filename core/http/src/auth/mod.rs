//! Who may act for which tenant: presented credentials become a [`Principal`], or a 401.
//!
//! A verified credential is remembered for a short time under a keyed fingerprint, so that a request costs no argon2 run.
//! A change of the control database by any process makes it look at the credential's row again, not run argon2 again.
//! Runs of argon2 are bounded in number whatever is presented, and an unknown key id costs the same as a wrong secret. What a
//! tenant's own directory has to judge ([`directory`]) is remembered in the same way and holds up nobody else. A password digest
//! ([`digest`]) costs no argon2 run and is remembered never: each is good once.

mod digest;
mod directory;
mod operators;
mod presented;
mod sessions;

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use moka::sync::Cache;
use plugpoint_config::Config;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{CredentialRow, verify_secret};
use siphasher::sip128::SipHasher24;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::body::blocking;
use crate::observe::Caller;
use crate::problem::Problem;
use crate::recent::Recent;
use crate::tenants::{TenantRuntime, Tenants, suspended};

pub use digest::PresentedDigest;
pub use operators::Operator;
pub use presented::{AUTHORIZATION_BYTES_MAX, Presented};
pub use sessions::{CSRF_HEADER, Opened, SESSION_COOKIE, Who};

/// Refusals that are remembered. At some 200 bytes each this bounds what an attacker can fill.
const REFUSED_MAX: u64 = 10_000;

/// How long a refusal is remembered.
const REFUSED_TTL: Duration = Duration::from_secs(5);

/// Verifications that may wait for their turn; further ones are told to come back.
const WAITING_MAX: usize = 64;

/// How long a verification waits for its turn.
const TURN_MAX: Duration = Duration::from_secs(5);

/// Stands in for the hash of a key id that does not exist, so that the answer takes as long. Nobody has its secret: the
/// digest is no output of argon2 that anybody computed. Its parameters are the store's; a test compares them.
const NOBODYS_HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$cGx1Z3BvaW50LW5vYm9keQ$MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA";

/// Who a request acts for. Cheap to clone.
#[derive(Clone)]
pub struct Principal(Arc<Identity>);

/// What is known of a principal.
pub struct Identity {
    /// The tenant.
    pub tenant: TenantId,
    /// The credential's public part: `pk_…`, or `USER@TENANT` of the tenant's own directory.
    pub key_id: String,
    /// The tenant's database, profile and plan.
    pub runtime: Arc<TenantRuntime>,
}

impl Deref for Principal {
    type Target = Identity;
    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Absent only where no observer is, in a router under test.
        let caller = Caller::of(parts).ok_or_else(unauthenticated)?;
        Ok(caller.authenticated(parts).await?)
    }
}

#[derive(Clone)]
struct Verified {
    principal: Principal,
    by: Judge,
    /// The control database as it was when the row was looked at last.
    stamp: u64,
    /// When argon2 has to run again; looking at the row does not put it off.
    until: Instant,
}

/// Who said that a credential is right; as long as that one is the same, the word holds.
#[derive(Clone)]
enum Judge {
    /// argon2, by this hash.
    Platform(Arc<str>),
    /// The verifiers of the principal's runtime.
    Customer,
}

type Fingerprint = [u8; 32];

/// A refusal that is remembered.
#[derive(Clone)]
struct Refusal {
    /// The control database as it was.
    stamp: u64,
    /// The credential is right; its tenant is suspended.
    suspended: Option<TenantId>,
}

/// The authentication with its memory.
pub(crate) struct Authentication {
    tenants: Arc<Tenants>,
    fingerprint_key: [u8; 32],
    verified_ttl: Duration,
    session_lasts: Duration,
    nonces_max: u64,
    budget_percent: u32,
    verified: Cache<Fingerprint, Verified>,
    /// The same by the whole `Authorization` header, which saves decoding it.
    by_header: Recent<u128, Arc<Verified>>,
    header_names: SipHasher24,
    refused: Cache<Fingerprint, Refusal>,
    /// By which hash an operator's credential was found right, and until when that holds.
    operators: Cache<Fingerprint, (Arc<str>, Instant)>,
    flights: Cache<Fingerprint, Arc<tokio::sync::Mutex<()>>>,
    turns: Arc<Semaphore>,
    waiting: Semaphore,
    runs: AtomicU64,
}

impl Authentication {
    pub(crate) fn new(tenants: Arc<Tenants>, config: &Config) -> Self {
        let verified_ttl = Duration::from_secs(config.auth.cache_ttl_s);
        let verified_max = config.auth.cache_entries_max;
        // Half of the processors at most are ever busy with secrets.
        let names_key = process_key();
        let turns = std::thread::available_parallelism().map_or(1, |count| count.get().div_ceil(2));
        Self {
            tenants,
            fingerprint_key: process_key(),
            verified_ttl,
            session_lasts: sessions::lasts(config.auth.session_hours),
            nonces_max: config.auth.nonces_per_credential_max,
            budget_percent: config.hooks.budget_percent,
            verified: Cache::builder().max_capacity(verified_max).time_to_live(verified_ttl).build(),
            by_header: Recent::new(verified_max),
            header_names: SipHasher24::new_with_key(&std::array::from_fn(|index| names_key[index])),
            operators: Cache::builder().max_capacity(verified_max).time_to_live(verified_ttl).build(),
            refused: Cache::builder().max_capacity(REFUSED_MAX).time_to_live(REFUSED_TTL).build(),
            flights: Cache::builder().max_capacity(REFUSED_MAX).time_to_idle(TURN_MAX * 2).build(),
            turns: Arc::new(Semaphore::new(turns)),
            waiting: Semaphore::new(WAITING_MAX),
            runs: AtomicU64::new(0),
        }
    }

    /// How often argon2 ran.
    pub(crate) fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Who the headers of a request stand for, if that is remembered. Does not wait for anything.
    pub(crate) fn recall(self: &Arc<Self>, headers: &HeaderMap, now: Instant) -> Option<Principal> {
        let verified = self.by_header.get(&self.header_fingerprint(headers)?)?;
        let is_current = self.tenants.stamp(now) == Some(verified.stamp) && now < verified.until;
        is_current.then(|| verified.principal.clone())
    }

    /// Who a request stands for, by its `Authorization` or else by the session that its cookie names.
    pub(crate) async fn authenticate_request(
        self: &Arc<Self>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Principal, ApiError> {
        let Some(presented) = Presented::of(headers)? else {
            return match self.by_session(method, headers).await? {
                Who::Tenant(principal) => Ok(principal),
                Who::Operator(_) => Err(of_operators()),
            };
        };
        let principal = self.authenticate(&presented).await?;
        let verified =
            presented.parts().and_then(|(key_id, secret)| self.verified.get(&self.fingerprint(key_id, secret)));
        if let (Some(fingerprint), Some(verified)) = (self.header_fingerprint(headers), verified) {
            self.by_header.put(fingerprint, Arc::new(verified), 1);
        }
        Ok(principal)
    }

    /// See [`Platform::authenticate`](crate::Platform::authenticate).
    pub(crate) async fn authenticate(self: &Arc<Self>, presented: &Presented) -> Result<Principal, ApiError> {
        if let Presented::Digest(presented) = presented {
            let (this, presented) = (Arc::clone(self), presented.clone());
            return blocking(move || this.verify_digest(&presented)).await;
        }
        let (key_id, secret) = presented.parts().ok_or_else(unauthenticated)?;
        let fingerprint = self.fingerprint(key_id, secret);
        if let Some(answer) = self.remembered(&fingerprint) {
            return answer;
        }
        // Of many requests with one credential, one does the work and the others find it done.
        let flight = self.flights.get_with(fingerprint, Arc::default);
        let _flight = flight.lock().await;
        if let Some(answer) = self.remembered(&fingerprint) {
            return answer;
        }
        if let Some(before) = self.verified.get(&fingerprint).filter(|before| Instant::now() < before.until) {
            let this = Arc::clone(self);
            if let Some(principal) = blocking(move || this.renew(fingerprint, &before)).await? {
                return Ok(principal);
            }
        }
        let Ok(waiting) = self.waiting.try_acquire() else { return Err(busy()) };
        if let Some((user, tenant)) = directory::parts(key_id) {
            let (this, named) = (Arc::clone(self), tenant.clone());
            // The stamp is read before the row, as in `verify`.
            let asked = blocking(move || Ok((this.tenants.look()?, directory::asked(&this.tenants, &named)?))).await?;
            if let (stamp, Some(runtime)) = asked {
                drop(waiting);
                return self.ask(fingerprint, (key_id, user, secret), stamp, runtime).await;
            }
        }
        let Ok(Ok(turn)) = timeout(TURN_MAX, Arc::clone(&self.turns).acquire_owned()).await else { return Err(busy()) };
        let (this, key_id, secret) = (Arc::clone(self), key_id.to_owned(), secret.to_owned());
        blocking(move || {
            // Held until the run has ended, even if the client has gone.
            let _turn = turn;
            this.verify(fingerprint, &key_id, &secret)
        })
        .await
    }

    /// Who a password digest stands for. Blocks, for no argon2 run.
    fn verify_digest(&self, presented: &PresentedDigest) -> Result<Principal, ApiError> {
        metrics::counter!("auth_digests_total").increment(1);
        let tenant = digest::verify(self.tenants.store(), presented, self.nonces_max)?;
        let runtime = self.served(&tenant)?;
        Ok(Principal(Arc::new(Identity { tenant, key_id: presented.key_id.clone(), runtime })))
    }

    /// Has the tenant's own verifiers judge a credential, unless they have too many to judge already.
    async fn ask(
        self: &Arc<Self>,
        fingerprint: Fingerprint,
        credential: (&str, &str, &str),
        stamp: u64,
        runtime: Arc<TenantRuntime>,
    ) -> Result<Principal, ApiError> {
        let Some(place) = runtime.verifying.try_enter() else { return Err(directory::unavailable()) };
        let this = Arc::clone(self);
        let (key_id, user, secret) = credential;
        let (key_id, user, secret) = (key_id.to_owned(), user.to_owned(), secret.to_owned());
        blocking(move || {
            // Held until the verifiers have answered or were given up, even if the client has gone.
            let _place = place;
            if !directory::is_accepted(&runtime, this.budget_percent, &user, &secret)? {
                this.refused.insert(fingerprint, Refusal { stamp, suspended: None });
                return Err(unauthenticated());
            }
            let until = Instant::now() + this.verified_ttl;
            let principal = Principal(Arc::new(Identity { tenant: runtime.tenant.clone(), key_id, runtime }));
            Ok(this.insert(fingerprint, Verified { principal, by: Judge::Customer, stamp, until }))
        })
        .await
    }

    /// The answer that needs no storage.
    fn remembered(&self, fingerprint: &Fingerprint) -> Option<Result<Principal, ApiError>> {
        let now = Instant::now();
        if let Some(verified) = self.verified.get(fingerprint) {
            let is_current = self.tenants.stamp(now) == Some(verified.stamp) && now < verified.until;
            return is_current.then_some(Ok(verified.principal));
        }
        let refusal = self.refused.get(fingerprint)?;
        let refused = || refusal.suspended.as_ref().map_or_else(unauthenticated, suspended);
        (refusal.stamp == self.tenants.last_stamp()).then(|| Err(refused()))
    }

    /// Looks whether who judged the credential is still as it was; `None` if it is not. Blocks, but for no judgement.
    fn renew(&self, fingerprint: Fingerprint, before: &Verified) -> Result<Option<Principal>, ApiError> {
        let stamp = self.tenants.look()?;
        let (principal, until) = (&before.principal, before.until);
        match &before.by {
            Judge::Platform(secret_hash) => {
                let row = self.tenants.control().credential(&principal.key_id)?;
                if let Some(row) = row.filter(|row| *row.secret_hash == **secret_hash && row.tenant == principal.tenant)
                {
                    return self.remember(fingerprint, row, stamp, until).map(Some);
                }
            }
            Judge::Customer => {
                // Who was let in before may know why not now.
                match self.tenants.tenant(&principal.tenant) {
                    Err(error) if *error.code == codes::TENANT_SUSPENDED => return Err(error),
                    _ => {}
                }
                let asked = directory::asked(&self.tenants, &principal.tenant)?;
                if asked.is_some_and(|runtime| Arc::ptr_eq(&runtime, &principal.runtime)) {
                    return Ok(Some(self.insert(fingerprint, Verified { stamp, ..before.clone() })));
                }
            }
        }
        self.verified.invalidate(&fingerprint);
        Ok(None)
    }

    /// Looks the credential up and runs argon2. Blocks.
    fn verify(&self, fingerprint: Fingerprint, key_id: &str, secret: &str) -> Result<Principal, ApiError> {
        // The stamp is read before the row: a change in between is then seen as a change after it, never missed.
        let stamp = self.tenants.look()?;
        let row = self.tenants.control().credential(key_id)?;
        match self.run(row, secret) {
            Some(row) => self.remember(fingerprint, row, stamp, Instant::now() + self.verified_ttl),
            None => {
                self.refused.insert(fingerprint, Refusal { stamp, suspended: None });
                Err(unauthenticated())
            }
        }
    }

    fn remember(
        &self,
        fingerprint: Fingerprint,
        row: CredentialRow,
        stamp: u64,
        until: Instant,
    ) -> Result<Principal, ApiError> {
        let runtime = self.served(&row.tenant).inspect_err(|error| {
            // As dear as a wrong secret, and as likely to be sent again.
            if *error.code == codes::TENANT_SUSPENDED {
                self.verified.invalidate(&fingerprint);
                self.refused.insert(fingerprint, Refusal { stamp, suspended: Some(row.tenant.clone()) });
            }
        })?;
        let principal = Principal(Arc::new(Identity { tenant: row.tenant, key_id: row.key_id, runtime }));
        let by = Judge::Platform(row.secret_hash.into());
        Ok(self.insert(fingerprint, Verified { principal, by, stamp, until }))
    }

    /// What serves the tenant of a credential. One that is being deleted has none any more.
    fn served(&self, tenant: &TenantId) -> Result<Arc<TenantRuntime>, ApiError> {
        self.tenants.tenant(tenant).map_err(|error| match *error.code == codes::NOT_FOUND {
            true => unauthenticated().caused_by(error),
            false => error,
        })
    }

    /// Forgets the credentials of a tenant that another process deletes or replaces.
    pub(crate) fn forget(&self, tenant: &TenantId) {
        let names: Vec<_> = self
            .verified
            .iter()
            .filter(|(_, known)| known.principal.tenant == *tenant)
            .map(|(name, _)| *name)
            .collect();
        names.iter().for_each(|name| self.verified.invalidate(name));
        self.by_header.forget(|_, known| known.principal.tenant == *tenant);
    }

    fn insert(&self, fingerprint: Fingerprint, verified: Verified) -> Principal {
        let principal = verified.principal.clone();
        self.verified.insert(fingerprint, verified);
        principal
    }

    /// Runs argon2, against nobody's hash if there is no such key id. `Some` if the secret is right.
    fn run(&self, row: Option<CredentialRow>, secret: &str) -> Option<CredentialRow> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("auth_verifications_total").increment(1);
        match row {
            Some(row) => verify_secret(&row.secret_hash, secret).then_some(row),
            None => {
                let _ = verify_secret(NOBODYS_HASH, secret);
                None
            }
        }
    }

    /// `None` unless there is exactly one `Authorization` header. SipHash with a secret key is a pseudorandom function: nobody
    /// finds a second header of the same name.
    fn header_fingerprint(&self, headers: &HeaderMap) -> Option<u128> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = values.next().filter(|value| value.len() <= AUTHORIZATION_BYTES_MAX)?;
        values.next().is_none().then(|| self.header_names.hash(value.as_bytes()).as_u128())
    }

    /// Names a credential without keeping it: keyed, so that a dump of the memory gives nothing to compare with.
    fn fingerprint(&self, key_id: &str, secret: &str) -> Fingerprint {
        let mut hasher = blake3::Hasher::new_keyed(&self.fingerprint_key);
        hasher.update(&(key_id.len() as u64).to_le_bytes()).update(key_id.as_bytes()).update(secret.as_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// A key that differs from process to process, from the operating system's randomness by way of two ids.
fn process_key() -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for _ in 0..4 {
        hasher.update(uuid::Uuid::now_v7().as_bytes());
    }
    *hasher.finalize().as_bytes()
}

/// The one answer to missing, malformed, unknown and wrong credentials.
pub(crate) fn unauthenticated() -> ApiError {
    ApiError::new(&codes::UNAUTHENTICATED, "send a valid key id and secret, as HTTP Basic or as a Bearer token")
}

/// What an operator's credential, which stands for no tenant, is answered where a tenant's data is.
fn of_operators() -> ApiError {
    ApiError::new(&codes::FORBIDDEN, "this is a tenant's; the session is an operator's")
}

/// What a tenant's credential is answered where the platform is looked after.
fn of_tenants() -> ApiError {
    ApiError::new(&codes::FORBIDDEN, "this is for operators; the credential is a tenant's")
}

fn busy() -> ApiError {
    ApiError::new(&codes::UNAVAILABLE, "too many credentials are being verified").retry_after(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobodys_hash_can_be_verified_and_never_matches() {
        let started = std::time::Instant::now();
        assert!(!verify_secret(NOBODYS_HASH, ""));
        // A hash that cannot be read is refused within microseconds; a run takes milliseconds even on a fast machine.
        assert!(started.elapsed() > Duration::from_millis(1), "argon2 did not run");
    }
}

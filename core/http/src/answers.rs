//! Answers given lately, in memory, ready to be given again before a route is even looked for: by tenant and address.
//!
//! An entry holds as long as its tenant is served as it was and nothing was committed to the tenant's database since before
//! it was read; a hit touches neither disk nor blocking thread nor router. Handlers put in what they have read, the observer
//! takes it out. It refuses to answer from memory what another process may have changed long ago, and it authenticates nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::MatchedPath;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use hashbrown::Equivalent;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{StoreError, TenantDb};

use crate::auth::Principal;
use crate::conditional;
use crate::recent::Recent;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How often commits of another process (`plugpoint import` beside a running server) are looked for. What nobody looked
/// after for twice as long is not believed, so that is how long such a commit may go unseen here.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What an entry costs beside its texts, in bytes.
const OVERHEAD_BYTES: usize = 400;

/// JSON with its tag and length, ready to be answered any number of times: one allocation, of which the parts are views.
#[derive(Clone)]
pub struct Tagged {
    body: Bytes,
    etag: HeaderValue,
    length: HeaderValue,
}

impl Tagged {
    /// `etag` without quotes; printable ASCII, as the store's are.
    ///
    /// # Errors
    /// `internal` if it is not.
    pub fn new(body: &[u8], etag: &str) -> Result<Self, ApiError> {
        let length = body.len().to_string();
        let (quoted, head) = (etag.len() + 2, etag.len() + 2 + length.len());
        let mut block = Vec::with_capacity(head + body.len());
        for part in [b"\"", etag.as_bytes(), b"\"", length.as_bytes(), body] {
            block.extend_from_slice(part);
        }
        let block = Bytes::from(block);
        let value = |part| HeaderValue::from_maybe_shared(block.slice(part));
        let unfit = |error| ApiError::new(&codes::INTERNAL, "the tag cannot be answered").caused_by(error);
        let (etag, length) = (value(0..quoted).map_err(unfit)?, value(quoted..head).map_err(unfit)?);
        Ok(Self { body: block.slice(head..), etag, length })
    }

    /// The answer: 304 if the request names the tag.
    #[must_use]
    pub fn answer(self, request: &HeaderMap) -> Response {
        let opaque = self.etag.to_str().unwrap_or_default().trim_matches('"');
        let condition = conditional::if_none_match(request);
        let is_known = condition.as_ref().is_some_and(|condition| condition.holds_for(Some(opaque)));
        let known = condition.as_ref().and_then(|condition| condition.matching(opaque)).and_then(conditional::etag);
        let mut response = Response::new(if is_known { Body::empty() } else { Body::from(self.body) });
        let headers = response.headers_mut();
        // Room for what comes here and what the observer adds, at once.
        headers.reserve(6);
        headers.insert(ETAG, known.unwrap_or(self.etag));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            headers.insert(CONTENT_TYPE, JSON);
            headers.insert(CONTENT_LENGTH, self.length);
        }
        response
    }
}

/// A resource of a tenant. The address as it was sent is enough: another spelling of it is another entry of the same answer.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    path: Bytes,
}

/// A [`Key`] that is only asked for. Hashes as that does: the same fields in the same order.
#[derive(Hash)]
struct Asked<'a> {
    tenant: &'a TenantId,
    path: &'a [u8],
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.tenant == key.tenant && *self.path == *key.path
    }
}

/// An answer with what it depends on.
#[derive(Clone)]
struct Kept {
    answer: Tagged,
    route: MatchedPath,
    /// The [`number`](crate::TenantRuntime::number) of the runtime that it was made by: its profile, its plan.
    runtime: u64,
    /// The database's generation before it was read.
    generation: u64,
}

/// The memory of answers.
pub struct Answers {
    entries: Recent<Key, Kept>,
    /// Whether somebody is looking right now.
    is_looking: Arc<AtomicBool>,
}

impl Answers {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { entries: Recent::new(bytes_max), is_looking: Arc::default() }
    }

    /// The answer to `GET path` as it was given, and its route, if nothing it depends on has changed. Does not block.
    pub(crate) fn get(&self, principal: &Principal, path: &str) -> Option<(Tagged, MatchedPath)> {
        let kept = self.entries.get(&Asked { tenant: &principal.tenant, path: path.as_bytes() })?;
        let db = &principal.runtime.db;
        let unlooked_for = db.unlooked_for();
        if unlooked_for > LOOK_INTERVAL {
            self.send_for_a_look(db);
        }
        let is_current = unlooked_for <= LOOK_INTERVAL * 2
            && kept.generation == db.generation()
            && kept.runtime == principal.runtime.number;
        is_current.then_some((kept.answer, kept.route))
    }

    /// Keeps what a handler has read for the address of its request. `generation` is that of [`Answers::generation`] before
    /// it was read. The answer must depend on nothing but the address, the tenant's database, profile and plan.
    pub fn put(&self, principal: &Principal, request: &Parts, answer: &Tagged, generation: u64) {
        let Some(route) = request.extensions.get::<MatchedPath>().cloned() else { return };
        let path = Bytes::copy_from_slice(request.uri.path().as_bytes());
        let bytes = OVERHEAD_BYTES + path.len() + answer.body.len();
        let kept = Kept { answer: answer.clone(), route, runtime: principal.runtime.number, generation };
        self.entries.put(Key { tenant: principal.tenant.clone(), path }, kept, bytes as u64);
    }

    /// The generation of what is read next. Blocks.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn generation(db: &TenantDb) -> Result<u64, StoreError> {
        if db.unlooked_for() > LOOK_INTERVAL {
            db.look()?;
        }
        Ok(db.generation())
    }

    /// Forgets all answers to a tenant that another process deletes or replaces.
    pub(crate) fn forget(&self, tenant: &TenantId) {
        self.entries.forget(|key, _| key.tenant == *tenant);
    }

    fn send_for_a_look(&self, db: &Arc<TenantDb>) {
        if self.is_looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let (db, is_looking) = (Arc::clone(db), Arc::clone(&self.is_looking));
        tokio::task::spawn_blocking(move || {
            if let Err(error) = db.look() {
                tracing::warn!(%error, "cannot look for commits of other processes");
            }
            is_looking.store(false, Ordering::Release);
        });
    }
}

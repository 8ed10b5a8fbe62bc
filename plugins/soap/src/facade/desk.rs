//! The desk of one call: does what a facade asks for, for its tenant and catalog alone.
//!
//! The call's watcher asks it, on a thread that may block. A credential of another tenant is answered as a wrong one is. An import
//! goes the way of every other: to disk first, then through the tenant's rules; the desk waits for its end, but not for ever.

use std::io::{BufWriter, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plugpoint_http::Presented;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{Receipt, StoredItem};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::facade::{DeskAnswer, DeskQuestion, FacadeItem, FacadeOutcome, FacadePayload};
use plugpoint_sdk::model::{ImportMode, ItemData, TenantId};

use super::sessions::Session;
use super::{Facade, Facades};
use crate::io::api_error;

/// How long an import is waited for: shorter than the clients of such services wait for an answer.
const IMPORT_WAIT_MAX: Duration = Duration::from_secs(30);
/// As many findings are told to a facade.
const FINDINGS_MAX: u32 = 20;
/// Items on a page, at most.
const ITEMS_MAX: u32 = 1000;
/// Item numbers on a page, at most.
const SKUS_MAX: u32 = 10_000;

/// The desk of one call.
pub(super) struct Desk<'a> {
    pub(super) facades: &'a Facades,
    pub(super) facade: &'a Facade,
    /// The id of the caller's session, if it has one.
    pub(super) session: Option<String>,
    pub(super) request_id: &'a str,
    /// When the call is over.
    pub(super) until: Instant,
}

impl Desk<'_> {
    /// Does what is asked. Blocks.
    ///
    /// # Errors
    /// Those of the question.
    pub(super) fn answer(&mut self, question: DeskQuestion) -> Result<DeskAnswer, ApiError> {
        let (tenant, catalog) = (&self.facade.runtime.tenant, &self.facade.catalog);
        let desk = &self.facades.desk;
        Ok(match question {
            DeskQuestion::SignIn { user, secret } => DeskAnswer::Session(self.sign_in(user, secret)?),
            DeskQuestion::SignOut => {
                let without = || ApiError::new(&codes::INTERNAL, "the call has no session to end");
                self.facade.house.sessions().end(&self.session.take().ok_or_else(without)?);
                DeskAnswer::Done
            }
            DeskQuestion::Item(sku) => match desk.item(tenant, catalog, &sku) {
                Ok(stored) => DeskAnswer::Item(Some(Box::new(item(stored)?))),
                Err(error) if error.code == &codes::NOT_FOUND => DeskAnswer::Item(None),
                Err(error) => return Err(error),
            },
            DeskQuestion::Items { after, limit } => {
                let stored = desk.items_after(tenant, catalog, after.as_deref(), limit.min(ITEMS_MAX))?;
                DeskAnswer::Items(stored.into_iter().map(item).collect::<Result<_, _>>()?)
            }
            DeskQuestion::Skus { after, limit } => {
                DeskAnswer::Skus(desk.skus_after(tenant, catalog, after.as_deref(), limit.min(SKUS_MAX))?)
            }
            DeskQuestion::Import(mode, payload) => DeskAnswer::Outcome(Box::new(self.import(mode, payload)?)),
        })
    }

    fn sign_in(&mut self, key_id: String, secret: String) -> Result<String, ApiError> {
        let user = key_id.clone();
        authenticated(self.facades, &self.facade.runtime.tenant, &Presented::Basic { key_id, secret })?;
        let mark = self.facades.platform.credential_mark(&user)?;
        let session = Session { facade: Arc::clone(&self.facade.name), user, mark };
        let mut random = [0; 16];
        getrandom::fill(&mut random)
            .map_err(|error| ApiError::new(&codes::INTERNAL, "no session can be made").caused_by(error.to_string()))?;
        Ok(self.facade.house.sessions().open(random, session, Instant::now()))
    }

    fn import(&self, mode: ImportMode, payload: FacadePayload) -> Result<FacadeOutcome, ApiError> {
        let (desk, tenant) = (&self.facades.desk, &self.facade.runtime.tenant);
        let (media_type, is_canonical) = match &payload {
            FacadePayload::Items(_) => ("application/x-ndjson".to_owned(), true),
            FacadePayload::Document { media_type, .. } => (media_type.clone(), false),
        };
        let mut spool = BufWriter::new(desk.receive(Receipt {
            tenant: tenant.clone(),
            catalog: self.facade.catalog.clone(),
            mode: Some(mode),
            idempotency_key: None,
            media_type,
            charset: None,
            is_canonical,
            request_id: self.request_id.to_owned(),
            bytes_announced: None,
        })?);
        match payload {
            FacadePayload::Items(items) => items.iter().try_for_each(|item| line(&mut spool, item))?,
            FacadePayload::Document { bytes, .. } => spool.write_all(&bytes).map_err(api_error)?,
        }
        let id = spool.into_inner().map_err(|error| api_error(error.into_error()))?.seal()?;
        let left = self.until.saturating_duration_since(Instant::now());
        let wait_max = Duration::from_secs(self.facades.platform.config().limits.wait_s_max);
        let view = desk.import(tenant, id, left.min(wait_max).min(IMPORT_WAIT_MAX))?;
        let findings = if view.findings_count == 0 { Vec::new() } else { desk.findings(tenant, id, FINDINGS_MAX)? };
        Ok(FacadeOutcome { status: view.status, counts: view.counts, findings, error: view.error })
    }
}

/// The public part of a credential, if it is right and of this tenant.
///
/// # Errors
/// `unauthenticated`, the same whatever is wrong; `unavailable`.
pub(super) fn authenticated(facades: &Facades, tenant: &TenantId, presented: &Presented) -> Result<String, ApiError> {
    let wrong = || ApiError::new(&codes::UNAUTHENTICATED, "the credentials are missing or wrong");
    match facades.platform.authenticate_blocking(presented) {
        Ok(principal) if principal.tenant == *tenant => Ok(principal.key_id.clone()),
        Ok(_) => Err(wrong()),
        Err(error) if error.code == &codes::UNAUTHENTICATED => Err(wrong()),
        Err(error) => Err(error),
    }
}

fn line(spool: &mut impl Write, item: &ItemData) -> Result<(), ApiError> {
    serde_json::to_writer(&mut *spool, item).map_err(|error| api_error(error.into()))?;
    spool.write_all(b"\n").map_err(api_error)
}

fn item(stored: StoredItem) -> Result<FacadeItem, ApiError> {
    let unreadable = |error| ApiError::new(&codes::INTERNAL, "a stored item cannot be read").caused_by(error);
    let data = serde_json::from_str(&stored.body).map_err(|error: serde_json::Error| unreadable(error))?;
    Ok(FacadeItem { data, etag: stored.etag })
}

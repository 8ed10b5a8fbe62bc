//! Operators: credentials that stand for no tenant. Their rows are read with each request, so a removal holds at once; argon2 runs for one
//! that is not remembered, in the same bounded number of turns as for tenants.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_store::{OperatorRow, Role, verify_secret};
use tokio::time::timeout;

use super::{Authentication, Fingerprint, NOBODYS_HASH, Presented, TURN_MAX, Who, busy, of_tenants, unauthenticated};
use crate::body::blocking;
use crate::observe::Caller;
use crate::problem::Problem;

/// What an operator's key id begins with.
pub(super) const KEY_ID_PREFIX: &str = "ok_";

/// Who looks after the platform, from a request's credentials. A tenant's credentials are refused with `forbidden`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

impl Operator {
    /// Whether it may what this role may.
    ///
    /// # Errors
    /// `forbidden` if not.
    pub fn needs(&self, role: Role) -> Result<(), ApiError> {
        if self.role >= role {
            return Ok(());
        }
        let (has, needs) = (self.role.name(), role.name());
        Err(ApiError::new(&codes::FORBIDDEN, format!("this needs the role {needs}; operator {} has {has}", self.name)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Absent only where no observer is, in a router under test.
        let caller = Caller::of(parts).ok_or_else(unauthenticated)?;
        Ok(caller.operator(parts).await?)
    }
}

impl Authentication {
    /// See [`Operator`].
    pub(crate) async fn operator(self: &Arc<Self>, method: &Method, headers: &HeaderMap) -> Result<Operator, ApiError> {
        let who = match Presented::of(headers)? {
            Some(presented) => self.who(&presented).await?,
            None => self.by_session(method, headers).await?,
        };
        match who {
            Who::Operator(operator) => Ok(operator),
            Who::Tenant(_) => Err(of_tenants()),
        }
    }

    /// Who presented credentials stand for, whichever kind they are.
    pub(super) async fn who(self: &Arc<Self>, presented: &Presented) -> Result<Who, ApiError> {
        match presented.parts() {
            Some((key_id, secret)) if key_id.starts_with(KEY_ID_PREFIX) => {
                self.verified_operator(key_id, secret).await.map(Who::Operator)
            }
            Some(_) => self.authenticate(presented).await.map(Who::Tenant),
            None => Err(unauthenticated()),
        }
    }

    async fn verified_operator(self: &Arc<Self>, key_id: &str, secret: &str) -> Result<Operator, ApiError> {
        let fingerprint = self.fingerprint(key_id, secret);
        let (this, named) = (Arc::clone(self), key_id.to_owned());
        let row = blocking(move || Ok(this.tenants.control().operator(&named)?)).await?;
        if let Some(row) = row.as_ref().filter(|row| self.is_remembered(&fingerprint, row)) {
            return Ok(Operator { name: row.name.clone(), role: row.role });
        }
        let Ok(_waiting) = self.waiting.try_acquire() else { return Err(busy()) };
        let Ok(Ok(turn)) = timeout(TURN_MAX, Arc::clone(&self.turns).acquire_owned()).await else { return Err(busy()) };
        let (this, secret) = (Arc::clone(self), secret.to_owned());
        blocking(move || {
            // Held until the run has ended, even if the client has gone.
            let _turn = turn;
            this.runs.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            metrics::counter!("auth_verifications_total").increment(1);
            // An unknown key id costs the same as a wrong secret.
            let hash = row.as_ref().map_or(NOBODYS_HASH, |row| row.secret_hash.as_str());
            let is_right = verify_secret(hash, &secret);
            let row = row.filter(|_| is_right).ok_or_else(unauthenticated)?;
            let until = Instant::now() + this.verified_ttl;
            this.operators.insert(fingerprint, (row.secret_hash.as_str().into(), until));
            Ok(Operator { name: row.name, role: row.role })
        })
        .await
    }

    fn is_remembered(&self, fingerprint: &Fingerprint, row: &OperatorRow) -> bool {
        let known = self.operators.get(fingerprint);
        known.is_some_and(|(hash, until)| *hash == *row.secret_hash && Instant::now() < until)
    }
}

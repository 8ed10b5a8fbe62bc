//! Browsers that logged in: a cookie stands for a credential that was verified once. The cookie is no script's to read and is sent
//! with requests of our own pages alone (`HttpOnly`, `SameSite=Strict`); what changes something carries a header besides, which no page of
//! somebody else's can know. A session ends by time, by logging out, and as soon as its credential is replaced or taken away.
//!
//! A request with an `Authorization` is judged by that alone; its cookie is not looked at.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{Session, TOKEN_CHARS};
use subtle::ConstantTimeEq;

use super::operators::KEY_ID_PREFIX;
use super::{Authentication, Identity, Operator, Presented, Principal, unauthenticated};
use crate::body::blocking;
use crate::observe::Caller;
use crate::problem::Problem;

/// The cookie that holds a session's token.
pub const SESSION_COOKIE: &str = "plugpoint_session";

/// The header in which requests that change something by session carry its [`Opened::csrf`].
pub const CSRF_HEADER: &str = "x-csrf-token";

/// What tells the two uses of a token apart (RFC 5869 calls it the info).
const CSRF_CONTEXT: &str = "plugpoint console 2026 csrf of a session";

/// Who sends a request, where both kinds may.
pub enum Who {
    /// Somebody who looks after the platform.
    Operator(Operator),
    /// Somebody of a tenant.
    Tenant(Principal),
}

/// A session with what its browser is told.
pub struct Opened {
    /// The token, for the cookie.
    pub token: String,
    /// What requests that change something carry in [`CSRF_HEADER`].
    pub csrf: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = Caller::of(parts).ok_or_else(unauthenticated)?;
        Ok(caller.who(parts).await?)
    }
}

impl Authentication {
    /// Who a request stands for, whichever kind it is.
    pub(crate) async fn whoever(self: &Arc<Self>, method: &Method, headers: &HeaderMap) -> Result<Who, ApiError> {
        match Presented::of(headers)? {
            Some(presented) => self.who(&presented).await,
            None => self.by_session(method, headers).await,
        }
    }

    /// Begins a session.
    pub(crate) async fn log_in(self: &Arc<Self>, headers: &HeaderMap) -> Result<Opened, ApiError> {
        let presented = Presented::of(headers)?.ok_or_else(unauthenticated)?;
        self.who(&presented).await?;
        let (key_id, _) = presented.parts().ok_or_else(unauthenticated)?;
        let (this, key_id) = (Arc::clone(self), key_id.to_owned());
        blocking(move || {
            // A customer's own directory has no mark by which a change could be seen.
            let secret_hash = this.secret_hash(&key_id)?.ok_or_else(|| {
                let detail = "sessions are for credentials of the platform, not for those of a tenant's own directory";
                ApiError::new(&codes::UNAUTHENTICATED, detail)
            })?;
            let nonces = this.tenants.store().nonces()?;
            let (token, expires_at) =
                nonces.begin_session(&key_id, &secret_hash, Timestamp(jiff::Timestamp::now()), this.session_lasts)?;
            Ok(Opened { csrf: csrf_of(&token), token, expires_at })
        })
        .await
    }

    /// The session that a request's cookie names.
    pub(crate) async fn opened(self: &Arc<Self>, headers: &HeaderMap) -> Result<Option<Opened>, ApiError> {
        let Some(token) = token_of(headers) else { return Ok(None) };
        let this = Arc::clone(self);
        blocking(move || {
            let session = this.tenants.store().nonces()?.session(&token, Timestamp(jiff::Timestamp::now()))?;
            Ok(session.map(|session| Opened { csrf: csrf_of(&token), token, expires_at: session.expires_at }))
        })
        .await
    }

    /// Ends the session that a request's cookie names.
    pub(crate) async fn log_out(self: &Arc<Self>, headers: &HeaderMap) -> Result<(), ApiError> {
        let Some(token) = token_of(headers) else { return Ok(()) };
        let this = Arc::clone(self);
        blocking(move || Ok(this.tenants.store().nonces()?.end_session(&token).map(drop)?)).await
    }

    /// Who a request's cookie stands for.
    ///
    /// # Errors
    /// `unauthenticated` without a session that holds; `forbidden` if the request changes something and does not carry the header.
    pub(super) async fn by_session(self: &Arc<Self>, method: &Method, headers: &HeaderMap) -> Result<Who, ApiError> {
        let token = token_of(headers).ok_or_else(unauthenticated)?;
        let carries = headers.get(CSRF_HEADER).is_some_and(|it| it.as_bytes().ct_eq(csrf_of(&token).as_bytes()).into());
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let this = Arc::clone(self);
        blocking(move || {
            let nonces = this.tenants.store().nonces()?;
            let session = nonces.session(&token, Timestamp(jiff::Timestamp::now()))?.ok_or_else(unauthenticated)?;
            if !is_read && !carries {
                let detail =
                    format!("a session's request that changes something carries its csrf_token in {CSRF_HEADER}");
                return Err(ApiError::new(&codes::FORBIDDEN, detail));
            }
            this.behind(&session)
        })
        .await
    }

    fn behind(&self, session: &Session) -> Result<Who, ApiError> {
        let control = self.tenants.control();
        if session.key_id.starts_with(KEY_ID_PREFIX) {
            let row = control.operator(&session.key_id)?.filter(|row| session.is_of(&row.secret_hash));
            let row = row.ok_or_else(unauthenticated)?;
            return Ok(Who::Operator(Operator { name: row.name, role: row.role }));
        }
        // What other processes have changed is seen before the tenant is looked up.
        self.tenants.look()?;
        let row = control.credential(&session.key_id)?.filter(|row| session.is_of(&row.secret_hash));
        let row = row.ok_or_else(unauthenticated)?;
        let runtime = self.served(&row.tenant)?;
        Ok(Who::Tenant(Principal(Arc::new(Identity { tenant: row.tenant, key_id: row.key_id, runtime }))))
    }

    fn secret_hash(&self, key_id: &str) -> Result<Option<String>, ApiError> {
        let control = self.tenants.control();
        if key_id.starts_with(KEY_ID_PREFIX) {
            return Ok(control.operator(key_id)?.map(|row| row.secret_hash));
        }
        Ok(control.credential(key_id)?.map(|row| row.secret_hash))
    }
}

/// How long a session lasts that is configured as so many hours.
pub(super) fn lasts(hours: u32) -> Duration {
    Duration::from_secs(u64::from(hours) * 60 * 60)
}

/// From the token alone, so that nothing has to be kept, and not to be turned back into it.
fn csrf_of(token: &str) -> String {
    blake3::Hash::from_bytes(blake3::derive_key(CSRF_CONTEXT, token.as_bytes())).to_hex().to_string()
}

/// The token in a request's cookies (RFC 6265, section 4.2); `None` unless exactly one has the form of a token.
fn token_of(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut tokens = pairs.filter(|(name, _)| *name == SESSION_COOKIE).map(|(_, value)| value);
    let token = tokens.next().filter(|_| tokens.next().is_none())?;
    let fits = token.len() == TOKEN_CHARS && token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    fits.then(|| token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_token_is_found_among_cookies_and_is_one() {
        let token = "0123456789abcdef".repeat(4);
        let named = format!("{SESSION_COOKIE}={token}");
        let cases = [
            (vec![named.clone()], true),
            (vec![format!("a=b; {named}; c=d")], true),
            (vec!["a=b".to_owned(), named.clone()], true),
            (vec![format!("{named}; {named}")], false),
            (vec![named.clone(), named.clone()], false),
            (vec![named[..named.len() - 1].to_owned()], false),
            (vec![named.to_uppercase()], false),
            (vec![format!("x{named}")], false),
            (vec![format!("{SESSION_COOKIE}=\"{token}\"")], false),
            (vec![], false),
        ];
        for (values, is_one) in cases {
            let mut headers = HeaderMap::new();
            for value in &values {
                headers.append(COOKIE, HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(token_of(&headers), is_one.then(|| token.clone()), "{values:?}");
        }
    }

    #[test]
    fn the_two_uses_of_a_token_differ() {
        let token = "0".repeat(TOKEN_CHARS);
        assert_ne!(csrf_of(&token), token);
        assert_ne!(csrf_of(&token), csrf_of(&"1".repeat(TOKEN_CHARS)));
    }
}

//! What the endpoints answer.

use axum::http::HeaderValue;
use plugpoint_http::{Opened, SESSION_COOKIE, Who};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;

/// For whom a credential stands.
#[api_schema]
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionKind {
    /// Somebody who looks after the platform.
    Operator,
    /// Somebody of a tenant.
    Tenant,
}

/// Who a request stands for, and the session by which it does.
#[api_schema]
pub(crate) struct SessionView {
    /// Operator or tenant.
    pub kind: SessionKind,
    /// The operator's name, or the tenant's key id.
    pub name: String,
    /// What an operator may do: `viewer`, `operator` or `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What requests of the session that change something carry in the header `X-CSRF-Token`. Absent without a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf_token: Option<String>,
    /// When the session ends. Absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The server's version.
    pub version: String,
}

impl SessionView {
    pub(crate) fn new(who: &Who, opened: Option<&Opened>) -> Self {
        let (kind, name, role, tenant) = match who {
            Who::Operator(operator) => {
                (SessionKind::Operator, operator.name.clone(), Some(operator.role.name().to_owned()), None)
            }
            Who::Tenant(principal) => {
                (SessionKind::Tenant, principal.key_id.clone(), None, Some(principal.tenant.to_string()))
            }
        };
        Self {
            kind,
            name,
            role,
            tenant,
            csrf_token: opened.map(|opened| opened.csrf.clone()),
            expires_at: opened.map(|opened| opened.expires_at),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

/// The cookie of a session; without a token, what takes it out of the browser. Over TLS, which a proxy in front tells of, it is sent back
/// over TLS alone.
pub(crate) fn cookie(token: Option<(&str, u64)>, is_tls: bool) -> Result<HeaderValue, ApiError> {
    let (value, seconds) = token.unwrap_or_default();
    let secure = if is_tls { "; Secure" } else { "" };
    let text = format!("{SESSION_COOKIE}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text)
        .map_err(|error| ApiError::new(&codes::INTERNAL, "a cookie cannot be written").caused_by(error))
}

//! What a client presents: HTTP Basic or a Bearer token, both a key id and a secret, or a password digest.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::digest::PresentedDigest;

/// The longest `Authorization` value, in bytes. A hash of a longer secret would be an attacker's work for us.
pub const AUTHORIZATION_BYTES_MAX: usize = 1024;

/// Presented credentials, not verified yet.
#[derive(Clone, PartialEq, Eq)]
pub enum Presented {
    /// Key id and secret apart: HTTP Basic, or a protocol's own header.
    Basic {
        /// The public part.
        key_id: String,
        /// The secret part.
        secret: String,
    },
    /// `key_id.secret` or `key_id:secret`; the latter alone for `user@tenant`, which may hold points.
    Bearer(String),
    /// What proves the secret without showing it: WS-Security alone.
    Digest(Box<PresentedDigest>),
}

/// Keeps the secret out of logs.
impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic { .. } => "Presented::Basic(..)",
            Self::Bearer(_) => "Presented::Bearer(..)",
            Self::Digest(_) => "Presented::Digest(..)",
        })
    }
}

impl Presented {
    /// The credentials of a request's `Authorization` header; `None` if it has none.
    ///
    /// # Errors
    /// `unauthenticated` if there are several, or one that cannot be read.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let value = match (values.next(), values.next()) {
            (None, _) => return Ok(None),
            (Some(value), None) => value,
            (Some(_), Some(_)) => return Err(refused("there is more than one Authorization header")),
        };
        let text = value.to_str().ok().filter(|text| text.len() <= AUTHORIZATION_BYTES_MAX);
        let text = text.ok_or_else(|| refused("the Authorization header cannot be read"))?;
        let (scheme, rest) = text.split_once(' ').ok_or_else(|| refused("the Authorization header names no scheme"))?;
        if scheme.eq_ignore_ascii_case("bearer") {
            return Ok(Some(Self::Bearer(rest.trim().to_owned())));
        }
        if scheme.eq_ignore_ascii_case("basic") {
            return basic(rest.trim()).map(Some).ok_or_else(|| refused("the Basic credentials cannot be read"));
        }
        Err(refused("the Authorization scheme is neither Basic nor Bearer"))
    }

    /// Key id and secret; `None` for a digest, and for a token that is not made of both.
    pub(super) fn parts(&self) -> Option<(&str, &str)> {
        let (key_id, secret) = match self {
            Self::Basic { key_id, secret } => (key_id.as_str(), secret.as_str()),
            Self::Bearer(token) => match token.split_once(':') {
                Some((key_id, secret)) if key_id.contains('@') => (key_id, secret),
                _ => token.split_once([':', '.'])?,
            },
            Self::Digest(_) => return None,
        };
        let fits = !key_id.is_empty() && !secret.is_empty() && key_id.len() + secret.len() <= AUTHORIZATION_BYTES_MAX;
        fits.then_some((key_id, secret))
    }
}

fn basic(encoded: &str) -> Option<Presented> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (key_id, secret) = decoded.split_once(':')?;
    Some(Presented::Basic { key_id: key_id.to_owned(), secret: secret.to_owned() })
}

fn refused(detail: &str) -> ApiError {
    ApiError::new(&codes::UNAUTHENTICATED, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn reads_both_schemes() {
        // "k:s:t", "k", ":s" in base64; a secret may hold colons, a key id may not.
        let cases = [
            ("Basic azpzOnQ=", Some(("k", "s:t"))),
            ("basic azpzOnQ=", Some(("k", "s:t"))),
            ("Bearer k:s", Some(("k", "s"))),
            ("BEARER k.s.t", Some(("k", "s.t"))),
            ("Bearer jane.doe@acme:s.t:u", Some(("jane.doe@acme", "s.t:u"))),
            ("Bearer jane@acme.s", Some(("jane@acme", "s"))),
            ("Bearer k.s@t", Some(("k", "s@t"))),
            ("Basic amFuZUB4LmRlQGFjbWU6cw==", Some(("jane@x.de@acme", "s"))),
            ("Bearer ks", None),
            ("Bearer :s", None),
            ("Basic OnM=", None),
        ];
        for (value, expected) in cases {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(value))]);
            let presented = Presented::of(&headers).unwrap().unwrap();
            assert_eq!(presented.parts(), expected, "{value}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        let long = format!("Bearer k:{}", "s".repeat(AUTHORIZATION_BYTES_MAX));
        for value in ["", "Basic", "Basic !", "Basic aw==", "Basic /w==", "Digest x", "Negotiate abc", &long] {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
            assert_eq!(Presented::of(&headers).unwrap_err().code.name, "unauthenticated", "{value}");
        }
        assert_eq!(Presented::of(&HeaderMap::new()).unwrap(), None);
    }
}

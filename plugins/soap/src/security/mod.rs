//! WS-Security as far as it goes: a UsernameToken with the password as text, and a Timestamp that is not over.
//!
//! The endpoint asks it who sent an envelope, from its header blocks alone, before the Body is taken in. It refuses digests
//! (they need the secret itself, and a memory of nonces), signatures and more than one token.

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use yaserde::YaDeserialize;

use crate::envelope::HeaderBlock;

/// The namespace of Security, UsernameToken, Username, Password, Nonce.
pub(crate) const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// By how many seconds a sender's clock may differ from ours.
const SKEW_S: i64 = 300;

/// Who the sender says to be.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct UsernameToken {
    pub(crate) key_id: String,
    pub(crate) secret: String,
}

// Lists where the schema has one: a second entry has to be seen to be refused.
#[derive(Default, YaDeserialize)]
#[yaserde(
    rename = "Security",
    prefix = "wsse",
    namespaces = {
        "wsse" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "wsu" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    }
)]
struct Security {
    #[yaserde(rename = "UsernameToken", prefix = "wsse")]
    tokens: Vec<Token>,
    #[yaserde(rename = "Timestamp", prefix = "wsu")]
    timestamps: Vec<Timestamp>,
}

#[derive(Default, YaDeserialize)]
#[yaserde(
    rename = "UsernameToken",
    prefix = "wsse",
    namespaces = {
        "wsse" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "wsu" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    }
)]
struct Token {
    #[yaserde(rename = "Username", prefix = "wsse")]
    usernames: Vec<String>,
    #[yaserde(rename = "Password", prefix = "wsse")]
    passwords: Vec<Password>,
}

#[derive(Default, YaDeserialize)]
#[yaserde(
    rename = "Password",
    prefix = "wsse",
    namespaces = {
        "wsse" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "wsu" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    }
)]
struct Password {
    /// How the password is given; a URI that ends in `#PasswordText` or `#PasswordDigest`. Text if absent.
    #[yaserde(attribute = true, rename = "Type")]
    kind: Option<String>,
    #[yaserde(text = true)]
    text: String,
}

#[derive(Default, YaDeserialize)]
#[yaserde(
    rename = "Timestamp",
    prefix = "wsu",
    namespaces = {
        "wsse" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
        "wsu" = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
    }
)]
struct Timestamp {
    #[yaserde(rename = "Expires", prefix = "wsu")]
    expires: Vec<String>,
}

/// True for a header block that [`username_token`] reads.
pub(crate) fn understands(block: &HeaderBlock) -> bool {
    block.name.namespace == WSSE && block.name.local == "Security"
}

/// The UsernameToken of the header, if it has one.
///
/// # Errors
/// `unauthenticated` for a timestamp that is over, a digest, or a token that names nobody; `request_invalid` for a header
/// that cannot be read.
pub(crate) fn username_token(blocks: &[HeaderBlock], now: jiff::Timestamp) -> Result<Option<UsernameToken>, ApiError> {
    let mut tokens = Vec::new();
    for block in blocks.iter().filter(|block| understands(block) && block.is_ours) {
        let security: Security = yaserde::de::from_str(&block.xml).map_err(|error| {
            ApiError::new(&codes::REQUEST_INVALID, "the Security header cannot be read").caused_by(error.to_string())
        })?;
        for expires in security.timestamps.iter().flat_map(|timestamp| &timestamp.expires) {
            check_expiry(expires.trim(), now)?;
        }
        tokens.extend(security.tokens);
    }
    if tokens.len() > 1 {
        return Err(ApiError::new(&codes::UNAUTHENTICATED, "the header has more than one UsernameToken"));
    }
    tokens.pop().map(credentials).transpose()
}

fn check_expiry(expires: &str, now: jiff::Timestamp) -> Result<(), ApiError> {
    let refused = |what: String| Err(ApiError::new(&codes::UNAUTHENTICATED, what));
    let Ok(end) = expires.parse::<jiff::Timestamp>() else {
        return refused(format!("the timestamp's Expires {expires:.40?} is no time with an offset"));
    };
    let late_s = now.as_second() - end.as_second();
    if late_s > SKEW_S {
        return refused(format!(
            "the timestamp expired {late_s} s ago by our clock, {now:.0}; {SKEW_S} s are tolerated"
        ));
    }
    Ok(())
}

fn credentials(mut token: Token) -> Result<UsernameToken, ApiError> {
    let refused = |what: &str| Err(ApiError::new(&codes::UNAUTHENTICATED, what));
    if token.usernames.len() != 1 || token.passwords.len() != 1 {
        return refused("a UsernameToken has one Username and one Password");
    }
    let (Some(username), Some(password)) = (token.usernames.pop(), token.passwords.pop()) else {
        return refused("a UsernameToken has one Username and one Password");
    };
    match password.kind.as_deref().map(|kind| kind.rsplit('#').next().unwrap_or_default()) {
        None | Some("" | "PasswordText") => {}
        Some("PasswordDigest") => {
            return refused("a password digest is not supported; send it as PasswordText, or HTTP Basic");
        }
        Some(_) => return refused("the password's Type is not known; send it as PasswordText"),
    }
    Ok(UsernameToken { key_id: username.trim().to_owned(), secret: password.text.trim().to_owned() })
}

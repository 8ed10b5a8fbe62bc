//! WS-Security as far as it goes: one UsernameToken with the password as text or as digest, and one Timestamp.
//!
//! The endpoint asks it who sent an envelope, from its header blocks alone, before the Body is taken in. It looks at the Security
//! blocks that are addressed to us and nowhere else, wherever a token may stand. It refuses signatures, encryption and other
//! tokens by name instead of passing them over, more than one of anything, and what is not fresh; wsu:Id is nobody's to validate.

mod freshness;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use plugpoint_http::{Presented, PresentedDigest};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::xml::{Element, XmlLimits};

use crate::envelope::HeaderBlock;
use crate::fault::{Named, Refused};
pub(crate) use freshness::Clock;

/// The namespace of Security, UsernameToken, Username, Password, Nonce.
pub(crate) const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// The namespace of Timestamp, Created, Expires.
pub(crate) const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// Parts of a Security header that promise something that nobody here would check.
const UNSUPPORTED: [(&str, &str); 8] = [
    ("http://www.w3.org/2000/09/xmldsig#", "Signature"),
    ("http://www.w3.org/2001/04/xmlenc#", "EncryptedData"),
    ("http://www.w3.org/2001/04/xmlenc#", "EncryptedKey"),
    ("http://www.w3.org/2001/04/xmlenc#", "ReferenceList"),
    (WSSE, "BinarySecurityToken"),
    (WSSE, "SecurityTokenReference"),
    ("urn:oasis:names:tc:SAML:1.0:assertion", "Assertion"),
    ("urn:oasis:names:tc:SAML:2.0:assertion", "Assertion"),
];

/// Base64 as clients write it: with padding or without, whatever the last character's unused bits are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The longest nonce, in characters. Real ones have 16 to 40.
const NONCE_CHARS_MAX: usize = 1024;

/// True for a header block that [`presented`] reads.
pub(crate) fn understands(block: &HeaderBlock) -> bool {
    block.name.namespace == WSSE && block.name.local == "Security"
}

/// What the header's UsernameToken presents, if there is one.
///
/// # Errors
/// `unauthenticated` for a header that is not fresh, promises what is not checked here, or names nobody; `request_invalid` for one
/// that cannot be read.
pub(crate) fn presented(blocks: &[HeaderBlock], xml: XmlLimits, clock: Clock) -> Result<Option<Presented>, Refused> {
    let (mut tokens, mut timestamps, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    for block in blocks.iter().filter(|block| understands(block) && block.is_ours) {
        if roles.contains(&&block.role) {
            return Err(invalid("there is more than one Security header for the same receiver"));
        }
        roles.push(&block.role);
        for part in block.element(xml)?.into_children() {
            let name = (part.namespace(), part.name());
            if UNSUPPORTED.contains(&name) {
                return Err(unsupported(part.name()));
            }
            match name {
                (WSSE, "UsernameToken") => tokens.push(part),
                (WSU, "Timestamp") => timestamps.push(part),
                // The header is open to anything else, which promises nothing to us.
                _ => {}
            }
        }
    }
    if timestamps.len() > 1 {
        return Err(invalid("the header has more than one Timestamp"));
    }
    timestamps.iter().try_for_each(|timestamp| check_timestamp(timestamp, clock))?;
    if tokens.len() > 1 {
        return Err(invalid("the header has more than one UsernameToken"));
    }
    tokens.first().map(|token| credentials(token, clock)).transpose()
}

fn check_timestamp(timestamp: &Element, clock: Clock) -> Result<(), Refused> {
    let time = |local: &str| {
        let Some(text) = single(timestamp, WSU, local, "a Timestamp")? else { return Ok(None) };
        clock.read(&format!("the Timestamp's {local}"), text).map(Some)
    };
    match (time("Created")?, time("Expires")?) {
        (Some(created), Some(expires)) if expires.at < created.at => {
            Err(invalid("the Timestamp expires before it was created"))
        }
        (created, Some(expires)) => {
            created.map_or(Ok(()), |created| clock.check_begun(&created))?;
            clock.check_expiry(&expires)
        }
        (Some(created), None) => clock.check_created(&created),
        (None, None) => Ok(()),
    }
}

fn credentials(token: &Element, clock: Clock) -> Result<Presented, Refused> {
    let one = || invalid("a UsernameToken has one Username and one Password");
    let part = |namespace, local| single(token, namespace, local, "a UsernameToken");
    let key_id = part(WSSE, "Username").map_err(|_| one())?.ok_or_else(one)?;
    let secret = part(WSSE, "Password").map_err(|_| one())?.ok_or_else(one)?;
    if token.children().iter().any(|part| (part.namespace(), part.name()) == (WSSE, "UsernameToken")) {
        return Err(invalid("a UsernameToken inside a UsernameToken"));
    }
    let (nonce, created) = (part(WSSE, "Nonce")?, part(WSU, "Created")?);
    let created = created.map(|text| clock.read("the UsernameToken's Created", text)).transpose()?;
    created.as_ref().map_or(Ok(()), |created| clock.check_created(created))?;
    let kind = attribute(token, "Password", "Type").rsplit(['#', ':']).next().unwrap_or_default().trim();
    match kind {
        // A nonce beside a text is not remembered: whoever could repeat the message has the password anyway.
        "" | "PasswordText" => Ok(Presented::Basic { key_id: key_id.to_owned(), secret: secret.to_owned() }),
        "PasswordDigest" => {
            let missing = || invalid("a PasswordDigest needs a Nonce and a Created beside it");
            let (nonce, created) = nonce.zip(created).ok_or_else(missing)?;
            Ok(Presented::Digest(Box::new(PresentedDigest {
                key_id: key_id.to_owned(),
                digest: digest(secret)?,
                nonces: nonces(nonce, attribute(token, "Nonce", "EncodingType"))?,
                created: created.text.to_owned(),
                now: Timestamp(clock.now),
                fresh_until: Timestamp(clock.fresh_until(&created)),
            })))
        }
        _ => Err(unsupported_password()),
    }
}

/// The text of a part that is there once at most, without blanks at its ends.
fn single<'e>(parent: &'e Element, namespace: &str, local: &str, of: &str) -> Result<Option<&'e str>, Refused> {
    let mut found = parent.children().iter().filter(|part| part.name() == local && part.namespace() == namespace);
    match (found.next(), found.next()) {
        (None, _) => Ok(None),
        (Some(part), None) if part.children().is_empty() => Ok(Some(part.text().trim())),
        (Some(_), None) => Err(invalid(&format!("{local} of {of} has elements in it"))),
        (Some(_), Some(_)) => Err(invalid(&format!("{of} has more than one {local}"))),
    }
}

fn attribute<'e>(token: &'e Element, part: &str, attribute: &str) -> &'e str {
    let part = token.children().iter().find(|child| child.name() == part && child.namespace() == WSSE);
    part.and_then(|part| part.attribute_ns("", attribute)).unwrap_or_default()
}

fn digest(text: &str) -> Result<[u8; 20], Refused> {
    let decoded = BASE64.decode(without_blanks(text)).ok().and_then(|bytes| bytes.try_into().ok());
    decoded.ok_or_else(|| invalid("the PasswordDigest is no Base64 of the 20 bytes of a SHA-1"))
}

/// What a sender may have hashed for its nonce: the bytes that its text stands for; these bytes taken for characters, as old
/// Node clients do; the text itself, as hand-written clients do and those that name no encoding.
fn nonces(text: &str, encoding: &str) -> Result<Vec<Vec<u8>>, Refused> {
    if text.is_empty() || text.len() > NONCE_CHARS_MAX {
        return Err(invalid(&format!("a Nonce has 1 to {NONCE_CHARS_MAX} characters")));
    }
    let bytes = BASE64.decode(without_blanks(text)).ok();
    match encoding.rsplit('#').next().unwrap_or_default() {
        "Base64Binary" if bytes.is_none() => return Err(invalid("the Nonce is no Base64, as its EncodingType says")),
        "" | "Base64Binary" => {}
        _ => return Err(invalid("the Nonce's EncodingType is not known; it is Base64Binary")),
    }
    let as_characters = bytes.as_ref().map(|bytes| bytes.iter().copied().map(char::from).collect::<String>());
    Ok(bytes.into_iter().chain(as_characters.map(String::into_bytes)).chain([text.as_bytes().to_vec()]).collect())
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|character| !character.is_ascii_whitespace()).collect()
}

fn invalid(detail: &str) -> Refused {
    Refused::named(Named::InvalidSecurity, ApiError::new(&codes::UNAUTHENTICATED, detail))
}

fn unsupported(part: &str) -> Refused {
    let detail = format!("the Security header has the part {part}, which is not supported: send a UsernameToken alone");
    Refused::named(Named::UnsupportedSecurityToken, ApiError::new(&codes::UNAUTHENTICATED, detail))
}

fn unsupported_password() -> Refused {
    let detail = "the password's Type is not known; send it as PasswordText or PasswordDigest";
    Refused::named(Named::UnsupportedSecurityToken, ApiError::new(&codes::UNAUTHENTICATED, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_stands_for_what_its_sender_may_have_hashed() {
        let found = |text: &str, encoding: &str| nonces(text, encoding).map_err(|refused| refused.error.detail);
        let base64 = "http://docs.oasis-open.org/x#Base64Binary";
        assert_eq!(found("AP8=", base64).unwrap(), [b"\0\xff".to_vec(), b"\0\xc3\xbf".to_vec(), b"AP8=".to_vec()]);
        assert_eq!(found("AP8=", "").unwrap(), found("AP8=", base64).unwrap());
        // Hexadecimal digits, as suds sends them: their number decides whether they are Base64 as well.
        assert_eq!(found("6e6f6e6365", "").unwrap().last().unwrap(), b"6e6f6e6365");
        assert_eq!(found("not base64!", "").unwrap(), [b"not base64!".to_vec()]);
        assert!(found("not base64!", base64).is_err());
        assert!(found("AP8=", "urn:x#HexBinary").is_err());
        assert!(found("", "").is_err());
        assert!(found(&"a".repeat(NONCE_CHARS_MAX), "").is_ok());
        assert!(found(&"a".repeat(NONCE_CHARS_MAX + 1), "").is_err());
    }

    #[test]
    fn a_digest_has_the_bytes_of_a_sha_1() {
        assert!(digest("kwNstEaiFOrI7B31j7GuETYvdgk=").is_ok());
        assert!(digest("kwNstEaiFOrI7B31j7GuE\n  TYvdgk").is_ok(), "wrapped, and without padding");
        for wrong in ["", "!", "kwNstEaiFOrI7B31j7GuETYvdg==", "kwNstEaiFOrI7B31j7GuETYvdgkA", "da39a3ee5e6b4b0d"] {
            assert!(digest(wrong).is_err(), "{wrong}");
        }
    }
}

//! Opaque page cursors: base64url of a position, bound to what was asked, so that a cursor cannot be carried over to other
//! filters. Not secret and not signed: a forged one reads nothing that its tenant could not ask for directly.

use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, FieldError};

/// Bytes of the fingerprint that binds a cursor to its question.
const BINDING_BYTES: usize = 8;

/// The longest cursor, in characters: far above the longest sku in base64.
pub const CURSOR_CHARS_MAX: usize = 2048;

/// Writes a position (a sku, a number) of the listing that `question` describes: route, resource and every filter.
#[must_use]
pub fn encode(question: &[&str], position: &str) -> String {
    let mut bytes = binding(question).to_vec();
    bytes.extend_from_slice(position.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads the position back.
///
/// # Errors
/// `request_invalid` with the pointer `?cursor` if the text is no cursor, or one of another question.
pub fn decode(question: &[&str], cursor: &str) -> Result<String, ApiError> {
    if cursor.len() > CURSOR_CHARS_MAX {
        return Err(refused("is not a cursor of this server"));
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused("is not a cursor of this server"))?;
    let Some((bound, position)) = bytes.split_at_checked(BINDING_BYTES) else {
        return Err(refused("is not a cursor of this server"));
    };
    if bound != binding(question) {
        return Err(refused("belongs to another listing or to other filters; start without a cursor"));
    }
    String::from_utf8(position.to_vec()).map_err(|_| refused("is not a cursor of this server"))
}

/// Reads a position of a certain type back.
///
/// # Errors
/// As [`decode`].
pub fn decode_id<T: FromStr>(question: &[&str], cursor: &str) -> Result<T, ApiError> {
    decode(question, cursor)?.parse().map_err(|_| refused("is not a cursor of this server"))
}

fn binding(question: &[&str]) -> [u8; BINDING_BYTES] {
    let mut hasher = blake3::Hasher::new();
    for part in question {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
    }
    let mut bytes = [0; BINDING_BYTES];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..BINDING_BYTES]);
    bytes
}

fn refused(why: &str) -> ApiError {
    let field = FieldError {
        pointer: "?cursor".to_owned(),
        code: "cursor_invalid".to_owned(),
        message: format!("cursor {why}"),
    };
    ApiError::new(&codes::REQUEST_INVALID, format!("the cursor {why}")).with_errors(vec![field])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back_what_it_wrote(position in "\\PC{0,128}", filter in "\\PC{0,40}") {
            let cursor = encode(&["items", &filter], &position);
            prop_assert_eq!(decode(&["items", &filter], &cursor).unwrap(), position);
        }

        #[test]
        fn never_panics_on_foreign_text(cursor in "\\PC{0,200}") {
            let _ = decode(&["items"], &cursor);
        }

        #[test]
        fn is_bound_to_its_question(filter in "[a-z]{1,8}", other in "[a-z]{1,8}") {
            prop_assume!(filter != other);
            let cursor = encode(&["items", &filter], "A1");
            prop_assert!(decode(&["items", &other], &cursor).is_err());
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert!(decode(&["a", "bc"], &encode(&["ab", "c"], "x")).is_err());
    }
}

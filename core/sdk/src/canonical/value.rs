//! Values as senders write them, read into the model's types. Used by the readers and writers of XML and CSV; JSON has types of its own.
//!
//! Each refusal is a finding code and a sentence; the caller knows the place.

use rust_decimal::Decimal;

use crate::codes::finding;
use crate::model::timestamp::Timestamp;
use crate::model::{ItemStatus, decimal};
use crate::near;

/// Why a text is no such value.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

pub(super) fn decimal(text: &str, decimal_comma: bool) -> Result<Decimal, Refusal> {
    let pointed = if decimal_comma && text.contains(',') && !text.contains('.') {
        Some(text.replacen(',', ".", 1))
    } else {
        None
    };
    decimal::parse(pointed.as_deref().unwrap_or(text)).map_err(|error| {
        let hint = if text.contains(',') && !decimal_comma {
            "; a decimal comma is read only where the profile says so"
        } else {
            ""
        };
        Refusal { code: finding::DECIMAL_INVALID, message: format!("the value {error}{hint}") }
    })
}

pub(super) fn timestamp(text: &str) -> Result<Timestamp, Refusal> {
    text.parse().map_err(|error| Refusal { code: finding::DATE_INVALID, message: format!("the value {error}") })
}

pub(super) fn boolean(text: &str) -> Result<bool, Refusal> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Refusal { code: finding::FIELD_INVALID, message: "the value is neither true nor false".to_owned() }),
    }
}

pub(super) fn whole_number(text: &str) -> Result<u32, Refusal> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| plain);
    number
        .ok_or_else(|| Refusal { code: finding::FIELD_INVALID, message: "the value is not a whole number".to_owned() })
}

const STATUS_WORDS: [(&str, ItemStatus); 4] = [
    ("active", ItemStatus::Active),
    ("announced", ItemStatus::Announced),
    ("inactive", ItemStatus::Inactive),
    ("discontinued", ItemStatus::Discontinued),
];

pub(super) fn status(text: &str) -> Result<ItemStatus, Refusal> {
    let known = STATUS_WORDS.iter().find(|(word, _)| *word == text).map(|(_, status)| *status);
    known.ok_or_else(|| {
        let offer = near::offer(text, STATUS_WORDS.iter().map(|(word, _)| *word));
        Refusal { code: finding::FIELD_INVALID, message: format!("the status is not known{offer}") }
    })
}

/// The word for a status.
pub(super) fn status_word(status: ItemStatus) -> &'static str {
    STATUS_WORDS.iter().find(|(_, known)| *known == status).map_or("active", |(word, _)| word)
}

//! An item made ready for storage outside the write lock: canonical JSON, its fingerprint, and what filters look at.

use plugpoint_sdk::model::Item;

use crate::error::StoreError;
use crate::fingerprint::{BODIES, Fingerprint, FingerprintKey};

/// An item ready to be written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PreparedItem {
    /// The item's number.
    pub sku: String,
    /// Canonical JSON, one object without line breaks.
    pub body: String,
    /// The name of `body`.
    pub hash: Fingerprint,
    /// The brand, for the filter.
    pub brand: Option<String>,
    /// Every title, folded, each after a line feed, for the filter.
    pub titles_folded: String,
    /// (system, code) of every category.
    pub categories: Vec<(String, String)>,
    /// The line of the document on which the record starts; 0 if there is none.
    pub line: u64,
}

impl PreparedItem {
    /// Writes the canonical form of a checked item.
    ///
    /// # Errors
    /// `Corrupt` if the item cannot be written as JSON, which a checked item always can.
    pub fn new(item: &Item, line: u64) -> Result<Self, StoreError> {
        let mut prepared = Self::default();
        prepared.set(item, line)?;
        Ok(prepared)
    }

    /// The same, into what held another item before: its memory is used again.
    ///
    /// # Errors
    /// As for [`new`](Self::new); then it holds no item.
    pub fn set(&mut self, item: &Item, line: u64) -> Result<(), StoreError> {
        self.body = json(item, std::mem::take(&mut self.body))?;
        self.hash = FingerprintKey::new(BODIES).name(self.body.as_bytes());
        self.sku.clone_from(&item.sku);
        self.brand.clone_from(&item.brand);
        self.titles_folded.clear();
        for text in &item.texts {
            self.titles_folded.push('\n');
            fold_into(&text.title, &mut self.titles_folded);
        }
        self.categories.resize_with(item.categories.len(), Default::default);
        for ((system, code), category) in self.categories.iter_mut().zip(&item.categories) {
            system.clone_from(&category.system);
            code.clone_from(&category.code);
        }
        self.line = line;
        Ok(())
    }

    /// Whether its memory is worth keeping for another item: no more than most items need.
    #[must_use]
    pub fn is_small(&self) -> bool {
        self.body.capacity() <= 2 * USUAL_BYTES && self.titles_folded.capacity() <= USUAL_BYTES
    }

    /// The item's entity tag.
    #[must_use]
    pub fn etag(&self) -> String {
        etag(&self.hash)
    }
}

/// A fingerprint as an entity tag: 32 hexadecimal digits.
pub(super) fn etag(hash: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    hash.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// What most items need, so that their buffers do not grow in steps.
const USUAL_BYTES: usize = 1024;

/// Canonical JSON, in the memory of another.
fn json(item: &Item, memory: String) -> Result<String, StoreError> {
    let mut body = memory.into_bytes();
    body.clear();
    body.reserve(USUAL_BYTES);
    serde_json::to_writer(&mut body, &**item)?;
    // It is UTF-8 because JSON is; checking it costs a fraction of writing it.
    String::from_utf8(body).map_err(|error| serde_json::Error::io(std::io::Error::other(error)).into())
}

/// How titles are compared: Unicode lower case, a line feed as a blank. No accents are stripped, `ß` is not `ss`.
pub(super) fn fold(title: &str) -> String {
    let mut folded = String::with_capacity(title.len());
    fold_into(title, &mut folded);
    folded
}

fn fold_into(title: &str, folded: &mut String) {
    let blank = |byte: u8| if byte == b'\n' { b' ' } else { byte.to_ascii_lowercase() };
    if title.is_ascii() {
        folded.extend(title.bytes().map(|byte| char::from(blank(byte))));
    } else {
        folded.push_str(&title.to_lowercase().replace('\n', " "));
    }
}

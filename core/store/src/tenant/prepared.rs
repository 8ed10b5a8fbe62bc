//! An item made ready for storage outside the write lock: canonical JSON, its fingerprint, and what filters look at.

use plugpoint_sdk::model::Item;

use crate::error::StoreError;

/// An item ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedItem {
    /// The item's number.
    pub sku: String,
    /// Canonical JSON, one object without line breaks.
    pub body: String,
    /// The first 16 bytes of BLAKE3 over `body`.
    pub hash: [u8; 16],
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
        let body = json(item)?;
        let mut hash = [0; 16];
        hash.copy_from_slice(&blake3::hash(body.as_bytes()).as_bytes()[..16]);
        let mut titles_folded = String::new();
        for text in &item.texts {
            titles_folded.push('\n');
            titles_folded.push_str(&fold(&text.title));
        }
        let categories =
            item.categories.iter().map(|category| (category.system.clone(), category.code.clone())).collect();
        Ok(Self { sku: item.sku.clone(), body, hash, brand: item.brand.clone(), titles_folded, categories, line })
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

/// Canonical JSON, in a string of about its own size: items wait in memory for their turn to be written.
fn json(item: &Item) -> Result<String, StoreError> {
    /// What most items need, so that the buffer does not grow in steps.
    const USUAL_BYTES: usize = 1024;
    let mut body = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut body, &**item)?;
    body.shrink_to_fit();
    // It is UTF-8 because JSON is; checking it costs a fraction of writing it.
    String::from_utf8(body).map_err(|error| serde_json::Error::io(std::io::Error::other(error)).into())
}

/// How titles are compared: Unicode lower case, a line feed as a blank. No accents are stripped, `ß` is not `ss`.
pub(super) fn fold(title: &str) -> String {
    let mut folded = title.to_lowercase();
    if folded.contains('\n') {
        folded = folded.replace('\n', " ");
    }
    folded
}

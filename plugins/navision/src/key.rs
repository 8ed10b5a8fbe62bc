//! The key of a record: which item it is, and which state of it. Opaque to clients.
//!
//! `LENGTH;SKU;ETAG;` with the sku in hexadecimal digits. It proves nothing to anybody: what it names is looked up among
//! the caller's own items.

use std::fmt::Write;

/// The longest key that is looked at, in bytes.
const KEY_BYTES_MAX: usize = 2048;

/// What a key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) sku: String,
    pub(crate) etag: String,
}

impl Key {
    /// The key as it is sent.
    pub(crate) fn text(sku: &str, etag: &str) -> String {
        let mut hex = String::with_capacity(2 * sku.len());
        for byte in sku.bytes() {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02X}");
        }
        format!("{};{hex};{etag};", hex.len())
    }

    /// Reads a key; none if it is not one of ours.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text = Some(text.trim()).filter(|text| text.len() <= KEY_BYTES_MAX)?;
        let (length, rest) = text.split_once(';')?;
        let (hex, etag) = rest.split_once(';')?;
        let etag = etag.strip_suffix(';').filter(|etag| !etag.is_empty())?;
        if length.parse() != Ok(hex.len()) || hex.len() % 2 != 0 {
            return None;
        }
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let is_hex = hex.bytes().all(|digit| digit.is_ascii_hexdigit());
        let bytes = hex.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>().filter(|_| is_hex)?;
        Some(Self { sku: String::from_utf8(bytes).ok()?, etag: etag.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(sku in "\\PC{1,60}", etag in "[0-9a-f;]{0,31}[0-9a-f]") {
            let key = Key::of(&Key::text(&sku, &etag));
            prop_assert_eq!(key, Some(Key { sku, etag }));
        }

        #[test]
        fn any_text_is_a_key_or_none(text in "\\PC{0,80}") {
            let _ = Key::of(&text);
        }
    }

    #[test]
    fn what_is_no_key() {
        assert!(Key::of("4;4131;ab;").is_some_and(|key| key.sku == "A1" && key.etag == "ab"));
        for text in
            ["", ";", "4;4131;ab", "4;4131;;", "3;4131;ab;", "4;41+1;ab;", "3;413;ab;", "2;FF;ab;", "x;4131;ab;"]
        {
            assert_eq!(Key::of(text), None, "{text}");
        }
        assert_eq!(Key::of(&Key::text(&"x".repeat(2000), "a")), None);
    }
}

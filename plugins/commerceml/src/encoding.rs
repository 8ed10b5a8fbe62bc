//! Old exports declare no encoding and are windows-1251: told by the name of the root, before anything is read.
//!
//! Called once per document. A byte order mark, a declaration or the content type's charset is never overruled.

use std::io::{self, BufRead};

/// As many bytes are looked at.
const HEAD_BYTES_MAX: usize = 1024;
/// The first letters of the root in windows-1251: `<Коммерческая`.
const ROOT_IN_1251: &[u8] = b"<\xCA\xEE\xEC\xEC\xE5\xF0\xF7\xE5\xF1\xEA\xE0\xFF";

/// The first bytes, taken from the source.
///
/// # Errors
/// Those of the source.
pub(crate) fn head(source: &mut dyn BufRead) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES_MAX);
    while head.len() < HEAD_BYTES_MAX {
        let bytes = match source.fill_buf() {
            Ok([]) => break,
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let count = bytes.len().min(HEAD_BYTES_MAX - head.len());
        head.extend_from_slice(&bytes[..count]);
        source.consume(count);
    }
    Ok(head)
}

/// Whether the root is written in windows-1251 and nothing before it names an encoding.
pub(crate) fn is_undeclared_cyrillic(head: &[u8]) -> bool {
    let Some(at) = head.windows(ROOT_IN_1251.len()).position(|bytes| bytes == ROOT_IN_1251) else { return false };
    !head[..at].windows(8).any(|bytes| bytes == b"encoding")
}

#[cfg(test)]
mod tests {
    use super::is_undeclared_cyrillic;

    #[test]
    fn only_what_declares_nothing_is_taken_for_cyrillic() {
        let root = b"<\xCA\xEE\xEC\xEC\xE5\xF0\xF7\xE5\xF1\xEA\xE0\xFF\xC8";
        let with = |before: &str| [before.as_bytes(), root].concat();
        assert!(is_undeclared_cyrillic(&with("")));
        assert!(is_undeclared_cyrillic(&with("<?xml version='1.0'?>\r\n")));
        assert!(!is_undeclared_cyrillic(&with("<?xml version='1.0' encoding='windows-1251'?>")));
        assert!(!is_undeclared_cyrillic("<КоммерческаяИнформация>".as_bytes()));
    }
}

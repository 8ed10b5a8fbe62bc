//! Conditional requests (RFC 9110 section 13): strong entity tags, `If-None-Match`, `If-Match`. Used by the handlers of
//! single resources; knows nothing of what the tags stand for.

use axum::http::header::{IF_MATCH, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// The header value of a strong entity tag. `opaque` has to be printable ASCII without quotes, as the store's are.
#[must_use]
pub fn etag(opaque: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("\"{opaque}\"")).ok()
}

/// A condition on the current state of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `*`: the resource exists.
    Any,
    /// The resource has one of these tags: opaque parts, perhaps with a coding's suffix.
    OneOf(Vec<String>),
}

impl Condition {
    /// Whether the resource with this tag (`None`: there is none) is meant.
    #[must_use]
    pub fn holds_for(&self, current: Option<&str>) -> bool {
        match (self, current) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::OneOf(_), Some(current)) => self.matching(current).is_some(),
        }
    }

    /// Whether the resource whose stored part has this tag (`None`: there is none) is meant, whatever was presented beside it.
    /// For conditions on writing: presented parts cannot be written.
    #[must_use]
    pub fn holds_for_stored(&self, current: Option<&str>) -> bool {
        match (self, current) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::OneOf(tags), Some(current)) => tags.iter().any(|tag| stored_part(without_coding(tag)) == current),
        }
    }

    /// The tag of the list that means the resource, as it was sent: a 304 names the representation that the client has.
    #[must_use]
    pub fn matching(&self, current: &str) -> Option<&str> {
        match self {
            Self::Any => None,
            Self::OneOf(tags) => tags.iter().map(String::as_str).find(|tag| without_coding(tag) == current),
        }
    }
}

/// `If-None-Match`: compared weakly, so `W/"x"` means `"x"`.
#[must_use]
pub fn if_none_match(headers: &HeaderMap) -> Option<Condition> {
    read(headers, &IF_NONE_MATCH, true)
}

/// `If-Match`: compared strongly, so a weak tag matches nothing.
#[must_use]
pub fn if_match(headers: &HeaderMap) -> Option<Condition> {
    read(headers, &IF_MATCH, false)
}

fn read(headers: &HeaderMap, name: &HeaderName, weak_counts: bool) -> Option<Condition> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let mut tags = Vec::new();
    for value in values {
        let Ok(text) = value.to_str() else { continue };
        if text.trim() == "*" {
            return Some(Condition::Any);
        }
        read_list(text, weak_counts, &mut tags);
    }
    Some(Condition::OneOf(tags))
}

/// Reads `"a", W/"b"`. A comma may stand within a tag, so this goes from quote to quote; what is no tag matches nothing.
fn read_list(mut rest: &str, weak_counts: bool, tags: &mut Vec<String>) {
    while let Some(open) = rest.find('"') {
        let is_weak = rest[..open].ends_with("W/");
        let after = &rest[open + 1..];
        let Some(close) = after.find('"') else { return };
        if !is_weak || weak_counts {
            tags.push(after[..close].to_owned());
        }
        rest = &after[close + 1..];
    }
}

/// The tag of a stored resource with parts that were presented beside it: it changes when either does.
#[must_use]
pub fn presented(stored: &str, parts: &[u8]) -> String {
    format!("{stored}{PRESENTED}{}", &blake3::hash(parts).to_hex()[..PRESENTED_DIGITS])
}

/// What stands between the tag of the stored part and the digits of the presented ones.
const PRESENTED: &str = ";x-";
const PRESENTED_DIGITS: usize = 8;

/// The tag without what [`presented`] added; one that was not presented is its own stored part.
fn stored_part(opaque: &str) -> &str {
    match opaque.rsplit_once(PRESENTED) {
        Some((stored, digits)) if is_fingerprint(digits) => stored,
        _ => opaque,
    }
}

fn is_fingerprint(digits: &str) -> bool {
    digits.len() == PRESENTED_DIGITS && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn without_coding(opaque: &str) -> &str {
    opaque.strip_suffix(";gzip").or_else(|| opaque.strip_suffix(";br")).unwrap_or(opaque)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_as_the_rfc_says() {
        // header value, current tag, If-None-Match hits, If-Match holds
        let cases = [
            (r#""a""#, Some("a"), true, true),
            (r#"W/"a""#, Some("a"), true, false),
            (r#""x", "a""#, Some("a"), true, true),
            (r#""x" , W/"a""#, Some("a"), true, false),
            (r#""a,b""#, Some("a,b"), true, true),
            (r#""a;gzip""#, Some("a"), true, true),
            (r#""a;br""#, Some("a"), true, true),
            (r#""a;zstd""#, Some("a"), false, false),
            ("*", Some("a"), true, true),
            ("*", None, false, false),
            (r#""a""#, None, false, false),
            ("a", Some("a"), false, false),
            (r#""a"#, Some("a"), false, false),
            ("", Some("a"), false, false),
        ];
        for (value, current, hits, holds) in cases {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(value));
            headers.insert(IF_MATCH, HeaderValue::from_static(value));
            assert_eq!(if_none_match(&headers).unwrap().holds_for(current), hits, "If-None-Match: {value}");
            assert_eq!(if_match(&headers).unwrap().holds_for(current), holds, "If-Match: {value}");
            assert_eq!(if_match(&headers).unwrap().holds_for_stored(current), holds, "If-Match when writing: {value}");
        }
        assert_eq!(if_match(&HeaderMap::new()), None);
    }

    #[test]
    fn a_presented_tag_means_its_stored_part_when_writing_and_itself_when_reading() {
        // header value, current tag, it is what was read, it is what is stored
        let cases = [
            (r#""a;x-0123cdef""#, "a;x-0123cdef", true, false),
            (r#""a;x-0123cdef""#, "a", false, true),
            (r#""a;x-0123cdef;gzip""#, "a;x-0123cdef", true, false),
            (r#""a;x-0123cdef;gzip""#, "a", false, true),
            (r#""a;x-0123cdef;br", "b""#, "a", false, true),
            (r#""a""#, "a;x-0123cdef", false, false),
            (r#""b;x-0123cdef""#, "a", false, false),
            (r#""a;x-0123cde""#, "a", false, false),
            (r#""a;x-0123cdef0""#, "a", false, false),
            (r#""a;x-0123CDEF""#, "a", false, false),
            (r#""a;gzip;x-0123cdef""#, "a", false, false),
            (r#""a;x-0123cdef;x-0123cdef""#, "a", false, false),
            (r#""a;x-""#, "a", false, false),
            (r#"";x-0123cdef""#, "a", false, false),
            ("*", "a", true, true),
        ];
        for (value, current, is_read, is_stored) in cases {
            let headers = HeaderMap::from_iter([(IF_MATCH, HeaderValue::from_static(value))]);
            let condition = if_match(&headers).unwrap();
            assert_eq!(condition.holds_for(Some(current)), is_read, "{value} read as {current}");
            assert_eq!(condition.holds_for_stored(Some(current)), is_stored, "{value} stored as {current}");
            assert!(!condition.holds_for_stored(None), "{value}");
        }
        let tag = presented("abc", b"parts");
        assert_eq!(stored_part(&tag), "abc");
        assert!(is_fingerprint(tag.strip_prefix("abc;x-").unwrap()), "{tag}");
        assert_ne!(tag, presented("abc", b"other parts"));
        assert!(etag(&tag).is_some());
    }

    #[test]
    fn several_header_lines_are_one_list() {
        let mut headers = HeaderMap::new();
        headers.append(IF_MATCH, HeaderValue::from_static(r#""a""#));
        headers.append(IF_MATCH, HeaderValue::from_static(r#""b""#));
        assert_eq!(if_match(&headers), Some(Condition::OneOf(vec!["a".to_owned(), "b".to_owned()])));
    }
}

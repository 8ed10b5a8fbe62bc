//! Which of the canonical formats a document is in: by its content type, or by its first bytes if that says nothing.

/// What a document is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Ndjson,
    Xml,
    Csv,
}

/// The content types that are read, for messages and documentation. Any `*+xml` is read like `application/xml`.
pub const MEDIA_TYPES: &[&str] = &[
    "application/json",
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/xml",
    "text/xml",
    "text/csv",
    "text/tab-separated-values",
    "application/octet-stream",
];

impl Format {
    pub(super) fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "application/json" => Some(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Ndjson),
            "application/xml" | "text/xml" => Some(Self::Xml),
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            other if other.ends_with("+xml") => Some(Self::Xml),
            _ => None,
        }
    }

    /// Whether the content type says nothing about the format.
    pub(super) fn is_unnamed(media_type: &str) -> bool {
        matches!(media_type, "" | "application/octet-stream")
    }

    /// A document that begins with an object is NDJSON if its first line is a whole value with another line behind it.
    pub(super) fn sniffed(head: &[u8]) -> Self {
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let first = text.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0));
        match (first.map(|at| &text[at..]), head) {
            (_, [0xFF, 0xFE, b'<', ..] | [0xFE, 0xFF, 0, b'<', ..]) | (Some([b'<', ..]), _) => Self::Xml,
            (Some([b'[', ..]), _) => Self::Json,
            (Some(object @ [b'{', ..]), _) => {
                let line_end = object.iter().position(|&byte| byte == b'\n');
                let is_whole = |line: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok();
                if line_end.is_some_and(|end| is_whole(&object[..end])) { Self::Ndjson } else { Self::Json }
            }
            _ => Self::Csv,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_format() {
        for (head, format) in [
            (&b""[..], Format::Csv),
            (b"sku;title\n", Format::Csv),
            (b"  \n<catalog>", Format::Xml),
            (b"\xEF\xBB\xBF<catalog>", Format::Xml),
            (b"<\0?\0", Format::Xml),
            (b"\0<\0?", Format::Xml),
            (b"\xFF\xFE<\0", Format::Xml),
            (b"[{}]", Format::Json),
            (b"{\"sku\": \"1\"}", Format::Json),
            (b"{\n\"sku\": \"1\"}\n", Format::Json),
            (b"{\"sku\": \"1\"}\n{\"sku\": \"2\"}\n", Format::Ndjson),
        ] {
            assert_eq!(Format::sniffed(head), format, "{}", String::from_utf8_lossy(head));
        }
    }

    #[test]
    fn the_content_type_names_the_format() {
        for media_type in MEDIA_TYPES {
            assert_eq!(Format::of(media_type).is_none(), Format::is_unnamed(media_type), "{media_type}");
        }
        assert_eq!(Format::of("application/vnd.example+xml"), Some(Format::Xml));
        assert_eq!(Format::of("text/html"), None);
    }
}

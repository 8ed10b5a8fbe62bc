//! Content types: type, subtype and charset, nothing else of a client's header is believed or needed.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

/// A parsed `Content-Type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType {
    /// `type/subtype` in lower case.
    pub essence: String,
    /// The `charset` parameter, unquoted.
    pub charset: Option<String>,
}

impl MediaType {
    /// The content type of a request; `None` if it has none.
    ///
    /// # Errors
    /// `media_type_unsupported` if the header cannot be read.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        let refused = |detail: &str| ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail);
        let Some(value) = headers.get(CONTENT_TYPE) else { return Ok(None) };
        let text = value.to_str().map_err(|_| refused("the content type is not readable"))?;
        Self::parse(text).map(Some).ok_or_else(|| refused("the content type is not of the form type/subtype"))
    }

    /// Reads `type/subtype; parameter=value; ...`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
        let essence = essence.trim().to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        let is_token = |part: &str| !part.is_empty() && part.bytes().all(is_token_byte);
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let charset = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
        });
        Some(Self { essence, charset: charset.filter(|charset| !charset.is_empty()) })
    }

    /// Whether it is JSON by name.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.essence == "application/json" || self.essence.ends_with("+json")
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_essence_and_charset() {
        type Expected = Option<(&'static str, Option<&'static str>)>;
        let cases: [(&str, Expected); 9] = [
            ("application/json", Some(("application/json", None))),
            ("Text/XML; Charset=\"UTF-8\"", Some(("text/xml", Some("UTF-8")))),
            ("text/csv;header=present ; charset=windows-1252", Some(("text/csv", Some("windows-1252")))),
            ("application/xml; charset=", Some(("application/xml", None))),
            ("application/atom+xml;", Some(("application/atom+xml", None))),
            ("json", None),
            ("/json", None),
            ("a b/c", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let found = MediaType::parse(text);
            let found = found.as_ref().map(|media| (media.essence.as_str(), media.charset.as_deref()));
            assert_eq!(found, expected, "{text}");
        }
    }
}

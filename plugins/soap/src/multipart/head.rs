//! The head of a part: what its sender says about it.
//!
//! Folded lines are unfolded, names are known in any case, and what matters may be said once. Everything else that a head says
//! is passed over.

use plugpoint_http::MediaType;
use plugpoint_sdk::error::ApiError;

use super::{invalid, shown};

/// The fields that matter; each may be there once.
const KNOWN: [&str; 4] = ["content-type", "content-id", "content-transfer-encoding", "content-encoding"];

/// What is said of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PartHead {
    fields: Vec<(&'static str, String)>,
}

impl PartHead {
    /// Reads the lines of a head.
    ///
    /// # Errors
    /// `soap_attachment_invalid` for what is no head, and for a field that is there twice.
    pub(super) fn of(lines: Vec<Vec<u8>>) -> Result<Self, ApiError> {
        let mut all: Vec<(String, String)> = Vec::new();
        for line in lines {
            if line.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
                return Err(invalid("the head of a part has a control character"));
            }
            let line = String::from_utf8_lossy(&line);
            match (line.starts_with([' ', '\t']), all.last_mut(), line.split_once(':')) {
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                (false, _, Some((name, value))) => {
                    all.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
                }
                _ => return Err(invalid(&format!("the line {} has no place in the head of a part", shown(&line)))),
            }
        }
        let mut fields: Vec<(&'static str, String)> = Vec::new();
        for (name, value) in all {
            let Some(known) = KNOWN.into_iter().find(|known| *known == name) else { continue };
            if fields.iter().any(|(field, _)| *field == known) {
                return Err(invalid(&format!("the head of a part has {known} twice")));
            }
            fields.push((known, value));
        }
        Ok(Self { fields })
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_str())
    }

    /// The part's id, without the brackets around it.
    pub(crate) fn id(&self) -> Option<&str> {
        self.field("content-id").map(unbracketed).filter(|id| !id.is_empty())
    }

    /// The content type, if it is one.
    pub(crate) fn media_type(&self) -> Option<MediaType> {
        MediaType::parse(self.field("content-type")?)
    }

    pub(super) fn transfer_encoding(&self) -> Option<&str> {
        self.field("content-transfer-encoding")
    }

    /// A coding of the content, which is HTTP's to say and not a part's, but some say it.
    pub(crate) fn content_coding(&self) -> Option<&str> {
        self.field("content-encoding").filter(|coding| !coding.eq_ignore_ascii_case("identity"))
    }
}

/// An id as it is compared: without the angle brackets that belong around it.
pub(crate) fn unbracketed(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(id).trim()
}

/// The value of a content type's parameter, unquoted.
pub(crate) fn parameter(content_type: &str, wanted: &str) -> Option<String> {
    let mut parts = vec![String::new()];
    let (mut is_quoted, mut is_escaped) = (false, false);
    for character in content_type.chars() {
        match character {
            ';' if !is_quoted => parts.push(String::new()),
            '"' if !is_escaped => is_quoted = !is_quoted,
            '\\' if is_quoted && !is_escaped => {
                is_escaped = true;
                continue;
            }
            other => parts.last_mut()?.push(other),
        }
        is_escaped = false;
    }
    parts.iter().skip(1).find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_owned())
    })
}

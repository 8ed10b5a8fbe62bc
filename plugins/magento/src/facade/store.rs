//! Store views: whose texts an operation is about.

use plugpoint_sdk::profile::Profile;

use super::arguments::Arguments;
use super::{FacadeError, words};

/// Views that every shop has: they stand for the profile's language.
const OWN: [&str; 5] = ["0", "1", "admin", "default", "all"];

/// The language of the store view that is asked for.
///
/// # Errors
/// Fault 100.
pub(super) fn language(arguments: &Arguments<'_>, profile: &Profile) -> Result<String, FacadeError> {
    let Some(view) = arguments.text("storeView").filter(|view| !OWN.contains(view)) else {
        return Ok(profile.catalog.language.clone());
    };
    tag(view).ok_or_else(|| words::STORE_UNKNOWN.fault("").into())
}

/// `de` and `de_AT` as language tags.
fn tag(view: &str) -> Option<String> {
    let (language, region) = match view.split_once(['_', '-']) {
        Some((language, region)) => (language, Some(region)),
        None => (view, None),
    };
    let is_word = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_word(language) || !region.is_none_or(is_word) {
        return None;
    }
    let language = language.to_ascii_lowercase();
    Some(match region {
        Some(region) => format!("{language}-{}", region.to_ascii_uppercase()),
        None => language,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_named_like_a_language_is_one() {
        let cases = [
            ("de", Some("de")),
            ("DE", Some("de")),
            ("de_AT", Some("de-AT")),
            ("fr-be", Some("fr-BE")),
            ("german", None),
            ("d", None),
            ("de_", None),
            ("de_AT_x", None),
            ("1a", None),
        ];
        for (view, expected) in cases {
            assert_eq!(tag(view).as_deref(), expected, "{view}");
        }
    }
}

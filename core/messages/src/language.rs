//! The languages, and the choice of one for an answer: what the request accepts, else what the tenant's profile says, else English.
//!
//! Called once for each answer in a language. It refuses nothing: a header that cannot be read chooses nothing.

/// Ranges of one header that are looked at; nobody reads more languages.
const RANGES_MAX: usize = 64;

/// A language in which people are told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English, in which everything is written first.
    #[default]
    En,
    /// German.
    De,
    /// Polish.
    Pl,
    /// Russian.
    Ru,
    /// French.
    Fr,
}

impl Language {
    /// All of them, the default first.
    pub const ALL: [Self; 5] = [Self::En, Self::De, Self::Pl, Self::Ru, Self::Fr];

    /// Its ISO 639-1 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Pl => "pl",
            Self::Ru => "ru",
            Self::Fr => "fr",
        }
    }

    /// The language of a code or of a longer tag: `de-AT` is German.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.code()))
    }
}

/// The language of an answer. `accepted` are the lines of `Accept-Language` (RFC 9110, with q-values), `own` is the profile's.
///
/// A header that names none of our languages is disregarded, as the RFC allows: a report in English is better than a refusal.
#[must_use]
pub fn chosen<'h>(accepted: impl IntoIterator<Item = &'h str>, own: &str) -> Language {
    let own = Language::of_tag(own).unwrap_or_default();
    let lines = accepted.into_iter().flat_map(|line| line.split(','));
    let ranges: Vec<(&str, u16)> = lines.take(RANGES_MAX).filter_map(range).collect();
    let is_refused = |language: Language| {
        ranges.iter().any(|(tag, quality)| *quality == 0 && Language::of_tag(tag) == Some(language))
            && !ranges.iter().any(|(tag, quality)| *quality > 0 && Language::of_tag(tag) == Some(language))
    };
    let any = || [own].into_iter().chain(Language::ALL).find(|language| !is_refused(*language));
    let meant = |tag: &str| if tag == "*" { any() } else { Language::of_tag(tag) };
    let mut best: Option<(Language, u16)> = None;
    for (tag, quality) in &ranges {
        // The first of equals stays.
        if *quality > best.map_or(0, |(_, quality)| quality)
            && let Some(language) = meant(tag)
        {
            best = Some((language, *quality));
        }
    }
    best.map_or(own, |(language, _)| language)
}

/// One range with its quality in thousandths; nothing if the quality is no number from 0 to 1.
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';');
    let tag = parts.next().unwrap_or_default().trim();
    let mut quality = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("q") {
            quality = thousandths(value.trim())?;
        }
    }
    (!tag.is_empty()).then_some((tag, quality))
}

/// `0`, `1`, `0.5`, `0.875`: at most three digits behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let fraction = format!("{fraction:0<3}").parse::<u16>().ok()?;
    match whole {
        "0" => Some(fraction),
        "1" if fraction == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::profile::keys::{Kind, SECTIONS};

    use super::*;

    #[test]
    fn the_best_accepted_language_wins_then_the_profile_then_english() {
        for (accepted, own, expected) in [
            (&[][..], "", "en"),
            (&[], "pl", "pl"),
            (&[], "xx", "en"),
            (&["de"], "pl", "de"),
            (&["de-AT"], "", "de"),
            (&["DE-at-1996"], "", "de"),
            (&["de;q=0.5, fr;q=0.6"], "", "fr"),
            (&["de;q=0.5, fr; Q = 0.500"], "", "de"),
            (&["ja, ru;q=0.1"], "", "ru"),
            (&["ja"], "fr", "fr"),
            (&["*"], "fr", "fr"),
            (&["*"], "", "en"),
            (&["ru;q=0.2, *;q=0.9"], "de", "de"),
            (&["en;q=0, *"], "", "de"),
            (&["en;q=0"], "", "en"),
            (&["pl;q=0, *;q=0.1"], "pl", "en"),
            (&["ja", "pl;q=0.3"], "", "pl"),
            (&["de;q=1.5, fr;q=0.1"], "", "fr"),
            (&["de;q=x, fr;q=0.0001, ru;q=0.001"], "", "ru"),
            (&["de;level=1;q=0.2, fr;q=0.1"], "", "de"),
            (&["", " , ;q=1", "german"], "ru", "ru"),
        ] {
            assert_eq!(chosen(accepted.iter().copied(), own).code(), expected, "{accepted:?} {own}");
        }
    }

    #[test]
    fn only_so_many_ranges_are_looked_at() {
        for (before, expected) in [(RANGES_MAX - 1, "de"), (RANGES_MAX, "en")] {
            let header = "ja,".repeat(before) + "de";
            assert_eq!(chosen([header.as_str()], "").code(), expected, "{before}");
        }
    }

    #[test]
    fn the_profile_knows_the_same_languages() {
        let section = SECTIONS.iter().find(|section| section.name == "catalog").unwrap();
        let key = section.keys.iter().find(|key| key.name == "report_language").unwrap();
        let Kind::Choice(words) = key.kind else { panic!("{:?}", key.kind) };
        assert_eq!(words, Language::ALL.map(Language::code));
    }
}

//! Languages: formats send ISO 639-2 (`deu`, also the bibliographic `ger`) or ISO 639-1 (`de`); we keep BCP 47.

use crate::schema::{LANGUAGE, Matcher};

/// ISO 639-2 codes (both kinds) of languages that have a two-letter code, in the order of the codes.
const TWO_LETTERS: &[(&str, &str)] = &[
    ("afr", "af"),
    ("alb", "sq"),
    ("ara", "ar"),
    ("arm", "hy"),
    ("aze", "az"),
    ("baq", "eu"),
    ("bel", "be"),
    ("ben", "bn"),
    ("bos", "bs"),
    ("bul", "bg"),
    ("cat", "ca"),
    ("ces", "cs"),
    ("chi", "zh"),
    ("cym", "cy"),
    ("cze", "cs"),
    ("dan", "da"),
    ("deu", "de"),
    ("dut", "nl"),
    ("ell", "el"),
    ("eng", "en"),
    ("est", "et"),
    ("eus", "eu"),
    ("fas", "fa"),
    ("fin", "fi"),
    ("fra", "fr"),
    ("fre", "fr"),
    ("geo", "ka"),
    ("ger", "de"),
    ("gle", "ga"),
    ("glg", "gl"),
    ("gre", "el"),
    ("heb", "he"),
    ("hin", "hi"),
    ("hrv", "hr"),
    ("hun", "hu"),
    ("hye", "hy"),
    ("ice", "is"),
    ("ind", "id"),
    ("isl", "is"),
    ("ita", "it"),
    ("jpn", "ja"),
    ("kat", "ka"),
    ("kaz", "kk"),
    ("kor", "ko"),
    ("lav", "lv"),
    ("lit", "lt"),
    ("ltz", "lb"),
    ("mac", "mk"),
    ("may", "ms"),
    ("mkd", "mk"),
    ("mlt", "mt"),
    ("msa", "ms"),
    ("nld", "nl"),
    ("nno", "nn"),
    ("nob", "nb"),
    ("nor", "no"),
    ("per", "fa"),
    ("pol", "pl"),
    ("por", "pt"),
    ("roh", "rm"),
    ("ron", "ro"),
    ("rum", "ro"),
    ("rus", "ru"),
    ("slk", "sk"),
    ("slo", "sk"),
    ("slv", "sl"),
    ("spa", "es"),
    ("sqi", "sq"),
    ("srp", "sr"),
    ("swe", "sv"),
    ("tha", "th"),
    ("tur", "tr"),
    ("ukr", "uk"),
    ("vie", "vi"),
    ("wel", "cy"),
    ("zho", "zh"),
];

/// The BCP 47 tag of a code as sent, or nothing if it is none.
#[must_use]
pub fn language_tag(code: &str) -> Option<String> {
    static FORM: Matcher = Matcher::new(LANGUAGE);
    let code = code.trim().replace('_', "-");
    if code.len() > 32 || !FORM.is_match(&code) {
        return None;
    }
    let (language, rest) = code.split_at(code.find('-').unwrap_or(code.len()));
    let language = language.to_ascii_lowercase();
    let known = TWO_LETTERS.binary_search_by(|(three, _)| three.cmp(&language.as_str()));
    let language = known.map_or(language.as_str(), |index| TWO_LETTERS[index].1);
    Some(format!("{language}{rest}"))
}

/// The ISO 639-2 code of a tag, as formats send it: `de-AT` is `deu-AT`. A language without such a code keeps its own.
#[must_use]
pub fn language_code(tag: &str) -> String {
    let (language, rest) = tag.split_at(tag.find('-').unwrap_or(tag.len()));
    // Of two codes of one language the bibliographic one stands in the way of nobody: the table has few, and both are read.
    let known = TWO_LETTERS.iter().find(|(three, two)| *two == language && !BIBLIOGRAPHIC.contains(three));
    format!("{}{rest}", known.map_or(language, |(three, _)| three))
}

/// The bibliographic ISO 639-2 code of a tag, as ONIX sends it: `de-AT` is `ger`; what stands behind the language is lost.
#[must_use]
pub fn library_language_code(tag: &str) -> String {
    let language = tag.split('-').next().unwrap_or_default();
    let mut known = TWO_LETTERS.iter().filter(|(_, two)| *two == language).map(|(three, _)| *three);
    let library = known.clone().find(|three| BIBLIOGRAPHIC.contains(three));
    library.or_else(|| known.next()).unwrap_or(language).to_owned()
}

/// Codes that catalogs of libraries use; the others are ISO 639-2/T, as the standard wants.
const BIBLIOGRAPHIC: [&str; 20] = [
    "alb", "arm", "baq", "bur", "chi", "cze", "dut", "fre", "geo", "ger", "gre", "ice", "mac", "may", "mao", "per",
    "rum", "slo", "tib", "wel",
];

#[cfg(test)]
mod tests {
    use super::{TWO_LETTERS, language_tag};

    #[test]
    fn codes_become_tags() {
        let cases = [
            ("deu", Some("de")),
            ("GER", Some("de")),
            ("en", Some("en")),
            ("de_AT", Some("de-AT")),
            ("deu-CH", Some("de-CH")),
        ];
        for (code, expected) in cases {
            assert_eq!(language_tag(code).as_deref(), expected, "{code}");
        }
        for code in ["", "d", "deutsch", "12", "de-", "d\u{fc}", "de--AT"] {
            assert_eq!(language_tag(code), None, "{code}");
        }
        assert_eq!(language_tag("gsw").as_deref(), Some("gsw"), "a language without a two-letter code keeps its own");
    }

    #[test]
    fn tags_become_codes_that_are_read_back() {
        for (tag, expected) in
            [("de", "deu"), ("de-AT", "deu-AT"), ("cs", "ces"), ("gsw", "gsw"), ("zh-Hant", "zho-Hant")]
        {
            assert_eq!(super::language_code(tag), expected);
        }
        for (tag, expected) in [("de", "ger"), ("de-AT", "ger"), ("cs", "cze"), ("en", "eng"), ("gsw", "gsw")] {
            assert_eq!(super::library_language_code(tag), expected);
        }
        for (_, two) in TWO_LETTERS {
            assert_eq!(language_tag(&super::language_code(two)).as_deref(), Some(*two));
        }
    }

    #[test]
    fn the_table_is_in_order() {
        assert!(TWO_LETTERS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}

//! Patterns of texts, in the part of the regular expressions that Rust, ECMA-262 (OpenAPI) and XSD read alike.
//!
//! Whatever lies outside that part stops the compiler. The patterns that every item meets have matchers written by hand;
//! a property test holds them equal to the expression.

use std::sync::OnceLock;

use regex::Regex;

/// A word of the field's vocabulary in lower case: `list`, `data_sheet`, `eclass-9.0`.
pub const TOKEN: &str = "^[a-z][a-z0-9_.-]*$";
/// Text without control characters and without blanks at its ends.
pub const PRINTABLE: &str = r"^[^\p{Z}\p{C}]([^\p{C}]*[^\p{Z}\p{C}])?$";
/// A BCP 47 language tag: a language, then up to three subtags.
pub const LANGUAGE: &str = "^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$";
/// An ISO 4217 code.
pub const CURRENCY: &str = "^[A-Z]{3}$";
/// Visible ASCII characters.
pub const VISIBLE: &str = "^[!-~]+$";

/// A declared pattern: its text, which is published, and the code that enforces it.
#[derive(Debug, Clone, Copy)]
pub struct Pattern {
    text: &'static str,
    matches: fn(&str) -> bool,
}

impl Pattern {
    /// A pattern. `matches` is made from the same text by the attribute.
    ///
    /// # Panics
    /// While compiling, when the text is not anchored at both ends or lies outside the common part of the dialects.
    #[must_use]
    pub const fn new(text: &'static str, matches: fn(&str) -> bool) -> Self {
        assert_portable(text.as_bytes());
        Self { text, matches }
    }

    /// The pattern that is enforced, anchored at both ends.
    #[must_use]
    pub fn text(&self) -> &'static str {
        self.text
    }

    /// The pattern for an OpenAPI document: ECMA-262 without the flag `u`, which tools do not set and which alone knows
    /// `\p{..}`. It takes every text that is a match; of those that are not, it takes the ones whose fault is a character that
    /// is unassigned, or a format or private character beyond the basic plane: only tables of a Unicode version name these.
    #[must_use]
    pub fn ecma(&self) -> String {
        CATEGORIES.iter().fold(self.text.to_owned(), |text, (category, class)| text.replace(category, class))
    }

    /// Whether the whole text has the form.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        (self.matches)(text)
    }

    /// The same pattern for XSD, which anchors by itself and has its own escapes.
    #[must_use]
    pub fn xsd(&self) -> String {
        to_xsd(self.text)
    }
}

/// The categories that a pattern may name, within a class, and their characters of the basic plane. Surrogates are not among
/// them: without the flag `u` they are the halves of the characters beyond it.
const CATEGORIES: [(&str, &str); 2] = [
    (r"\p{Z}", r"\u0020\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"),
    (
        r"\p{C}",
        r"\u0000-\u001F\u007F-\u009F\u00AD\u0600-\u0605\u061C\u06DD\u070F\u0890\u0891\u08E2\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uE000-\uF8FF\uFDD0-\uFDEF\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF",
    ),
];

/// See [`Pattern::xsd`].
pub(super) fn to_xsd(text: &str) -> String {
    let inner = text.strip_prefix('^').unwrap_or(text);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    // XSD knows neither `\$` nor `\/`: both stand for themselves there.
    inner.replace(r"\$", "$").replace(r"\/", "/")
}

/// The code behind one pattern, made at its first use.
#[derive(Debug)]
pub struct Matcher {
    text: &'static str,
    made: OnceLock<Kind>,
}

#[derive(Debug)]
enum Kind {
    ByHand(fn(&str) -> Option<bool>, Regex),
    Expression(Regex),
}

impl Matcher {
    /// The matcher of a pattern.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, made: OnceLock::new() }
    }

    /// Whether the whole text has the form.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match self.made.get_or_init(|| self.make()) {
            Kind::ByHand(by_hand, expression) => by_hand(text).unwrap_or_else(|| expression.is_match(text)),
            Kind::Expression(expression) => expression.is_match(text),
        }
    }

    fn make(&self) -> Kind {
        // `assert_portable` has accepted the text while compiling, and the tests make every pattern that is declared.
        let expression = Regex::new(self.text).unwrap_or_else(|error| unreachable!("{}: {error}", self.text));
        match BY_HAND.iter().find(|(text, _)| *text == self.text) {
            Some((_, by_hand)) => Kind::ByHand(*by_hand, expression),
            None => Kind::Expression(expression),
        }
    }
}

type ByHand = fn(&str) -> Option<bool>;

/// Matchers that answer for most texts; `None` leaves the answer to the expression.
pub(super) static BY_HAND: &[(&str, ByHand)] = &[
    (TOKEN, |text| Some(is_token(text))),
    (CURRENCY, |text| Some(is_currency(text))),
    (PRINTABLE, printable_ascii),
    (LANGUAGE, short_language),
];

fn is_token(text: &str) -> bool {
    let rest = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-');
    text.as_bytes().split_first().is_some_and(|(first, tail)| first.is_ascii_lowercase() && tail.iter().all(rest))
}

fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn printable_ascii(text: &str) -> Option<bool> {
    let bytes = text.as_bytes();
    if !bytes.is_ascii() {
        return None;
    }
    let visible = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    Some(visible(bytes.first()) && visible(bytes.last()) && !bytes.iter().any(u8::is_ascii_control))
}

fn short_language(text: &str) -> Option<bool> {
    let letters = matches!(text.len(), 2 | 3) && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters.then_some(true)
}

/// The common part: anchors at both ends only, literals, classes, plain groups, `|`, `? * + {n,m}`, escaped signs, and within a
/// class `\p{Z}` and `\p{C}`, which [`Pattern::ecma`] spells out.
const fn assert_portable(text: &[u8]) {
    let end = text.len().saturating_sub(1);
    assert!(text.len() >= 2 && text[0] == b'^' && text[end] == b'$', "a pattern starts with ^ and ends with $");
    let (mut at, mut in_class) = (1, false);
    while at < end {
        let (byte, next) = (text[at], text[at + 1]);
        match byte {
            b'\\' => {
                let is_category = in_class
                    && next == b'p'
                    && text[at + 2] == b'{'
                    && matches!(text[at + 3], b'Z' | b'C')
                    && text[at + 4] == b'}';
                let is_sign = matches!(
                    next,
                    b'.' | b'\\'
                        | b'-'
                        | b'['
                        | b']'
                        | b'('
                        | b')'
                        | b'{'
                        | b'}'
                        | b'?'
                        | b'*'
                        | b'+'
                        | b'|'
                        | b'^'
                        | b'$'
                        | b'/'
                );
                assert!(is_category || is_sign, "the dialects disagree on this escape: use a class such as [0-9]");
                assert!(next != b'-' || in_class, "outside of a class a hyphen stands for itself");
                at += 1;
            }
            b'[' => {
                assert!(!in_class, "escape [ within a class");
                in_class = true;
                if next == b'^' {
                    at += 1;
                }
                assert!(text[at + 1] != b']', "escape ] within a class");
            }
            b']' => {
                assert!(in_class, "escape ] outside of a class");
                in_class = false;
            }
            b'&' | b'~' | b'-' if in_class => assert!(next != byte, "Rust reads && ~~ -- in a class as set operations"),
            b'^' | b'$' => assert!(in_class, "anchors stand at both ends only"),
            b'.' => assert!(in_class, "the dialects disagree on what . matches: use a class"),
            b'?' => {
                assert!(in_class || next != b'?', "no lazy quantifiers");
                assert!(in_class || text[at - 1] != b'(', "plain groups only");
            }
            b'*' | b'+' | b'}' => {
                assert!(in_class || !matches!(next, b'?' | b'+' | b'*'), "no lazy or stacked quantifiers")
            }
            _ => assert!(byte >= 0x20 && byte < 0x7f, "visible ASCII only"),
        }
        at += 1;
    }
    assert!(!in_class, "a class is not closed");
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::{BY_HAND, Pattern, Regex, to_xsd};
    use crate::model::decimal;

    /// Texts near the patterns: their letters, blanks of all kinds, controls, marks, private and unassigned characters.
    fn near() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(vec![
            ' ', '\t', '\n', '\u{85}', '\u{a0}', '\u{ad}', '\u{200b}', '\u{2028}', '\u{e000}', 'é', '\u{378}', '🛠',
        ]);
        let letter = prop_oneof![4 => prop::char::range('!', '~'), 4 => prop::char::range('a', 'z'), 2 => prop::char::range('A', 'Z'), 2 => odd, 1 => any::<char>()];
        prop::collection::vec(letter, 0..8).prop_map(|letters| letters.into_iter().collect())
    }

    static EXPRESSIONS: LazyLock<Vec<Regex>> =
        LazyLock::new(|| BY_HAND.iter().map(|(pattern, _)| Regex::new(pattern).expect(pattern)).collect());
    const PRINTABLE_AT: usize = 2;
    /// Characters that Unicode has not assigned: the published form cannot name them.
    static UNASSIGNED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Cn}").expect("a pattern"));
    /// Rust reads the published form alike but for characters beyond the basic plane, which it takes whole.
    static PUBLISHED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(&Pattern::new(super::PRINTABLE, |_| true).ecma()).expect("a pattern"));
    static DECIMAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(decimal::PATTERN).expect("a pattern"));

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn matchers_by_hand_are_equal_to_their_expressions(text in near()) {
            for ((pattern, by_hand), expression) in BY_HAND.iter().zip(&*EXPRESSIONS) {
                let expected = expression.is_match(&text);
                prop_assert_eq!(by_hand(&text).unwrap_or(expected), expected, "{} on {:?}", pattern, text);
            }
        }

        #[test]
        fn what_is_published_takes_whatever_is_taken(text in near()) {
            let expected = EXPRESSIONS[PRINTABLE_AT].is_match(&text);
            // Of what is refused, all is refused by the published form too that it can name.
            let is_named = text.chars().all(|it| u32::from(it) < 0x1_0000) && !UNASSIGNED.is_match(&text);
            if expected || is_named {
                prop_assert_eq!(PUBLISHED.is_match(&text), expected, "{:?}", text);
            }
        }

        #[test]
        fn decimals_are_parsed_exactly_if_they_have_the_form(text in "-?[0-9]{0,15}[.]?[0-9]{0,17}|[-+0-9.,e ]{0,6}") {
            let has_form = DECIMAL.is_match(&text);
            prop_assert_eq!(decimal::parse(&text).is_ok(), has_form, "{:?}", text);
            if let Ok(value) = decimal::parse(&text) {
                prop_assert!(decimal::fits(&value));
            }
        }
    }

    #[test]
    fn only_what_all_dialects_read_alike_is_a_pattern() {
        for good in [
            r"^[a-z]$",
            r"^a\.b\\c\$$",
            r"^[^\p{C}]*$",
            r"^(a|b){1,3}$",
            r"^[a\-z\]^$.?]+$",
            super::PRINTABLE,
            super::LANGUAGE,
            super::VISIBLE,
            super::TOKEN,
            super::CURRENCY,
            decimal::PATTERN,
        ] {
            assert!(Pattern::new(good, |_| true).text() == good && Regex::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "^",
            "a$",
            "^a",
            r"^\d$",
            r"^\w$",
            r"^\s$",
            r"^\bx$",
            "^.$",
            "^a*?$",
            "^a++$",
            "^a{2}?$",
            "^(?:a)$",
            "^(?i)a$",
            "^a^b$",
            "^a$b$",
            "^[[:alpha:]]$",
            "^[a&&b]$",
            "^[a--b]$",
            "^[a~~b]$",
            "^[a$",
            "^a]$",
            "^[]a]$",
            "^[^]a]$",
            r"^\-$",
            "^é$",
            "^\n$",
            r"^\x41$",
            r"^\u0041$",
            r"^\p{C}$",
            r"^[\P{C}]$",
            r"^[\p{L}]$",
            r"^[\p{Cf}]$",
            r"^\",
        ] {
            assert!(std::panic::catch_unwind(|| Pattern::new(bad, |_| true)).is_err(), "{bad}");
        }
    }

    #[test]
    fn xsd_anchors_by_itself_and_escapes_less() {
        for (pattern, xsd) in
            [("^[A-Z]{3}$", "[A-Z]{3}"), (r"^a\$\.\/$", r"a$\./"), (r"^[^\p{C}]$", r"[^\p{C}]"), (r"^\\\$$", r"\\$")]
        {
            assert_eq!(to_xsd(pattern), xsd);
        }
    }
}

//! Words of the canonical vocabulary, made of what senders write. Pure functions over text.

use crate::schema::{Matcher, PRINTABLE};

/// The most characters of a word of the vocabulary.
const WORD_CHARS_MAX: usize = 32;

/// The most characters of a number under which something is known.
pub(super) const NUMBER_CHARS_MAX: usize = 128;

/// Whether a text can be a number under which something is known: 1 to 128 characters, none of them a control character.
#[must_use]
pub fn is_number(text: &str) -> bool {
    static PRINTABLE_TEXT: Matcher = Matcher::new(PRINTABLE);
    !text.is_empty() && text.chars().count() <= NUMBER_CHARS_MAX && PRINTABLE_TEXT.is_match(text)
}

/// A lower-case word for what the sender calls something: `EK_ohne_MWST` is `ek_ohne_mwst`, `Розничная` is `roznichnaya`. Empty
/// text gives `fallback`.
#[must_use]
pub fn word(text: &str, fallback: &str) -> String {
    let mut word = String::new();
    for character in text.trim().chars().flat_map(char::to_lowercase) {
        match character {
            'a'..='z' | '0'..='9' | '_' | '.' | '-' => word.push(character),
            _ => word.push_str(in_latin(character)),
        }
        if word.len() >= WORD_CHARS_MAX {
            break;
        }
    }
    if word.is_empty() {
        return fallback.to_owned();
    }
    if !word.starts_with(|first: char| first.is_ascii_lowercase()) {
        word.insert_str(0, "x_");
    }
    word.truncate(WORD_CHARS_MAX);
    word
}

/// A lower-case letter of German or of the Cyrillic alphabets in basic Latin letters; anything else is `_`. Without it, all names
/// of a Russian sender would be the same row of `_`.
fn in_latin(letter: char) -> &'static str {
    /// `а` to `я`, in the order of their code points.
    const CYRILLIC: [&str; 32] = [
        "a", "b", "v", "g", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f", "kh",
        "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya",
    ];
    match letter {
        'ä' => "ae",
        'ö' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'а'..='я' => CYRILLIC[letter as usize - 'а' as usize],
        'ё' => "e",
        'є' => "ye",
        'і' => "i",
        'ї' => "yi",
        'ґ' => "g",
        'ў' => "u",
        _ => "_",
    }
}

/// The name of a classification system, lower-case, blanks as hyphens: `ECLASS-5.1` is `eclass-5.1`, `ETIM 9.0` is `etim-9.0`.
#[must_use]
pub fn system_name(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{is_number, system_name, word};

    #[test]
    fn words() {
        let cases = [
            ("net_list", "net_list"),
            ("EK_ohne_MWST", "ek_ohne_mwst"),
            (" Händlerpreis Süd ", "haendlerpreis_sued"),
            ("1a", "x_1a"),
            ("", "other"),
            ("价", "x__"),
            ("Розничная", "roznichnaya"),
            ("Оптовая цена (Щёлково, объём)", "optovaya_tsena__shchelkovo__obem"),
            ("Ціна Київ", "tsina_kiyiv"),
            ("ъ", "other"),
        ];
        for (sent, expected) in cases {
            assert_eq!(word(sent, "other"), expected);
        }
        assert_eq!(word(&"ä".repeat(40), "other").len(), 32);
        assert_eq!(word(&"9".repeat(40), "other").len(), 32);
    }

    #[test]
    fn systems() {
        assert_eq!(system_name(" ECLASS-5.1\n   "), "eclass-5.1");
        assert_eq!(system_name("ETIM 9.0"), "etim-9.0");
    }

    #[test]
    fn numbers_have_a_length_and_no_control_characters() {
        for (text, expected) in [("A1", true), ("", false), ("a\u{7}", false), ("Ä 1/2", true)] {
            assert_eq!(is_number(text), expected, "{text:?}");
        }
        assert!(is_number(&"x".repeat(128)) && !is_number(&"x".repeat(129)));
    }
}

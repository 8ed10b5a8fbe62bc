//! The texts of one language: findings, errors and words, filled with what they speak of.
//!
//! Each file is parsed once, when its language is first asked for. Values go into a text as they are: whoever writes HTML or CSV
//! escapes the whole.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use plugpoint_sdk::codes::FINDINGS;
use plugpoint_sdk::model::Finding;

use crate::Word;
use crate::language::Language;

/// From this number on digits are grouped, as ISO 80000-1 has it: by a thin space, which every language here understands.
const GROUPED_FROM: u64 = 10_000;

/// The texts of one language.
pub struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// What a text is filled with.
#[derive(Debug, Clone, Copy)]
pub enum Argument<'a> {
    /// A text.
    Text(&'a str),
    /// A number, which also decides about singular and plural.
    Number(u64),
}

static ALL: LazyLock<[Texts; 5]> = LazyLock::new(|| Language::ALL.map(Texts::parsed));

impl Texts {
    /// The texts of a language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        let [en, de, pl, ru, fr] = &*ALL;
        match language {
            Language::En => en,
            Language::De => de,
            Language::Pl => pl,
            Language::Ru => ru,
            Language::Fr => fr,
        }
    }

    /// Their language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A word or a sentence of the report page.
    #[must_use]
    pub fn word(&self, word: Word, arguments: &[(&str, Argument<'_>)]) -> String {
        self.text(word.0, None, arguments)
    }

    /// A number as it is written in texts.
    #[must_use]
    pub fn number(&self, number: u64) -> String {
        grouped(number as f64).unwrap_or_else(|| number.to_string())
    }

    /// What a finding code means in general.
    #[must_use]
    pub fn title(&self, code: &str) -> String {
        self.text(&finding_key(code), None, &[])
    }

    /// What the sender can do about a finding.
    #[must_use]
    pub fn advice(&self, code: &str) -> String {
        self.text(&finding_key(code), Some("advice"), &[])
    }

    /// What an error code means, and what can be done about it.
    #[must_use]
    pub fn error(&self, code: &str) -> (String, String) {
        let own = format!("error-{code}");
        let key = if self.bundle.has_message(&own) { own } else { "error-other".to_owned() };
        (self.text(&key, None, &[]), self.text(&key, Some("advice"), &[]))
    }

    /// A finding in this language, with its advice. In another one than English `message` says what the code means, with value and
    /// place, and `detail` keeps what the reader wrote. What a customer's own code means only its author knows: his sentence stays.
    #[must_use]
    pub fn localized(&self, mut finding: Finding) -> Finding {
        if finding.advice.is_none() {
            finding.advice = Some(self.advice(&finding.code));
        }
        if self.says(&finding.code) {
            let said = self.sentence(&finding);
            finding.detail = Some(std::mem::replace(&mut finding.message, said));
        }
        finding
    }

    /// Whether findings of a code have a sentence of this language in place of what their author wrote.
    #[must_use]
    pub fn says(&self, code: &str) -> bool {
        self.language != Language::En && is_known(code)
    }

    fn sentence(&self, finding: &Finding) -> String {
        let title = self.title(&finding.code);
        let (value, path) = (finding.value.as_deref(), finding.path.as_deref().filter(|path| !path.is_empty()));
        let key = match (value, path) {
            (Some(_), Some(_)) => "finding-says-value-path",
            (Some(_), None) => "finding-says-value",
            (None, Some(_)) => "finding-says-path",
            (None, None) => return title,
        };
        let mut arguments = vec![("title", Argument::Text(&title))];
        arguments.extend(value.map(|value| ("value", Argument::Text(value))));
        arguments.extend(path.map(|path| ("path", Argument::Text(path))));
        self.text(key, None, &arguments)
    }

    fn parsed(language: Language) -> Self {
        // A damaged file still gives what can be read of it; a test holds all of them to be whole.
        let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(readable, _)| readable);
        let mut bundle = FluentBundle::new_concurrent(vec![language.code().parse().unwrap_or_default()]);
        // Marks of direction around each value would end up in tables and in what programs compare.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(|value, _| match value {
            FluentValue::Number(number) => grouped(number.value),
            _ => None,
        }));
        // Nothing can be doubled in an empty bundle but by the file itself, which the test looks at.
        let _ = bundle.add_resource(resource);
        Self { language, bundle }
    }

    fn text(&self, key: &str, attribute: Option<&str>, arguments: &[(&str, Argument<'_>)]) -> String {
        let Some(message) = self.bundle.get_message(key) else { return key.to_owned() };
        let pattern = match attribute {
            Some(name) => message.get_attribute(name).map(|attribute| attribute.value()),
            None => message.value(),
        };
        let Some(pattern) = pattern else { return key.to_owned() };
        let mut filled = FluentArgs::with_capacity(arguments.len());
        for (name, argument) in arguments {
            match *argument {
                Argument::Text(text) => filled.set(Cow::Borrowed(*name), FluentValue::String(Cow::Borrowed(text))),
                Argument::Number(number) => filled.set(Cow::Borrowed(*name), number),
            }
        }
        let mut errors: Vec<FluentError> = Vec::new();
        self.bundle.format_pattern(pattern, Some(&filled), &mut errors).into_owned()
    }
}

fn is_known(code: &str) -> bool {
    FINDINGS.iter().any(|known| known.name == code)
}

fn finding_key(code: &str) -> String {
    format!("finding-{}", if is_known(code) { code } else { "other" })
}

fn source(language: Language) -> &'static str {
    match language {
        Language::En => include_str!("texts/en.ftl"),
        Language::De => include_str!("texts/de.ftl"),
        Language::Pl => include_str!("texts/pl.ftl"),
        Language::Ru => include_str!("texts/ru.ftl"),
        Language::Fr => include_str!("texts/fr.ftl"),
    }
}

/// A whole number in groups of three digits, if it is large enough.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "only whole numbers within u64 get there")]
fn grouped(number: f64) -> Option<String> {
    if number.fract() != 0.0 || !(GROUPED_FROM as f64..1e15).contains(&number) {
        return None;
    }
    let digits = (number as u64).to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use plugpoint_sdk::codes;

    use super::*;
    use crate::word;

    /// Key and attribute (`key.advice`) with the names of the variables in it.
    fn keys(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let (mut keys, mut message, mut at) = (BTreeMap::new(), String::new(), String::new());
        for line in source(language).lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
            if let Some((key, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
                message = key.to_owned();
                at.clone_from(&message);
                assert!(keys.insert(at.clone(), BTreeSet::new()).is_none(), "{key} is there twice");
            } else if let Some((attribute, _)) = line.trim().strip_prefix('.').and_then(|it| it.split_once(" = ")) {
                at = format!("{message}.{attribute}");
                assert!(keys.insert(at.clone(), BTreeSet::new()).is_none(), "{at} is there twice");
            }
            let variables = line
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|it| it.is_ascii_alphanumeric()).collect::<String>());
            keys.get_mut(&at).expect("a message goes before its text").extend(variables);
        }
        keys
    }

    #[test]
    fn every_file_is_well_formed() {
        for language in Language::ALL {
            let parsed = FluentResource::try_new(source(language).to_owned());
            assert!(parsed.is_ok(), "{}: {:?}", language.code(), parsed.err().map(|(_, errors)| errors));
        }
    }

    #[test]
    fn every_code_and_word_is_in_every_language_with_the_same_variables_and_none_is_left_over() {
        let findings = codes::FINDINGS.iter().map(|code| code.name).chain(["other"]);
        let errors = codes::ALL.iter().map(|code| code.name).chain(["other"]);
        let coded = findings.map(|it| format!("finding-{it}")).chain(errors.map(|it| format!("error-{it}")));
        let mut expected: BTreeSet<String> = coded.flat_map(|key| [format!("{key}.advice"), key]).collect();
        expected.extend(["value-path", "value", "path"].map(|says| format!("finding-says-{says}")));
        expected.extend(word::ALL.iter().map(|word| word.0.to_owned()));
        let english = keys(Language::En);
        for language in Language::ALL {
            let keys = keys(language);
            let found: BTreeSet<String> = keys.keys().cloned().collect();
            let (missing, left): (Vec<_>, Vec<_>) =
                (expected.difference(&found).collect(), found.difference(&expected).collect());
            assert!(
                missing.is_empty() && left.is_empty(),
                "{}: missing {missing:?}, left over {left:?}",
                language.code()
            );
            for (key, variables) in &keys {
                assert_eq!(variables, &english[key], "{}: {key}", language.code());
            }
        }
    }

    #[test]
    fn no_text_is_empty_or_the_same_as_in_english() {
        let english = Texts::of(Language::En);
        for language in [Language::De, Language::Pl, Language::Ru, Language::Fr] {
            let texts = Texts::of(language);
            for code in codes::FINDINGS {
                for (own, other) in [
                    (texts.title(code.name), english.title(code.name)),
                    (texts.advice(code.name), english.advice(code.name)),
                ] {
                    assert!(
                        own != other && own.ends_with('.') && own.len() > 10,
                        "{} {}: {own}",
                        language.code(),
                        code.name
                    );
                }
            }
            for code in codes::ALL {
                let (own, other) = (texts.error(code.name), english.error(code.name));
                assert!(own.0 != other.0 && own.1 != other.1, "{} {}", language.code(), code.name);
            }
        }
    }

    #[test]
    fn english_errors_are_those_of_the_codes() {
        for code in codes::ALL {
            assert_eq!(Texts::of(Language::En).error(code.name), (code.title.to_owned(), code.remedy.to_owned()));
        }
        assert_eq!(Texts::of(Language::De).error("no_such_code").0, "Der Import konnte nicht ausgeführt werden");
    }

    #[test]
    fn a_finding_says_what_is_wrong_with_this_value_at_this_place() {
        let finding = || Finding::error("decimal_invalid", "it is no decimal").path("PRICE_AMOUNT").value("12,5x");
        let german = Texts::of(Language::De).localized(finding());
        assert_eq!(
            german.message,
            "Eine Zahl kann nicht als Dezimalzahl gelesen werden. Gesendet wurde „12,5x“ in PRICE_AMOUNT."
        );
        assert_eq!((german.code.as_str(), german.detail.as_deref()), ("decimal_invalid", Some("it is no decimal")));
        assert!(german.advice.is_some_and(|advice| advice.starts_with("Schreiben Sie die Zahl")));
        let english = Texts::of(Language::En).localized(finding());
        assert_eq!((english.message.as_str(), english.detail), ("it is no decimal", None));
        assert!(english.advice.is_some_and(|advice| advice.starts_with("Write the number")));
        let bare = Texts::of(Language::Fr).localized(Finding::warning("sku_missing", "x").path(""));
        assert_eq!(bare.message, "L’enregistrement n’a pas de numéro d’article.");
        let valued = Texts::of(Language::Ru).localized(Finding::warning("date_invalid", "x").value("{ $title }"));
        assert_eq!(valued.message, "Дату или время не удаётся прочитать. Отправлено: «{ $title }».");
    }

    #[test]
    fn a_customers_own_code_and_advice_stay() {
        let mut finding = Finding::error("acme_colour", "no such colour").path("/x");
        finding.advice = Some("take blue".to_owned());
        let told = Texts::of(Language::Pl).localized(finding);
        assert_eq!(
            (told.message.as_str(), told.advice.as_deref(), told.detail),
            ("no such colour", Some("take blue"), None)
        );
        let told = Texts::of(Language::Pl).localized(Finding::error("acme_colour", "no such colour"));
        assert!(told.advice.is_some_and(|advice| advice.starts_with("Przeczytaj komunikat")));
    }

    #[test]
    fn numbers_decide_about_the_plural_and_are_grouped() {
        let partial = |language, read, rejected| {
            let numbers = [("read", read), ("rejected", rejected), ("accepted", read - rejected)];
            Texts::of(language).word(word::OUTCOME_PARTIAL, &numbers.map(|(name, it)| (name, Argument::Number(it))))
        };
        assert_eq!(partial(Language::En, 10_000, 1), "One of 10\u{202f}000 records was rejected. 9999 were taken.");
        assert_eq!(partial(Language::De, 2, 2), "2 von 2 Datensätzen wurden abgelehnt. Übernommen wurde keiner.");
        assert_eq!(partial(Language::Pl, 50, 3), "Odrzucono 3 z 50 rekordów. Przyjęto 47.");
        assert_eq!(partial(Language::Ru, 50, 22), "Отклонены 22 записи из 50. Принято 28.");
        assert_eq!(partial(Language::Ru, 22, 21), "Отклонена 21 запись из 22. Принята 1.");
        assert_eq!(partial(Language::Fr, 2, 1), "Un enregistrement sur 2 a été rejeté. Un seul a été repris.");
    }

    #[test]
    fn groups_have_three_digits() {
        let cases = [
            (9_999.0, None),
            (10_000.0, Some("10 000")),
            (1_234_567.0, Some("1 234 567")),
            (10_000.5, None),
            (1e15, None),
        ];
        for (number, expected) in cases {
            assert_eq!(grouped(number).map(|it| it.replace('\u{202f}', " ")).as_deref(), expected, "{number}");
        }
    }
}

//! Icecat's numbers of languages.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

/// The language of each number from 1 on.
const LANGUAGES: [&str; 52] = [
    "en", "nl", "fr", "de", "it", "es", "da", "ru", "en-US", "pt-BR", "pt", "zh", "sv", "pl", "cs", "hu", "fi", "el",
    "no", "tr", "bg", "ka", "ro", "sr", "uk", "ja", "ca", "es-AR", "hr", "ar", "vi", "ko", "mk", "sl", "en-SG",
    "en-ZA", "zh-TW", "he", "lt", "lv", "en-IN", "de-CH", "id", "sk", "fa", "es-MX", "et", "de-BE", "fr-BE", "nl-BE",
    "th", "ru-UA",
];

/// The language of an element by its number: none where it has none, where it stands for all (0), or where nobody knows it.
pub(crate) fn of(element: &Element) -> Option<&'static str> {
    let number: usize = element.attribute("langid")?.trim().parse().ok()?;
    number.checked_sub(1).and_then(|index| LANGUAGES.get(index)).copied()
}

/// The same; a number that nobody knows is said.
pub(crate) fn told(element: &Element, record: &mut Record<'_>) -> Option<&'static str> {
    let language = of(element);
    let sent = element.attribute("langid").map(str::trim).unwrap_or_default();
    if language.is_none() && !matches!(sent, "" | "0") {
        let message = format!("Icecat's language number is not known; {} is used", record.language);
        record.findings.warn_value(finding::LANGUAGE_UNKNOWN, element, sent, message);
    }
    language
}

/// A name with the language behind it, where it is another one than the record's.
pub(crate) fn marked(name: &str, language: Option<&str>, record: &Record<'_>) -> String {
    match language.filter(|language| *language != record.language) {
        Some(language) => format!("{name}[{language}]"),
        None => name.to_owned(),
    }
}

/// Of several elements of a name that stand for one text in several languages: that of the record's, else the one for all, else the
/// first.
pub(crate) fn pick<'e>(parent: &'e Element, name: &str, record: &Record<'_>) -> Option<&'e Element> {
    let own = |element: &&Element| of(element) == Some(record.language.as_str());
    let for_all = |element: &&Element| element.attribute("langid").is_none_or(|sent| matches!(sent.trim(), "" | "0"));
    let mut named = parent.children().iter().filter(|child| child.name() == name);
    named.clone().find(own).or_else(|| named.clone().find(for_all)).or_else(|| named.next())
}

/// The `Name` of an element in the record's language.
pub(crate) fn name<'e>(parent: &'e Element, record: &Record<'_>) -> Option<&'e str> {
    let name = pick(parent, "Name", record)?;
    let value = name.attribute("Value").unwrap_or_else(|| name.text());
    known(name, &["ID"]);
    Some(value.trim()).filter(|value| !value.is_empty())
}

/// Says that these attributes are Icecat's own bookkeeping, as the crate's documentation names it.
pub(crate) fn known(element: &Element, attributes: &[&str]) {
    for attribute in element.attributes().iter().filter(|attribute| attributes.contains(&attribute.name())) {
        _ = attribute.value();
    }
}

#[cfg(test)]
mod tests {
    use super::LANGUAGES;
    use plugpoint_sdk::reading::language_tag;

    #[test]
    fn every_language_is_one() {
        for language in LANGUAGES {
            assert_eq!(language_tag(language).as_deref(), Some(language));
        }
    }
}

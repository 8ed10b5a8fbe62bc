//! Text on its way into XML. Used wherever the platform or a plugin writes some: answers, the WSDL, questions to a service.

/// Text as it may stand between tags and in attributes. Carriage returns are kept as references, because a reader turns bare
/// ones into line feeds; characters that XML has no way to write become U+FFFD.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#xD;"),
            other if is_writable(other) => escaped.push(other),
            _ => escaped.push('\u{fffd}'),
        }
    }
    escaped
}

/// Whether XML has a way to write a character.
#[must_use]
pub fn is_writable(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::xml::{XmlEvent, XmlOptions, XmlReader};

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(text in any::<String>()) {
            let xml = format!("<r>{}</r>", escaped(&text));
            let mut bytes = xml.as_bytes();
            let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
            let is_start = matches!(reader.next(), Ok(XmlEvent::Start(_)));
            prop_assert!(is_start);
            let is_written = |it: char| !matches!(it, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
            let expected: String = text.chars().map(|it| if is_written(it) { it } else { '\u{fffd}' }).collect();
            prop_assert_eq!(reader.element().map(|it| it.text().to_owned()).map_err(|error| error.to_string()), Ok(expected));
        }
    }
}

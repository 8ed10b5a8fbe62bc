//! The strings that cells share, one behind the other in one text: a workbook may have a million of them.

use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::{XmlError, XmlEvent, XmlReader};

use super::package::{Package, flawed, limit};
use super::{STRINGS_BYTES_MAX, STRINGS_MAX};

/// The strings by their numbers.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn push(&mut self, text: &str) -> Result<(), ApiError> {
        let end = self.text.len() + text.len();
        if end > STRINGS_BYTES_MAX || self.ends.len() >= STRINGS_MAX {
            return Err(limit(format!(
                "the workbook shares more than {STRINGS_MAX} strings or {STRINGS_BYTES_MAX} bytes of them; save the sheet as CSV, which has no such limit"
            )));
        }
        if self.text.capacity() < end {
            // Doubled, but never beyond the bound.
            let wanted = (self.text.capacity() * 2).clamp(end, STRINGS_BYTES_MAX);
            self.text.reserve_exact(wanted - self.text.len());
        }
        self.text.push_str(text);
        // The bound fits into 32 bits.
        self.ends.push(u32::try_from(end).unwrap_or(u32::MAX));
        Ok(())
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }
}

/// Reads them; none if the workbook has none.
pub(super) fn read(package: &mut Package<'_>, name: Option<&str>) -> Result<Strings, TransformError> {
    let mut strings = Strings::default();
    let Some(name) = name.filter(|name| package.has(name)) else { return Ok(strings) };
    let options = package.options();
    let mut part = package.part(name)?;
    let mut reader = XmlReader::new(&mut part, options);
    let mut text = String::new();
    loop {
        let is_string = match reader.next().map_err(|error| flawed(name, error))? {
            XmlEvent::Start(tag) => tag.local() == "si",
            XmlEvent::Eof => return Ok(strings),
            _ => false,
        };
        if !is_string {
            continue;
        }
        text.clear();
        rich(&mut reader, &mut text).map_err(|error| flawed(name, error))?;
        strings.push(&text)?;
    }
}

/// After the start tag of a rich text: the text of its runs, without what only says how it is spoken.
pub(super) fn rich(reader: &mut XmlReader<'_>, into: &mut String) -> Result<(), XmlError> {
    let outside = reader.depth().saturating_sub(1);
    let start = into.len();
    loop {
        let step = match reader.next()? {
            XmlEvent::Start(tag) => match tag.local() {
                "t" => Step::Take,
                // How it is spoken and what it looks like.
                "rPh" | "phoneticPr" | "rPr" => Step::Skip,
                _ => Step::Enter,
            },
            XmlEvent::End => Step::End,
            XmlEvent::Text(_) => Step::Enter,
            XmlEvent::Eof => break,
        };
        match step {
            Step::Take => reader.text_into(into)?,
            Step::Skip => reader.skip()?,
            Step::End if reader.depth() <= outside => break,
            Step::End | Step::Enter => {}
        }
    }
    if into[start..].contains("_x") {
        let plain = unescaped(&into[start..]);
        into.truncate(start);
        into.push_str(&plain);
    }
    Ok(())
}

/// What to do about an event within a rich text.
enum Step {
    Take,
    Skip,
    Enter,
    End,
}

/// `_x000D_` is a character that XML cannot hold; `_x005F_` an underscore that would look like one.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'));
        let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match character {
            Some(character) => {
                plain.push(character);
                rest = &rest[at + 7..];
            }
            None => {
                plain.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::{STRINGS_BYTES_MAX, STRINGS_MAX, Strings, unescaped};

    #[test]
    fn strings_are_bounded_by_number_and_by_size() {
        let mut strings = Strings::default();
        assert!((0..STRINGS_MAX).all(|_| strings.push("").is_ok()));
        assert!(strings.push("").is_err());
        let (mut strings, piece) = (Strings::default(), "a".repeat(1 << 20));
        assert!((0..STRINGS_BYTES_MAX >> 20).all(|_| strings.push(&piece).is_ok()));
        assert!(strings.push("").is_ok() && strings.push("a").is_err());
        assert_eq!(strings.text.capacity(), STRINGS_BYTES_MAX);
        assert_eq!((strings.get(1).map(str::len), strings.get(32), strings.get(33)), (Some(1 << 20), Some(""), None));
    }

    #[test]
    fn escaped_characters_become_what_they_are() {
        for (text, expected) in [
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x00", "_x00"),
            ("_xZZZZ_", "_xZZZZ_"),
            ("_xD800_", "_xD800_"),
            ("_x0041", "_x0041"),
            ("_xäöü_", "_xäöü_"),
        ] {
            assert_eq!(unescaped(text), expected, "{text}");
        }
    }
}

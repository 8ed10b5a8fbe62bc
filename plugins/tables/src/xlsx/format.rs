//! How numbers are shown: whether one is a date, has leading zeros, is a percentage or money.
//!
//! Only what changes the meaning of a number is read of a format. How many digits are shown is not: the value counts.

use std::collections::HashMap;

use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::xml::{XmlEvent, XmlReader};

use super::package::{Package, flawed};
use crate::amount;

/// Formats of cells that a workbook may have; Excel itself stops at 64,000.
const FORMATS_MAX: usize = 65_536;
/// The longest run of zeros that is a number's width.
const ZEROS_MAX: usize = 32;

/// What a format means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Format {
    /// A number as it is.
    #[default]
    Plain,
    /// A day.
    Date,
    /// A day with its time.
    DateTime,
    /// A time of a day.
    Time,
    /// So many digits, filled with zeros.
    Zeros(u8),
    /// A hundredth.
    Percent,
    /// Money, with its code.
    Money([u8; 3]),
}

/// The formats of cells by their numbers.
pub(super) fn read(package: &mut Package<'_>, name: Option<&str>) -> Result<Vec<Format>, TransformError> {
    let mut formats = Vec::new();
    let Some(name) = name.filter(|name| package.has(name)) else { return Ok(formats) };
    let options = package.options();
    let mut part = package.part(name)?;
    let mut reader = XmlReader::new(&mut part, options);
    let mut own: HashMap<u32, Format> = HashMap::new();
    let mut cells_depth = None;
    loop {
        let depth = reader.depth();
        match reader.next().map_err(|error| flawed(name, error))? {
            XmlEvent::Start(tag) => {
                let number = |name: &str| tag.attribute(name).and_then(|text| text.trim().parse::<u32>().ok());
                match tag.local() {
                    "numFmt" if own.len() < FORMATS_MAX => {
                        let code = tag.attribute("formatCode").unwrap_or_default();
                        own.extend(number("numFmtId").map(|id| (id, meaning(code))));
                    }
                    "cellXfs" => cells_depth = Some(depth + 1),
                    "xf" if cells_depth == Some(depth) && formats.len() < FORMATS_MAX => {
                        let id = number("numFmtId").unwrap_or(0);
                        formats.push(own.get(&id).copied().unwrap_or_else(|| built_in(id)));
                    }
                    _ => {}
                }
            }
            XmlEvent::End if cells_depth == Some(depth) => cells_depth = None,
            XmlEvent::End => {}
            XmlEvent::Eof => return Ok(formats),
            XmlEvent::Text(_) => {}
        }
    }
}

/// The formats that a workbook does not have to write down.
fn built_in(id: u32) -> Format {
    match id {
        9 | 10 => Format::Percent,
        14..=17 | 27..=31 | 34..=36 | 50..=58 => Format::Date,
        22 => Format::DateTime,
        18..=21 | 32 | 33 | 45..=47 => Format::Time,
        _ => Format::Plain,
    }
}

/// What a code means, by its first section: `dd.mm.yyyy`, `00000`, `0.00%`, `#,##0.00 [$€-407]`.
fn meaning(code: &str) -> Format {
    let mut bare = String::new();
    let mut money = None;
    let mut is_elapsed = false;
    let mut characters = code.chars();
    while let Some(character) = characters.next() {
        match character {
            ';' => break,
            '"' => {
                let quoted: String = characters.by_ref().take_while(|character| *character != '"').collect();
                money = money.or_else(|| mark(&quoted));
            }
            '\\' | '_' | '*' => _ = characters.next(),
            '[' => {
                let inner: String = characters.by_ref().take_while(|character| *character != ']').collect();
                is_elapsed |= matches!(inner.to_ascii_lowercase().as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss");
                if let Some(sign) = inner.strip_prefix('$') {
                    let (sign, place) = sign.split_once('-').unwrap_or((sign, ""));
                    // The sign of the dollar is that of the United States where the place is theirs.
                    money = money.or_else(|| if sign == "$" && place == "409" { mark("us$") } else { mark(sign) });
                }
            }
            character => {
                money = money.or_else(|| {
                    if matches!(character, '€' | '£' | '₽') { mark(&character.to_string()) } else { None }
                });
                bare.extend(character.to_lowercase());
            }
        }
    }
    let has = |letters: &[char]| bare.contains(letters);
    if bare.trim() == "general" || bare.trim() == "standard" || is_elapsed {
        return Format::Plain;
    }
    match (has(&['y', 'd']) || (has(&['m']) && !has(&['h', 's'])), has(&['h', 's'])) {
        (true, true) => return Format::DateTime,
        (true, false) => return Format::Date,
        (false, true) => return Format::Time,
        (false, false) => {}
    }
    let zeros = bare.trim();
    if zeros.len() >= 2 && zeros.len() <= ZEROS_MAX && zeros.bytes().all(|byte| byte == b'0') {
        return Format::Zeros(zeros.len() as u8);
    }
    if bare.contains('%') {
        return Format::Percent;
    }
    money.map_or(Format::Plain, Format::Money)
}

fn mark(text: &str) -> Option<[u8; 3]> {
    amount::currency(text).and_then(|code| code.into_bytes().try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_a_person_sees() {
        for (code, expected) in [
            ("General", Format::Plain),
            ("0.00", Format::Plain),
            ("#,##0", Format::Plain),
            ("0.00E+00", Format::Plain),
            ("@", Format::Plain),
            ("00000", Format::Zeros(5)),
            ("0", Format::Plain),
            ("0.0%", Format::Percent),
            ("dd.mm.yyyy", Format::Date),
            ("mmm\\-yy", Format::Date),
            ("[$-407]d/m/yyyy h:mm", Format::DateTime),
            ("yyyy-mm-dd\\Thh:mm:ss", Format::DateTime),
            ("h:mm AM/PM", Format::Time),
            ("[h]:mm", Format::Plain),
            ("#,##0.00\\ [$€-407];[Red]-#,##0.00\\ [$€-407]", Format::Money(*b"EUR")),
            ("#,##0.00\\ \"€\"", Format::Money(*b"EUR")),
            ("[$CHF-807]\\ #,##0.00", Format::Money(*b"CHF")),
            ("[$$-409]#,##0.00", Format::Money(*b"USD")),
            ("\"$\"#,##0.00", Format::Plain),
            ("0.00\" kg\"", Format::Plain),
            ("0\" days\"", Format::Plain),
            ("[Red]0.00;yyyy", Format::Plain),
            ("", Format::Plain),
            ("\"unclosed", Format::Plain),
        ] {
            assert_eq!(meaning(code), expected, "{code}");
        }
    }
}

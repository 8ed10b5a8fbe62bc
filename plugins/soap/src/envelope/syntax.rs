//! What XML 1.0 allows where: characters, names, references. Pure functions over bytes that are known to be UTF-8.
//!
//! Called by the scanner for every token, so each is one loop over a table. They resolve nothing but the five predefined
//! entities and character references.

/// What a byte of character data needs: nothing, or a closer look.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Plain,
    Markup,
    Reference,
    Bracket,
    Illegal,
    /// Lead byte of U+F000 to U+FFFF, where the two noncharacters live.
    High,
}

static CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Plain; 256];
    let mut byte = 0;
    while byte < 0x20 {
        if byte != 0x09 && byte != 0x0a && byte != 0x0d {
            table[byte] = Class::Illegal;
        }
        byte += 1;
    }
    table[b'<' as usize] = Class::Markup;
    table[b'&' as usize] = Class::Reference;
    table[b']' as usize] = Class::Bracket;
    table[0xef] = Class::High;
    table
}

/// Why a stretch of character data ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// At a `<`.
    Markup,
    /// At a `&`.
    Reference,
    /// The bytes are used up, or what follows cannot be judged without more of them.
    MoreNeeded,
    /// At a character that XML does not allow.
    Illegal,
    /// At a `]]>` outside of a CDATA section.
    SectionEnd,
}

/// The length of the plain text at the start of `bytes`, and what follows it.
pub(crate) fn plain_text(bytes: &[u8]) -> (usize, Stop) {
    let mut at = 0;
    while at < bytes.len() {
        match CLASSES[bytes[at] as usize] {
            Class::Plain => {}
            Class::Markup => return (at, Stop::Markup),
            Class::Reference => return (at, Stop::Reference),
            Class::Illegal => return (at, Stop::Illegal),
            Class::Bracket => match bytes[at..] {
                [_, b']', b'>', ..] => return (at, Stop::SectionEnd),
                [_] | [_, b']'] => return (at, Stop::MoreNeeded),
                _ => {}
            },
            Class::High => match bytes[at..] {
                [_, 0xbf, 0xbe | 0xbf, ..] => return (at, Stop::Illegal),
                [_] | [_, _] => return (at, Stop::MoreNeeded),
                _ => {}
            },
        }
        at += 1;
    }
    (at, Stop::MoreNeeded)
}

/// The place of the first character that XML does not allow anywhere, if there is one.
pub(crate) fn illegal_character(bytes: &[u8]) -> Option<usize> {
    bytes.iter().enumerate().position(|(at, byte)| match CLASSES[*byte as usize] {
        Class::Illegal => true,
        Class::High => matches!(bytes[at..], [_, 0xbf, 0xbe | 0xbf, ..]),
        _ => false,
    })
}

/// The length of `bytes` without a character that is cut off at its end.
pub(crate) fn whole_characters(bytes: &[u8]) -> usize {
    let tail = bytes.len().saturating_sub(4);
    let lead = bytes[tail..].iter().rposition(|byte| byte & 0xc0 != 0x80).map(|at| tail + at);
    match lead {
        Some(at) if at + character_bytes(bytes[at]) > bytes.len() => at,
        _ => bytes.len(),
    }
}

fn character_bytes(lead: u8) -> usize {
    match lead {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    }
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether a byte may start a name, and whether it may be in one. Characters beyond ASCII are left to whoever reads the
/// document; for telling where a name ends they are all alike.
static NAME_BYTES: [(bool, bool); 256] = name_bytes();

const fn name_bytes() -> [(bool, bool); 256] {
    let mut table = [(false, false); 256];
    let mut byte = 0;
    while byte < 256 {
        let is_start =
            (byte as u8).is_ascii_alphabetic() || byte == b'_' as usize || byte == b':' as usize || byte >= 0x80;
        let is_part = is_start || (byte as u8).is_ascii_digit() || byte == b'-' as usize || byte == b'.' as usize;
        table[byte] = (is_start, is_part);
        byte += 1;
    }
    table
}

fn is_name_start(byte: u8) -> bool {
    NAME_BYTES[byte as usize].0
}

/// The length of the name at the start of `bytes`; zero if there is none.
pub(crate) fn name_length(bytes: &[u8]) -> usize {
    if !bytes.first().copied().is_some_and(is_name_start) {
        return 0;
    }
    bytes.iter().position(|byte| !NAME_BYTES[*byte as usize].1).unwrap_or(bytes.len())
}

/// Prefix and local part of a name; `None` if the colons are not where a qualified name has them.
pub(crate) fn split_name(name: &[u8]) -> Option<(&[u8], &[u8])> {
    // Names are short: a loop is faster than a search that is made for pages.
    match name.iter().position(|byte| *byte == b':') {
        None => Some((b"", name)),
        Some(0) => None,
        Some(at) => {
            let local = &name[at + 1..];
            let is_valid = local.first().copied().is_some_and(|byte| byte != b':' && is_name_start(byte));
            (is_valid && !local.contains(&b':')).then_some((&name[..at], local))
        }
    }
}

/// What a reference stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    Character(char),
    /// An entity that is not one of XML's five.
    Unknown,
    /// A number that is no character, or no reference at all.
    Malformed,
}

/// Reads the part of a reference between `&` and `;`.
pub(crate) fn reference(inner: &[u8]) -> Reference {
    match inner {
        b"amp" => Reference::Character('&'),
        b"lt" => Reference::Character('<'),
        b"gt" => Reference::Character('>'),
        b"quot" => Reference::Character('"'),
        b"apos" => Reference::Character('\''),
        [b'#', b'x', digits @ ..] => character(digits, 16),
        [b'#', digits @ ..] => character(digits, 10),
        name if !name.is_empty() && name_length(name) == name.len() => Reference::Unknown,
        _ => Reference::Malformed,
    }
}

fn character(digits: &[u8], radix: u32) -> Reference {
    let is_number = !digits.is_empty() && digits.iter().all(|digit| char::from(*digit).is_digit(radix));
    let number =
        std::str::from_utf8(digits).ok().filter(|_| is_number).and_then(|text| u32::from_str_radix(text, radix).ok());
    match number.and_then(char::from_u32) {
        Some(found) if is_xml_character(found) => Reference::Character(found),
        _ => Reference::Malformed,
    }
}

pub(crate) fn is_xml_character(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Text whose references have been checked, with each replaced by its character.
pub(crate) fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        text.push_str(&rest[..at]);
        let Some(length) = rest[at..].find(';') else { break };
        match reference(&rest.as_bytes()[at + 1..at + length]) {
            Reference::Character(character) => text.push(character),
            Reference::Unknown | Reference::Malformed => text.push_str(&rest[at..=at + length]),
        }
        rest = &rest[at + length + 1..];
    }
    text.push_str(rest);
    text
}

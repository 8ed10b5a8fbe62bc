//! What `&...;` stands for: XML's five, a number, or a name of the caller's fixed table. Nothing is ever expanded twice.

use super::chars;
use super::error::XmlErrorKind;
use super::options::EntityTable;
use super::tag::Flaw;

/// Appends what the reference `name` (without `&` and `;`) stands for. `at` is where its `&` is, for the flaw.
pub(super) fn resolve(name: &str, at: usize, entities: Option<&EntityTable>, into: &mut String) -> Result<(), Flaw> {
    if let Some(number) = name.strip_prefix('#') {
        into.push(character(number).ok_or_else(|| no_character(name, at))?);
        return Ok(());
    }
    let text = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => entities.and_then(|table| table.get(name)).ok_or_else(|| unknown(name, at))?,
    };
    into.push_str(text);
    Ok(())
}

/// Appends an attribute's value with its references resolved and its line breaks and tabs as blanks.
pub(super) fn attribute_value(
    raw: &str,
    at: usize,
    entities: Option<&EntityTable>,
    into: &mut String,
) -> Result<(), Flaw> {
    let mut rest = raw;
    while let Some(special) = rest.find(['&', '\t', '\n', '\r']) {
        into.push_str(&rest[..special]);
        let here = at + raw.len() - rest.len() + special;
        let tail = &rest[special..];
        if let Some(reference) = tail.strip_prefix('&') {
            let Some((name, behind)) = reference.split_once(';') else {
                return Err(Flaw::malformed(here, "a reference has no ';'"));
            };
            resolve(name, here, entities, into)?;
            rest = behind;
        } else {
            into.push(' ');
            rest = tail.strip_prefix("\r\n").unwrap_or(&tail[1..]);
        }
    }
    into.push_str(rest);
    Ok(())
}

/// Appends text with its line ends as `\n`, the way XML wants them.
pub(super) fn text_run(raw: &str, into: &mut String) {
    let mut rest = raw;
    while let Some(end) = memchr::memchr(b'\r', rest.as_bytes()) {
        into.push_str(&rest[..end]);
        into.push('\n');
        rest = rest[end + 1..].strip_prefix('\n').unwrap_or(&rest[end + 1..]);
    }
    into.push_str(rest);
}

fn character(number: &str) -> Option<char> {
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |hexadecimal| (hexadecimal, 16));
    // `from_str_radix` would take a sign.
    let plain = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain)?;
    char::from_u32(code).filter(|&character| chars::is_legal(character))
}

fn no_character(name: &str, at: usize) -> Flaw {
    Flaw::malformed(at, format!("&{}; is no character of XML", shown(name)))
}

fn unknown(name: &str, at: usize) -> Flaw {
    if chars::name_flaw(name).is_some() {
        return Flaw::malformed(at, format!("&{}; is no reference; write & as &amp;", shown(name)));
    }
    Flaw { kind: XmlErrorKind::EntityUnknown, at, message: format!("the entity &{}; is not defined", shown(name)) }
}

fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

//! Whether a text has markup, and of which kind: the code of list 34 that goes with it.

use plugpoint_sdk::xml::{Doctype, XHTML_CHARACTERS, XmlEvent, XmlOptions, XmlReader};

/// Escaped markup that is well-formed and in small letters, as XHTML is.
const XHTML: &str = "05";
/// Any other markup.
const HTML: &str = "02";

/// Elements of running text, as catalogs have them.
#[rustfmt::skip]
const ELEMENTS: &[&str] = &[
    "a", "abbr", "acronym", "address", "b", "bdo", "big", "blockquote", "body", "br", "caption", "center", "cite", "code", "dd", "del",
    "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "html", "i", "img", "ins", "kbd", "li",
    "ol", "p", "pre", "q", "rb", "rp", "rt", "ruby", "s", "samp", "section", "small", "span", "strike", "strong", "style", "sub", "sup",
    "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var", "video",
];

/// The text format; nothing for plain text, which is what ONIX takes a text for.
pub(super) fn format(text: &str) -> Option<&'static str> {
    let mut tags = tags(text).peekable();
    if tags.peek().is_none() && !has_reference(text) {
        return None;
    }
    let is_small = tags.all(|name| !name.bytes().any(|byte| byte.is_ascii_uppercase()));
    Some(if is_small && is_well_formed(text) { XHTML } else { HTML })
}

/// The names of HTML elements that begin or end in a text. `a < b` and `<i-phone>` are none.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split('<').skip(1).filter_map(|tag| {
        let (tag, _) = tag.split_once('>')?;
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let end = tag.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let (name, rest) = tag.split_at(end);
        let is_ended = rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n', '/']);
        (is_ended && ELEMENTS.iter().any(|known| known.eq_ignore_ascii_case(name))).then_some(name)
    })
}

/// Whether a character is written as HTML writes it: `&amp;`, `&eacute;`, `&#233;`.
fn has_reference(text: &str) -> bool {
    text.split('&').skip(1).any(|behind| {
        behind.split_once(';').is_some_and(|(name, _)| {
            name.len() <= 10 && !name.is_empty() && parsed(&format!("<p>&{name};</p>")) && !name.contains(['<', '&'])
        })
    })
}

fn is_well_formed(text: &str) -> bool {
    parsed(&format!("<div>{text}</div>"))
}

fn parsed(xml: &str) -> bool {
    let entities = Some(&*XHTML_CHARACTERS);
    let options = XmlOptions { charset: Some("utf-8"), doctype: Doctype::Refuse, entities, ..XmlOptions::default() };
    let mut bytes = xml.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, options);
    loop {
        match reader.next() {
            Ok(XmlEvent::Eof) => return true,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn markup_is_told_from_plain_text() {
        let cases = [
            ("", None),
            ("A < B and C > D", None),
            ("a<b>c, an arrow -> and <i-phone> or <nobody@example.org>", Some("02")),
            ("an arrow -> and <i-phone> or <nobody@example.org>", None),
            ("Rock & Roll; AT&T", None),
            ("<p>Ein Buch</p>", Some("05")),
            ("<p>Ein Buch<br/>und &eacute;ines &amp; mehr</p>", Some("05")),
            ("Zeile<br />Zeile", Some("05")),
            ("Zeile<br>Zeile", Some("02")),
            ("<P>Ein Buch</P>", Some("02")),
            ("<p>offen", Some("02")),
            ("<a href=x>y</a>", Some("02")),
            ("caf&eacute;", Some("05")),
            ("caf&#233;", Some("05")),
            ("x &nothing; y", None),
        ];
        for (text, expected) in cases {
            assert_eq!(format(text), expected, "{text}");
        }
    }
}

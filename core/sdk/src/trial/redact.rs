//! Takes secrets and persons out of a document before it becomes a test case, without changing how it is read.
//!
//! Conservative on purpose: it replaces values whose place or form says what they are, never element names, quotes or numbers
//! of items, and it tells what it replaced. Who records a case still reads it before committing it.
//!
//! Replaced are: passwords in addresses (`//user:password@`), parameters of addresses that carry a key (`token=`, `signature=`
//! and the like), e-mail addresses, and the content of elements, attributes and JSON fields that are named for a secret, a
//! telephone or a contact person.

use regex::{Captures, Regex};

/// One thing that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// What kind of thing it was.
    pub what: &'static str,
    /// The line in the document, from 1.
    pub line: usize,
    /// The text that stands there now, with what names it.
    pub now: String,
}

const NAMES: &str = r"(?:[A-Za-z_]*(?:password|passwd|passwort|secret|token|api_?key|e_?mail|phone|telefon|mobile|fax)|contact_name|first_name|last_name|ansprechpartner|iban)";

/// What is looked for; the first group stays, the second is replaced, and the third stays.
const RULES: [(&str, &str, &str); 6] = [
    ("password in an address", r"(:(?:\\?/){2}[^/\s:@<>]+:)([^/\s@<>]+)(@)", "removed"),
    (
        "key in an address",
        r"(?i)([?&](?:amp;)?(?:access_|auth_)?(?:token|api_?key|key|sig|signature|password|passwd|pwd|secret|auth|session|sid|x-amz-[a-z]+)=)([^&\s<>\x22\x27]+)()",
        "removed",
    ),
    (
        "e-mail address",
        r"()([A-Za-z0-9._%+-]+@(?:[A-Za-z]|[0-9]+[A-WYZa-wyz])[A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)()",
        "someone@example.invalid",
    ),
    ("content of an element", r"(?i)(<(?:[A-Za-z0-9]+:)?NAMES(?:\s[^<>]*)?>)([^<>]+)(</)", "removed"),
    ("value of an attribute", r#"(?i)(\sNAMES\s*=\s*["'])([^"'<>]+)(["'])"#, "removed"),
    ("value of a field", r#"(?i)("NAMES"\s*:\s*")((?:[^"\\]|\\.)+)(")"#, "removed"),
];

/// The document without what gives a person or a secret away, and what was replaced. UTF-16 stays UTF-16; in other encodings
/// only bytes of ASCII are touched.
#[must_use]
pub fn redacted(document: &[u8]) -> (Vec<u8>, Vec<Redaction>) {
    match document {
        [0xff, 0xfe, ..] => wide(document, u16::from_le_bytes, u16::to_le_bytes),
        [0xfe, 0xff, ..] => wide(document, u16::from_be_bytes, u16::to_be_bytes),
        _ => {
            // One character for each byte, so that bytes of any encoding come back as they were.
            let text: String = document.iter().copied().map(char::from).collect();
            let (text, list) = in_text(text);
            (text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?')).collect(), list)
        }
    }
}

fn wide(document: &[u8], read: fn([u8; 2]) -> u16, write: fn(u16) -> [u8; 2]) -> (Vec<u8>, Vec<Redaction>) {
    let units: Vec<u16> = document.chunks_exact(2).map(|pair| read([pair[0], pair[1]])).collect();
    // A document that is no UTF-16 in the end is recorded for that; it stays as it is.
    let Ok(text) = String::from_utf16(&units) else { return (document.to_vec(), Vec::new()) };
    let (text, list) = in_text(text);
    (text.encode_utf16().flat_map(write).collect(), list)
}

fn in_text(mut text: String) -> (String, Vec<Redaction>) {
    let mut list = Vec::new();
    for (what, pattern, replacement) in RULES {
        // The patterns are constants; a test compiles each.
        let Ok(pattern) = Regex::new(&pattern.replace("NAMES", NAMES)) else { continue };
        let mut found = Vec::new();
        let replaced = pattern.replace_all(&text, |groups: &Captures<'_>| {
            let (head, tail) = (&groups[1], &groups[3]);
            // What was replaced before, and what is empty but for blanks, says nothing.
            if groups[2].trim().is_empty() || groups[2].contains("example.invalid") || groups[2].starts_with("removed")
            {
                return groups[0].to_owned();
            }
            let at = groups.get(0).map_or(0, |all| all.start());
            found.push((at, format!("{}{replacement}", head.trim_start_matches(['?', '&']))));
            format!("{head}{replacement}{tail}")
        });
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        list.extend(found.into_iter().map(|(at, now)| Redaction { what, line: line(at), now }));
        text = replaced.into_owned();
    }
    list.sort_by_key(|redaction| redaction.line);
    (text, list)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, RULES, redacted};

    fn text(document: &str) -> (String, usize) {
        let (bytes, list) = redacted(document.as_bytes());
        (String::from_utf8(bytes).unwrap(), list.len())
    }

    #[test]
    fn every_pattern_compiles() {
        assert!(RULES.iter().all(|(_, pattern, _)| regex::Regex::new(&pattern.replace("NAMES", NAMES)).is_ok()));
    }

    #[test]
    fn secrets_and_persons_go_and_the_rest_stays() {
        let cases = [
            ("<U>ftp://bob:s3cret@host.example/a.jpg</U>", "<U>ftp://bob:removed@host.example/a.jpg</U>"),
            (
                "<U>https://h/a.jpg?w=5&amp;token=abc&amp;x=1</U>",
                "<U>https://h/a.jpg?w=5&amp;token=removed&amp;x=1</U>",
            ),
            ("\"ftp:\\/\\/bob:s3cret@h.example\\/a\"", "\"ftp:\\/\\/bob:removed@h.example\\/a\""),
            ("{\"url\": \"https://h/a?sig=a%2Fb\"}", "{\"url\": \"https://h/a?sig=removed\"}"),
            ("<EMAIL>ann.lee@corp.example</EMAIL>", "<EMAIL>someone@example.invalid</EMAIL>"),
            ("<PHONE type=\"x\">+49 30 1</PHONE>", "<PHONE type=\"x\">removed</PHONE>"),
            ("<b:CONTACT_NAME>Lee</b:CONTACT_NAME>", "<b:CONTACT_NAME>removed</b:CONTACT_NAME>"),
            ("<login user='a' password='p'/>", "<login user='a' password='removed'/>"),
            ("{\"api_key\": \"a\\\"b\", \"sku\": \"1\"}", "{\"api_key\": \"removed\", \"sku\": \"1\"}"),
        ];
        for (before, after) in cases {
            assert_eq!(text(before), (after.to_owned(), 1), "{before}");
            assert_eq!(text(after), (after.to_owned(), 0), "{before}: a second time");
        }
    }

    #[test]
    fn what_only_looks_like_it_stays() {
        for same in [
            "<SUPPLIER_PID>TOKEN-1</SUPPLIER_PID>",
            "<TITLE>Passwort vergessen? Ein Ratgeber</TITLE>",
            "<URL>https://host:8080/a@2x.jpg?width=5</URL>",
            "<PHONE></PHONE><PHONE>  </PHONE>",
            "<COLOUR monkey='x'/>",
        ] {
            assert_eq!(text(same), (same.to_owned(), 0));
        }
    }

    #[test]
    fn encodings_come_back_as_they_were() {
        let latin = b"<A>\xe4\xff</A><FAX>030 \xe4</FAX>".to_vec();
        assert_eq!(redacted(&latin).0, b"<A>\xe4\xff</A><FAX>removed</FAX>");
        for unit in [u16::to_le_bytes, u16::to_be_bytes] {
            let encoded = |text: &str| -> Vec<u8> { format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect() };
            assert_eq!(redacted(&encoded("<A>ä</A>\n<FAX>1</FAX>")).0, encoded("<A>ä</A>\n<FAX>removed</FAX>"));
        }
        let (_, list) = redacted(b"a\n<FAX>1</FAX>");
        assert_eq!((list[0].line, list[0].now.as_str(), list[0].what), (2, "<FAX>removed", "content of an element"));
    }
}

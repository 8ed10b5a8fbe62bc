//! What the reader gives for documents that are to be read: events, positions, trees, encodings, bounds.

use std::fmt::Write as _;
use std::io::{self, BufRead, Read};

use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Position;
use plugpoint_sdk::xml::{Doctype, EntityTable, XmlError, XmlErrorKind, XmlEvent, XmlLimits, XmlOptions, XmlReader};

/// A source that gives so many bytes at a time.
pub(crate) struct Drip<'a> {
    bytes: &'a [u8],
    step: usize,
}

impl<'a> Drip<'a> {
    pub(crate) fn new(bytes: &'a [u8], step: usize) -> Self {
        Self { bytes, step }
    }
}

impl Read for Drip<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Drip<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(&self.bytes[..self.bytes.len().min(self.step)])
    }
    fn consume(&mut self, count: usize) {
        self.bytes = &self.bytes[count..];
    }
}

/// Every event as a line: `line:column kind content`.
pub(crate) fn dump(source: &mut dyn BufRead, options: XmlOptions<'_>) -> Result<String, XmlError> {
    let mut reader = XmlReader::new(source, options);
    let mut out = String::new();
    loop {
        let line = match reader.next()? {
            XmlEvent::Start(tag) => {
                let mut line = format!("<{{{}}}{}", tag.namespace(), tag.local());
                for attribute in tag.attributes() {
                    let _ = write!(line, " {{{}}}{}={:?}", attribute.namespace(), attribute.local(), attribute.value());
                }
                line
            }
            XmlEvent::End => ">".to_owned(),
            XmlEvent::Text(text) => format!("{text:?}"),
            XmlEvent::Eof => return Ok(out),
        };
        let position = reader.position();
        let _ = writeln!(out, "{}:{} {line}", position.line, position.column);
    }
}

fn check(document: &str, options: XmlOptions<'_>, expected: &str) {
    for step in [1, 2, 3, 7, 1 << 20] {
        let mut source = Drip::new(document.as_bytes(), step);
        let found = dump(&mut source, options).unwrap_or_else(|error| panic!("{document}: {error}"));
        assert_eq!(found, expected, "{document} by {step}");
    }
}

#[test]
fn texts_are_merged_and_positions_are_those_of_their_starts() {
    check(
        "<a>\n  x &amp; <![CDATA[<y>]]><!-- no --> &#x1F600;<?pi?>z\r\nnext\r</a>",
        XmlOptions::default(),
        "1:1 <{}a\n1:4 \"\\n  x & <y> 😀z\\nnext\\n\"\n3:6 >\n",
    );
}

#[test]
fn empty_elements_are_a_start_and_an_end() {
    check(
        "<a><b/><c  /><d></d ></a>\n",
        XmlOptions::default(),
        "1:1 <{}a\n1:4 <{}b\n1:8 >\n1:8 <{}c\n1:14 >\n1:14 <{}d\n1:17 >\n1:22 >\n",
    );
}

#[test]
fn namespaces_follow_their_scope() {
    check(
        "<a xmlns='u' xmlns:p='v'><p:b p:c='1' c='2' xml:lang='de'/><d xmlns=''><p:e xmlns:p='w'/></d><p:f/></a>",
        XmlOptions::default(),
        "1:1 <{u}a\n1:26 <{v}b {v}c=\"1\" {}c=\"2\" {http://www.w3.org/XML/1998/namespace}lang=\"de\"\n1:60 >\n1:60 <{}d\n\
         1:72 <{w}e\n1:90 >\n1:90 >\n1:94 <{v}f\n1:100 >\n1:100 >\n",
    );
}

#[test]
fn attribute_values_are_normalised() {
    check(
        "<a b = 'x\n\ty' c=\"it's &quot;&#10;&gt;\" d='' e='>'/>",
        XmlOptions::default(),
        "1:1 <{}a {}b=\"x  y\" {}c=\"it's \\\"\\n>\" {}d=\"\" {}e=\">\"\n2:42 >\n",
    );
}

#[test]
fn doctypes_are_skipped_unread() {
    let skip = XmlOptions { doctype: Doctype::Skip, ..XmlOptions::default() };
    for doctype in [
        "<!DOCTYPE a>",
        "<!DOCTYPE a SYSTEM \"doc/[a>b].dtd\">",
        "<!DOCTYPE a PUBLIC '-//X//Y' 'z.dtd' [ ]>",
        "<!DOCTYPE a [<!ENTITY % USER 'x]>'> %USER; <!ELEMENT a ANY> <!ATTLIST a b CDATA ']>'>]>",
        "<!DOCTYPE a [<!-- it's ]> \" --> <?pi ]> ' ?> <!NOTATION n SYSTEM ']>'>] >",
        "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'><!ENTITY lol '&lol;&lol;'>]>",
    ] {
        let document = format!("<?xml version='1.0'?><!-- c -->{doctype}<a/>");
        let column = 32 + doctype.len();
        check(&document, skip, &format!("1:{column} <{{}}a\n1:{} >\n", column + 4));
    }
}

#[test]
fn a_fixed_table_adds_named_characters() {
    let table = EntityTable::new([("auml", "ä"), ("markup", "<b>")]);
    let options = XmlOptions { entities: Some(&table), ..XmlOptions::default() };
    check("<a b='&auml;'>&markup;</a>", options, "1:1 <{}a {}b=\"ä\"\n1:15 \"<b>\"\n1:23 >\n");
}

#[test]
fn any_minor_version_is_read() {
    check(
        "<?xml version=\"1.1\" encoding=\"UTF-8\" standalone=\"yes\"?><a/>",
        XmlOptions::default(),
        "1:56 <{}a\n1:60 >\n",
    );
}

#[test]
fn every_encoding_gives_the_same_events() {
    let body = "<a b='Größe'>\nÄpfel & Birnen €</a>".replace(" & ", " &amp; ");
    let expected = "1:1 <{}a {}b=\"Größe\"\n1:14 \"\\nÄpfel & Birnen €\"\n2:21 >\n";
    let utf_16 = |big: bool, mark: bool| {
        let text = if mark { format!("\u{FEFF}{body}") } else { body.clone() };
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect::<Vec<u8>>()
    };
    let windows = encoding_rs::WINDOWS_1252.encode(&body).0.into_owned();
    let latin_9 = encoding_rs::ISO_8859_15.encode(&body).0.into_owned();
    let declared =
        |label: &str, bytes: &[u8]| [format!("<?xml version='1.0' encoding='{label}'?>").as_bytes(), bytes].concat();
    let shifted = |expected: &str, by: usize| {
        expected.replacen("1:1 ", &format!("1:{} ", by + 1), 1).replacen("1:14 ", &format!("1:{} ", by + 14), 1)
    };
    for (bytes, charset, by) in [
        (body.clone().into_bytes(), None, 0),
        ([b"\xEF\xBB\xBF", body.as_bytes()].concat(), Some("iso-8859-1"), 0),
        (utf_16(false, true), None, 0),
        (utf_16(true, true), Some("utf-8"), 0),
        (utf_16(false, false), None, 0),
        (utf_16(true, false), None, 0),
        (utf_16(true, false), Some("UTF-16"), 0),
        (utf_16(false, false), Some("utf-16le"), 0),
        (windows.clone(), Some("windows-1252"), 0),
        (declared("windows-1252", &windows), None, 45),
        (declared("ISO-8859-1", &windows), None, 43),
        (declared("utf-8", &windows), Some("windows-1252"), 38),
        (latin_9, Some("\"ISO-8859-15\""), 0),
    ] {
        for step in [1, 3, 1 << 20] {
            let options = XmlOptions { charset, ..XmlOptions::default() };
            let found = dump(&mut Drip::new(&bytes, step), options).expect("a readable document");
            assert_eq!(found, shifted(expected, by), "{charset:?} {:?}", &bytes[..8]);
        }
    }
}

#[test]
fn positions_and_excerpts_survive_chunks() {
    let mut document = String::from("<list>\n");
    for number in 0..20_000 {
        let _ = writeln!(document, "  <item n='{number}'><text>größer {}</text></item>", "x".repeat(number % 97));
    }
    document.push_str("</list>");
    let mut source = document.as_bytes();
    let mut reader = XmlReader::new(&mut source, XmlOptions::default());
    let mut expected_line = 1;
    let mut items = 0;
    loop {
        let is_item = match reader.next().expect("well-formed") {
            XmlEvent::Start(tag) => tag.local() == "item",
            XmlEvent::Eof => break,
            _ => false,
        };
        if is_item {
            expected_line += 1;
            reader.begin_record();
            assert_eq!((reader.position().line, reader.position().column), (expected_line, 3));
            let number = reader.tag().attribute("n").map(str::to_owned).expect("n");
            reader.skip().expect("well-formed");
            let excerpt = reader.raw_excerpt();
            assert!(excerpt.starts_with(&format!("<item n='{number}'><text>größer ")), "{excerpt}");
            assert!(excerpt.ends_with("</text></item>"), "{excerpt}");
            assert_eq!(reader.record_bytes(), excerpt.len() as u64);
            items += 1;
        }
    }
    assert_eq!(items, 20_000);
    assert_eq!(reader.byte_offset(), document.len() as u64);
}

#[test]
fn an_element_is_a_tree() {
    let mut source = &b"<a xmlns:p='u'><r p:id='1' id='2'>x<b> one </b>y<b>two</b><c/> </r><r/></a>"[..];
    let mut reader = XmlReader::new(&mut source, XmlOptions::default());
    reader.next().expect("a");
    reader.next().expect("r");
    let record = reader.element().expect("r whole");
    assert_eq!((record.name(), record.namespace(), record.text()), ("r", "", "xy "));
    assert_eq!((record.attribute("id"), record.attribute_ns("u", "id")), (Some("2"), Some("1")));
    assert_eq!(record.children().len(), 3);
    assert_eq!(record.children_named("b").map(|child| child.text().to_owned()).collect::<Vec<_>>(), [" one ", "two"]);
    assert_eq!((record.child_text("b"), record.child_text("c"), record.child_text("d")), (Some("one"), None, None));
    assert_eq!(record.child("b").map(|child| child.position().column), Some(36));
    assert_eq!(reader.depth(), 1);
    assert!(matches!(reader.next(), Ok(XmlEvent::Start(tag)) if tag.local() == "r"));
    assert_eq!(reader.text().expect("empty"), "");
    assert!(matches!(reader.next(), Ok(XmlEvent::End)));
    assert!(matches!(reader.next(), Ok(XmlEvent::Eof)));
}

#[test]
fn a_record_too_large_is_stepped_over() {
    let document = format!("<a><r>{}</r><r>ok</r></a>", "<b/>".repeat(1000));
    let mut source = document.as_bytes();
    let limits = XmlLimits { record_bytes_max: 10_000, ..XmlLimits::default() };
    let mut reader = XmlReader::new(&mut source, XmlOptions { limits, ..XmlOptions::default() });
    reader.next().expect("a");
    reader.next().expect("r");
    let error = reader.element().expect_err("too large");
    assert_eq!((error.kind, error.position.column), (XmlErrorKind::RecordTooLarge { max: 10_000 }, 4));
    reader.next().expect("r");
    assert_eq!(reader.element().expect("fits").text(), "ok");
}

#[test]
fn text_and_skip_take_the_whole_element() {
    let mut source = &b"<a><b>x<i>y</i>z</b><c><d>1</d></c><e/></a>"[..];
    let mut reader = XmlReader::new(&mut source, XmlOptions::default());
    reader.next().expect("a");
    reader.next().expect("b");
    assert_eq!(reader.text().expect("text"), "xyz");
    reader.next().expect("c");
    reader.skip().expect("skip");
    assert!(matches!(reader.next(), Ok(XmlEvent::Start(tag)) if tag.local() == "e"));
}

/// A document without an end: what is in front, then the same for ever.
struct Endless {
    front: Vec<u8>,
    again: Vec<u8>,
    at: usize,
    given: usize,
}

impl Endless {
    fn new(front: &str, again: &str) -> Self {
        Self { front: front.into(), again: again.repeat(10_000).into_bytes(), at: 0, given: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Endless {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.front.len() {
            self.front.clone_from(&self.again);
            self.at = 0;
        }
        Ok(&self.front[self.at..])
    }
    fn consume(&mut self, count: usize) {
        self.given += count;
        self.at += count;
    }
}

#[test]
fn endless_documents_end_by_a_limit() {
    for (front, again, what) in [
        ("<a", " attribute='value'", "bytes in one tag"),
        ("<a b='", "0123456789", "bytes in one tag"),
        ("<", "0123456789", "bytes in one tag"),
        ("<a></a", "0123456789", "bytes in one tag"),
        ("<a>", "0123456789", "bytes in one text"),
        ("<a>", "&lt;", "bytes in one text"),
        ("<a>&", "0123456789", "bytes in one text"),
        ("<a><![CDATA[", "0123456789", "bytes in one text"),
        ("<a>", "<![CDATA[x]]>", "bytes in one text"),
        ("<a><!-- ", "0123456789", "bytes in one comment"),
        ("<a><?pi ", "0123456789", "bytes in one processing instruction"),
        ("<a>", "<b>", "open elements"),
        ("<!DOCTYPE a [", "<!ENTITY b 'c'>", "bytes in the document type declaration"),
        ("<!DOCTYPE ", "x", "bytes in the document type declaration"),
    ] {
        let mut source = Endless::new(front, again);
        let options = XmlOptions { doctype: Doctype::Skip, ..XmlOptions::default() };
        let error = dump(&mut source, options).expect_err("no end");
        assert!(
            matches!(error.kind, XmlErrorKind::LimitExceeded { what: found, .. } if found == what),
            "{again}: {error}"
        );
        assert!(source.given < 16 << 20, "{again}: {} bytes were read", source.given);
    }
}

#[test]
fn a_million_attributes_end_by_the_limit() {
    for (count, what) in [(1_000_000, "bytes in one tag"), (1000, "attributes in one element")] {
        let mut document = String::from("<a");
        for number in 0..count {
            let _ = write!(document, " a{number}=''");
        }
        document.push_str("/>");
        let error = dump(&mut document.as_bytes(), XmlOptions::default()).expect_err("too many");
        assert!(matches!(error.kind, XmlErrorKind::LimitExceeded { what: found, .. } if found == what), "{error}");
        assert_eq!(error.position.column, 1);
    }
}

#[test]
fn deep_nesting_ends_by_the_limit() {
    for depth in [10_000, 100_000] {
        let document = "<a>".repeat(depth) + &"</a>".repeat(depth);
        let error = dump(&mut document.as_bytes(), XmlOptions::default()).expect_err("too deep");
        assert_eq!(error.kind, XmlErrorKind::LimitExceeded { what: "open elements", max: 128 });
        assert_eq!(error.position.column, 128 * 3 + 1);
    }
}

#[test]
fn the_source_keeps_its_own_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other(ApiError::new(&plugpoint_sdk::codes::BODY_TOO_LARGE, "too large")))
        }
    }
    let read = || {
        let mut source = io::BufReader::new((&b"<a>"[..]).chain(Broken));
        dump(&mut source, XmlOptions::default()).expect_err("broken")
    };
    assert_eq!(read().kind, XmlErrorKind::Io);
    assert_eq!(ApiError::from(read()).code.name, "body_too_large");
    assert!(matches!(TransformError::from(read()), TransformError::Io(_)));
}

#[test]
fn bytes_that_nothing_explains_are_taken_for_what_they_probably_are() {
    let western = b"<a>\n\xC3\xB6 gr\xF6\xDFer \xE2\x82\xAC \x80</a>";
    let at = |line, column| Position { line, column };
    let cases: [(&[u8], _, _); 4] = [
        (western, "\nö größer € €", Some(("windows-1252", 3, at(2, 5)))),
        ("<a>größer</a>".as_bytes(), "größer", None),
        (b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xF6</a>", "ö", None),
        (b"<a>x\xC3</a>", "xÃ", Some(("windows-1252", 1, at(1, 5)))),
    ];
    for (bytes, text, guessed) in cases {
        for size in 1..9 {
            let chunks =
                bytes.chunks(size).fold(Box::new(io::empty()) as Box<dyn Read>, |all, it| Box::new(all.chain(it)));
            let mut source = io::BufReader::with_capacity(size, chunks);
            let options = XmlOptions { guesses_encoding: true, ..XmlOptions::default() };
            let mut reader = XmlReader::new(&mut source, options);
            assert!(matches!(reader.next(), Ok(XmlEvent::Start(_))));
            assert_eq!(reader.text().unwrap(), text, "in pieces of {size}");
            assert_eq!(reader.guessed(), guessed, "in pieces of {size}");
        }
    }
    let mut source = &western[..];
    let mut reader = XmlReader::new(&mut source, XmlOptions::default());
    assert!(reader.next().is_ok());
    assert_eq!(reader.text().unwrap_err().kind, XmlErrorKind::EncodingInvalid, "a message has to be what it says");
}

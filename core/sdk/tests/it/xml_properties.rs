//! Properties of the reader: whatever the bytes, it ends with an answer; whatever the document, it says what was written.

use std::fmt::Write as _;

use plugpoint_sdk::xml::{Doctype, XmlLimits, XmlOptions};
use proptest::prelude::*;

use crate::xml_reader::{Drip, dump};

const SAMPLES: &[&str] = &[
    "<?xml version='1.0' encoding='UTF-8'?><!DOCTYPE a [<!ENTITY b 'c'> <!-- d -->]><a xmlns:p='u'><p:b c='&amp;ä'>x<![CDATA[]]]]></p:b></a>",
    "<catalog><item><sku>A1</sku><texts><lang>de</lang><title>Größe &lt;3 &#x20AC;</title></texts></item><!-- end --></catalog>\n",
    "<?xml version=\"1.0\"?>\r\n<?style sheet?><s:E xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body a='1' b=\"2\"/></s:E>",
];

fn options(charset: Option<&str>) -> XmlOptions<'_> {
    XmlOptions { doctype: Doctype::Skip, charset, ..XmlOptions::default() }
}

/// A tree to be written as XML, and its events as the dump shows them, without positions.
#[derive(Debug, Clone)]
enum Node {
    Text(String),
    Element { name: String, attributes: Vec<(String, String)>, children: Vec<Node> },
}

fn legal_text() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![any::<char>(), proptest::char::range(' ', '~'), Just('&'), Just('<'), Just(']'), Just('>')],
        1..12,
    )
    .prop_map(|characters| {
        characters.into_iter().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect()
    })
}

const PIECES: &[&str] = &[
    "<a>",
    "<a>",
    "<a>",
    "</a>",
    "</a>",
    "</a>",
    "<p:a>",
    "</p:a>",
    "<q:a>",
    "</q:a>",
    "<b>",
    "</b>",
    "<a xmlns:p='v'>",
    "<a xmlns:q='v'>",
    "<a/>",
    "<a >",
    "</a >",
    "</>",
    "<>",
    "< a>",
    "<a",
    "text",
    "text",
    "a>b",
    "]]>",
    "&amp;",
    "&b;",
    "\r\n",
    "\n",
    "ä",
    "\u{1}",
    "<!-- -->",
    "<![CDATA[x]]>",
    "<?x?>",
    "fifteen letters",
];

const NAME: &str = "[A-Za-zä_][A-Za-z0-9._-]{0,8}";

fn attributes() -> impl Strategy<Value = std::collections::BTreeMap<String, String>> {
    let name = NAME.prop_filter("reserved", |name| name != "xmlns");
    proptest::collection::btree_map(name, legal_text(), 0..4)
}

fn node() -> impl Strategy<Value = Node> {
    let name = NAME;
    let leaf = legal_text().prop_map(Node::Text);
    leaf.prop_recursive(4, 40, 5, move |inner| {
        (name, attributes(), proptest::collection::vec(inner, 0..5)).prop_map(|(name, attributes, children)| {
            Node::Element { name, attributes: attributes.into_iter().collect(), children }
        })
    })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#x22;")
}

fn write(node: &Node, xml: &mut String, events: &mut Vec<String>) {
    match node {
        Node::Text(text) if text.is_empty() => {}
        Node::Text(text) => {
            xml.push_str(&escaped(text));
            match events.last_mut() {
                Some(last) if last.starts_with('"') => {
                    *last = format!("{}{}", &last[..last.len() - 1], &format!("{text:?}")[1..]);
                }
                _ => events.push(format!("{text:?}")),
            }
        }
        Node::Element { name, attributes, children } => {
            let _ = write!(xml, "<{name}");
            let mut event = format!("<{{}}{name}");
            for (attribute, value) in attributes {
                let _ = write!(xml, " {attribute}=\"{}\"", escaped(value));
                let _ = write!(event, " {{}}{attribute}={value:?}");
            }
            events.push(event);
            xml.push('>');
            children.iter().for_each(|child| write(child, xml, events));
            let _ = write!(xml, "</{name}>");
            events.push(">".to_owned());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..200), step in 1_usize..50) {
        let _ = dump(&mut Drip::new(&bytes, step), options(None));
    }

    #[test]
    fn any_markup_comes_to_an_end(parts in proptest::collection::vec(prop_oneof![
        "<[/!?]?[a-z:]{0,3}", "[a-z]=['\"]", "/?>", "<!--", "-->", "<!\\[CDATA\\[", "\\]\\]>", "&[a-z#0-9]{0,4};?", "<!DOCTYPE a \\[", "\\?>", " ", "ä"
    ], 0..40), step in 1_usize..20) {
        let _ = dump(&mut Drip::new(parts.concat().as_bytes(), step), options(None));
    }

    #[test]
    fn a_damaged_document_comes_to_an_end(
        sample in 0..SAMPLES.len(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>(), step in 1_usize..300,
    ) {
        let mut bytes = SAMPLES[sample].as_bytes().to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let found = dump(&mut Drip::new(&bytes, step), options(None));
        if cut && at < SAMPLES[sample].trim_end().len() {
            prop_assert!(found.is_err());
        }
    }

    #[test]
    fn a_wrong_encoding_comes_to_an_end(
        sample in 0..SAMPLES.len(),
        label in prop_oneof![Just("utf-8"), Just("utf-16"), Just("iso-8859-1"), Just("shift_jis"), Just("gb18030"), Just("us-ascii")],
        utf_16 in any::<bool>(),
    ) {
        let text = SAMPLES[sample];
        let bytes: Vec<u8> = if utf_16 { text.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { text.into() };
        let _ = dump(&mut Drip::new(&bytes, 17), options(Some(label)));
    }

    #[test]
    fn what_was_written_is_read(children in proptest::collection::vec(node(), 0..5), step in 1_usize..100, utf_16 in any::<bool>()) {
        let root = Node::Element { name: "root".to_owned(), attributes: Vec::new(), children };
        let (mut xml, mut events) = (String::new(), Vec::new());
        write(&root, &mut xml, &mut events);
        let bytes: Vec<u8> = if utf_16 { xml.encode_utf16().flat_map(u16::to_be_bytes).collect() } else { xml.clone().into_bytes() };
        let found = dump(&mut Drip::new(&bytes, step), options(None)).map_err(|error| TestCaseError::fail(format!("{xml}: {error}")))?;
        let found: Vec<&str> = found.lines().map(|line| line.split_once(' ').map_or(line, |(_, event)| event)).collect();
        prop_assert_eq!(found, events, "{}", xml);
    }

    /// What is whole in memory is read the short way, what comes byte by byte the long one.
    #[test]
    fn both_ways_of_reading_say_the_same(pieces in proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..24), is_ended: bool) {
        let end = if is_ended { "</r>" } else { "" };
        let xml = format!("<r xmlns:p='u'>{}{end}", pieces.concat());
        let limits = XmlLimits { depth_max: 5, text_bytes_max: 30, ..XmlLimits::default() };
        let read = |step: usize| {
            let options = XmlOptions { limits, ..options(None) };
            dump(&mut Drip::new(xml.as_bytes(), step), options).map_err(|error| (error.kind, error.position, error.message))
        };
        let (short, long) = (read(1 << 20), read(1));
        prop_assert_eq!(short, long, "{}", xml);
    }
}

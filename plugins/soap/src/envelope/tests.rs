//! The envelope reader alone: what it gives and refuses does not depend on how the bytes arrive, and no prefix passes.

use std::io::{self, Read};

use plugpoint_sdk::xml::{Doctype, XmlEvent, XmlOptions, XmlReader};
use proptest::prelude::*;

use super::*;

const LIMITS: EnvelopeLimits = EnvelopeLimits {
    bytes_max: 1 << 20,
    header_bytes_max: 1 << 16,
    xml: XmlLimits {
        depth_max: 128,
        attributes_max: 256,
        namespaces_max: 256,
        name_bytes_max: 256,
        text_bytes_max: 1 << 20,
        record_bytes_max: 1 << 24,
        doctype_bytes_max: 1 << 20,
    },
};

/// Gives `bytes` in chunks of the sizes given, over and over.
struct Chunked<'a> {
    bytes: &'a [u8],
    sizes: &'a [usize],
    next: usize,
}

impl Read for Chunked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.next % self.sizes.len()].max(1);
        self.next += 1;
        let count = size.min(into.len()).min(self.bytes.len());
        into[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

/// Reads a whole envelope: the operation, its fields and the payload; or the error's code and detail.
fn receive(envelope: &[u8], sizes: &[usize]) -> Result<(String, String), String> {
    let run = || -> Result<(String, String), ApiError> {
        let mut reader = EnvelopeReader::open(Chunked { bytes: envelope, sizes, next: 0 }, LIMITS)?;
        let mut told = format!("{:?}", reader.version());
        for block in reader.header()? {
            told.push_str(&format!(" block {} {}", block.name.local, block.xml));
        }
        told.push_str(&format!(" {}", reader.operation()?.local));
        let mut payload = Vec::new();
        while let Some(field) = reader.field()? {
            match field.local.as_str() {
                "items" => reader.copy_field(&mut payload)?,
                "document" | "attachment" => {
                    let reference = match field.local.as_str() {
                        "document" => reader.copy_document(&mut payload)?,
                        _ => reader.copy_attachment(&mut payload)?,
                    };
                    told.extend(reference.map(|href| format!(" refers to {href}")));
                }
                name => told.push_str(&format!(" {name}={:?}", reader.value()?)),
            }
        }
        reader.finish()?;
        Ok((told, String::from_utf8(payload).unwrap()))
    };
    run().map_err(|error| error.to_string())
}

fn whole(envelope: &str) -> Result<(String, String), String> {
    receive(envelope.as_bytes(), &[usize::MAX])
}

/// An envelope around the content of an operation `Op`.
fn around(content: &str) -> String {
    format!("<s:Envelope xmlns:s='{SOAP_11}'><s:Body><Op xmlns='urn:x'>{content}</Op></s:Body></s:Envelope>")
}

/// One of everything that may be in an envelope.
fn rich() -> String {
    let inner = "<d:a xmlns:d='urn:d' p=\"x&#x3e;y\" q='&quot;>'>ä&amp;]] ]>\u{1f600}<!-- - --><?pi x?>\
        <![CDATA[<&]]]]><![CDATA[>]]><d:b/><s:c xmlns=''/>\r\n</d:a>";
    format!(
        "<?xml version='1.0' standalone=\"yes\"?>\r\n<!-- before -->\
         <s:Envelope xmlns:s='{SOAP_12}' xmlns:u='urn:u'>\n<s:Header ><h:one xmlns:h='urn:h' s:mustUnderstand='1'>\
         <u:x>&#65;</u:x></h:one></s:Header>\n<s:Body><k:Op xmlns:k='urn:k'><k:f> v&lt; </k:f><e></e>\
         <k:document> <?xml version='1.0'?><!DOCTYPE d:a [<!ENTITY x \"]>\"><!-- ' --> ]> {inner} </k:document>\
         </k:Op></s:Body >\n</s:Envelope>\n<!-- after -->"
    )
}

#[test]
fn everything_that_may_be_there_is_told_and_copied() {
    let (told, payload) = whole(&rich()).unwrap();
    assert_eq!(
        told,
        format!(
            "Soap12 block one <h:one xmlns:s=\"{SOAP_12}\" xmlns:u=\"urn:u\" xmlns:h='urn:h' s:mustUnderstand='1'>\
             <u:x>&#65;</u:x></h:one> Op f=Some(\"v<\") e=None"
        )
    );
    let mut bytes = payload.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, XmlOptions { doctype: Doctype::Refuse, ..XmlOptions::default() });
    let mut events = Vec::new();
    loop {
        match reader.next().unwrap() {
            XmlEvent::Start(tag) => events.push(format!("{{{}}}{}", tag.namespace(), tag.local())),
            XmlEvent::Text(text) => events.push(text.to_owned()),
            XmlEvent::End => events.push("/".to_owned()),
            XmlEvent::Eof => break,
        }
    }
    let soap_c = format!("{{{SOAP_12}}}c");
    assert_eq!(events, ["{urn:d}a", "ä&]] ]>\u{1f600}<&]]>", "{urn:d}b", "/", &soap_c, "/", "\n", "/"]);
}

#[test]
fn no_prefix_of_an_envelope_passes() {
    let envelope = rich();
    let end = envelope.find("\n<!-- after").unwrap();
    for length in 0..end {
        let result = receive(&envelope.as_bytes()[..length], &[7]);
        assert!(result.is_err(), "{length} bytes gave {result:?}");
    }
}

proptest! {
    #[test]
    fn chunks_make_no_difference(sizes in prop::collection::vec(1_usize..40, 1..6)) {
        prop_assert_eq!(receive(rich().as_bytes(), &sizes), whole(&rich()));
    }

    #[test]
    fn a_changed_byte_never_panics_and_is_judged_alike(at in 0_usize..900, byte: u8, sizes in prop::collection::vec(1_usize..9, 1..4)) {
        let mut envelope = rich().into_bytes();
        let at = at % envelope.len();
        envelope[at] = byte;
        // Not UTF-8 any more: that is refused before the envelope reader.
        prop_assume!(std::str::from_utf8(&envelope).is_ok());
        // Of two mistakes either may be found first; that there is one may not depend on the chunks.
        prop_assert_eq!(receive(&envelope, &sizes).ok(), receive(&envelope, &[usize::MAX]).ok());
    }

    #[test]
    fn markup_soup_never_panics(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..12), size in 1_usize..20) {
        let envelope = around(&pieces.concat());
        let result = receive(envelope.as_bytes(), &[size]);
        let at_once = whole(&envelope);
        prop_assert_eq!(result.as_ref().ok(), at_once.as_ref().ok());
        if let Ok((_, payload)) = result && !payload.is_empty() && pieces.iter().filter(|piece| piece.contains("document")).count() == 2 {
            let mut bytes = payload.as_bytes();
            let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
            while !matches!(reader.next().map_err(|error| TestCaseError::fail(format!("{error}: {payload}")))?, XmlEvent::Eof) {}
        }
    }
}

const PIECES: [&str; 26] = [
    "<document>",
    "</document>",
    "<f>",
    "</f>",
    "<a x='1'>",
    "</a>",
    "<b/>",
    "<p:c xmlns:p='urn:p'>",
    "</p:c>",
    "<p:c/>",
    "text",
    " ",
    "&amp;",
    "&#0;",
    "&auml;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?pi",
    "?>",
    "<!DOCTYPE x>",
    "<?xml version='1.0'?>",
    "\u{1}",
    "&lt;x/>",
    "]",
];

#[test]
fn what_has_no_place_is_refused_by_code_and_place() {
    let deep = format!("<document>{}", "<a>".repeat(200));
    let wide: String = (0..300).map(|at| format!(" a{at}=''")).collect();
    let long = format!("<f>{}</f>", "x".repeat(20_000));
    let padded = format!("<f/><!--{}-->", "x".repeat(2 << 20));
    for (content, expected) in [
        ("<f", "no blank before an attribute"),
        ("\n\n<f>ä</g>", "document_malformed: line 3, column 5: the end tag g where f is open"),
        ("<f a='1' a='2'/>", "the same attribute twice"),
        ("<f xmlns:p='urn:x' xmlns:q='urn:x' p:a='1' b='' q:a='2'/>", "the same attribute twice, by its namespace"),
        ("<f a='<'/>", "an attribute may not have"),
        ("<f a=1/>", "name=\"value\""),
        ("<f a='1'b='2'/>", "no blank before an attribute"),
        ("<p:f/>", "a prefix that is not declared"),
        ("<f p:a=''/>", "prefix is not declared"),
        ("<f xmlns:p=''/>", "namespace declaration"),
        ("<f xmlns:xmlns='urn:x'/>", "namespace declaration"),
        ("<a:b:c xmlns:a='urn:a'/>", "a name that cannot be"),
        ("<1/>", "a tag without a name"),
        ("<f>&nbsp;</f>", "entity_unknown"),
        ("<f a='&nbsp;'/>", "entity_unknown"),
        ("<f>&#xD800;</f>", "no character"),
        ("<f>&#0;</f>", "no character"),
        ("<f>a & b</f>", "& that starts no reference"),
        ("<f>]]></f>", "]]> in text"),
        ("<f>\u{1}</f>", "XML does not allow"),
        ("<f>\u{fffe}</f>", "XML does not allow"),
        ("<f><!-- -- --></f>", "-- inside a comment"),
        ("<f><g/></f>", "request_invalid"),
        ("<f/>text", "soap_envelope_invalid"),
        ("<f/><?pi?>", "soap_envelope_invalid"),
        ("<f><?pi?></f>", "soap_envelope_invalid"),
        ("<!DOCTYPE f>", "doctype_refused"),
        ("<f/><?xml version='1.0'?>", "not at the beginning"),
        ("<document><a/><!DOCTYPE a></document>", "doctype_refused"),
        ("<document><a>&auml;</a></document>", "entity_unknown"),
        ("<document><a/><b/></document>", "more than one document"),
        ("<document><a/>x</document>", "an element and text"),
        ("<document>&lt;a/><b/></document>", "more than one document"),
        ("<document>abc</document>", "no XML document"),
        ("<document> </document>", "without a document"),
        ("<document/>", "without a document"),
        (&deep, "limit_exceeded"),
        (&format!("<f{wide}/>"), "limit_exceeded"),
        (&long, "a field of more than"),
        (&padded, "limit_exceeded"),
    ] {
        let envelope = around(content);
        let message = whole(&envelope).expect_err(content);
        assert!(message.contains(expected), "{content:.60}: {message}");
        let message = receive(envelope.as_bytes(), &[1]).expect_err(content);
        assert!(message.contains(expected), "{content:.60} byte by byte: {message}");
    }
}

#[test]
fn documents_come_as_elements_or_as_text() {
    for (content, expected) in [
        ("<document><a/></document>", "<a xmlns:s=\"S\" xmlns=\"urn:x\"/>"),
        ("<document>\n<!-- c --><?style x?><a></a>\n</document>", "<a xmlns:s=\"S\" xmlns=\"urn:x\"></a>"),
        ("<document><![CDATA[ <?xml version='1.0'?><a>&amp;</a>]]></document>", "<?xml version='1.0'?><a>&amp;</a>"),
        ("<document>&lt;a>&amp;auml;&lt;/a></document>", "<a>&auml;</a>"),
        ("<document>\u{feff}&#60;a/></document>", "<a/>"),
        ("<document><![CDATA[<a>]]>&lt;b/><![CDATA[</a>]]></document>", "<a><b/></a>"),
        (
            "<document><!DOCTYPE a SYSTEM 'x' [ <!ENTITY e 'f>'> <?p ]>?> ]><a>&e;</a></document>",
            "<a xmlns:s=\"S\" xmlns=\"urn:x\">&e;</a>",
        ),
    ] {
        let payload = whole(&around(content)).unwrap().1;
        assert_eq!(payload, expected.replace('S', SOAP_11), "{content}");
    }
}

#[test]
fn a_document_in_one_text_needs_no_more_memory_than_its_pieces() {
    let content = format!("<document><![CDATA[<a>{}</a>]]></document>", "x".repeat(5 << 20));
    assert_eq!(whole(&around(&content)).unwrap().1.len(), (5 << 20) + 7);
}

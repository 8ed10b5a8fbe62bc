//! Documents that are not to be read, as a table: bytes, kind of error, line, column.

use plugpoint_sdk::xml::{Doctype, XmlErrorKind, XmlEvent, XmlLimits, XmlOptions, XmlReader};

const LIMITS: XmlLimits = XmlLimits {
    depth_max: 4,
    attributes_max: 3,
    namespaces_max: 2,
    name_bytes_max: 12,
    text_bytes_max: 40,
    record_bytes_max: 1000,
    doctype_bytes_max: 60,
};

/// Reads to the end with small limits and says what went wrong and where.
fn failure(bytes: &[u8], doctype: Doctype) -> Option<(XmlErrorKind, u64, u64, String)> {
    let mut source = bytes;
    let mut reader = XmlReader::new(&mut source, XmlOptions { doctype, limits: LIMITS, ..XmlOptions::default() });
    loop {
        match reader.next() {
            Ok(XmlEvent::Eof) => return None,
            Ok(_) => {}
            Err(error) => {
                assert!(!error.message.is_empty());
                let again = reader.next().map(|_| ()).expect_err("a failed reader stays failed");
                assert_eq!((again.kind, again.position), (error.kind, error.position));
                return Some((error.kind, error.position.line, error.position.column, error.message));
            }
        }
    }
}

fn check(doctype: Doctype, cases: &[(&[u8], XmlErrorKind, u64, u64)]) {
    for (bytes, kind, line, column) in cases {
        let shown = String::from_utf8_lossy(bytes);
        let (found, found_line, found_column, message) =
            failure(bytes, doctype).unwrap_or_else(|| panic!("was read: {shown}"));
        assert_eq!((found, found_line, found_column), (*kind, *line, *column), "{shown}\n{message}");
    }
}

const MALFORMED: XmlErrorKind = XmlErrorKind::Malformed;
const ENCODING: XmlErrorKind = XmlErrorKind::EncodingInvalid;
const ENTITY: XmlErrorKind = XmlErrorKind::EntityUnknown;

const fn limit(what: &'static str, max: usize) -> XmlErrorKind {
    XmlErrorKind::LimitExceeded { what, max }
}

#[test]
fn malformed_structure() {
    check(
        Doctype::Refuse,
        &[
            (b"", MALFORMED, 1, 1),
            (b" \n ", MALFORMED, 2, 2),
            (b"<?xml version='1.0'?>", MALFORMED, 1, 22),
            (b"<!-- only -->", MALFORMED, 1, 14),
            (b"text", MALFORMED, 1, 1),
            (b" \n text<a/>", MALFORMED, 2, 2),
            (b"<a/>text", MALFORMED, 1, 5),
            (b"<a/>\n<b/>", MALFORMED, 2, 1),
            (b"<a/>&amp;", MALFORMED, 1, 5),
            (b"<a/><![CDATA[x]]>", MALFORMED, 1, 5),
            (b"&#32;<a/>", MALFORMED, 1, 1),
            (b"<a>", MALFORMED, 1, 4),
            (b"<a><b></b>", MALFORMED, 1, 11),
            (b"<a>text", MALFORMED, 1, 8),
            (b"<a></b>", MALFORMED, 1, 4),
            (b"<a>\n <b>\n</a></b>", MALFORMED, 3, 1),
            (b"<a></a></a>", MALFORMED, 1, 8),
            (b"</a>", MALFORMED, 1, 1),
            (b"<a></ a>", MALFORMED, 1, 4),
            (b"<a></a b='1'>", MALFORMED, 1, 4),
            (b"<a><A/></A>", MALFORMED, 1, 8),
            (b"<a", MALFORMED, 1, 1),
            (b"<a b='1'", MALFORMED, 1, 1),
            (b"<", MALFORMED, 1, 1),
            (b"<a><", MALFORMED, 1, 4),
            (b"<a></a", MALFORMED, 1, 4),
            (b"<a>x < y</a>", MALFORMED, 1, 7),
            (b"<a>]]></a>", MALFORMED, 1, 4),
            (b"<a>\nab]]>c</a>", MALFORMED, 2, 3),
            (b"<a><![CDATA[x]]</a>", MALFORMED, 1, 4),
            (b"<a><![CDATA[x", MALFORMED, 1, 4),
            (b"<a><![cdata[x]]></a>", MALFORMED, 1, 4),
            (b"<a><!x></a>", MALFORMED, 1, 4),
            (b"<a><!-- x -- y --></a>", MALFORMED, 1, 4),
            (b"<a><!-- x ---></a>", MALFORMED, 1, 4),
            (b"<a><!-- x </a>", MALFORMED, 1, 4),
            (b"<a><?php </a>", MALFORMED, 1, 4),
            (b"<a><?xml version='1.0'?></a>", MALFORMED, 1, 4),
            (b"\n<?xml version='1.0'?><a/>", MALFORMED, 2, 1),
            (b"<a/><?XML x?>", MALFORMED, 1, 5),
            (b"<a><? x?></a>", MALFORMED, 1, 4),
            (b"<a><?1x?></a>", MALFORMED, 1, 4),
            (b"<a><b/><!DOCTYPE a></a>", XmlErrorKind::DoctypeRefused, 1, 8),
        ],
    );
}

#[test]
fn malformed_declarations() {
    check(
        Doctype::Refuse,
        &[
            (b"<?xml?><a/>", MALFORMED, 1, 1),
            (b"<?xml encoding='UTF-8'?><a/>", MALFORMED, 1, 1),
            (b"<?xml version='2.0'?><a/>", MALFORMED, 1, 1),
            (b"<?xml version='1.'?><a/>", MALFORMED, 1, 1),
            (b"<?xml version='1.0' standalone='maybe'?><a/>", MALFORMED, 1, 1),
            (b"<?xml version='1.0' encoding=''?><a/>", ENCODING, 1, 1),
            (b"<?xml version='1.0' encoding='x-unknown'?><a/>", ENCODING, 1, 1),
            (b"<?xml version='1.0' encoding='utf-7'?><a/>", ENCODING, 1, 1),
            (b"<?xml version='1.0' encoding='utf-16'?><a/>", ENCODING, 1, 1),
            (b"<?xml version='1.0'", MALFORMED, 1, 1),
            (b"<!DOCTYPE a><a/>", XmlErrorKind::DoctypeRefused, 1, 1),
            (b"<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", XmlErrorKind::DoctypeRefused, 2, 1),
        ],
    );
}

#[test]
fn malformed_tags() {
    check(
        Doctype::Refuse,
        &[
            (b"< a/>", MALFORMED, 1, 2),
            (b"<1a/>", MALFORMED, 1, 2),
            (b"<a\xC3\x97/>", MALFORMED, 1, 3),
            (b"<>", MALFORMED, 1, 2),
            (b"</>", MALFORMED, 1, 1),
            (b"<:a/>", MALFORMED, 1, 2),
            (b"<a:/>", MALFORMED, 1, 4),
            (b"<a:b:c/>", MALFORMED, 1, 5),
            (b"<a b/>", MALFORMED, 1, 4),
            (b"<a b=/>", MALFORMED, 1, 6),
            (b"<a b=1/>", MALFORMED, 1, 6),
            (b"<a b='1/>", MALFORMED, 1, 1),
            (b"<a b='1' c=\"2/>", MALFORMED, 1, 1),
            (b"<a b='1'c='2'/>", MALFORMED, 1, 9),
            (b"<a b='<'/>", MALFORMED, 1, 7),
            (b"<a\n  b='1'\n  b='2'/>", MALFORMED, 3, 3),
            (b"<a 1b='1'/>", MALFORMED, 1, 4),
            (b"<a ='1'/>", MALFORMED, 1, 4),
            (b"<a b='&'/>", MALFORMED, 1, 7),
            (b"<a b='x&amp'/>", MALFORMED, 1, 8),
            (b"<a b='&#0;'/>", MALFORMED, 1, 7),
            (b"<a b='&nbsp;'/>", ENTITY, 1, 7),
            (b"<a / >", MALFORMED, 1, 4),
            (b"<p:a/>", MALFORMED, 1, 2),
            (b"<a p:b='1'/>", MALFORMED, 1, 4),
            (b"<a><b xmlns:p='u'/><p:c/></a>", MALFORMED, 1, 21),
            (b"<a xmlns:p=''/>", MALFORMED, 1, 4),
            (b"<a xmlns:xml='u'/>", MALFORMED, 1, 4),
            (b"<a xmlns:xmlns='u'/>", MALFORMED, 1, 4),
            (b"<a xmlns:x='u' xmlns:x='v'/>", MALFORMED, 1, 16),
            (b"<a xmlns='u' xmlns='v'/>", MALFORMED, 1, 14),
            (b"<a xmlns:p='u'><p:b p:c='1' p:c='2'/></a>", MALFORMED, 1, 29),
            (b"<e xmlns:p='u' xmlns:q='u'><a p:b='1' q:b='2'/></e>", MALFORMED, 1, 39),
        ],
    );
}

#[test]
fn malformed_references() {
    check(
        Doctype::Refuse,
        &[
            (b"<a>&nbsp;</a>", ENTITY, 1, 4),
            (b"<a>x\n&auml;</a>", ENTITY, 2, 1),
            (b"<a>a & b</a>", MALFORMED, 1, 6),
            (b"<a>&;</a>", MALFORMED, 1, 4),
            (b"<a>& ;</a>", MALFORMED, 1, 4),
            (b"<a>&amp</a>", MALFORMED, 1, 4),
            (b"<a>&#0;</a>", MALFORMED, 1, 4),
            (b"<a>&#x1F;</a>", MALFORMED, 1, 4),
            (b"<a>&#xD800;</a>", MALFORMED, 1, 4),
            (b"<a>&#xD83D;&#xDE00;</a>", MALFORMED, 1, 4),
            (b"<a>&#xFFFE;</a>", MALFORMED, 1, 4),
            (b"<a>&#x110000;</a>", MALFORMED, 1, 4),
            (b"<a>&#99999999999;</a>", MALFORMED, 1, 4),
            (b"<a>&#+65;</a>", MALFORMED, 1, 4),
            (b"<a>&#x;</a>", MALFORMED, 1, 4),
            (b"<a>&#X41;</a>", MALFORMED, 1, 4),
            (b"<a>&#;</a>", MALFORMED, 1, 4),
            (b"<a>&#6A;</a>", MALFORMED, 1, 4),
        ],
    );
}

#[test]
fn bytes_that_do_not_fit() {
    check(
        Doctype::Refuse,
        &[
            (b"<a>\xE4</a>", ENCODING, 1, 4),
            (b"<a>\n\xC3\xA4\xC3</a>", ENCODING, 2, 2),
            (b"<a>\xED\xA0\x80</a>", ENCODING, 1, 4),
            (b"<a>\xC0\x80</a>", ENCODING, 1, 4),
            (b"<a>\xF4\x90\x80\x80</a>", ENCODING, 1, 4),
            (b"<a/>\xC3", ENCODING, 1, 5),
            (b"<a b='\xFF'/>", ENCODING, 1, 7),
            (b"<?xml version='1.0' encoding='us-ascii'?><a>\xC3\xA4</a>", ENCODING, 1, 45),
            (b"<?xml version='1.0' encoding='shift_jis'?><a>\x81\xFF</a>", ENCODING, 1, 46),
            (b"\xFF\xFE<\0a\0>\0\x00\xD8<\0", ENCODING, 1, 4),
            (b"\xFE\xFF\0<\0a\0/\0>\0", ENCODING, 1, 5),
            (b"\xFF\xFE\0\0<\0\0\0", ENCODING, 1, 1),
            (b"\x4C\x6F\xA7\x94", ENCODING, 1, 1),
            (b"<a>\x00</a>", MALFORMED, 1, 4),
            (b"<a>\x08</a>", MALFORMED, 1, 4),
            (b"<a>\n\x1F</a>", MALFORMED, 2, 1),
            (b"<a><!-- \x01 --></a>", MALFORMED, 1, 9),
            (b"<a>\xEF\xBF\xBE</a>", MALFORMED, 1, 4),
            (b"<a>\xEF\xBF\xBF</a>", MALFORMED, 1, 4),
            (b"<a\x0C/>", MALFORMED, 1, 3),
            (b"<?xml version='1.1'?><a>&#x1;</a>", MALFORMED, 1, 25),
        ],
    );
}

#[test]
fn limits_are_kept() {
    check(
        Doctype::Skip,
        &[
            (b"<a><a><a><a><a>", limit("open elements", 4), 1, 13),
            (b"<a b='1' c='2' d='3' e='4'/>", limit("attributes in one element", 3), 1, 1),
            (b"<a xmlns:p='1' xmlns:q='2' xmlns:r='3'/>", limit("namespace declarations", 2), 1, 28),
            (b"<a><b xmlns:p='1'><c xmlns:q='2'><d xmlns='3'/>", limit("namespace declarations", 2), 1, 37),
            (b"<abcdefghijklm/>", limit("bytes in a name", 12), 1, 2),
            (b"<a bcdefghijklmn='1'/>", limit("bytes in a name", 12), 1, 4),
            (b"<a>01234567890123456789012345678901234567890</a>", limit("bytes in one text", 40), 1, 4),
            (b"<a>0123456789012345678901234567890123456789&amp;</a>", limit("bytes in one text", 40), 1, 44),
            (b"<a><![CDATA[01234567890123456789012345678901234567890]]></a>", limit("bytes in one text", 40), 1, 4),
            (
                b"<a b='0123456789012345678901234567890123456789012345678901234567890123456789'/>",
                limit("bytes in one tag", 40),
                1,
                1,
            ),
            (
                b"<!DOCTYPE a [<!ENTITY b '012345678901234567890123456789012345678901234567890123456789'>]><a/>",
                limit("bytes in the document type declaration", 60),
                1,
                1,
            ),
        ],
    );
}

#[test]
fn doctypes_that_cannot_be_skipped() {
    check(
        Doctype::Skip,
        &[
            (b"<!DOCTYPE a", MALFORMED, 1, 1),
            (b"<!DOCTYPE a [<!ENTITY b '>]><a/>", MALFORMED, 1, 1),
            (b"<!DOCTYPE a [<!-- ]> <a/>", MALFORMED, 1, 1),
            (b"<!doctype a><a/>", MALFORMED, 1, 1),
            (b"<!DOCTYPEa><a/>", MALFORMED, 1, 1),
            (b"<!DOCTYPE><a/>", MALFORMED, 1, 1),
            (b"<!DOCTYPE a><!DOCTYPE a><a/>", MALFORMED, 1, 13),
            (b"<a/><!DOCTYPE a>", MALFORMED, 1, 5),
            (b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", ENTITY, 1, 34),
        ],
    );
}

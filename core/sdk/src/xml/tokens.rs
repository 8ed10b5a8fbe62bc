//! Finds where one token of a document ends: a tag, a text, a reference, a comment. It looks at no byte twice, however often a
//! token is continued with more bytes, and it checks nothing but what it needs for the end.
//!
//! Used by the feed alone. Tags, comments and instructions are cut by quick-xml's parsers; the document type declaration by
//! our own, which has to survive whatever stands in an internal subset.

use quick_xml::parser::{CommentParser, ElementParser, Parser, PiParser};

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Reference,
    StartTag,
    EndTag,
    CData,
    Comment,
    Instruction,
    Doctype,
}

/// Whether a token is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// It has so many bytes.
    Whole(usize),
    /// Its end is not among these bytes.
    Open,
    /// It cannot be continued to a token.
    Wrong(&'static str),
}

/// The search for the end of one token.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) kind: Kind,
    parser: Search,
    seen: usize,
}

#[derive(Debug)]
enum Search {
    Text,
    Reference,
    Tag(ElementParser),
    CData,
    Comment(CommentParser),
    Instruction(PiParser),
    Doctype(DoctypeParser),
}

const OPENINGS: [(&str, Kind); 3] = [("<!--", Kind::Comment), ("<![CDATA[", Kind::CData), ("<!DOCTYPE", Kind::Doctype)];

impl Scan {
    /// Tells from its first bytes what a token is; nothing if that takes more of them. `bytes` is not empty.
    pub(super) fn begin(bytes: &[u8]) -> Option<Result<Self, &'static str>> {
        let found = |kind, parser, seen| Some(Ok(Self { kind, parser, seen }));
        match bytes {
            [b'<', b'/', ..] => found(Kind::EndTag, Search::Tag(ElementParser::Outside), 2),
            [b'<', b'?', ..] => found(Kind::Instruction, Search::Instruction(PiParser(false)), 2),
            [b'<', b'!', ..] => Self::begin_declaration(bytes),
            [b'<', _, ..] => found(Kind::StartTag, Search::Tag(ElementParser::Outside), 1),
            [b'<'] => None,
            [b'&', ..] => found(Kind::Reference, Search::Reference, 1),
            _ => found(Kind::Text, Search::Text, 0),
        }
    }

    fn begin_declaration(bytes: &[u8]) -> Option<Result<Self, &'static str>> {
        for (opening, kind) in OPENINGS {
            if bytes.starts_with(opening.as_bytes()) {
                let parser = match kind {
                    Kind::Comment => Search::Comment(CommentParser::Seen0),
                    Kind::CData => Search::CData,
                    _ => Search::Doctype(DoctypeParser::Head),
                };
                return Some(Ok(Self { kind, parser, seen: opening.len() }));
            }
            if opening.as_bytes().starts_with(bytes) {
                return None;
            }
        }
        Some(Err("this is neither a comment, a CDATA section nor a document type declaration"))
    }

    /// Looks at what is new in `token`, which begins like at the call before.
    pub(super) fn feed(&mut self, token: &[u8]) -> Cut {
        let seen = self.seen;
        let fresh = &token[seen..];
        self.seen = token.len();
        let end = match &mut self.parser {
            Search::Text => return memchr::memchr2(b'<', b'&', fresh).map_or(Cut::Open, |at| Cut::Whole(seen + at)),
            Search::Reference => match memchr::memchr3(b';', b'&', b'<', fresh) {
                Some(at) if fresh[at] != b';' => return Cut::Wrong("a reference has no ';'; write & as &amp;"),
                end => end,
            },
            Search::Tag(parser) => parser.feed(fresh),
            // Unlike the others it counts the bytes up to and with the end.
            Search::Comment(parser) => parser.feed(fresh).and_then(|bytes| bytes.checked_sub(1)),
            Search::Instruction(parser) => parser.feed(fresh),
            Search::CData => memchr::memchr_iter(b'>', fresh).find(|at| token[9..seen + at].ends_with(b"]]")),
            Search::Doctype(parser) => parser.feed(fresh),
        };
        end.map_or(Cut::Open, |at| Cut::Whole(seen + at + 1))
    }

    /// What to say when the document ends within this token; nothing for a text, which ends there.
    pub(super) fn at_end(&self) -> Option<&'static str> {
        match self.kind {
            Kind::Text => None,
            Kind::Reference => Some("the document ends within a reference"),
            Kind::StartTag | Kind::EndTag => Some("the document ends within a tag"),
            Kind::CData => Some("the document ends within a CDATA section"),
            Kind::Comment => Some("the document ends within a comment"),
            Kind::Instruction => Some("the document ends within a processing instruction"),
            Kind::Doctype => Some("the document ends within the document type declaration"),
        }
    }
}

/// Steps over a document type declaration: quotes, the internal subset, comments and instructions within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DoctypeParser {
    /// Outside of the internal subset.
    Head,
    HeadQuote(u8),
    Subset,
    /// Behind `<` within the subset, and behind so many bytes of `!--`.
    Opening(u8),
    Declaration,
    DeclarationQuote(u8),
    /// With so many dashes of its end seen.
    Comment(u8),
    /// With the question mark of its end seen or not.
    Instruction(bool),
}

impl DoctypeParser {
    /// The index of the closing `>`.
    fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            if *self == Self::Head && byte == b'>' {
                return Some(at);
            }
            *self = self.after(byte);
        }
        None
    }

    fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Head, b'"' | b'\'') => Self::HeadQuote(byte),
            (Self::Head, b'[') => Self::Subset,
            (Self::HeadQuote(quote), _) if byte == quote => Self::Head,
            (Self::Subset, b']') => Self::Head,
            (Self::Subset, b'<') => Self::Opening(0),
            (Self::Opening(0), b'?') => Self::Instruction(false),
            (Self::Opening(0), b'!') => Self::Opening(1),
            (Self::Opening(1), b'-') => Self::Opening(2),
            (Self::Opening(2), b'-') => Self::Comment(0),
            (Self::Opening(_) | Self::Declaration, b'"' | b'\'') => Self::DeclarationQuote(byte),
            (Self::Opening(_) | Self::Declaration, b'>') => Self::Subset,
            (Self::Opening(_), _) => Self::Declaration,
            (Self::DeclarationQuote(quote), _) if byte == quote => Self::Declaration,
            (Self::Comment(2), b'>') => Self::Subset,
            (Self::Comment(dashes), b'-') => Self::Comment((dashes + 1).min(2)),
            (Self::Comment(_), _) => Self::Comment(0),
            (Self::Instruction(true), b'>') => Self::Subset,
            (Self::Instruction(_), _) => Self::Instruction(byte == b'?'),
            (same, _) => same,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first token of a text, its bytes given so many at a time.
    fn first(text: &str, step: usize) -> String {
        let bytes = text.as_bytes();
        let mut scan: Option<Scan> = None;
        for end in (step..bytes.len()).step_by(step).chain([bytes.len()]) {
            let scan = match &mut scan {
                Some(scan) => scan,
                None => match Scan::begin(&bytes[..end]) {
                    Some(Ok(begun)) => scan.insert(begun),
                    Some(Err(_)) => return "unknown".to_owned(),
                    None => continue,
                },
            };
            match scan.feed(&bytes[..end]) {
                Cut::Open => {}
                Cut::Wrong(_) => return "wrong".to_owned(),
                Cut::Whole(length) => return format!("{:?} {}", scan.kind, &text[..length]),
            }
        }
        "open".to_owned()
    }

    #[test]
    fn a_token_ends_where_it_ends_however_its_bytes_arrive() {
        for (text, expected) in [
            ("<a b='>' c=\"'>\">x", "StartTag <a b='>' c=\"'>\">"),
            ("</a >x", "EndTag </a >"),
            ("<>x", "StartTag <>"),
            ("text<a>", "Text text"),
            ("te&amp;", "Text te"),
            ("&amp;x", "Reference &amp;"),
            ("&amp<", "wrong"),
            ("& &", "wrong"),
            ("<!-- - -- > -->x", "Comment <!-- - -- > -->"),
            ("<!---->x", "Comment <!---->"),
            ("<!--->-->x", "Comment <!--->-->"),
            ("<![CDATA[]]>x", "CData <![CDATA[]]>"),
            ("<![CDATA[>]>]]]>x", "CData <![CDATA[>]>]]]>"),
            ("<![CDATA[]>", "open"),
            ("<?a > ? b?>x", "Instruction <?a > ? b?>"),
            ("<?>x", "open"),
            ("<!DOCTYPE a>x", "Doctype <!DOCTYPE a>"),
            ("<!DOCTYPE a SYSTEM '[>'>x", "Doctype <!DOCTYPE a SYSTEM '[>'>"),
            ("<!DOCTYPE a [<!ENTITY b ']>'>]>x", "Doctype <!DOCTYPE a [<!ENTITY b ']>'>]>"),
            (
                "<!DOCTYPE a [<!-- ' ]> - -> --> <?pi ' ]> > ?>]  >x",
                "Doctype <!DOCTYPE a [<!-- ' ]> - -> --> <?pi ' ]> > ?>]  >",
            ),
            ("<!DOCTYPE a [<!---> ]>x", "open"),
            ("<!DOCTYPE a [<!ELEMENT a (b>]>x", "Doctype <!DOCTYPE a [<!ELEMENT a (b>]>"),
            ("<!doctype a>", "unknown"),
            ("<![cdata[", "unknown"),
            ("<!-", "open"),
            ("<", "open"),
        ] {
            for step in [1, 2, 3, 5, 100] {
                assert_eq!(first(text, step), expected, "{text} by {step}");
            }
        }
    }
}

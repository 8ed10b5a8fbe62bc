//! The envelope's tokens, one at a time, as the raw bytes they were sent in: well-formedness is checked, nothing is built.
//!
//! The sdk's reader hands out whole texts and resolved names, which a document passed on byte for byte has no use for; and
//! it must hold a text to hand it out, which a catalog inside one CDATA section forbids. This one holds a window of the
//! stream: long text, CDATA, comments and processing instructions come in pieces. It reads no document type and no entity.

use std::io::Read;
use std::ops::Range;

use memchr::memmem;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::XmlLimits;

use super::namespaces::{self, Scopes};
use super::syntax::{self, Reference, Stop};
use super::window::Window;

/// The longest reference worth waiting for: a name of an entity, or a number with leading zeros.
const REFERENCE_BYTES_MAX: usize = 64;

/// One token. Its bytes are [`Scanner::raw`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// A start tag. An empty element's is followed by an [`End`](Self::End) without bytes.
    Start,
    End,
    /// A piece of character data.
    Text,
    /// The delimiters of a CDATA section.
    CDataDelimiter,
    /// A piece of the content of a CDATA section.
    CData,
    /// A piece of a comment.
    Comment,
    /// A piece of a processing instruction.
    Instruction,
    /// A piece of an XML declaration or a document type, where [`Scanner::allow_prolog`] tolerates one.
    Prolog,
    Eof,
}

/// What the next bytes belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Content,
    /// After the start tag of an empty element.
    EmptyElement,
    CData,
    Comment,
    Instruction,
    Declaration,
}

/// An attribute of the current start tag, as ranges of [`Scanner::raw`].
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

pub(crate) struct Scanner<R> {
    window: Window<R>,
    limits: XmlLimits,
    inside: Inside,
    pub(crate) scopes: Scopes,
    attributes: Vec<Attribute>,
    name_bytes: usize,
    has_root: bool,
    closes_after_token: bool,
    /// Tolerates and skips an XML declaration and a document type before the next element: a whole document glued into
    /// an envelope as text.
    pub(crate) allow_prolog: bool,
    /// Lets references to unknown entities pass, because a document type that was skipped may have declared them.
    pub(crate) allow_unknown_entities: bool,
}

impl<R: Read> Scanner<R> {
    /// A scanner over UTF-8 text from its first byte.
    pub(crate) fn new(source: R, limits: XmlLimits) -> Self {
        Self {
            window: Window::new(source),
            limits,
            inside: Inside::Content,
            scopes: Scopes::default(),
            attributes: Vec::new(),
            name_bytes: 0,
            has_root: false,
            closes_after_token: false,
            allow_prolog: true,
            allow_unknown_entities: false,
        }
    }

    /// The current token's bytes as sent.
    pub(crate) fn raw(&self) -> &[u8] {
        self.window.token()
    }

    /// The name of the current start tag as written.
    pub(crate) fn name(&self) -> &[u8] {
        &self.raw()[1..1 + self.name_bytes]
    }

    /// The attributes of the current start tag.
    pub(crate) fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// Bytes of the stream before the current token.
    pub(crate) fn offset(&self) -> u64 {
        self.window.offset()
    }

    /// The next token.
    ///
    /// # Errors
    /// Whatever is not well-formed, exceeds a limit or cannot be read, with line and column.
    pub(crate) fn next(&mut self) -> Result<Token, ApiError> {
        self.window.pass();
        if std::mem::take(&mut self.closes_after_token) {
            self.scopes.close();
        }
        match self.inside {
            Inside::Content => self.content(),
            Inside::EmptyElement => {
                self.inside = Inside::Content;
                self.closes_after_token = true;
                Ok(Token::End)
            }
            Inside::CData => self.until(b"]]>", Token::CData),
            Inside::Comment => self.until(b"--", Token::Comment),
            Inside::Instruction => self.until(b"?>", Token::Instruction),
            Inside::Declaration => self.until(b"?>", Token::Prolog),
        }
    }

    fn content(&mut self) -> Result<Token, ApiError> {
        if self.offset() == 0 && self.at_least(3)? && self.window.rest().starts_with("\u{feff}".as_bytes()) {
            self.window.skip(3);
        }
        if !self.at_least(1)? {
            return self.end_of_input();
        }
        if self.window.rest()[0] != b'<' {
            return self.text();
        }
        if !self.at_least(2)? {
            return Err(self.cut_off("a tag"));
        }
        match self.window.rest()[1] {
            b'/' => self.end_tag(),
            b'!' => self.exclamation(),
            b'?' => self.instruction(),
            _ => self.start_tag(),
        }
    }

    fn end_of_input(&mut self) -> Result<Token, ApiError> {
        if self.scopes.depth() == 0 && self.has_root {
            return Ok(Token::Eof);
        }
        let innermost = String::from_utf8_lossy(self.scopes.innermost()).into_owned();
        Err(if innermost.is_empty() {
            self.error(0, "the body holds no XML element")
        } else {
            self.cut_off(&format!("the element {innermost}"))
        })
    }

    // --- text ---

    fn text(&mut self) -> Result<Token, ApiError> {
        let mut length = 0;
        loop {
            let (plain, stop) = syntax::plain_text(&self.window.rest()[length..]);
            length += plain;
            match stop {
                Stop::Markup => break,
                Stop::Illegal => return Err(self.error(length, "a character that XML does not allow")),
                Stop::SectionEnd => return Err(self.error(length, "]]> in text")),
                Stop::Reference => match self.reference(length)? {
                    Some(bytes) => length += bytes,
                    None if length > 0 => break,
                    None => self.more_for_reference()?,
                },
                Stop::MoreNeeded => {
                    length = syntax::whole_characters(&self.window.rest()[..length]);
                    if length > 0 {
                        break;
                    }
                    if !self.window.fill()? {
                        length = self.window.rest().len();
                        break;
                    }
                }
            }
        }
        if self.scopes.depth() == 0 && !self.window.rest()[..length].iter().copied().all(syntax::is_blank) {
            return Err(self.error(0, "text outside of the root element"));
        }
        self.window.take(length);
        Ok(Token::Text)
    }

    /// The length of the reference at `at`; `None` if its end is not in the window yet.
    fn reference(&self, at: usize) -> Result<Option<usize>, ApiError> {
        let rest = &self.window.rest()[at..];
        let end = rest.iter().take(REFERENCE_BYTES_MAX).position(|byte| *byte == b';');
        let Some(end) = end else {
            let is_hopeless =
                rest.len() >= REFERENCE_BYTES_MAX || rest[1..].iter().any(|byte| matches!(byte, b'<' | b'&' | b' '));
            return if is_hopeless { Err(self.error(at, "a & that starts no reference")) } else { Ok(None) };
        };
        match syntax::reference(&rest[1..end]) {
            Reference::Character(_) => Ok(Some(end + 1)),
            Reference::Unknown if self.allow_unknown_entities => Ok(Some(end + 1)),
            Reference::Unknown => {
                let name = String::from_utf8_lossy(&rest[1..end]);
                Err(self.coded(&codes::ENTITY_UNKNOWN, at, &format!("the entity {name} is none of XML's five")))
            }
            Reference::Malformed => Err(self.error(at, "a reference to something that is no character")),
        }
    }

    fn more_for_reference(&mut self) -> Result<(), ApiError> {
        if self.window.fill()? { Ok(()) } else { Err(self.cut_off("a reference")) }
    }

    // --- tags ---

    fn end_tag(&mut self) -> Result<Token, ApiError> {
        let length = self.tag_length(false)?;
        let tag = &self.window.rest()[2..length - 1];
        let name_bytes = tag.iter().rposition(|byte| !syntax::is_blank(*byte)).map_or(0, |at| at + 1);
        if self.scopes.depth() == 0 || tag[..name_bytes] != *self.scopes.innermost() {
            let found = String::from_utf8_lossy(&tag[..name_bytes]);
            let open = String::from_utf8_lossy(self.scopes.innermost());
            return Err(self.error(0, &format!("the end tag {found:.80} where {open:.80} is open")));
        }
        self.closes_after_token = true;
        self.window.take(length);
        Ok(Token::End)
    }

    fn start_tag(&mut self) -> Result<Token, ApiError> {
        let length = self.tag_length(true)?;
        if self.scopes.depth() == 0 && self.has_root {
            return Err(self.error(0, "a second root element"));
        }
        if self.scopes.depth() >= self.limits.depth_max {
            return Err(self.exceeded("elements inside one another", self.limits.depth_max));
        }
        let is_empty = self.window.rest()[length - 2] == b'/';
        self.name_bytes = syntax::name_length(&self.window.rest()[1..length - 1]);
        self.window.take(length);
        let Some((prefix, _)) = syntax::split_name(self.name()).filter(|_| self.name_bytes > 0) else {
            return Err(self.error(1, "a tag without a name, or with a name that cannot be"));
        };
        let prefix = prefix.len();
        self.check_name_length(self.name_bytes)?;
        self.scopes.open(&self.window.token()[1..1 + self.name_bytes]);
        self.read_attributes(length - 1 - usize::from(is_empty))?;
        if !self.scopes.is_declared(&self.window.token()[1..1 + prefix]) {
            return Err(self.error(1, "a prefix that is not declared"));
        }
        self.has_root = true;
        self.allow_prolog = false;
        self.inside = if is_empty { Inside::EmptyElement } else { Inside::Content };
        Ok(Token::Start)
    }

    fn check_name_length(&self, bytes: usize) -> Result<(), ApiError> {
        let max = self.limits.name_bytes_max;
        if bytes > max { Err(self.exceeded("bytes in a name", max)) } else { Ok(()) }
    }

    /// The length of the tag at the start of the rest, with its `>`. Quotes hide a `>` in start tags.
    fn tag_length(&mut self, has_attributes: bool) -> Result<usize, ApiError> {
        let (mut at, mut quote) = (1, None);
        loop {
            let rest = &self.window.rest()[at..];
            let found = match quote {
                Some(quote) => memchr::memchr(quote, rest),
                None if has_attributes => memchr::memchr3(b'>', b'"', b'\'', rest),
                None => memchr::memchr(b'>', rest),
            };
            match found.map(|found| (found, rest[found])) {
                Some((found, b'>')) if quote.is_none() => return Ok(at + found + 1),
                Some((found, mark)) => {
                    quote = if quote.is_none() { Some(mark) } else { None };
                    at += found + 1;
                }
                None => {
                    at += rest.len();
                    if at > self.limits.text_bytes_max {
                        return Err(self.exceeded("bytes in one tag", self.limits.text_bytes_max));
                    }
                    if !self.window.fill()? {
                        return Err(self.cut_off("a tag"));
                    }
                }
            }
        }
    }

    // --- attributes ---

    /// Reads the attributes of the tag that ends at `end`, and declares its namespaces.
    fn read_attributes(&mut self, end: usize) -> Result<(), ApiError> {
        self.attributes.clear();
        let mut at = 1 + self.name_bytes;
        loop {
            let tag = &self.raw()[..end];
            let start = at + tag[at..].iter().position(|byte| !syntax::is_blank(*byte)).unwrap_or(end - at);
            if start == end {
                break;
            }
            if start == at {
                return Err(self.error(at, "no blank before an attribute"));
            }
            let Some((attribute, next)) = attribute(tag, start) else {
                return Err(self.error(start, "an attribute that is not name=\"value\""));
            };
            self.check_attribute(&attribute)?;
            self.attributes.push(attribute);
            if self.attributes.len() > self.limits.attributes_max {
                return Err(self.exceeded("attributes of one element", self.limits.attributes_max));
            }
            at = next;
        }
        self.declare_namespaces()
    }

    fn check_attribute(&self, new: &Attribute) -> Result<(), ApiError> {
        self.check_name_length(new.name.len())?;
        let name = &self.raw()[new.name.clone()];
        if self.attributes.iter().any(|old| self.raw()[old.name.clone()] == *name) {
            return Err(self.error(new.name.start, "the same attribute twice"));
        }
        let value = &self.raw()[new.value.clone()];
        if let Some(at) = syntax::illegal_character(value).or_else(|| memchr::memchr(b'<', value)) {
            return Err(self.error(new.value.start + at, "a character that an attribute may not have"));
        }
        for at in memchr::memchr_iter(b'&', value) {
            let end = value[at..].iter().take(REFERENCE_BYTES_MAX).position(|byte| *byte == b';').unwrap_or(1);
            match syntax::reference(&value[at + 1..at + end]) {
                Reference::Character(_) => {}
                Reference::Unknown if self.allow_unknown_entities => {}
                Reference::Unknown => {
                    return Err(self.coded(&codes::ENTITY_UNKNOWN, 0, "an entity that is none of XML's five"));
                }
                Reference::Malformed => return Err(self.error(new.value.start + at, "a & that starts no reference")),
            }
        }
        Ok(())
    }

    fn declare_namespaces(&mut self) -> Result<(), ApiError> {
        for index in 0..self.attributes.len() {
            let Attribute { name, value } = self.attributes[index].clone();
            let prefix = match &self.window.token()[name.clone()] {
                b"xmlns" => name.end..name.end,
                other if other.starts_with(b"xmlns:") => name.start + 6..name.end,
                _ => continue,
            };
            let uri = syntax::unescaped(&String::from_utf8_lossy(&self.window.token()[value]));
            let prefix = &self.window.token()[prefix];
            let is_lawful = match prefix {
                b"xml" => uri == namespaces::XML,
                b"xmlns" => false,
                b"" => true,
                _ => !uri.is_empty(),
            };
            if !is_lawful {
                return Err(self.error(name.start, "a namespace declaration that cannot be"));
            }
            self.scopes.declare(prefix, uri);
        }
        if self.scopes.declared() > self.limits.namespaces_max {
            return Err(self.exceeded("namespace declarations in scope", self.limits.namespaces_max));
        }
        for index in 0..self.attributes.len() {
            let name = self.attributes[index].name.clone();
            let prefix = syntax::split_name(&self.window.token()[name.clone()]).map(|(prefix, _)| prefix);
            if !prefix.is_some_and(|prefix| prefix == b"xmlns" || self.scopes.is_declared(prefix)) {
                return Err(self.error(name.start, "an attribute whose prefix is not declared"));
            }
        }
        Ok(())
    }

    // --- comments, sections, instructions, prolog ---

    fn exclamation(&mut self) -> Result<Token, ApiError> {
        for (opening, inside, token) in [
            (b"<!--".as_slice(), Inside::Comment, Token::Comment),
            (b"<![CDATA[".as_slice(), Inside::CData, Token::CDataDelimiter),
        ] {
            if self.starts_with(opening)? {
                if inside == Inside::CData && self.scopes.depth() == 0 {
                    return Err(self.error(0, "text outside of the root element"));
                }
                self.window.take(opening.len());
                self.inside = inside;
                return Ok(token);
            }
        }
        if !self.starts_with(b"<!DOCTYPE")? {
            return Err(self.error(0, "markup that starts with <! and is nothing known"));
        }
        if !self.allow_prolog || self.scopes.depth() == 0 {
            return Err(self.coded(
                &codes::DOCTYPE_REFUSED,
                0,
                "a document type declaration has no place in an envelope",
            ));
        }
        self.allow_unknown_entities = true;
        self.doctype()
    }

    fn instruction(&mut self) -> Result<Token, ApiError> {
        let is_declaration =
            self.starts_with(b"<?xml")? && self.at_least(6)? && syntax::is_blank(self.window.rest()[5]);
        if !is_declaration {
            self.window.take(2);
            self.inside = Inside::Instruction;
            return Ok(Token::Instruction);
        }
        if !self.allow_prolog || (self.scopes.depth() == 0 && self.offset() > 3) {
            return Err(self.error(0, "an XML declaration that is not at the beginning"));
        }
        self.window.take(5);
        self.inside = Inside::Declaration;
        Ok(Token::Prolog)
    }

    /// A piece of what ends with `closing`, or its end. A `--` must be the end of its comment.
    fn until(&mut self, closing: &[u8], token: Token) -> Result<Token, ApiError> {
        loop {
            let rest = self.window.rest();
            let length = match memmem::find(rest, closing) {
                Some(0) => return self.closed(closing, token),
                Some(at) => at,
                None => syntax::whole_characters(&rest[..rest.len().saturating_sub(closing.len() - 1)]),
            };
            if let Some(at) = syntax::illegal_character(&rest[..length]) {
                return Err(self.error(at, "a character that XML does not allow"));
            }
            if length > 0 {
                self.window.take(length);
                return Ok(token);
            }
            if !self.window.fill()? {
                return Err(self.cut_off("a comment, a CDATA section or an instruction"));
            }
        }
    }

    fn closed(&mut self, closing: &[u8], token: Token) -> Result<Token, ApiError> {
        let closing = if token == Token::Comment { b"-->" } else { closing };
        if !self.starts_with(closing)? {
            return Err(self.error(0, "-- inside a comment"));
        }
        self.window.take(closing.len());
        self.inside = Inside::Content;
        Ok(if token == Token::CData { Token::CDataDelimiter } else { token })
    }

    /// Skips a document type: brackets, quotes, comments and instructions are told apart, and nothing in them is read.
    fn doctype(&mut self) -> Result<Token, ApiError> {
        let start = self.offset();
        self.window.skip(2);
        let mut depth = 1_u32;
        while depth > 0 {
            if self.offset() - start > self.limits.doctype_bytes_max as u64 {
                return Err(self.exceeded("bytes of a document type", self.limits.doctype_bytes_max));
            }
            if !self.at_least(1)? {
                return Err(self.cut_off("a document type"));
            }
            let mark = self.window.rest()[0];
            match mark {
                b'<' if self.starts_with(b"<!--")? => self.skip_past(4, b"-->")?,
                b'<' if self.starts_with(b"<?")? => self.skip_past(2, b"?>")?,
                b'"' => self.skip_past(1, b"\"")?,
                b'\'' => self.skip_past(1, b"'")?,
                _ => {
                    depth = match mark {
                        b'<' | b'[' => depth + 1,
                        b'>' | b']' => depth - 1,
                        _ => depth,
                    };
                    self.window.skip(1);
                }
            }
        }
        Ok(Token::Prolog)
    }

    fn skip_past(&mut self, opening_bytes: usize, closing: &[u8]) -> Result<(), ApiError> {
        self.window.skip(opening_bytes);
        let mut skipped = 0;
        loop {
            if let Some(at) = memmem::find(self.window.rest(), closing) {
                self.window.skip(at + closing.len());
                return Ok(());
            }
            let known = self.window.rest().len().saturating_sub(closing.len() - 1);
            self.window.skip(known);
            skipped += known;
            if skipped > self.limits.doctype_bytes_max {
                return Err(self.exceeded("bytes of a document type", self.limits.doctype_bytes_max));
            }
            if !self.window.fill()? {
                return Err(self.cut_off("a document type"));
            }
        }
    }

    // --- the window ---

    fn at_least(&mut self, bytes: usize) -> Result<bool, ApiError> {
        while self.window.rest().len() < bytes {
            if !self.window.fill()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn starts_with(&mut self, opening: &[u8]) -> Result<bool, ApiError> {
        let known = self.window.rest().len().min(opening.len());
        if self.window.rest()[..known] != opening[..known] {
            return Ok(false);
        }
        Ok(self.at_least(opening.len())? && self.window.rest().starts_with(opening))
    }

    // --- errors ---

    /// `document_malformed` at `ahead` bytes into the current token.
    pub(crate) fn error(&self, ahead: usize, what: &str) -> ApiError {
        self.coded(&codes::DOCUMENT_MALFORMED, ahead, what)
    }

    /// An error of a code at `ahead` bytes into the current token.
    pub(crate) fn coded(&self, code: &'static codes::Code, ahead: usize, what: &str) -> ApiError {
        let (line, column) = self.window.position(ahead);
        ApiError::new(code, format!("line {line}, column {column}: {what}"))
    }

    fn exceeded(&self, what: &str, max: usize) -> ApiError {
        self.coded(&codes::LIMIT_EXCEEDED, 0, &format!("more than {max} {what}"))
    }

    fn cut_off(&self, what: &str) -> ApiError {
        self.error(0, &format!("the body ends inside {what}"))
    }
}

/// The attribute that starts at `start`, and where the tag goes on after it.
fn attribute(tag: &[u8], start: usize) -> Option<(Attribute, usize)> {
    let blanks = |at: usize| tag[at..].iter().take_while(|byte| syntax::is_blank(**byte)).count();
    let name = start..start + syntax::name_length(&tag[start..]);
    let equals = name.end + blanks(name.end);
    if name.is_empty() || tag.get(equals) != Some(&b'=') {
        return None;
    }
    let open = equals + 1 + blanks(equals + 1);
    let quote = *tag.get(open).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let length = memchr::memchr(quote, &tag[open + 1..])?;
    let value = open + 1..open + 1 + length;
    let next = value.end + 1;
    Some((Attribute { name, value }, next))
}

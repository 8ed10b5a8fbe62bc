//! The envelope's tokens, one at a time, as the raw bytes they were sent in: well-formedness is checked, nothing is built.
//!
//! The sdk's reader hands out whole texts and resolved names, which a document passed on byte for byte has no use for; and
//! it must hold a text to hand it out, which a catalog inside one CDATA section forbids. This one holds a window of the
//! stream: long text, CDATA, comments and processing instructions come in pieces. It reads no document type and no entity.

mod asides;
mod attributes;
mod plain;

use std::io::Read;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::XmlLimits;

pub(crate) use attributes::Attribute;

use super::namespaces::Scopes;
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
        if let Some(length) = self.plain_end_tag() {
            return Ok(self.closing(length));
        }
        let length = self.tag_length(false)?;
        let tag = &self.window.rest()[2..length - 1];
        let name_bytes = tag.iter().rposition(|byte| !syntax::is_blank(*byte)).map_or(0, |at| at + 1);
        if self.scopes.depth() == 0 || tag[..name_bytes] != *self.scopes.innermost() {
            let found = String::from_utf8_lossy(&tag[..name_bytes]);
            let open = String::from_utf8_lossy(self.scopes.innermost());
            return Err(self.error(0, &format!("the end tag {found:.80} where {open:.80} is open")));
        }
        Ok(self.closing(length))
    }

    /// The length of an end tag that closes what is open and has no blanks: all but a few.
    fn plain_end_tag(&self) -> Option<usize> {
        let rest = self.window.rest()[2..].strip_prefix(self.scopes.innermost())?;
        (rest.first() == Some(&b'>') && self.scopes.depth() > 0).then(|| self.scopes.innermost().len() + 3)
    }

    fn closing(&mut self, length: usize) -> Token {
        self.closes_after_token = true;
        self.window.take(length);
        Token::End
    }

    fn start_tag(&mut self) -> Result<Token, ApiError> {
        let length = self.start_tag_length()?;
        if self.scopes.depth() == 0 && self.has_root {
            return Err(self.error(0, "a second root element"));
        }
        if self.scopes.depth() >= self.limits.depth_max {
            return Err(self.exceeded("elements inside one another", self.limits.depth_max));
        }
        self.window.take(length);
        let Some((prefix, _)) = syntax::split_name(self.name()).filter(|_| self.name_bytes > 0) else {
            return Err(self.error(1, "a tag without a name, or with a name that cannot be"));
        };
        let prefix = prefix.len();
        self.check_name_length(self.name_bytes)?;
        self.scopes.open(&self.window.token()[1..1 + self.name_bytes]);
        let is_empty = self.raw()[length - 2] == b'/';
        self.read_attributes(length - 1 - usize::from(is_empty))?;
        if !self.scopes.is_declared(&self.window.token()[1..1 + prefix]) {
            return Err(self.error(1, "a prefix that is not declared"));
        }
        self.has_root = true;
        self.allow_prolog = false;
        self.inside = if is_empty { Inside::EmptyElement } else { Inside::Content };
        Ok(Token::Start)
    }

    /// The length of the start tag, and of its name. Most have nothing but a name, and need no search for their end.
    fn start_tag_length(&mut self) -> Result<usize, ApiError> {
        self.name_bytes = syntax::name_length(&self.window.rest()[1..]);
        if self.window.rest().get(1 + self.name_bytes) == Some(&b'>') {
            return Ok(self.name_bytes + 2);
        }
        let length = self.tag_length(true)?;
        self.name_bytes = syntax::name_length(&self.window.rest()[1..length - 1]);
        Ok(length)
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

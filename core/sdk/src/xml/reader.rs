//! The reader: events of a document with their positions, or the first thing that is wrong with it.
//!
//! The feed below decodes the bytes, bounds them and cuts them into tokens; the assembler checks the tokens.

use std::io::BufRead;

use memchr::memmem::Finder;

use super::assembler::{Assembler, Step};
use super::element::{Element, TreeBuilder};
use super::error::{XmlError, XmlErrorKind};
use super::feed::{Failure, Feed};
use super::lines::position_after;
use super::options::XmlOptions;
use super::tag::{Flaw, StartTag};
use super::tokens::Kind;
use crate::model::Position;

/// What comes next in a document. Comments and processing instructions are passed over; an empty element is a start and an end.
pub enum XmlEvent<'r> {
    /// An element begins.
    Start(StartTag<'r>),
    /// The innermost element ends.
    End,
    /// The whole text between two tags: runs, references and CDATA in one, blanks included. Never empty.
    Text(&'r str),
    /// The document is over, and was complete.
    Eof,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Text,
    Step(Step),
}

/// A streaming reader of one document.
///
/// After an error other than [`RecordTooLarge`](XmlErrorKind::RecordTooLarge) every call answers with that kind again.
pub struct XmlReader<'a> {
    feed: Feed<'a>,
    assembler: Assembler<'a>,
    /// Read behind a text, not delivered yet.
    ahead: Option<Step>,
    last: Last,
    depth: usize,
    failed: Option<(XmlErrorKind, Position)>,
}

impl<'a> XmlReader<'a> {
    /// A reader of `source`. Nothing is read before the first event is asked for.
    pub fn new(source: &'a mut dyn BufRead, options: XmlOptions<'a>) -> Self {
        let feed = Feed::new(source, options.charset, options.guesses_encoding);
        let assembler = Assembler::new(options);
        let last = Last::Step(Step::Within);
        Self { feed, assembler, ahead: None, last, depth: 0, failed: None }
    }

    /// The next event.
    ///
    /// # Errors
    /// The first thing that is wrong, with its position.
    #[expect(clippy::should_implement_trait, reason = "an event borrows from the reader, which an Iterator cannot say")]
    pub fn next(&mut self) -> Result<XmlEvent<'_>, XmlError> {
        self.advance()?;
        Ok(match self.last {
            Last::Text => XmlEvent::Text(&self.assembler.text),
            Last::Step(Step::Start) => XmlEvent::Start(self.tag()),
            Last::Step(Step::End) => XmlEvent::End,
            Last::Step(Step::Eof | Step::Within) => XmlEvent::Eof,
        })
    }

    /// The start tag that was read last; meaningful until the next event.
    #[must_use]
    pub fn tag(&self) -> StartTag<'_> {
        StartTag { tag: &self.assembler.tag, names: &self.assembler.names }
    }

    /// The position of the last event's first character.
    pub fn position(&mut self) -> Position {
        if let Some((_, position)) = self.failed {
            return position;
        }
        match self.last {
            Last::Text => self.feed.text_position(),
            Last::Step(_) => self.feed.event_position(),
        }
    }

    /// The position of the last text's first character, while the event behind it is the last one.
    pub(crate) fn text_position(&mut self) -> Position {
        self.feed.text_position()
    }

    /// Open elements, the one that just began included, the one that just ended excluded.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Bytes read so far, counted as UTF-8.
    #[must_use]
    pub fn byte_offset(&self) -> u64 {
        self.feed.offset()
    }

    /// The encoding that bytes were taken for which are not UTF-8 in a document that declares none, their number so far, and the
    /// place of the first.
    #[must_use]
    pub fn guessed(&self) -> Option<(&'static str, u64, Position)> {
        self.feed.guessed()
    }

    /// Says that a record begins with the start tag that was just read: [`raw_excerpt`](Self::raw_excerpt) and
    /// [`record_bytes`](Self::record_bytes) count from it.
    pub fn begin_record(&mut self) {
        self.feed.begin_record();
    }

    /// Bytes read since the record began.
    #[must_use]
    pub fn record_bytes(&self) -> u64 {
        self.byte_offset() - self.feed.record_offset()
    }

    /// The first bytes of the record as they stand in the document, at most
    /// [`EXCERPT_BYTES_MAX`](crate::model::finding::EXCERPT_BYTES_MAX) and only as far as it was read.
    pub fn raw_excerpt(&mut self) -> String {
        self.feed.excerpt()
    }

    /// After a start tag: the element's bytes as they stand in the document, if the first `end` behind the tag ends it, and is within
    /// reach. Whether it does is known only once the element was read.
    pub(crate) fn peek_element(&mut self, end: &Finder<'_>, bytes_max: usize) -> Option<&str> {
        if self.failed.is_some() || self.assembler.is_at_empty_element() {
            return None;
        }
        self.feed.peek(end, bytes_max)
    }

    /// After a start tag: passes over the element, which has so many bytes, without looking at them.
    pub(crate) fn pass_over(&mut self, bytes: usize) {
        self.feed.pass_over(bytes);
        self.last = Last::Step(self.assembler.end());
        self.depth = self.depth.saturating_sub(1);
    }

    /// What the last start tag says between its brackets, as it stands in the document.
    pub(crate) fn raw_tag(&self) -> &str {
        self.assembler.tag.content()
    }

    /// After a start tag: passes over the element, its end tag included.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    pub fn skip(&mut self) -> Result<(), XmlError> {
        self.skip_to(self.depth.saturating_sub(1))
    }

    /// Passes over events until no more than `depth` elements are open.
    ///
    /// # Errors
    /// Those of [`next`](Self::next).
    pub fn skip_to(&mut self, depth: usize) -> Result<(), XmlError> {
        while self.depth > depth {
            self.advance()?;
        }
        Ok(())
    }

    /// After a start tag: all text of the element and of the elements within it, its end tag consumed.
    ///
    /// # Errors
    /// Those of [`next`](Self::next), and a limit if all texts together are longer than one may be.
    pub fn text(&mut self) -> Result<String, XmlError> {
        let mut text = String::new();
        self.text_into(&mut text)?;
        Ok(text)
    }

    /// As [`text`](Self::text), appended to a buffer of the caller's.
    ///
    /// # Errors
    /// Those of [`text`](Self::text).
    pub fn text_into(&mut self, into: &mut String) -> Result<(), XmlError> {
        let outside = self.depth.saturating_sub(1);
        let start = into.len();
        loop {
            self.advance()?;
            match self.last {
                Last::Text => {
                    into.push_str(&self.assembler.text);
                    let max = self.assembler.options.limits.text_bytes_max;
                    if into.len() - start > max {
                        return Err(self.refuse("bytes in one text", max));
                    }
                }
                Last::Step(Step::End) if self.depth <= outside => return Ok(()),
                Last::Step(Step::Eof) => return Ok(()),
                Last::Step(_) => {}
            }
        }
    }

    /// After a start tag: the element with everything in it, its end tag consumed.
    ///
    /// # Errors
    /// Those of [`next`](Self::next), and [`RecordTooLarge`](XmlErrorKind::RecordTooLarge), after which the reader stands
    /// behind the element and goes on.
    pub fn element(&mut self) -> Result<Element, XmlError> {
        let outside = self.depth.saturating_sub(1);
        let position = self.position();
        let max = self.assembler.options.limits.record_bytes_max;
        let mut tree = TreeBuilder::new(max);
        tree.start(self.tag(), position);
        while self.depth > outside {
            self.advance()?;
            match self.last {
                Last::Text => tree.text(&self.assembler.text),
                Last::Step(Step::Start) => {
                    let position = self.position();
                    tree.start(self.tag(), position);
                }
                Last::Step(Step::End) => tree.end(),
                Last::Step(Step::Eof | Step::Within) => break,
            }
        }
        tree.finish().ok_or_else(|| XmlError {
            kind: XmlErrorKind::RecordTooLarge { max },
            position,
            message: format!("the element is larger than {max} bytes"),
            source: None,
        })
    }

    /// Reads on to the next event, which `last` then says.
    fn advance(&mut self) -> Result<(), XmlError> {
        if let Some((kind, position)) = self.failed {
            return Err(XmlError {
                kind,
                position,
                message: "the document was given up here".to_owned(),
                source: None,
            });
        }
        self.assembler.text.clear();
        let step = match self.ahead.take() {
            Some(step) => step,
            None => loop {
                match self.step()? {
                    Step::Within => {}
                    step => break step,
                }
            },
        };
        if !self.assembler.text.is_empty() {
            self.ahead = Some(step);
            self.last = Last::Text;
            return Ok(());
        }
        match step {
            Step::Start => self.depth += 1,
            Step::End => self.depth = self.depth.saturating_sub(1),
            Step::Eof | Step::Within => {}
        }
        self.last = Last::Step(step);
        Ok(())
    }

    /// Reads one token.
    fn step(&mut self) -> Result<Step, XmlError> {
        let joins_text = !self.assembler.text.is_empty();
        self.feed.begin_event(joins_text);
        if let Some((step, bytes)) = self.assembler.take_plain(self.feed.rest()) {
            self.feed.pass_over(bytes);
            return Ok(step);
        }
        if let Some(end) = self.assembler.end_of_empty() {
            return Ok(end);
        }
        let outcome = match self.feed.token(self.assembler.token_bytes_max()) {
            Ok(Some((kind, token))) => self.assembler.take(kind, token),
            Ok(None) => self.assembler.eof(),
            Err(failure) => return Err(self.feed_failed(failure)),
        };
        outcome.map_err(|flaw| {
            let start = self.feed.event_position();
            let token = self.feed.last_token().as_bytes();
            let position = position_after(start, &token[..flaw.at.min(token.len())]);
            self.give_up(flaw, position)
        })
    }

    fn feed_failed(&mut self, failure: Failure) -> XmlError {
        let start = self.feed.event_position();
        let here = self.feed.end_position();
        match failure {
            Failure::Grant(kind) => {
                let (what, max) = self.oversized(kind);
                self.refuse_at(what, max, start)
            }
            Failure::Syntax(message) => self.give_up(Flaw::malformed(0, message), start),
            Failure::Charset(message) => {
                self.give_up(Flaw { kind: XmlErrorKind::EncodingInvalid, at: 0, message }, here)
            }
            Failure::Malformed(encoding) => {
                let message = format!("the bytes are not {encoding}");
                self.give_up(Flaw { kind: XmlErrorKind::EncodingInvalid, at: 0, message }, here)
            }
            Failure::Illegal(character) => {
                let message = format!("the character U+{:04X} is not allowed in XML", u32::from(character));
                self.give_up(Flaw::malformed(0, message), here)
            }
            Failure::Io(source) => {
                let message = format!("the document could not be read on: {source}");
                let error = self.give_up(Flaw { kind: XmlErrorKind::Io, at: 0, message }, here);
                XmlError { source: Some(source), ..error }
            }
        }
    }

    /// What there was too much of in a token that is larger than its grant.
    fn oversized(&self, kind: Option<Kind>) -> (&'static str, usize) {
        let limits = &self.assembler.options.limits;
        match kind {
            Some(Kind::Doctype) => ("bytes in the document type declaration", limits.doctype_bytes_max),
            Some(Kind::Comment) => ("bytes in one comment", limits.text_bytes_max),
            Some(Kind::Instruction) => ("bytes in one processing instruction", limits.text_bytes_max),
            Some(Kind::StartTag | Kind::EndTag) => ("bytes in one tag", limits.text_bytes_max),
            Some(Kind::Text | Kind::Reference | Kind::CData) | None => ("bytes in one text", limits.text_bytes_max),
        }
    }

    fn refuse(&mut self, what: &'static str, max: usize) -> XmlError {
        let position = self.position();
        self.refuse_at(what, max, position)
    }

    fn refuse_at(&mut self, what: &'static str, max: usize, position: Position) -> XmlError {
        let message = format!("more than {max} {what}");
        self.give_up(Flaw { kind: XmlErrorKind::LimitExceeded { what, max }, at: 0, message }, position)
    }

    fn give_up(&mut self, flaw: Flaw, position: Position) -> XmlError {
        self.failed = Some((flaw.kind, position));
        XmlError { kind: flaw.kind, position, message: flaw.message, source: None }
    }
}

//! The tokens of a document out of its bytes: verified UTF-8 whatever the encoding, and never more than was granted.
//!
//! Used by the reader alone. It knows lines and columns, keeps the beginning of the current record for findings, and refuses
//! to deliver a byte that does not fit the encoding, a character that XML forbids, or a token larger than its grant. Tokens are
//! slices of the decoded text: only one that does not end within its chunk is moved, once, to the front of the next.

use std::io::{self, BufRead};

use memchr::memmem::Finder;

use super::chars;
use super::decode::{self, Charset, Guess, Reason};
use super::lines::Mark;
use super::tokens::{Cut, Kind, Scan};
use crate::model::Position;
use crate::model::finding::EXCERPT_BYTES_MAX;

/// Bytes that are decoded in one go.
const CHUNK_BYTES_MAX: usize = 64 << 10;

/// Why the feed gave no token.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The token, of this kind as far as one can tell, is larger than its grant.
    Grant(Option<Kind>),
    /// This is no token of XML.
    Syntax(&'static str),
    /// The encoding is unknown.
    Charset(String),
    /// The bytes do not fit the encoding of this name.
    Malformed(&'static str),
    /// A character that XML 1.0 does not allow.
    Illegal(char),
    /// The source failed.
    Io(io::Error),
}

/// A token with everything that belongs to it, delimiters too; nothing at the end of the document.
pub(super) type Token<'f> = Option<(Kind, &'f str)>;

/// The first bytes from some place on, kept when a chunk goes.
#[derive(Debug, Clone, Default)]
struct Snippet {
    from: u64,
    bytes: Vec<u8>,
}

pub(super) struct Feed<'a> {
    source: &'a mut dyn BufRead,
    label: Option<&'a str>,
    guesses: bool,
    /// Where the first byte was that had to be guessed.
    guessed_at: Option<Position>,
    charset: Option<Charset>,
    /// What was read to find the charset and is not decoded yet.
    head: Vec<u8>,
    /// Decoded text. The last token is `chunk[begun..taken]`.
    chunk: String,
    begun: usize,
    taken: usize,
    ended: bool,
    /// Waits behind the text that is still good.
    coming: Option<Failure>,
    /// The start of the chunk, and the last place of it that was asked for.
    chunk_mark: Mark,
    cursor: Mark,
    /// Where the text that is being gathered begins, and its position once its chunk is gone.
    text_offset: u64,
    text_position: Option<Position>,
    record_snippet: Snippet,
}

impl<'a> Feed<'a> {
    pub(super) fn new(source: &'a mut dyn BufRead, label: Option<&'a str>, guesses: bool) -> Self {
        Self {
            source,
            label,
            guesses,
            guessed_at: None,
            charset: None,
            head: Vec::new(),
            chunk: String::new(),
            begun: 0,
            taken: 0,
            ended: false,
            coming: None,
            chunk_mark: Mark::start(),
            cursor: Mark::start(),
            text_offset: 0,
            text_position: None,
            record_snippet: Snippet::default(),
        }
    }

    /// Bytes of text consumed so far.
    pub(super) fn offset(&self) -> u64 {
        self.chunk_mark.offset + self.taken as u64
    }

    /// An event begins behind the last token; with `joins_text` it continues the text that is being gathered.
    pub(super) fn begin_event(&mut self, joins_text: bool) {
        self.begun = self.taken;
        if !joins_text {
            self.text_offset = self.offset();
            self.text_position = None;
        }
    }

    /// Reads the token behind the last one. It may have `bytes_max` bytes.
    pub(super) fn token(&mut self, bytes_max: usize) -> Result<Token<'_>, Failure> {
        let mut scan: Option<Scan> = None;
        loop {
            let token = &self.chunk.as_bytes()[self.begun..];
            if scan.is_none() && !token.is_empty() {
                scan = Scan::begin(token).transpose().map_err(Failure::Syntax)?;
            }
            let cut = scan.as_mut().map_or(Cut::Open, |scan| scan.feed(token));
            let length = match cut {
                Cut::Whole(length) => length,
                Cut::Open => token.len(),
                Cut::Wrong(message) => return Err(Failure::Syntax(message)),
            };
            if length > bytes_max {
                return Err(Failure::Grant(scan.map(|scan| scan.kind)));
            }
            if cut != Cut::Open || !self.extend()? {
                self.taken = self.begun + length;
                return self.finished(scan, cut == Cut::Open);
            }
        }
    }

    fn finished(&self, scan: Option<Scan>, at_end: bool) -> Result<Token<'_>, Failure> {
        let token = &self.chunk[self.begun..self.taken];
        match scan {
            Some(scan) => match scan.at_end().filter(|_| at_end) {
                Some(message) => Err(Failure::Syntax(message)),
                None => Ok(Some((scan.kind, token))),
            },
            None if token.is_empty() => Ok(None),
            None => Err(Failure::Syntax("the document ends within a tag")),
        }
    }

    /// The text from the last token's start to the end of the first `needle` behind it, if that is in reach: within `bytes_max`.
    pub(super) fn peek(&mut self, needle: &Finder<'_>, bytes_max: usize) -> Option<&str> {
        let token = self.taken - self.begun;
        let mut searched = token;
        loop {
            let there = &self.chunk.as_bytes()[self.begun..];
            let from = searched.saturating_sub(needle.needle().len()).max(token);
            if let Some(at) = needle.find(&there[from..]) {
                let end = self.begun + from + at + needle.needle().len();
                return self.chunk.get(self.begun..end).filter(|text| text.len() <= bytes_max);
            }
            searched = there.len();
            let extended = if searched < bytes_max { self.extend() } else { Ok(false) };
            // What is wrong behind the token is wrong when the reader comes to it.
            self.taken = self.begun + token;
            match extended {
                Ok(true) => {}
                Ok(false) => return None,
                Err(failure) => {
                    self.coming = Some(failure);
                    return None;
                }
            }
        }
    }

    /// What is in memory behind the last token.
    pub(super) fn rest(&self) -> &str {
        &self.chunk[self.taken..]
    }

    /// Consumes `bytes` from the last token's start on.
    pub(super) fn pass_over(&mut self, bytes: usize) {
        self.taken = (self.begun + bytes).min(self.chunk.len());
    }

    /// The last token as far as it was read.
    pub(super) fn last_token(&self) -> &str {
        &self.chunk[self.begun..self.taken.max(self.begun)]
    }

    /// The record whose excerpt may be asked for begins with the last event.
    pub(super) fn begin_record(&mut self) {
        self.record_snippet.from = self.chunk_mark.offset + self.begun as u64;
        self.record_snippet.bytes.clear();
    }

    pub(super) fn record_offset(&self) -> u64 {
        self.record_snippet.from
    }

    /// The first bytes of the record, as far as they were consumed.
    pub(super) fn excerpt(&mut self) -> String {
        let mut snippet = self.record_snippet.clone();
        snippet.gather(self.chunk_mark.offset, &self.chunk.as_bytes()[..self.taken]);
        let whole = match std::str::from_utf8(&snippet.bytes) {
            Ok(_) => snippet.bytes.len(),
            Err(cut) => cut.valid_up_to(),
        };
        snippet.bytes.truncate(whole);
        String::from_utf8(snippet.bytes).unwrap_or_default()
    }

    pub(super) fn event_position(&mut self) -> Position {
        self.position(self.begun)
    }

    pub(super) fn text_position(&mut self) -> Position {
        match self.text_position {
            Some(position) => position,
            None => self.position(self.chunk_index(self.text_offset)),
        }
    }

    /// Where the text ends that could be decoded.
    pub(super) fn end_position(&mut self) -> Position {
        self.position(self.chunk.len())
    }

    fn position(&mut self, index: usize) -> Position {
        let cursor = self.chunk_index(self.cursor.offset);
        let (from, start) = if cursor <= index { (self.cursor, cursor) } else { (self.chunk_mark, 0) };
        self.cursor = from.after(&self.chunk.as_bytes()[start..index]);
        self.cursor.position
    }

    fn chunk_index(&self, offset: u64) -> usize {
        let index = offset.saturating_sub(self.chunk_mark.offset);
        usize::try_from(index).unwrap_or(usize::MAX).min(self.chunk.len())
    }

    /// Forgets the text in front of the current token, but for what may still be asked about it.
    fn retire(&mut self) {
        if self.begun == 0 {
            return;
        }
        if self.text_position.is_none() && self.chunk_index(self.text_offset) < self.begun {
            self.text_position = Some(self.text_position());
        }
        self.position(self.begun);
        self.record_snippet.gather(self.chunk_mark.offset, &self.chunk.as_bytes()[..self.begun]);
        self.chunk_mark = self.cursor;
        self.chunk.drain(..self.begun);
        self.begun = 0;
        self.taken = 0;
    }

    /// Adds text behind the current token. False at the end of the document.
    fn extend(&mut self) -> Result<bool, Failure> {
        self.retire();
        if self.charset.is_none() {
            self.detect_charset()?;
        }
        let length = self.chunk.len();
        while self.chunk.len() == length {
            if let Some(failure) = self.coming.take() {
                return Err(failure);
            }
            if self.ended {
                return Ok(false);
            }
            self.decode()?;
        }
        Ok(true)
    }

    fn decode(&mut self) -> Result<(), Failure> {
        let Some(charset) = &mut self.charset else { return Ok(()) };
        let length = self.chunk.len();
        let bytes = if self.head.is_empty() { filled(self.source).map_err(Failure::Io)? } else { &self.head };
        let bytes = &bytes[..bytes.len().min(CHUNK_BYTES_MAX)];
        self.ended = bytes.is_empty();
        let (used, misfit) = charset.decode(bytes, self.ended, &mut self.chunk);
        self.coming = misfit.map(Failure::Malformed);
        if self.head.is_empty() {
            self.source.consume(used);
        } else {
            self.head.drain(..used);
        }
        self.note_guess();
        if let Some(at) = chars::first_illegal(&self.chunk.as_bytes()[length..]) {
            let illegal = self.chunk[length + at..].chars().next().unwrap_or_default();
            self.coming = Some(Failure::Illegal(illegal));
            self.chunk.truncate(length + at);
        }
        Ok(())
    }

    /// Remembers where the first guess was, while the text is there that it was decoded into.
    fn note_guess(&mut self) {
        let guess = self.charset.as_ref().and_then(|charset| charset.guess.as_ref());
        if let Some(at) = guess.and_then(|guess| guess.first_at).filter(|_| self.guessed_at.is_none()) {
            self.guessed_at = Some(self.position(at));
        }
    }

    /// What bytes were taken for that no declaration explained, how many there were, and where the first was.
    pub(super) fn guessed(&self) -> Option<(&'static str, u64, Position)> {
        let guess = self.charset.as_ref()?.guess.as_ref()?;
        Some((decode::GUESSED.name(), guess.bytes, self.guessed_at?))
    }

    fn detect_charset(&mut self) -> Result<(), Failure> {
        while !decode::head_is_enough(&self.head) {
            let available = filled(self.source).map_err(Failure::Io)?;
            if available.is_empty() {
                break;
            }
            let count = available.len().min(decode::HEAD_BYTES_MAX - self.head.len());
            self.head.extend_from_slice(&available[..count]);
            self.source.consume(count);
        }
        let (mut charset, reason) = decode::detect_with_reason(&self.head, self.label).map_err(Failure::Charset)?;
        charset.guess = (self.guesses && reason == Reason::Default).then(Guess::default);
        self.head.drain(..charset.mark_bytes);
        self.charset = Some(charset);
        Ok(())
    }
}

/// The source's buffered bytes, however often the read is interrupted.
fn filled(source: &mut dyn BufRead) -> io::Result<&[u8]> {
    loop {
        match source.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    source.fill_buf()
}

impl Snippet {
    /// Takes what is missing of the first bytes from a chunk that begins at `offset`.
    fn gather(&mut self, offset: u64, chunk: &[u8]) {
        let wanted_from = self.from + self.bytes.len() as u64;
        let missing = EXCERPT_BYTES_MAX.saturating_sub(self.bytes.len());
        let Some(skip) = wanted_from.checked_sub(offset).and_then(|skip| usize::try_from(skip).ok()) else { return };
        if let Some(rest) = chunk.get(skip..) {
            self.bytes.extend_from_slice(&rest[..rest.len().min(missing)]);
        }
    }
}

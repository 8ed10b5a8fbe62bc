//! The byte source of the tokenizer: verified UTF-8 whatever the document's encoding, and never more than was granted.
//!
//! Used by the reader alone. It knows lines and columns, keeps the beginning of the current record for findings, and refuses
//! to deliver a byte that does not fit the encoding, a character that XML forbids, or an event larger than its grant.

use std::io::{self, BufRead, Read};

use super::chars;
use super::decode::{self, Charset};
use super::lines::Mark;
use crate::model::Position;
use crate::model::finding::EXCERPT_BYTES_MAX;

/// Bytes that are decoded in one go.
const CHUNK_BYTES_MAX: usize = 64 << 10;

/// Why the feed gave no more bytes. The tokenizer only sees an I/O error; the reader takes the reason from here.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The event is larger than its grant.
    Grant,
    /// The encoding is unknown.
    Charset(String),
    /// The bytes do not fit the encoding of this name.
    Malformed(&'static str),
    /// A character that XML 1.0 does not allow.
    Illegal(char),
    /// The source failed.
    Io(io::Error),
}

/// A place that somebody may ask the position of, after its bytes are gone.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    position: Option<Position>,
}

/// The first bytes from some place on, kept when a chunk goes.
#[derive(Debug, Clone, Default)]
struct Snippet {
    from: u64,
    bytes: Vec<u8>,
}

pub(super) struct Feed<'a> {
    source: &'a mut dyn BufRead,
    label: Option<&'a str>,
    charset: Option<Charset>,
    /// What was read to find the charset and is not decoded yet.
    head: Vec<u8>,
    /// Decoded text, of which the first `taken` bytes are consumed.
    chunk: Vec<u8>,
    taken: usize,
    ended: bool,
    /// Waits behind the text that is still good.
    coming: Option<Failure>,
    failure: Option<Failure>,
    grant_end: u64,
    /// The start of the chunk, and the last place of it that was asked for.
    chunk_mark: Mark,
    cursor: Mark,
    event: Place,
    text: Place,
    event_snippet: Snippet,
    record_snippet: Snippet,
}

impl<'a> Feed<'a> {
    pub(super) fn new(source: &'a mut dyn BufRead, label: Option<&'a str>) -> Self {
        let place = Place { offset: 0, position: None };
        Self {
            source,
            label,
            charset: None,
            head: Vec::new(),
            chunk: Vec::new(),
            taken: 0,
            ended: false,
            coming: None,
            failure: None,
            grant_end: 0,
            chunk_mark: Mark::start(),
            cursor: Mark::start(),
            event: place,
            text: place,
            event_snippet: Snippet::default(),
            record_snippet: Snippet::default(),
        }
    }

    /// Bytes of text consumed so far.
    pub(super) fn offset(&self) -> u64 {
        self.chunk_mark.offset + self.taken as u64
    }

    /// An event begins here and may have `bytes_max` bytes; with `joins_text` it continues the text that is being gathered.
    pub(super) fn begin_event(&mut self, bytes_max: usize, joins_text: bool) {
        let offset = self.offset();
        self.event = Place { offset, position: None };
        if !joins_text {
            self.text = self.event;
        }
        self.event_snippet.from = offset;
        self.event_snippet.bytes.clear();
        self.grant_end = offset + bytes_max as u64;
    }

    /// The record whose excerpt may be asked for begins with the last event.
    pub(super) fn begin_record(&mut self) {
        self.record_snippet.from = self.event_snippet.from;
        self.record_snippet.bytes.clone_from(&self.event_snippet.bytes);
    }

    pub(super) fn record_offset(&self) -> u64 {
        self.record_snippet.from
    }

    /// The first bytes of the record, as far as they were consumed.
    pub(super) fn excerpt(&mut self) -> String {
        let mut snippet = self.record_snippet.clone();
        snippet.gather(self.chunk_mark.offset, &self.chunk[..self.taken]);
        let whole = match std::str::from_utf8(&snippet.bytes) {
            Ok(_) => snippet.bytes.len(),
            Err(cut) => cut.valid_up_to(),
        };
        snippet.bytes.truncate(whole);
        String::from_utf8(snippet.bytes).unwrap_or_default()
    }

    pub(super) fn event_position(&mut self) -> Position {
        self.position(self.event)
    }

    pub(super) fn text_position(&mut self) -> Position {
        self.position(self.text)
    }

    /// Where the next byte would be.
    pub(super) fn end_position(&mut self) -> Position {
        self.position(Place { offset: self.offset(), position: None })
    }

    pub(super) fn take_failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    fn position(&mut self, place: Place) -> Position {
        if let Some(position) = place.position {
            return position;
        }
        let from = if self.cursor.offset <= place.offset { self.cursor } else { self.chunk_mark };
        let start = self.chunk_index(from.offset);
        let end = self.chunk_index(place.offset);
        self.cursor = from.after(&self.chunk[start..end.max(start)]);
        self.cursor.position
    }

    fn chunk_index(&self, offset: u64) -> usize {
        let index = offset.saturating_sub(self.chunk_mark.offset);
        usize::try_from(index).unwrap_or(usize::MAX).min(self.chunk.len())
    }

    /// Keeps what may still be asked about the consumed chunk, then forgets it.
    fn retire_chunk(&mut self) {
        self.text.position = Some(self.position(self.text));
        self.event.position = Some(self.position(self.event));
        let chunk = self.chunk.as_slice();
        self.event_snippet.gather(self.chunk_mark.offset, chunk);
        self.record_snippet.gather(self.chunk_mark.offset, chunk);
        self.chunk_mark = self.cursor.after(&chunk[self.chunk_index(self.cursor.offset)..]);
        self.cursor = self.chunk_mark;
        self.chunk.clear();
        self.taken = 0;
    }

    fn refill(&mut self) -> Result<(), Failure> {
        self.retire_chunk();
        if self.charset.is_none() {
            self.detect_charset()?;
        }
        let Some(charset) = &mut self.charset else { return Ok(()) };
        while self.chunk.is_empty() && !self.ended && self.coming.is_none() {
            let bytes = if self.head.is_empty() { filled(self.source).map_err(Failure::Io)? } else { &self.head };
            let bytes = &bytes[..bytes.len().min(CHUNK_BYTES_MAX)];
            self.ended = bytes.is_empty();
            let (used, coming) = charset.decode(bytes, self.ended, &mut self.chunk);
            self.coming = coming;
            if let Some(at) = chars::first_illegal(&self.chunk) {
                let rest = &self.chunk[at..self.chunk.len().min(at + 3)];
                let illegal = std::str::from_utf8(rest).ok().and_then(|rest| rest.chars().next());
                self.coming = Some(Failure::Illegal(illegal.unwrap_or(char::from(self.chunk[at]))));
                self.chunk.truncate(at);
            }
            if self.head.is_empty() {
                self.source.consume(used);
            } else {
                self.head.drain(..used);
            }
        }
        Ok(())
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
        let charset = decode::detect(&self.head, self.label).map_err(Failure::Charset)?;
        self.head.drain(..charset.mark_bytes);
        self.charset = Some(charset);
        Ok(())
    }

    fn fail(&mut self, failure: Failure) -> io::Error {
        self.failure = Some(failure);
        io::Error::other("the feed has failed")
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

impl Read for Feed<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Feed<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.chunk.len() {
            if let Err(failure) = self.refill() {
                return Err(self.fail(failure));
            }
            if self.chunk.is_empty()
                && let Some(failure) = self.coming.take()
            {
                self.ended = true;
                return Err(self.fail(failure));
            }
        }
        let granted = usize::try_from(self.grant_end.saturating_sub(self.offset())).unwrap_or(usize::MAX);
        if granted == 0 && self.taken < self.chunk.len() {
            return Err(self.fail(Failure::Grant));
        }
        let end = self.chunk.len().min(self.taken.saturating_add(granted));
        Ok(&self.chunk[self.taken..end])
    }

    fn consume(&mut self, count: usize) {
        self.taken = (self.taken + count).min(self.chunk.len());
    }
}

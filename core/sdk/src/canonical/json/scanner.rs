//! Divides a JSON document into values without reading them: it knows strings and brackets, and nothing else.
//!
//! Memory is one record of bounded size. What it cannot divide is an error of the whole document, with its position.

use std::io::BufRead;

use crate::canonical::{filled, malformed, refused};
use crate::codes;
use crate::document::TransformError;
use crate::model::Position;
use crate::model::finding::EXCERPT_BYTES_MAX;
use crate::xml::lines::Mark;

/// Open brackets within each other; a canonical item has four.
const DEPTH_MAX: u32 = 64;

/// The bytes of one value.
#[derive(Debug)]
pub(super) struct Record {
    bytes: Vec<u8>,
    position: Position,
    is_too_large: bool,
    bytes_max: usize,
}

impl Record {
    /// No record yet, and room for one of so many bytes.
    pub(super) fn of_at_most(bytes_max: usize) -> Self {
        Self { bytes: Vec::new(), position: Mark::start().position, is_too_large: false, bytes_max }
    }

    pub(super) fn bytes_max(&self) -> usize {
        self.bytes_max
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn excerpt(&self) -> &[u8] {
        &self.bytes[..self.bytes.len().min(EXCERPT_BYTES_MAX)]
    }

    pub(super) fn position(&self) -> Position {
        self.position
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.is_too_large
    }

    fn begin(&mut self, position: Position) {
        self.bytes.clear();
        (self.position, self.is_too_large) = (position, false);
    }

    /// Takes more bytes, or only remembers that there were too many.
    fn take(&mut self, more: &[u8]) {
        if self.bytes.len() + more.len() > self.bytes_max {
            self.is_too_large = true;
        } else if !self.is_too_large {
            self.bytes.extend_from_slice(more);
        }
    }
}

pub(super) struct Scanner<'s> {
    source: &'s mut dyn BufRead,
    mark: Mark,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s mut dyn BufRead) -> Self {
        Self { source, mark: Mark::start() }
    }

    pub(super) fn position(&self) -> Position {
        self.mark.position
    }

    /// Steps over a byte order mark. UTF-16 and UTF-32 are refused by name.
    pub(super) fn begin(&mut self) -> Result<(), TransformError> {
        let first = filled(self.source)?.first().copied();
        if matches!(first, Some(0xFE | 0xFF | 0)) {
            return Err(refused(&codes::ENCODING_INVALID, self.position(), "JSON is UTF-8; these bytes are not"));
        }
        if first != Some(0xEF) {
            return Ok(());
        }
        for byte in [0xEF, 0xBB, 0xBF] {
            if filled(self.source)?.first() != Some(&byte) {
                return Err(malformed(self.position(), "a value is expected here"));
            }
            self.source.consume(1);
        }
        Ok(())
    }

    /// The first byte behind blanks, not consumed; nothing at the end of the document.
    pub(super) fn next_token(&mut self) -> Result<Option<u8>, TransformError> {
        loop {
            let available = filled(self.source)?;
            let blanks = available.iter().position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
            let first = blanks.map(|at| available[at]);
            let count = blanks.unwrap_or(available.len());
            let is_end = available.is_empty();
            self.mark = self.mark.after(&available[..count]);
            self.source.consume(count);
            if first.is_some() || is_end {
                return Ok(first);
            }
        }
    }

    /// Steps over the byte that [`next_token`](Self::next_token) showed.
    pub(super) fn skip_byte(&mut self) {
        self.mark.offset += 1;
        self.mark.position.column += 1;
        self.source.consume(1);
    }

    /// Takes the value that begins here.
    pub(super) fn value(&mut self, record: &mut Record) -> Result<(), TransformError> {
        record.begin(self.position());
        let mut balance = Balance::default();
        loop {
            let available = filled(self.source)?;
            if available.is_empty() {
                return Err(malformed(self.position(), "the document ends within a value"));
            }
            let (count, progress) = balance.feed(available);
            record.take(&available[..count]);
            self.mark = self.mark.after(&available[..count]);
            self.source.consume(count);
            match progress {
                Progress::More => {}
                Progress::Done => return Ok(()),
                Progress::Missing => return Err(malformed(self.position(), "a value is expected here")),
                Progress::Mismatch => return Err(malformed(self.position(), "a bracket is closed that is not open")),
                Progress::TooDeep => {
                    let message = format!("more than {DEPTH_MAX} brackets within each other");
                    return Err(refused(&codes::LIMIT_EXCEEDED, self.position(), &message));
                }
            }
        }
    }

    /// Takes the line that begins here without its end. True if it had one, nothing at the end of the document.
    pub(super) fn line(&mut self, record: &mut Record) -> Result<Option<bool>, TransformError> {
        record.begin(self.position());
        let mut is_empty = true;
        loop {
            let available = filled(self.source)?;
            if available.is_empty() {
                return Ok((!is_empty).then_some(false));
            }
            is_empty = false;
            let end = memchr::memchr(b'\n', available);
            let count = end.unwrap_or(available.len());
            let consumed = end.map_or(count, |end| end + 1);
            record.take(&available[..count]);
            self.mark = self.mark.after(&available[..consumed]);
            self.source.consume(consumed);
            if end.is_some() {
                return Ok(Some(true));
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Progress {
    More,
    Done,
    Missing,
    Mismatch,
    TooDeep,
}

/// Open brackets of one value; a bit of `kinds` is set for an object.
#[derive(Debug, Default)]
struct Balance {
    kinds: u64,
    depth: u32,
    in_string: bool,
    is_escaped: bool,
    /// A number, a word: ends before the first byte that cannot be part of it.
    in_scalar: bool,
}

impl Balance {
    /// Looks at the next bytes; says how many belong to the value, up to what ends it or what is wrong.
    fn feed(&mut self, bytes: &[u8]) -> (usize, Progress) {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if self.in_string {
                at += self.feed_string(&bytes[at..]);
                if !self.in_string && self.depth == 0 {
                    return (at, Progress::Done);
                }
                continue;
            }
            if self.in_scalar && matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}') {
                return (at, Progress::Done);
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' if self.depth == DEPTH_MAX => return (at, Progress::TooDeep),
                b'{' | b'[' => {
                    self.kinds = self.kinds << 1 | u64::from(byte == b'{');
                    self.depth += 1;
                }
                b'}' | b']' if self.depth == 0 || (self.kinds & 1 == 1) != (byte == b'}') => {
                    let progress = if self.depth == 0 { Progress::Missing } else { Progress::Mismatch };
                    return (at, progress);
                }
                b'}' | b']' => {
                    self.kinds >>= 1;
                    self.depth -= 1;
                    if self.depth == 0 {
                        return (at + 1, Progress::Done);
                    }
                }
                b',' if self.depth == 0 => return (at, Progress::Missing),
                _ if self.depth == 0 => self.in_scalar = true,
                _ => {}
            }
            at += 1;
        }
        (at, Progress::More)
    }

    /// Looks for the end of a string; says how many bytes belong to it, the closing quote included.
    fn feed_string(&mut self, bytes: &[u8]) -> usize {
        if std::mem::take(&mut self.is_escaped) {
            return 1;
        }
        match memchr::memchr2(b'"', b'\\', bytes) {
            None => bytes.len(),
            Some(end) => {
                self.in_string = bytes[end] == b'\\';
                self.is_escaped = self.in_string;
                end + 1
            }
        }
    }
}

//! The characters of a CSV document, whatever its charset, in bounded pieces. Bytes that do not fit are an error of the document.

use std::io::BufRead;

use crate::canonical::{filled, refused};
use crate::codes;
use crate::document::TransformError;
use crate::model::Position;
use crate::xml::decode::{self, Charset};
use crate::xml::feed::Failure;
use crate::xml::lines::Mark;

/// Bytes that are decoded in one go.
const CHUNK_BYTES_MAX: usize = 64 << 10;

pub(super) struct Text<'s> {
    source: &'s mut dyn BufRead,
    label: Option<&'s str>,
    charset: Option<Charset>,
    head: Vec<u8>,
    chunk: String,
    taken: usize,
    ended: bool,
    failure: Option<Failure>,
    mark: Mark,
}

impl<'s> Text<'s> {
    pub(super) fn new(source: &'s mut dyn BufRead, label: Option<&'s str>) -> Self {
        Self {
            source,
            label,
            charset: None,
            head: Vec::new(),
            chunk: String::new(),
            taken: 0,
            ended: false,
            failure: None,
            mark: Mark::start(),
        }
    }

    pub(super) fn position(&self) -> Position {
        self.mark.position
    }

    /// The next bytes of UTF-8, never cut within a character; empty at the end.
    pub(super) fn filled(&mut self) -> Result<&[u8], TransformError> {
        while self.taken == self.chunk.len() && !self.ended {
            self.refill()?;
        }
        Ok(&self.chunk.as_bytes()[self.taken..])
    }

    /// The first line, or as much of a long one as is decoded in one go; not consumed.
    pub(super) fn first_line(&mut self) -> Result<&str, TransformError> {
        while !self.ended && self.chunk.len() < CHUNK_BYTES_MAX && !self.chunk.contains('\n') {
            self.refill()?;
        }
        Ok(self.chunk.lines().next().unwrap_or_default())
    }

    pub(super) fn consume(&mut self, count: usize) {
        let end = (self.taken + count).min(self.chunk.len());
        self.mark = self.mark.after(&self.chunk.as_bytes()[self.taken..end]);
        self.taken = end;
    }

    fn refill(&mut self) -> Result<(), TransformError> {
        if let Some(failure) = self.failure.take() {
            return Err(self.failed(&failure));
        }
        if self.charset.is_none() {
            self.detect_charset()?;
        }
        let Some(charset) = &mut self.charset else { return Ok(()) };
        let bytes = if self.head.is_empty() { filled(self.source)? } else { &self.head };
        let bytes = &bytes[..bytes.len().min(CHUNK_BYTES_MAX)];
        let last = bytes.is_empty();
        self.chunk.drain(..self.taken);
        self.taken = 0;
        let (used, failure) = charset.decode(bytes, last, &mut self.chunk);
        self.ended = last && failure.is_none();
        self.failure = failure;
        if self.head.is_empty() {
            self.source.consume(used);
        } else {
            self.head.drain(..used);
        }
        Ok(())
    }

    fn detect_charset(&mut self) -> Result<(), TransformError> {
        while !decode::head_is_enough(&self.head) {
            let available = filled(self.source)?;
            if available.is_empty() {
                break;
            }
            let count = available.len().min(decode::HEAD_BYTES_MAX - self.head.len());
            self.head.extend_from_slice(&available[..count]);
            self.source.consume(count);
        }
        let charset =
            decode::detect(&self.head, self.label).map_err(|message| self.failed(&Failure::Charset(message)))?;
        self.head.drain(..charset.mark_bytes);
        self.charset = Some(charset);
        Ok(())
    }

    fn failed(&self, failure: &Failure) -> TransformError {
        let message = match failure {
            Failure::Charset(message) => message.clone(),
            Failure::Malformed(encoding) => {
                format!("the bytes are not {encoding}; name the charset in the content type")
            }
            other => format!("the text cannot be read: {other:?}"),
        };
        refused(&codes::ENCODING_INVALID, self.position(), &message)
    }
}

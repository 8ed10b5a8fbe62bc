//! The characters of a CSV document, whatever its charset, with their positions. Bytes that do not fit are an error of the
//! document.

use std::io::{self, BufRead, BufReader};

use crate::canonical::filled;
use crate::document::TransformError;
use crate::error::ApiError;
use crate::model::Position;
use crate::xml::Utf8Reader;
use crate::xml::lines::Mark;

/// As much of the first line is looked at for the separator.
const FIRST_LINE_BYTES_MAX: usize = 64 << 10;

pub(super) struct Text<'s> {
    source: BufReader<Utf8Reader<'s, &'s mut dyn BufRead>>,
    /// What was read to see the first line and is not consumed yet.
    head: Vec<u8>,
    head_taken: usize,
    mark: Mark,
}

impl<'s> Text<'s> {
    pub(super) fn new(source: &'s mut dyn BufRead, label: Option<&'s str>) -> Self {
        let source = BufReader::with_capacity(64 << 10, Utf8Reader::new(source, label));
        Self { source, head: Vec::new(), head_taken: 0, mark: Mark::start() }
    }

    pub(super) fn position(&self) -> Position {
        self.mark.position
    }

    /// The next bytes of UTF-8; empty at the end.
    pub(super) fn filled(&mut self) -> Result<&[u8], TransformError> {
        if self.head_taken < self.head.len() {
            return Ok(&self.head[self.head_taken..]);
        }
        filled(&mut self.source).map_err(document_error)
    }

    /// The first line, or as much of it as is looked at; not consumed.
    pub(super) fn first_line(&mut self) -> Result<&[u8], TransformError> {
        let is_whole = |head: &[u8]| head.len() >= FIRST_LINE_BYTES_MAX || head.contains(&b'\n');
        while !is_whole(&self.head) {
            let bytes = filled(&mut self.source).map_err(document_error)?;
            if bytes.is_empty() {
                break;
            }
            self.head.extend_from_slice(bytes);
            let count = bytes.len();
            self.source.consume(count);
        }
        Ok(self.head.split(|&byte| byte == b'\n').next().unwrap_or_default())
    }

    pub(super) fn consume(&mut self, count: usize) {
        if self.head_taken < self.head.len() {
            let end = (self.head_taken + count).min(self.head.len());
            self.mark = self.mark.after(&self.head[self.head_taken..end]);
            self.head_taken = end;
            return;
        }
        let bytes = self.source.buffer();
        self.mark = self.mark.after(&bytes[..count.min(bytes.len())]);
        self.source.consume(count);
    }
}

/// Bytes that do not fit the charset are the document's fault, everything else is the source's.
fn document_error(error: io::Error) -> TransformError {
    match error.downcast::<ApiError>() {
        Ok(error) => TransformError::Document(error),
        Err(error) => TransformError::Io(error),
    }
}

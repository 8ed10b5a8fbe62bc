//! The characters of a CSV document, whatever its charset, with their positions. Bytes that do not fit are an error of the
//! document.

use std::io::{self, BufRead, BufReader, Read};

use crate::canonical::filled;
use crate::document::TransformError;
use crate::error::ApiError;
use crate::model::Position;
use crate::xml::Utf8Reader;
use crate::xml::lines::Mark;

/// As much of the beginning is looked at for the separator.
const HEAD_BYTES_MAX: usize = 64 << 10;

pub(super) struct Text<'s> {
    source: BufReader<LineEnds<Utf8Reader<'s, &'s mut dyn BufRead>>>,
    /// What was read to see the first lines and is not consumed yet.
    head: Vec<u8>,
    head_taken: usize,
    mark: Mark,
}

impl<'s> Text<'s> {
    pub(super) fn new(source: &'s mut dyn BufRead, label: Option<&'s str>, fallback: Option<&'static str>) -> Self {
        let decoded = Utf8Reader::new(source, label);
        let decoded = match fallback {
            Some(fallback) => decoded.or(fallback),
            None => decoded,
        };
        let source = BufReader::with_capacity(64 << 10, LineEnds { source: decoded, is_turned: false });
        Self { source, head: Vec::new(), head_taken: 0, mark: Mark::start() }
    }

    pub(super) fn guessed(&self) -> Option<(&'static str, Position)> {
        self.source.get_ref().source.guessed()
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
        self.fill_head(|head| head.len() >= HEAD_BYTES_MAX || head.contains(&b'\n'))?;
        Ok(self.head.split(|&byte| byte == b'\n').next().unwrap_or_default())
    }

    /// The first lines; not consumed. Where lines end with a carriage return alone, they end with a line feed from here on.
    pub(super) fn head(&mut self) -> Result<&[u8], TransformError> {
        self.fill_head(|head| head.len() >= HEAD_BYTES_MAX)?;
        if !self.head.contains(&b'\n') && self.head.contains(&b'\r') {
            // The head took all that was buffered: nothing stands between it and what is read next.
            self.source.get_mut().is_turned = true;
            turn(&mut self.head);
        }
        Ok(&self.head)
    }

    fn fill_head(&mut self, is_whole: impl Fn(&[u8]) -> bool) -> Result<(), TransformError> {
        while !is_whole(&self.head) {
            let bytes = filled(&mut self.source).map_err(document_error)?;
            if bytes.is_empty() {
                break;
            }
            self.head.extend_from_slice(bytes);
            let count = bytes.len();
            self.source.consume(count);
        }
        Ok(())
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

/// Turns carriage returns into line feeds where a document has nothing else at its line ends.
struct LineEnds<R> {
    source: R,
    is_turned: bool,
}

impl<R: Read> Read for LineEnds<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(into)?;
        if self.is_turned {
            turn(&mut into[..count]);
        }
        Ok(count)
    }
}

fn turn(bytes: &mut [u8]) {
    bytes.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
}

/// Bytes that do not fit the charset are the document's fault, everything else is the source's.
fn document_error(error: io::Error) -> TransformError {
    match error.downcast::<ApiError>() {
        Ok(error) => TransformError::Document(error),
        Err(error) => TransformError::Io(error),
    }
}

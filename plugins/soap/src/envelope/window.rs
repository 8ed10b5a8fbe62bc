//! The part of the stream that is in memory: the current token, and what has been read beyond it.
//!
//! The scanner alone uses it. It grows only while one tag needs more room than it has; the scanner bounds tags.

use std::io::Read;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Position;
use plugpoint_sdk::xml::position_after;

use crate::io::api_error;

const WINDOW_BYTES: usize = 64 * 1024;

pub(crate) struct Window<R> {
    source: R,
    buffer: Vec<u8>,
    /// The current token is `buffer[start..end]`; what follows is `buffer[end..filled]`.
    start: usize,
    end: usize,
    filled: usize,
    /// Where `buffer[0]` is in the stream.
    base: u64,
    line: u64,
    column: u64,
}

impl<R: Read> Window<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, buffer: vec![0; WINDOW_BYTES], start: 0, end: 0, filled: 0, base: 0, line: 1, column: 1 }
    }

    pub(crate) fn token(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// What has been read beyond the current token.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.buffer[self.end..self.filled]
    }

    /// Where the current token starts in the stream.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.start as u64
    }

    /// Leaves the current token behind.
    pub(crate) fn pass(&mut self) {
        self.start = self.end;
    }

    /// Makes the next `bytes` part of the current token.
    pub(crate) fn take(&mut self, bytes: usize) {
        self.end += bytes;
    }

    /// Leaves the next `bytes` behind with the current token.
    pub(crate) fn skip(&mut self, bytes: usize) {
        self.end += bytes;
        self.start = self.end;
    }

    /// Reads more of the stream. False at its end.
    pub(crate) fn fill(&mut self) -> Result<bool, ApiError> {
        if self.filled == self.buffer.len() {
            if self.start == 0 {
                self.buffer.resize(self.buffer.len() * 2, 0);
            } else {
                self.drop_passed();
            }
        }
        loop {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(bytes) => {
                    self.filled += bytes;
                    return Ok(bytes > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(api_error(error)),
            }
        }
    }

    /// Line and column, each counted from 1, of the byte `ahead` bytes after the current token's start.
    pub(crate) fn position(&self, ahead: usize) -> (u64, u64) {
        let end = (self.start + ahead).min(self.filled);
        advanced(self.line, self.column, &self.buffer[..end])
    }

    fn drop_passed(&mut self) {
        (self.line, self.column) = advanced(self.line, self.column, &self.buffer[..self.start]);
        self.base += self.start as u64;
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.end -= self.start;
        self.start = 0;
        if self.buffer.len() > WINDOW_BYTES && self.filled <= WINDOW_BYTES / 2 {
            self.buffer.truncate(WINDOW_BYTES);
        }
    }
}

fn advanced(line: u64, column: u64, bytes: &[u8]) -> (u64, u64) {
    let Position { line, column } = position_after(Position { line, column }, bytes);
    (line, column)
}

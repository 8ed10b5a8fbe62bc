//! The lines of a document as bytes, each bounded, with its number. A line that is too long costs itself only.
//!
//! Called by the walk. It knows nothing of encodings: a line feed is one in all that DATANORM comes in.

use std::io::{self, BufRead};

/// Bytes of one line; the longest record of the standard has a few hundred.
pub(crate) const LINE_BYTES_MAX: usize = 64 << 10;

/// The lines of a source.
pub(crate) struct Lines<'s> {
    source: &'s mut dyn BufRead,
    /// The line that was read last, without its end.
    pub(crate) bytes: Vec<u8>,
    /// Its number, from 1.
    pub(crate) number: u64,
    /// It was longer than a line may be; its first bytes are here.
    pub(crate) is_too_long: bool,
}

impl<'s> Lines<'s> {
    pub(crate) fn new(source: &'s mut dyn BufRead) -> Self {
        Self { source, bytes: Vec::new(), number: 0, is_too_long: false }
    }

    /// Reads the next line; false at the end.
    ///
    /// # Errors
    /// Those of the source.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        self.bytes.clear();
        self.is_too_long = false;
        let mut is_empty = true;
        loop {
            let available = match self.source.fill_buf() {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                break;
            }
            is_empty = false;
            let end = available.iter().position(|&byte| byte == b'\n');
            let line = &available[..end.unwrap_or(available.len())];
            let room = LINE_BYTES_MAX - self.bytes.len();
            self.is_too_long |= line.len() > room;
            self.bytes.extend_from_slice(&line[..line.len().min(room)]);
            let used = line.len() + usize::from(end.is_some());
            self.source.consume(used);
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        Ok(!is_empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(document: &[u8]) -> Vec<(u64, usize, bool)> {
        let mut source = document;
        let mut lines = Lines::new(&mut source);
        let mut all = Vec::new();
        while lines.advance().unwrap() {
            all.push((lines.number, lines.bytes.len(), lines.is_too_long));
        }
        all
    }

    #[test]
    fn lines_end_with_or_without_a_carriage_return() {
        assert_eq!(lines(b""), []);
        assert_eq!(lines(b"a\r\nbc\n\nd"), [(1, 1, false), (2, 2, false), (3, 0, false), (4, 1, false)]);
    }

    #[test]
    fn a_line_is_bounded_from_both_sides() {
        let document =
            [vec![b'x'; LINE_BYTES_MAX], b"\n".to_vec(), vec![b'y'; LINE_BYTES_MAX + 1], b"\nz".to_vec()].concat();
        assert_eq!(lines(&document), [(1, LINE_BYTES_MAX, false), (2, LINE_BYTES_MAX, true), (3, 1, false)]);
    }
}

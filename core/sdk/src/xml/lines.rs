//! Turns byte offsets into lines and columns without looking at any byte twice: the feed advances a mark as chunks go by.

use crate::model::Position;

/// A place in the decoded document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) offset: u64,
    pub(crate) position: Position,
}

impl Mark {
    pub(crate) fn start() -> Self {
        Self { offset: 0, position: Position { line: 1, column: 1 } }
    }

    /// The place behind `bytes` that begin here.
    pub(crate) fn after(self, bytes: &[u8]) -> Self {
        Self { offset: self.offset + bytes.len() as u64, position: position_after(self.position, bytes) }
    }
}

/// The position behind `bytes` (UTF-8, not cut within a character) that begin at `start`. A line ends with `\n`.
#[must_use]
pub fn position_after(start: Position, bytes: &[u8]) -> Position {
    let newlines = memchr::memchr_iter(b'\n', bytes).count() as u64;
    let last_line = memchr::memrchr(b'\n', bytes).map_or(bytes, |newline| &bytes[newline + 1..]);
    let characters = characters(last_line);
    let column = if newlines == 0 { start.column } else { 1 };
    Position { line: start.line + newlines, column: column + characters }
}

/// The number of characters in `bytes` (UTF-8, not cut within a character). Whole documents of one line come by here.
fn characters(bytes: &[u8]) -> u64 {
    /// As many as a byte can count: sums of bytes fit wide registers sixteen at a time, sums of words two.
    const BLOCK: usize = 255;
    let begins = |byte: &u8| u8::from(byte & 0b1100_0000 != 0b1000_0000);
    bytes.chunks(BLOCK).map(|block| u64::from(block.iter().map(begins).fold(0_u8, u8::wrapping_add))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_counts_once_however_many_there_are() {
        for count in [0, 1, 127, 128, 254, 255, 256, 1000] {
            for character in ['a', '\u{e4}', '\u{20ac}', '\u{10000}'] {
                let text = character.to_string().repeat(count);
                assert_eq!(characters(text.as_bytes()), count as u64);
            }
        }
    }

    #[test]
    fn columns_count_characters_and_lines_count_newlines() {
        let at = |text: &str| {
            let position = Mark::start().after(text.as_bytes()).position;
            (position.line, position.column)
        };
        assert_eq!(at(""), (1, 1));
        assert_eq!(at("äö"), (1, 3));
        assert_eq!(at("a\r\nbc"), (2, 3));
        assert_eq!(at("\n\n"), (3, 1));
        let twice = Mark::start().after("ab\nc".as_bytes()).after("d\u{10000}e".as_bytes());
        assert_eq!((twice.offset, twice.position.line, twice.position.column), (10, 2, 5));
    }
}

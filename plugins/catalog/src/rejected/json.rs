//! JSON: the elements of the array that were rejected, byte for byte, in an array. A document that is one item gives an array of it.
//!
//! A finding may speak of a place within its record, so a record is rejected that holds a rejected place.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Position;

use super::unreadable;

const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Where the rejected records lie in the file.
pub(super) struct Records(Vec<Range<u64>>);

impl Records {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Looks where the records lie that hold a place.
pub(super) fn find(file: File, places: &[Position]) -> Result<Records, ApiError> {
    let mut bytes = BufReader::with_capacity(64 << 10, file);
    let mut scan = Scan::new(places);
    if bytes.fill_buf().map_err(unreadable)?.starts_with(MARK) {
        bytes.consume(MARK.len());
        scan.offset = MARK.len() as u64;
    }
    loop {
        let chunk = bytes.fill_buf().map_err(unreadable)?;
        if chunk.is_empty() {
            scan.end_record();
            return Ok(Records(scan.found));
        }
        chunk.iter().for_each(|&byte| scan.byte(byte));
        let taken = chunk.len();
        bytes.consume(taken);
    }
}

/// The walk over the bytes of one document.
struct Scan<'p> {
    /// Those not passed yet, in order.
    places: &'p [Position],
    found: Vec<Range<u64>>,
    offset: u64,
    position: Position,
    depth: u64,
    in_string: bool,
    is_escaped: bool,
    /// The document is an array: records lie one bracket deep.
    is_array: bool,
    /// Offset and place of the record that is open.
    record: Option<(u64, Position)>,
    /// Behind the last byte of the record that is not a blank.
    record_end: u64,
}

impl<'p> Scan<'p> {
    fn new(places: &'p [Position]) -> Self {
        Self {
            places,
            found: Vec::new(),
            offset: 0,
            position: Position { line: 1, column: 1 },
            depth: 0,
            in_string: false,
            is_escaped: false,
            is_array: false,
            record: None,
            record_end: 0,
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if std::mem::take(&mut self.is_escaped) => {}
                b'\\' => self.is_escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            self.record_end = self.offset + 1;
        } else {
            self.token(byte);
        }
        self.offset += 1;
        match byte {
            b'\n' => self.position = Position { line: self.position.line + 1, column: 1 },
            // Columns count characters: a byte that continues one is none.
            0x80..=0xBF => {}
            _ => self.position.column += 1,
        }
    }

    fn token(&mut self, byte: u8) {
        let outside = u64::from(self.is_array);
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => return,
            b'[' if self.depth == 0 && self.record.is_none() && !self.is_array => {
                self.is_array = true;
                self.depth = 1;
                return;
            }
            b',' if self.depth == outside => return self.end_record(),
            b']' if self.is_array && self.depth == 1 => {
                self.end_record();
                self.depth = 0;
                return;
            }
            _ => {}
        }
        if self.record.is_none() && self.depth == outside {
            self.record = Some((self.offset, self.position));
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.record_end = self.offset + 1;
    }

    /// The record ends before the byte that is looked at; it is taken if a place lies in it.
    fn end_record(&mut self) {
        let Some((start, begin)) = self.record.take() else { return };
        let key = |place: &Position| (place.line, place.column);
        let before = self.places.partition_point(|place| key(place) < key(&begin));
        let until = self.places.partition_point(|place| key(place) < key(&self.position));
        if before < until {
            self.found.push(start..self.record_end);
        }
        self.places = &self.places[until..];
    }
}

/// Writes the records as an array.
pub(super) fn write(mut source: BufReader<File>, records: &Records, out: &mut dyn Write) -> io::Result<()> {
    for (index, record) in records.0.iter().enumerate() {
        out.write_all(if index == 0 { b"[\n" } else { b",\n" })?;
        source.seek(SeekFrom::Start(record.start))?;
        let length = record.end - record.start;
        if io::copy(&mut (&mut source).take(length), out)? < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    out.write_all(b"\n]\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;

    fn json(document: &str, places: &[(u64, u64)]) -> String {
        written(document.as_bytes(), None, "canonical-json", places)
    }

    #[test]
    fn elements_that_hold_a_rejected_place_are_copied_as_they_are() {
        let document =
            "\u{feff}[ {\"sku\": \"ä\", \"x\": [1, \"]},{\"]},\n  {\"sku\":\"B\\\"}\"} ,5,\n{\n\"sku\": 7\n}\n]\n";
        let expect = |elements: &[&str]| format!("[\n{}\n]\n", elements.join(",\n"));
        let (a, b, d) = ("{\"sku\": \"ä\", \"x\": [1, \"]},{\"]}", "{\"sku\":\"B\\\"}\"}", "{\n\"sku\": 7\n}");
        assert_eq!(json(document, &[(1, 3)]), expect(&[a]));
        assert_eq!(json(document, &[(1, 20), (1, 21)]), expect(&[a]), "two places in one record");
        assert_eq!(json(document, &[(2, 3), (4, 8)]), expect(&[b, d]));
        assert_eq!(json(document, &[(2, 19)]), expect(&["5"]), "no object, and rejected for it");
        assert_eq!(json(document, &[(1, 3), (2, 5), (2, 19), (3, 1)]), expect(&[a, b, "5", d]));
    }

    #[test]
    fn one_item_that_is_the_whole_document() {
        assert_eq!(json("\n {\"sku\": [1, 2]} \n", &[(2, 9)]), "[\n{\"sku\": [1, 2]}\n]\n");
    }

    #[test]
    fn lines_stay_lines() {
        let document = "{\"sku\": 1}\n\n{oops\r\n{\"sku\": 3}";
        let ndjson = |places: &[(u64, u64)]| written(document.as_bytes(), None, "canonical-ndjson", places);
        assert_eq!(ndjson(&[(3, 2)]), "{oops\r\n");
        assert_eq!(ndjson(&[(1, 1), (1, 9), (4, 1)]), "{\"sku\": 1}\n{\"sku\": 3}\n");
    }
}

//! The container of a workbook: its bytes, its parts, and how much of them may be read.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use plugpoint_sdk::codes;
use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::xml::{Doctype, XmlError, XmlErrorKind, XmlLimits, XmlOptions};
use zip::ZipArchive;
use zip::result::ZipError;

use super::{ENTRIES_MAX, PARTS_BYTES_MAX, RATIO_MAX, WORKBOOK_BYTES_MAX};

/// Decompressed bytes of a part before its ratio is looked at.
const RATIO_FROM_BYTES: u64 = 8 << 20;
/// Bytes by which the memory for a workbook grows at first.
const STEP_BYTES: usize = 1 << 20;
/// What stands before each entry of the list of parts.
const ENTRY_MARK: &[u8] = b"PK\x01\x02";

/// The whole document.
///
/// # Errors
/// `limit_exceeded` if it is larger than a workbook may be.
pub(super) fn taken(source: &mut dyn BufRead) -> Result<Vec<u8>, TransformError> {
    let mut bytes = Vec::new();
    loop {
        let more = match source.fill_buf() {
            Ok(more) => more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if more.is_empty() {
            return Ok(bytes);
        }
        let room = WORKBOOK_BYTES_MAX - bytes.len();
        if more.len() > room {
            let what = format!(
                "the workbook has more than {WORKBOOK_BYTES_MAX} bytes; save the sheet as CSV, which has no such limit"
            );
            return Err(limit(what).into());
        }
        if bytes.capacity() - bytes.len() < more.len() {
            // Doubled, but never beyond the bound.
            bytes.reserve_exact(bytes.len().max(STEP_BYTES).max(more.len()).min(room));
        }
        bytes.extend_from_slice(more);
        let count = more.len();
        source.consume(count);
    }
}

pub(super) fn limit(what: String) -> ApiError {
    ApiError::new(&codes::LIMIT_EXCEEDED, what)
}

pub(super) fn malformed(what: impl Into<String>) -> TransformError {
    ApiError::new(&codes::DOCUMENT_MALFORMED, what.into()).into()
}

/// A workbook's parts.
pub(super) struct Package<'b> {
    archive: ZipArchive<Cursor<&'b [u8]>>,
    bytes: u64,
    left: u64,
    limits: XmlLimits,
}

impl<'b> Package<'b> {
    pub(super) fn open(bytes: &'b [u8], limits: XmlLimits) -> Result<Self, TransformError> {
        // Counted before anybody builds a list of them.
        let entries = memchr::memmem::find_iter(bytes, ENTRY_MARK).take(ENTRIES_MAX + 1).count();
        if entries > ENTRIES_MAX {
            return Err(limit(format!("the workbook has more than {ENTRIES_MAX} parts")).into());
        }
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| refused("the workbook", &error))?;
        Ok(Self { archive, bytes: bytes.len() as u64, left: PARTS_BYTES_MAX, limits })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.index(name).is_some()
    }

    /// How the XML of parts is read.
    pub(super) fn options(&self) -> XmlOptions<'static> {
        options(self.limits)
    }

    /// A part as a stream.
    pub(super) fn part(&mut self, name: &str) -> Result<Part<'_>, TransformError> {
        let index = self.index(name).ok_or_else(|| malformed(format!("the workbook has no part {name:?}")))?;
        let file = self.archive.by_index(index).map_err(|error| refused(name, &error))?;
        let compressed = file.compressed_size().clamp(1, self.bytes);
        let inner: Box<dyn Read + '_> = Box::new(file);
        Ok(BufReader::with_capacity(64 << 10, Bounded { inner, left: &mut self.left, read: 0, compressed }))
    }

    /// Some programs write names in another case, or with the separators of their system.
    fn index(&self, name: &str) -> Option<usize> {
        let usual = |other: &str| other.replace('\\', "/").trim_start_matches('/').eq_ignore_ascii_case(name);
        self.archive.index_for_name(name).or_else(|| {
            (0..self.archive.len())
                .find(|index| matches!(self.archive.name_for_index(*index), Some(Ok(other)) if usual(&other)))
        })
    }
}

pub(super) fn options(limits: XmlLimits) -> XmlOptions<'static> {
    XmlOptions { doctype: Doctype::Refuse, limits, ..XmlOptions::default() }
}

fn refused(name: &str, error: &ZipError) -> TransformError {
    match error {
        ZipError::UnsupportedArchive(what) if what.to_lowercase().contains("password") => {
            malformed("the workbook is encrypted; save it without a password")
        }
        error => malformed(format!("{name} cannot be unpacked: {error}")),
    }
}

/// A part of a workbook, decompressed while it is read.
pub(super) type Part<'p> = BufReader<Bounded<'p>>;

/// Decompressed bytes, counted.
pub(super) struct Bounded<'p> {
    inner: Box<dyn Read + 'p>,
    left: &'p mut u64,
    read: u64,
    compressed: u64,
}

impl Read for Bounded<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.read += count as u64;
        *self.left = self.left.saturating_sub(count as u64);
        if *self.left == 0 && count > 0 {
            return Err(io::Error::other(limit(format!(
                "the parts of the workbook have more than {PARTS_BYTES_MAX} bytes"
            ))));
        }
        if self.read > RATIO_FROM_BYTES && self.read / self.compressed > RATIO_MAX {
            let what = format!("a part of the workbook unfolds to more than {RATIO_MAX} times its size");
            return Err(io::Error::other(limit(what)));
        }
        Ok(count)
    }
}

/// What is wrong with the XML of a part. A part that cannot be unpacked is the document's fault, not the source's.
pub(super) fn flawed(part: &str, error: XmlError) -> TransformError {
    let is_io = error.kind == XmlErrorKind::Io;
    let shown = error.to_string();
    let told = ApiError::from(error);
    if is_io && told.code.name == codes::BODY_INCOMPLETE.name {
        return malformed(format!("{part} is damaged: {shown}"));
    }
    TransformError::Document(ApiError::new(told.code, format!("{part}: {}", told.detail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: u64, left: u64, compressed: u64) -> Result<u64, String> {
        let mut left = left;
        let mut bounded =
            Bounded { inner: Box::new(io::repeat(b'a').take(bytes)), left: &mut left, read: 0, compressed };
        io::copy(&mut bounded, &mut io::sink()).map_err(|error| error.to_string())
    }

    #[test]
    fn all_parts_together_have_a_bound() {
        assert_eq!(read(1000, 1001, 1000), Ok(1000));
        assert!(read(1000, 1000, 1000).is_err_and(|error| error.contains("have more than")));
    }

    #[test]
    fn a_large_part_has_a_bound_for_its_ratio() {
        let large = 10 << 20;
        assert_eq!(read(large, u64::MAX, large / RATIO_MAX), Ok(large));
        assert!(read(large, u64::MAX, large / RATIO_MAX - 1000).is_err_and(|error| error.contains("times its size")));
        assert_eq!(read(RATIO_FROM_BYTES, u64::MAX, 1), Ok(RATIO_FROM_BYTES), "small parts may be all alike");
    }
}

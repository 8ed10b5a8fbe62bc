//! The rejected records of an import in the sender's own format, to be corrected and sent again.
//!
//! Called by the endpoint that answers them, on a thread that may block. The kept document is read twice: [`Rejected::find`] looks where
//! the records lie, [`Rejected::write`] copies them with what every document of the format has around them. Memory holds the places of
//! the records, never the document. It refuses what it cannot divide into records (binary tables, formats whose records lean on lines
//! before them) rather than write something that cannot be sent.
//!
//! | file | what |
//! |---|---|
//! | `xml` | the root, header and trees, and of the records the rejected ones |
//! | `json` | the elements of an array |
//! | `lines` | NDJSON lines, CSV rows behind their header |

mod json;
mod lines;
mod xml;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use plugpoint_sdk::codes;
use plugpoint_sdk::detect::{HEAD_BYTES_MAX, Head, KnownFormat, recognise};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{EntityTable, XmlLimits};

use crate::import::rejected::Places;

/// As much of a document's beginning tells what it is.
const HEAD_BYTES: usize = 512;

/// A kept document, as far as it matters here.
pub(crate) struct Source<'a> {
    /// Where it lies.
    pub(crate) file: &'a Path,
    /// The charset of its content type.
    pub(crate) charset: Option<&'a str>,
    /// The format that its reader declared.
    pub(crate) format: Option<&'a str>,
    /// The bounds under which it was read.
    pub(crate) limits: XmlLimits,
    /// How lists of this tenant are written.
    pub(crate) profile: &'a Profile,
    /// Who read it.
    pub(crate) transformer: &'a dyn CatalogTransformer,
    /// What may stand behind that: one transformer can read by others.
    pub(crate) formats: &'a [KnownFormat],
    /// Where its records begin.
    pub(crate) places: &'a Places,
}

impl Source<'_> {
    /// The named characters that the document may use: those of its reader, or else of the format that knows its head.
    fn named_characters(&self) -> Result<Option<&'static EntityTable>, ApiError> {
        if let Some(own) = self.transformer.named_characters() {
            return Ok(Some(own));
        }
        let head = read_head(self.file, HEAD_BYTES_MAX)?;
        let head = Head::new(&head, head.len() < HEAD_BYTES_MAX, "", self.charset);
        Ok(recognise(self.formats, &head).and_then(|(known, _)| known.format.named_characters()))
    }
}

/// The forms of documents that can be divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Xml,
    Json,
    Ndjson,
    Rows,
}

impl Form {
    /// The form of a document by its first bytes, and by its format where those leave it open.
    pub(crate) fn of(format: Option<&str>, head: &[u8]) -> Option<Self> {
        let format = format.unwrap_or_default().to_ascii_lowercase();
        let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let first = text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0));
        let is_table = ["csv", "tsv"].iter().any(|word| format.contains(word));
        match (first, head) {
            (_, [0xFF, 0xFE, b'<', ..] | [0xFE, 0xFF, 0, b'<', ..]) | (Some(b'<'), _) => Some(Self::Xml),
            (_, [b'P', b'K', 3, 4, ..]) => None,
            (Some(b'{' | b'['), _) if format.contains("ndjson") => Some(Self::Ndjson),
            (Some(b'{' | b'['), _) if !is_table => Some(Self::Json),
            _ if format.contains("ndjson") => Some(Self::Ndjson),
            _ => is_table.then_some(Self::Rows),
        }
    }

    /// Content type and file name extension of what is written.
    pub(crate) fn described(self) -> (&'static str, &'static str) {
        match self {
            Self::Xml => ("application/xml", "xml"),
            Self::Json => ("application/json", "json"),
            Self::Ndjson => ("application/x-ndjson", "ndjson"),
            Self::Rows => ("text/csv; charset=utf-8", "csv"),
        }
    }
}

/// The rejected records of one document, found and ready to be written.
pub(crate) struct Rejected {
    file: File,
    form: Form,
    found: Found,
}

enum Found {
    Xml(xml::Records),
    Json(json::Records),
    Lines(Vec<u64>),
    Rows(lines::Listing),
}

impl Rejected {
    /// Looks for the records.
    ///
    /// # Errors
    /// `rejected_unavailable` if the document cannot be divided into records, or none of them is where it was; `internal` if it cannot
    /// be read.
    pub(crate) fn find(source: &Source<'_>) -> Result<Self, ApiError> {
        let head = read_head(source.file, HEAD_BYTES)?;
        let Some(form) = Form::of(source.format, &head) else {
            let format = source.format.unwrap_or("a format that is not known");
            return Err(unavailable(format!("records of {format:.100} cannot be written out one by one")));
        };
        let found = match form {
            Form::Xml => Found::Xml(xml::find(open(source.file)?, source)?),
            Form::Json => Found::Json(json::find(open(source.file)?, &source.places.rejected)?),
            Form::Ndjson => Found::Lines(lines::of(&source.places.rejected)),
            Form::Rows => Found::Rows(lines::Listing::of(source)),
        };
        let rejected = Self { file: open(source.file)?, form, found };
        if rejected.records() == 0 {
            let detail = "it is not known where the rejected records of this document begin";
            return Err(unavailable(detail.to_owned()));
        }
        Ok(rejected)
    }

    /// What is written.
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    /// How many records are written.
    pub(crate) fn records(&self) -> usize {
        match &self.found {
            Found::Xml(records) => records.count(),
            Found::Json(records) => records.count(),
            Found::Lines(lines) => lines.len(),
            Found::Rows(listing) => listing.count(),
        }
    }

    /// Writes the records with what belongs around them, as UTF-8. `remark` goes where the form has comments.
    ///
    /// # Errors
    /// Those of the document, and of `out`.
    pub(crate) fn write(self, remark: &str, out: &mut dyn Write) -> Result<(), ApiError> {
        let mut source = BufReader::with_capacity(64 << 10, self.file);
        match &self.found {
            Found::Xml(records) => xml::write(&mut source, records, remark, out),
            Found::Json(records) => json::write(source, records, out).map_err(unreadable),
            Found::Lines(lines) => lines::write_lines(source, lines, out).map_err(unreadable),
            Found::Rows(listing) => lines::write_rows(source, listing, out).map_err(unreadable),
        }
    }
}

fn read_head(file: &Path, bytes: usize) -> Result<Vec<u8>, ApiError> {
    let mut head = Vec::new();
    open(file)?.take(bytes as u64).read_to_end(&mut head).map_err(unreadable)?;
    Ok(head)
}

fn open(file: &Path) -> Result<File, ApiError> {
    File::open(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => gone().caused_by(error),
        _ => unreadable(error),
    })
}

/// The refusal of an import whose document is not there any more.
pub(crate) fn gone() -> ApiError {
    let detail = "the document of this import is no longer kept, so its rejected records cannot be written out; the findings can still be read";
    ApiError::new(&codes::DOCUMENT_GONE, detail)
}

/// The refusal of an import that has no rejected records to give.
pub(crate) fn unavailable(detail: String) -> ApiError {
    ApiError::new(&codes::REJECTED_UNAVAILABLE, detail)
}

fn unreadable(error: io::Error) -> ApiError {
    ApiError::new(&codes::INTERNAL, "the kept document cannot be read on").caused_by(error)
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::canonical::Canonical;
    use plugpoint_sdk::model::Position;

    use super::*;

    /// What is written of a document, or the code and sentence of the refusal.
    pub(super) fn written(document: &[u8], charset: Option<&str>, format: &str, places: &[(u64, u64)]) -> String {
        written_by(&Profile::default(), None, (document, charset, format), places)
    }

    /// The same for a tenant's profile and the line of the first record.
    pub(super) fn written_by(
        profile: &Profile,
        first: Option<u64>,
        sent: (&[u8], Option<&str>, &str),
        places: &[(u64, u64)],
    ) -> String {
        written_of(profile, first, (&Canonical, &[]), sent, places)
    }

    /// The same, read by a transformer that may read by others.
    pub(super) fn written_of(
        profile: &Profile,
        first: Option<u64>,
        (transformer, formats): (&dyn CatalogTransformer, &[KnownFormat]),
        (document, charset, format): (&[u8], Option<&str>, &str),
        places: &[(u64, u64)],
    ) -> String {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("document");
        std::fs::write(&file, document).unwrap();
        let rejected = places.iter().map(|&(line, column)| Position { line, column }).collect();
        let places = Places { first: first.map(|line| Position { line, column: 1 }), rejected };
        let source = Source {
            file: &file,
            charset,
            format: (!format.is_empty()).then_some(format),
            limits: XmlLimits::default(),
            profile,
            transformer,
            formats,
            places: &places,
        };
        let mut out = Vec::new();
        match Rejected::find(&source).and_then(|rejected| rejected.write("a -- remark-", &mut out)) {
            Ok(()) => String::from_utf8(out).unwrap(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_form_follows_from_the_first_bytes_and_the_format() {
        for (format, head, expected) in [
            ("BMEcat 1.2 T_NEW_CATALOG", &b"<?xml"[..], Some(Form::Xml)),
            ("", b"\xEF\xBB\xBF \n<a/>", Some(Form::Xml)),
            ("", b"\xFF\xFE<\0a\0", Some(Form::Xml)),
            ("", b"\xFE\xFF\0<\0a", Some(Form::Xml)),
            ("canonical-json", b"[{", Some(Form::Json)),
            ("canonical-json", b"{", Some(Form::Json)),
            ("canonical-ndjson", b"{", Some(Form::Ndjson)),
            ("canonical-ndjson", b"oops", Some(Form::Ndjson)),
            ("canonical-csv", b"sku;title", Some(Form::Rows)),
            ("TSV", b"[sku]\ttitle", Some(Form::Rows)),
            ("XLSX", b"PK\x03\x04", None),
            ("csv in a zip", b"PK\x03\x04", None),
            ("DATANORM 4", b"V 010101", None),
            ("", b"", None),
        ] {
            assert_eq!(Form::of(Some(format), head), expected, "{format} {head:?}");
        }
    }

    #[test]
    fn what_cannot_be_divided_is_refused_with_its_reason() {
        assert_eq!(
            written(b"V 010101\r\nA;x", None, "DATANORM 4", &[(2, 1)]),
            "rejected_unavailable: records of DATANORM 4 cannot be written out one by one"
        );
        let unknown = "rejected_unavailable: it is not known where the rejected records of this document begin";
        assert_eq!(written(b"<a><b/></a>", None, "x", &[]), unknown);
        assert_eq!(written(b"<a><b/></a>", None, "x", &[(1, 5), (9, 9)]), unknown);
        assert_eq!(written(b"[{}]", None, "x", &[(2, 1)]), unknown);
        let source = Source {
            file: Path::new("/no/such/file"),
            charset: None,
            format: None,
            limits: XmlLimits::default(),
            profile: &Profile::default(),
            transformer: &Canonical,
            formats: &[],
            places: &Places::default(),
        };
        assert_eq!(Rejected::find(&source).err().map(|error| error.code.status), Some(410));
    }
}

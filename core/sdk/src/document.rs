//! What a transformer reads from and writes to: bytes in, items out, one at a time.

use std::io::BufRead;

use crate::detect::KnownFormat;
use crate::error::ApiError;
use crate::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};
use crate::profile::Profile;
use crate::xml::{Doctype, XmlLimits, XmlOptions};

/// A document to be transformed. The bytes are the sender's, untouched; nothing about them can be trusted.
pub struct Document<'a> {
    /// The bytes, from the first to the last.
    pub source: &'a mut dyn BufRead,
    /// The content type as sent, without parameters, in lower case: `application/xml`, `text/csv`.
    pub media_type: &'a str,
    /// The `charset` parameter of the content type, as sent.
    pub charset: Option<&'a str>,
    /// What the caller allowed the document to do.
    pub mode: ImportMode,
    /// The tenant's profile.
    pub profile: &'a Profile,
    /// What an XML document may make us hold in memory, as the server is configured.
    pub xml_limits: XmlLimits,
    /// The formats that the tenant may read, for a transformer that finds out which it is.
    pub formats: &'a [KnownFormat],
}

impl<'a> Document<'a> {
    /// A document of which nothing is known but its bytes, read in mode replace and within the usual limits. Set what is known.
    #[must_use]
    pub fn new(source: &'a mut dyn BufRead, profile: &'a Profile) -> Self {
        let (mode, xml_limits) = (ImportMode::Replace, XmlLimits::default());
        Self { source, media_type: "", charset: None, mode, profile, xml_limits, formats: &[] }
    }

    /// How to read it as XML: its charset, the server's limits, and a DOCTYPE skipped unread, since real catalogs carry one,
    /// and bytes of which nothing says what they are taken for what they probably are.
    /// Change what the format says otherwise.
    #[must_use]
    pub fn xml_options(&self) -> XmlOptions<'a> {
        XmlOptions {
            charset: self.charset,
            doctype: Doctype::Skip,
            limits: self.xml_limits,
            guesses_encoding: true,
            entities: None,
        }
    }
}

/// Where a transformer puts what it read. Every method may say [`Stop`], which the transformer passes on with `?`.
///
/// A record is exactly one of: an [`upsert`](Self::upsert), a [`delete`](Self::delete), a [`patch`](Self::patch) with
/// `is_record`, a [`reject`](Self::reject). Counts of read, accepted and rejected come from these alone.
pub trait ItemSink {
    /// Before a record is read: its bytes, decoded, and everything else that its meaning depends on: what surrounds it, how it is
    /// read. The same of both have to make the same record, whatever comes before and behind. A sink that stands before another one
    /// need not know of this; it hands the question on only if it changes no draft.
    ///
    /// # Errors
    /// [`Stop`], as everywhere.
    fn recalls(&mut self, _surroundings: &str, _record: &str, _position: Position) -> Result<Recalled, Stop> {
        Ok(Recalled::Never)
    }
    /// The document says what it is: `format` names it for the report, `mode` is the mode it declares for itself. Called at
    /// most once, before the first record. The document's mode narrows what the caller allowed, never widens it.
    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop>;
    /// A whole item.
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop>;
    /// A part of an item that came, or comes to be, by another record.
    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop>;
    /// An item that goes.
    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop>;
    /// A record that could not even become a draft. Counts as read and rejected. The finding's place is where the record begins,
    /// so that the record can be given back to its sender.
    fn reject(&mut self, finding: Finding) -> Result<(), Stop>;
    /// Something worth knowing that belongs to no record. Rejects nothing.
    fn note(&mut self, finding: Finding) -> Result<(), Stop>;
    /// The document holds so many parts under `path` that its reader does not know. Told when the document was read to its end;
    /// see [`Unmapped`](crate::reading::Unmapped), which keeps the list bounded.
    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop>;
}

/// What a sink says of a record that it was shown the bytes of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recalled {
    /// What the record says is stored already. It was counted, and the reader passes over it.
    Stored,
    /// The record has to be read.
    Unknown,
    /// As [`Unknown`](Self::Unknown), and so is every record of this document: the reader need not ask again.
    Never,
}

/// The platform wants no more of this document (a limit, a cancellation, storage). Not an error of the transformer: it
/// returns at once and the platform knows why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop;

/// Why a transformer gave up on a whole document.
#[derive(Debug)]
pub enum TransformError {
    /// The sink asked to stop.
    Stopped,
    /// The document is not what it claims to be: malformed, another format, a limit of the reader.
    Document(ApiError),
    /// The bytes could not be read.
    Io(std::io::Error),
}

impl From<Stop> for TransformError {
    fn from(_: Stop) -> Self {
        Self::Stopped
    }
}

impl From<ApiError> for TransformError {
    fn from(error: ApiError) -> Self {
        Self::Document(error)
    }
}

impl From<std::io::Error> for TransformError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

//! What an import does, one part after the other on one thread, for `cargo xtask bench import`.
//!
//! Arguments: an envelope as that benchmark writes it, a folder for a database. Prints JSON: the processor time of each part in
//! seconds, without that of the part before it, and of a bare quick-xml loop over the same bytes. `sync` is the time by the clock that
//! the commit waited for the disk.

use std::error::Error;
use std::hint::black_box;
use std::io::{BufReader, Cursor, Write};
use std::path::Path;
use std::time::Instant;

use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::document::{Document, ItemSink, Stop, TransformError};
use plugpoint_sdk::model::{Finding, ImportId, ImportMode, Item, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{XmlEvent, XmlReader};
use plugpoint_store::{ImportRecord, NewTenant, PreparedItem, Store, StoreOptions};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How far a record goes.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Part {
    Convert,
    Validate,
    Prepare,
    Keep,
}

struct Sink {
    until: Part,
    rows: Vec<PreparedItem>,
    spare: PreparedItem,
}

impl ItemSink for Sink {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> std::result::Result<(), Stop> {
        Ok(())
    }

    fn upsert(&mut self, draft: ItemDraft) -> std::result::Result<(), Stop> {
        let line = draft.position.line;
        if self.until == Part::Convert {
            black_box(draft);
            return Ok(());
        }
        let item = Item::try_from_data(draft.data).map_err(|_| Stop)?;
        black_box(item.warnings());
        match self.until {
            Part::Prepare => self.spare.set(&item, line).map_err(|_| Stop)?,
            Part::Keep => self.rows.push(PreparedItem::new(&item, line).map_err(|_| Stop)?),
            Part::Convert | Part::Validate => drop(black_box(item)),
        }
        Ok(())
    }

    fn patch(&mut self, _: ItemPatch) -> std::result::Result<(), Stop> {
        Err(Stop)
    }

    fn delete(&mut self, _: String, _: Position) -> std::result::Result<(), Stop> {
        Err(Stop)
    }

    fn reject(&mut self, _: Finding) -> std::result::Result<(), Stop> {
        Err(Stop)
    }

    fn note(&mut self, _: Finding) -> std::result::Result<(), Stop> {
        Ok(())
    }

    fn unmapped(&mut self, _: &str, _: u64) -> std::result::Result<(), Stop> {
        Ok(())
    }
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: import_parts ENVELOPE FOLDER".into());
    };
    let document = payload(&std::fs::read_to_string(file)?)?;
    let bare = timed(|| bare(document.as_bytes()))?;
    let parse = timed(|| parse(document.as_bytes()))?;
    let until = |part| timed(|| read(document.as_bytes(), part).map(drop));
    let (convert, validate, prepare) = (until(Part::Convert)?, until(Part::Validate)?, until(Part::Prepare)?);
    let rows = read(document.as_bytes(), Part::Keep)?;
    let (store, commit, sync) = stored(Path::new(&folder), &rows)?;
    let parts = serde_json::json!({
        "bytes": document.len(), "bare": bare, "parse": parse, "convert": convert - parse, "validate": validate - convert,
        "prepare": prepare - validate, "store": store, "commit": commit, "sync": sync,
    });
    writeln!(std::io::stdout(), "{parts}")?;
    Ok(())
}

/// The items out of the envelope, as the import gets them.
fn payload(envelope: &str) -> Result<String> {
    const OPEN: &str = "<cat:items>";
    let (head, rest) = envelope.split_once(OPEN).ok_or("no items in the envelope")?;
    let end = rest.rfind("</cat:items>").ok_or("the items do not end")?;
    let namespace = head.split_once("xmlns:cat=").and_then(|(_, rest)| rest.split('"').nth(1)).ok_or("no namespace")?;
    Ok(format!("<cat:items xmlns:cat=\"{namespace}\">{}</cat:items>", &rest[..end]))
}

fn bare(bytes: &[u8]) -> Result<()> {
    let mut reader = quick_xml::Reader::from_reader(source(bytes));
    let (mut buffer, mut seen) = (Vec::new(), 0);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            quick_xml::events::Event::Eof => break,
            event => seen += event.len(),
        }
    }
    black_box(seen);
    Ok(())
}

fn parse(bytes: &[u8]) -> Result<()> {
    let (mut source, profile) = (source(bytes), Profile::default());
    let document = Document::new(&mut source, &profile);
    let options = document.xml_options();
    let mut reader = XmlReader::new(document.source, options);
    loop {
        match reader.next()? {
            XmlEvent::Eof => return Ok(()),
            XmlEvent::Text(text) => drop(black_box(text)),
            XmlEvent::Start(_) | XmlEvent::End => {}
        }
    }
}

fn read(bytes: &[u8], until: Part) -> Result<Vec<PreparedItem>> {
    let (mut source, profile) = (source(bytes), Profile::default());
    let mut document = Document::new(&mut source, &profile);
    document.media_type = "application/xml";
    let mut sink = Sink { until, rows: Vec::new(), spare: PreparedItem::default() };
    match Canonical.transform(&mut document, &mut sink) {
        Ok(()) => Ok(sink.rows),
        Err(TransformError::Document(error)) => Err(error.into()),
        Err(TransformError::Io(error)) => Err(error.into()),
        Err(TransformError::Stopped) => Err("an item was refused".into()),
    }
}

/// Time of the processor for the rows and for the commit, and what the commit waited.
fn stored(folder: &Path, rows: &[PreparedItem]) -> Result<(f64, f64, f64)> {
    let store = Store::open(folder, StoreOptions::default())?;
    let new = NewTenant { tenant: "parts".parse()?, customer: None, profile_toml: String::new() };
    store.control().create_tenant(&new)?;
    let db = store.tenant(&new.tenant)?;
    let mut tx = db.begin_import(&"bench".parse()?, ImportMode::Replace)?;
    let store = timed(|| {
        for row in rows {
            tx.upsert(row)?;
        }
        Ok(())
    })?;
    let begun = Instant::now();
    let commit = timed(|| {
        tx.commit(&record()?, &mut std::iter::empty())?;
        Ok(())
    })?;
    Ok((store, commit, (begun.elapsed().as_secs_f64() - commit).max(0.0)))
}

fn record() -> Result<ImportRecord> {
    Ok(serde_json::from_value(serde_json::json!({
        "id": ImportId(uuid::Uuid::now_v7()), "catalog": "bench", "mode": "replace", "status": "succeeded", "media_type": "application/xml",
        "document_hash": "", "bytes": 0, "is_canonical": true, "counts": plugpoint_sdk::desk::ImportCounts::default(), "findings_count": 0,
        "created_at": "2026-01-01T00:00:00Z",
    }))?)
}

fn source(bytes: &[u8]) -> BufReader<Cursor<&[u8]>> {
    BufReader::with_capacity(256 << 10, Cursor::new(bytes))
}

/// The processor time of this thread, in seconds.
fn timed(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let before = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    work()?;
    let after = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let seconds = |time: rustix::time::Timespec| time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    Ok(seconds(after) - seconds(before))
}

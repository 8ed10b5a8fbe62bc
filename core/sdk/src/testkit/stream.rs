//! A million records through a transformer, made of one document's records over and over, and what that costs in memory.
//!
//! The document is never in memory: a source makes it while it is read. Memory is the process's resident set as Linux tells
//! it; elsewhere only the count of records is checked.

use std::io::{self, BufRead, Read};

use crate::document::{Document, ItemSink, Stop};
use crate::guard::contain;
use crate::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};
use crate::points::catalog_transformer::CatalogTransformer;
use crate::trial::{Outcome, Records, Sample};

/// The records of the stream that a transformer has to bear.
pub const STREAM_RECORDS: u64 = 1_000_000;
/// What memory may grow by after the first tenth of a stream: room for what else this process does meanwhile, and less than
/// the shortest item number of every record would take.
const GROWTH_KB_MAX: u64 = 16 * 1024;
/// Other tests of the same process may grow at the same moment; three times in a row they hardly do.
const ATTEMPTS: u32 = 3;
/// Records between two looks at the memory.
const LOOK_EVERY: u64 = 10_000;

/// Whether memory stays flat while `transformer` reads `records` records, each with a number of its own.
///
/// None when the document's records cannot be repeated: fewer than two lie beside each other.
///
/// # Errors
/// The violation, in one sentence.
pub fn bounded_in_memory(
    transformer: &dyn CatalogTransformer,
    sample: &Sample<'_>,
    records: u64,
) -> Option<Result<(), String>> {
    let outcome = contain(|| Outcome::of(transformer, &[], sample)).ok().filter(|outcome| outcome.error.is_none())?;
    let cut = Records::cut(sample.bytes, &outcome.starts)?;
    let pattern = numbered(transformer, sample, &cut).or_else(|| repeated(transformer, sample, &cut))?;
    let mut grown = Err("nothing was tried".to_owned());
    for _ in 0..ATTEMPTS {
        grown = measured(transformer, sample, &pattern, records);
        if grown.is_ok() {
            break;
        }
    }
    Some(grown)
}

fn measured(
    transformer: &dyn CatalogTransformer,
    sample: &Sample<'_>,
    pattern: &Pattern,
    records: u64,
) -> Result<(), String> {
    let mut sink = Watching { records: 0, warm_up: records / 10, base_kb: 0, peak_kb: 0 };
    match contain(|| streamed(transformer, sample, pattern, records, &mut sink)) {
        Ok(None) => {}
        Ok(Some(error)) => return Err(format!("it gave up a stream of {records} records: {error}")),
        Err(panicked) => return Err(format!("in a stream of {records} records it {panicked}")),
    }
    if sink.records != records + pattern.beside {
        return Err(format!("of a stream of {records} records it handed over {}", sink.records));
    }
    let grown_kb = sink.peak_kb.saturating_sub(sink.base_kb);
    if grown_kb <= GROWTH_KB_MAX {
        return Ok(());
    }
    Err(format!(
        "between record {} and record {records} memory grew by {grown_kb} kB; allowed: {GROWTH_KB_MAX}",
        sink.warm_up
    ))
}

/// Reads a stream; gives the error, if there is one.
fn streamed(
    transformer: &dyn CatalogTransformer,
    sample: &Sample<'_>,
    pattern: &Pattern,
    records: u64,
    sink: &mut dyn ItemSink,
) -> Option<String> {
    let mut source =
        Stream { pattern, made: 0, records, piece: pattern.head.clone().into_bytes(), read: 0, is_over: false };
    let Sample { media_type, charset, profile, .. } = *sample;
    let mut document = Document { media_type, charset, ..Document::new(&mut source, profile) };
    transformer.transform(&mut document, sink).err().map(|error| format!("{error:?}"))
}

/// What a stream is made of.
struct Pattern {
    head: String,
    /// Each record, cut where its number stands, which becomes another in every turn.
    bodies: Vec<Vec<String>>,
    tail: String,
    /// Records of head and tail, but one: those that were refused stand with what is before them.
    beside: u64,
}

/// The pattern with a number in each record that never comes again, if the transformer reads it so.
fn numbered(transformer: &dyn CatalogTransformer, sample: &Sample<'_>, cut: &Records<'_>) -> Option<Pattern> {
    let bodies = cut.bodies.iter().filter(|(_, skus)| skus.len() == 1).filter_map(|(body, skus)| {
        let sku = skus[0].as_deref().filter(|sku| !sku.is_empty())?;
        let parts: Vec<String> = body.split(sku).map(str::to_owned).collect();
        // The number itself stays, and the turn is written behind it.
        let last = parts.len() - 1;
        (last > 0)
            .then(|| parts.into_iter().enumerate().map(|(i, part)| if i < last { part + sku } else { part }).collect())
    });
    let pattern = Pattern {
        head: cut.head.0.to_owned(),
        bodies: bodies.collect(),
        tail: cut.tail.0.to_owned(),
        beside: beside(cut),
    };
    let turns = 2 * pattern.bodies.len() as u64;
    let skus = probe(transformer, sample, &pattern, turns + 1)?;
    let distinct: std::collections::BTreeSet<&String> = skus.iter().collect();
    (turns > 0 && distinct.len() as u64 > turns).then_some(pattern)
}

/// The pattern with its records as they are.
fn repeated(transformer: &dyn CatalogTransformer, sample: &Sample<'_>, cut: &Records<'_>) -> Option<Pattern> {
    let alone = cut.bodies.iter().filter(|(_, skus)| skus.len() == 1);
    let bodies = alone.map(|(body, _)| vec![(*body).to_owned()]).collect();
    let pattern = Pattern { head: cut.head.0.to_owned(), bodies, tail: cut.tail.0.to_owned(), beside: beside(cut) };
    probe(transformer, sample, &pattern, 3).map(|_| pattern)
}

fn beside(cut: &Records<'_>) -> u64 {
    (cut.head.1.len() + cut.tail.1.len()).saturating_sub(1) as u64
}

/// Reads a short stream; gives the numbers, if there are as many records as there should be and no error.
fn probe(
    transformer: &dyn CatalogTransformer,
    sample: &Sample<'_>,
    pattern: &Pattern,
    records: u64,
) -> Option<Vec<String>> {
    if pattern.bodies.is_empty() {
        return None;
    }
    let mut source =
        Stream { pattern, made: 0, records, piece: pattern.head.clone().into_bytes(), read: 0, is_over: false };
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes).ok()?;
    let outcome = contain(|| Outcome::of(transformer, &[], &Sample { bytes: &bytes, ..*sample })).ok()?;
    let is_whole = outcome.error.is_none() && outcome.records == records + pattern.beside;
    is_whole.then(|| outcome.starts.into_iter().filter_map(|(sku, _)| sku).collect())
}

/// The document, made while it is read.
struct Stream<'p> {
    pattern: &'p Pattern,
    /// Records made so far; the tail is the last.
    made: u64,
    records: u64,
    piece: Vec<u8>,
    read: usize,
    is_over: bool,
}

impl Stream<'_> {
    fn advance(&mut self) {
        (self.read, self.made) = (0, self.made + 1);
        self.piece.clear();
        if self.made >= self.records {
            self.is_over = self.made > self.records;
            if !self.is_over {
                self.piece.extend(self.pattern.tail.as_bytes());
            }
            return;
        }
        let turn = format!("-{:07}", self.made);
        let place = (self.made % self.pattern.bodies.len() as u64) as usize;
        let body = &self.pattern.bodies[place];
        for (index, part) in body.iter().enumerate() {
            self.piece.extend(part.as_bytes());
            if index + 1 < body.len() {
                self.piece.extend(turn.as_bytes());
            }
        }
    }
}

impl BufRead for Stream<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.read == self.piece.len() && !self.is_over {
            self.advance();
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, bytes: usize) {
        self.read += bytes;
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?.read(target)?;
        self.consume(bytes);
        Ok(bytes)
    }
}

/// Counts records, keeps none, and looks at the memory now and then.
struct Watching {
    records: u64,
    warm_up: u64,
    base_kb: u64,
    peak_kb: u64,
}

impl Watching {
    fn count(&mut self) -> Result<(), Stop> {
        self.records += 1;
        if self.records == self.warm_up {
            self.base_kb = resident_kb();
        } else if self.records > self.warm_up && self.records.is_multiple_of(LOOK_EVERY) {
            self.peak_kb = self.peak_kb.max(resident_kb());
        }
        Ok(())
    }
}

/// The memory that this process holds; 0 where the system does not tell.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok()).unwrap_or(0)
}

impl ItemSink for Watching {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, _: ItemDraft) -> Result<(), Stop> {
        self.count()
    }
    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
        if patch.is_record { self.count() } else { Ok(()) }
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        self.count()
    }
    fn reject(&mut self, _: Finding) -> Result<(), Stop> {
        self.count()
    }
    fn note(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

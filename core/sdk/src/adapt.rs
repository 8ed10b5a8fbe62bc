//! Lets a customer crate change what a format's reader hands over, without writing an [`ItemSink`] of its own.
//!
//! Used by transformers that wrap another: `wrapped.transform(document, &mut Adapted::new(sink, &mut my_adapter))`. It neither
//! adds nor drops records.

use crate::document::{ItemSink, Stop};
use crate::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};

/// Changes records on their way from a wrapped transformer to the platform. Both methods leave the record alone by default.
pub trait Adapt {
    /// Sees every whole item. A finding of severity error added here rejects it.
    fn item(&mut self, _draft: &mut ItemDraft) {}
    /// Sees every partial change: a price update, a late category link.
    fn patch(&mut self, _patch: &mut ItemPatch) {}
}

/// A sink that shows every record to an adapter before it passes it on.
pub struct Adapted<'a> {
    sink: &'a mut dyn ItemSink,
    adapter: &'a mut dyn Adapt,
}

impl<'a> Adapted<'a> {
    /// Puts `adapter` before `sink`.
    pub fn new(sink: &'a mut dyn ItemSink, adapter: &'a mut dyn Adapt) -> Self {
        Self { sink, adapter }
    }
}

impl ItemSink for Adapted<'_> {
    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        self.sink.declare(format, mode)
    }
    fn upsert(&mut self, mut draft: ItemDraft) -> Result<(), Stop> {
        self.adapter.item(&mut draft);
        self.sink.upsert(draft)
    }
    fn patch(&mut self, mut patch: ItemPatch) -> Result<(), Stop> {
        self.adapter.patch(&mut patch);
        self.sink.patch(patch)
    }
    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop> {
        self.sink.delete(sku, position)
    }
    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        self.sink.reject(finding)
    }
    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.sink.note(finding)
    }

    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.sink.unmapped(path, count)
    }
}

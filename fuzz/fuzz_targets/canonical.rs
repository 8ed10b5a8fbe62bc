//! Any bytes through the canonical readers: the first byte chooses the content type, the rest is the document. Every document
//! must come to an end, as items, findings or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_sdk::canonical::{Canonical, MEDIA_TYPES};
use plugpoint_sdk::document::{Document, ItemSink, Stop};
use plugpoint_sdk::model::{Finding, ImportMode, Item, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;

/// Checks each item as an import would, and forgets it.
struct Checked;

impl ItemSink for Checked {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        let _ = Item::try_from_data(draft.data);
        Ok(())
    }
    fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        Ok(())
    }
    fn reject(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn note(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, mut source)) = bytes.split_first() else { return };
    let media_type = MEDIA_TYPES[usize::from(choice) % MEDIA_TYPES.len()];
    let profile = Profile::default();
    let mut document = Document { media_type, ..Document::new(&mut source, &profile) };
    let _ = Canonical.transform(&mut document, &mut Checked);
});

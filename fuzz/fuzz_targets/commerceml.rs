//! Any bytes through the reader of commerceml: every document must come to an end, as items, findings or an error. Called by cargo-fuzz.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_commerceml::CommercemlTransformer;
use plugpoint_sdk::document::{Document, ItemSink, Stop};
use plugpoint_sdk::model::{Finding, ImportMode, Item, ItemData, ItemDraft, ItemPatch, Position};
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
    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
        let mut item = ItemData::default();
        patch.ops.into_iter().for_each(|op| op.apply(&mut item));
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
    let (mut source, profile) = (bytes, Profile::default());
    let _ = CommercemlTransformer.transform(&mut Document::new(&mut source, &profile), &mut Checked);
});

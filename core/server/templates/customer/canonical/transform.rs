//! Documents come in the canonical form (JSON, NDJSON, XML or CSV); what is decided here is what the sender leaves open.

use plugpoint_sdk::adapt::{Adapt, Adapted};
use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::ItemDraft;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;

/// Items that name no brand are the house's own.
const HOUSE_BRAND: &str = "@NAME@";

/// The canonical reader with this customer's decisions behind it.
pub struct Transformer;

impl CatalogTransformer for Transformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        Canonical.transform(document, &mut Adapted::new(sink, &mut Decisions))
    }
}

struct Decisions;

impl Adapt for Decisions {
    fn item(&mut self, draft: &mut ItemDraft) {
        draft.data.brand.get_or_insert_with(|| HOUSE_BRAND.to_owned());
    }
}

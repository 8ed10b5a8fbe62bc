//! Voltwerk's reading of BMEcat: their price types, their extensions, ETIM features by name.

use plugpoint_plugin_bmecat::BmecatTransformer;
use plugpoint_sdk::adapt::{Adapt, Adapted};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::{Attribute, ItemDraft, ItemPatch, PatchOp, Price};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;

/// The system of attributes that are Voltwerk's own.
pub const SYSTEM: &str = "voltwerk";

/// Their price types, as the BMEcat reader spells them, and what we call the prices.
const PRICE_KINDS: &[(&str, &str)] = &[
    ("net_list", "list"),
    ("gros_list", "list_gross"),
    // Prices of the frame agreement with the purchasing association.
    ("net_customer", "agreement"),
    ("nrp", "retail"),
];

/// Their extensions (UDX.VOLTWERK.*): what comes in, the attribute it becomes, its unit.
const EXTENSIONS: &[(&str, &str, Option<&str>)] = &[
    ("VOLTWERK.KUPFERZAHL", "copper_weight", Some("kg/km")),
    ("VOLTWERK.KUPFERBASIS", "copper_base", Some("EUR/100kg")),
    ("VOLTWERK.RABATTGRUPPE", "discount_group", None),
    ("VOLTWERK.VERPACKUNG.ART", "packaging", None),
];

/// ETIM features that Voltwerk sends by id only, with the names that their shop shows.
const ETIM_NAMES: &[(&str, &str)] = &[
    ("EF000003", "Montageart"),
    ("EF000007", "Farbe"),
    ("EF000008", "Breite"),
    ("EF000040", "Höhe"),
    ("EF000049", "Tiefe"),
];

/// The BMEcat reader with Voltwerk's decisions behind it.
pub struct VoltwerkTransformer;

impl CatalogTransformer for VoltwerkTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        BmecatTransformer.transform(document, &mut Adapted::new(sink, &mut Voltwerk))
    }
}

struct Voltwerk;

impl Adapt for Voltwerk {
    fn item(&mut self, draft: &mut ItemDraft) {
        name_kinds(&mut draft.data.prices);
        draft.data.attributes.iter_mut().for_each(adopt);
    }

    /// A price update has to speak of the same kinds as the item it updates.
    fn patch(&mut self, patch: &mut ItemPatch) {
        for op in &mut patch.ops {
            if let PatchOp::SetPrices(prices) = op {
                name_kinds(prices);
            }
        }
    }
}

fn name_kinds(prices: &mut [Price]) {
    for price in prices {
        if let Some((_, kind)) = PRICE_KINDS.iter().find(|(sent, _)| *sent == price.kind) {
            (*kind).clone_into(&mut price.kind);
        }
    }
}

fn adopt(attribute: &mut Attribute) {
    match attribute.system.as_deref() {
        Some("udx") => {
            let Some((_, name, unit)) = EXTENSIONS.iter().find(|(sent, ..)| *sent == attribute.name) else { return };
            (*name).clone_into(&mut attribute.name);
            attribute.unit = unit.map(str::to_owned);
            attribute.system = Some(SYSTEM.to_owned());
        }
        Some(system) if system.starts_with("etim") => {
            let id = attribute.feature_id.as_deref().filter(|id| *id == attribute.name);
            if let Some((_, name)) = ETIM_NAMES.iter().find(|(known, _)| Some(*known) == id) {
                (*name).clone_into(&mut attribute.name);
            }
        }
        _ => {}
    }
}

//! GS1 GDSN messages about catalogue items as a catalog transformer: notifications (CIN), withdrawals (CIHW) and publications (CIP), in
//! the generations 3.x and 2.x.
//!
//! A pure reader: bytes in, items out, one at a time. Elements are matched on their local names, in any namespace or none, because senders
//! qualify them in many ways. It refuses messages that hold no items, trade items without a GTIN, and placeholders in place of one.
//!
//! # What becomes what
//! Every tradeItem is a record of its own, however deep its hierarchy. The document declares mode merge, and the command each record's:
//! ADD, CHANGE_BY_REFRESH and CORRECT (or none) are the whole item, DELETE deletes every item that the notification names, those within
//! others too. Prices and people, of which a trade item never speaks, stay as they are. A CIHW deletes the item that it refers to; a CIP
//! holds nothing to import, which is a finding.
//!
//! The item's number is its GTIN as sent, zeros included; with `item_number = "gln_gtin_market"` it is the information provider's GLN, the
//! GTIN and the target market, joined by hyphens. Its kind is the unit descriptor: `each`, `pack`, `case`, `pallet`. tradeItemDescription is the
//! title, by language; descriptionShort, then functionalName stand in for it. The marketing message is the description, else
//! additionalTradeItemDescription. An item without any is called by its GTIN, with a finding. GPC bricks are categories of `gpc`, others of `gs1-`
//! and the system's code. Children are relations `contains` with their quantity, from childTradeItem or from their place in the hierarchy;
//! referenced trade items are relations by their type. Referenced files are media. The item is discontinued if its state says so, or a date
//! that was over when the document was made; announced, if its availability starts later.
//!
//! All other facts, of whatever module, are attributes of the system `gdsn`, named by their path without modules and wrappers, with their
//! unit: `tradeItemWeight/grossWeight`, `ingredientStatement [en]`, `foodAndBeverageIngredient[2]/ingredientName [en]`. Allergens are
//! `allergen/AM` with their level, nutrients `nutrient/UNPREPARED/100GRM/FAT`; pairs of the sender's own (avpList) have the name they give.
//!
//! # Losses
//! - the envelope's header, identifications of transaction, command and document, data recipient and pools;
//! - versions and agencies of code lists;
//! - of a child: everything but GTIN and quantity (its own record says it);
//! - one GTIN of several providers or markets is one item, unless the profile says `gln_gtin_market`; the last wins, with a finding;
//! - what is deleted with a hierarchy goes even if another hierarchy holds it; it comes back with the next notification of that one.

mod document;
mod files;
mod food;
mod item;
mod keep;
mod key;
mod message;
mod records;
mod shape;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

use message::Message;

/// Makes the format `gdsn` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "gdsn", "gdsn.reader", GdsnTransformer);
}

/// Reads GDSN messages. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct GdsnTransformer;

impl CatalogTransformer for GdsnTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml()?;
        let is_envelope = message::is_envelope(&xml.root);
        let names = xml.elements.iter().filter(|element| is_envelope || element.depth == 1);
        let mut named = names.filter_map(|element| Some((Message::named(&element.local)?, element)));
        let (message, element) = named.next()?;
        let namespaces = [&element.namespace, &xml.namespace];
        let version =
            namespaces.into_iter().find_map(|namespace| message::version_of(namespace)).unwrap_or("without version");
        let version = format!("GDSN {version} {}", message.abbreviation());
        let why = format!("<{}> in <{}>", element.local, xml.root);
        // A bare part of a message might be somebody else's.
        match element.local.ends_with("Message") || is_envelope {
            true => Detected::certain(version, why),
            false => Detected::likely(version, why),
        }
    }
}

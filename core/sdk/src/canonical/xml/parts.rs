//! The names of the canonical XML, as tables: element to member of the model. The one place that knows the spellings, for reading
//! and for writing.

use super::fields::{Fields, Part, Value};
use super::writer::Writer;
use crate::codes::finding;
use crate::model::{
    Attribute, Availability, Category, Contributor, Identifier, ItemData, Media, Price, Relation, Text,
};
use crate::xml::{XmlError, XmlReader};

/// The parts of an item with their elements. `wrapped as` is the element of one entry where a list is written with a wrapper.
macro_rules! parts {
    ($($type:ty, wrapped as $singular:literal { $($name:literal => $member:ident),* $(,)? })*) => {$(
        impl Part for $type {
            const SINGULAR: &'static str = $singular;
            const FIELDS: &'static [&'static str] = &[$($name),*];

            // Asked for every element: comparisons with constants in one place beat a loop over the table.
            fn field(name: &str) -> Option<usize> {
                let mut at = 0;
                $(
                    if name == $name {
                        return Some(at);
                    }
                    at += 1;
                )*
                let _ = at;
                None
            }

            fn read(&mut self, field: usize, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
                let mut at = 0;
                $(
                    if field == at {
                        return self.$member.read(again, xml, fields);
                    }
                    at += 1;
                )*
                let _ = at;
                Ok(false)
            }

            fn write(&self, out: &mut Writer<'_>) {
                $(out.member($name, &self.$member);)*
            }

            fn complete(&mut self, seen: u32, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) {
                Completed::complete(self, seen, xml, fields);
            }
        }
    )*};
}

parts! {
    ItemData, wrapped as "item" {
        "sku" => sku, "texts" => texts, "prices" => prices, "attributes" => attributes, "categories" => categories,
        "media" => media, "identifiers" => identifiers, "brand" => brand, "kind" => kind, "status" => status,
        "contributors" => contributors, "availability" => availability, "relations" => relations,
    }
    Text, wrapped as "text" { "lang" => lang, "title" => title, "description" => description, "keywords" => keywords }
    Identifier, wrapped as "identifier" { "scheme" => scheme, "value" => value }
    Price, wrapped as "price" {
        "amount" => amount, "currency" => currency, "kind" => kind, "taxRate" => tax_rate, "taxIncluded" => tax_included,
        "minQuantity" => min_quantity, "perQuantity" => per_quantity, "unit" => unit, "validFrom" => valid_from,
        "validTo" => valid_to, "territories" => territories,
    }
    Category, wrapped as "category" { "system" => system, "code" => code, "path" => path }
    Attribute, wrapped as "attribute" {
        "name" => name, "values" => values, "unit" => unit, "system" => system, "featureId" => feature_id,
    }
    Media, wrapped as "medium" { "kind" => kind, "url" => url, "mimeType" => mime_type, "description" => description }
    Contributor, wrapped as "contributor" { "role" => role, "name" => name }
    Availability, wrapped as "availability" {
        "status" => status, "quantity" => quantity, "leadTimeDays" => lead_time_days, "availableFrom" => available_from,
    }
    Relation, wrapped as "relation" { "kind" => kind, "sku" => sku, "quantity" => quantity }
}

/// The element of one entry of a list of texts, where it is written with a wrapper.
pub(super) fn singular(list: &str) -> &'static str {
    match list {
        "keywords" => "keyword",
        "territories" => "territory",
        "path" => "segment",
        _ => "value",
    }
}

/// What a part needs when its element ends. `seen` has a bit for each field in the order of the table.
trait Completed: Part {
    fn complete(&mut self, _seen: u32, _xml: &mut XmlReader<'_>, _fields: &mut Fields<'_>) {}
}

impl Completed for ItemData {}
impl Completed for Identifier {}
impl Completed for Category {}
impl Completed for Attribute {}
impl Completed for Media {}
impl Completed for Contributor {}
impl Completed for Availability {}
impl Completed for Relation {}

impl Completed for Text {
    /// A text without a language is in that of its `xml:lang`, or of the profile.
    fn complete(&mut self, _seen: u32, _xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) {
        let language = fields.language();
        if self.lang.is_empty() {
            self.lang = language;
        }
    }
}

impl Completed for Price {
    /// No amount is no price, and never 0; no currency is the profile's, or a finding.
    fn complete(&mut self, seen: u32, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) {
        let has =
            |name: &str| Self::FIELDS.iter().position(|field| *field == name).is_some_and(|bit| seen & (1 << bit) != 0);
        if !has("amount") {
            fields.error(xml.position(), finding::FIELD_REQUIRED, "amount", "the price has no amount");
        }
        if self.currency.is_empty() {
            match fields.profile.currency.clone() {
                Some(currency) => self.currency = currency,
                None => {
                    fields.error(xml.position(), finding::CURRENCY_MISSING, "currency", "the price has no currency")
                }
            }
        }
    }
}

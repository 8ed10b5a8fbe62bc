//! The item: its parts, and the only way from a draft to a valid [`Item`].
//!
//! The declarations here are the one truth about names and limits: JSON, canonical XML, the WSDL's types and the OpenAPI
//! document all come from them. Nothing here reads or stores anything.

use std::ops::Deref;

use plugpoint_sdk_macros::api_schema;
use rust_decimal::Decimal;

use super::extensions::Extensions;
use super::finding::{Finding, Position};
use super::parts::Parts;
use super::timestamp::Timestamp;
use crate::schema::{CURRENCY, LANGUAGE, PRINTABLE, TOKEN};

/// One item of a catalog in the canonical form. Required: `sku` and at least one text.
#[api_schema(name = "Item")]
#[derive(Default)]
pub struct ItemData {
    /// The supplier's number of the item, unique within its catalog. Leading zeros count; blanks at the ends do not occur.
    #[validate(length(min = 1, max = 128), pattern = PRINTABLE)]
    pub sku: String,
    /// What the item is: `product`, `publication`, `service`, `bundle`, `variant` or another lower-case word.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    #[serde(default = "default_kind")]
    pub kind: String,
    /// Where the item stands in its life.
    #[serde(default)]
    pub status: ItemStatus,
    /// The brand under which the item is sold.
    #[validate(length(min = 1, max = 256))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Titles and descriptions, one entry per language.
    #[validate(length(min = 1, max = 64))]
    pub texts: Vec<Text>,
    /// Numbers under which others know the item.
    #[validate(length(max = 64))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Prices by kind, quantity tier, territory and validity.
    #[validate(length(max = 1024))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
    /// Places of the item in classification systems and in the sender's own tree.
    #[validate(length(max = 256))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Properties with their values.
    #[validate(length(max = 16384))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Pictures, data sheets and other files.
    #[validate(length(max = 1024))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Authors, editors, illustrators and other people.
    #[validate(length(max = 1024))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contributors: Vec<Contributor>,
    /// Whether and how soon the item can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub availability: Option<Availability>,
    /// Links to other items of the same catalog.
    #[validate(length(max = 4096))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relations: Vec<Relation>,
    /// What the tenant's own presenters say about the item, a member each. Answered only: where an item is sent, it is passed
    /// over, so what was read can be written back.
    #[serde(default, skip_serializing_if = "Extensions::is_left_out")]
    pub extensions: Extensions,
}

fn default_kind() -> String {
    "product".to_owned()
}

/// Where an item stands in its life.
#[api_schema]
#[derive(Copy, Eq, Default)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Can be ordered.
    #[default]
    Active,
    /// Announced, not to be had yet.
    Announced,
    /// Temporarily not offered.
    Inactive,
    /// Will not come back.
    Discontinued,
}

/// Title and description in one language.
#[api_schema]
#[derive(Default)]
pub struct Text {
    /// BCP 47 language tag such as `en` or `de-AT`.
    #[validate(pattern = LANGUAGE)]
    pub lang: String,
    /// The name by which people call the item.
    #[validate(length(min = 1, max = 1024))]
    pub title: String,
    /// A longer text; markup is stored as sent and never interpreted.
    #[validate(length(min = 1, max = 65536))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Search words.
    #[validate(length(max = 256), each(length(min = 1, max = 1024)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
}

/// A number under which others know the item.
#[api_schema]
#[derive(Default)]
pub struct Identifier {
    /// `gtin`, `isbn`, `mpn` or another lower-case word.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    pub scheme: String,
    /// The number as text; leading zeros count.
    #[validate(length(min = 1, max = 128), pattern = PRINTABLE)]
    pub value: String,
}

/// One price. A price without an amount is no price; there is no price of "unknown".
#[api_schema]
#[derive(Default)]
pub struct Price {
    /// `list`, `net`, `retail` or another lower-case word of the sender's.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    pub kind: String,
    /// The amount for `per_quantity` units.
    #[validate(range(min = 0))]
    #[serde(with = "super::decimal")]
    pub amount: Decimal,
    /// ISO 4217 code such as `EUR`.
    #[validate(pattern = CURRENCY)]
    pub currency: String,
    /// Tax as a fraction: `0.19` is 19 %.
    #[validate(range(min = 0, max = 1))]
    #[serde(default, with = "super::decimal::option", skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<Decimal>,
    /// Whether `amount` already contains the tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_included: Option<bool>,
    /// The quantity from which the price holds.
    #[validate(range(exclusive_min = 0))]
    #[serde(default, with = "super::decimal::option", skip_serializing_if = "Option::is_none")]
    pub min_quantity: Option<Decimal>,
    /// The number of units that `amount` buys; 1 when absent.
    #[validate(range(exclusive_min = 0))]
    #[serde(default, with = "super::decimal::option", skip_serializing_if = "Option::is_none")]
    pub per_quantity: Option<Decimal>,
    /// The unit of the quantities, UN/ECE Recommendation 20 where the sender has it.
    #[validate(length(min = 1, max = 32))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// From when the price holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// Until when the price holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// Where the price holds: ISO 3166 codes; everywhere when empty.
    #[validate(length(max = 300), each(length(min = 1, max = 16)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub territories: Vec<String>,
}

/// A place in a classification system or in the sender's own tree.
#[api_schema]
#[derive(Default)]
pub struct Category {
    /// The system, lower-case, with its version where known: `eclass-9.0`, `etim`, `unspsc`, `supplier`.
    #[validate(length(min = 1, max = 64))]
    pub system: String,
    /// The code within the system.
    #[validate(length(min = 1, max = 128))]
    pub code: String,
    /// Names from the root to this place.
    #[validate(length(max = 32), each(length(min = 1, max = 1024)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<String>,
}

/// A property with its values.
#[api_schema]
#[derive(Default)]
pub struct Attribute {
    /// The property's name.
    #[validate(length(min = 1, max = 256))]
    pub name: String,
    /// Its values in the sender's order.
    #[validate(length(max = 1024), each(length(max = 65536)))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The unit of the values.
    #[validate(length(min = 1, max = 64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The system that defines the property: `etim`, `eclass-9.0`.
    #[validate(length(min = 1, max = 64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// The property's id in that system, such as `EF000008`.
    #[validate(length(min = 1, max = 64))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_id: Option<String>,
}

/// A picture, a data sheet or another file, by reference.
#[api_schema]
#[derive(Default)]
pub struct Media {
    /// `image`, `thumbnail`, `data_sheet`, `video`, `document` or another lower-case word.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    pub kind: String,
    /// A URL, or a path relative to what the sender agreed upon. Stored, never fetched.
    #[validate(length(min = 1, max = 4096))]
    pub url: String,
    /// The media type, such as `image/jpeg`.
    #[validate(length(min = 1, max = 128))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// A caption.
    #[validate(length(min = 1, max = 1024))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A person or body that had a part in the item.
#[api_schema]
#[derive(Default)]
pub struct Contributor {
    /// `author`, `editor`, `illustrator`, `translator` or another lower-case word.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    pub role: String,
    /// The name as it is to be shown.
    #[validate(length(min = 1, max = 512))]
    pub name: String,
}

/// Whether and how soon an item can be had.
#[api_schema]
#[derive(Default)]
pub struct Availability {
    /// `in_stock`, `out_of_stock`, `preorder`, `backorder`, `on_demand` or another lower-case word.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    pub status: String,
    /// Units in stock.
    #[validate(range(min = 0))]
    #[serde(default, with = "super::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// Days until delivery.
    #[validate(range(min = 0, max = 3650))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_time_days: Option<u32>,
    /// When it can be had, or when it appears.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_from: Option<Timestamp>,
}

/// A link to another item of the same catalog.
#[api_schema]
#[derive(Default)]
pub struct Relation {
    /// `accessory`, `spare_part`, `consists_of`, `similar`, `follow_up` or another lower-case word.
    #[validate(length(min = 1, max = 32), pattern = TOKEN)]
    pub kind: String,
    /// The other item's sku.
    #[validate(length(min = 1, max = 128), pattern = PRINTABLE)]
    pub sku: String,
    /// How many of the other item belong to this one.
    #[validate(range(exclusive_min = 0))]
    #[serde(default, with = "super::decimal::option", skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
}

/// What a transformer hands in: item data that nobody has checked yet, and where it came from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ItemDraft {
    /// The data as read.
    pub data: ItemData,
    /// Where the record starts in the document.
    pub position: Position,
    /// What the reader had to say about the record while reading it. An error here rejects the item.
    pub findings: Vec<Finding>,
    /// Parts of which documents of this kind say nothing: where the item is there, they stay as they are.
    pub keeps: Parts,
    /// Parts of which the document says only what has changed: where the item is there, they are laid over its own, as
    /// [`PatchOp::Merge`](super::PatchOp::Merge) does.
    pub merges: Parts,
    /// The record that the sink was last asked to [recall](crate::document::ItemSink::recalls) made this draft, and nothing else.
    pub is_recallable: bool,
}

impl ItemDraft {
    /// A draft of kind `product` at a position; the rest is filled in field by field.
    #[must_use]
    pub fn new(sku: impl Into<String>, position: Position) -> Self {
        let data = ItemData { sku: sku.into(), kind: default_kind(), ..ItemData::default() };
        Self { data, position, findings: Vec::new(), keeps: Parts::NONE, merges: Parts::NONE, is_recallable: false }
    }
}

/// An item that keeps every declared limit. There is no other way to one than [`Item::try_from_data`].
#[derive(Debug, Clone, PartialEq)]
pub struct Item(ItemData);

impl Item {
    /// Checks the data against the declared limits and the rules between fields.
    ///
    /// # Errors
    /// The violations as findings with their JSON pointers: all, not only the first, up to
    /// [`Violations::MAX`](crate::schema::Violations::MAX).
    pub fn try_from_data(data: ItemData) -> Result<Self, Vec<Finding>> {
        let findings = super::item_rules::errors(&data);
        if findings.is_empty() { Ok(Self(data)) } else { Err(findings) }
    }

    /// What is doubtful about the item and was taken as sent: the check digits of its GTINs and ISBNs.
    #[must_use]
    pub fn warnings(&self) -> Vec<Finding> {
        super::item_rules::warnings(&self.0)
    }

    /// Gives the data back, for a rule that wants to change it; it has to be checked again.
    #[must_use]
    pub fn into_data(self) -> ItemData {
        self.0
    }
}

impl Deref for Item {
    type Target = ItemData;
    fn deref(&self) -> &ItemData {
        &self.0
    }
}

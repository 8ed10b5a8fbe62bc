//! Partial changes: what a document says about an item elsewhere than in the item's own record, or without repeating it.

use serde::{Deserialize, Serialize};

use super::catalog::{Category, ItemData, Price};
use super::finding::Position;

/// A change to one item, applied within the import's transaction after the items before it.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemPatch {
    /// The item that is changed. An unknown one is a finding.
    pub sku: String,
    /// The changes, in order.
    pub ops: Vec<PatchOp>,
    /// Where the document says so.
    pub position: Position,
    /// True if this is a record of its own (a price update), false if it completes one (a late category link). Only records
    /// count as read, accepted or rejected.
    pub is_record: bool,
}

/// One partial change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchOp {
    /// The item's prices become these.
    SetPrices(Vec<Price>),
    /// The item gets this category, unless it has one of that system and code.
    AddCategory(Category),
}

impl PatchOp {
    /// Applies the change.
    pub fn apply(self, item: &mut ItemData) {
        match self {
            Self::SetPrices(prices) => item.prices = prices,
            Self::AddCategory(category) => {
                let same = |known: &Category| known.system == category.system && known.code == category.code;
                if !item.categories.iter().any(same) {
                    item.categories.push(category);
                }
            }
        }
    }
}

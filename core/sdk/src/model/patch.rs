//! Partial changes: what a document says about an item elsewhere than in the item's own record, or without repeating it.

use serde::Serialize;

use super::amend::amend_prices;
use super::catalog::{Category, ItemData, Price};
use super::finding::Position;
use super::merge;
use super::parts::Parts;
use super::scope::Scope;
use super::timestamp::Timestamp;

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
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PatchOp {
    /// The item's prices become these. One that names no `per_quantity` takes over that of the prices before, if they agree
    /// on one: price updates do not repeat it, and without it the price would be for one piece instead of for hundred.
    SetPrices(Vec<Price>),
    /// The item gets this category, unless it has one of that system and code.
    AddCategory(Category),
    /// These parts of the item become those of `data`, empty ones too: a block update.
    Replace {
        /// Which.
        parts: Parts,
        /// What they become.
        data: Box<ItemData>,
    },
    /// What the scope names becomes that of `data`, and the rest stays, also within the same part: an update of a block of a
    /// record whose other blocks speak of the same parts.
    ReplaceWithin {
        /// What the block owns.
        scope: Box<Scope>,
        /// What it says.
        data: Box<ItemData>,
    },
    /// What `data` says of these parts is laid over them, and what it does not name stays: texts by language, numbers by
    /// scheme, prices by kind, categories by system, attributes by system and name (one without values goes), files by
    /// address, people by role, relations by kind and number. For documents that send only what has changed.
    Merge {
        /// Which.
        parts: Parts,
        /// What is said of them.
        data: Box<ItemData>,
    },
    /// The prices of one kind within one period become these. What the item has of that kind stays before and after it.
    PutPrices {
        /// The kind.
        kind: String,
        /// The first moment of the period; from ever if none.
        valid_from: Option<Timestamp>,
        /// Its last moment; for ever if none.
        valid_to: Option<Timestamp>,
        /// The prices, none where the kind has none any more.
        prices: Vec<Price>,
    },
    /// Each of these prices takes the place of the one that is asked under the same conditions: of its kind, currency, quantity,
    /// territories and start. All others stay. One that names no `per_quantity` takes it over as in [`SetPrices`](Self::SetPrices).
    AmendPrices(Vec<Price>),
}

impl PatchOp {
    /// A block update.
    #[must_use]
    pub fn replace(parts: Parts, data: ItemData) -> Self {
        Self::Replace { parts, data: Box::new(data) }
    }

    /// A change of what it names.
    #[must_use]
    pub fn merge(parts: Parts, data: ItemData) -> Self {
        Self::Merge { parts, data: Box::new(data) }
    }

    /// Applies the change.
    pub fn apply(self, item: &mut ItemData) {
        match self {
            Self::SetPrices(mut prices) => {
                take_over_per_quantity(&item.prices, &mut prices);
                item.prices = prices;
            }
            Self::AddCategory(category) => {
                let same = |known: &Category| known.system == category.system && known.code == category.code;
                if !item.categories.iter().any(same) {
                    item.categories.push(category);
                }
            }
            Self::Replace { parts, data } => parts.transfer(*data, item),
            Self::ReplaceWithin { scope, data } => scope.apply(*data, item),
            Self::Merge { parts, data } => merge::merge(parts, *data, item),
            Self::PutPrices { kind, valid_from, valid_to, prices } => {
                merge::put_prices(&kind, (valid_from, valid_to), prices, &mut item.prices);
            }
            Self::AmendPrices(prices) => amend_prices(prices, &mut item.prices),
        }
    }
}

pub(super) fn take_over_per_quantity(before: &[Price], prices: &mut [Price]) {
    let Some(first) = before.first() else { return };
    if before.iter().any(|price| price.per_quantity != first.per_quantity) {
        return;
    }
    for price in prices.iter_mut().filter(|price| price.per_quantity.is_none()) {
        price.per_quantity = first.per_quantity;
        if price.unit.is_none() {
            price.unit.clone_from(&first.unit);
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{ItemData, PatchOp, Price};

    fn price(per_quantity: Option<u32>) -> Price {
        Price { per_quantity: per_quantity.map(Decimal::from), ..Price::default() }
    }

    fn after(before: &[Option<u32>], update: Option<u32>) -> Option<Decimal> {
        let mut item = ItemData { prices: before.iter().copied().map(price).collect(), ..ItemData::default() };
        PatchOp::SetPrices(vec![price(update)]).apply(&mut item);
        item.prices[0].per_quantity
    }

    #[test]
    fn a_price_update_takes_over_the_quantity_that_the_amount_buys() {
        assert_eq!(after(&[Some(100), Some(100)], None), Some(Decimal::from(100)));
        assert_eq!(after(&[Some(100)], Some(10)), Some(Decimal::from(10)));
        assert_eq!(after(&[Some(100), None], None), None);
        assert_eq!(after(&[], None), None);
    }
}

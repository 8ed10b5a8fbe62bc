//! The price of one piece or one metre: Voltwerk's lists are for a hundred, and a shop has to show what one costs.

use std::collections::BTreeMap;

use plugpoint_sdk::model::{Decimal, ItemData, Price};
use plugpoint_sdk::points::item_presenter::{Fragment, ItemPresenter, PresentContext};

/// Digits behind the point: a screw of a box of a thousand costs hundredths of a cent.
const DIGITS: u32 = 4;

/// Says what one unit costs by the list, where the list price is for more than one.
pub struct UnitPrice;

impl ItemPresenter for UnitPrice {
    fn present(&self, item: &ItemData, _: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
        // The tier that holds from the first piece on.
        let lists = item.prices.iter().filter(|price| price.kind == "list");
        let Some(price) = lists.min_by_key(|price| price.min_quantity.unwrap_or(Decimal::ONE)) else { return Ok(None) };
        let Some(amount) = of_one(price) else { return Ok(None) };
        let mut told = BTreeMap::from([("amount", amount.to_string()), ("currency", price.currency.clone())]);
        told.extend(price.unit.clone().map(|unit| ("unit", unit)));
        Fragment::of(&told).map(Some)
    }
}

fn of_one(price: &Price) -> Option<Decimal> {
    let quantity = price.per_quantity.filter(|quantity| *quantity > Decimal::ONE)?;
    Some(price.amount.checked_div(quantity)?.round_dp(DIGITS).normalize())
}

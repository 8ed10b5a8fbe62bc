//! Prices that change one by one: what a document says in several records, apart from each other and in any order.
//!
//! Called when [`PatchOp::AmendPrices`](super::PatchOp::AmendPrices) is applied. The same twice changes nothing.

use super::catalog::Price;
use super::patch::take_over_per_quantity;

/// Lets each of `sent` take the place of its like.
pub(super) fn amend_prices(mut sent: Vec<Price>, prices: &mut Vec<Price>) {
    take_over_per_quantity(prices, &mut sent);
    for price in sent {
        let mut at = prices.len();
        let mut index = 0;
        prices.retain(|known| {
            let is_like = is_asked_alike(known, &price);
            if is_like {
                at = at.min(index);
            }
            index += usize::from(!is_like);
            !is_like
        });
        prices.insert(at.min(prices.len()), price);
    }
}

fn is_asked_alike(known: &Price, new: &Price) -> bool {
    known.kind == new.kind
        && known.currency == new.currency
        && known.min_quantity == new.min_quantity
        && known.valid_from == new.valid_from
        && known.territories == new.territories
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn price(kind: &str, amount: u32, from: u32) -> Price {
        let (amount, min_quantity) = (Decimal::from(amount), Some(Decimal::from(from)));
        Price { kind: kind.to_owned(), currency: "EUR".to_owned(), amount, min_quantity, ..Price::default() }
    }

    fn shown(prices: &[Price]) -> Vec<(String, String)> {
        prices.iter().map(|price| (price.kind.clone(), price.amount.to_string())).collect()
    }

    #[test]
    fn a_price_takes_the_place_of_its_like_and_all_others_stay() {
        let before = || vec![price("list", 9, 1), price("list", 8, 10), price("net", 7, 1), price("list", 6, 1)];
        let cases = [
            (vec![], vec![("list", 9), ("list", 8), ("net", 7), ("list", 6)]),
            (vec![price("list", 5, 1)], vec![("list", 5), ("list", 8), ("net", 7)]),
            (
                vec![price("net", 4, 5), price("list", 3, 10)],
                vec![("list", 9), ("list", 3), ("net", 7), ("list", 6), ("net", 4)],
            ),
            (vec![price("list", 2, 1), price("list", 1, 1)], vec![("list", 1), ("list", 8), ("net", 7)]),
        ];
        for (sent, expected) in cases {
            let mut prices = before();
            amend_prices(sent.clone(), &mut prices);
            let expected: Vec<_> =
                expected.iter().map(|(kind, amount)| ((*kind).to_owned(), amount.to_string())).collect();
            assert_eq!(shown(&prices), expected);
            let once = prices.clone();
            amend_prices(sent, &mut prices);
            assert_eq!(prices, once, "the same twice changes nothing");
        }
    }

    #[test]
    fn the_quantity_that_an_amount_buys_is_taken_over() {
        let mut first = price("list", 9, 1);
        first.per_quantity = Some(Decimal::ONE_HUNDRED);
        let mut prices = vec![first];
        amend_prices(vec![price("net", 5, 1)], &mut prices);
        assert_eq!(prices[1].per_quantity, Some(Decimal::ONE_HUNDRED));
    }
}

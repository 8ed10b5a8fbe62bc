//! What a trade item is known by: its GTIN, or with whom and where it is offered as well.

use plugpoint_sdk::xml::Element;

use crate::shape::{find, first_text};

/// The key of a trade item, or of a reference to one.
pub(crate) struct Key<'e> {
    pub(crate) gtin: &'e str,
    pub(crate) gln: Option<&'e str>,
    pub(crate) market: Option<&'e str>,
    /// The profile wants all three.
    pub(crate) is_whole: bool,
}

impl<'e> Key<'e> {
    /// Of a tradeItem.
    pub(crate) fn of_item(item: &'e Element, is_whole: bool) -> Option<Self> {
        let direct = ["gtin", "globalTradeItemNumber"].into_iter().find_map(|name| item.child(name));
        let gtin = direct.or_else(|| find(item.child("tradeItemIdentification")?, "gtin"))?;
        let provider = find(item, "informationProviderOfTradeItem");
        let gln = provider.and_then(|provider| find(provider, "gln"));
        let market = find(item, "targetMarketCountryCode").and_then(first_text);
        Some(Self { gtin: first_text(gtin)?, gln: gln.and_then(first_text), market, is_whole })
    }

    /// Of a catalogueItemReference.
    pub(crate) fn of_reference(reference: &'e Element, is_whole: bool) -> Option<Self> {
        let gtin = find(reference, "gtin").and_then(first_text)?;
        let gln = reference.child("dataSource").and_then(first_text);
        let market = find(reference, "targetMarketCountryCode").and_then(first_text);
        Some(Self { gtin, gln, market, is_whole })
    }

    /// The item's number; nothing if the profile wants a part of it that was not sent.
    pub(crate) fn sku(&self) -> Option<String> {
        match (self.is_whole, self.gln, self.market) {
            (false, ..) => Some(self.gtin.to_owned()),
            (true, Some(gln), Some(market)) => Some(format!("{gln}-{}-{market}", self.gtin)),
            (true, ..) => None,
        }
    }

    /// The number of another item of the same provider in the same market.
    pub(crate) fn sku_of(&self, gtin: &str) -> String {
        let other = Key { gtin, ..*self };
        other.sku().unwrap_or_else(|| gtin.to_owned())
    }
}

//! Who supplies, when, and at which price: ProductSupply. It wants a price or the word that there is none.

use plugpoint_sdk::model::{Availability, Decimal, ItemData, Price};

use super::codes::{self, PriceKind};
use super::out::{END, Facts, Form, Out, START};
use super::product::whole;
use crate::territories;

const SUPPLIER: &str = "ProductSupply/SupplyDetail/Supplier";
/// Nothing is said of a price: who wants to know asks the supplier (list 57).
const ASK: &str = "04";
const FREE_OF_CHARGE: &str = "01";

pub(super) fn write(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>, supplier: &str) {
    let own = facts.first(&format!("{SUPPLIER}/SupplierName"));
    let unpriced = facts.first("unpriced").and_then(codes::unpriced);
    if item.prices.is_empty() && item.availability.is_none() && own.is_none() && unpriced.is_none() {
        return;
    }
    out.text.push_str("<ProductSupply><SupplyDetail>");
    match own {
        Some(name) => out.within("Supplier", |out| {
            match facts.first(&format!("{SUPPLIER}/SupplierRole")).filter(|role| Form::Code(2).takes(role)) {
                Some(role) => out.value("SupplierRole", role),
                None => out.assumed("SupplierRole", "00"),
            }
            out.value("SupplierName", name);
        }),
        None => out.within_assumed("Supplier", |out| {
            out.value("SupplierRole", "00");
            out.value("SupplierName", supplier);
        }),
    }
    match &item.availability {
        Some(availability) => available(out, availability),
        None => out.assumed("ProductAvailability", "99"),
    }
    let mut prices = item.prices.iter().filter(|price| has_a_place(price)).peekable();
    match (prices.peek(), unpriced) {
        (None, Some(code)) => out.value("UnpricedItemType", code),
        (None, None) => out.assumed("UnpricedItemType", ASK),
        (Some(_), _) => prices.for_each(|price| write_price(out, price)),
    }
    out.text.push_str("</SupplyDetail></ProductSupply>\n");
}

/// Whether all territories of a price are of the standard's lists. Without one of them it would hold where it does not.
fn has_a_place(price: &Price) -> bool {
    price.territories.iter().all(|code| territories::is_country(code) || territories::is_region(code))
}

fn available(out: &mut Out<'_>, availability: &Availability) {
    out.value("ProductAvailability", codes::availability(&availability.status).unwrap_or("99"));
    if let Some(from) = availability.available_from {
        out.within("SupplyDate", |out| {
            out.value("SupplyDateRole", "08");
            out.date(from, START);
        });
    }
    if let Some(days) = availability.lead_time_days {
        out.value("OrderTime", &days.to_string());
    }
    if let Some(quantity) = availability.quantity.and_then(whole) {
        out.within("Stock", |out| out.value("OnHand", &quantity.to_string()));
    }
}

fn write_price(out: &mut Out<'_>, price: &Price) {
    let is_untaxed = price.tax_rate.is_some_and(|rate| rate.is_zero());
    let kind = codes::price_kind(&price.kind, price.tax_included, is_untaxed);
    out.within("Price", |out| {
        price_type(out, &price.kind, &kind);
        if let Some(quantity) = price.min_quantity.and_then(whole).filter(|quantity| *quantity > 0) {
            out.value("MinimumOrderQuantity", &quantity.to_string());
        }
        // An amount of nothing is none to the standard; with a currency the reader knows it.
        let has_amount = price.amount > Decimal::ZERO;
        match has_amount {
            true => out.value("PriceAmount", &price.amount.to_string()),
            false => out.value("UnpricedItemType", FREE_OF_CHARGE),
        }
        let percent = price.tax_rate.map(|rate| (rate * Decimal::ONE_HUNDRED).normalize());
        if let Some(percent) = percent.filter(|percent| has_amount && *percent <= Decimal::ONE_HUNDRED) {
            out.within("Tax", |out| {
                out.value("TaxType", "01");
                out.value("TaxRatePercent", &percent.to_string());
            });
        }
        out.value("CurrencyCode", &price.currency);
        territory(out, &price.territories);
        for (role, at, whole_day) in [("14", price.valid_from, START), ("15", price.valid_to, END)] {
            if let Some(at) = at {
                out.within("PriceDate", |out| {
                    out.value("PriceDateRole", role);
                    out.date(at, whole_day);
                });
            }
        }
    });
}

/// The type, or the item's own word where no type says the same.
fn price_type(out: &mut Out<'_>, own: &str, kind: &PriceKind) {
    if let Some(code) = &kind.code {
        out.value("PriceType", code);
    }
    if let Some(qualifier) = kind.qualifier {
        out.value("PriceQualifier", qualifier);
    }
    if kind.code.is_none() && own != "unspecified" {
        out.value("PriceTypeDescription", own);
    }
    if kind.is_rental {
        out.within("PriceCondition", |out| out.value("PriceConditionType", "10"));
    }
}

fn territory(out: &mut Out<'_>, codes: &[String]) {
    if codes.is_empty() {
        return;
    }
    let (countries, regions): (Vec<&str>, Vec<&str>) =
        codes.iter().map(String::as_str).partition(|code| territories::is_country(code));
    out.within("Territory", |out| {
        for (name, codes) in [("CountriesIncluded", countries), ("RegionsIncluded", regions)] {
            if !codes.is_empty() {
                out.value(name, &codes.join(" "));
            }
        }
    });
}

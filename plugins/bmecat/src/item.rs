//! One ARTICLE or PRODUCT as an item: which element goes where. What goes nowhere is kept as an attribute.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Availability, ItemDraft, ItemStatus, Relation};
use plugpoint_sdk::reading::word;
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::assumed::{self, Assumed};
use crate::groups::SUPPLIER;
use crate::links::Link;
use crate::prices::{self, OrderTerms};
use crate::record::{Context, Record};
use crate::spelling::{child, modern, text};
use crate::{features, kept, media};

/// The longest delivery time in days; the model takes no more.
const LEAD_TIME_DAYS_MAX: u32 = 3650;

/// Reads a whole product. `links` are those that the document gave before it.
pub(crate) fn read(product: &Element, sku: &str, ctx: Context<'_>, links: &[Link]) -> ItemDraft {
    let assumed = Assumed::read(product);
    let mut record = Record::new(ctx, sku, product);
    for part in product.children() {
        match &*modern(part.name()) {
            "SUPPLIER_PID" => {}
            "PRODUCT_DETAILS" => part.children().iter().for_each(|it| read_detail(it, assumed, &mut record)),
            "PRODUCT_FEATURES" => features::read(part, &mut record),
            "PRODUCT_ORDER_DETAILS" | "PRODUCT_LOGISTIC_DETAILS" => kept::keep_children(part, assumed, &mut record),
            "PRODUCT_PRICE_DETAILS" => read_daily_price(part, &mut record),
            "MIME_INFO" => media::read(part, &mut record),
            "PRODUCT_REFERENCE" => read_reference(part, &mut record),
            "PRODUCT_TO_CATALOGGROUP_MAP" => read_group(part, &mut record),
            "USER_DEFINED_EXTENSIONS" => kept::keep_udx(part, &mut record),
            _ => kept::keep(part, &mut record),
        }
    }
    for link in links {
        put_group(product, &link.group, &mut record);
    }
    let terms = OrderTerms::read(product, &mut record);
    record.draft.data.prices = prices::read(product, &terms, &mut record);
    record.into_inner().finish()
}

fn read_detail(detail: &Element, assumed: Assumed<'_>, record: &mut Record<'_>) {
    // Of the standard's states only this one says that the product cannot be ordered. It stands in the type, often alone.
    if matches!(detail.attribute("type"), Some("old_article" | "old_product"))
        && modern(detail.name()) == "PRODUCT_STATUS"
    {
        record.draft.data.status = ItemStatus::Discontinued;
        if assumed.has(assumed::PRODUCT_STATUS) && text(detail).is_none() {
            return;
        }
    }
    let Some(sent) = text(detail) else {
        if !detail.children().is_empty() || !detail.attributes().is_empty() {
            kept::keep(detail, record);
        }
        return;
    };
    match &*modern(detail.name()) {
        "DESCRIPTION_SHORT" => record.title(detail, detail.attribute("lang"), sent),
        "DESCRIPTION_LONG" => record.description(detail, detail.attribute("lang"), sent),
        "KEYWORD" => record.keyword(detail, detail.attribute("lang"), sent),
        "EAN" => record.identifier(detail, "gtin", sent),
        "INTERNATIONAL_PID" => record.identifier(detail, &international_scheme(detail, sent), sent),
        "MANUFACTURER_PID" => record.identifier(detail, "mpn", sent),
        "SUPPLIER_ALT_PID" => record.identifier(detail, "supplier_alt", sent),
        "BUYER_PID" => {
            let buyer = detail.attribute("type").map_or("buyer".to_owned(), |buyer| format!("buyer.{buyer}"));
            record.identifier(detail, &buyer, sent);
        }
        "MANUFACTURER_NAME" if record.draft.data.brand.is_none() => record.brand(sent),
        "DELIVERY_TIME" => read_delivery_time(detail, sent, record),
        _ => kept::keep(detail, record),
    }
}

/// The scheme of an international number: what the sender calls it, and for EAN and UPC what they are called today.
fn international_scheme(detail: &Element, sent: &str) -> String {
    let looks_like_gtin = matches!(sent.len(), 8 | 12 | 13 | 14) && sent.bytes().all(|byte| byte.is_ascii_digit());
    let scheme =
        word(detail.attribute("type").unwrap_or_default(), if looks_like_gtin { "gtin" } else { "international" });
    match scheme.as_str() {
        "ean" | "upc" => "gtin".to_owned(),
        _ => scheme,
    }
}

/// Whole days, rounded up; a time that is no number stays as an attribute.
fn read_delivery_time(detail: &Element, sent: &str, record: &mut Record<'_>) {
    let days = record.number(detail, sent);
    let whole = days.filter(|days| *days >= Decimal::ZERO).and_then(|days| days.ceil().to_u32());
    match whole.filter(|days| *days <= LEAD_TIME_DAYS_MAX) {
        Some(lead_time_days) => {
            let status = "available".to_owned();
            record.draft.data.availability =
                Some(Availability { status, lead_time_days: Some(lead_time_days), ..Availability::default() });
        }
        None => {
            if days.is_some() {
                let message = format!("the delivery time is not within 0 to {LEAD_TIME_DAYS_MAX} days");
                record.findings.warn_value(finding::FIELD_RANGE, detail, sent, message);
            }
            kept::keep(detail, record);
        }
    }
}

/// Prices of the day are prices; that they are of the day has no place but an attribute.
fn read_daily_price(details: &Element, record: &mut Record<'_>) {
    if let Some(daily) = details.child("DAILY_PRICE").filter(|daily| daily.text().trim().eq_ignore_ascii_case("true")) {
        kept::keep(daily, record);
    }
}

fn read_reference(reference: &Element, record: &mut Record<'_>) {
    // A relation is within one catalog; a reference to another supplier's or catalog's product is not one.
    if ["CATALOG_ID", "SUPPLIER_IDREF"].iter().any(|name| reference.child(name).is_some()) {
        return kept::keep(reference, record);
    }
    let Some((_, sku)) = child(reference, "PROD_ID_TO") else {
        return record.findings.warn(
            finding::SKU_MISSING,
            reference,
            "the reference names no product and was left out",
        );
    };
    let kind = match word(reference.attribute("type").unwrap_or_default(), "others").as_str() {
        "accessories" => "accessory".to_owned(),
        "sparepart" => "spare_part".to_owned(),
        "followup" => "follow_up".to_owned(),
        kind => kind.to_owned(),
    };
    let sent = reference.attribute("quantity").map(str::trim).filter(|sent| !sent.is_empty());
    let quantity = sent.and_then(|sent| record.number(reference, sent));
    let quantity = quantity.filter(|quantity| *quantity > Decimal::ZERO);
    record.relation(reference, Relation { kind, sku: sku.to_owned(), quantity });
}

fn read_group(map: &Element, record: &mut Record<'_>) {
    match child(map, "CATALOG_GROUP_ID") {
        Some((element, group)) => put_group(element, group, record),
        None => record.findings.warn(finding::FIELD_REQUIRED, map, "the link names no group and was left out"),
    }
}

fn put_group(at: &Element, group: &str, record: &mut Record<'_>) {
    let is_known = record.category(at, SUPPLIER, group, None);
    if !is_known && record.ctx.groups.has(SUPPLIER) {
        let message = "the document has no group of this id; the category has no path";
        record.findings.warn_value(finding::CATEGORY_UNKNOWN, at, group, message);
    }
}

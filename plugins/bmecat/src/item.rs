//! One ARTICLE or PRODUCT as an item: which element goes where. What goes nowhere is kept as an attribute.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Availability, ItemDraft, ItemStatus, Relation};
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::assumed::{self, Assumed};
use crate::groups::SUPPLIER;
use crate::links::Link;
use crate::prices::{self, OrderTerms};
use crate::record::{Context, Record};
use crate::scalar::token;
use crate::spelling::{child, modern, text};
use crate::texts::{self, Part};
use crate::{features, fit, kept, media};

/// The longest delivery time in days; the model takes no more.
const LEAD_TIME_DAYS_MAX: u32 = 3650;

/// Reads a whole product. `links` are those that the document gave before it.
pub(crate) fn read(product: &Element, sku: &str, ctx: Context<'_>, links: &[Link]) -> ItemDraft {
    let assumed = Assumed::read(product);
    let mut record = Record::new(ctx, ItemDraft::new(sku, product.position()));
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
    let terms = OrderTerms::read(product, ctx, &mut record.findings);
    record.draft.data.prices = prices::read(product, &terms, ctx, &mut record.findings);
    texts::complete(product, &mut record);
    fit::fit(&mut record.draft.data, &mut record.findings, product);
    record.draft.findings = record.findings.into_list();
    record.draft
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
        "DESCRIPTION_SHORT" => texts::add(Part::Title, detail, record),
        "DESCRIPTION_LONG" => texts::add(Part::Description, detail, record),
        "KEYWORD" => texts::add(Part::Keyword, detail, record),
        "EAN" => record.identifier(detail, "gtin".to_owned(), sent),
        "INTERNATIONAL_PID" => record.identifier(detail, international_scheme(detail, sent), sent),
        "MANUFACTURER_PID" => record.identifier(detail, "mpn".to_owned(), sent),
        "SUPPLIER_ALT_PID" => record.identifier(detail, "supplier_alt".to_owned(), sent),
        "BUYER_PID" => {
            let buyer =
                detail.attribute("type").map_or("buyer".to_owned(), |buyer| token(&format!("buyer.{buyer}"), "buyer"));
            record.identifier(detail, buyer, sent);
        }
        "MANUFACTURER_NAME" if record.draft.data.brand.is_none() => record.draft.data.brand = Some(sent.to_owned()),
        "DELIVERY_TIME" => read_delivery_time(detail, sent, record),
        _ => kept::keep(detail, record),
    }
}

/// The scheme of an international number: what the sender calls it, and for EAN and UPC what they are called today.
fn international_scheme(detail: &Element, sent: &str) -> String {
    let looks_like_gtin = matches!(sent.len(), 8 | 12 | 13 | 14) && sent.bytes().all(|byte| byte.is_ascii_digit());
    let scheme =
        token(detail.attribute("type").unwrap_or_default(), if looks_like_gtin { "gtin" } else { "international" });
    match scheme.as_str() {
        "ean" | "upc" => "gtin".to_owned(),
        _ => scheme,
    }
}

/// Whole days, rounded up; a time that is no number stays as an attribute.
fn read_delivery_time(detail: &Element, sent: &str, record: &mut Record<'_>) {
    let days = prices::number(detail, sent, record.ctx, &mut record.findings);
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
    let kind = match token(reference.attribute("type").unwrap_or_default(), "others").as_str() {
        "accessories" => "accessory".to_owned(),
        "sparepart" => "spare_part".to_owned(),
        "followup" => "follow_up".to_owned(),
        kind => kind.to_owned(),
    };
    let sent = reference.attribute("quantity").map(str::trim).filter(|sent| !sent.is_empty());
    let quantity = sent.and_then(|sent| prices::number(reference, sent, record.ctx, &mut record.findings));
    let quantity = quantity.filter(|quantity| *quantity > Decimal::ZERO);
    record.draft.data.relations.push(Relation { kind, sku: sku.to_owned(), quantity });
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

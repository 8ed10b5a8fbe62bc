//! One item of a feed: which element goes where. What goes nowhere is kept as an attribute.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Availability, ItemDraft, ItemStatus, Media, Relation};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Bound, Record, language_tag, word};
use plugpoint_sdk::xml::Element;

use crate::document::is_google;
use crate::facts::Facts;
use crate::{money, texts};

/// Characters of a category's code.
const CODE_CHARS_MAX: usize = 128;

/// The element of a name: Google's, else the feed's own. One that says nothing does not count.
pub(crate) fn find<'e>(item: &'e Element, name: &str) -> Option<&'e Element> {
    let mut named = item.children().iter().filter(|it| it.name() == name && texts::says_something(it));
    named.clone().find(|it| is_google(it.namespace())).or_else(|| named.next())
}

/// The element with the item's number: `g:id`, `guid`, or the entry's `id`.
fn number(item: &Element) -> Option<&Element> {
    let id = find(item, "id");
    id.filter(|it| is_google(it.namespace())).or_else(|| find(item, "guid")).or(id)
}

/// The item's number.
pub(crate) fn sku(item: &Element) -> Option<String> {
    number(item).map(|element| element.text().trim().to_owned())
}

/// Reads one item.
pub(crate) fn read(item: &Element, sku: String, language: Option<&str>, profile: &CatalogProfile) -> ItemDraft {
    let mut record = Record::new(sku, item, profile);
    let own = item.attribute("lang").and_then(language_tag);
    if let Some(language) = own.as_deref().or(language) {
        language.clone_into(&mut record.language);
    }
    if let Some(currency) = find(item, "currency") {
        record.currency = record.currency_of(currency, Some(currency.text())).or(record.currency.take());
    }
    texts::read(item, &mut record);
    money::read(item, &mut record);
    read_availability(item, &mut record);
    let mut facts = Facts::default();
    for part in item.children() {
        read_part(part, &mut facts, &mut record);
    }
    for attribute in item.attributes().iter().filter(|it| it.is_unread()) {
        facts.put(item, &format!("{}@{}", item.name(), attribute.name()), attribute.value(), None, &mut record);
    }
    if record.draft.data.brand.is_none()
        && let Some(manufacturer) = find(item, "manufacturer")
    {
        record.brand(manufacturer.text());
    }
    record.finish()
}

fn read_part(part: &Element, facts: &mut Facts, record: &mut Record<'_>) {
    match part.name() {
        "id" | "guid" if part.text().trim() == record.draft.data.sku => {
            _ = part.attribute("isPermaLink");
        }
        "gtin" | "upc" | "ean" | "jan" => record.identifier(part, "gtin", part.text()),
        "isbn" => record.identifier(part, "isbn", part.text()),
        "mpn" | "manufacturer_id" => record.identifier(part, "mpn", part.text()),
        "model_number" => record.identifier(part, "model", part.text()),
        "brand" if record.draft.data.brand.is_none() => record.brand(part.text()),
        "product_type" => put_category("supplier", part, facts, record),
        "google_product_category" => put_category("google", part, facts, record),
        "item_group_id" => read_group(part, record),
        "label" => record.keyword(part, None, part.text()),
        "link" => read_link(part, facts, record),
        "image_link" | "additional_image_link" => put_media(part, "image", record),
        "lifestyle_image_link" => put_media(part, "lifestyle_image", record),
        "mobile_link" => put_media(part, "mobile_page", record),
        "video_link" => put_media(part, "video", record),
        "virtual_model_link" => put_media(part, "model_3d", record),
        "product_detail" => facts.add_detail(part, record),
        _ => facts.add(part, record),
    }
}

fn read_availability(item: &Element, record: &mut Record<'_>) {
    let status = find(item, "availability").map(|it| status(it.text()));
    let from = find(item, "availability_date");
    let available_from = from.and_then(|it| record.instant(it, it.text(), Bound::Start));
    let stock = find(item, "quantity").or_else(|| find(item, "quantity_to_sell_on_facebook"));
    let quantity = stock.and_then(|it| record.not_negative(it, it.text()));
    // A number alone says as much: some is in stock, none is not.
    let by_quantity = || Some(if quantity?.is_zero() { "out_of_stock" } else { "in_stock" }.to_owned());
    let by_date = || available_from.map(|_| "preorder".to_owned());
    if let Some(status) = status.or_else(by_quantity).or_else(by_date) {
        if status == "discontinued" {
            record.draft.data.status = ItemStatus::Discontinued;
        }
        let availability = Availability { status, quantity, available_from, ..Availability::default() };
        record.draft.data.availability = Some(availability);
    }
}

/// `in stock`, `in_stock`, `In Stock`, `https://schema.org/InStock`: all the same word.
fn status(sent: &str) -> String {
    let sent = sent.trim();
    let words = match sent.rsplit_once("schema.org/") {
        Some((_, name)) => apart(name),
        None => sent.replace('-', "_"),
    };
    match word(&words, "unknown").as_str() {
        "available_for_order" | "special_order" | "made_to_order" => "on_demand".to_owned(),
        "pre_order" | "pre_sale" => "preorder".to_owned(),
        "back_order" => "backorder".to_owned(),
        "sold_out" | "outofstock" => "out_of_stock".to_owned(),
        "instock" => "in_stock".to_owned(),
        status => status.to_owned(),
    }
}

/// `InStock` in words.
fn apart(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push('_');
        }
        words.push(character);
    }
    words
}

/// A path with `>` between its names, a number of Google's, or both: `166 - Apparel > Clothing`.
fn put_category(system: &str, part: &Element, facts: &mut Facts, record: &mut Record<'_>) {
    // Some senders escape the path twice.
    let sent = part.text().replace("&gt;", ">");
    let digits = sent.trim().chars().take_while(char::is_ascii_digit).count();
    let (number, rest) = sent.trim().split_at(digits);
    let rest = rest.trim();
    let is_numbered = system == "google" && digits > 0 && (rest.is_empty() || rest.starts_with('-'));
    let names = if is_numbered { rest.trim_start_matches('-') } else { &sent };
    let path: Vec<String> =
        names.split('>').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let code = if is_numbered { number.to_owned() } else { path.join(" > ") };
    if code.chars().count() > CODE_CHARS_MAX {
        return facts.put(part, part.name(), &code, None, record);
    }
    record.category(part, system, &code, path);
}

fn read_group(part: &Element, record: &mut Record<'_>) {
    let sku = part.text().trim().to_owned();
    if !sku.is_empty() {
        "variant".clone_into(&mut record.draft.data.kind);
        record.relation(part, Relation { kind: "variant_of".to_owned(), sku, quantity: None });
    }
}

/// RSS has the address in the text, Atom in an attribute beside what it is.
fn read_link(link: &Element, facts: &mut Facts, record: &mut Record<'_>) {
    let Some(address) = link.attribute("href") else { return put_media(link, "product_page", record) };
    let kind = match link.attribute("rel").map(str::trim).unwrap_or("alternate") {
        "alternate" | "" => "product_page",
        "enclosure" if link.attribute("type").is_some_and(|it| it.starts_with("image/")) => "image",
        rel => return facts.put(link, &format!("link.{rel}"), address, None, record),
    };
    let mime_type = link.attribute("type").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned);
    let (kind, url) = (kind.to_owned(), address.trim().to_owned());
    record.media(link, Media { kind, url, mime_type, description: None });
}

fn put_media(part: &Element, kind: &str, record: &mut Record<'_>) {
    let (kind, url) = (kind.to_owned(), part.text().trim().to_owned());
    if url.contains(char::is_whitespace) {
        let message = "the address has blanks in it; it was kept as sent";
        record.findings.warn_value(finding::FIELD_INVALID, part, &url, message);
    }
    record.media(part, Media { kind, url, mime_type: None, description: None });
}

#[cfg(test)]
mod tests {
    use super::status;

    #[test]
    fn one_word_for_every_spelling() {
        let cases = [
            ("in stock", "in_stock"),
            ("In_Stock", "in_stock"),
            (" instock ", "in_stock"),
            ("https://schema.org/InStock", "in_stock"),
            ("http://schema.org/PreOrder", "preorder"),
            ("pre-order", "preorder"),
            ("out-of-stock", "out_of_stock"),
            ("available for order", "on_demand"),
            ("discontinued", "discontinued"),
            ("bald wieder da", "bald_wieder_da"),
        ];
        for (sent, expected) in cases {
            assert_eq!(status(sent), expected, "{sent}");
        }
    }
}

//! One `<Titel>` as an item of kind publication.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{
    Attribute, Availability, Category, Contributor, Decimal, Finding, Identifier, ItemDraft, ItemStatus, Media, Price,
    Relation, Text, decimal,
};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::xml::Element;

const BRAND: &str = "Lindenverlag";
/// The system of attributes that are Lindenverlag's own.
const SYSTEM: &str = "lindenverlag";
/// Where the covers lie; the ERP sends only the file's name.
const MEDIA_ROOT: &str = "https://medien.lindenverlag.example/";

/// What the ERP calls those who had a part in a book.
const ROLES: &[(&str, &str)] = &[
    ("Autor", "author"),
    ("Herausgeber", "editor"),
    ("Illustrator", "illustrator"),
    ("Uebersetzer", "translator"),
    ("Sprecher", "narrator"),
];

/// Elements that are kept as attributes, with their unit.
const FACTS: &[(&str, &str, Option<&str>)] = &[
    ("Ausstattung", "binding", None),
    ("Seiten", "pages", None),
    ("Breite", "width", Some("mm")),
    ("Hoehe", "height", Some("mm")),
    ("Gewicht", "weight", Some("g")),
    ("Auflage", "edition", None),
    ("Reihe", "series", None),
    ("Lesealter", "reading_age", None),
];

/// Reads a title. What is wrong with one of its parts leaves the part out with a finding.
pub(crate) fn read(title: &Element, number: &str, profile: &CatalogProfile) -> ItemDraft {
    let mut draft = ItemDraft::new(number, title.position());
    draft.data.kind = "publication".to_owned();
    draft.data.brand = Some(BRAND.to_owned());
    draft.data.texts.extend(text(title, profile));
    read_isbn(title, &mut draft);
    for price in title.children_named("Preis") {
        read_price(price, profile, &mut draft);
    }
    for element in title.children() {
        read_part(element, &mut draft);
    }
    read_availability(title, profile, &mut draft);
    draft
}

fn sent(element: &Element) -> Option<&str> {
    Some(element.text().trim()).filter(|text| !text.is_empty())
}

fn text(title: &Element, profile: &CatalogProfile) -> Option<Text> {
    let main = title.child_text("Haupttitel")?;
    let title_text = match title.child_text("Untertitel") {
        Some(below) => format!("{main}. {below}"),
        None => main.to_owned(),
    };
    let keywords = title.children_named("Schlagwort").filter_map(sent).map(str::to_owned).collect();
    let description = title.child_text("Klappentext").map(str::to_owned);
    Some(Text { lang: profile.language.clone(), title: title_text, description, keywords })
}

fn read_isbn(title: &Element, draft: &mut ItemDraft) {
    let isbn = title.attribute("isbn").map(|isbn| isbn.replace(['-', ' '], ""));
    if let Some(value) = isbn.filter(|isbn| !isbn.is_empty()) {
        draft.data.identifiers.push(Identifier { scheme: "isbn".to_owned(), value });
    }
}

/// `<Preis land="AT" mwst="10">24,70</Preis>`: the price in one country, fixed by law, tax included, tax in percent.
fn read_price(element: &Element, profile: &CatalogProfile, draft: &mut ItemDraft) {
    let Some(amount) = sent(element) else {
        let finding = Finding::warning(finding::PRICE_AMOUNT_MISSING, "the price is empty and was left out");
        return draft.findings.push(finding.at(element.position()).path("Preis"));
    };
    let Some(amount) = number(element, amount, profile, draft) else { return };
    let tax_rate = element.attribute("mwst").and_then(|percent| number(element, percent, profile, draft));
    let Some(currency) = element.attribute("waehrung").map(str::to_owned).or_else(|| profile.currency.clone()) else {
        let finding = Finding::warning(finding::CURRENCY_MISSING, "the price has no currency and was left out");
        return draft.findings.push(finding.at(element.position()).path("Preis"));
    };
    draft.data.prices.push(Price {
        kind: "retail".to_owned(),
        amount,
        currency,
        tax_rate: tax_rate.map(|percent| (percent / Decimal::ONE_HUNDRED).round_dp(4).normalize()),
        tax_included: Some(true),
        territories: element.attribute("land").map(str::to_owned).into_iter().collect(),
        ..Price::default()
    });
}

fn number(element: &Element, sent: &str, profile: &CatalogProfile, draft: &mut ItemDraft) -> Option<Decimal> {
    let number = decimal::parse_with(sent, profile.decimal_comma);
    if let Err(error) = &number {
        let finding = Finding::warning(finding::DECIMAL_INVALID, format!("{sent:?} {error}; it was left out"));
        draft.findings.push(finding.at(element.position()).path(element.name()).value(sent));
    }
    number.ok()
}

fn read_part(element: &Element, draft: &mut ItemDraft) {
    let Some(sent) = sent(element) else { return };
    let item = &mut draft.data;
    if let Some((_, role)) = ROLES.iter().find(|(name, _)| *name == element.name()) {
        return item.contributors.push(Contributor { role: (*role).to_owned(), name: upright(sent) });
    }
    if let Some((_, name, unit)) = FACTS.iter().find(|(name, ..)| *name == element.name()) {
        let mut values = vec![sent.to_owned()];
        values.extend(element.attribute("band").map(str::to_owned));
        let (name, unit, system) = ((*name).to_owned(), unit.map(str::to_owned), Some(SYSTEM.to_owned()));
        return item.attributes.push(Attribute { name, values, unit, system, feature_id: None });
    }
    match element.name() {
        "Warengruppe" => item.categories.push(category("vlb-warengruppe", sent)),
        "Thema" => item.categories.push(category("thema", sent)),
        "Umschlag" => item.media.push(media("image", "image/jpeg", sent)),
        "Leseprobe" => item.media.push(media("document", "application/pdf", sent)),
        "Siehe" => item.relations.push(Relation { kind: "similar".to_owned(), sku: sent.to_owned(), quantity: None }),
        _ => {}
    }
}

/// `Lindner, Klara` is shown as `Klara Lindner`.
fn upright(name: &str) -> String {
    match name.split_once(", ") {
        Some((family, given)) => format!("{given} {family}"),
        None => name.to_owned(),
    }
}

fn category(system: &str, code: &str) -> Category {
    Category { system: system.to_owned(), code: code.to_owned(), path: Vec::new() }
}

fn media(kind: &str, mime_type: &str, file: &str) -> Media {
    let mime_type = Some(mime_type.to_owned());
    Media { kind: kind.to_owned(), url: format!("{MEDIA_ROOT}{file}"), mime_type, description: None }
}

/// Lieferstatus, Bestand and Erscheint. A title without a known state is rejected: it might be one that must not be sold.
fn read_availability(title: &Element, profile: &CatalogProfile, draft: &mut ItemDraft) {
    let element = title.child("Lieferstatus").unwrap_or(title);
    let (status, availability) = match title.child_text("Lieferstatus").unwrap_or_default() {
        "lieferbar" => (ItemStatus::Active, "in_stock"),
        "nachdruck" => (ItemStatus::Active, "backorder"),
        "angekuendigt" => (ItemStatus::Announced, "preorder"),
        "vergriffen" => (ItemStatus::Discontinued, "out_of_stock"),
        "gesperrt" => (ItemStatus::Inactive, "out_of_stock"),
        unknown => {
            let message = "the Lieferstatus is not one of lieferbar, nachdruck, angekuendigt, vergriffen, gesperrt";
            let finding = Finding::error(finding::FIELD_INVALID, message).at(element.position());
            return draft.findings.push(finding.path("Lieferstatus").value(unknown));
        }
    };
    draft.data.status = status;
    let stock = title.child("Bestand").and_then(|stock| number(stock, sent(stock)?, profile, draft));
    let available_from = title.child("Erscheint").and_then(|day| date(day, draft));
    draft.data.availability =
        Some(Availability { status: availability.to_owned(), quantity: stock, lead_time_days: None, available_from });
}

/// `15.04.2026`.
fn date(element: &Element, draft: &mut ItemDraft) -> Option<Timestamp> {
    let sent = sent(element)?;
    let mut parts = sent.split('.');
    let (day, month, year) = (parts.next()?, parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let date = format!("{year}-{month}-{day}").parse();
    if date.is_err() {
        let finding =
            Finding::warning(finding::DATE_INVALID, "the day is not written like 15.04.2026; it was left out");
        draft.findings.push(finding.at(element.position()).path("Erscheint").value(sent));
    }
    date.ok()
}

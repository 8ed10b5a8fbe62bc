//! One Товар or Предложение, which have the same fields, as a draft. Prices and stock are read by [`prices`](crate::prices).
//!
//! Called by the walk for every record. It decides nothing about what becomes of the draft.

use std::collections::BTreeSet;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Attribute, Media, Relation};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;
use rust_decimal::Decimal;

use crate::kept::{SYSTEM, keep, keep_within};
use crate::prices::{self, Terms, unit_of};
use crate::tables::Tables;
use crate::values::{Id, is_true};

/// The system of categories from the sender's own tree.
const GROUPS: &str = "supplier";
/// The system of the kinds of goods that versions from 2.08 on know beside the tree.
const CATEGORIES: &str = "supplier-category";
/// Ids of properties that are told as unknown; a hostile document could name any number.
const UNKNOWN_MAX: usize = 100;

/// What holds for every record of a document.
pub(crate) struct Context<'a> {
    pub(crate) profile: &'a CatalogProfile,
    pub(crate) tables: &'a Tables,
    pub(crate) validity: (Option<Timestamp>, Option<Timestamp>),
}

/// Ids that a document uses and does not define, each told once.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    properties: BTreeSet<String>,
    price_types: BTreeSet<String>,
}

impl Unknown {
    /// Whether a property's id comes for the first time.
    fn property(&mut self, id: &str) -> bool {
        self.properties.len() < UNKNOWN_MAX && self.properties.insert(id.to_owned())
    }

    /// Whether a price type's id comes for the first time.
    pub(crate) fn price_type(&mut self, id: &str) -> bool {
        self.price_types.len() < UNKNOWN_MAX && self.price_types.insert(id.to_owned())
    }
}

/// Whether the sender says that the item is gone.
pub(crate) fn is_deleted(element: &Element) -> bool {
    let status = element.attribute("Статус").or_else(|| element.child_text("Статус"));
    let requisites = element.children_named("ЗначенияРеквизитов").flat_map(Element::children);
    let marked = requisites.into_iter().any(|requisite| {
        requisite.child_text("Наименование") == Some("ПометкаУдаления")
            && requisite.child_text("Значение").is_some_and(is_true)
    });
    status.is_some_and(|status| matches!(status.trim().to_lowercase().as_str(), "удален" | "удалён" | "удалено"))
        || element.child_text("ПометкаУдаления").is_some_and(is_true)
        || marked
}

/// Prices and stock alone, for a patch.
pub(crate) fn read_offer<'p>(element: &Element, sku: &str, ctx: &Context<'p>, unknown: &mut Unknown) -> Record<'p> {
    let mut record = Record::new(sku, element, ctx.profile);
    let base_unit = element.child("БазоваяЕдиница").and_then(|unit| base_unit(ctx.tables, unit));
    let tax_rate = tax_rate(&mut record, element);
    offer(&mut record, element, ctx, (base_unit.as_deref(), tax_rate), unknown);
    record
}

/// Everything.
pub(crate) fn read<'p>(element: &Element, id: Id<'_>, ctx: &Context<'p>, unknown: &mut Unknown) -> Record<'p> {
    let mut record = Record::new(id.sku, element, ctx.profile);
    if let Some(good) = id.variant_of {
        "variant".clone_into(&mut record.draft.data.kind);
        let relation = Relation { kind: "variant_of".to_owned(), sku: good.to_owned(), quantity: None };
        record.relation(element, relation);
    }
    for attribute in element.attributes().iter().filter(|attribute| attribute.name() != "Статус") {
        record.fact(element, SYSTEM, &format!("@{}", attribute.name()), attribute.value());
    }
    if let Some(brand) = element.child_text("ТорговаяМарка") {
        record.brand(brand);
    }
    let mut unit = None;
    for child in element.children() {
        match child.name() {
            "Ид" | "Статус" | "ПометкаУдаления" | "ТорговаяМарка" | "ЗначенияРеквизитов" => {
                _ = child.text()
            }
            "Цены" | "Количество" | "Склад" | "Остатки" => {}
            "БазоваяЕдиница" => {
                unit = base_unit(ctx.tables, child);
                keep_unit(&mut record, child);
            }
            _ => field(&mut record, child, ctx, unknown),
        }
    }
    requisites(&mut record, element);
    let tax_rate = tax_rate(&mut record, element);
    offer(&mut record, element, ctx, (unit.as_deref(), tax_rate), unknown);
    record
}

fn offer(
    record: &mut Record<'_>,
    element: &Element,
    ctx: &Context<'_>,
    (base_unit, tax_rate): (Option<&str>, Option<Decimal>),
    unknown: &mut Unknown,
) {
    let terms = Terms { tables: ctx.tables, base_unit, tax_rate, validity: ctx.validity };
    prices::prices(record, element, terms, unknown);
    record.draft.data.availability = prices::availability(record, element);
}

/// A child that is a field of its own.
fn field(record: &mut Record<'_>, child: &Element, ctx: &Context<'_>, unknown: &mut Unknown) {
    match child.name() {
        "Наименование" => record.title(child, None, child.text()),
        "Описание" => record.description(child, None, child.text()),
        "Артикул" => record.identifier(child, "article", child.text()),
        "Код" => record.identifier(child, "code", child.text()),
        "Штрихкод" | "ШтрихКод" => barcode(record, child),
        "Изготовитель" => manufacturer(record, child),
        "Группы" => child.children_named("Ид").for_each(|id| group(record, id, GROUPS, ctx)),
        "Категория" => group(record, child, CATEGORIES, ctx),
        "Картинка" => {
            let url = child.text().trim().to_owned();
            record.media(child, Media { kind: "image".to_owned(), url, ..Media::default() });
        }
        "ЗначенияСвойств" => {
            child.children().iter().for_each(|value| property(record, value, ctx, unknown))
        }
        "ХарактеристикиТовара" => child.children().iter().for_each(|it| characteristic(record, it)),
        "СтавкиНалогов" => child.children().iter().for_each(|rate| tax(record, rate)),
        "Аналоги" => child.children().iter().for_each(|other| relation(record, other, "similar")),
        "Комплектующие" => {
            child.children().iter().for_each(|other| relation(record, other, "consists_of"))
        }
        _ => keep(record, child),
    }
}

/// A number of 8, 12, 13 or 14 digits is a GTIN; shops also print numbers of their own.
fn barcode(record: &mut Record<'_>, element: &Element) {
    let sent = element.text().trim();
    let is_gtin = matches!(sent.len(), 8 | 12 | 13 | 14) && sent.bytes().all(|byte| byte.is_ascii_digit());
    record.identifier(element, if is_gtin { "gtin" } else { "barcode" }, sent);
}

fn manufacturer(record: &mut Record<'_>, element: &Element) {
    let name = element.child_text("Наименование").unwrap_or_default();
    if record.draft.data.brand.as_deref().is_some_and(|brand| brand != name) {
        record.fact(element, SYSTEM, "Изготовитель", name);
    }
    record.brand(name);
    keep_within(record, element, &["Наименование"]);
}

/// A link to a group. A document without a tree says nothing about names.
fn group(record: &mut Record<'_>, element: &Element, system: &str, ctx: &Context<'_>) {
    let id = element.text().trim();
    let path = ctx.tables.path(id);
    if path.is_none() && ctx.tables.has_groups() && !id.is_empty() {
        let message = "the document has no group of this id; the category has no path";
        record.findings.warn_value(finding::CATEGORY_UNKNOWN, element, id, message);
    }
    record.category(element, system, id, path.unwrap_or_default());
}

/// A value of a property: a literal, or the id of one in the property's dictionary. Empty values say nothing.
fn property(record: &mut Record<'_>, element: &Element, ctx: &Context<'_>, unknown: &mut Unknown) {
    let id = element.child_text("Ид").unwrap_or_default();
    let known = ctx.tables.property(id);
    let named = known.map(|property| &*property.name).filter(|name| !name.is_empty());
    let name = named.or_else(|| element.child_text("Наименование")).unwrap_or(id);
    let mut values = Vec::new();
    for value in ["Значение", "ИдЗначения"].into_iter().flat_map(|name| element.children_named(name))
    {
        let sent = value.text().trim();
        let of_dictionary = known.and_then(|property| property.value(sent));
        if of_dictionary.is_none() && known.is_some_and(|it| it.has_dictionary) && is_guid(sent) {
            let message = "the property's dictionary has no value of this id; the id was kept";
            record.findings.warn_value(finding::FIELD_INVALID, value, sent, message);
        }
        let value = of_dictionary.unwrap_or(sent);
        if !value.is_empty() && !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
    if values.is_empty() {
        return;
    }
    if known.is_none() && unknown.property(id) {
        let message =
            "the document does not define this property; its attribute is named as the record names it (told once)";
        record.findings.warn_value(finding::FIELD_REQUIRED, element, id, message);
    }
    let (name, feature_id) = (name.to_owned(), Some(id.to_owned()).filter(|id| !id.is_empty()));
    let system = Some(SYSTEM.to_owned());
    record.attribute(element, Attribute { name, values, system, feature_id, ..Attribute::default() });
}

fn is_guid(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// What tells a variant from its siblings.
fn characteristic(record: &mut Record<'_>, element: &Element) {
    let (name, value) = (element.child_text("Наименование"), element.child_text("Значение"));
    let Some(name) = name.or_else(|| element.child_text("Ид")) else { return };
    let values = value.map(str::to_owned).into_iter().collect();
    let feature_id = element.child_text("Ид").map(str::to_owned);
    let (name, system) = (name.to_owned(), Some(SYSTEM.to_owned()));
    record.attribute(element, Attribute { name, values, system, feature_id, ..Attribute::default() });
}

/// Requisites are attributes, but those that say something about the text or the files.
fn requisites(record: &mut Record<'_>, element: &Element) {
    for requisite in element.children_named("ЗначенияРеквизитов").flat_map(Element::children) {
        let name = requisite.child_text("Наименование").unwrap_or_default();
        let values: Vec<String> = requisite
            .children_named("Значение")
            .map(|value| value.text().trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect();
        let Some(first) = values.first() else { continue };
        match name {
            "Полное наименование" if record.draft.data.texts.iter().all(|text| text.title.is_empty()) =>
            {
                record.title(requisite, None, first);
            }
            "ОписаниеВФорматеHTML" if record.draft.data.texts.iter().all(|text| text.description.is_none()) =>
            {
                record.description(requisite, None, first);
            }
            "Файл" => {
                for url in values {
                    record.media(requisite, Media { kind: "document".to_owned(), url, ..Media::default() });
                }
            }
            "ОписаниеФайла" => captions(record, requisite, values),
            _ => {
                let (name, system) = (name.to_owned(), Some(SYSTEM.to_owned()));
                record.attribute(requisite, Attribute { name, values, system, ..Attribute::default() });
            }
        }
    }
}

/// `path#caption` for a file that the record has; anything else stays an attribute.
fn captions(record: &mut Record<'_>, requisite: &Element, values: Vec<String>) {
    for value in values {
        let of_file = value.split_once('#').and_then(|(path, caption)| {
            let media = record.draft.data.media.iter_mut().find(|media| media.url == path.trim())?;
            Some((media, caption.trim()))
        });
        match of_file {
            Some((media, caption)) if !caption.is_empty() => media.description = Some(caption.to_owned()),
            Some(_) => {}
            None => record.fact(requisite, SYSTEM, "ОписаниеФайла", &value),
        }
    }
}

/// A tax as an attribute: it is the good's, while prices come with offers.
fn tax(record: &mut Record<'_>, element: &Element) {
    let name = element.child_text("Наименование").unwrap_or("НДС");
    let Some(rate) = element.child_text("Ставка") else { return };
    let unit = rate.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then(|| "%".to_owned());
    let (name, values, system) = (name.to_owned(), vec![rate.to_owned()], Some(SYSTEM.to_owned()));
    record.attribute(element, Attribute { name, values, unit, system, ..Attribute::default() });
}

/// The value added tax as a fraction, where it is a number (`Без НДС` is none).
fn tax_rate(record: &mut Record<'_>, element: &Element) -> Option<Decimal> {
    let mut rates = element.children_named("СтавкиНалогов").flat_map(Element::children);
    let rate = rates.find(|rate| rate.child_text("Наименование").is_none_or(|name| name == "НДС"))?;
    let sent = rate.child_text("Ставка").filter(|sent| sent.starts_with(|first: char| first.is_ascii_digit()))?;
    record.tax_percent(rate, sent.trim_end_matches('%').trim_end())
}

fn relation(record: &mut Record<'_>, element: &Element, kind: &str) {
    let Some(id) = element.child_text("Ид") else { return };
    let quantity = element.child("Количество").and_then(|quantity| record.positive(quantity, quantity.text()));
    record.relation(element, Relation { kind: kind.to_owned(), sku: Id::parse(id).sku.to_owned(), quantity });
}

/// The unit in which a good is kept: the international abbreviation, else by its code, else as people say.
fn base_unit(tables: &Tables, element: &Element) -> Option<String> {
    let given = |name: &str| element.attribute(name).map(str::trim).filter(|value| !value.is_empty());
    let text = Some(element.text().trim()).filter(|text| !text.is_empty());
    let by_code = || given("Код").map(|code| (code, unit_of(tables, code))).filter(|(code, unit)| code != unit);
    given("МеждународноеСокращение")
        .map(str::to_owned)
        .or_else(|| by_code().map(|(_, unit)| unit))
        .or_else(|| text.map(|text| unit_of(tables, text)))
        .or_else(|| given("НаименованиеПолное").or(given("Код")).map(str::to_owned))
}

/// The unit as it was sent. That the base unit is one of itself says nothing.
fn keep_unit(record: &mut Record<'_>, element: &Element) {
    let code = element.attribute("Код").unwrap_or_default().trim();
    record.fact(element, SYSTEM, "БазоваяЕдиница", element.text());
    for attribute in element.attributes() {
        record.fact(element, SYSTEM, &format!("БазоваяЕдиница/@{}", attribute.name()), attribute.value());
    }
    for conversion in element.children_named("Пересчет") {
        let (unit, factor) = (conversion.child_text("Единица"), conversion.child_text("Коэффициент"));
        match (unit, factor) {
            (Some(unit), Some("1")) if unit == code => {}
            (Some(unit), Some(factor)) => {
                record.fact(conversion, SYSTEM, &format!("БазоваяЕдиница/Пересчет/{unit}"), factor)
            }
            _ => {}
        }
    }
    keep_within(record, element, &["Пересчет"]);
}

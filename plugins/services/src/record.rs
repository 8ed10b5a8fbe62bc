//! One record of a service as an item, an offer, or a refusal.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::{ItemSink, Stop};
use plugpoint_sdk::model::{
    Attribute, Availability, Finding, ItemDraft, ItemPatch, ItemStatus, Media, Parts, PatchOp, Relation,
};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Record, word};
use plugpoint_sdk::xml::Element;

use crate::table::{Becomes, Place, Service};

/// A value of a record: the element it stands in, and its text without blanks at its ends.
type Value<'e> = (&'e Element, &'e str);

/// Hands over what a record becomes.
pub(crate) fn read(
    service: &Service,
    element: &Element,
    profile: &CatalogProfile,
    excerpt: &str,
    sink: &mut dyn ItemSink,
) -> Result<(), Stop> {
    let sku = service.places.iter().filter(|(_, place)| matches!(place, Place::Sku));
    let sku = sku.filter_map(|(path, _)| values(element, path).into_iter().next()).next().map(|(_, sku)| sku);
    let refuse = |code, message: String| {
        element.pass_over();
        let finding = Finding::error(code, message).at(element.position()).path(element.name()).excerpt(excerpt);
        match sku {
            Some(sku) => finding.sku(sku.chars().take(128).collect::<String>()),
            None => finding,
        }
    };
    match service.becomes {
        Becomes::Rejected(why) => return sink.reject(refuse(finding::RECORD_MALFORMED, why.to_owned())),
        Becomes::ItemIf(path, wanted) => {
            let kind = values(element, path).first().map_or("", |(_, kind)| *kind);
            if !kind.eq_ignore_ascii_case(wanted) {
                let message = format!("{path} is {:?}, not {wanted:?}: this is no item", short(kind));
                return sink.reject(refuse(finding::RECORD_MALFORMED, message));
            }
        }
        Becomes::Item | Becomes::Offer => {}
    }
    let Some(sku) = sku else {
        let message = format!("a record of {} has no number", service.title);
        return sink.reject(refuse(finding::SKU_MISSING, message));
    };
    let mut record = Record::new(sku, element, profile);
    for (path, place) in service.places {
        for value in values(element, path) {
            put(*place, value, service, &mut record);
        }
    }
    match service.becomes {
        Becomes::Offer => offer(record, sink),
        _ => {
            keep_named(element, service, &mut record);
            record.keep(service.system, element.name(), element);
            sink.upsert(record.finish())
        }
    }
}

/// An offer knows prices and stock alone.
fn offer(record: Record<'_>, sink: &mut dyn ItemSink) -> Result<(), Stop> {
    let ItemDraft { data, position, findings, .. } = record.fitted();
    let sku = data.sku.clone();
    for finding in findings {
        sink.note(finding.sku(sku.as_str()))?;
    }
    let mut parts = Parts::NONE;
    if !data.prices.is_empty() {
        parts = parts.and(Parts::PRICES);
    }
    if data.availability.is_some() {
        parts = parts.and(Parts::AVAILABILITY);
    }
    if parts.is_none() {
        let message = "the offer has neither a price nor a stock that can be used; the item stays as it is";
        return sink.reject(Finding::error(finding::RECORD_MALFORMED, message).at(position).sku(sku));
    }
    sink.patch(ItemPatch { sku, ops: vec![PatchOp::replace(parts, data)], position, is_record: true })
}

fn put(place: Place, (at, text): Value<'_>, service: &Service, record: &mut Record<'_>) {
    match place {
        Place::Sku | Place::Nothing => {}
        Place::Title => {
            if record.draft.data.texts.iter().all(|known| known.title.is_empty()) {
                record.title(at, None, text);
            }
        }
        Place::Description => record.description(at, None, text),
        Place::Brand => record.brand(text),
        Place::Kind => {
            record.draft.data.kind = match word(text, "product").as_str() {
                "standard" | "simple" => "product".to_owned(),
                kind => kind.to_owned(),
            }
        }
        Place::Number(scheme) => record.identifier(at, scheme, text),
        Place::Category => record.category(at, service.system, text, Vec::new()),
        Place::Subjects => {
            for subject in text.split(';').map(str::trim).filter(|subject| !subject.is_empty()) {
                let path = subject.split(" / ").map(str::to_owned).collect();
                record.category(at, service.system, subject, path);
            }
        }
        Place::Image => {
            record.media(at, Media { kind: "image".to_owned(), url: text.to_owned(), ..Media::default() });
        }
        Place::VariantOf => {
            let relation = Relation { kind: "variant_of".to_owned(), sku: text.to_owned(), quantity: None };
            record.relation(at, relation);
        }
        Place::People(role) => text.split(';').for_each(|name| record.contributor(at, role, name)),
        Place::Price(kind, tax_included, currency) => {
            let currency = currency.and_then(|name| at.attribute(name));
            if let Some(mut price) = record.price(at, kind, text, currency) {
                price.tax_included = tax_included;
                record.push_price(at, price);
            }
        }
        Place::Stock => stock(at, text, record),
        Place::Offered => {
            if text.eq_ignore_ascii_case("false") {
                record.draft.data.status = ItemStatus::Inactive;
            }
        }
    }
}

/// Of several the first counts.
fn stock(at: &Element, text: &str, record: &mut Record<'_>) {
    let Some(quantity) = record.not_negative(at, text) else { return };
    if record.draft.data.availability.is_none() {
        let status = if quantity.is_zero() { "out_of_stock" } else { "in_stock" };
        record.draft.data.availability =
            Some(Availability { status: status.to_owned(), quantity: Some(quantity), ..Availability::default() });
    }
}

/// The values at a path that are not empty. A step that no element is called by names a pair whose key is that word.
fn values<'e>(element: &'e Element, path: &str) -> Vec<Value<'e>> {
    let Some((step, rest)) = path.split_once('/') else { return leaves(element, path) };
    let named = element.children().iter().filter(|child| child.name() == step);
    named.flat_map(|child| values(child, rest)).collect()
}

fn leaves<'e>(element: &'e Element, step: &str) -> Vec<Value<'e>> {
    if let Some(name) = step.strip_prefix('@') {
        let value = element.attribute(name).map(str::trim).filter(|value| !value.is_empty());
        return value.map(|value| (element, value)).into_iter().collect();
    }
    let own = element.children_named(step).map(|child| (child, child.text().trim()));
    let own: Vec<_> = own.filter(|(_, text)| !text.is_empty()).collect();
    if !own.is_empty() {
        return own;
    }
    // Dictionaries of .NET: <key>name</key><value>…</value>.
    let pairs = element.children().iter().filter(|pair| pair.child_text("key") == Some(step));
    let values = pairs.filter_map(|pair| pair.child("value")).map(|value| (value, value.text().trim()));
    values.filter(|(_, text)| !text.is_empty()).collect()
}

/// Properties that carry their names with them become attributes under those: `<key>`/`<value>` of .NET, `x:Key` of XAML,
/// `<customLabel>`/`<searchValue>` of NetSuite, `name` and `<propertyValue>` of ProdWS.
fn keep_named(element: &Element, service: &Service, record: &mut Record<'_>) {
    for child in element.children() {
        if let Some(value) = child.child("propertyValue").and_then(|value| value.children().first()) {
            keep_property(child, value, service, record);
            continue;
        }
        let (name, value) = match (child.child("key"), child.child("customLabel"), child.attribute("Key")) {
            (Some(key), _, _) => (key.text(), child.child("value")),
            (_, Some(label), _) => (label.text(), child.child("searchValue")),
            (_, _, Some(key)) => (key, Some(child)),
            _ => {
                keep_named(child, service, record);
                continue;
            }
        };
        // One without a text is told by its id.
        let Some(value) = value.filter(|value| value.children().is_empty()) else { continue };
        if value.is_unread() {
            record.fact(value, service.system, name.trim(), value.text());
        } else if value.text().trim().is_empty()
            && let Some(id) = value.attribute("internalId")
        {
            record.fact(value, service.system, name.trim(), id);
        }
    }
}

/// A property of ProdWS: a word, a fixed value, or a range with a unit.
fn keep_property(property: &Element, value: &Element, service: &Service, record: &mut Record<'_>) {
    let Some(name) = property.attribute("name").map(str::trim).filter(|name| !name.is_empty()) else { return };
    let (min, max) = (value.attribute("minValue"), value.attribute("maxValue"));
    let range = match (min, max) {
        (Some(min), Some(max)) if min == max => min.to_owned(),
        (None, None) => value.attribute("fixValue").unwrap_or_else(|| value.text()).trim().to_owned(),
        (min, max) => format!("{}..{}", min.unwrap_or_default(), max.unwrap_or_default()),
    };
    if !range.is_empty() {
        let (unit, system) = (value.attribute("unit").map(str::to_owned), Some(service.system.to_owned()));
        let attribute = Attribute { name: name.to_owned(), values: vec![range], unit, system, feature_id: None };
        record.attribute(value, attribute);
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

//! Who publishes, the standing in life, and what is related: PublishingDetail and RelatedMaterial.

use plugpoint_sdk::model::{ItemData, ItemStatus};

use super::codes;
use super::numbers::{related_identifier, work_identifier};
use super::out::{Facts, Form, Kept, Out};
use crate::facts::PART;

const BLOCK: &str = "PublishingDetail";
const PLACES: &[Kept] = &[("CityOfPublication", Form::Line, true), ("CountryOfPublication", Form::Code(2), false)];

/// The block wants an imprint or a publisher. Of an item that names none and has nothing else to say it is left out.
pub(super) fn write(out: &mut Out<'_>, item: &ItemData, facts: &Facts<'_>) {
    let brand = item.brand.as_deref().filter(|brand| !brand.trim_ascii().is_empty());
    let publishers: Vec<&str> = facts.values("publisher").collect();
    let dates: Vec<(&str, String)> = facts.values("publication_date").filter_map(date).collect();
    let has_places = PLACES.iter().any(|(name, ..)| facts.first(&format!("{BLOCK}/{name}")).is_some());
    let is_named = brand.is_some() || !publishers.is_empty();
    if !is_named && dates.is_empty() && !has_places && item.status == ItemStatus::Active {
        return;
    }
    out.within(BLOCK, |out| {
        if let Some(brand) = brand {
            out.within("Imprint", |out| out.value("ImprintName", brand));
        } else if !is_named {
            out.within_assumed("Imprint", |out| out.value("ImprintName", "unknown"));
        }
        for publisher in publishers {
            out.within("Publisher", |out| {
                out.value("PublishingRole", "01");
                out.value("PublisherName", publisher);
            });
        }
        out.kept(facts, BLOCK, PLACES);
        let status = match item.status {
            ItemStatus::Active => "04",
            ItemStatus::Announced => "02",
            ItemStatus::Inactive => "06",
            ItemStatus::Discontinued => "07",
        };
        out.value("PublishingStatus", status);
        for (format, digits) in dates {
            out.within("PublishingDate", |out| {
                out.value("PublishingDateRole", "01");
                out.text.extend(["<Date dateformat=\"", format, "\">", &digits, "</Date>"]);
            });
        }
    });
}

/// A date as ONIX writes it, and the code of its form.
fn date(date: &str) -> Option<(&'static str, String)> {
    let digits: String = date.chars().filter(|it| *it != '-').collect();
    let format = match (digits.len(), digits.bytes().all(|byte| byte.is_ascii_digit())) {
        (8, true) => "00",
        (6, true) => "01",
        (4, true) => "05",
        _ => return None,
    };
    Some((format, digits))
}

pub(super) fn related(out: &mut Out<'_>, item: &ItemData) {
    let mut others = item.relations.iter().filter(|relation| relation.kind != PART).peekable();
    if others.peek().is_none() {
        return;
    }
    let (works, products): (Vec<_>, Vec<_>) = others.partition(|it| codes::work_relation(&it.kind).is_some());
    out.within("RelatedMaterial", |out| {
        for work in works {
            out.within("RelatedWork", |out| {
                out.value("WorkRelationCode", codes::work_relation(&work.kind).unwrap_or("01"));
                work_identifier(out, &work.sku);
            });
        }
        for relation in products {
            out.within("RelatedProduct", |out| {
                out.value("ProductRelationCode", codes::relation(&relation.kind).unwrap_or("00"));
                related_identifier(out, &relation.sku);
            });
        }
    });
}

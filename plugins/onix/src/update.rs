//! What an update replaces: of 3.x the blocks that are there, of 2.1 the composites that are there.
//!
//! Blocks share parts of the item: titles are of block 1 and descriptions of block 2, attributes of all. So an update names
//! its share ([`Scope`]), and what other blocks own stays.

use plugpoint_sdk::model::{ItemData, Parts, RelationKinds, Scope};
use plugpoint_sdk::xml::Element;

use crate::book::ONIX;
use crate::notice::Notice;
use crate::{facts, publishing, supply};

/// Elements that identify the record and are no part of it.
const IDENTITY: &[&str] = &[
    "RecordReference",
    "NotificationType",
    "ProductIdentifier",
    "ISBN",
    "EAN13",
    "UPC",
    "PublisherProductNo",
    "ISMN",
    "DOI",
    "DeletionCode",
    "DeletionText",
    "RecordSourceType",
    "RecordSourceIdentifier",
    "RecordSourceIdentifierType",
    "RecordSourceName",
];

/// The scope of an update, and the elements of the record that it may not change.
pub(crate) fn scope(
    product: &Element,
    notice: Notice,
    data: &ItemData,
    published: &publishing::Outcome,
) -> (Scope, Vec<String>) {
    let mut scope = Scope { system: ONIX.to_owned(), identifiers: true, ..Scope::default() };
    let mut refused = Vec::new();
    for child in product.children().iter().filter(|child| !IDENTITY.contains(&child.name())) {
        let name = child.name();
        if !is_allowed(notice, name) {
            refused.push(name.to_owned());
            continue;
        }
        if !scope.attributes.iter().any(|known| known == name) {
            scope.attributes.push(name.to_owned());
            add(name, &mut scope, data, published);
        }
    }
    if notice == Notice::Sold {
        scope.parts = scope.parts.and(Parts::STATUS);
    }
    (scope, refused)
}

fn is_allowed(notice: Notice, name: &str) -> bool {
    match notice {
        Notice::SupplyOnly { supply, market } => match name {
            "SupplyDetail" | "ProductSupply" => supply,
            "MarketRepresentation" => market,
            _ => false,
        },
        _ => true,
    }
}

/// Adds what an element of a record owns.
fn add(name: &str, scope: &mut Scope, data: &ItemData, published: &publishing::Outcome) {
    let own = |scope: &mut Scope, names: &[&str]| scope.attributes.extend(names.iter().map(|name| (*name).to_owned()));
    let part = || facts::PART.to_owned();
    let has_title = data.texts.iter().any(|text| !text.title.is_empty());
    let (parts, relations) = match name {
        "DescriptiveDetail" => {
            (scope.titles, scope.keywords) = (has_title, true);
            own(scope, facts::NAMES);
            (Parts::KIND.and(Parts::CONTRIBUTORS).and(Parts::CATEGORIES), RelationKinds::Only(part()))
        }
        "CollateralDetail" => {
            scope.descriptions = true;
            (Parts::MEDIA, RelationKinds::None)
        }
        "PublishingDetail" => {
            own(scope, publishing::NAMES);
            scope.available_from = published.published.is_some();
            (Parts::BRAND.and(of_status(published)), RelationKinds::None)
        }
        "RelatedMaterial" => (Parts::NONE, RelationKinds::Except(part())),
        "ProductSupply" => {
            own(scope, supply::NAMES);
            scope.availability = true;
            (Parts::PRICES, RelationKinds::None)
        }
        "SupplyDetail" => {
            own(scope, supply::NAMES);
            scope.availability = data.availability.is_some();
            (Parts::PRICES, RelationKinds::None)
        }
        "Title" | "DistinctiveTitle" | "TitleWithoutPrefix" => {
            scope.titles = has_title;
            own(scope, &["subtitle"]);
            (Parts::NONE, RelationKinds::None)
        }
        "OtherText" | "MainDescription" | "Annotation" => {
            scope.descriptions = true;
            (Parts::NONE, RelationKinds::None)
        }
        "Subject" | "MainSubject" | "BASICMainSubject" | "BICMainSubject" => {
            scope.keywords = true;
            (Parts::CATEGORIES, RelationKinds::None)
        }
        "Contributor" => (Parts::CONTRIBUTORS, RelationKinds::None),
        "MediaFile" | "CoverImageLink" => (Parts::MEDIA, RelationKinds::None),
        // A publisher alone does not take the imprint's place.
        "Imprint" | "ImprintName" => (Parts::BRAND, RelationKinds::None),
        "PublishingStatus" => (of_status(published), RelationKinds::None),
        "PublicationDate" => {
            scope.available_from = published.published.is_some();
            (Parts::NONE, RelationKinds::None)
        }
        "RelatedProduct" | "WorkIdentifier" => (Parts::NONE, RelationKinds::Except(part())),
        "ContainedItem" => (Parts::NONE, RelationKinds::Only(part())),
        _ => (Parts::NONE, RelationKinds::None),
    };
    scope.parts = scope.parts.and(parts);
    scope.relations = std::mem::take(&mut scope.relations).and(relations);
}

/// A block without a status says nothing about it.
fn of_status(published: &publishing::Outcome) -> Parts {
    if published.has_status { Parts::STATUS } else { Parts::NONE }
}

//! What of a record has no place of its own: each simple value becomes an attribute named by its path.
//!
//! Only elements that ONIX has are kept; of others nobody knows what they mean, and they are left to the list of what is unmapped.

use std::collections::HashMap;

use plugpoint_sdk::xml::Element;

use crate::book::Book;
use crate::names;

/// Says nothing about the book: bookkeeping of the record, and that there is nothing of a kind.
const PASSED_OVER: &[&str] = &[
    "RecordReference",
    "NotificationType",
    "RecordSourceType",
    "RecordSourceIdentifier",
    "RecordSourceIdentifierType",
    "RecordSourceName",
    "DeletionCode",
    "DeletionText",
    "SequenceNumber",
    "SequenceNumberWithinRole",
    "NoSeries",
    "NoCollection",
    "NoEdition",
    "NoContributor",
    "NoPrefix",
    "NoProduct",
    "TextCaseFlag",
    "PrimaryPart",
];

/// The audience of a text for everybody.
const UNRESTRICTED: &str = "00";

/// So many values that attributes of them would bury the item: they stay unmapped.
const TOO_MANY: &[&str] = &["Price"];

/// Bookkeeping about single values.
const ATTRIBUTES: &[&str] = &[
    "datestamp",
    "sourcetype",
    "sourcename",
    "textformat",
    "textcase",
    "textscript",
    "transliteration",
    "collationkey",
    "dateformat",
    "calendar",
    "language",
    "refname",
    "shortname",
    "release",
];

/// Elements whose text may have markup.
#[rustfmt::skip]
const MARKUP: &[&str] = &[
    "AncillaryContentDescription", "Annotation", "AudienceDescription", "BiographicalNote", "BookClubAdoption", "CitationNote",
    "ContributorDescription", "ContributorStatement", "CopiesSold", "CopyrightStatementText", "DownloadCaption",
    "DownloadCopyrightNotice", "DownloadCredit", "DownloadTerms", "EditionStatement", "EventDescription", "FeatureNote",
    "IllustrationsNote", "InitialPrintRun", "MainDescription", "MarketPublishingStatusNote", "PrizeJury", "PrizeStatement",
    "ProductWebsiteDescription", "PromotionCampaign", "PublishingStatusNote", "ReligiousTextFeatureDescription", "ReprintDetail",
    "ReviewQuote", "SalesRestrictionNote", "SubjectDescription", "Text", "TextSourceDescription", "TextWithDownload",
    "TitleStatement", "VenueNote", "WebsiteDescription",
];

/// Keeps the rest of a record, after everything else was read.
pub(crate) fn keep(product: &Element, book: &mut Book<'_>) {
    let mut path = String::new();
    children(product, &mut path, book);
}

/// Marks bookkeeping about values as read, wherever it stands.
pub(crate) fn pass_over_attributes(element: &Element) {
    for attribute in element.attributes().iter().filter(|attribute| ATTRIBUTES.contains(&attribute.name())) {
        let _ = attribute.value();
    }
    element.children().iter().for_each(pass_over_attributes);
}

fn children(element: &Element, path: &mut String, book: &mut Book<'_>) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for child in element.children().iter().filter(|child| !child.children().is_empty()) {
        *counts.entry(child.name()).or_default() += 1;
    }
    let mut places: HashMap<&str, usize> = HashMap::new();
    let length = path.len();
    for child in element.children() {
        let name = child.name();
        if PASSED_OVER.contains(&name) || (name == "ContentAudience" && element.peek(name) == Some(UNRESTRICTED)) {
            child.pass_over();
            continue;
        }
        if TOO_MANY.contains(&name) || !names::is_known(name) {
            continue;
        }
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        if MARKUP.contains(&name) || child.children().is_empty() {
            value(child, path, book);
        } else {
            let place = places.entry(name).or_default();
            *place += 1;
            if counts.get(name).is_some_and(|count| *count > 1) {
                path.push_str(&format!("[{place}]"));
            }
            children(child, path, book);
        }
        path.truncate(length);
    }
}

fn value(element: &Element, path: &str, book: &mut Book<'_>) {
    let is_unread = element.is_unread() || element.children().iter().any(Element::is_unread);
    if is_unread && !element.markup().trim().is_empty() {
        book.fact(element, path, &element.markup());
    }
}

//! Related products and works as relations, by the number under which the other one is most likely kept.

use plugpoint_sdk::model::Relation;
use plugpoint_sdk::reading::is_number;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, found};
use crate::{identity, words};

const BLOCK: &str = "RelatedMaterial";

/// Reads all relations to other products and to works. What has no number stays as it is.
pub(crate) fn read(product: &Element, book: &mut Book<'_>, key: identity::Key) {
    for related in found(product, BLOCK, "RelatedProduct").map(|found| found.element) {
        let Some(sku) = identity::related(related, key).filter(|sku| is_number(sku)) else { continue };
        let codes = related.children_named("ProductRelationCode").chain(related.children_named("RelationCode"));
        let mut kinds: Vec<_> =
            codes.map(|code| code.text().trim()).map(|code| words::relation(code).unwrap_or(code)).collect();
        if kinds.is_empty() {
            kinds.push("related");
        }
        for kind in kinds {
            relate(related, kind, &sku, book);
        }
    }
    for work in found(product, BLOCK, "RelatedWork").map(|found| found.element) {
        let code = work.child_text("WorkRelationCode").unwrap_or_default();
        work_relation(work, words::work_relation(code).unwrap_or("work"), book);
    }
    // 2.1: the work of which this is a manifestation.
    for identifier in product.children_named("WorkIdentifier") {
        relate_identifier(identifier, "work", book);
    }
}

fn work_relation(work: &Element, kind: &str, book: &mut Book<'_>) {
    for identifier in work.children_named("WorkIdentifier") {
        relate_identifier(identifier, kind, book);
    }
}

fn relate_identifier(identifier: &Element, kind: &str, book: &mut Book<'_>) {
    let _ = identifier.child_text("WorkIDType");
    if let Some(number) = identifier.child_text("IDValue").filter(|number| is_number(number)) {
        relate(identifier, kind, number, book);
    }
}

fn relate(at: &Element, kind: &str, sku: &str, book: &mut Book<'_>) {
    book.record.relation(at, Relation { kind: kind.to_owned(), sku: sku.to_owned(), quantity: None });
}

//! One product, read whole: as an item, or as an update of one.

use std::collections::BTreeSet;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Availability, Finding, ItemDraft, ItemPatch, ItemStatus, PatchOp, Scope};
use plugpoint_sdk::xml::Element;

use crate::book::{Book, Context};
use crate::identity::{self, Key, Number};
use crate::notice::Notice;
use crate::{facts, media, people, publishing, related, rest, subjects, supply, texts, titles, update};

/// What was read beside the item itself.
struct Filled {
    has_title: bool,
    publishing: publishing::Outcome,
    supply: supply::Outcome,
}

/// The whole item. One that has neither title nor text goes by its number: identity is all that some records give.
pub(crate) fn whole(product: &Element, number: Number, ctx: Context<'_>, notice: Notice) -> ItemDraft {
    let mut book = Book::new(number.sku.clone(), product, ctx, false);
    identity::tell(&number, product, &mut book);
    let (is_advance, is_assumed) = match notice {
        Notice::Full { is_advance, is_assumed } => (is_advance, is_assumed),
        _ => (false, false),
    };
    if is_assumed {
        let message = "there is no NotificationType; the record is read as a whole one (03)";
        book.record.findings.warn(finding::FIELD_REQUIRED, product, message);
    }
    let filled = fill(product, &mut book, ctx, is_advance);
    let has_text = book.record.draft.data.texts.iter().any(|text| text.description.is_some());
    if !filled.has_title && !has_text {
        let message = "the record has neither a title nor a text; its number stands in for the title";
        book.record.findings.warn(finding::FIELD_REQUIRED, product, message);
        let isbn = book.record.draft.data.identifiers.iter().find(|it| matches!(it.scheme.as_str(), "isbn" | "gtin"));
        let title = isbn.map_or(number.sku, |isbn| isbn.value.clone());
        book.record.title(product, None, &title);
    }
    book.record.finish()
}

/// An update as it was read.
pub(crate) struct Update {
    /// What changes; or why nothing does.
    pub(crate) patch: Result<ItemPatch, &'static str>,
    /// What there is to say about it, either way.
    pub(crate) findings: Vec<Finding>,
}

/// An update of what the record holds.
pub(crate) fn update(product: &Element, number: Number, ctx: Context<'_>, notice: Notice) -> Update {
    let mut book = Book::new(number.sku.clone(), product, ctx, true);
    identity::tell(&number, product, &mut book);
    let filled = fill(product, &mut book, ctx, false);
    let (scope, refused) = update::scope(product, notice, &book.record.draft.data, &filled.publishing);
    if filled.supply.lost_all_prices {
        let why = "the update holds no price that can be used; the item stays as it is";
        return Update { patch: Err(why), findings: book.record.findings.into_list() };
    }
    warn(product, &scope, refused, &mut book);
    let data = &mut book.record.draft.data;
    if notice == Notice::Sold {
        data.status = ItemStatus::Discontinued;
    }
    if !scope.availability && scope.available_from {
        data.availability =
            Some(Availability { available_from: filled.publishing.published, ..Availability::default() });
    }
    let draft = book.record.fitted();
    let op = PatchOp::ReplaceWithin { scope: Box::new(scope), data: Box::new(draft.data) };
    let patch = ItemPatch { sku: number.sku, ops: vec![op], position: product.position(), is_record: true };
    Update { patch: Ok(patch), findings: draft.findings }
}

/// Says what an update does otherwise than its sender may think.
fn warn(product: &Element, scope: &Scope, refused: Vec<String>, book: &mut Book<'_>) {
    let findings = &mut book.record.findings;
    if !refused.is_empty() {
        let message = "this kind of update speaks of supply and market alone; the rest was left out";
        let names: BTreeSet<_> = refused.into_iter().collect();
        let names = names.into_iter().collect::<Vec<_>>().join(" ");
        findings.warn_value(finding::PART_IGNORED, product, &names, message);
    }
    if product.child("DescriptiveDetail").is_some() && !scope.titles {
        let message = "the block has no title; the item keeps the one it has";
        findings.warn(finding::FIELD_REQUIRED, product, message);
    }
    if product.children_named("ProductSupply").any(|supply| supply.child("MarketReference").is_some()) {
        let message = "markets are not kept apart; these prices replace those of all markets";
        findings.warn(finding::PART_IGNORED, product, message);
    }
}

fn fill(product: &Element, book: &mut Book<'_>, ctx: Context<'_>, is_advance: bool) -> Filled {
    let key = Key::of(ctx.onix);
    identity::read(product, book, key);
    let has_title = titles::read(product, book);
    people::read(product, book);
    subjects::read(product, book);
    facts::read(product, book, key);
    texts::read(product, book);
    media::read(product, book);
    let publishing = publishing::read(product, book, is_advance);
    related::read(product, book, key);
    let supply = supply::read(product, book);
    // The day of publication is when the item can be had, if nobody knows better.
    if let Some(availability) = &mut book.record.draft.data.availability {
        availability.available_from = availability.available_from.or(publishing.published);
    }
    if ctx.onix.extras {
        rest::keep(product, book);
    }
    rest::pass_over_attributes(product);
    Filled { has_title, publishing, supply }
}

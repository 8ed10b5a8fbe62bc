//! What becomes of each trade item and each reference to one: handed over, deleted, or refused with its reason. Called by the walk.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, ItemData, ItemDraft, ItemPatch, Parts, PatchOp, Position, Relation, decimal};
use plugpoint_sdk::reading::take;
use plugpoint_sdk::xml::Element;

use crate::document::{Walk, Walked};
use crate::item::{self, Around};
use crate::key::Key;
use crate::shape::is_gtin;

/// The commands of a notification; one without is an addition.
const WHOLE: &[&str] = &["", "ADD", "CHANGE_BY_REFRESH", "CORRECT"];
const DELETE: &str = "DELETE";

impl Walk<'_> {
    /// An element that is a record of its own.
    pub(crate) fn record(&mut self, read: fn(&mut Self, &Element) -> Walked) -> Walked {
        self.declare()?;
        if let Some(open) = self.open.last_mut() {
            open.has_item = true;
        }
        let Some(record) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        read(self, &record)?;
        self.unmapped.record(&record);
        Ok(())
    }

    /// A tradeItem, in a hierarchy or alone.
    pub(crate) fn trade_item(&mut self, element: &Element) -> Walked {
        let Some(key) = Key::of_item(element, self.has_whole_keys) else {
            return self.refuse(element, None, finding::SKU_MISSING, "the trade item has no GTIN");
        };
        let Some(sku) = self.sku(element, &key)? else { return Ok(()) };
        if self.command == DELETE {
            element.pass_over();
            return Ok(self.sink.delete(sku, element.position())?);
        }
        if !WHOLE.contains(&self.command.as_str()) {
            return self.refuse_command(element, &sku);
        }
        let state = self.open.last().and_then(|open| open.state.clone());
        let around = Around { state: state.as_deref(), created: self.created };
        let draft = item::read(element, &key, sku.clone(), &around, self.profile);
        let contains = draft.data.relations.iter().filter(|relation| relation.kind == "contains");
        let children = contains.map(|relation| relation.sku.clone()).collect();
        let position = draft.position;
        self.sink.upsert(draft)?;
        self.link_to_parent(&sku, position)?;
        if let Some(open) = self.open.last_mut() {
            (open.sku, open.children) = (Some(sku), children);
        }
        Ok(())
    }

    /// A child that its parent's own record does not name is linked to it by its place in the document.
    fn link_to_parent(&mut self, sku: &str, position: Position) -> Walked {
        let Some(parent) = self.open.len().checked_sub(2).and_then(|place| self.open.get(place)) else { return Ok(()) };
        let Some(parent_sku) = parent.sku.clone().filter(|_| !parent.children.contains(sku)) else { return Ok(()) };
        let quantity = parent.quantity.as_deref().and_then(|sent| decimal::parse(sent.trim()).ok());
        let quantity = quantity.filter(|quantity| !quantity.is_zero() && !quantity.is_sign_negative());
        let relations = vec![Relation { kind: "contains".to_owned(), sku: sku.to_owned(), quantity }];
        let data = ItemData { relations, ..ItemDraft::new(parent_sku.clone(), position).data };
        let ops = vec![PatchOp::merge(Parts::RELATIONS, data)];
        Ok(self.sink.patch(ItemPatch { sku: parent_sku, ops, position, is_record: false })?)
    }

    /// A reference to an item that is withdrawn.
    pub(crate) fn withdrawal(&mut self, element: &Element) -> Walked {
        let Some(key) = Key::of_reference(element, self.has_whole_keys) else {
            return self.refuse(element, None, finding::SKU_MISSING, "the withdrawal names no GTIN");
        };
        let Some(sku) = self.sku(element, &key)? else { return Ok(()) };
        if self.command == DELETE {
            return self.refuse_command(element, &sku);
        }
        element.pass_over();
        Ok(self.sink.delete(sku, element.position())?)
    }

    /// The number of an item, or a refusal.
    fn sku(&mut self, element: &Element, key: &Key<'_>) -> Walked<Option<String>> {
        if !is_gtin(key.gtin) {
            let message =
                "the GTIN is not 8, 12, 13 or 14 digits: it is none, or a placeholder that was never filled in";
            self.refuse(element, Some(key.gtin), finding::FIELD_INVALID, message)?;
            return Ok(None);
        }
        let sku = key.sku();
        if sku.is_none() {
            let message =
                "the profile knows items by provider, GTIN and market (gdsn.item_number), and one of them is missing";
            self.refuse(element, Some(key.gtin), finding::FIELD_REQUIRED, message)?;
        }
        Ok(sku)
    }

    fn refuse_command(&mut self, element: &Element, sku: &str) -> Walked {
        let message =
            "the document's command is not one of this message (ADD, CHANGE_BY_REFRESH, CORRECT, and DELETE of a CIN)";
        element.pass_over();
        let refused = Finding::error(finding::MODE_UNSUITED, message).at(element.position()).sku(sku);
        let refused = refused.path("documentCommandHeader/@type").value(&self.command);
        Ok(self.sink.reject(refused.excerpt(&self.reader.raw_excerpt()))?)
    }

    fn refuse(&mut self, element: &Element, gtin: Option<&str>, code: &'static str, message: &str) -> Walked {
        element.pass_over();
        let mut refused = Finding::error(code, message).at(element.position()).path(format!("{}/gtin", element.name()));
        if let Some(gtin) = gtin {
            refused = refused.sku(gtin).value(gtin);
        }
        Ok(self.sink.reject(refused.excerpt(&self.reader.raw_excerpt()))?)
    }
}

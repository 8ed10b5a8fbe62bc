//! What a profile says about single items, applied to whatever a transformer handed over: languages, price kinds, units,
//! attributes, categories.
//!
//! Called for every record of an import and of a trial, before the item rules. An empty profile costs a few comparisons.

use super::{AttributeEntry, CatalogProfile, CategoryEntry};
use crate::model::{Attribute, Category, ItemData, ItemDraft, ItemPatch, PatchOp, Price, Text};

impl CatalogProfile {
    /// Brings a whole item into the words of the profile.
    pub fn map_item(&self, draft: &mut ItemDraft) {
        self.map_data(&mut draft.data);
    }

    fn map_data(&self, item: &mut ItemData) {
        self.keep_languages(&mut item.texts);
        self.map_prices(&mut item.prices);
        self.map_attributes(&mut item.attributes);
        self.map_categories(&mut item.categories);
    }

    /// The same for a partial change: it has to speak of the same kinds and places as the item that it changes.
    pub fn map_patch(&self, patch: &mut ItemPatch) {
        patch.ops.retain_mut(|op| match op {
            PatchOp::SetPrices(prices) | PatchOp::AmendPrices(prices) => {
                self.map_prices(prices);
                true
            }
            PatchOp::AddCategory(category) => self.map_category(category),
            PatchOp::Replace { data, .. } => {
                self.map_data(data);
                true
            }
            PatchOp::ReplaceWithin { scope, data } => {
                // Texts without a language are in that of the item, which is wanted.
                let is_wanted = |lang: &String| lang.is_empty() || self.languages.contains(lang);
                data.texts.retain(|text| self.languages.is_empty() || is_wanted(&text.lang));
                let texts = std::mem::take(&mut data.texts);
                self.map_data(data);
                data.texts = texts;
                // What the block owned before goes under the names that the profile gave it.
                let renamed = self.attributes.iter().filter(|(sent, _)| scope.owns_attribute(sent));
                scope.renamed = renamed.map(|(_, entry)| entry.name.clone()).collect();
                true
            }
            PatchOp::Merge { data, .. } => {
                // Unlike a whole item it may come without any text that is wanted.
                data.texts.retain(|text| self.languages.is_empty() || self.languages.contains(&text.lang));
                self.map_data(data);
                true
            }
            PatchOp::PutPrices { kind, prices, .. } => {
                if let Some(mapped) = self.price_kinds.get(kind) {
                    kind.clone_from(mapped);
                }
                self.map_prices(prices);
                true
            }
        });
    }

    fn keep_languages(&self, texts: &mut Vec<Text>) {
        let is_wanted = |text: &Text| self.languages.contains(&text.lang);
        // An item without any text would be refused; one in a foreign language is better.
        if !self.languages.is_empty() && texts.iter().any(is_wanted) {
            texts.retain(is_wanted);
        }
    }

    fn map_prices(&self, prices: &mut [Price]) {
        if self.price_kinds.is_empty() && self.units.is_empty() {
            return;
        }
        for price in prices {
            if let Some(kind) = self.price_kinds.get(&price.kind) {
                price.kind.clone_from(kind);
            }
            self.map_unit(&mut price.unit);
        }
    }

    /// Keys of the table are lower-case since the profile was read.
    fn map_unit(&self, unit: &mut Option<String>) {
        if let Some(unit) = unit
            && !self.units.is_empty()
            && let Some(mapped) = self.units.get(&unit.trim().to_lowercase())
        {
            unit.clone_from(mapped);
        }
    }

    fn map_attributes(&self, attributes: &mut [Attribute]) {
        if self.attributes.is_empty() && self.units.is_empty() {
            return;
        }
        for attribute in attributes {
            self.map_unit(&mut attribute.unit);
            if let Some(AttributeEntry { name, unit, system }) = self.attributes.get(&attribute.name) {
                attribute.name.clone_from(name);
                attribute.unit = unit.clone().or(attribute.unit.take());
                attribute.system = system.clone().or(attribute.system.take());
            }
        }
    }

    fn map_categories(&self, categories: &mut Vec<Category>) {
        if self.categories.is_empty() {
            return;
        }
        categories.retain_mut(|category| self.map_category(category));
        // Two of the sender's places may have become one of ours.
        let mut seen = std::collections::HashSet::new();
        categories.retain(|category| seen.insert((category.system.clone(), category.code.clone())));
    }

    /// False if the category goes.
    fn map_category(&self, category: &mut Category) -> bool {
        let Some(table) = self.categories.get(&category.system) else { return true };
        let Some(CategoryEntry { code, system, path }) = table.get(&category.code) else {
            return self.unmapped_categories;
        };
        category.code.clone_from(code);
        if let Some(system) = system {
            category.system.clone_from(system);
        }
        if let Some(path) = path {
            category.path.clone_from(path);
        }
        true
    }
}

//! Records that change an article without saying it whole: prices (P), deletions, new numbers; and those that say nothing of one.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, ImportMode, ItemDraft, Relation};
use plugpoint_sdk::reading::{Bound, Record};

use super::{Walk, Walked};
use crate::fields::{Fields, Version};
use crate::prices;

impl<'d> Walk<'d> {
    pub(super) fn delete(&mut self, fields: &Fields<'_>, line: &str) -> Walked {
        self.flush()?;
        let Some(sku) = self.number(fields, 2, line)? else { return Ok(()) };
        if fields.kind == 'A' {
            // What a deleted article was called says nothing.
            fields.pass_over();
        }
        self.declare("articles", Some(ImportMode::Merge))?;
        Ok(self.sink.delete(sku, fields.position())?)
    }

    /// An article gets another number. Nothing of it is sent again, so it stays and refers to the new one.
    pub(super) fn renumber(&mut self, fields: &Fields<'_>, new: usize, line: &str) -> Walked {
        self.flush()?;
        let Some(sku) = self.number(fields, 2, line)? else { return Ok(()) };
        let Some(new) = self.number(fields, new, line)? else { return Ok(()) };
        let mut record = Record::new(sku.clone(), &fields.at(0), self.profile);
        let message =
            "the number of an article cannot be changed; it refers to the new one, under which it should be sent again";
        record.findings.warn_value(finding::PART_IGNORED, &fields.at(1), &new, message);
        record.relation(&fields.at(2), Relation { kind: "follow_up".to_owned(), sku: new, quantity: None });
        self.declare("articles", Some(ImportMode::Merge))?;
        self.amend(record.fitted(), true)
    }

    /// P, prices and discounts of one article, or of up to three in version 4. The record counts once.
    pub(super) fn prices(&mut self, fields: &Fields<'_>, line: &str) -> Walked {
        self.flush()?;
        self.declare("prices", Some(ImportMode::Merge))?;
        if self.version() == Version::Four && fields.get(1) == "P" {
            fields.pass_over();
            let message = "the record asks for a price; it was left out";
            let note = Finding::warning(finding::PART_IGNORED, message).at(fields.position()).path("P");
            return Ok(self.sink.note(note)?);
        }
        let entries = match self.version() {
            Version::Five => vec![self.price_5(fields)],
            Version::Four => (2..fields.len()).step_by(9).map(|first| self.price_4(fields, first)).collect(),
        };
        let (mut has_counted, mut first) = (false, None);
        for draft in entries.into_iter().flatten() {
            first.get_or_insert_with(|| draft.data.sku.clone());
            if draft.data.prices.is_empty() && draft.data.attributes.is_empty() {
                let sku = draft.data.sku.clone();
                for finding in draft.findings {
                    self.sink.note(finding.sku(sku.clone()))?;
                }
                let message = "neither a price nor a discount can be read; the article keeps its own";
                let note = Finding::warning(finding::RECORD_MALFORMED, message).at(draft.position).path("P");
                self.sink.note(note.sku(sku))?;
                continue;
            }
            self.amend(draft, !has_counted)?;
            has_counted = true;
        }
        if has_counted {
            return Ok(());
        }
        let mut refused = Finding::error(finding::RECORD_MALFORMED, "the record changes the price of no article");
        refused.sku = first;
        self.reject(refused.at(fields.position()).path("P"), line)
    }

    fn price_4(&self, fields: &Fields<'_>, first: usize) -> Option<ItemDraft> {
        let mut record = self.price_record(fields, first)?;
        if let Some(price) = prices::price(&mut record, fields, first + 1, first + 2) {
            record.push_price(&fields.at(first + 2), price);
        }
        prices::discounts(&mut record, fields, first + 3, &self.tables);
        Some(record.fitted())
    }

    fn price_5(&self, fields: &Fields<'_>) -> Option<ItemDraft> {
        let mut record = self.price_record(fields, 1)?;
        let unit = prices::price_unit(&mut record, fields, 3, Version::Five);
        let price = prices::price(&mut record, fields, 2, 4);
        let valid_from = record.instant(&fields.at(12), fields.get(12), Bound::Start);
        if let (Some(mut price), Some(unit)) = (price, unit) {
            // The quantity is said, so that none is taken over from the price before.
            price.per_quantity = Some(unit);
            price.valid_from = valid_from;
            record.push_price(&fields.at(4), price);
        }
        prices::discount_group(&mut record, fields, 5, &self.tables);
        prices::discounts(&mut record, fields, 6, &self.tables);
        Some(record.fitted())
    }

    fn price_record(&self, fields: &Fields<'_>, number: usize) -> Option<Record<'d>> {
        let mut record = Record::new(fields.some(number)?, &fields.at(0), self.profile);
        record.currency = self.currency().or(record.currency);
        Some(record)
    }

    /// K, J and whatever nobody knows.
    pub(super) fn unknown(&mut self, fields: &Fields<'_>) -> Walked {
        fields.pass_over();
        let kind = fields.kind.to_string();
        self.unmapped.part(&kind);
        if kind != "K" && self.told.insert(format!("record {kind}")) {
            let message = "records of this kind have no place in the canonical form and were left out";
            self.sink.note(Finding::warning(finding::PART_IGNORED, message).at(fields.position()).path(kind))?;
        }
        Ok(())
    }
}

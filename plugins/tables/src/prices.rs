//! The prices of one row: amounts with what stands in the other columns of the same price.
//!
//! A price whose meaning depends on a cell that cannot be read is left out: one for a hundred pieces must not become one for each.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::Price;
use plugpoint_sdk::profile::place::PricePart;
use plugpoint_sdk::reading::{Bound, Place as At, Record};
use rust_decimal::Decimal;

use crate::amount;
use crate::item::{Gathered, Reading, day, is_yes};
use crate::row::Cell;

impl Reading<'_> {
    /// Adds the prices of a row.
    pub(crate) fn prices(&self, record: &mut Record<'_>, gathered: &Gathered<'_>) {
        for ((kind, _), cells) in &gathered.prices {
            let of = |wanted: PricePart| cells.iter().find(|(part, ..)| *part == wanted).copied();
            // Without an amount there is no price, whatever the other columns say.
            let Some((_, index, cell)) = of(PricePart::Amount).filter(|(_, _, cell)| cell.kind.flaw().is_none()) else {
                continue;
            };
            let at = self.column(index);
            let sent = amount::amount(cell, self.profile.catalog.decimal_comma);
            let beside = of(PricePart::Currency).filter(|(_, _, cell)| cell.kind.flaw().is_none());
            let beside = beside.map(|(_, _, cell)| cell.text).or(gathered.currency);
            let beside = beside.map(|text| amount::currency(text).unwrap_or_else(|| text.to_owned()));
            if let (Some(own), Some(beside)) = (&sent.currency, &beside)
                && !own.eq_ignore_ascii_case(beside)
            {
                let message =
                    format!("the cell says {own} and the column of the currency {beside}; the price was left out");
                record.findings.warn_value(finding::CURRENCY_UNKNOWN, at, cell.text, message);
                continue;
            }
            let of_column = self.header.columns.get(index).and_then(|column| column.entry.as_ref()?.currency.clone());
            let currency = sent.currency.or(beside).or(of_column);
            let Some(mut price) = record.price(at, kind, &sent.number, currency.as_deref()) else { continue };
            let has_currency = of(PricePart::Currency).is_some() || !gathered.is_currency_flawed;
            let is_certain = cells.iter().fold(has_currency, |is_certain, (part, index, cell)| {
                self.price_part(record, &mut price, *part, *index, *cell) && is_certain
            });
            if is_certain {
                record.push_price(at, price);
            } else {
                let message = "nobody knows in which currency, for how many or when the price holds; it was left out";
                record.findings.warn_value(finding::FIELD_INVALID, at, cell.text, message);
            }
        }
    }

    /// Adds a part to a price; false where it cannot be read and the price would mean something else without it.
    fn price_part(
        &self,
        record: &mut Record<'_>,
        price: &mut Price,
        part: PricePart,
        index: usize,
        cell: Cell<'_>,
    ) -> bool {
        let at = self.column(index);
        let text = cell.text;
        if cell.kind.flaw().is_some() {
            return matches!(
                part,
                PricePart::Amount | PricePart::TaxRate | PricePart::TaxPercent | PricePart::TaxIncluded
            );
        }
        let entry = self.header.columns.get(index).and_then(|column| column.entry.as_ref());
        match part {
            PricePart::Amount | PricePart::Currency => {}
            PricePart::TaxRate | PricePart::TaxPercent => price.tax_rate = self.tax(record, at, part, cell),
            PricePart::TaxIncluded => {
                price.tax_included = is_yes(entry, text);
                if price.tax_included.is_none() {
                    record.findings.warn_value(
                        finding::FIELD_INVALID,
                        at,
                        text,
                        "the cell says neither yes nor no; it was left out",
                    );
                }
            }
            PricePart::MinQuantity => price.min_quantity = record.positive(at, &self.plain(text, cell.kind)),
            PricePart::PerQuantity => price.per_quantity = record.positive(at, &self.plain(text, cell.kind)),
            PricePart::Unit => price.unit = Some(text.to_owned()),
            PricePart::ValidFrom => price.valid_from = record.instant(at, &day(text), Bound::Start),
            PricePart::ValidTo => price.valid_to = record.instant(at, &day(text), Bound::End),
            PricePart::Territories => {
                if let Some(entry) = entry {
                    price.territories.extend(self.entries(entry, text));
                }
            }
        }
        match part {
            PricePart::MinQuantity => price.min_quantity.is_some(),
            PricePart::PerQuantity => price.per_quantity.is_some(),
            PricePart::ValidFrom => price.valid_from.is_some(),
            PricePart::ValidTo => price.valid_to.is_some(),
            _ => true,
        }
    }

    /// A tax. A sign of percent decides; a percentage below 1 is a fraction in the wrong column and is left out.
    fn tax(&self, record: &mut Record<'_>, at: At<'_>, part: PricePart, cell: Cell<'_>) -> Option<Decimal> {
        if let Some(percent) = cell.text.strip_suffix('%') {
            return record.tax_percent(at, &self.plain(percent.trim_end(), cell.kind));
        }
        let number = self.plain(cell.text, cell.kind);
        if part == PricePart::TaxRate {
            return record.tax_fraction(at, &number);
        }
        let rate = record.tax_percent(at, &number)?;
        if rate > Decimal::ZERO && rate < Decimal::new(1, 2) {
            let message = "less than one percent; if it is a fraction, map the column to tax_rate. It was left out";
            record.findings.warn_value(finding::FIELD_RANGE, at, cell.text, message);
            return None;
        }
        Some(rate)
    }
}

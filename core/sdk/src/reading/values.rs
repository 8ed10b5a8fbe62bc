//! Numbers of a record: read as the profile says senders write them, or left out with a finding.

use rust_decimal::Decimal;

use super::{Place, Record};
use crate::codes::finding;
use crate::model::decimal;

/// Characters of a value that a message repeats.
const SHOWN_CHARS_MAX: usize = 40;

impl Record<'_> {
    /// A decimal as the profile says senders write it (`catalog.decimal_comma`), or nothing with a finding. Empty text is
    /// nothing, without one.
    pub fn number<'a>(&mut self, at: impl Into<Place<'a>>, sent: &str) -> Option<Decimal> {
        let sent = sent.trim();
        if sent.is_empty() {
            return None;
        }
        match decimal::parse_with(sent.strip_prefix('+').unwrap_or(sent), self.profile.decimal_comma) {
            Ok(value) => Some(value),
            Err(error) => {
                let shown: String = sent.chars().take(SHOWN_CHARS_MAX).collect();
                self.findings.warn_value(
                    finding::DECIMAL_INVALID,
                    at,
                    sent,
                    format!("{shown:?} {error}; it was left out"),
                );
                None
            }
        }
    }

    /// A number above 0, or nothing with a finding.
    pub fn positive<'a>(&mut self, at: impl Into<Place<'a>>, sent: &str) -> Option<Decimal> {
        self.within(at, sent, "is not above 0", |value| value > Decimal::ZERO)
    }

    /// A number of 0 or more, or nothing with a finding.
    pub fn not_negative<'a>(&mut self, at: impl Into<Place<'a>>, sent: &str) -> Option<Decimal> {
        self.within(at, sent, "is below 0", |value| value >= Decimal::ZERO)
    }

    /// A tax as a fraction. One above 1 is read as a percentage, with a finding.
    pub fn tax_fraction<'a>(&mut self, at: impl Into<Place<'a>>, sent: &str) -> Option<Decimal> {
        let at = at.into();
        let rate = self.within(at, sent, "is neither a fraction nor a percentage", |rate| {
            (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&rate)
        })?;
        if rate > Decimal::ONE {
            self.findings.warn_value(finding::TAX_PERCENT, at, sent, "a tax above 1 was read as a percentage");
            return Some(rounded(rate / Decimal::ONE_HUNDRED));
        }
        Some(rate)
    }

    /// A tax in percent, as a fraction.
    pub fn tax_percent<'a>(&mut self, at: impl Into<Place<'a>>, sent: &str) -> Option<Decimal> {
        let rate = self.within(at, sent, "is not within 0 to 100", |rate| {
            (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&rate)
        })?;
        Some(rounded(rate / Decimal::ONE_HUNDRED))
    }

    fn within<'a>(
        &mut self,
        at: impl Into<Place<'a>>,
        sent: &str,
        what: &str,
        is_within: impl Fn(Decimal) -> bool,
    ) -> Option<Decimal> {
        let at = at.into();
        let value = self.number(at, sent)?;
        if is_within(value) {
            return Some(value);
        }
        self.findings.warn_value(finding::FIELD_RANGE, at, sent, format!("the number {what}; it was left out"));
        None
    }
}

/// A computed decimal with the digits that one on the wire may have.
fn rounded(value: Decimal) -> Decimal {
    value.round_dp(decimal::FRACTION_DIGITS_MAX as u32).normalize()
}

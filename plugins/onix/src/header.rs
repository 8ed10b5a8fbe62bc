//! The message's header: what holds for records that do not say otherwise. Who sends to whom, and when, is passed over.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, currency};
use plugpoint_sdk::reading::language_tag;
use plugpoint_sdk::xml::Element;

/// Parts of a header that say nothing about an item.
const OF_THE_MESSAGE: &[&str] = &[
    "Sender",
    "Addressee",
    "MessageNumber",
    "MessageRepeat",
    "SentDateTime",
    "SentDate",
    "MessageNote",
    "FromEANNumber",
    "FromSAN",
    "FromCompany",
    "FromPerson",
    "FromEmail",
    "SenderIdentifier",
    "ToEANNumber",
    "ToSAN",
    "AddresseeIdentifier",
    "ToCompany",
    "ToPerson",
];

/// Defaults of a message.
#[derive(Debug, Default)]
pub(crate) struct Header {
    /// The language of books that name none.
    pub(crate) language: Option<String>,
    /// The currency of prices that name none.
    pub(crate) currency: Option<String>,
    /// The type of prices that name none.
    pub(crate) price_type: Option<String>,
}

impl Header {
    /// Reads a header in reference names.
    pub(crate) fn read(header: &Element) -> (Self, Vec<Finding>) {
        let mut findings = Vec::new();
        let mut wrong = |code, name: &str, value: &str, message| {
            findings.push(Finding::warning(code, message).at(header.position()).path(name).value(value));
        };
        let mut read = Self::default();
        if let Some(sent) = header.child_text("DefaultLanguageOfText") {
            read.language = language_tag(sent);
            if read.language.is_none() {
                wrong(finding::LANGUAGE_UNKNOWN, "DefaultLanguageOfText", sent, "no language code; it was left out");
            }
        }
        if let Some(sent) = header.child_text("DefaultCurrencyCode") {
            let code = sent.to_uppercase();
            read.currency = Some(code).filter(|code| currency::is_active(code));
            if read.currency.is_none() {
                wrong(
                    finding::CURRENCY_UNKNOWN,
                    "DefaultCurrencyCode",
                    sent,
                    "no active ISO 4217 code; it was left out",
                );
            }
        }
        let price_type = header.child_text("DefaultPriceType").or_else(|| header.child_text("DefaultPriceTypeCode"));
        read.price_type = price_type.map(str::to_owned);
        let bookkeeping = header.children().iter().filter(|child| OF_THE_MESSAGE.contains(&child.name()));
        bookkeeping.for_each(Element::pass_over);
        (read, findings)
    }
}

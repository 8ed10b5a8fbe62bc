//! The export in ONIX 3.0, with reference names: one message, every item a whole record (NotificationType 03).
//!
//! What the format loses of an item is not guessed: each record is read back by this crate's own reader, under the tenant's profile,
//! and compared. What comes back as no item, or under another number, is left out.
//!
//! # What becomes what
//! The inverse of the reader's table, through its own lists of codes. Attributes of the system `onix` go back to where they were read,
//! as far as they are simple values of the description and of publishing. What the standard wants and the item does not say (a
//! product form, a supplier, an identifier, why there is no price) is written and marked as such; see `assumed.rs`.
//!
//! A code is written only where it is true: a kind of price that no type of list 58 says with the same word of the tax goes without a
//! type, by its name (PriceTypeDescription); a number that is not what its scheme wants goes as a proprietary one by its name, as does an
//! audience without a code; a text with markup says so. The first picture of a publication is its front cover.
//!
//! # Losses
//! Every kind but `publication` and `bundle`; paths of categories beyond one name; attributes of other systems; quantities and units of
//! prices but for the smallest quantity, and the tax of amounts of nothing; prices whose territory is not of the standard's lists; hyphens of ISBNs;
//! quantities that are not whole; line breaks within lines; regions of languages (`de-AT` is `ger`);
//! media but pictures, samples, sound and film; relations that ONIX has no code for. The report names them by count.

mod codes;
mod collateral;
mod markup;
mod numbers;
mod out;
mod product;
mod publishing;
mod supply;

use plugpoint_sdk::document::{Document, ItemSink, Stop};
use plugpoint_sdk::export::{ExportError, ExportSession, differences};
use plugpoint_sdk::model::{Finding, ImportMode, ItemData, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::xml::escaped;

use crate::OnixTransformer;

/// Writes ONIX 3.0.
#[derive(Debug, Clone, Copy, Default)]
pub struct Onix3Exporter;

impl CatalogExporter for Onix3Exporter {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let head = head(session);
        session.write(head.as_bytes())?;
        let mut text = String::new();
        let mut is_empty = true;
        while let Some(item) = session.next_item()? {
            text.clear();
            product::write(&item, session.header.tenant.as_str(), &mut text);
            let is_small = text.len() <= session.xml_limits.record_bytes_max;
            let read = if is_small { read_back(&head, &text, session) } else { None };
            match read.filter(|read| read.sku == item.sku) {
                Some(read) => {
                    session.write(text.as_bytes())?;
                    is_empty = false;
                    session.written(&item.sku, &differences(&item, &read));
                }
                None => session.left_out(&item.sku),
            }
        }
        let none = if is_empty { "<NoProduct/>" } else { "" };
        let tail = format!("{none}</ONIXMessage>\n{}", session.report().xml_comment());
        session.write(tail.as_bytes())
    }

    fn media_type(&self) -> &'static str {
        "application/xml; charset=utf-8"
    }

    fn file_extension(&self) -> &'static str {
        "xml"
    }
}

fn head(session: &ExportSession<'_>) -> String {
    let header = session.header;
    let at: String = header.exported_at.to_string().chars().filter(|it| !matches!(it, '-' | ':')).collect();
    let moment = at.get(..15).unwrap_or_default();
    let language = out::language_code(&session.profile.catalog.language);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <ONIXMessage xmlns=\"http://ns.editeur.org/onix/3.0/reference\" release=\"3.0\">\n\
         <Header><Sender><SenderName>{}</SenderName></Sender><SentDateTime>{moment}Z</SentDateTime>\
         <MessageNote>{}</MessageNote>{}</Header>\n",
        escaped(header.tenant.as_str()),
        escaped(header.catalog.as_str()),
        language.map(|code| format!("<DefaultLanguageOfText>{code}</DefaultLanguageOfText>")).unwrap_or_default()
    )
}

/// What an import of the message would make of one record; nothing if it would refuse it.
fn read_back(head: &str, text: &str, session: &ExportSession<'_>) -> Option<ItemData> {
    let message = format!("{head}{text}</ONIXMessage>");
    let mut bytes = message.as_bytes();
    let mut document = Document {
        media_type: "application/xml",
        charset: Some("utf-8"),
        xml_limits: session.xml_limits,
        ..Document::new(&mut bytes, session.profile)
    };
    let mut only = Only::default();
    OnixTransformer.transform(&mut document, &mut only).ok()?;
    session.imported(only.0?)
}

/// Takes the one item of a message.
#[derive(Default)]
struct Only(Option<ItemDraft>);

impl ItemSink for Only {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        self.0 = Some(draft);
        Ok(())
    }
    fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        Ok(())
    }
    fn reject(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn note(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

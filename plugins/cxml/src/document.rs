//! The walk over one document: the envelope, if there is one, then a catalog, a contract or a cart, record by record.
//!
//! Holds the suppliers of an index and one record; never the document, and never its header.

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode, ItemPatch, PatchOp};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::reading::{Unmapped, another_format, language_tag};
use plugpoint_sdk::xml::{Element, XmlError, XmlErrorKind, XmlEvent, XmlReader};

use crate::item::{Context, Supplier};
use crate::prices::Terms;
use crate::{credentials, item};

/// Suppliers of one index that are kept with its items.
pub(crate) const SUPPLIERS_MAX: usize = 16;
/// Characters of the version that the envelope names.
const VERSION_CHARS_MAX: usize = 16;

type Walked<T = ()> = Result<T, TransformError>;

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Walked {
    let options = document.xml_options();
    let mut walk = Walk {
        reader: XmlReader::new(&mut *document.source, options),
        sink,
        profile: document.profile,
        unmapped: Unmapped::default(),
        version: String::new(),
        language: None,
        suppliers: Vec::new(),
        declared: None,
        other: None,
    };
    walk.run()
}

struct Walk<'d> {
    reader: XmlReader<'d>,
    sink: &'d mut dyn ItemSink,
    profile: &'d Profile,
    unmapped: Unmapped,
    version: String,
    language: Option<String>,
    suppliers: Vec<Supplier>,
    /// What was read, and in which mode.
    declared: Option<(&'static str, Option<ImportMode>)>,
    /// The first thing in the envelope that is no catalog, to say so.
    other: Option<String>,
}

impl Walk<'_> {
    fn run(&mut self) -> Walked {
        match self.root()?.as_str() {
            root if root.eq_ignore_ascii_case("cXML") => self.envelope()?,
            root => {
                if !self.content(root)? {
                    return Err(another_format("cXML", root));
                }
            }
        }
        // What stands behind the root is checked too: a document that was cut and glued is not complete.
        while !matches!(self.reader.next()?, XmlEvent::Eof) {}
        if self.declared.is_none() {
            let found = self.other.take().map_or("nothing".to_owned(), |name| format!("<{name}>"));
            let detail = format!(
                "the cXML document is neither a catalog (Index, Contract) nor a cart (PunchOutOrderMessage, PunchOutSetupRequest): it holds {found}"
            );
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
        }
        Ok(self.unmapped.tell(self.sink)?)
    }

    fn root(&mut self) -> Walked<String> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) => {
                    let version = tag.attribute("version").unwrap_or_default().trim();
                    self.version = version.chars().take(VERSION_CHARS_MAX).collect();
                    self.language = tag.attribute("lang").and_then(language_tag);
                    return Ok(tag.local().to_owned());
                }
                XmlEvent::Eof => return Ok(String::new()),
                _ => {}
            }
        }
    }

    /// The name of the next child of the element that is open, or nothing at its end.
    fn next_child(&mut self) -> Walked<Option<String>> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) => return Ok(Some(tag.local().to_owned())),
                XmlEvent::End | XmlEvent::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn envelope(&mut self) -> Walked {
        while let Some(name) = self.next_child()? {
            match name.as_str() {
                "Header" => {
                    self.reader.skip().map_err(silent)?;
                    self.unmapped.part("cXML/Header");
                }
                "Message" | "Request" => self.body()?,
                _ => {
                    if !self.content(&name)? {
                        self.pass("cXML", name)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn body(&mut self) -> Walked {
        while let Some(name) = self.next_child()? {
            if !self.content(&name)? {
                self.pass("cXML", name)?;
            }
        }
        Ok(())
    }

    /// Reads the element that just began if it is a catalog, a contract or a cart.
    fn content(&mut self, name: &str) -> Walked<bool> {
        match name {
            "Index" => self.index()?,
            "Contract" => self.contract()?,
            "PunchOutOrderMessage" => self.cart("PunchOutOrderMessage", "ItemIn")?,
            "PunchOutSetupRequest" => self.cart("PunchOutSetupRequest", "ItemOut")?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Steps over what is no part of a catalog.
    fn pass(&mut self, parent: &str, name: String) -> Walked {
        self.unmapped.part(&format!("{parent}/{name}"));
        if name != "Status" {
            self.other.get_or_insert(name);
        }
        Ok(self.reader.skip()?)
    }

    fn declare(&mut self, what: &'static str, mode: Option<ImportMode>) -> Walked {
        match self.declared {
            None => {
                self.declared = Some((what, mode));
                let words = ["cXML", &self.version, what].map(str::to_owned);
                let format = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                Ok(self.sink.declare(&format, mode)?)
            }
            Some(before) if before == (what, mode) => Ok(()),
            Some(_) => {
                let line = self.reader.position().line;
                let detail =
                    format!("line {line}: the document holds a second catalog or cart of another kind or mode");
                Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into())
            }
        }
    }

    fn index(&mut self) -> Walked {
        let position = self.reader.position();
        let sent = self.reader.tag().attribute("loadmode").unwrap_or_default().trim().to_owned();
        let mode = match sent.to_ascii_lowercase().as_str() {
            "full" => Some(ImportMode::Replace),
            "incremental" => Some(ImportMode::Merge),
            _ => None,
        };
        self.declare("Index", mode)?;
        if mode.is_none() && !sent.is_empty() {
            let message = "the load mode is neither Full nor Incremental; the caller's mode holds";
            let note = Finding::warning(finding::FIELD_INVALID, message).at(position).path("Index").value(&sent);
            self.sink.note(note)?;
        }
        self.suppliers.clear();
        while let Some(name) = self.next_child()? {
            match name.as_str() {
                "SupplierID" => self.supplier()?,
                "IndexItem" => self.index_item()?,
                _ if self.record(&name)? => {}
                _ => self.pass("Index", name)?,
            }
        }
        Ok(())
    }

    fn supplier(&mut self) -> Walked {
        let element = self.reader.element()?;
        let supplier = Supplier::read(&element);
        if self.suppliers.len() < SUPPLIERS_MAX {
            self.suppliers.extend(supplier);
            return Ok(());
        }
        let message = format!("the index names more than {SUPPLIERS_MAX} suppliers; this one was left out");
        let note = Finding::warning(finding::FIELD_LENGTH, message).at(element.position()).path("SupplierID");
        Ok(self.sink.note(note)?)
    }

    fn index_item(&mut self) -> Walked {
        while let Some(name) = self.next_child()? {
            if self.record(&name)? {
                continue;
            }
            if name == "ItemID" {
                let message = "IndexItem holds the item itself, in none of IndexItemAdd, IndexItemDelete, IndexItemPunchout: whether it comes or goes is not said";
                let position = self.reader.position();
                self.sink.reject(Finding::error(finding::RECORD_MALFORMED, message).at(position).path("IndexItem"))?;
            }
            self.pass("IndexItem", name)?;
        }
        Ok(())
    }

    /// Reads the element that just began if it is a record of an index.
    fn record(&mut self, name: &str) -> Walked<bool> {
        match name {
            "IndexItemAdd" => self.item(item::Kind::Catalog)?,
            "IndexItemPunchout" => self.item(item::Kind::Punchout)?,
            "IndexItemDelete" => {
                if let Some((element, sku)) = self.numbered()? {
                    self.unmapped.record(&element);
                    self.sink.delete(sku, element.position())?;
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn cart(&mut self, what: &'static str, record: &str) -> Walked {
        self.declare(what, Some(ImportMode::Merge))?;
        while let Some(name) = self.next_child()? {
            if name == record { self.item(item::Kind::Cart)? } else { self.pass(what, name)? }
        }
        Ok(())
    }

    fn item(&mut self, kind: item::Kind) -> Walked {
        let Some((element, sku)) = self.numbered()? else { return Ok(()) };
        let ctx = Context { profile: self.profile, language: self.language.as_deref(), suppliers: &self.suppliers };
        let draft = item::read(kind, &element, sku, &ctx);
        self.unmapped.record(&element);
        Ok(self.sink.upsert(draft)?)
    }

    /// Prices of items that other documents brought.
    fn contract(&mut self) -> Walked {
        let tag = self.reader.tag();
        let dates = ["effectiveDate", "expirationDate"].map(|name| tag.attribute(name).map(str::to_owned));
        self.declare("Contract", Some(ImportMode::Merge))?;
        while let Some(name) = self.next_child()? {
            match name.as_str() {
                "ItemSegment" => {}
                "ContractItem" => {
                    self.contract_item(&dates)?;
                    continue;
                }
                _ => {
                    self.pass("Contract", name)?;
                    continue;
                }
            }
            while let Some(name) = self.next_child()? {
                if name == "ContractItem" { self.contract_item(&dates)? } else { self.pass("ItemSegment", name)? }
            }
        }
        Ok(())
    }

    fn contract_item(&mut self, [from, to]: &[Option<String>; 2]) -> Walked {
        let Some((element, sku)) = self.numbered()? else { return Ok(()) };
        let position = element.position();
        let ctx = Context { profile: self.profile, language: self.language.as_deref(), suppliers: &[] };
        let mut record = ctx.record(sku.clone(), &element);
        let terms = Terms::of(&element, from.as_deref(), to.as_deref(), &mut record);
        crate::prices::read(&element, &terms, &mut record);
        let draft = record.fitted();
        self.unmapped.record(&element);
        for mut finding in draft.findings {
            finding.sku.get_or_insert_with(|| sku.clone());
            self.sink.note(finding)?;
        }
        if draft.data.prices.is_empty() {
            let message = "the contract names no price of the item that can be read; its prices stay";
            let refused = Finding::error(finding::PRICE_AMOUNT_MISSING, message).at(position).path("ContractItem");
            return Ok(self.sink.reject(refused.sku(sku))?);
        }
        let ops = vec![PatchOp::SetPrices(draft.data.prices)];
        Ok(self.sink.patch(ItemPatch { sku, ops, position, is_record: true })?)
    }

    /// The record that just began, whole, and its number; a record without one, or one that is too large, is rejected.
    fn numbered(&mut self) -> Walked<Option<(Element, String)>> {
        let position = self.reader.position();
        self.reader.begin_record();
        let refused = match self.reader.element() {
            Ok(element) => match item::sku(&element, self.profile.cxml.auxiliary_in_sku) {
                Some(sku) => return Ok(Some((element, sku))),
                None => Finding::error(finding::SKU_MISSING, "the record has no SupplierPartID").path(element.name()),
            },
            Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
                Finding::error(finding::RECORD_TOO_LARGE, error.message)
            }
            Err(error) => return Err(error.into()),
        };
        let excerpt = self.reader.raw_excerpt();
        self.sink.reject(refused.at(position).excerpt(credentials::before(&excerpt)))?;
        Ok(None)
    }
}

/// An error within the header, without a word of what stands there: a message names what it stumbled over.
fn silent(error: XmlError) -> XmlError {
    match error.kind {
        XmlErrorKind::Malformed | XmlErrorKind::EntityUnknown => {
            XmlError { message: "the header is not well-formed XML".to_owned(), ..error }
        }
        _ => error,
    }
}

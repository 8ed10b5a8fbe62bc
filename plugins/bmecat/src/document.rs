//! The walk over one document: header, then one transaction with trees, products and links, product by product.
//!
//! Holds the trees, a window of links and one product; never the document.

use std::collections::HashSet;

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode, ItemDraft, ItemPatch, PatchOp};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Unmapped, another_format, close, system_name, take};
use plugpoint_sdk::xml::{Element, XmlEvent, XmlReader};

use crate::groups::{self, CODE_CHARS_MAX, Groups, SUPPLIER};
use crate::header::Header;
use crate::item;
use crate::links::{Link, Links};
use crate::prices::{self, OrderTerms};
use crate::record::{Context, Record};
use crate::spelling::{child, modern};

/// Names of parts that are reported as left out; a hostile document could have any number.
const IGNORED_PARTS_MAX: usize = 32;

/// What a document does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Transaction {
    NewCatalog,
    UpdateProducts,
    UpdatePrices,
}

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let options = document.xml_options();
    let profile = &document.profile.catalog;
    let mut walk = Walk {
        reader: XmlReader::new(&mut *document.source, options),
        sink,
        profile,
        header: Header { mime_root: document.profile.bmecat.mime_root.clone(), ..Header::from_profile(profile) },
        groups: Groups::default(),
        links: Links::default(),
        ignored: HashSet::new(),
        unmapped: Unmapped::default(),
        is_declared: false,
    };
    walk.run()
}

struct Walk<'d> {
    reader: XmlReader<'d>,
    sink: &'d mut dyn ItemSink,
    profile: &'d CatalogProfile,
    header: Header,
    groups: Groups,
    links: Links,
    ignored: HashSet<String>,
    unmapped: Unmapped,
    is_declared: bool,
}

type Walked<T = ()> = Result<T, TransformError>;

impl Walk<'_> {
    fn run(&mut self) -> Walked {
        let version = self.root()?;
        while let Some(name) = self.next_child()? {
            let transaction = match name.as_str() {
                "T_NEW_CATALOG" => Transaction::NewCatalog,
                "T_UPDATE_PRODUCTS" | "T_NEW_PRODUCTDATA" => Transaction::UpdateProducts,
                "T_UPDATE_PRICES" => Transaction::UpdatePrices,
                "HEADER" => {
                    let element = self.reader.element()?;
                    let (header, notes) = Header::read(&element, self.profile);
                    self.unmapped.record(&element);
                    let mime_root = header.mime_root.clone().or(self.header.mime_root.take());
                    self.header = Header { mime_root, ..header };
                    self.note_all(notes, None)?;
                    continue;
                }
                _ => {
                    self.ignore(&name)?;
                    continue;
                }
            };
            if self.is_declared {
                let detail = format!("line {}: BMECAT holds more than one transaction", self.reader.position().line);
                return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
            }
            self.is_declared = true;
            let mode = if transaction == Transaction::NewCatalog { ImportMode::Replace } else { ImportMode::Merge };
            self.sink.declare(&format!("BMEcat {version} {name}"), Some(mode))?;
            self.transaction(transaction)?;
        }
        close(&mut self.reader, &self.unmapped, self.sink)?;
        if self.is_declared {
            return Ok(());
        }
        let detail = "BMECAT holds none of T_NEW_CATALOG, T_UPDATE_PRODUCTS, T_UPDATE_PRICES";
        Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into())
    }

    /// Finds the root and gives the version it names.
    fn root(&mut self) -> Walked<String> {
        let root = loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) if tag.local() == "BMECAT" => {
                    let version = tag.attribute("version").unwrap_or("without version").trim();
                    return Ok(version.chars().take(16).collect());
                }
                XmlEvent::Start(tag) => break tag.local().to_owned(),
                XmlEvent::Eof => break String::new(),
                _ => {}
            }
        };
        Err(another_format("BMEcat", &root))
    }

    /// The name in 2005 spelling of the next child of the element that is open, or nothing at its end.
    fn next_child(&mut self) -> Walked<Option<String>> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) => return Ok(Some(modern(tag.local()).into_owned())),
                XmlEvent::End | XmlEvent::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn transaction(&mut self, transaction: Transaction) -> Walked {
        while let Some(name) = self.next_child()? {
            match name.as_str() {
                "PRODUCT" => self.product(transaction)?,
                "PRODUCT_TO_CATALOGGROUP_MAP" => self.link()?,
                "CATALOG_GROUP_SYSTEM" => self.group_system()?,
                "CLASSIFICATION_SYSTEM" => self.classification()?,
                _ => self.ignore(&name)?,
            }
            self.release_links(transaction, false)?;
        }
        self.release_links(transaction, true)
    }

    /// One record, taken whole; one that is too large is rejected, and the document goes on.
    fn product(&mut self, transaction: Transaction) -> Walked {
        let Some(product) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        self.take_product(transaction, &product)?;
        self.unmapped.record(&product);
        Ok(())
    }

    fn take_product(&mut self, transaction: Transaction, product: &Element) -> Walked {
        let position = product.position();
        let Some((_, sku)) = child(product, "SUPPLIER_PID") else {
            product.pass_over();
            let finding = Finding::error(finding::SKU_MISSING, "the product has no SUPPLIER_AID or SUPPLIER_PID");
            return Ok(self.sink.reject(finding.at(position).excerpt(&self.reader.raw_excerpt()))?);
        };
        let mode = product.attribute("mode").unwrap_or("update").trim().to_ascii_lowercase();
        match (transaction, mode.as_str()) {
            (Transaction::UpdatePrices, "update" | "new") => self.price_update(product, sku),
            (Transaction::NewCatalog | Transaction::UpdateProducts, "update" | "new") => {
                let links = self.links.take(sku);
                let ctx = Context { header: &self.header, profile: self.profile, groups: &self.groups };
                Ok(self.sink.upsert(item::read(product, sku, ctx, &links))?)
            }
            (Transaction::NewCatalog | Transaction::UpdateProducts, "delete") => {
                Ok(self.sink.delete(sku.to_owned(), position)?)
            }
            _ => {
                let message =
                    "the product's mode is not one of this transaction (new, update, and delete in product updates)";
                let finding =
                    Finding::error(finding::MODE_UNSUITED, message).at(position).sku(sku).path("mode").value(&mode);
                Ok(self.sink.reject(finding.excerpt(&self.reader.raw_excerpt()))?)
            }
        }
    }

    /// New prices of a known product. Without one that can be used the record is rejected: it must not empty the prices.
    fn price_update(&mut self, product: &Element, sku: &str) -> Walked {
        let ctx = Context { header: &self.header, profile: self.profile, groups: &self.groups };
        let mut record = Record::new(ctx, sku, product);
        let terms = OrderTerms::read(product, &mut record);
        record.draft.data.prices = prices::read(product, &terms, &mut record);
        let ItemDraft { data, findings, .. } = record.into_inner().fitted();
        let prices = data.prices;
        self.note_all(findings, Some(sku))?;
        let position = product.position();
        if prices.is_empty() {
            let message = "the price update holds no price that can be used; the product keeps its prices";
            let finding = Finding::error(finding::RECORD_MALFORMED, message).at(position).sku(sku);
            return Ok(self.sink.reject(finding.excerpt(&self.reader.raw_excerpt()))?);
        }
        let patch = ItemPatch { sku: sku.to_owned(), ops: vec![PatchOp::SetPrices(prices)], position, is_record: true };
        Ok(self.sink.patch(patch)?)
    }

    /// A link outside its product waits for it, or for the end.
    fn link(&mut self) -> Walked {
        let map = self.reader.element()?;
        let position = map.position();
        let (product, group) = (child(&map, "PROD_ID"), child(&map, "CATALOG_GROUP_ID"));
        let is_code = |text: &str| text.chars().count() <= CODE_CHARS_MAX;
        let complaint = match (product, group) {
            _ if map.attribute("mode").is_some_and(|mode| mode.trim().eq_ignore_ascii_case("delete")) => (
                finding::PART_IGNORED,
                "a link of a product to a group cannot be deleted alone; send the product again",
            ),
            (Some((_, sku)), Some((_, group))) if is_code(sku) && is_code(group) => {
                self.links.add(sku, Link { group: group.to_owned(), position });
                return Ok(());
            }
            (Some(_), Some(_)) => (finding::FIELD_LENGTH, "product or group of a link is longer than 128 characters"),
            _ => (finding::FIELD_REQUIRED, "a link of a product to a group lacks one of the two"),
        };
        let mut finding = Finding::warning(complaint.0, complaint.1).at(position).path(map.name());
        if let Some((_, sku)) = product {
            finding = finding.sku(sku.chars().take(CODE_CHARS_MAX).collect::<String>());
        }
        Ok(self.sink.note(finding)?)
    }

    /// Hands over links whose product has not come within the window, or came before them.
    fn release_links(&mut self, transaction: Transaction, is_end: bool) -> Walked {
        while let Some((sku, links)) = self.links.overdue(is_end) {
            let position = links.first().map(|link| link.position).unwrap_or_default();
            let mut ops = Vec::new();
            for link in links {
                let (category, is_known) = self.groups.category(SUPPLIER, &link.group);
                // An update need not repeat the tree.
                if !is_known && (transaction == Transaction::NewCatalog || self.groups.has(SUPPLIER)) {
                    let message = "the document has no group of this id; the category has no path";
                    let finding = Finding::warning(finding::CATEGORY_UNKNOWN, message).at(link.position);
                    self.sink.note(finding.sku(sku.clone()).value(&link.group))?;
                }
                ops.push(PatchOp::AddCategory(category));
            }
            self.sink.patch(ItemPatch { sku, ops, position, is_record: false })?;
        }
        Ok(())
    }

    /// The sender's own tree.
    fn group_system(&mut self) -> Walked {
        while let Some(name) = self.next_child()? {
            if name != "CATALOG_STRUCTURE" {
                self.unmapped.part(&format!("CATALOG_GROUP_SYSTEM/{name}"));
                self.reader.skip()?;
                continue;
            }
            let group = self.reader.element()?;
            self.add_group(SUPPLIER, &group, &["GROUP_ID", "GROUP_NAME", "PARENT_ID"])?;
            self.unmapped.record(&group);
        }
        Ok(())
    }

    /// A classification system that the document brings along; only its names are of use to us.
    fn classification(&mut self) -> Walked {
        let mut system = None;
        let mut depth = 0_usize;
        loop {
            let Some(name) = self.next_child()? else {
                if depth == 0 {
                    return Ok(());
                }
                depth -= 1;
                continue;
            };
            match (name.as_str(), &system) {
                ("CLASSIFICATION_SYSTEM_NAME", _) => system = Some(system_name(&self.reader.text()?)),
                ("CLASSIFICATION_GROUPS", _) => depth += 1,
                ("CLASSIFICATION_GROUP", Some(system)) => {
                    let system = system.clone();
                    let group = self.reader.element()?;
                    let names =
                        ["CLASSIFICATION_GROUP_ID", "CLASSIFICATION_GROUP_NAME", "CLASSIFICATION_GROUP_PARENT_ID"];
                    self.add_group(&system, &group, &names)?;
                    self.unmapped.record(&group);
                }
                _ => {
                    self.unmapped.part(&format!("CLASSIFICATION_SYSTEM/{name}"));
                    self.reader.skip()?;
                }
            }
        }
    }

    fn add_group(&mut self, system: &str, group: &Element, names: &[&str; 3]) -> Walked {
        let is_added = groups::add(&mut self.groups, system, group, names, &self.header.language);
        if !is_added && self.ignored.insert("group".to_owned()) {
            let message = "there are too many groups, or ids that are too long; links to the rest keep only their code";
            self.sink.note(Finding::warning(finding::FIELD_LENGTH, message).at(group.position()).path(group.name()))?;
        }
        Ok(())
    }

    /// Passes over a part that has no place in the canonical form, and says so once for each name.
    fn ignore(&mut self, name: &str) -> Walked {
        let position = self.reader.position();
        self.unmapped.part(name);
        self.reader.skip()?;
        if self.ignored.len() < IGNORED_PARTS_MAX && self.ignored.insert(name.to_owned()) {
            let message = format!("{name} has no place in the canonical form and was left out");
            self.sink.note(Finding::warning(finding::PART_IGNORED, message).at(position).path(name))?;
        }
        Ok(())
    }

    fn note_all(&mut self, findings: Vec<Finding>, sku: Option<&str>) -> Walked {
        for mut finding in findings {
            finding.sku = sku.map(str::to_owned);
            self.sink.note(finding)?;
        }
        Ok(())
    }
}

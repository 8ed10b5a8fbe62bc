//! The export in BMEcat 2005: a new catalog with its trees, its products, and the products' places in the supplier's tree.
//!
//! The items are gone through up to three times: for the trees, which come first; for the products; for their links to the
//! supplier's groups, which come last. What the format loses of an item is not guessed: each product is read back by this crate's
//! own reader, under the tenant's profile, and compared. What comes back as no item is left out.
//!
//! # What becomes what
//! The inverse of the reader's table. Attributes of the systems `bmecat` and `udx` go back to where they were read. What the standard
//! wants and the item does not say is written and listed in `UDX.PLUGPOINT.ASSUMED`; an order unit that nobody names is `C62`.
//!
//! # Losses
//! Contributors; every kind but `product`; the states `announced` and `inactive`; availability but for a delivery time; whether prices
//! contain the tax, where their kind does not say it; quantities that differ between an item's prices; the order of identifiers,
//! where the standard has another; categories twice in one place; blanks at the ends of texts. The report names them by count.

mod product;
mod regained;
mod trees;

use std::collections::HashSet;
use std::fmt::Write;

use plugpoint_sdk::export::{ExportError, ExportSession, differences};
use plugpoint_sdk::model::{Category, Item, ItemData, ItemPatch, Position};
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;
use plugpoint_sdk::xml::{Doctype, Element, XmlEvent, XmlOptions, XmlReader, escaped};

use crate::groups::{Groups, SUPPLIER};
use crate::header::Header;
use crate::item;
use crate::record::Context;
use crate::settings::Settings;
use crate::spelling::child;
use plugpoint_sdk::adapt::Adapt;
use plugpoint_sdk::model::PatchOp;
use plugpoint_sdk::reading::language_code;
use trees::Trees;

/// Items left out whose links are known to go with them; links of further ones stay, and point nowhere.
const LEFT_OUT_MAX: usize = 100_000;

/// Writes BMEcat 2005.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bmecat2005Exporter;

impl CatalogExporter for Bmecat2005Exporter {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let mut trees = Trees::default();
        while let Some(item) = session.next_item()? {
            item.categories.iter().for_each(|category| trees.add(session.profile, category));
        }
        let head = head(session);
        session.write(head.as_bytes())?;
        let options = XmlOptions { doctype: Doctype::Refuse, limits: session.xml_limits, ..XmlOptions::default() };
        let groups =
            trees.write(options, &session.profile.catalog.language, &mut |text| session.write(text.as_bytes()))?;
        let header = Header {
            mime_root: session.profile.bmecat.mime_root.clone(),
            ..Header::from_profile(&session.profile.catalog)
        };
        session.rewind()?;
        let mut left_out = HashSet::new();
        let mut text = String::new();
        while let Some(item) = session.next_item()? {
            text.clear();
            product::write(&item, session.profile, &mut text);
            let product_bytes = text.len();
            write_links(&item, session, &mut text);
            let is_small = product_bytes <= session.xml_limits.record_bytes_max;
            let read = if is_small { read_back(&text, options, &header, &groups, session) } else { None };
            let Some(read) = read else {
                session.left_out(&item.sku);
                if left_out.len() < LEFT_OUT_MAX {
                    left_out.insert(item.sku);
                }
                continue;
            };
            session.write(&text.as_bytes()[..product_bytes])?;
            session.written(&item.sku, &differences(&item, &read));
        }
        if trees.has_supplier_groups() {
            session.rewind()?;
            while let Some(item) = session.next_item()? {
                if !left_out.contains(&item.sku) {
                    text.clear();
                    write_links(&item, session, &mut text);
                    session.write(text.as_bytes())?;
                }
            }
        }
        let tail = format!("</T_NEW_CATALOG>\n</BMECAT>\n{}", session.report().xml_comment());
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
    let (header, profile) = (session.header, session.profile);
    let language = language_code(&profile.catalog.language);
    let (catalog, supplier) = (escaped(header.catalog.as_str()), escaped(header.tenant.as_str()));
    let at = header.exported_at.to_string();
    let (date, time) = (at.get(..10).unwrap_or_default(), at.get(11..19).unwrap_or_default());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <BMECAT version=\"2005\" xmlns=\"http://www.bmecat.org/bmecat/2005\">\n<HEADER>\n\
         <GENERATOR_INFO>Plugpoint {}</GENERATOR_INFO>\n\
         <CATALOG><LANGUAGE default=\"true\">{language}</LANGUAGE><CATALOG_ID>{catalog}</CATALOG_ID><CATALOG_VERSION>1.0</CATALOG_VERSION>\
         <DATETIME type=\"generation_date\"><DATE>{date}</DATE><TIME>{time}</TIME><TIMEZONE>Z</TIMEZONE></DATETIME></CATALOG>\n\
         <SUPPLIER><SUPPLIER_NAME>{supplier}</SUPPLIER_NAME></SUPPLIER>\n</HEADER>\n<T_NEW_CATALOG>\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// Whether a category is a place in the supplier's own tree.
fn is_supplier(category: &Category, session: &ExportSession<'_>) -> bool {
    category.system == session.profile.bmecat.group_system
}

fn write_links(item: &ItemData, session: &ExportSession<'_>, text: &mut String) {
    for category in item.categories.iter().filter(|category| is_supplier(category, session)) {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "<PRODUCT_TO_CATALOGGROUP_MAP><PROD_ID>{}</PROD_ID><CATALOG_GROUP_ID>{}</CATALOG_GROUP_ID></PRODUCT_TO_CATALOGGROUP_MAP>",
            escaped(&item.sku),
            escaped(&category.code)
        );
    }
}

/// What an import of the document would make of one product with its links; nothing if it would refuse it.
fn read_back(
    text: &str,
    options: XmlOptions<'_>,
    header: &Header,
    groups: &Groups,
    session: &ExportSession<'_>,
) -> Option<ItemData> {
    let elements = elements(text, options)?;
    let (product, maps) = elements.split_first()?;
    let (_, sku) = child(product, "SUPPLIER_PID")?;
    let ctx = Context { header, profile: &session.profile.catalog, groups };
    let mut settings = Settings(&session.profile.bmecat);
    let mut draft = item::read(product, sku, ctx, &[]);
    settings.item(&mut draft);
    let mut item = session.imported(draft)?;
    let places = maps.iter().filter_map(|map| child(map, "CATALOG_GROUP_ID"));
    let ops = places.map(|(_, code)| PatchOp::AddCategory(groups.category(SUPPLIER, code).0)).collect();
    let mut patch = ItemPatch { sku: sku.to_owned(), ops, position: Position::default(), is_record: false };
    settings.patch(&mut patch);
    session.profile.catalog.map_patch(&mut patch);
    patch.ops.into_iter().for_each(|op| op.apply(&mut item));
    Item::try_from_data(item).ok().map(Item::into_data)
}

/// The elements of a piece of a document, one beside the other.
fn elements(text: &str, options: XmlOptions<'_>) -> Option<Vec<Element>> {
    let whole = format!("<T>{text}</T>");
    let mut bytes = whole.as_bytes();
    let mut reader = XmlReader::new(&mut bytes, options);
    let mut elements = Vec::new();
    let mut is_open = false;
    loop {
        let is_start = match reader.next().ok()? {
            XmlEvent::Start(_) => true,
            XmlEvent::Eof => return Some(elements),
            XmlEvent::End | XmlEvent::Text(_) => false,
        };
        if is_start && is_open {
            reader.begin_record();
            elements.push(reader.element().ok()?);
        }
        is_open |= is_start;
    }
}

//! The walk over one document: definitions, a catalog, a package of offers, orders; record by record.
//!
//! Holds the bounded tables, a bounded set of the goods that the document has named, and one record; never the document.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read as _;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Finding, ImportMode, ItemData, ItemDraft, ItemPatch, Parts, PatchOp, Position};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Bound, Unmapped, another_format, close, instant, take};
use plugpoint_sdk::xml::{Element, XmlEvent, XmlReader};

use crate::classifier::{Definitions, next_child};
use crate::encoding;
use crate::good::{self, Context, Unknown};
use crate::tables::{TABLES_BYTES_MAX, Tables};
use crate::values::{Id, flag};

/// The root of every document.
pub(crate) const ROOT: &str = "КоммерческаяИнформация";
/// Goods of a document that are remembered, so that its own offers complete them; beyond, an offer counts as a second record.
const GOODS_MAX: usize = 200_000;
/// Kinds of orders that are told apart.
const ORDER_KINDS_MAX: usize = 32;
/// All that an offer of a good leaves to the good's own record.
const MASTER_DATA: Parts = Parts::KIND
    .and(Parts::STATUS)
    .and(Parts::BRAND)
    .and(Parts::TEXTS)
    .and(Parts::IDENTIFIERS)
    .and(Parts::CATEGORIES)
    .and(Parts::ATTRIBUTES)
    .and(Parts::MEDIA)
    .and(Parts::CONTRIBUTORS)
    .and(Parts::RELATIONS);

/// The flag of a catalog and of a package: only what has changed.
const PARTIAL: &str = "СодержитТолькоИзменения";

/// From when and until when prices hold.
type Validity = (Option<Timestamp>, Option<Timestamp>);
const NO_VALIDITY: Validity = (None, None);

type Walked<T = ()> = Result<T, TransformError>;

/// Where a record stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    Catalog,
    Offers,
}

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Walked {
    let head = encoding::head(&mut *document.source)?;
    let mut options = document.xml_options();
    if options.charset.is_none() && encoding::is_undeclared_cyrillic(&head) {
        options.charset = Some("windows-1251");
        let message = "the document declares no encoding; it was taken for windows-1251";
        sink.note(Finding::warning(finding::ENCODING_GUESSED, message).at(Position { line: 1, column: 1 }))?;
    }
    let mut source = head.as_slice().chain(&mut *document.source);
    let walk = Walk {
        reader: XmlReader::new(&mut source, options),
        sink,
        profile: &document.profile.catalog,
        full_replaces: document.profile.commerceml.full_replaces,
        version: String::new(),
        tables: Tables::default(),
        is_full: false,
        goods: HashSet::new(),
        unknown: Unknown::default(),
        order_kinds: BTreeSet::new(),
        unmapped: Unmapped::default(),
        is_declared: false,
    };
    walk.run()
}

struct Walk<'d> {
    reader: XmlReader<'d>,
    sink: &'d mut dyn ItemSink,
    profile: &'d CatalogProfile,
    full_replaces: bool,
    version: String,
    tables: Tables,
    is_full: bool,
    /// Hashes of the goods' ids: a few bytes each, whatever their length.
    goods: HashSet<u64>,
    unknown: Unknown,
    order_kinds: BTreeSet<String>,
    unmapped: Unmapped,
    is_declared: bool,
}

impl Walk<'_> {
    fn run(mut self) -> Walked {
        self.root()?;
        while let Some(name) = next_child(&mut self.reader)? {
            self.part(&name)?;
        }
        self.declare("classifier", Some(ImportMode::Merge))?;
        close(&mut self.reader, &self.unmapped, self.sink)
    }

    /// Finds the root and remembers the version it names.
    fn root(&mut self) -> Walked {
        let found = loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) if tag.local() == ROOT => {
                    let version = tag.attribute("ВерсияСхемы").unwrap_or_default().trim();
                    self.version = version.chars().take(16).collect();
                    return Ok(());
                }
                XmlEvent::Start(tag) => break tag.local().to_owned(),
                XmlEvent::Eof => break String::new(),
                _ => {}
            }
        };
        Err(another_format("CommerceML", &found))
    }

    fn part(&mut self, name: &str) -> Walked {
        match name {
            "Классификатор" => self.classifier(),
            "Каталог" => self.catalog(),
            "ПакетПредложений" | "ИзмененияПакетаПредложений" => {
                self.offers(name)
            }
            "Документ" => self.order(),
            "Контейнер" => {
                while let Some(inner) = next_child(&mut self.reader)? {
                    match inner.as_str() {
                        "Документ" => self.order()?,
                        other => self.pass(&format!("{name}/{other}"))?,
                    }
                }
                Ok(())
            }
            other => self.pass(other),
        }
    }

    /// Passes over a part that nobody reads.
    fn pass(&mut self, path: &str) -> Walked {
        self.unmapped.part(path);
        Ok(self.reader.skip()?)
    }

    fn declare(&mut self, what: &str, mode: Option<ImportMode>) -> Walked {
        if std::mem::replace(&mut self.is_declared, true) {
            return Ok(());
        }
        let version = if self.version.is_empty() { "2" } else { &self.version };
        Ok(self.sink.declare(&format!("CommerceML {version} {what}"), mode)?)
    }

    /// Reads a part that defines something; false if it is none.
    fn define(&mut self, name: &str, within: &str) -> Walked<bool> {
        let was_full = self.is_full;
        let position = self.reader.position();
        let path = format!("{within}/{name}");
        let (reader, tables) = (&mut self.reader, &mut self.tables);
        let mut definitions = Definitions { reader, tables, unmapped: &mut self.unmapped, is_full: &mut self.is_full };
        match name {
            "Группы" | "Категории" => definitions.groups(&path)?,
            "Свойства" => definitions.properties(&path)?,
            "ТипыЦен" => definitions.price_types()?,
            "ЕдиницыИзмерения" => definitions.units()?,
            _ => return Ok(false),
        }
        if self.is_full && !was_full {
            let message = format!(
                "the document's definitions are larger than {TABLES_BYTES_MAX} bytes; the rest is known by its ids only"
            );
            self.sink.note(Finding::warning(finding::FIELD_LENGTH, message).at(position).path(path))?;
        }
        Ok(true)
    }

    fn classifier(&mut self) -> Walked {
        let within = "Классификатор";
        while let Some(name) = next_child(&mut self.reader)? {
            match name.as_str() {
                "Ид" | "Наименование" => self.reader.skip()?,
                name if self.define(name, within)? => {}
                name => self.pass(&format!("{within}/{name}"))?,
            }
        }
        Ok(())
    }

    fn catalog(&mut self) -> Walked {
        let within = "Каталог";
        let mut is_partial = self.reader.tag().attribute(PARTIAL).and_then(flag);
        while let Some(name) = next_child(&mut self.reader)? {
            match name.as_str() {
                PARTIAL => is_partial = flag(&self.reader.text()?),
                "Ид" | "Наименование" | "ИдКлассификатора" => self.reader.skip()?,
                "Товары" => {
                    self.declare_catalog(is_partial)?;
                    self.records(within, "Товары", NO_VALIDITY)?;
                }
                "Товар" => {
                    self.declare_catalog(is_partial)?;
                    self.record(Section::Catalog, NO_VALIDITY)?;
                }
                name if self.define(name, within)? => {}
                name => self.pass(&format!("{within}/{name}"))?,
            }
        }
        self.declare_catalog(is_partial)
    }

    /// A full catalog comes in any number of files, and its variants in others: only the profile can know that one file is all.
    fn declare_catalog(&mut self, is_partial: Option<bool>) -> Walked {
        match is_partial {
            Some(true) => self.declare("catalog, changes only", Some(ImportMode::Merge)),
            Some(false) if self.full_replaces => self.declare("catalog, full", Some(ImportMode::Replace)),
            Some(false) => self.declare("catalog, full", None),
            None => self.declare("catalog", None),
        }
    }

    fn offers(&mut self, within: &str) -> Walked {
        self.declare("offers", Some(ImportMode::Merge))?;
        let mut validity = NO_VALIDITY;
        while let Some(name) = next_child(&mut self.reader)? {
            match name.as_str() {
                "Ид" | "Наименование" | "ИдКаталога" | "ИдКлассификатора" | PARTIAL => {
                    self.reader.skip()?
                }
                "ДействительноС" => validity.0 = self.date(&name, Bound::Start)?,
                "ДействительноДо" => validity.1 = self.date(&name, Bound::End)?,
                "Предложения" => self.records(within, &name, validity)?,
                "Предложение" => self.record(Section::Offers, validity)?,
                name if self.define(name, within)? => {}
                name => self.pass(&format!("{within}/{name}"))?,
            }
        }
        Ok(())
    }

    fn date(&mut self, name: &str, bound: Bound) -> Walked<Option<Timestamp>> {
        let position = self.reader.position();
        let sent = self.reader.text()?;
        let date = instant(sent.trim(), bound);
        if date.is_none() && !sent.trim().is_empty() {
            let message = "the date cannot be read; the prices have no such bound";
            self.sink
                .note(Finding::warning(finding::DATE_INVALID, message).at(position).path(name).value(sent.trim()))?;
        }
        Ok(date)
    }

    /// The list of records. Whatever list it is, a record says by its name what it is.
    fn records(&mut self, within: &str, list: &str, validity: Validity) -> Walked {
        while let Some(name) = next_child(&mut self.reader)? {
            match section_of(&name) {
                Some(section) => self.record(section, validity)?,
                None => self.pass(&format!("{within}/{list}/{name}"))?,
            }
        }
        Ok(())
    }

    fn record(&mut self, section: Section, validity: Validity) -> Walked {
        let Some(element) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        let id = Id::parse(element.child_text("Ид").unwrap_or_default());
        if id.sku.is_empty() {
            let refused = Finding::error(finding::SKU_MISSING, format!("the {} has no Ид", element.name()));
            return self.reject(&element, refused);
        }
        if good::is_deleted(&element) {
            return self.deleted(&element, id, section);
        }
        let is_good = id.variant_of.is_none();
        let is_named = element.child_text("Наименование").is_some();
        let ctx = Context { profile: self.profile, tables: &self.tables, validity };
        if section == Section::Offers && !is_named {
            let draft = good::read_offer(&element, id.sku, &ctx, &mut self.unknown).fitted();
            return self.patch(&element, draft);
        }
        let record = good::read(&element, id, &ctx, &mut self.unknown);
        if section == Section::Offers && is_good && self.goods.contains(&hash(id.sku)) {
            return self.patch(&element, record.fitted());
        }
        if section == Section::Catalog && self.goods.len() < GOODS_MAX {
            self.goods.insert(hash(id.sku));
        }
        let mut draft = record.finish();
        let unsaid = said(&element, &draft.data).1;
        draft.keeps = match section {
            Section::Offers if is_good => unsaid.and(MASTER_DATA),
            _ if self.tables.has_groups() => unsaid,
            _ => unsaid.and(Parts::CATEGORIES),
        };
        let links = if section == Section::Catalog && !self.tables.has_groups() {
            draft.data.categories.clone()
        } else {
            Vec::new()
        };
        self.sink.upsert(draft)?;
        if !links.is_empty() {
            let ops = links.into_iter().map(PatchOp::AddCategory).collect();
            let position = element.position();
            self.sink.patch(ItemPatch { sku: id.sku.to_owned(), ops, position, is_record: false })?;
        }
        self.unmapped.record(&element);
        Ok(())
    }

    /// Prices and stock of a good or variant whose own record is elsewhere. What cannot be read empties nothing.
    fn patch(&mut self, element: &Element, draft: ItemDraft) -> Walked {
        let parts = said(element, &draft.data).0;
        let ItemDraft { data, position, findings, .. } = draft;
        let sku = data.sku.clone();
        for finding in findings {
            self.sink.note(finding.sku(sku.clone()))?;
        }
        if parts.is_none() {
            let message =
                "the offer holds neither a name nor prices or a stock that can be used; the item keeps what it has";
            return self.reject(element, Finding::error(finding::RECORD_MALFORMED, message).sku(sku));
        }
        self.unmapped.record(element);
        let ops = vec![PatchOp::replace(parts, data)];
        Ok(self.sink.patch(ItemPatch { sku, ops, position, is_record: true })?)
    }

    /// A good or a variant goes. An offer that goes leaves its good, without prices and stock.
    fn deleted(&mut self, element: &Element, id: Id<'_>, section: Section) -> Walked {
        let (sku, position) = (id.sku.to_owned(), element.position());
        element.pass_over();
        if section == Section::Catalog || id.variant_of.is_some() {
            return Ok(self.sink.delete(sku, position)?);
        }
        let ops = vec![PatchOp::replace(Parts::PRICES.and(Parts::AVAILABILITY), ItemData::default())];
        Ok(self.sink.patch(ItemPatch { sku, ops, position, is_record: true })?)
    }

    fn reject(&mut self, element: &Element, finding: Finding) -> Walked {
        let excerpt = self.reader.raw_excerpt();
        self.unmapped.record(element);
        Ok(self.sink.reject(finding.at(element.position()).path(element.name()).excerpt(&excerpt))?)
    }

    /// An order is no item of a catalog. It is told once for each kind, its goods are refused one by one, so that nobody takes the
    /// document for a catalog that was read, and all else of it is listed as unread.
    fn order(&mut self) -> Walked {
        self.declare("orders", Some(ImportMode::Merge))?;
        let Some(order) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        let kind = order.child_text("ХозОперация").unwrap_or_default();
        if self.order_kinds.len() < ORDER_KINDS_MAX && self.order_kinds.insert(kind.to_owned()) {
            let message =
                "the document holds business documents, not items of a catalog; those of this kind were left out";
            let note = Finding::warning(finding::PART_IGNORED, message).at(order.position()).path(order.name());
            self.sink.note(note.value(kind))?;
        }
        for good in order.children_named("Товары").flat_map(|goods| goods.children_named("Товар")) {
            let refused = Finding::error(finding::RECORD_MALFORMED, "a line of an order is no item of a catalog");
            let refused = refused.at(good.position()).path(good.name());
            let id = good.child_text("Ид").map(|id| id.chars().take(128).collect::<String>());
            good.pass_over();
            self.sink.reject(match id {
                Some(id) => refused.sku(id),
                None => refused,
            })?;
        }
        self.unmapped.record(&order);
        Ok(())
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

fn section_of(name: &str) -> Option<Section> {
    match name {
        "Товар" => Some(Section::Catalog),
        "Предложение" => Some(Section::Offers),
        _ => None,
    }
}

/// Which of prices and availability a record says, and which it does not. Prices none of which can be used are not said.
fn said(element: &Element, data: &ItemData) -> (Parts, Parts) {
    let mut lists = element.children_named("Цены").peekable();
    let is_given = lists.peek().is_some();
    let is_empty = lists.all(|list| list.children_named("Цена").next().is_none());
    let prices = is_given && (is_empty || !data.prices.is_empty());
    let (mut said, mut unsaid) = (Parts::NONE, Parts::NONE);
    for (part, is_said) in [(Parts::PRICES, prices), (Parts::AVAILABILITY, data.availability.is_some())] {
        if is_said {
            said = said.and(part);
        } else {
            unsaid = unsaid.and(part);
        }
    }
    (said, unsaid)
}

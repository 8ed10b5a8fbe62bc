//! One article on its way: what the records of it say that stand beside each other (A, B, D, Z, C), until another one's come.
//!
//! Filled by the walk, which also decides what becomes of it. The fields are those of the standard's tables, counted from 0.

use plugpoint_sdk::model::{Attribute, Price};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Place, Record};
use rust_decimal::Decimal;

use crate::blocks::{Kind, Part};
use crate::fields::{Fields, Version};
use crate::prices::{self, SYSTEM};
use crate::tables::Tables;

/// The system of main product groups, and that of the groups within them.
const MAIN_GROUPS: &str = "supplier-main";
const GROUPS: &str = "supplier";
/// Parts of one long text; the standard has 9,900 lines at the most.
const PARTS_MAX: usize = 20_000;

/// What the main record of an article says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Main {
    /// A whole article.
    New,
    /// Changes; empty fields change nothing.
    Change,
}

/// The article being read.
pub(crate) struct Article<'p> {
    pub(crate) record: Record<'p>,
    /// Nothing if its main record stands elsewhere.
    pub(crate) main: Option<Main>,
    pub(crate) parts: Vec<Part>,
    pub(crate) files: Option<Box<str>>,
    main_group: String,
    price_unit: Option<Decimal>,
}

impl<'p> Article<'p> {
    /// An article of which a record begins at a place.
    pub(crate) fn new<'a>(
        sku: &str,
        at: impl Into<Place<'a>>,
        profile: &'p CatalogProfile,
        currency: Option<&String>,
    ) -> Self {
        let mut record = Record::new(sku, at, profile);
        record.currency = currency.cloned().or(record.currency);
        Self { record, main: None, parts: Vec::new(), files: None, main_group: String::new(), price_unit: None }
    }

    /// A, the main record.
    pub(crate) fn main(&mut self, fields: &Fields<'_>, main: Main, version: Version, tables: &Tables) {
        self.main = Some(main);
        match version {
            Version::Four => self.main_4(fields, tables),
            Version::Five => self.main_5(fields, tables),
        }
    }

    fn main_4(&mut self, fields: &Fields<'_>, tables: &Tables) {
        self.title(fields, [4, 5]);
        self.own_price(fields, [6, 7, 8, 9], Version::Four);
        prices::discount_group(&mut self.record, fields, 10, tables);
        self.groups(fields, Some(11), None, tables);
        self.code(fields, 3, "Textkennzeichen");
        self.long_text(fields, 12);
    }

    fn main_5(&mut self, fields: &Fields<'_>, tables: &Tables) {
        self.title(fields, [3, 4]);
        self.own_price(fields, [6, 7, 5, 8], Version::Five);
        prices::discount_group(&mut self.record, fields, 9, tables);
        self.groups(fields, Some(10), Some(11), tables);
        self.keyword(fields, 12);
        self.code(fields, 13, "Alternativartikelnummer/Kürzel");
        self.record.identifier(&fields.at(14), "alternative", fields.get(14));
        self.code(fields, 15, "Herstellerartikelnummer/Kürzel");
        self.record.identifier(&fields.at(16), "mpn", fields.get(16));
        self.code(fields, 17, "Herstellertype");
        self.gtin(fields, 18);
        self.files = fields.nonzero(19).map(Into::into);
        self.code(fields, 20, "Mindestverpackungsmenge");
        self.code(fields, 21, "Katalogseite");
        self.code(fields, 22, "Textkennzeichen");
        self.long_text(fields, 23);
        self.code(fields, 24, "Kostenart");
        self.code(fields, 25, "Lagerkennzeichen");
        self.code(fields, 26, "Referenznummer/Kürzel");
        self.code(fields, 27, "Referenznummer");
        self.code(fields, 28, "Mehrwertsteuerkennzeichen");
    }

    /// B of version 4, the second record.
    pub(crate) fn supplement(&mut self, fields: &Fields<'_>, tables: &Tables) {
        self.keyword(fields, 3);
        self.record.identifier(&fields.at(4), "alternative", fields.get(4));
        self.code(fields, 5, "Katalogseite");
        self.code(fields, 6, "Kupfer/Gewichtsmerker");
        self.code(fields, 7, "Kupfer/Basisnotierung");
        self.code(fields, 8, "Kupfer/Gewicht");
        self.gtin(fields, 9);
        self.code(fields, 10, "Anbindungsnummer");
        self.groups(fields, None, Some(11), tables);
        self.code(fields, 12, "Kostenart");
        self.code(fields, 13, "Verpackungsmenge");
        self.code(fields, 14, "Referenznummer/Kürzel");
        self.code(fields, 15, "Referenznummer");
    }

    /// D, lines of the long text: free ones, blocks, and blocks with values. False if there are too many.
    pub(crate) fn dimension(&mut self, fields: &Fields<'_>, version: Version) -> bool {
        let slots: &[[usize; 4]] = match version {
            // Line number, kind, number of a block, text.
            Version::Four => &[[3, 4, 5, 6], [7, 8, 9, 10]],
            Version::Five => &[[3, 4, 6, 5]],
        };
        for [line, kind, block, text] in slots.iter().copied() {
            let (_, number) = (fields.get(line), fields.get(block));
            let part = match fields.get(kind).to_ascii_uppercase().as_str() {
                "T" if !number.is_empty() => Part::Block((Kind::Text, number.into())),
                "E" if !number.is_empty() => Part::Filled((Kind::Insert, number.into()), fields.raw(text).to_owned()),
                // Within the lines of a text an empty one is meant; where a record ends it is not there.
                "" if fields.raw(text).trim().is_empty() => continue,
                _ => Part::Line(fields.raw(text).trim_end().to_owned()),
            };
            if self.parts.len() == PARTS_MAX {
                return false;
            }
            self.parts.push(part);
        }
        true
    }

    /// Z, a price from a quantity on, or a surcharge, which is kept as it is.
    pub(crate) fn surcharge(&mut self, fields: &Fields<'_>, version: Version) {
        let is_tier = match version {
            // Working flag 1: a price; basis 1: by quantity.
            Version::Four => fields.get(4) == "1" && matches!(fields.get(5), "" | "1"),
            Version::Five => fields.get(4) == "1" && fields.get(7) == "1" && matches!(fields.get(13), "" | "1"),
        };
        if !is_tier {
            return self.kept(fields, &format!("Zuschlag {}", fields.get(3)), 4);
        }
        // The number of the tier orders it within the article, which the quantity does as well.
        let _ = fields.get(3);
        let [kind, amount, from] = match version {
            Version::Four => [7, 8, 9],
            Version::Five => [9, 11, 14],
        };
        let per_quantity = match version {
            Version::Four => Some(self.price_unit),
            Version::Five => {
                // A tier is the price itself, so its sign says nothing.
                let _ = fields.get(8);
                prices::price_unit(&mut self.record, fields, 10, version).map(Some)
            }
        };
        let price = prices::price(&mut self.record, fields, kind, amount);
        if let (Some(mut price), Some(per_quantity)) = (price, per_quantity) {
            price.per_quantity = per_quantity.and_then(prices::per_quantity);
            price.min_quantity = fields.nonzero(from).and_then(|sent| self.record.positive(&fields.at(from), sent));
            price.unit = self.record.draft.data.prices.first().and_then(|own| own.unit.clone());
            self.record.push_price(&fields.at(amount), price);
        }
    }

    /// C, working time and material of an article.
    pub(crate) fn service(&mut self, fields: &Fields<'_>) {
        self.kept(fields, &format!("Leistung/{}", fields.get(2)), 4);
    }

    /// A record without a place of its own, field by field from one on.
    fn kept(&mut self, fields: &Fields<'_>, name: &str, first: usize) {
        let values: Vec<String> =
            (first..fields.len()).filter_map(|index| fields.some(index)).map(str::to_owned).collect();
        if !values.is_empty() {
            let (name, system) = (name.trim().to_owned(), Some(SYSTEM.to_owned()));
            self.record.attribute(&fields.at(0), Attribute { name, values, system, ..Attribute::default() });
        }
    }

    fn title(&mut self, fields: &Fields<'_>, [first, second]: [usize; 2]) {
        let title = format!("{} {}", fields.get(first), fields.get(second));
        self.record.title(&fields.at(first), None, &title);
    }

    fn own_price(&mut self, fields: &Fields<'_>, [kind, per, unit, amount]: [usize; 4], version: Version) {
        let unit = fields.some(unit);
        self.price_unit = prices::price_unit(&mut self.record, fields, per, version);
        let price = prices::price(&mut self.record, fields, kind, amount);
        match (price, self.price_unit) {
            (Some(price), Some(per)) => {
                let price = Price { per_quantity: prices::per_quantity(per), unit: unit.map(str::to_owned), ..price };
                self.record.push_price(&fields.at(amount), price);
            }
            _ => {
                if let Some(unit) = unit {
                    self.record.fact(&fields.at(kind), SYSTEM, "Mengeneinheit", unit);
                }
            }
        }
    }

    fn groups(&mut self, fields: &Fields<'_>, main: Option<usize>, group: Option<usize>, tables: &Tables) {
        if let Some(main) = main {
            let code = fields.get(main);
            self.record.category(&fields.at(main), MAIN_GROUPS, code, tables.path(code, ""));
            code.clone_into(&mut self.main_group);
        }
        if let Some(group) = group {
            let code = fields.get(group);
            self.record.category(&fields.at(group), GROUPS, code, tables.path(&self.main_group, code));
        }
    }

    fn long_text(&mut self, fields: &Fields<'_>, index: usize) {
        if let Some(number) = fields.nonzero(index) {
            self.parts.insert(0, Part::Block((Kind::Text, number.into())));
        }
    }

    fn keyword(&mut self, fields: &Fields<'_>, index: usize) {
        self.record.keyword(&fields.at(index), None, fields.get(index));
    }

    /// A number of 8, 12, 13 or 14 digits is a GTIN; senders fill the field with zeros, or with numbers of their own.
    fn gtin(&mut self, fields: &Fields<'_>, index: usize) {
        let Some(sent) = fields.nonzero(index) else { return };
        let is_gtin = matches!(sent.len(), 8 | 12 | 13 | 14) && sent.bytes().all(|byte| byte.is_ascii_digit());
        self.record.identifier(&fields.at(index), if is_gtin { "gtin" } else { "ean" }, sent);
    }

    fn code(&mut self, fields: &Fields<'_>, index: usize, name: &str) {
        if let Some(sent) = fields.nonzero(index) {
            self.record.fact(&fields.at(index), SYSTEM, name, sent);
        }
    }
}

//! The parts of a document that define what goods and offers refer to, read as a stream into [`Tables`].
//!
//! Called by the walk behind the start tag of each such part. A dictionary or a tree may be much larger than a record, so none is
//! taken whole; only a single entry is.

use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::reading::Unmapped;
use plugpoint_sdk::xml::{Element, XmlErrorKind, XmlEvent, XmlReader};

use crate::tables::{Full, GroupIndex, PriceType, Tables, cut};
use crate::values::{flag, is_true};

/// Reads definitions.
pub(crate) struct Definitions<'w, 'd> {
    pub(crate) reader: &'w mut XmlReader<'d>,
    pub(crate) tables: &'w mut Tables,
    pub(crate) unmapped: &'w mut Unmapped,
    /// Something did not fit into the tables.
    pub(crate) is_full: &'w mut bool,
}

type Read<T = ()> = Result<T, TransformError>;

/// What is open within a tree of groups.
enum Open {
    /// A list of groups.
    List,
    /// A group; without a place where the tables are full.
    Group(Option<GroupIndex>),
}

impl Definitions<'_, '_> {
    /// A tree of groups: Группы, or the flat list Категории. `path` names it for what is not known within.
    pub(crate) fn groups(&mut self, path: &str) -> Read {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let name = match self.reader.next()? {
                XmlEvent::Start(tag) => tag.local().to_owned(),
                XmlEvent::End if open.pop().is_none() => return Ok(()),
                XmlEvent::Eof => return Ok(()),
                _ => continue,
            };
            let group = match open.last() {
                Some(Open::Group(group)) => Some(*group),
                _ => None,
            };
            match (name.as_str(), group) {
                ("Группа" | "Категория", _) => {
                    let parent = open.iter().rev().find_map(|open| match open {
                        Open::Group(group) => *group,
                        Open::List => None,
                    });
                    let added = self.tables.open_group(parent);
                    open.push(Open::Group(self.kept(added)));
                }
                ("Группы" | "Категории", _) => open.push(Open::List),
                ("Ид", Some(Some(group))) => {
                    let id = self.reader.text()?;
                    let added = self.tables.identify_group(group, id.trim());
                    self.kept(added);
                }
                ("Наименование", Some(Some(group))) => {
                    let name = self.reader.text()?;
                    let added = self.tables.name_group(group, name.trim());
                    self.kept(added);
                }
                ("Ид" | "Наименование", Some(None)) => self.reader.skip()?,
                (other, _) => {
                    self.unmapped.part(&format!("{path}/{other}"));
                    self.reader.skip()?;
                }
            }
        }
    }

    /// The list of properties.
    pub(crate) fn properties(&mut self, path: &str) -> Read {
        while let Some(name) = next_child(self.reader)? {
            if name.starts_with("Свойств") {
                self.property(&format!("{path}/{name}"))?;
            } else {
                self.unmapped.part(&format!("{path}/{name}"));
                self.reader.skip()?;
            }
        }
        Ok(())
    }

    /// One property with its dictionary, which is read value by value.
    fn property(&mut self, path: &str) -> Read {
        let opened = self.tables.open_property();
        let Some(property) = self.kept(opened) else { return Ok(self.reader.skip()?) };
        let mut depth = 0_usize;
        loop {
            let name = match self.reader.next()? {
                XmlEvent::Start(tag) => tag.local().to_owned(),
                XmlEvent::End if depth == 0 => return Ok(()),
                XmlEvent::End => {
                    depth -= 1;
                    continue;
                }
                XmlEvent::Eof => return Ok(()),
                XmlEvent::Text(_) => continue,
            };
            match name.as_str() {
                "Ид" if depth == 0 => {
                    let id = self.reader.text()?;
                    let added = self.tables.identify_property(property, id.trim());
                    self.kept(added);
                }
                "Наименование" if depth == 0 => {
                    let name = self.reader.text()?;
                    let added = self.tables.name_property(property, name.trim());
                    self.kept(added);
                }
                // Up to 2.04 the dictionary stands below its type.
                "ВариантыЗначений" | "ТипыЗначений" => depth += 1,
                "ТипЗначений" => self.type_of_values(property)?,
                "Справочник" | "ВариантЗначения" => {
                    let value = self.entry()?;
                    self.value(property, value.as_ref());
                }
                other => {
                    self.unmapped.part(&format!("{path}/{other}"));
                    self.reader.skip()?;
                }
            }
        }
    }

    fn type_of_values(&mut self, property: usize) -> Read {
        let Some(element) = self.entry()? else { return Ok(()) };
        let kind = element.child_text("Тип").unwrap_or_else(|| element.text().trim());
        if kind == "Справочник" {
            self.tables.mark_dictionary(property);
        }
        for values in element.children_named("ВариантыЗначений") {
            for value in values.children() {
                self.value(property, Some(value));
            }
        }
        Ok(())
    }

    fn value(&mut self, property: usize, entry: Option<&Element>) {
        let Some(entry) = entry else { return };
        let id = entry.child_text("ИдЗначения").or_else(|| entry.child_text("Ид"));
        let value = entry.child_text("Значение").or_else(|| entry.child_text("Наименование"));
        if let (Some(id), Some(value)) = (id, value) {
            let added = self.tables.add_value(property, id, value);
            self.kept(added);
        }
        self.unmapped.record(entry);
    }

    /// The list of price types.
    pub(crate) fn price_types(&mut self) -> Read {
        while next_child(self.reader)?.is_some() {
            let Some(entry) = self.entry()? else { continue };
            if let Some(id) = entry.child_text("Ид") {
                let tax = entry.child("Налог");
                // That prices contain an excise says nothing that a price could carry.
                let tax_included = tax.and_then(|tax| flag(tax.child_text("УчтеноВСумме")?));
                let price_type = PriceType {
                    name: cut(entry.child_text("Наименование").unwrap_or_default()).into(),
                    currency: entry.child_text("Валюта").map(Into::into),
                    tax_included,
                };
                let added = self.tables.add_price_type(id, price_type);
                self.kept(added);
            }
            self.unmapped.record(&entry);
        }
        Ok(())
    }

    /// The list of units, which versions from 2.08 on refer to by their codes.
    pub(crate) fn units(&mut self) -> Read {
        while next_child(self.reader)?.is_some() {
            let Some(entry) = self.entry()? else { continue };
            let word =
                ["МеждународноеСокращение", "НаименованиеКраткое"].into_iter().find_map(|name| entry.child_text(name));
            let is_deleted = entry.child_text("ПометкаУдаления").is_some_and(is_true);
            if let (Some(code), Some(word), false) = (entry.child_text("Код"), word, is_deleted) {
                let added = self.tables.add_unit(code, word);
                self.kept(added);
            }
            self.unmapped.record(&entry);
        }
        Ok(())
    }

    /// An entry whole; nothing if it is larger than a record may be, behind which the reader stands then.
    fn entry(&mut self) -> Read<Option<Element>> {
        match self.reader.element() {
            Ok(entry) => Ok(Some(entry)),
            Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
                *self.is_full = true;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn kept<T>(&mut self, added: Result<T, Full>) -> Option<T> {
        *self.is_full |= added.is_err();
        added.ok()
    }
}

/// The name of the next child of the element that is open, or nothing at its end.
pub(crate) fn next_child(reader: &mut XmlReader<'_>) -> Read<Option<String>> {
    loop {
        match reader.next()? {
            XmlEvent::Start(tag) => return Ok(Some(tag.local().to_owned())),
            XmlEvent::End | XmlEvent::Eof => return Ok(None),
            XmlEvent::Text(_) => {}
        }
    }
}

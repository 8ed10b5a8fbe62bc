//! Reads elements into values, parts and lists of the model, and keeps what there is to say about them.
//!
//! Used by the tables in `parts`. Errors of the document end it; a wrong value is a finding, and reading goes on.

use rust_decimal::Decimal;

use super::parts::singular;
use super::writer::Writer;
use crate::canonical::unknown::Unknown;
use crate::canonical::value::{self, Refusal};
use crate::codes::finding;
use crate::model::timestamp::Timestamp;
use crate::model::{Finding, ItemData, ItemStatus, Position};
use crate::near;
use crate::profile::CatalogProfile;
use crate::xml::{XmlError, XmlErrorKind, XmlEvent, XmlReader};

/// Findings of one record; more of them would say nothing new.
const FINDINGS_MAX: usize = 100;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A part of the item: a struct whose members are elements.
pub(super) trait Part: Default {
    /// The element of one entry, where a list of such parts is written with a wrapper.
    const SINGULAR: &'static str;
    /// The elements, at most 32.
    const FIELDS: &'static [&'static str];

    /// The place of an element's name in the table.
    fn field(name: &str) -> Option<usize>;

    /// Reads the member at this place of the table behind its start tag; `again` if the element was there before. False if nothing
    /// was in it.
    fn read(
        &mut self,
        field: usize,
        again: bool,
        xml: &mut XmlReader<'_>,
        fields: &mut Fields<'_>,
    ) -> Result<bool, XmlError>;

    /// Writes the members that have a value.
    fn write(&self, out: &mut Writer<'_>);

    /// The part's element has ended.
    fn complete(&mut self, seen: u32, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>);
}

/// A member of a part.
pub(super) trait Value {
    /// Reads the value behind its start tag; `again` if the element was there before. False if nothing was in it.
    fn read(&mut self, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError>;
}

/// One step of the way from the item to the current value.
#[derive(Debug, Clone, Copy)]
struct Step {
    name: &'static str,
    index: Option<usize>,
}

/// The state of the record that is being read, in buffers that are used again for the next.
pub(super) struct Fields<'p> {
    pub(super) profile: &'p CatalogProfile,
    pub(super) record_bytes_max: usize,
    findings: Vec<Finding>,
    path: Vec<Step>,
    unknown: Unknown,
    scratch: String,
    /// Bytes that the record's lists need beside its texts.
    overhead: usize,
    /// `xml:lang` of the innermost element that has one.
    xml_lang: Option<String>,
    /// The current element says `xml:space="preserve"`: its text is taken with the blanks at its ends, and also if it is empty.
    is_preserved: bool,
}

impl<'p> Fields<'p> {
    pub(super) fn new(profile: &'p CatalogProfile, record_bytes_max: usize) -> Self {
        Self {
            profile,
            record_bytes_max,
            findings: Vec::new(),
            path: Vec::new(),
            unknown: Unknown::default(),
            scratch: String::new(),
            overhead: 0,
            xml_lang: None,
            is_preserved: false,
        }
    }

    /// Reads an item behind its start tag.
    pub(super) fn item(
        &mut self,
        xml: &mut XmlReader<'_>,
        unknown: &mut Unknown,
        item: &mut ItemData,
    ) -> Result<(), XmlError> {
        self.path.clear();
        self.overhead = 0;
        std::mem::swap(&mut self.unknown, unknown);
        let result = self.part(xml, item, None);
        std::mem::swap(&mut self.unknown, unknown);
        result.map(|_| ())
    }

    pub(super) fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// The language of a text that names none.
    pub(super) fn language(&mut self) -> String {
        self.xml_lang.take().unwrap_or_else(|| self.profile.language.clone())
    }

    /// Says that the member `field` of the current part is wrong; the item will be rejected.
    pub(super) fn error(&mut self, position: Position, code: &'static str, field: &str, message: &str) {
        if self.findings.len() < FINDINGS_MAX {
            let path = if field.is_empty() { self.pointer() } else { format!("{}/{field}", self.pointer()) };
            self.findings.push(Finding::error(code, message).path(path).at(position));
        }
    }

    /// Reads a part behind its start tag, up to its end. Entries of a wrapped list go to `list`. Says which fields had a
    /// value, as bits in the order of the table.
    fn part<P: Part>(
        &mut self,
        xml: &mut XmlReader<'_>,
        part: &mut P,
        mut list: Option<&mut Vec<P>>,
    ) -> Result<u32, XmlError> {
        let (mut met, mut seen) = (0_u32, 0_u32);
        loop {
            let tag = match xml.next()? {
                XmlEvent::Start(tag) => tag,
                XmlEvent::End | XmlEvent::Eof => break,
                XmlEvent::Text(text) => {
                    if !text.trim_ascii().is_empty() {
                        let path = format!("{}/text()", self.element_path());
                        self.unknown.add(path, || (xml.position(), String::new()));
                    }
                    continue;
                }
            };
            let local = tag.local();
            let bit = P::field(local);
            if self.path.is_empty() {
                self.xml_lang = None;
            }
            self.is_preserved = false;
            if tag.has_attributes() && self.attributes(xml)? {
                continue;
            }
            match (bit, &mut list) {
                (Some(bit), _) => {
                    let name = P::FIELDS[bit];
                    let again = met & (1 << bit) != 0;
                    met |= 1 << bit;
                    self.path.push(Step { name, index: None });
                    seen |= u32::from(part.read(bit, again, xml, self)?) << bit;
                    self.path.pop();
                }
                (None, Some(entries)) if xml.tag().local() == P::SINGULAR => {
                    self.entry(xml, entries)?;
                }
                (None, _) => {
                    let local = xml.tag().local().to_owned();
                    self.pass_over::<P>(xml, &local);
                    xml.skip()?;
                }
            }
            self.check_size(xml)?;
        }
        if list.is_none() || seen != 0 {
            part.complete(seen, xml, self);
        }
        Ok(seen)
    }

    /// Reads one entry of a list behind its start tag, or all entries if the tag is a wrapper. False if there is no own value.
    fn entry<P: Part>(&mut self, xml: &mut XmlReader<'_>, entries: &mut Vec<P>) -> Result<bool, XmlError> {
        if let Some(step) = self.path.last_mut() {
            step.index = Some(entries.len());
        }
        self.overhead += size_of::<P>();
        let mut entry = P::default();
        let seen = self.part(xml, &mut entry, Some(entries))?;
        if seen != 0 {
            entries.push(entry);
        }
        Ok(seen != 0)
    }

    /// Looks at the attributes of the last tag. True if the element says it is nil, and was skipped.
    fn attributes(&mut self, xml: &mut XmlReader<'_>) -> Result<bool, XmlError> {
        let tag = xml.tag();
        self.xml_lang = tag.attribute_ns(XML, "lang").filter(|lang| !lang.is_empty()).map(str::to_owned);
        self.is_preserved = tag.attribute_ns(XML, "space").is_some_and(|space| space == "preserve");
        let is_nil = tag.attribute_ns(XSI, "nil").is_some_and(|nil| matches!(nil.trim_ascii(), "true" | "1"));
        let plain = tag
            .attributes()
            .find(|attribute| attribute.prefix().is_empty())
            .map(|attribute| attribute.local().to_owned());
        if let Some(plain) = plain {
            let path = format!("{}/{}/@{plain}", self.element_path(), tag.local());
            self.unknown.add(path, || (xml.position(), String::new()));
        }
        if is_nil {
            xml.skip()?;
        }
        Ok(is_nil)
    }

    fn pass_over<P: Part>(&mut self, xml: &mut XmlReader<'_>, name: &str) {
        let path = format!("{}/{name}", self.element_path());
        self.unknown.add(path, || (xml.position(), near::offer(name, P::FIELDS.iter().copied())));
    }

    fn check_size(&self, xml: &XmlReader<'_>) -> Result<(), XmlError> {
        if xml.record_bytes().saturating_add(self.overhead as u64) <= self.record_bytes_max as u64 {
            return Ok(());
        }
        let kind = XmlErrorKind::RecordTooLarge { max: self.record_bytes_max };
        Err(XmlError { kind, position: Position::default(), message: String::new(), source: None })
    }

    /// Appends the text of the element behind its start tag. An element within it is a finding, and its text is not taken.
    fn text(&mut self, xml: &mut XmlReader<'_>, into: &mut String) -> Result<(), XmlError> {
        loop {
            match xml.next()? {
                XmlEvent::Text(text) => into.push_str(text),
                XmlEvent::End | XmlEvent::Eof => return Ok(()),
                XmlEvent::Start(_) => {
                    let message = format!("<{}> stands where only text may be", xml.tag().local());
                    let position = xml.position();
                    xml.skip()?;
                    self.error(position, finding::FIELD_INVALID, "", &message);
                }
            }
        }
    }

    /// Reads an element that may be there once. False, and a finding, if it was there before.
    fn is_first(&mut self, again: bool, xml: &mut XmlReader<'_>) -> Result<bool, XmlError> {
        if again {
            self.error(xml.position(), finding::FIELD_INVALID, "", "the element occurs more than once");
            xml.skip()?;
        }
        Ok(!again)
    }

    /// Reads a value of a type that has to be parsed, into `slot` if it is there and right. False if it is empty.
    fn parsed<T>(
        &mut self,
        again: bool,
        xml: &mut XmlReader<'_>,
        slot: &mut T,
        parse: impl FnOnce(&str, &CatalogProfile) -> Result<T, Refusal>,
    ) -> Result<bool, XmlError> {
        if !self.is_first(again, xml)? {
            return Ok(true);
        }
        let mut text = std::mem::take(&mut self.scratch);
        text.clear();
        self.text(xml, &mut text)?;
        let trimmed = text.trim();
        let is_there = !trimmed.is_empty();
        if is_there {
            match parse(trimmed, self.profile) {
                Ok(value) => *slot = value,
                Err(Refusal { code, message }) => {
                    self.error(xml.text_position(), code, "", &message);
                    if let Some(last) = self.findings.last_mut() {
                        *last = last.clone().value(trimmed);
                    }
                }
            }
        }
        self.scratch = text;
        Ok(is_there)
    }

    /// The JSON pointer of the current value.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            pointer.push('/');
            pointer.push_str(&snake_case(step.name));
            if let Some(index) = step.index {
                pointer.push_str(&format!("/{index}"));
            }
        }
        pointer
    }

    /// The elements from the item to the current one.
    fn element_path(&self) -> String {
        let names = self.path.iter().map(|step| step.name);
        std::iter::once("/item").chain(names.flat_map(|name| ["/", name])).collect()
    }
}

/// An element's name as the member's: `featureId` is `feature_id`.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for character in name.chars() {
        if character.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}

/// Takes the blanks at both ends away, mostly without touching the text.
fn trim(text: &mut String) {
    let trimmed = text.trim();
    if trimmed.len() != text.len() {
        *text = trimmed.to_owned();
    }
}

impl Value for String {
    fn read(&mut self, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
        if fields.is_first(again, xml)? {
            let mut text = Self::new();
            let is_preserved = fields.is_preserved;
            fields.text(xml, &mut text)?;
            if !is_preserved {
                trim(&mut text);
            }
            if !text.is_empty() {
                *self = text;
            }
        }
        Ok(!self.is_empty())
    }
}

impl Value for Option<String> {
    fn read(&mut self, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
        let mut text = self.take().unwrap_or_default();
        let is_there = text.read(again, xml, fields)?;
        *self = is_there.then_some(text);
        Ok(is_there)
    }
}

/// A value that has to be parsed, and one that may be absent, from the function that parses it.
macro_rules! parsed_values {
    ($($type:ty: $parse:expr),* $(,)?) => {$(
        impl Value for $type {
            fn read(&mut self, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
                fields.parsed(again, xml, self, $parse)
            }
        }

        impl Value for Option<$type> {
            fn read(&mut self, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
                fields.parsed(again, xml, self, |text, profile| ($parse)(text, profile).map(Some))
            }
        }
    )*};
}

parsed_values! {
    Decimal: |text: &str, profile: &CatalogProfile| value::decimal(text, profile.decimal_comma),
    Timestamp: |text: &str, _: &CatalogProfile| value::timestamp(text),
    bool: |text: &str, _: &CatalogProfile| value::boolean(text),
    u32: |text: &str, _: &CatalogProfile| value::whole_number(text),
    ItemStatus: |text: &str, _: &CatalogProfile| value::status(text),
}

impl Value for Vec<String> {
    /// The element is one entry, or a wrapper of entries.
    fn read(&mut self, _again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
        let list = fields.path.last().map_or("", |step| step.name);
        let is_preserved = fields.is_preserved;
        let (mut own, mut is_wrapper) = (String::new(), false);
        loop {
            match xml.next()? {
                XmlEvent::Text(text) => own.push_str(text),
                XmlEvent::End | XmlEvent::Eof => break,
                XmlEvent::Start(tag) if tag.local() == singular(list) => {
                    let mut entry = String::new();
                    is_wrapper = true;
                    fields.text(xml, &mut entry)?;
                    fields.push_text(self, entry);
                }
                XmlEvent::Start(tag) => {
                    let path = format!("{}/{}", fields.element_path(), tag.local());
                    fields.unknown.add(path, || (xml.position(), String::new()));
                    xml.skip()?;
                }
            }
            fields.check_size(xml)?;
        }
        if is_preserved && !is_wrapper {
            fields.overhead += size_of::<String>();
            self.push(own);
        } else {
            fields.push_text(self, own);
        }
        Ok(!self.is_empty())
    }
}

impl Fields<'_> {
    fn push_text(&mut self, list: &mut Vec<String>, mut text: String) {
        trim(&mut text);
        if !text.is_empty() {
            self.overhead += size_of::<String>();
            list.push(text);
        }
    }
}

impl<P: Part> Value for Vec<P> {
    fn read(&mut self, _again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
        fields.entry(xml, self)
    }
}

impl<P: Part> Value for Option<P> {
    fn read(&mut self, again: bool, xml: &mut XmlReader<'_>, fields: &mut Fields<'_>) -> Result<bool, XmlError> {
        if fields.is_first(again, xml)? {
            let mut part = P::default();
            let seen = fields.part(xml, &mut part, None)?;
            *self = (seen != 0).then_some(part);
        }
        Ok(self.is_some())
    }
}

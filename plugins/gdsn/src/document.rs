//! The walk over one document, event by event, so that a hierarchy of any size is never in memory: only which trade items are open, and
//! the one that is being read.

use std::collections::HashSet;

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Finding, ImportMode, Position};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::{Bound, Unmapped, another_format, close, instant};
use plugpoint_sdk::xml::{Element, XmlEvent, XmlReader};

use crate::message::{Message, is_envelope, is_of_gdsn, version_of};
use crate::shape::{find, first_text};

/// What the format is called.
const FORMAT: &str = "a GS1 GDSN message about catalogue items";
/// Characters of a version that are shown.
const VERSION_CHARS_MAX: usize = 16;

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let options = document.xml_options();
    let walk = Walk {
        reader: XmlReader::new(&mut *document.source, options),
        sink,
        profile: &document.profile.catalog,
        has_whole_keys: document.profile.gdsn.item_number == "gln_gtin_market",
        unmapped: Unmapped::default(),
        message: None,
        version: String::new(),
        created: None,
        command: String::new(),
        open: Vec::new(),
        is_declared: false,
    };
    walk.run()
}

/// A catalogueItem whose end has not come.
pub(crate) struct Open {
    depth: usize,
    pub(crate) position: Position,
    /// catalogueItemStateCode.
    pub(crate) state: Option<String>,
    /// Its number, once it was handed over.
    pub(crate) sku: Option<String>,
    /// It held a trade item, whatever became of that.
    pub(crate) has_item: bool,
    /// Numbers of the children that its own record names.
    pub(crate) children: HashSet<String>,
    /// The quantity of the link that is open.
    pub(crate) quantity: Option<String>,
}

pub(crate) struct Walk<'d> {
    pub(crate) reader: XmlReader<'d>,
    pub(crate) sink: &'d mut dyn ItemSink,
    pub(crate) profile: &'d CatalogProfile,
    pub(crate) has_whole_keys: bool,
    pub(crate) unmapped: Unmapped,
    message: Option<Message>,
    version: String,
    pub(crate) created: Option<Timestamp>,
    /// The type of the command that is open, in capitals.
    pub(crate) command: String,
    /// From the outermost to the innermost. No more than the depth of the document.
    pub(crate) open: Vec<Open>,
    is_declared: bool,
}

pub(crate) type Walked<T = ()> = Result<T, TransformError>;

impl Walk<'_> {
    fn run(mut self) -> Walked {
        // The root may itself be what a message is made of.
        let mut name = self.root()?;
        loop {
            if !name.is_empty() {
                self.start(&name)?;
            }
            name.clear();
            match self.reader.next()? {
                XmlEvent::Start(tag) => name.push_str(tag.local()),
                XmlEvent::End => self.close_items()?,
                XmlEvent::Eof => break,
                XmlEvent::Text(_) => {}
            }
        }
        let Some(message) = self.message else {
            let detail = format!("the document is not {FORMAT}: it holds no notification, publication or withdrawal");
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
        };
        self.declare()?;
        if message == Message::Publication {
            let message =
                "a publication says who is to get which items and nothing about them; there is nothing to import";
            self.sink.note(Finding::warning(finding::PART_IGNORED, message))?;
        }
        close(&mut self.reader, &self.unmapped, self.sink)
    }

    /// Finds the root and gives its name.
    fn root(&mut self) -> Walked<String> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) => {
                    let name = tag.local();
                    if Message::named(name).is_some() || is_envelope(name) {
                        let version = version_of(tag.namespace()).unwrap_or_default();
                        self.version = version.chars().take(VERSION_CHARS_MAX).collect();
                        return Ok(name.to_owned());
                    }
                    if is_of_gdsn(name, tag.namespace()) {
                        let name: String = name.chars().take(64).collect();
                        let detail =
                            format!("the GDSN message <{name}> holds no items; only CIN, CIP and CIHW are read");
                        return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
                    }
                    return Err(another_format(FORMAT, name));
                }
                XmlEvent::Eof => return Err(another_format(FORMAT, "")),
                _ => {}
            }
        }
    }

    /// After a start tag.
    fn start(&mut self, name: &str) -> Walked {
        if let Some(message) = Message::named(name) {
            self.message.get_or_insert(message);
        }
        match name {
            "StandardBusinessDocumentHeader" => {
                let header = self.reader.element()?;
                self.header(&header);
            }
            "catalogueItemNotification" => {
                let tag = self.reader.tag();
                let sent = tag.attribute("creationDateTime").map(str::to_owned);
                self.created(sent.as_deref());
            }
            "creationDateTime" => {
                let sent = self.reader.text()?;
                self.created(Some(&sent));
            }
            "documentCommandHeader" => {
                let tag = self.reader.tag();
                self.command = tag.attribute("type").unwrap_or_default().trim().to_ascii_uppercase();
                self.reader.skip()?;
            }
            "catalogueItem" => {
                let (depth, position) = (self.reader.depth(), self.reader.position());
                let (state, sku, quantity) = (None, None, None);
                let children = HashSet::new();
                self.open.push(Open { depth, position, state, sku, has_item: false, children, quantity });
            }
            "catalogueItemState" => self.state()?,
            "catalogueItemChildItemLink" => {
                let tag = self.reader.tag();
                let quantity = tag.attribute("quantity").map(str::to_owned);
                self.link(quantity);
            }
            "quantity" if !self.open.is_empty() => {
                let quantity = self.reader.text()?;
                self.link(Some(quantity));
            }
            "tradeItem" => self.record(Self::trade_item)?,
            "catalogueItemReference" if self.message == Some(Message::Withdrawal) => self.record(Self::withdrawal)?,
            _ => {}
        }
        self.close_items()
    }

    fn header(&mut self, header: &Element) {
        let version = find(header, "TypeVersion").and_then(first_text);
        if let Some(version) = version {
            self.version = version.chars().take(VERSION_CHARS_MAX).collect();
        }
        let created = find(header, "CreationDateAndTime").and_then(first_text);
        self.created(created);
        // Sender, receiver and the numbers of the transport.
        header.pass_over();
    }

    /// When the document, or the notification that is open, was made. What cannot be read says nothing.
    fn created(&mut self, sent: Option<&str>) {
        if let Some(at) = sent.and_then(|sent| instant(sent.trim(), Bound::Start)) {
            self.created = Some(at);
        }
    }

    fn state(&mut self) -> Walked {
        let state = self.reader.element()?;
        if let Some(open) = self.open.last_mut() {
            let sent = first_text(&state).or_else(|| state.attribute("state"));
            open.state = sent.map(str::to_ascii_uppercase);
        }
        Ok(())
    }

    fn link(&mut self, quantity: Option<String>) {
        if let Some(open) = self.open.last_mut() {
            open.quantity = quantity;
        }
    }

    /// Leaves the catalogue items that have ended. One without a trade item is refused: it is a record that says nothing.
    fn close_items(&mut self) -> Walked {
        while let Some(ended) = self.open.pop_if(|open| open.depth > self.reader.depth()) {
            if !ended.has_item {
                self.declare()?;
                let message = "the catalogue item holds no trade item";
                let refused = Finding::error(finding::RECORD_MALFORMED, message).at(ended.position);
                self.sink.reject(refused.path("catalogueItem"))?;
            }
        }
        Ok(())
    }

    /// Said once, before the first record.
    pub(crate) fn declare(&mut self) -> Walked {
        if !self.is_declared {
            self.is_declared = true;
            let message = self.message.map_or("", Message::abbreviation);
            let format = format!("GDSN {message} {}", self.version);
            self.sink.declare(format.trim_end(), Some(ImportMode::Merge))?;
        }
        Ok(())
    }
}

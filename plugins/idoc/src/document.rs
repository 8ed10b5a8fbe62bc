//! The walk over one document: wrappers down to the IDocs, of each the control record and then one segment after the other.
//!
//! Which message an IDoc is follows from its segments, so that reduced and renamed message types are read too. Holds one segment, the
//! articles of one ARTMAS, and which materials were read; never the document.

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode, Position};
use plugpoint_sdk::profile::{CatalogProfile, IdocProfile};
use plugpoint_sdk::reading::{Unmapped, another_format, close, take};
use plugpoint_sdk::xml::{Element, XmlErrorKind, XmlEvent, XmlReader};

use crate::article::{self, Articles, TooLarge};
use crate::control::Control;
use crate::material;
use crate::newest::Newest;
use crate::segment::{self, pass_over_marks};

/// Elements around the IDocs: an envelope, its body, the message, a list.
const WRAPPERS_MAX: usize = 6;
/// What the format is called.
const FORMAT: &str = "an SAP IDoc in XML";

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let options = document.xml_options();
    let walk = Walk {
        reader: XmlReader::new(&mut *document.source, options),
        sink,
        profile: &document.profile.catalog,
        settings: &document.profile.idoc,
        record_bytes_max: options.limits.record_bytes_max,
        unmapped: Unmapped::default(),
        newest: Newest::default(),
        control: Control::default(),
        is_declared: false,
        is_unwatched: false,
        records: 0,
    };
    walk.run()
}

pub(crate) struct Walk<'d> {
    pub(crate) reader: XmlReader<'d>,
    pub(crate) sink: &'d mut dyn ItemSink,
    pub(crate) profile: &'d CatalogProfile,
    pub(crate) settings: &'d IdocProfile,
    record_bytes_max: usize,
    pub(crate) unmapped: Unmapped,
    pub(crate) newest: Newest,
    /// Of the IDoc that is being read.
    pub(crate) control: Control,
    is_declared: bool,
    /// There are more materials than are watched, and that was said.
    pub(crate) is_unwatched: bool,
    /// Of the IDoc that is being read.
    records: u64,
}

pub(crate) type Walked<T = ()> = Result<T, TransformError>;

impl Walk<'_> {
    fn run(mut self) -> Walked {
        let (mut root, mut last, mut has_idoc) = (String::new(), String::new(), false);
        loop {
            let name = match self.reader.next()? {
                XmlEvent::Start(tag) => tag.local().to_owned(),
                XmlEvent::Eof => break,
                XmlEvent::Text(text) if text.trim().is_empty() => continue,
                XmlEvent::Text(_) if has_idoc => {
                    self.unmapped.part(&last);
                    continue;
                }
                XmlEvent::Text(_) => return Err(another_format(FORMAT, &root)),
                XmlEvent::End => continue,
            };
            if root.is_empty() {
                root.clone_from(&name);
            }
            match name.as_str() {
                "IDOC" => {
                    has_idoc = true;
                    self.idoc()?;
                }
                // The header of a SOAP envelope.
                "Header" if self.reader.depth() == 2 && root == "Envelope" => self.reader.skip()?,
                _ if self.reader.depth() > WRAPPERS_MAX && !has_idoc => return Err(another_format(FORMAT, &root)),
                _ if has_idoc && self.reader.depth() > WRAPPERS_MAX => {
                    self.unmapped.part(&name);
                    self.reader.skip()?;
                }
                _ => {}
            }
            last = name;
        }
        if !has_idoc {
            let detail = format!("the document is not {FORMAT}: <{root}> holds no <IDOC>");
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
        }
        close(&mut self.reader, &self.unmapped, self.sink)
    }

    fn idoc(&mut self) -> Walked {
        let (position, depth) = (self.reader.position(), self.reader.depth());
        self.control = Control::default();
        self.records = 0;
        let mut articles = Articles::default();
        loop {
            let name = match self.reader.next()? {
                XmlEvent::Start(tag) => tag.local().to_owned(),
                XmlEvent::End | XmlEvent::Eof => break,
                XmlEvent::Text(_) => continue,
            };
            match name.as_str() {
                "EDI_DC40" | "EDI_DC" => self.control = Control::read(&self.reader.element()?),
                "E1MARAM" => self.record(Self::material)?,
                "E1KOMG" => self.record(Self::condition)?,
                name if article::is_segment(name) => {
                    if !self.article_segment(&mut articles)? {
                        self.reader.skip_to(depth - 1)?;
                        break;
                    }
                }
                _ => {
                    self.unmapped.part(&format!("IDOC/{}", segment::sap_name(&name)));
                    self.reader.skip()?;
                }
            }
        }
        for article in articles.take() {
            self.declare()?;
            self.records += 1;
            self.article(&article)?;
        }
        if self.records == 0 { self.refuse_message(position) } else { Ok(()) }
    }

    /// Said once, with the first message of the document.
    fn declare(&mut self) -> Walked {
        if !self.is_declared {
            self.is_declared = true;
            let Control { message, kind, .. } = &self.control;
            let format = format!("SAP IDoc {kind} {message}");
            self.sink.declare(format.trim_end(), Some(ImportMode::Merge))?;
        }
        Ok(())
    }

    /// An IDoc without any record of ours.
    fn refuse_message(&mut self, position: Position) -> Walked {
        self.declare()?;
        let Control { message, kind, .. } = &self.control;
        let detail = match message.as_str() {
            "" => "the IDoc holds no segment of MATMAS, ARTMAS or COND_A, and its control record names no message type"
                .to_owned(),
            _ => format!(
                "the IDoc is of message type {message} ({kind}) and holds no segment of MATMAS, ARTMAS or COND_A"
            ),
        };
        let refused = Finding::error(finding::RECORD_MALFORMED, detail).at(position).path("IDOC").value(message);
        Ok(self.sink.reject(refused)?)
    }

    /// A segment that is a record of its own.
    fn record(&mut self, read: fn(&mut Self, &Element) -> Walked) -> Walked {
        self.declare()?;
        self.records += 1;
        let Some(segment) = take(&mut self.reader, self.sink)? else { return Ok(()) };
        pass_over_marks(&segment);
        read(self, &segment)?;
        self.unmapped.record(&segment);
        Ok(())
    }

    /// A segment of ARTMAS waits for the others of its article. False if they are too large together to wait.
    fn article_segment(&mut self, articles: &mut Articles) -> Walked<bool> {
        let (position, start) = (self.reader.position(), self.reader.byte_offset());
        if articles.is_empty() {
            self.reader.begin_record();
        }
        let segment = match self.reader.element() {
            Ok(segment) => segment,
            Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
                return self.refuse_idoc(position, articles);
            }
            Err(error) => return Err(error.into()),
        };
        pass_over_marks(&segment);
        let Some(number) = material::number(&segment).map(str::to_owned) else {
            self.unnumbered(&segment)?;
            return Ok(true);
        };
        let bytes = self.reader.byte_offset() - start;
        match articles.add(&number, segment, bytes, self.record_bytes_max) {
            Ok(()) => Ok(true),
            Err(TooLarge) => self.refuse_idoc(position, articles),
        }
    }

    /// A segment that belongs to no article; a head should.
    fn unnumbered(&mut self, segment: &Element) -> Walked {
        if segment.name() == "E1BPE1MATHEAD" {
            segment.pass_over();
            self.declare()?;
            self.records += 1;
            let message = "E1BPE1MATHEAD has no MATERIAL: nothing says which article this is";
            let refused = Finding::error(finding::SKU_MISSING, message).at(segment.position()).path(segment.name());
            self.sink.reject(refused)?;
        }
        self.unmapped.record(segment);
        Ok(())
    }

    /// The articles of an IDoc that is too large to be held are refused together.
    fn refuse_idoc(&mut self, position: Position, articles: &mut Articles) -> Walked<bool> {
        let count = articles.take().len();
        self.declare()?;
        self.records += 1;
        let message = format!(
            "the ARTMAS has more than {} bytes of segments before its end; none of its articles ({count} so far) was read",
            self.record_bytes_max
        );
        self.sink.reject(Finding::error(finding::RECORD_TOO_LARGE, message).at(position).path("IDOC"))?;
        Ok(false)
    }
}

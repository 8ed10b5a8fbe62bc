//! The walk over one message: header, then product by product. Holds one product; never the document.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::{Finding, ImportMode, Position};
use plugpoint_sdk::profile::{CatalogProfile, OnixProfile};
use plugpoint_sdk::reading::{Unmapped, another_format, take};
use plugpoint_sdk::xml::{Element, XHTML_CHARACTERS, XmlErrorKind, XmlEvent, XmlOptions, XmlReader};

use crate::book::Context;
use crate::header::Header;
use crate::identity::{self, Key};
use crate::notice::Notice;
use crate::{assumed, names, record, release};

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
    let options = XmlOptions { entities: Some(&XHTML_CHARACTERS), ..document.xml_options() };
    let mut walk = Walk {
        reader: XmlReader::new(&mut *document.source, options),
        sink,
        profile: &document.profile.catalog,
        onix: &document.profile.onix,
        header: Header::default(),
        unmapped: Unmapped::default(),
    };
    walk.run()
}

type Walked<T = ()> = Result<T, TransformError>;

struct Walk<'d> {
    reader: XmlReader<'d>,
    sink: &'d mut dyn ItemSink,
    profile: &'d CatalogProfile,
    onix: &'d OnixProfile,
    header: Header,
    unmapped: Unmapped,
}

/// What a document begins with.
enum Root {
    /// A message, and what it says of its release.
    Message(String),
    /// A product without a message around it.
    Product,
    /// Something else, or nothing.
    Other(String),
}

impl Walk<'_> {
    fn run(&mut self) -> Walked {
        match self.root()? {
            Root::Message(release) => {
                self.sink.declare(&release, Some(ImportMode::Merge))?;
                self.message()?;
            }
            Root::Product => self.bare_product()?,
            Root::Other(name) => return Err(another_format("ONIX", &name)),
        }
        // What stands behind the root is checked too: a document that was cut and glued is not complete.
        while !matches!(self.reader.next()?, XmlEvent::Eof) {}
        Ok(self.unmapped.tell(self.sink)?)
    }

    fn root(&mut self) -> Walked<Root> {
        loop {
            match self.reader.next()? {
                XmlEvent::Start(tag) if release::is_message(tag.local()) => {
                    let (sent, namespace) = (tag.attribute("release"), tag.namespace());
                    return Ok(Root::Message(release::named(tag.local(), sent, namespace)));
                }
                XmlEvent::Start(tag) if release::is_product(tag.local()) => return Ok(Root::Product),
                XmlEvent::Start(tag) => return Ok(Root::Other(tag.local().to_owned())),
                XmlEvent::Eof => return Ok(Root::Other(String::new())),
                _ => {}
            }
        }
    }

    fn message(&mut self) -> Walked {
        loop {
            let name = match self.reader.next()? {
                XmlEvent::Start(tag) => names::reference(tag.local()).unwrap_or(tag.local()).to_owned(),
                XmlEvent::End | XmlEvent::Eof => return Ok(()),
                _ => continue,
            };
            match name.as_str() {
                "Product" => {
                    if let Some(product) = take(&mut self.reader, self.sink)? {
                        self.product(product)?;
                    }
                }
                "Header" => self.read_header()?,
                "NoProduct" => self.reader.skip()?,
                _ => {
                    self.unmapped.part(&name);
                    self.reader.skip()?;
                }
            }
        }
    }

    fn read_header(&mut self) -> Walked {
        let mut header = self.reader.element()?;
        names::in_reference_names(&mut header);
        let (read, findings) = Header::read(&header);
        self.header = read;
        self.unmapped.record(&header);
        Ok(findings.into_iter().try_for_each(|finding| self.sink.note(finding))?)
    }

    /// The only product of a document. Other formats have products too: one without anything of ONIX is none of ours.
    fn bare_product(&mut self) -> Walked {
        let root = self.reader.tag().local().to_owned();
        let position = self.reader.position();
        self.reader.begin_record();
        let product = match self.reader.element() {
            Ok(product) => product,
            Err(error) if matches!(error.kind, XmlErrorKind::RecordTooLarge { .. }) => {
                self.sink.declare("ONIX product", Some(ImportMode::Merge))?;
                return self.reject(Finding::error(finding::RECORD_TOO_LARGE, error.message), position, None);
            }
            Err(error) => return Err(error.into()),
        };
        let is_ours = |child: &Element| {
            let name = names::reference(child.name()).unwrap_or(child.name());
            matches!(name, "RecordReference" | "NotificationType" | "ProductIdentifier")
        };
        if !product.children().iter().any(is_ours) {
            return Err(another_format("ONIX", &root));
        }
        let is_blocks = product.children().iter().any(|child| release::is_block(child.name()));
        self.sink.declare(&release::of_product(&root, is_blocks), Some(ImportMode::Merge))?;
        self.product(product)
    }

    fn product(&mut self, mut product: Element) -> Walked {
        names::in_reference_names(&mut product);
        assumed::take_off(&mut product);
        let position = product.position();
        let Some(number) = identity::sku(&product, Key::of(self.onix)) else {
            let message = "the record has neither a RecordReference nor a ProductIdentifier";
            return self.reject(Finding::error(finding::SKU_MISSING, message), position, None);
        };
        let sku = number.sku.clone();
        let notice = Notice::of(&product);
        let ctx = Context { header: &self.header, profile: self.profile, onix: self.onix };
        match notice {
            Notice::Full { .. } => self.sink.upsert(record::whole(&product, number, ctx, notice))?,
            Notice::Update | Notice::Sold | Notice::SupplyOnly { .. } => {
                let update = record::update(&product, number, ctx, notice);
                for finding in update.findings {
                    self.sink.note(finding.sku(&sku))?;
                }
                match update.patch {
                    Ok(patch) => self.sink.patch(patch)?,
                    Err(why) => {
                        return self.reject(Finding::error(finding::RECORD_MALFORMED, why), position, Some(&sku));
                    }
                }
            }
            Notice::Delete => {
                product.pass_over();
                if let Some(message) = number.stands_in {
                    let finding = Finding::warning(finding::SKU_MISSING, message).at(position).path("Product");
                    self.sink.note(finding.sku(&sku))?;
                }
                self.sink.delete(sku, position)?;
            }
            Notice::Test => {
                let message = "the record says that it is a test; it was not imported";
                return self.refuse_notice(&product, message, &sku);
            }
            Notice::Unknown => {
                let message = "the NotificationType is none of ONIX; the record was not imported";
                return self.refuse_notice(&product, message, &sku);
            }
        }
        self.unmapped.record(&product);
        Ok(())
    }

    fn refuse_notice(&mut self, product: &Element, message: &str, sku: &str) -> Walked {
        let sent = product.child_text("NotificationType").unwrap_or_default();
        let finding = Finding::error(finding::MODE_UNSUITED, message).path("NotificationType").value(sent);
        self.reject(finding, product.position(), Some(sku))
    }

    fn reject(&mut self, finding: Finding, position: Position, sku: Option<&str>) -> Walked {
        let finding = finding.at(position).excerpt(&self.reader.raw_excerpt());
        Ok(self.sink.reject(match sku {
            Some(sku) => finding.sku(sku),
            None => finding,
        })?)
    }
}

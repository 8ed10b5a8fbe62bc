//! Canonical XML: a root with one `item` for each item, by the same tables that the reader reads by.
//!
//! A list is written as one element for each entry. A text with blanks at its ends, or an empty one in a list, says
//! `xml:space="preserve"`. What is lost: characters that XML has no way to write.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::ITEM;
use super::fields::{Part, snake_case};
use crate::canonical::value;
use crate::export::{ExportError, ExportSession};
use crate::model::ItemStatus;
use crate::model::timestamp::Timestamp;
use crate::points::catalog_exporter::CatalogExporter;
use crate::xml::{escaped, is_writable};

/// Writes canonical XML.
#[derive(Debug, Clone, Copy, Default)]
pub struct XmlExporter;

impl CatalogExporter for XmlExporter {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let catalog = escaped(session.header.catalog.as_str());
        let head = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalog id=\"{catalog}\">\n");
        session.write(head.as_bytes())?;
        let (mut text, mut lost) = (String::new(), BTreeSet::new());
        while let Some(item) = session.next_item()? {
            text.clear();
            lost.clear();
            let mut writer = Writer { text: &mut text, lost: &mut lost, path: Vec::new(), overhead: 0 };
            writer.element(ITEM, |out| item.write(out));
            let bytes = writer.overhead + text.len();
            // A reader holds no larger record, so it would not come back.
            if bytes > session.xml_limits.record_bytes_max {
                session.left_out(&item.sku);
                continue;
            }
            text.push('\n');
            session.write(text.as_bytes())?;
            session.written(&item.sku, &lost);
        }
        let tail = format!("</catalog>\n{}", session.report().xml_comment());
        session.write(tail.as_bytes())
    }

    fn media_type(&self) -> &'static str {
        "application/xml; charset=utf-8"
    }

    fn file_extension(&self) -> &'static str {
        "xml"
    }
}

/// One item on its way into text.
pub(super) struct Writer<'t> {
    text: &'t mut String,
    /// Where a character was lost.
    lost: &'t mut BTreeSet<String>,
    path: Vec<&'static str>,
    /// What the reader adds to the size of a record for its lists.
    overhead: usize,
}

impl Writer<'_> {
    /// Writes a member, if it has a value.
    pub(super) fn member(&mut self, name: &'static str, value: &impl Written) {
        self.path.push(name);
        value.written(name, self);
        self.path.pop();
    }

    fn element(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.text.extend(["<", name, ">"]);
        content(self);
        self.text.extend(["</", name, ">"]);
    }

    /// A value that has no need to be escaped.
    fn plain(&mut self, name: &str, value: &str) {
        self.element(name, |out| out.text.push_str(value));
    }

    /// A text as it is, `is_entry` of a list.
    fn words(&mut self, name: &str, value: &str, is_entry: bool) {
        if !value.chars().all(is_writable) {
            self.lost.insert(self.path.iter().flat_map(|step| ["/".to_owned(), snake_case(step)]).collect());
        }
        let is_kept_as_it_is = value.trim().len() == value.len() && !(is_entry && value.is_empty());
        let space = if is_kept_as_it_is { ">" } else { " xml:space=\"preserve\">" };
        self.text.extend(["<", name, space, &escaped(value), "</", name, ">"]);
    }
}

/// A member of a part, on its way out.
pub(super) trait Written {
    /// Writes the value as elements of this name; nothing if there is none.
    fn written(&self, name: &'static str, out: &mut Writer<'_>);
}

impl Written for String {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        out.words(name, self, false);
    }
}

impl Written for Option<String> {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        if let Some(value) = self {
            out.words(name, value, false);
        }
    }
}

impl Written for Vec<String> {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        for value in self {
            out.overhead += size_of::<String>();
            out.words(name, value, true);
        }
    }
}

impl Written for ItemStatus {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        out.plain(name, value::status_word(*self));
    }
}

impl Written for Decimal {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        out.plain(name, &self.to_string());
    }
}

macro_rules! written_if_there {
    ($($type:ty),*) => {$(
        impl Written for Option<$type> {
            fn written(&self, name: &'static str, out: &mut Writer<'_>) {
                if let Some(value) = self {
                    out.plain(name, &value.to_string());
                }
            }
        }
    )*};
}

written_if_there!(Decimal, Timestamp, bool, u32);

impl<P: Part> Written for Vec<P> {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        for part in self {
            out.overhead += size_of::<P>();
            out.element(name, |out| part.write(out));
        }
    }
}

impl<P: Part> Written for Option<P> {
    fn written(&self, name: &'static str, out: &mut Writer<'_>) {
        if let Some(part) = self {
            out.element(name, |out| part.write(out));
        }
    }
}

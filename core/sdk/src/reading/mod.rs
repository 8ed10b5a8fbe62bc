//! What every reader of a foreign format needs, written once: records taken whole, values brought into the model's limits, and
//! a list of what nobody asked for.
//!
//! Used by the format plugins and by customers with a format of their own. A reader walks its document, takes one record after
//! the other ([`take`]), fills a [`Record`] from it and hands over the draft; in the end it tells what it did not know
//! ([`Unmapped`], [`close`]). It refuses to guess: what cannot be read for certain is left out with a finding, and numbers, codes and
//! addresses are never cut, because half of one is a wrong one.
//!
//! ```
//! use plugpoint_sdk::document::{Document, ItemSink, TransformError};
//! use plugpoint_sdk::reading::{Record, Unmapped, close, take};
//! use plugpoint_sdk::xml::{XmlEvent, XmlReader};
//!
//! fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
//!     let (options, profile) = (document.xml_options(), &document.profile.catalog);
//!     let mut reader = XmlReader::new(&mut *document.source, options);
//!     let mut unmapped = Unmapped::default();
//!     loop {
//!         match reader.next()? {
//!             XmlEvent::Start(tag) if tag.local() == "part" => {}
//!             XmlEvent::Eof => break,
//!             _ => continue,
//!         }
//!         let Some(part) = take(&mut reader, sink)? else { continue };
//!         let mut record = Record::new(part.child_text("no").unwrap_or_default(), &part, profile);
//!         if let Some(name) = part.child("name") {
//!             record.title(name, None, name.text());
//!         }
//!         if let Some(price) = part.child("price")
//!             && let Some(read) = record.price(price, "list", price.text(), price.attribute("currency"))
//!         {
//!             record.push_price(price, read);
//!         }
//!         sink.upsert(record.finish())?;
//!         unmapped.record(&part);
//!     }
//!     close(&mut reader, &unmapped, sink)
//! }
//! ```

pub mod csv;
mod findings;
mod fit;
mod kept;
mod language;
mod place;
mod record;
mod take;
mod time;
mod unmapped;
mod values;
mod words;

pub use findings::{FINDINGS_PER_RECORD_MAX, Findings};
pub use language::{language_code, language_tag, library_language_code};
pub use place::Place;
pub use record::Record;
pub use take::{another_format, close, take};
pub use time::{Bound, day_and_time, instant};
pub use unmapped::{UNMAPPED_OTHERS, UNMAPPED_PATH_BYTES_MAX, UNMAPPED_PATHS_MAX, Unmapped};
pub use words::{is_number, system_name, word};

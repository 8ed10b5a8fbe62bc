//! The one XML reader of the platform: streaming, bounded, namespace-aware, made for documents of strangers.
//!
//! Used by the canonical XML reader, by the format plugins and customers, and by the SOAP endpoint. It refuses to load or
//! expand anything: no DTD is read, no entity is resolved beyond XML's five, numeric references and a fixed table that the
//! caller may bring. Every buffer has a limit that is enforced before the memory is spent.
//!
//! ```
//! use plugpoint_sdk::xml::{XmlEvent, XmlOptions, XmlReader};
//!
//! let mut bytes: &[u8] = b"<shop><name>Hafen &amp; Co</name></shop>";
//! let mut reader = XmlReader::new(&mut bytes, XmlOptions::default());
//! let mut name = String::new();
//! loop {
//!     let is_name = match reader.next()? {
//!         XmlEvent::Start(tag) => tag.local() == "name",
//!         XmlEvent::Eof => break,
//!         _ => false,
//!     };
//!     if is_name {
//!         name = reader.text()?;
//!     }
//! }
//! assert_eq!(name, "Hafen & Co");
//! # Ok::<(), plugpoint_sdk::xml::XmlError>(())
//! ```

mod assembler;
mod chars;
pub(crate) mod decode;
mod element;
mod error;
mod escape;
pub(crate) mod feed;
pub(crate) mod lines;
mod multiref;
mod named;
mod names;
mod options;
mod quick;
mod reader;
mod references;
mod tag;
mod tokens;
mod utf8;

pub use element::{Element, ElementAttribute};
pub use error::{XmlError, XmlErrorKind};
pub use escape::{escaped, is_writable};
pub use lines::position_after;
pub use multiref::resolved;
pub use named::XHTML_CHARACTERS;
pub use options::{Doctype, EntityTable, XmlLimits, XmlOptions};
pub use reader::{XmlEvent, XmlReader};
pub use tag::{Attribute, StartTag};
pub use utf8::Utf8Reader;

//! The catalog plugin: imports documents into catalogs, and serves catalogs over REST.
//!
//! [`import`] is the spine from an arriving document to a committed catalog; [`http`] its REST interface. Formats come from
//! the plan of the tenant, what is done in the background from [`tasks`], services to be asked from its sources ([`pull`]), forms to be written from its exporters ([`export`]), documents that lie in files from a command ([`files`]), SOAP from its own plugin through the sdk's import desk: neither is known here.

pub mod backup;
pub mod export;
pub mod files;
pub mod http;
pub mod import;
mod outcome;
pub mod pull;
mod rejected;
pub mod removal;
pub mod shadow;
pub mod tasks;

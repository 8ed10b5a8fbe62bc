//! The catalog plugin: imports documents into catalogs, and serves catalogs over REST.
//!
//! [`import`] is the spine from an arriving document to a committed catalog; [`http`] its REST interface. Formats come from
//! the plan of the tenant, SOAP from its own plugin through the sdk's import desk: neither is known here.

pub mod http;
pub mod import;
pub mod shadow;

//! The catalog plugin: imports documents into catalogs, and serves catalogs over REST.
//!
//! [`import`] is the spine from an arriving document to a committed catalog; [`http`] its REST interface. Formats come from
//! the plan of the tenant, services to be asked from its sources ([`pull`]), SOAP from its own plugin through the sdk's import desk: neither is known here.

pub mod http;
pub mod import;
mod outcome;
pub mod pull;
mod rejected;
pub mod shadow;

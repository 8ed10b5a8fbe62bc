//! Answers of catalog services of other houses, saved as they came: product lists of SOAP and REST services whose records have a
//! known form. One table says what of a record goes where.
//!
//! A pure reader under the key `service`: a file of such answers is imported like any catalog. It calls nobody; fetching is the
//! business of an `import.source`. It refuses to take anything for an item that its service does not call a product: accounts,
//! orders and acknowledgements are rejected records, and a fault is no document.
//!
//! # What is read
//! - Cdiscount marketplace: `GetProductList`, `GetProductListByIdentifier`, product and offer packages;
//! - Deutsche Post ProdWS: `getProductVersionsList` (sales products);
//! - NetSuite: item rows of a saved search; acknowledgements of updates are rejected;
//! - Salesforce: `Product2` records of a query; Dynamics CRM: `product` entities; other kinds of records are rejected;
//! - e-conomic: `ProductData`; orders are rejected;
//! - Axis 360: `availabilityResponse`.
//!
//! # What becomes what
//! See `table.rs`: one line for each element that has a place of its own. Everything else of a record that has a value becomes an
//! attribute of the service's system, named by its path. An offer package changes prices and stock of items that are there. A list is a page of
//! a larger whole, so none of them replaces a catalog: they merge.
//!
//! # Losses
//! - what stands beside the records: paging, sessions, status (listed as unmapped);
//! - of ProdWS, components of products and country lists beside the sales products;
//! - prices of services that name no currency, unless the profile does (a finding).

mod document;
mod record;
mod table;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

/// Makes the format known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "service", "services.reader", ServiceTransformer);
}

/// Reads saved answers of known services. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct ServiceTransformer;

impl CatalogTransformer for ServiceTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml()?;
        let list = |parent: &str, name: &str| {
            let mut parents: Vec<&str> = Vec::new();
            xml.elements.iter().any(|element| {
                parents.truncate(element.depth.saturating_sub(1));
                let is_one = element.local == name && parents.last() == Some(&parent);
                parents.push(&element.local);
                is_one
            })
        };
        let found = table::SERVICES.iter().find(|service| list(service.parent, service.record))?;
        Detected::certain(found.title, format!("<{}> within <{}>", found.record, found.parent))
    }
}

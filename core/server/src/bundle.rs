//! The one list of what this program is made of: the core's own registrations and every plugin. Customers are listed in
//! `bundle/Cargo.toml`.
//!
//! Nothing else in the workspace names a plugin.

use std::sync::Arc;
use std::time::Duration;

use plugpoint_config::LimitsSection;
use plugpoint_http::{Module, Platform, RestDoc, public_url};
use plugpoint_kernel::{Door, Source};
use plugpoint_plugin_catalog::import::desk::{CatalogService, ServiceDesk};
use plugpoint_plugin_soap::{EnvelopeLimits, Limits, Service};
use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::desk::ImportDesk;
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::xml::XmlLimits;

/// Everything that registers hooks: core, plugins, linked customers.
#[must_use]
pub fn sources() -> Vec<Source> {
    let version = env!("CARGO_PKG_VERSION");
    let mut sources = vec![
        Source::new(Door::Core, format!("plugpoint-sdk {version}"), |registrar| {
            registrar.provide_keyed(&catalog_format::POINT, "canonical", "canonical", Canonical);
        }),
        Source::plugin("bmecat", format!("plugpoint-plugin-bmecat {version}"), plugpoint_plugin_bmecat::register),
    ];
    sources.extend(plugpoint_bundle::linked().into_iter().map(Source::linked));
    sources
}

/// Every plugin's routes.
#[must_use]
pub fn modules(platform: &Arc<Platform>, service: &Arc<CatalogService>) -> Vec<Module> {
    let desk: Arc<dyn ImportDesk> = Arc::new(ServiceDesk(Arc::clone(service)));
    vec![
        plugpoint_plugin_catalog::http::module(platform, Arc::clone(&desk)),
        Module::raw("soap", plugpoint_plugin_soap::router(soap(platform, desk))),
    ]
}

/// Every plugin's part of the OpenAPI document.
#[must_use]
pub fn documents() -> Vec<RestDoc> {
    vec![plugpoint_plugin_catalog::http::doc()]
}

/// What the SOAP plugin needs of the platform, which it does not know.
fn soap(platform: &Arc<Platform>, desk: Arc<dyn ImportDesk>) -> Service {
    let limits = &platform.config().limits;
    let limits = Limits {
        body: platform.document_limits(),
        envelope: EnvelopeLimits {
            bytes_max: limits.soap_envelope_bytes_max as u64,
            header_bytes_max: limits.soap_header_bytes_max,
            xml: xml_limits(limits),
        },
        wait_max: Duration::from_secs(limits.wait_s_max),
    };
    let (for_auth, for_url) = (Arc::clone(platform), Arc::clone(platform));
    Service {
        desk,
        authenticate: Box::new(move |presented| Ok(for_auth.authenticate_blocking(presented)?.tenant.clone())),
        public_url: Box::new(move |headers| match &for_url.config().server.public_url {
            Some(url) => url.to_string(),
            None => public_url(headers),
        }),
        now: jiff::Timestamp::now,
        limits,
    }
}

/// The configured bounds of XML, as the reader takes them.
fn xml_limits(limits: &LimitsSection) -> XmlLimits {
    XmlLimits {
        depth_max: limits.xml_depth_max,
        attributes_max: limits.xml_attributes_max,
        namespaces_max: limits.xml_namespaces_max,
        text_bytes_max: limits.xml_text_bytes_max,
        name_bytes_max: limits.xml_name_bytes_max,
        record_bytes_max: limits.record_bytes_max,
        doctype_bytes_max: limits.doctype_bytes_max,
    }
}

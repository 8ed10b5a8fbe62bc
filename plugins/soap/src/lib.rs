//! The catalog over SOAP: `POST /soap/v1/catalog` takes envelopes of SOAP 1.1 and 1.2, `GET ?wsdl` describes them.
//!
//! Beside it stand the services of other systems that a tenant's clients were built for, in `facade/`.
//!
//! The rooms: [`routes`](mod@routes) speaks HTTP, `endpoint` goes through one envelope, `envelope/` reads it as a stream,
//! `package` and `multipart/` divide one with attachments, `security/` finds out who sent it, `addressing` for whom the answer is, `operations/` do what it asks, `reply`, `fault`
//! and `xml` write the answer, and [`wsdl()`] publishes all of it. Documents pass through to the import desk byte for byte; this crate reads no item.
//!
//! It refuses signatures, and rpc/encoded messages but for facades; it knows no storage and no format.
//!
//! Dependencies with a reason: `memchr` (the scanner's speed), `base64` (nonces and digests, documents and parts that come so), `getrandom` (ids of sessions; part of the tree
//! through the store).

mod addressing;
mod endpoint;
mod envelope;
mod facade;
mod fault;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod io;
mod meter;
mod multipart;
mod operations;
mod package;
mod reply;
mod routes;
mod security;
mod wsdl;
mod xml;

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderMap;
use jiff::SignedDuration;
use plugpoint_http::body::BodyLimits;
use plugpoint_http::{Module, Platform, Presented};
use plugpoint_sdk::desk::ImportDesk;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::operation::{ApiOperation, OperationLimits};

pub use envelope::EnvelopeLimits;
pub use wsdl::{wsdl, wsdl_with_one_way, xsd};

/// The namespace of operations, types and faults.
pub const NAMESPACE: &str = "urn:plugpoint:catalog:v1";

/// The path of the endpoint.
pub const PATH: &str = "/soap/v1/catalog";

/// The bounds of one envelope.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of the whole envelope.
    pub body: BodyLimits,
    /// Of what the envelope holds.
    pub envelope: EnvelopeLimits,
    /// What is tolerated of a sender's clock.
    pub clock: ClockLimits,
}

/// What is tolerated of the times in a Security header.
#[derive(Debug, Clone, Copy)]
pub struct ClockLimits {
    /// By how much a sender's clock may be ahead of ours, and how late what has expired may come.
    pub skew_max: SignedDuration,
    /// How old a UsernameToken may be.
    pub token_age_max: SignedDuration,
}

/// Finds the tenant of presented credentials. Blocks.
pub type Authenticate = dyn Fn(&Presented) -> Result<TenantId, ApiError> + Send + Sync;

/// What an operation may cost a tenant. Blocks.
pub type LimitsOf = dyn Fn(&TenantId, ApiOperation) -> Result<OperationLimits, ApiError> + Send + Sync;

/// Counts a request among its tenant's. Blocks.
pub type Admit = dyn Fn(&TenantId) -> Result<(), ApiError> + Send + Sync;

/// What the endpoint works with.
pub struct Service {
    /// Takes documents and answers for imports and items.
    pub desk: Arc<dyn ImportDesk>,
    /// The tenant of presented credentials. Blocks.
    pub authenticate: Box<Authenticate>,
    /// Whether the tenant may send one more request now. Blocks.
    pub admit: Box<Admit>,
    /// What an operation may cost a tenant. Blocks.
    pub limits_of: Box<LimitsOf>,
    /// The absolute address under which a request's sender knows the server, without a path.
    pub public_url: Box<dyn Fn(&HeaderMap) -> String + Send + Sync>,
    /// The time.
    pub now: fn() -> jiff::Timestamp,
    /// The bounds.
    pub limits: Limits,
}

/// The endpoint's routes. They authenticate by themselves, because SOAP answers a refusal with a fault.
pub fn router(service: Service) -> Router {
    routes::router(Arc::new(service))
}

/// The plugin as a module of the platform: its limits, credentials and public address are the platform's.
#[must_use]
pub fn module(desk: Arc<dyn ImportDesk>, platform: Arc<Platform>) -> Module {
    let (config, credentials, tenants) = (Arc::clone(&platform), Arc::clone(&platform), Arc::clone(&platform));
    let counting = Arc::clone(&platform);
    let facades = facade::router(Arc::clone(&desk), Arc::clone(&platform));
    Module::raw(
        "soap",
        facades.merge(router(Service {
            desk,
            authenticate: Box::new(move |presented| Ok(credentials.authenticate_blocking(presented)?.tenant.clone())),
            admit: Box::new(move |tenant| counting.tenant(tenant)?.admit_request()),
            limits_of: Box::new(move |tenant, operation| {
                let runtime = tenants.tenant(tenant)?;
                Ok(tenants.limits_of(&runtime, operation))
            }),
            public_url: Box::new(move |headers| match &config.config().server.public_url {
                Some(url) => url.as_str().trim_end_matches('/').to_owned(),
                None => plugpoint_http::public_url(headers),
            }),
            now: jiff::Timestamp::now,
            limits: limits(&platform),
        })),
    )
}

fn limits(platform: &Platform) -> Limits {
    let (limits, auth) = (&platform.config().limits, &platform.config().auth);
    let seconds = |seconds: u64| SignedDuration::from_secs(seconds.cast_signed());
    Limits {
        body: platform.document_limits(),
        envelope: EnvelopeLimits {
            bytes_max: limits.soap_envelope_bytes_max as u64,
            header_bytes_max: limits.soap_header_bytes_max,
            xml: limits.xml(),
        },
        clock: ClockLimits { skew_max: seconds(auth.clock_skew_s), token_age_max: seconds(auth.token_age_s_max) },
    }
}

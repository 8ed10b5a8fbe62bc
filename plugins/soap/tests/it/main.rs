//! The SOAP endpoint as its clients see it: the router over a desk that keeps everything in memory.

mod attachment_mistakes;
mod attachments;
mod cases;
mod desk;
mod facades;
mod limits;
mod signing_in;
mod streaming;
mod wsdl;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use http_body_util::BodyExt;
use plugpoint_http::body::BodyLimits;
use plugpoint_http::{Presented, PresentedDigest};
use plugpoint_plugin_soap::{ClockLimits, EnvelopeLimits, Limits, Service, router};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::operation::{ApiOperation, OperationLimits};
use plugpoint_sdk::xml::XmlLimits;
use sha1::{Digest, Sha1};
use tower::ServiceExt;

use desk::{Desk, Handle};

/// The endpoint's path.
const PATH: &str = plugpoint_plugin_soap::PATH;
/// The longest body that the endpoint under test takes.
const BODY_BYTES_MAX: u64 = 4 << 20;
/// `acme:secret` for HTTP Basic.
const BASIC: &str = "Basic YWNtZTpzZWNyZXQ=";

/// The endpoint over a desk. Key ids are tenants, every secret is `secret`; it is noon on New Year's Day 2026.
fn endpoint(desk: &Arc<Desk>) -> Router {
    let wrong = || ApiError::new(&codes::UNAUTHENTICATED, "wrong");
    endpoint_for(desk, move |presented| match presented {
        Presented::Basic { key_id, secret } if secret == "secret" => key_id.parse().map_err(|_| wrong()),
        Presented::Digest(digest) if is_right(digest) => digest.key_id.parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    })
}

/// Whether a digest is of the one secret.
fn is_right(presented: &PresentedDigest) -> bool {
    let of = |nonce: &Vec<u8>| Sha1::new().chain_update(nonce).chain_update(&presented.created).chain_update("secret");
    presented.nonces.iter().any(|nonce| of(nonce).finalize().as_slice() == presented.digest)
}

/// The same with another judge of credentials.
fn endpoint_for(
    desk: &Arc<Desk>,
    authenticate: impl Fn(&Presented) -> Result<TenantId, ApiError> + Send + Sync + 'static,
) -> Router {
    endpoint_limited(desk, authenticate, |_, _| OperationLimits { wait_s_max: Some(60), ..OperationLimits::default() })
}

/// The same with limits of tenants and operations.
fn endpoint_limited(
    desk: &Arc<Desk>,
    authenticate: impl Fn(&Presented) -> Result<TenantId, ApiError> + Send + Sync + 'static,
    limits_of: impl Fn(&TenantId, ApiOperation) -> OperationLimits + Send + Sync + 'static,
) -> Router {
    router(Service {
        desk: Arc::new(Handle(Arc::clone(desk))),
        authenticate: Box::new(authenticate),
        admit: Box::new(|_| Ok(())),
        limits_of: Box::new(move |tenant, operation| Ok(limits_of(tenant, operation))),
        public_url: Box::new(plugpoint_http::public_url),
        now: || "2026-01-01T12:00:00Z".parse().unwrap(),
        limits: Limits {
            body: BodyLimits {
                bytes_max: BODY_BYTES_MAX,
                unpack_ratio_max: 200,
                gzip_members_max: 100,
                idle_max: Duration::from_millis(200),
                total_max: Duration::from_secs(20),
            },
            envelope: EnvelopeLimits { bytes_max: 1 << 20, header_bytes_max: 1 << 14, xml: XmlLimits::default() },
            clock: ClockLimits {
                skew_max: jiff::SignedDuration::from_secs(300),
                token_age_max: jiff::SignedDuration::from_secs(300),
            },
        },
    })
}

/// Sends a request and gives the whole answer.
async fn send(endpoint: Router, request: Request<Body>) -> Response<String> {
    let (parts, body) = endpoint.oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    Response::from_parts(parts, String::from_utf8(bytes.to_vec()).unwrap())
}

/// A POST with credentials.
fn post(body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(PATH).header("content-type", "text/xml; charset=utf-8").header("authorization", BASIC);
    request.body(body.into()).unwrap()
}

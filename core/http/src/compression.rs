//! Response compression (gzip, br), applied to a finished response and only where a client asks for it, so that it costs
//! nothing otherwise. Small bodies, event streams and pictures stay as they are.

use std::convert::Infallible;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, ETAG};
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};

/// The smallest body that is compressed, in bytes: below it a packet is saved by nothing.
const COMPRESSED_BYTES_MIN: u64 = 1024;

/// Whether a compressor should see the response at all: most answers are single items, and too small.
pub(crate) fn is_worth_it(method: &Method, response: &Response) -> bool {
    method != Method::HEAD && response.body().size_hint().upper().is_none_or(|bytes| bytes >= COMPRESSED_BYTES_MIN)
}

/// Compresses a response as the request's `Accept-Encoding` allows.
///
/// A strong `ETag` names a representation, so that of a compressed one gets the coding as a suffix (`"x;gzip"`), which
/// [`conditional`](crate::conditional) takes off again when it comes back.
pub(crate) async fn compress(accept_encoding: HeaderValue, response: Response) -> Response {
    // Brotli's and gzip's own defaults are made for files; quality 4 and level 5 cost a tenth of them for bodies made on the fly.
    let layer = CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(DefaultPredicate::new().and(SizeAbove::new(COMPRESSED_BYTES_MIN)));
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(ACCEPT_ENCODING, accept_encoding);
    let mut finished = Some(response);
    let service = layer.layer(service_fn(move |_: Request| {
        let response = finished.take().unwrap_or_default();
        async move { Ok::<_, Infallible>(response) }
    }));
    let Ok(response) = service.oneshot(request).await;
    let mut response = response.map(Body::new);
    mark_etag(&mut response);
    response
}

fn mark_etag(response: &mut Response) {
    let coding = response.headers().get(CONTENT_ENCODING).and_then(|coding| coding.to_str().ok());
    let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
    if let (Some(coding), Some(etag)) = (coding, etag)
        && let Some(opaque) = etag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && let Ok(marked) = HeaderValue::from_str(&format!("\"{opaque};{coding}\""))
    {
        response.headers_mut().insert(ETAG, marked);
    }
}

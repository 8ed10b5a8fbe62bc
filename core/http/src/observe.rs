//! The outermost middleware, around every route: request id, log line, metrics, problem documents, panics, compression.
//!
//! One function rather than a stack of layers, because each layer costs every request an allocation or two. It decides
//! nothing about a request but whether its address is too long.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{ACCEPT_ENCODING, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use plugpoint_config::LimitsSection;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use crate::auth::Principal;
use crate::compression::compress;
use crate::metrics::RouteMetrics;
use crate::problem::{self, Problem};
use crate::request_id::{RequestId, X_REQUEST_ID};

/// What the observer keeps between requests.
pub(crate) struct Observer {
    metrics: RouteMetrics,
    url_bytes_max: usize,
    query_bytes_max: usize,
}

impl Observer {
    pub(crate) fn new(limits: &LimitsSection) -> Self {
        // The recorder has to be there before the first handle is made, or the handle counts into the void.
        crate::metrics::recorder();
        let LimitsSection { url_bytes_max, query_bytes_max, .. } = *limits;
        Self { metrics: RouteMetrics::default(), url_bytes_max, query_bytes_max }
    }

    fn check(&self, uri: &Uri) -> Result<(), ApiError> {
        let refused =
            |what, max| Err(ApiError::new(&codes::URI_TOO_LONG, format!("the {what} has more than {max} bytes")));
        let query_bytes = uri.query().map_or(0, str::len);
        if query_bytes > self.query_bytes_max {
            return refused("query", self.query_bytes_max);
        }
        if uri.path().len() + query_bytes > self.url_bytes_max {
            return refused("address", self.url_bytes_max);
        }
        Ok(())
    }
}

/// The tenant of a request, left in the response by the authentication for the log line.
#[derive(Clone)]
pub(crate) struct SeenTenant(pub(crate) Principal);

pub(crate) async fn observe(State(observer): State<Arc<Observer>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let accept_encoding = request.headers().get(ACCEPT_ENCODING).cloned();
    request.extensions_mut().insert(id.clone());

    let mut response = match observer.check(request.uri()) {
        Ok(()) => answer(next, request).await,
        Err(error) => Problem(error).into_response(),
    };

    let error = problem::complete(&mut response, &method, id.as_str());
    response.headers_mut().insert(X_REQUEST_ID, id.header());
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let duration = started.elapsed();
    observer.metrics.count(route, known_method(&method), response.status().as_u16(), duration);
    log(&Line { method: known_method(&method), route, duration, id: id.as_str() }, &mut response, error.as_deref());
    match accept_encoding {
        None => response,
        Some(accepted) => compress(&method, accepted, response).await,
    }
}

/// The inner answer; a panic of a handler is an answer too, not a broken connection.
async fn answer(next: Next, request: Request) -> Response {
    let mut running = pin!(next.run(request));
    let outcome = poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(cx))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(response)) => Poll::Ready(Ok(response)),
        Err(panic) => Poll::Ready(Err(panic)),
    });
    outcome.await.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned());
        Problem(ApiError::new(&codes::INTERNAL, "the request could not be worked on").caused_by(what)).into_response()
    })
}

/// The method as a label: whatever a client makes up is `other`, so that it cannot make up metric series.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

struct Line<'a> {
    method: &'static str,
    route: &'a str,
    duration: Duration,
    id: &'a str,
}

/// One line per request: errors of ours with their causes at error, what changes or is refused at info, reads at debug.
fn log(line: &Line<'_>, response: &mut Response, error: Option<&ApiError>) {
    let Line { method, route, duration, id } = *line;
    let status = response.status().as_u16();
    let tenant = response.extensions_mut().remove::<SeenTenant>();
    let tenant = tenant.as_ref().map_or("-", |SeenTenant(principal)| principal.tenant.as_str());
    let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let code = error.map_or("-", |error| error.code.name);
    if status >= 500 {
        let causes = error.map(causes).unwrap_or_default();
        tracing::error!(method, route, status, duration_us, tenant, request_id = id, code, causes, "request failed");
    } else if status >= 400 {
        tracing::info!(method, route, status, duration_us, tenant, request_id = id, code, "request refused");
    } else if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        tracing::debug!(method, route, status, duration_us, tenant, request_id = id, "request answered");
    } else {
        tracing::info!(method, route, status, duration_us, tenant, request_id = id, "request answered");
    }
}

fn causes(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

//! The log line of a request. Called by the observer once the answer's head is there; writes no address, no header and no
//! body, because those may hold secrets: the route's template, the tenant and the ids say enough.

use std::sync::Arc;
use std::time::Duration;

use axum::http::Method;
use plugpoint_sdk::error::ApiError;

use crate::request_id::RequestId;

/// The method as a label: whatever a client makes up is `other`, so that it cannot make up metric series.
pub(crate) fn known_method(method: &Method) -> &'static str {
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

/// What became of a request whose answer has the form of another protocol, whose status says less. Put into the answer's extensions, it
/// is told in the one line of the log, and by nobody else.
#[derive(Debug, Clone)]
pub struct Told {
    /// What was asked for, as far as that is known.
    pub operation: &'static str,
    /// Why it is refused or failed; none for what a service says of its own accord.
    pub error: Option<Arc<ApiError>>,
}

/// What is logged of a request.
pub(crate) struct Line<'a> {
    pub(crate) method: &'static str,
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    pub(crate) duration: Duration,
    pub(crate) tenant: &'a str,
    pub(crate) id: &'a RequestId,
}

/// One line per request: errors of ours with their causes at error, what changes or is refused at info, reads at debug.
pub(crate) fn write(line: &Line<'_>, error: Option<&ApiError>, told: Option<&Told>) {
    let Line { method, route, status, duration, tenant, id } = *line;
    let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let code = error.map_or(if told.is_some() { "fault" } else { "-" }, |error| error.code.name);
    let operation = told.map(|told| told.operation);
    // Faults of SOAP 1.1 have status 500, whoever is to blame.
    let blame = match (error, told) {
        (Some(error), _) => error.code.status,
        (None, Some(_)) => 400,
        (None, None) => status,
    };
    if blame >= 500 {
        let causes = error.map(causes).unwrap_or_default();
        tracing::error!(method, route, status, duration_us, tenant, request_id = %id, operation, code, causes, "request failed");
    } else if blame >= 400 {
        tracing::info!(method, route, status, duration_us, tenant, request_id = %id, operation, code, "request refused");
    } else if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        tracing::debug!(method, route, status, duration_us, tenant, request_id = %id, "request answered");
    } else {
        tracing::info!(method, route, status, duration_us, tenant, request_id = %id, "request answered");
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

//! The endpoint's address over HTTP: POST takes envelopes, GET gives the WSDL.
//!
//! The module's router. It believes no label of a client beyond telling XML from other things, and answers every POST with
//! an envelope, faults included. It reads no envelope itself.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plugpoint_http::{Presented, Problem, RequestBody, RequestId, Told, body, tell_codings};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use tokio::sync::Semaphore;

use crate::endpoint::{Call, Heard, answer};
use crate::envelope::Version;
use crate::fault::fault;
use crate::multipart::parameter;
use crate::package::Form;
use crate::reply::{Reply, success};
use crate::{PATH, Service, wsdl};

const SOAP_ACTION: HeaderName = HeaderName::from_static("soapaction");

/// Envelopes that are read at once. Each holds one of the runtime's threads that may block, of which there are 512.
const CALLS_MAX: usize = 256;

struct Endpoint {
    service: Arc<Service>,
    calls: Arc<Semaphore>,
}

/// The routes of the endpoint.
pub(crate) fn router(service: Arc<Service>) -> Router {
    let endpoint = Endpoint { service, calls: Arc::new(Semaphore::new(CALLS_MAX)) };
    Router::new().route(PATH, get(describe).post(receive).fallback(not_allowed)).with_state(Arc::new(endpoint))
}

// --- POST ---

async fn receive(State(endpoint): State<Arc<Endpoint>>, request_id: RequestId, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let heard = Arc::new(Heard::default());
    let asked = (call(&endpoint.service, &parts.headers, &request_id), RequestBody::of(&parts.headers, body));
    let outcome = match asked {
        (Ok(call), Ok(body)) => endpoint.run(call, Arc::clone(&heard), body).await,
        (Err(error), _) | (_, Err(error)) => Err(error),
    };
    let by_label = if says_soap_12(&parts.headers) { Version::Soap12 } else { Version::Soap11 };
    let version = heard.version.get().copied().unwrap_or(by_label);
    let operation = count(&heard, outcome.as_ref().err());
    match outcome {
        Ok(Some(content)) => success(version, &heard.reply_blocks(), &content).into_response(),
        // What has no answer is acknowledged: WS-I's Basic Profile wants an empty body.
        Ok(None) => StatusCode::ACCEPTED.into_response(),
        Err(error) => {
            let mut response = fault(&error, version, &heard.circumstances(), request_id.as_str()).into_response();
            tell_codings(&error, response.headers_mut());
            response.extensions_mut().insert(Told { operation, error: Some(Arc::new(error)) });
            response
        }
    }
}

impl Endpoint {
    async fn run(&self, call: Call, heard: Arc<Heard>, body: RequestBody) -> Result<Option<String>, ApiError> {
        let busy = || ApiError::new(&codes::UNAVAILABLE, "too many envelopes arrive at once").retry_after(2);
        let place = Arc::clone(&self.calls).try_acquire_owned().map_err(|_| busy())?;
        let service = Arc::clone(&self.service);
        let call = Call { bytes_announced: body.announced_bytes(), ..call };
        body::receive(body, self.service.limits.body, move |body| {
            // Held until the thread is free again, even if the client has gone.
            let _place = place;
            answer(&service, &call, &heard, body)
        })
        .await
    }
}

/// What HTTP says about the envelope.
fn call(service: &Service, headers: &HeaderMap, request_id: &RequestId) -> Result<Call, ApiError> {
    let form = Form::of(headers)?;
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by_header = headers.get_all(SOAP_ACTION).iter().filter_map(|value| value.to_str().ok());
    let by_parameter = parameter(content_type, "action");
    Ok(Call {
        presented: Presented::of(headers)?,
        actions: by_header.map(unquoted).chain(by_parameter).collect(),
        form,
        public_url: (service.public_url)(headers),
        request_id: request_id.as_str().to_owned(),
        bytes_announced: None,
    })
}

pub(crate) fn says_soap_12(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|text| text.to_ascii_lowercase().contains("application/soap+xml"))
}

fn unquoted(action: &str) -> String {
    let action = action.trim();
    let inner = action.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(action).trim().to_owned()
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let content_type = HeaderValue::from_static(self.content_type());
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Counts an answer. Gives the operation as far as it is known.
fn count(heard: &Heard, error: Option<&ApiError>) -> &'static str {
    let operation = heard.operation.get().map_or("none", |operation| operation.name());
    let outcome = error.map_or("success", |error| error.code.name);
    metrics::counter!("soap_requests_total", "operation" => operation, "outcome" => outcome).increment(1);
    operation
}

// --- GET and the rest ---

async fn describe(State(endpoint): State<Arc<Endpoint>>, headers: HeaderMap, uri: Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    let asked = query.split('&').next().unwrap_or_default().to_ascii_lowercase();
    let (wanted, which) = asked.split_once('=').unwrap_or((&asked, ""));
    let xml = |document: String| ([(CONTENT_TYPE, "text/xml; charset=utf-8")], document).into_response();
    match wanted {
        "wsdl" if which == "oneway" => xml(wsdl::wsdl_with_one_way(&address(&endpoint.service, &headers))),
        "wsdl" | "singlewsdl" => xml(wsdl::wsdl(&address(&endpoint.service, &headers))),
        "xsd" => xml(wsdl::xsd()),
        _ => {
            let address = address(&endpoint.service, &headers);
            let help = format!(
                "A SOAP endpoint. Its WSDL is at {address}?wsdl, with one-way operations at {address}?wsdl=oneway; \
                 envelopes are sent to {address} with POST.\n"
            );
            ([(CONTENT_TYPE, "text/plain; charset=utf-8")], help).into_response()
        }
    }
}

/// The endpoint's address as the client reached it.
fn address(service: &Service, headers: &HeaderMap) -> String {
    format!("{}{PATH}", (service.public_url)(headers))
}

async fn not_allowed() -> Response {
    let error = ApiError::new(&codes::METHOD_NOT_ALLOWED, "the endpoint knows GET (the WSDL) and POST (envelopes)");
    let mut response = Problem(error).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

//! The facades' addresses over HTTP: POST takes envelopes, GET gives the WSDL, with or without `?wsdl`.
//!
//! The module's router. It answers every POST at a facade that is there with an envelope, faults included, and what is not there
//! with 404. It reads no envelope itself.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plugpoint_http::body::{self, blocking};
use plugpoint_http::{Problem, RequestBody, RequestId, Told, ValidPath, tell_codings};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::facade::FacadeTerms;
use plugpoint_sdk::operation::ApiOperation;

use super::answer::Trouble;
use super::endpoint::{Heard, Letter, answer};
use super::{Facade, Facades};
use crate::envelope::Version;
use crate::reply::success;
use crate::routes::says_soap_12;

/// How long a description waits for one of its tenant's places.
const PLACE_WAIT_MAX: std::time::Duration = std::time::Duration::from_secs(5);

/// The part of the schema of SOAP 1.1's encoding that lists need. Nothing in it refers to its own namespace: some clients would
/// fetch that from the internet.
const ENCODING_SCHEMA: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<xsd:schema targetNamespace=\"http://schemas.xmlsoap.org/soap/encoding/\" ",
    "xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n<xsd:attribute name=\"arrayType\" type=\"xsd:string\"/>\n",
    "<xsd:complexType name=\"Array\"><xsd:sequence><xsd:any namespace=\"##any\" minOccurs=\"0\" maxOccurs=\"unbounded\" ",
    "processContents=\"lax\"/></xsd:sequence><xsd:anyAttribute namespace=\"##any\" processContents=\"lax\"/></xsd:complexType>\n",
    "</xsd:schema>\n"
);

type Address = ValidPath<(String, String)>;

/// The routes of all facades.
pub(super) fn router(facades: Arc<Facades>) -> Router {
    let methods = || get(describe).post(receive).fallback(not_allowed);
    // Services of that time were reached with and without a slash at the end.
    let router = Router::new().route("/soap/tenants/{tenant}/{facade}", methods());
    router.route("/soap/tenants/{tenant}/{facade}/", methods()).with_state(facades)
}

async fn find(facades: &Arc<Facades>, ValidPath((tenant, name)): Address) -> Result<Facade, ApiError> {
    let facades = Arc::clone(facades);
    blocking(move || facades.find(&tenant, &name)).await
}

// --- POST ---

async fn receive(
    State(facades): State<Arc<Facades>>,
    address: Address,
    request_id: RequestId,
    request: Request,
) -> Response {
    let facade = match find(&facades, address).await {
        Ok(facade) => Arc::new(facade),
        Err(error) => return Problem(error).into_response(),
    };
    let (parts, body) = request.into_parts();
    let (terms, heard) = (facade.hook.terms(), Arc::new(Heard::default()));
    let asked = (Letter::of(&parts.headers, request_id.as_str()), RequestBody::of(&parts.headers, body));
    let outcome = match asked {
        (Ok(letter), Ok(body)) => run(&facades, &facade, terms, letter, Arc::clone(&heard), body).await,
        (Err(error), _) | (_, Err(error)) => Err(Trouble::Envelope(error)),
    };
    let by_label = if says_soap_12(&parts.headers) { Version::Soap12 } else { Version::Soap11 };
    let version = heard.version.get().copied().unwrap_or(by_label);
    let operation = count(&facade, &heard, outcome.as_ref().err());
    match outcome {
        Ok(content) => success(version, "", &content).into_response(),
        Err(trouble) => {
            let not_understood = heard.not_understood.get().map_or(&[][..], Vec::as_slice);
            let reply = trouble.reply(&terms, version, not_understood, request_id.as_str());
            let mut response = reply.into_response();
            if let Some(error) = trouble.error() {
                tell_codings(error, response.headers_mut());
            }
            if trouble.is_challenge(&terms) {
                let challenge = HeaderValue::from_static("Basic realm=\"plugpoint\", charset=\"UTF-8\"");
                response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
            }
            response.extensions_mut().insert(Told { operation, error: trouble.into_error().map(Arc::new) });
            response
        }
    }
}

async fn run(
    facades: &Arc<Facades>,
    facade: &Arc<Facade>,
    terms: FacadeTerms,
    letter: Letter,
    heard: Arc<Heard>,
    body: RequestBody,
) -> Result<String, Trouble> {
    let busy = |_| {
        Trouble::Refused(ApiError::new(&codes::UNAVAILABLE, "too many envelopes are worked on at once").retry_after(2))
    };
    let own_place = Arc::clone(&facade.house.calls).try_acquire_owned().map_err(busy)?;
    let place = Arc::clone(&facades.calls).try_acquire_owned().map_err(busy)?;
    let limits = facades.platform.body_limits(&facade.runtime, ApiOperation::CallFacade);
    let (facades, facade) = (Arc::clone(facades), Arc::clone(facade));
    // The trouble goes around `receive`, which knows errors of the platform's only.
    let received = body::receive(body, limits, move |body| {
        // Held until the thread is free again, even if the client has gone.
        let _places = (own_place, place);
        match answer(&facades, &facade, &terms, letter, &heard, body) {
            Err(Trouble::Envelope(error)) => Err(error),
            other => Ok(other),
        }
    });
    received.await.map_err(Trouble::Envelope)?
}

/// Counts an answer. Gives the operation as far as it is known.
fn count(facade: &Facade, heard: &Heard, trouble: Option<&Trouble>) -> &'static str {
    let operation = heard.operation.get().copied().unwrap_or("none");
    let outcome = trouble.map_or("success", Trouble::outcome);
    let name = facade.name.to_string();
    let labels = [("facade", name), ("operation", operation.to_owned()), ("outcome", outcome.to_owned())];
    metrics::counter!("soap_facade_requests_total", &labels).increment(1);
    operation
}

// --- GET and the rest ---

async fn describe(State(facades): State<Arc<Facades>>, address: Address, headers: HeaderMap, uri: Uri) -> Response {
    let asks_for_schema = uri.query().is_some_and(|query| query.to_ascii_lowercase().starts_with("xsd"));
    let text = match asks_for_schema {
        true => encoding_schema(&facades, address).await,
        false => description(&facades, address, &headers).await,
    };
    match text {
        Ok(text) => ([(CONTENT_TYPE, "text/xml; charset=utf-8")], text).into_response(),
        Err(error) => Problem(error).into_response(),
    }
}

/// The schema of SOAP's encoding, which the descriptions of encoded services refer to.
async fn encoding_schema(facades: &Arc<Facades>, address: Address) -> Result<String, ApiError> {
    match find(facades, address).await?.hook.terms().is_encoded {
        true => Ok(ENCODING_SCHEMA.to_owned()),
        false => Err(ApiError::new(&codes::NOT_FOUND, "the service has no schema beside its WSDL")),
    }
}

async fn description(facades: &Arc<Facades>, address: Address, headers: &HeaderMap) -> Result<String, ApiError> {
    let facade = find(facades, address).await?;
    let address = facades.address(&facade, headers);
    let busy = || ApiError::new(&codes::UNAVAILABLE, "too many calls of this tenant at once").retry_after(2);
    let place = facade.runtime.answering.enter(PLACE_WAIT_MAX).await.ok_or_else(busy)?;
    let budget_percent = facades.platform.config().hooks.budget_percent;
    blocking(move || {
        // Held until the thread is free again, even if the client has gone.
        let _place = place;
        let (hook, budget) = (facade.hook.clone(), facade.hook.budget() * budget_percent / 100);
        let task = move |_: &plugpoint_kernel::Beat| hook.call(|hook| hook.wsdl(&address), Result::is_err);
        match facade.runtime.answering.threads.run(&format!("the facade {}", facade.hook.id), budget, task) {
            Ok(called) => called?,
            Err(error) => {
                if error.code == &codes::HOOK_TIMEOUT {
                    facade.hook.given_up();
                }
                Err(error)
            }
        }
    })
    .await
}

async fn not_allowed() -> Response {
    let error = ApiError::new(&codes::METHOD_NOT_ALLOWED, "a facade knows GET (its WSDL) and POST (envelopes)");
    let mut response = Problem(error).into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST"));
    response
}

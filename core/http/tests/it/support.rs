//! A platform with one tenant and a module of probe routes.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use plugpoint_config::Config;
use plugpoint_http::{
    App, Module, Platform, Principal, Problem, RequestBody, Rest, ValidJson, ValidPath, ValidQuery, app,
};
use plugpoint_kernel::{Door, Plans, Source};
use plugpoint_sdk::api_schema;
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::operation::ApiOperation;
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;
use plugpoint_store::{Credential, NewTenant, Store, StoreOptions};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use utoipa_axum::routes;

pub(crate) struct TestApp {
    pub(crate) router: App,
    pub(crate) platform: Arc<Platform>,
    pub(crate) document: Value,
    pub(crate) data: TempDir,
    pub(crate) acme: Credential,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The status and the problem's code.
    pub(crate) fn refusal(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{:?}", self.headers);
        let document = self.json();
        assert_eq!(document["status"], self.status.as_u16());
        assert_eq!(document["request_id"], self.header("x-request-id").unwrap());
        assert_eq!(document["type"], format!("/docs/errors/{}", document["code"].as_str().unwrap()));
        (self.status.as_u16(), document["code"].as_str().unwrap().to_owned())
    }
}

impl TestApp {
    pub(crate) fn new() -> Self {
        Self::with_config(|_| {})
    }

    pub(crate) fn with_config(change: impl FnOnce(&mut Config)) -> Self {
        Self::with_customers(Vec::new(), change)
    }

    /// With these customers' crates. The tenant acme is served by the one of its name, if there is one.
    pub(crate) fn with_customers(customers: Vec<Source>, change: impl FnOnce(&mut Config)) -> Self {
        let plans = plans(customers);
        let data = TempDir::new().unwrap();
        let store = Store::open(data.path(), StoreOptions::default()).unwrap();
        let own = plans.customers().find(|name| *name == "acme").map(str::to_owned);
        let acme = create_tenant_of(&store, "acme", own.as_deref());
        let mut config = Config::default();
        change(&mut config);
        let platform = Platform::new(store, Arc::new(config), plans, data.path()).unwrap();
        let (router, document) =
            app(&platform, vec![Module::rest("probe", probes().with_state(Arc::clone(&platform)))]).unwrap();
        Self { router, platform, document, data, acme }
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).unwrap()).await
    }

    /// A request with acme's credential.
    pub(crate) fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        Request::builder().method(method).uri(path).header("authorization", basic(&self.acme.key_id, &self.acme.secret))
    }
}

pub(crate) fn basic(key_id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{key_id}:{secret}")))
}

pub(crate) fn create_tenant(store: &Store, name: &str) -> Credential {
    create_tenant_of(store, name, None)
}

pub(crate) fn create_tenant_of(store: &Store, name: &str, customer: Option<&str>) -> Credential {
    let customer = customer.map(str::to_owned);
    let new = NewTenant { tenant: name.parse().unwrap(), customer, profile_toml: String::new() };
    store.control().create_tenant(&new).unwrap()
}

/// A customer's crate that registers this.
pub(crate) fn customer(name: &str, register: impl FnOnce(&mut Registrar) + Send + 'static) -> Source {
    Source::new(
        Door::Customer { name: name.to_owned(), profile: String::new(), updates: String::new() },
        name,
        register,
    )
}

fn plans(customers: Vec<Source>) -> Arc<Plans> {
    let register = |registrar: &mut Registrar| {
        registrar.provide_keyed(&catalog_format::POINT, catalog_format::CANONICAL, "test.nothing", Nothing);
    };
    let core = Source::new(Door::Core, "test", register);
    Arc::new(Plans::commit(std::iter::once(core).chain(customers).collect()).unwrap())
}

/// Reads nothing: no document gets so far in these tests.
struct Nothing;

impl CatalogTransformer for Nothing {
    fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
        Ok(())
    }
}

/// What a probe takes.
#[api_schema]
pub(crate) struct ProbeQuery {
    /// A text.
    #[validate(length(min = 1, max = 5))]
    #[serde(default)]
    pub text: Option<String>,
    /// A number.
    #[validate(range(min = 1, max = 10))]
    #[serde(default = "ten")]
    pub limit: u32,
    /// A flag.
    #[serde(default)]
    pub flag: bool,
}

fn ten() -> u32 {
    10
}

/// What a probe is sent.
#[api_schema]
pub(crate) struct ProbeBody {
    /// A text.
    #[validate(length(min = 1, max = 5))]
    pub text: String,
    /// Parts.
    #[serde(default)]
    pub parts: Vec<ProbePart>,
}

/// A part of what a probe is sent.
#[api_schema]
pub(crate) struct ProbePart {
    /// A number.
    #[validate(range(min = 1))]
    pub number: u32,
}

fn probes() -> Rest<Arc<Platform>> {
    Rest::new().routes(routes!(get_probe, post_probe)).routes(routes!(get_named)).routes(routes!(put_stream))
}

/// The query, told back
#[utoipa::path(get, path = "/probe", operation_id = "getProbe", tag = "probe", params(ProbeQuery),
    responses((status = 200, description = "It.", body = ProbeBody)))]
async fn get_probe(principal: Principal, ValidQuery(query): ValidQuery<ProbeQuery>) -> Response {
    if query.text.as_deref() == Some("panic") {
        panic!("a handler's panic");
    }
    let text = format!("{} {} {} {}", principal.tenant, query.text.unwrap_or_default(), query.limit, query.flag);
    text.into_response()
}

/// The body, told back
#[utoipa::path(post, path = "/probe", operation_id = "postProbe", tag = "probe", request_body = ProbeBody,
    responses((status = 200, description = "It.", body = ProbeBody)))]
async fn post_probe(
    principal: Principal,
    State(platform): State<Arc<Platform>>,
    request: Request,
) -> Result<Response, Problem> {
    let ValidJson(body) =
        ValidJson::<ProbeBody>::read(request, platform.body_limits(&principal.runtime, ApiOperation::PutItem)).await?;
    Ok(axum::Json(body).into_response())
}

/// A path, told back
#[utoipa::path(get, path = "/probe/{name}", operation_id = "getNamed", tag = "probe",
    params(("name" = String, Path, description = "A name.")),
    responses((status = 200, description = "It.", body = String)))]
async fn get_named(_: Principal, ValidPath(name): ValidPath<String>) -> Response {
    let etag = plugpoint_http::conditional::etag("abc").unwrap();
    ([(axum::http::header::ETAG, etag)], name.repeat(200)).into_response()
}

/// The length of a document
#[utoipa::path(put, path = "/probe/{name}", operation_id = "putStream", tag = "probe",
    params(("name" = String, Path, description = "A name.")), request_body = String,
    responses((status = 200, description = "It.", body = String)))]
async fn put_stream(_: Principal, State(platform): State<Arc<Platform>>, request: Request) -> Result<String, Problem> {
    let (parts, body) = request.into_parts();
    let length = platform.receive(RequestBody::of(&parts.headers, body)?, platform.document_limits(), |reader| {
        let mut document = Vec::new();
        reader.copy_to(&mut document)
    });
    Ok(length.await?.to_string())
}

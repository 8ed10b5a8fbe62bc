//! A server of two tenants whose import desk remembers what it is handed.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use plugpoint_config::Config;
use plugpoint_http::{App, Platform, app};
use plugpoint_kernel::{Door, Plans, Source};
use plugpoint_sdk::codes::{self, Code};
use plugpoint_sdk::desk::{
    ImportCounts, ImportDesk, ImportStatus, ImportView, ItemPage, Receipt, SpoolWriter, StoredItem, UnmappedPath,
};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{CatalogId, Finding, ImportId, ImportMode, TenantId};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;
use plugpoint_store::{Credential, ImportRecord, NewTenant, Store, StoreOptions};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

pub(crate) struct TestServer {
    router: App,
    pub(crate) document: Value,
    pub(crate) desk: FakeDesk,
    acme: Credential,
    rival: Credential,
    store: Store,
    _data: TempDir,
}

/// What a customer's crate registers.
type Register = Box<dyn FnOnce(&mut Registrar) + Send>;

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum As {
    Acme,
    Rival,
    Nobody,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn refusal(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text());
        (self.status, self.json()["code"].as_str().unwrap().to_owned())
    }
}

impl TestServer {
    pub(crate) fn new() -> Self {
        Self::with_config(|_| {})
    }

    pub(crate) fn with_config(change: impl FnOnce(&mut Config)) -> Self {
        Self::with(change, None, "")
    }

    /// A server on which acme has a profile of its own.
    pub(crate) fn with_profile(profile: &str) -> Self {
        Self::with(|_| {}, None, profile)
    }

    /// A server on which acme is served by a customer's crate that registers this.
    pub(crate) fn with_customer(register: impl FnOnce(&mut Registrar) + Send + 'static) -> Self {
        Self::with(|_| {}, Some(Box::new(register)), "")
    }

    fn with(change: impl FnOnce(&mut Config), customer: Option<Register>, profile: &str) -> Self {
        let data = TempDir::new().unwrap();
        let store = Store::open(data.path(), StoreOptions::default()).unwrap();
        let create = |name: &str, customer: Option<&str>| {
            let customer = customer.map(str::to_owned);
            let new = NewTenant { tenant: name.parse().unwrap(), customer, profile_toml: profile.to_owned() };
            store.control().create_tenant(&new).unwrap()
        };
        let (acme, rival) = (create("acme", customer.is_some().then_some("acme")), create("rival", None));
        let mut config = Config::default();
        change(&mut config);
        let register = |registrar: &mut Registrar| {
            registrar.provide_keyed(&catalog_format::POINT, catalog_format::CANONICAL, "test.nothing", Nothing);
        };
        let own = |door: &str| Door::Customer { name: door.to_owned(), profile: String::new(), updates: String::new() };
        let mut sources =
            vec![Source::new(Door::Core, "test", register), Source::new(own("plain"), "plain", |_: &mut Registrar| {})];
        sources.extend(customer.map(|register| Source::new(own("acme"), "acme", register)));
        let plans = Arc::new(Plans::commit(sources).unwrap());
        let platform = Platform::new(store.clone(), Arc::new(config), plans, data.path()).unwrap();
        let desk = FakeDesk::default();
        let module = plugpoint_plugin_catalog::http::module(&platform, Arc::new(desk.clone()));
        let (router, document) = app(&platform, vec![module]).unwrap();
        Self { router, document, desk, acme, rival, store, _data: data }
    }

    /// Lets acme be served by another customer's crate from now on.
    pub(crate) fn serve_acme_by(&self, customer: &str) {
        let (control, acme) = (self.store.control(), "acme".parse().unwrap());
        control.set_candidate(&acme, Some(customer)).unwrap();
        control.promote(&acme, customer).unwrap();
    }

    pub(crate) async fn send(
        &self,
        who: As,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let credential = match who {
            As::Acme => Some(&self.acme),
            As::Rival => Some(&self.rival),
            As::Nobody => None,
        };
        if let Some(Credential { key_id, secret, .. }) = credential {
            request =
                request.header("authorization", format!("Basic {}", STANDARD.encode(format!("{key_id}:{secret}"))));
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Writes down how an import of acme's has ended, as the import itself would.
    pub(crate) fn record(&self, id: &str, findings: Vec<Finding>, unmapped: Vec<UnmappedPath>) {
        let record = ImportRecord {
            id: id.parse().unwrap(),
            catalog: "main".parse().unwrap(),
            mode: ImportMode::Merge,
            status: ImportStatus::Succeeded,
            idempotency_key: None,
            document_hash: String::new(),
            bytes: 1,
            media_type: "application/xml".to_owned(),
            format: Some("test".to_owned()),
            counts: ImportCounts::default(),
            error: None,
            findings_count: 0,
            unmapped,
            created_at: Timestamp::default(),
            started_at: None,
            finished_at: None,
            request_id: None,
            key_id: None,
        };
        let db = self.store.tenant(&"acme".parse().unwrap()).unwrap();
        let findings_count = findings.len() as u64;
        let tx = db.begin_import(&record.catalog, record.mode).unwrap();
        tx.commit(&record, &mut findings.into_iter()).unwrap();
        let mut imports = self.desk.0.imports.lock().unwrap();
        let (_, view, _) = imports.get_mut(&record.id).unwrap();
        view.findings_count = findings_count;
    }

    /// The answer of acme's GET with its body unread.
    pub(crate) async fn open(&self, path: &str) -> axum::response::Response {
        let secret = STANDARD.encode(format!("{}:{}", self.acme.key_id, self.acme.secret));
        let request = Request::builder().uri(path).header("authorization", format!("Basic {secret}"));
        self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().map(Body::new)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(As::Acme, Method::GET, path, &[], "").await
    }

    pub(crate) async fn put(&self, path: &str, headers: &[(&str, &str)], item: &Value) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(As::Acme, Method::PUT, path, &all, item.to_string()).await
    }

    /// Puts an item into catalog `main` of acme, with its sku as title.
    pub(crate) async fn stock(&self, sku: &str) {
        let answer = self.put(&format!("/v1/catalogs/main/items/{sku}"), &[], &item(sku)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
    }
}

/// Reads nothing: the desk of these tests does not import.
struct Nothing;

impl CatalogTransformer for Nothing {
    fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
        Ok(())
    }
}

pub(crate) fn item(sku: &str) -> Value {
    json!({"sku": sku, "texts": [{"lang": "en", "title": sku}]})
}

/// Takes documents and lets each import end after a while, without reading anything.
#[derive(Clone, Default)]
pub(crate) struct FakeDesk(Arc<Inner>);

#[derive(Default)]
pub(crate) struct Inner {
    received: Mutex<Vec<(Receipt, Vec<u8>)>>,
    imports: Mutex<HashMap<ImportId, (TenantId, ImportView, Instant)>>,
    lasts: Mutex<Duration>,
    refuses: Mutex<Option<&'static Code>>,
}

impl FakeDesk {
    /// What was sealed so far.
    pub(crate) fn received(&self) -> Vec<(Receipt, Vec<u8>)> {
        self.0.received.lock().unwrap().clone()
    }

    /// Lets imports take so long from now on.
    pub(crate) fn lasts(&self, time: Duration) {
        *self.0.lasts.lock().unwrap() = time;
    }

    /// Refuses to open a place in the spool from now on.
    pub(crate) fn refuses(&self, code: &'static Code) {
        *self.0.refuses.lock().unwrap() = Some(code);
    }
}

struct FakeWriter {
    desk: FakeDesk,
    receipt: Receipt,
    bytes: Vec<u8>,
}

impl Write for FakeWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl SpoolWriter for FakeWriter {
    fn seal(self: Box<Self>) -> Result<ImportId, ApiError> {
        let Self { desk: FakeDesk(desk), receipt, bytes } = *self;
        let id = ImportId(uuid::Uuid::now_v7());
        let view = ImportView {
            id,
            catalog: receipt.catalog.to_string(),
            status: ImportStatus::Running,
            mode: receipt.mode.unwrap_or(ImportMode::Merge),
            counts: ImportCounts::default(),
            progress: 0.5,
            records_per_second: None,
            seconds_left: None,
            error: None,
            created_at: "2026-01-31T12:00:00Z".to_owned(),
            started_at: Some("2026-01-31T12:00:00Z".to_owned()),
            finished_at: None,
            findings_count: 0,
        };
        let end = Instant::now() + *desk.lasts.lock().unwrap();
        desk.imports.lock().unwrap().insert(id, (receipt.tenant.clone(), view, end));
        desk.received.lock().unwrap().push((receipt, bytes));
        Ok(id)
    }
}

impl ImportDesk for FakeDesk {
    fn receive(&self, receipt: Receipt) -> Result<Box<dyn SpoolWriter>, ApiError> {
        match *self.0.refuses.lock().unwrap() {
            Some(code) => Err(ApiError::new(code, "refused").retry_after(3)),
            None => Ok(Box::new(FakeWriter { desk: self.clone(), receipt, bytes: Vec::new() })),
        }
    }

    fn import(&self, tenant: &TenantId, id: ImportId, wait: Duration) -> Result<ImportView, ApiError> {
        let known = self.0.imports.lock().unwrap().get(&id).cloned();
        let not_found = || ApiError::new(&codes::NOT_FOUND, format!("no import {id} for {tenant}"));
        let (_, view, end) = known.filter(|(owner, ..)| owner == tenant).ok_or_else(not_found)?;
        std::thread::sleep(wait.min(end.saturating_duration_since(Instant::now())));
        if Instant::now() < end {
            return Ok(view);
        }
        let finished_at = Some("2026-01-31T12:00:01Z".to_owned());
        Ok(ImportView { status: ImportStatus::Succeeded, progress: 1.0, finished_at, ..view })
    }

    fn cancel(&self, tenant: &TenantId, id: ImportId) -> Result<ImportView, ApiError> {
        self.import(tenant, id, Duration::ZERO)
    }

    fn unfinished(&self, tenant: &TenantId, catalog: &CatalogId) -> Result<Vec<ImportView>, ApiError> {
        let imports = self.0.imports.lock().unwrap();
        let running = imports
            .values()
            .filter(|(owner, view, end)| owner == tenant && view.catalog == catalog.as_str() && Instant::now() < *end);
        Ok(running.map(|(_, view, _)| view.clone()).collect())
    }

    fn findings(&self, _: &TenantId, _: ImportId, _: u32) -> Result<Vec<Finding>, ApiError> {
        unreachable!("REST reads findings from the store")
    }

    fn unmapped(&self, _: &TenantId, _: ImportId) -> Result<Vec<UnmappedPath>, ApiError> {
        unreachable!("REST reads what is unmapped from the store")
    }

    fn item(&self, _: &TenantId, _: &CatalogId, _: &str) -> Result<StoredItem, ApiError> {
        unreachable!("REST reads items from the store")
    }

    fn items_after(&self, _: &TenantId, _: &CatalogId, _: Option<&str>, _: u32) -> Result<Vec<StoredItem>, ApiError> {
        unreachable!("REST reads items from the store")
    }

    fn skus_after(&self, _: &TenantId, _: &CatalogId, _: Option<&str>, _: u32) -> Result<Vec<String>, ApiError> {
        unreachable!("REST reads items from the store")
    }

    fn items(&self, _: &TenantId, _: &CatalogId, _: Option<&str>, _: u32) -> Result<ItemPage, ApiError> {
        unreachable!("REST reads items from the store")
    }
}

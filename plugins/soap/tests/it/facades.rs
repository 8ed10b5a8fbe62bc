//! Facades behind their endpoint: what a hook may do wrong, how sessions travel, and that no tenant feels another's.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use plugpoint_config::Config;
use plugpoint_http::{App, Platform, app};
use plugpoint_kernel::{Door, Plans, Source};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::facade::{
    Access, FacadeCall, FacadeDesk, FacadeError, FacadeFault, FacadeOperation, FacadeTerms, FacadeWords, SessionTravel,
    Words,
};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::soap_facade::{self, SoapFacade};
use plugpoint_sdk::registry::Registrar;
use plugpoint_store::{Credential, NewTenant, Store, StoreOptions};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::desk::{Desk, Handle};

/// What a facade of these tests does with a call.
type Act = fn(&FacadeCall<'_>, &mut FacadeDesk<'_>) -> Result<String, FacadeError>;

struct Facade {
    sessions: SessionTravel,
    act: Act,
}

const fn said(code: &'static str) -> Words {
    Words { code, namespace: "", text: "{}" }
}

impl SoapFacade for Facade {
    fn terms(&self) -> FacadeTerms {
        const OPERATIONS: &[FacadeOperation] = &[
            FacadeOperation { name: "enter", access: Access::Open },
            FacadeOperation { name: "read", access: Access::Reads },
            FacadeOperation { name: "write", access: Access::Writes },
        ];
        let words = FacadeWords {
            session: said("Session"),
            credentials: said("Credentials"),
            operation: said("Operation"),
            invalid: said("Invalid"),
            busy: said("Busy"),
            failed: said("Failed"),
        };
        let Self { sessions, .. } = *self;
        FacadeTerms { namespace: "urn:x", operations: OPERATIONS, sessions, is_encoded: false, words }
    }

    fn wsdl(&self, address: &str) -> Result<String, ApiError> {
        match self.sessions {
            SessionTravel::Argument("hangs") => loop {
                std::thread::sleep(Duration::from_secs(1));
            },
            SessionTravel::Argument("panics") => panic!("no description"),
            _ => Ok(format!("<definitions><address location=\"{address}\"/></definitions>")),
        }
    }

    fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
        if call.operation.name() == "enter" {
            let secret = call.operation.child_text("secret").unwrap_or_default();
            let user = call.operation.child_text("user").unwrap_or_default();
            return Ok(format!("<entered>{}</entered>", desk.sign_in(user, secret)?));
        }
        (self.act)(call, desk)
    }
}

struct Nothing;

impl CatalogTransformer for Nothing {
    fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
        Ok(())
    }
}

struct Server {
    router: App,
    acme: Credential,
    rival: Credential,
    _data: TempDir,
}

const HEADER: SessionTravel = SessionTravel::Header { namespace: "urn:h", block: "Session", element: "id" };

/// A server of acme and rival, whose profiles name the facades `own` and `other`; both do the same.
fn server(sessions: SessionTravel, act: Act) -> Server {
    let data = TempDir::new().unwrap();
    let store = Store::open(data.path(), StoreOptions::default()).unwrap();
    let create = |name: &str| {
        let profile_toml = "[soap]\nfacades = ['own', 'other']\ncatalog = 'spring'".to_owned();
        let new = NewTenant { tenant: name.parse().unwrap(), customer: None, profile_toml };
        store.control().create_tenant(&new).unwrap()
    };
    let (acme, rival) = (create("acme"), create("rival"));
    let register = move |registrar: &mut Registrar| {
        registrar.provide_keyed(&catalog_format::POINT, catalog_format::CANONICAL, "test.nothing", Nothing);
        registrar.provide_keyed(&soap_facade::POINT, "own", "test.own", Facade { sessions, act });
        registrar.provide_keyed(&soap_facade::POINT, "other", "test.other", Facade { sessions, act });
    };
    let plans = Arc::new(Plans::commit(vec![Source::new(Door::Core, "test", register)]).unwrap());
    let mut config = Config::default();
    // Three of the point's ten seconds: a panic's own report takes one on a busy machine.
    config.hooks.budget_percent = 30;
    let platform = Platform::new(store, Arc::new(config), plans, data.path()).unwrap();
    let desk = Arc::new(Handle(Arc::new(Desk::default())));
    let (router, _) = app(&platform, vec![plugpoint_plugin_soap::module(desk, Arc::clone(&platform))]).unwrap();
    Server { router, acme, rival, _data: data }
}

impl Server {
    async fn ask(&self, request: Request<Body>) -> (u16, String) {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = http_body_util::BodyExt::collect(body).await.unwrap().to_bytes();
        (parts.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
    }

    /// The fault's code and text, or the answer.
    async fn post(
        &self,
        path: &str,
        header: &str,
        body: &str,
        who: Option<&Credential>,
    ) -> Result<String, (String, String)> {
        let envelope = format!(
            "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
        );
        let mut request = Request::post(format!("/soap/tenants/{path}")).header("content-type", "text/xml");
        if let Some(Credential { key_id, secret, .. }) = who {
            let basic = STANDARD.encode(format!("{key_id}:{secret}"));
            request = request.header("authorization", format!("Basic {basic}"));
        }
        let (_, text) = self.ask(request.body(envelope.into()).unwrap()).await;
        let part = |name: &str| text.split_once(&format!("<{name}"))?.1.split_once('>')?.1.split("</").next();
        match part("faultcode") {
            Some(code) => Err((code.to_owned(), part("faultstring").unwrap_or_default().to_owned())),
            None => Ok(text),
        }
    }

    async fn session(&self, path: &str, who: &Credential) -> Result<String, (String, String)> {
        let enter = format!("<enter><user>{}</user><secret>{}</secret></enter>", who.key_id, who.secret);
        let text = self.post(path, "", &enter, None).await?;
        Ok(text.split_once("<entered>").unwrap().1.split("</").next().unwrap().to_owned())
    }
}

fn in_header(session: &str) -> String {
    format!("<h:Session xmlns:h='urn:h' s:mustUnderstand='1'><h:id>{session}</h:id></h:Session>")
}

fn in_argument(session: &str) -> String {
    format!("<read><session>{session}</session></read>")
}

fn whom(call: &FacadeCall<'_>, _: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
    let caller = call.caller.ok_or_else(|| FacadeFault::new("Nobody", "nobody calls"))?;
    Ok(format!("<said>{} {}</said>", call.tenant, caller.user))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_travels_in_the_header() {
    let server = server(HEADER, whom);
    let session = server.session("acme/own", &server.acme).await.unwrap();
    let answer = server.post("acme/own", &in_header(&session), "<read/>", None).await.unwrap();
    assert!(answer.contains(&format!("<said>acme {}</said>", server.acme.key_id)), "{answer}");
    for (path, header) in [
        ("acme/own", String::new()),
        ("acme/own", in_header("")),
        ("acme/own", in_header(&"0".repeat(32))),
        ("acme/own", in_header(&session).replace("urn:h", "urn:i").replace("s:mustUnderstand='1'", "")),
        ("acme/other", in_header(&session)),
        ("rival/own", in_header(&session)),
    ] {
        let refused = server.post(path, &header, "<read/>", None).await.unwrap_err();
        assert_eq!(refused.0, "Session", "{path} {header}");
        assert!(!refused.1.contains(&session));
    }
    let foreign = in_header(&session).replace("urn:h", "urn:i");
    assert_eq!(server.post("acme/own", &foreign, "<read/>", None).await.unwrap_err().0, "soap:MustUnderstand");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_may_come_packed_and_in_parts() {
    let server = server(SessionTravel::HttpBasic, whom);
    let Credential { key_id, secret, .. } = &server.acme;
    let basic = format!("Basic {}", STANDARD.encode(format!("{key_id}:{secret}")));
    let envelope =
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><read/></s:Body></s:Envelope>";
    let parts = |rest: &str| format!("--b\r\nContent-Type: text/xml\r\n\r\n{envelope}\r\n{rest}").into_bytes();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&parts("--b--")).unwrap();
    let packed = packed.finish().unwrap();
    let related = "multipart/related; boundary=b";
    for (coding, content_type, body, status, expected) in [
        ("identity", related, parts("--b--"), 200, "<said>acme "),
        ("gzip", related, packed.clone(), 200, "<said>acme "),
        ("gzip", related, packed[..20].to_vec(), 500, "<code>body_incomplete<"),
        ("br", "text/xml", envelope.into(), 415, "<code>media_type_unsupported<"),
        ("identity", related, parts("--b\r\nContent-ID: a\r\n\r\nx\r\n--b--"), 500, "nothing refers to the part"),
        ("identity", related, parts(""), 500, "<code>body_incomplete<"),
        ("identity", "multipart/related", parts("--b--"), 500, "<code>soap_attachment_invalid<"),
    ] {
        let request = Request::post("/soap/tenants/acme/own").header("content-type", content_type);
        let request = request.header("content-encoding", coding).header("authorization", &basic);
        let (found, text) = server.ask(request.body(body.into()).unwrap()).await;
        assert!(found == status && text.contains(expected), "{coding} {content_type}: {found} {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_of_another_tenant_is_a_wrong_one() {
    let server = server(SessionTravel::HttpBasic, whom);
    let (mine, theirs) = (Some(&server.acme), Some(&server.rival));
    assert!(server.post("acme/own", "", "<read/>", mine).await.unwrap().contains("<said>acme"));
    let wrong = Credential { secret: "ps_wrong".to_owned(), ..server.acme.clone() };
    let refused = server.post("acme/own", "", "<read/>", Some(&wrong)).await.unwrap_err();
    assert_eq!(refused.0, "Credentials");
    assert_eq!(server.post("acme/own", "", "<read/>", theirs).await.unwrap_err(), refused);
    assert_eq!(server.post("acme/own", "", "<read/>", None).await.unwrap_err(), refused);
    let sessions = self::server(SessionTravel::Argument("session"), whom);
    let refused = sessions.session("acme/own", &wrong).await.unwrap_err();
    assert_eq!(sessions.session("acme/own", &sessions.rival).await.unwrap_err(), refused);
}

fn panics(_: &FacadeCall<'_>, _: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
    panic!("a secret of ours")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_fault_and_many_suspend_the_facade() {
    let server = server(SessionTravel::Argument("session"), panics);
    let session = server.session("acme/own", &server.acme).await.unwrap();
    for _ in 0..5 {
        let (code, text) = server.post("acme/own", "", &in_argument(&session), None).await.unwrap_err();
        assert_eq!(code, "Failed", "{text}");
    }
    assert_eq!(server.post("acme/own", "", &in_argument(&session), None).await.unwrap_err().0, "Busy");
    let other = server.session("acme/other", &server.acme).await.unwrap();
    assert_eq!(
        server.post("acme/other", "", &in_argument(&other), None).await.unwrap_err().0,
        "Failed",
        "another facade is asked"
    );
}

fn hangs(_: &FacadeCall<'_>, _: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_facade_that_hangs_is_given_up_and_costs_nobody_else() {
    let server = server(SessionTravel::Argument("session"), hangs);
    let session = server.session("acme/own", &server.acme).await.unwrap();
    let started = Instant::now();
    let (code, text) = server.post("acme/own", "", &in_argument(&session), None).await.unwrap_err();
    assert_eq!(code, "Failed", "{text}");
    assert!(started.elapsed() < Duration::from_secs(9), "{:?}", started.elapsed());
    assert_eq!(
        server.post("acme/own", "", &in_argument(&session), None).await.unwrap_err().0,
        "Busy",
        "suspended at once"
    );
    assert!(server.session("rival/own", &server.rival).await.is_ok(), "but for this tenant alone");
}

/// Asks without an end, whatever the desk says.
fn asks_for_ever(_: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
    static ASKED: AtomicU32 = AtomicU32::new(0);
    while ASKED.fetch_add(1, Ordering::Relaxed) < 2000 {
        let _ = desk.item("A1");
    }
    Ok("<said/>".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_desk_does_costs_no_budget() {
    let server = server(SessionTravel::Argument("session"), asks_for_ever);
    let session = server.session("acme/own", &server.acme).await.unwrap();
    assert!(server.post("acme/own", "", &in_argument(&session), None).await.is_ok());
}

fn slow_writer(_: &FacadeCall<'_>, _: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
    static INSIDE: AtomicU32 = AtomicU32::new(0);
    let others = INSIDE.fetch_add(1, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(50));
    INSIDE.fetch_sub(1, Ordering::SeqCst);
    Ok(format!("<said>{others}</said>"))
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_write_do_so_one_after_the_other() {
    let server = server(SessionTravel::Argument("session"), slow_writer);
    let session = server.session("acme/own", &server.acme).await.unwrap();
    let write = in_argument(&session).replace("read>", "write>");
    let calls = (0..6).map(|_| server.post("acme/own", "", &write, None));
    let mut pending: Vec<_> = calls.map(Box::pin).collect();
    let all = std::future::poll_fn(|context| {
        use std::task::Poll;
        let mut answers = Vec::new();
        let mut left = Vec::new();
        for mut call in pending.drain(..) {
            match call.as_mut().poll(context) {
                Poll::Ready(answer) => answers.push(answer.unwrap()),
                Poll::Pending => left.push(call),
            }
        }
        pending = left;
        assert!(answers.iter().all(|answer| answer.contains("<said>0</said>")), "{answers:?}");
        if pending.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    });
    all.await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_description_that_does_not_come_is_a_problem() {
    for (sessions, status, code) in [
        (SessionTravel::Argument("session"), 200, "location=\"http://"),
        (SessionTravel::Argument("panics"), 500, "hook_failed"),
        (SessionTravel::Argument("hangs"), 500, "hook_timeout"),
    ] {
        let server = server(sessions, whom);
        let get = Request::get("/soap/tenants/acme/own?wsdl").header("host", "x").body(Body::empty()).unwrap();
        let (found, text) = server.ask(get).await;
        assert!(found == status && text.contains(code), "{found} {text}");
    }
}

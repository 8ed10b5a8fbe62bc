//! The outermost layer, around the whole router: request id, log line, metrics, problem documents, panics, compression, and
//! the patience with bodies that nobody reads; and what was answered lately is answered again.
//!
//! One service around the router rather than a stack of layers around each route, because each layer of a route costs every
//! request several allocations. It decides nothing about a request but whether its address is too long. Routes and principals
//! are told to it by extractors, through [`Caller`].

use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{FromRequestParts, MatchedPath, Request};
use axum::http::header::{ACCEPT_ENCODING, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;
use plugpoint_config::LimitsSection;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use tower::Service;

use crate::auth::{Operator, Principal, Who};
use crate::compression;
use crate::drain::Patience;
use crate::metrics::RouteMetrics;
use crate::platform::Platform;
use crate::problem::{self, Problem};
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::request_log::{self, Line, Told};

/// What pages' scripts send: to them a 401 names no scheme for which a browser shows a dialog of its own.
const SCRIPT_HEADER: &str = "x-requested-with";

/// What the observer keeps between requests.
pub(crate) struct Observer {
    platform: Arc<Platform>,
    metrics: RouteMetrics,
    url_bytes_max: usize,
    query_bytes_max: usize,
    patience: Patience,
}

/// One request, as the observer and the extractors know it.
pub(crate) struct Caller {
    observer: Arc<Observer>,
    pub(crate) id: RequestId,
    started: Instant,
    method: Method,
    /// Noted by [`Noted`] or [`Principal`] once the router has found it.
    route: OnceLock<MatchedPath>,
    /// Who sent it, once somebody has asked.
    principal: OnceLock<Principal>,
    /// Whether it is counted among the tenant's requests.
    is_counted: AtomicBool,
    /// Sent by a page's script, which shows its own form for credentials.
    is_script: bool,
}

impl Caller {
    /// The caller of a request that came through the observer.
    pub(crate) fn of(parts: &Parts) -> Option<&Arc<Self>> {
        parts.extensions.get()
    }

    /// Takes note of the route; said twice, the first stays.
    fn is_on(&self, parts: &Parts) {
        if let Some(route) = parts.extensions.get::<MatchedPath>() {
            let _ = self.route.set(route.clone());
        }
    }

    /// Who sends the request.
    ///
    /// # Errors
    /// Those of [`Platform::authenticate`]; `request_rate_exceeded`.
    pub(crate) async fn authenticated(&self, parts: &Parts) -> Result<Principal, ApiError> {
        self.is_on(parts);
        let principal = self.principal(parts).await?;
        self.count(&principal)?;
        Ok(principal)
    }

    /// Which operator sends the request; it is nobody's request among tenants.
    ///
    /// # Errors
    /// `unauthenticated`, `forbidden` for a tenant's credential, `unavailable`.
    pub(crate) async fn operator(&self, parts: &Parts) -> Result<Operator, ApiError> {
        self.is_on(parts);
        self.observer.platform.operator(&self.method, &parts.headers).await
    }

    /// Who sends the request, operator or tenant.
    ///
    /// # Errors
    /// Those of [`authenticated`](Self::authenticated) and of [`operator`](Self::operator).
    pub(crate) async fn who(&self, parts: &Parts) -> Result<Who, ApiError> {
        self.is_on(parts);
        let who = self.observer.platform.who(&self.method, &parts.headers).await?;
        if let Who::Tenant(principal) = &who {
            self.count(self.principal.get_or_init(|| principal.clone()))?;
        }
        Ok(who)
    }

    /// Counts the request among its tenant's, once.
    fn count(&self, principal: &Principal) -> Result<(), ApiError> {
        if self.is_counted.swap(true, Ordering::Relaxed) { Ok(()) } else { principal.runtime.admit_request() }
    }

    async fn principal(&self, parts: &Parts) -> Result<Principal, ApiError> {
        if let Some(principal) = self.principal.get() {
            return Ok(principal.clone());
        }
        // Boxed: the future of a request whose sender is remembered stays small.
        let principal = Box::pin(self.observer.platform.authenticate_request(&self.method, &parts.headers)).await?;
        Ok(self.principal.get_or_init(|| principal).clone())
    }
}

/// Tells the observer the route of handlers that ask for no [`Principal`].
pub(crate) struct Noted;

impl<S: Send + Sync> FromRequestParts<S> for Noted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        if let Some(caller) = Caller::of(parts) {
            caller.is_on(parts);
        }
        Ok(Self)
    }
}

impl Observer {
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

    /// The answer that needs no route: a refusal, or what the tenant was answered lately.
    fn ready(&self, caller: &Caller, request: &Request) -> Option<Response> {
        if let Err(error) = self.check(request.uri()) {
            return Some(Problem(error).into_response());
        }
        let principal = self.platform.recall(request.headers(), caller.started)?;
        let principal = caller.principal.get_or_init(|| principal);
        if caller.method != Method::GET || request.uri().query().is_some() || !request.body().is_end_stream() {
            return None;
        }
        let (answer, route) = self.platform.answers().get(principal, request.uri().path())?;
        let _ = caller.route.set(route);
        if let Err(error) = caller.count(principal) {
            return Some(Problem(error).into_response());
        }
        Some(answer.answer(request.headers()))
    }

    /// What every answer gets, whoever made it.
    fn finish(&self, caller: &Caller, response: &mut Response) {
        let told = response.extensions_mut().remove::<Told>();
        if caller.is_script {
            problem::ask_in_page(response);
        }
        let error = problem::complete(response, &caller.method, &caller.id).or_else(|| told.as_ref()?.error.clone());
        response.headers_mut().insert(X_REQUEST_ID, caller.id.header());
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let line = Line {
            method: request_log::known_method(&caller.method),
            route: caller.route.get().map_or("unmatched", MatchedPath::as_str),
            status: response.status().as_u16(),
            duration: caller.started.elapsed(),
            tenant: caller.principal.get().map_or("-", |principal| principal.tenant.as_str()),
            id: &caller.id,
        };
        self.metrics.count(line.route, line.method, line.status, line.duration);
        request_log::write(&line, error.as_deref(), told.as_ref());
    }
}

/// The whole application behind its observer.
pub type App = Observed<Router>;

/// A service with its observer.
#[derive(Clone)]
pub struct Observed<S> {
    observer: Arc<Observer>,
    inner: S,
}

impl<S> Observed<S> {
    pub(crate) fn new(platform: Arc<Platform>, inner: S) -> Self {
        // The recorder has to be there before the first handle is made, or the handle counts into the void.
        crate::metrics::recorder();
        let limits = &platform.config().limits;
        let LimitsSection { url_bytes_max, query_bytes_max, .. } = *limits;
        let (metrics, patience) = (RouteMetrics::default(), Patience::of(limits));
        Self { observer: Arc::new(Observer { platform, metrics, url_bytes_max, query_bytes_max, patience }), inner }
    }
}

impl<S: Service<Request, Response = Response, Error = Infallible>> Service<Request> for Observed<S> {
    type Response = Response;
    type Error = Infallible;
    type Future = Observation<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let caller = Arc::new(Caller {
            observer: Arc::clone(&self.observer),
            id: RequestId::of(request.headers()),
            is_script: request.headers().contains_key(SCRIPT_HEADER),
            started: Instant::now(),
            method: request.method().clone(),
            route: OnceLock::new(),
            principal: OnceLock::new(),
            is_counted: AtomicBool::new(false),
        });
        let accept_encoding = request.headers().get(ACCEPT_ENCODING).cloned();
        if !request.body().is_end_stream() {
            request = self.observer.patience.with(request);
        }
        let stage = match self.observer.ready(&caller, &request) {
            Some(response) => Stage::Ready { response: Some(response) },
            None => {
                request.extensions_mut().insert(Arc::clone(&caller));
                Stage::Running { inner: self.inner.call(request) }
            }
        };
        Observation { stage, caller, accept_encoding }
    }
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pin_project! {
    /// One request under way.
    pub struct Observation<F> {
        #[pin]
        stage: Stage<F>,
        caller: Arc<Caller>,
        accept_encoding: Option<HeaderValue>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F> {
        /// Not handed on.
        Ready { response: Option<Response> },
        /// The handler's.
        Running { #[pin] inner: F },
        /// Answered, and worth compressing.
        Compressing { inner: BoxFuture<Response> },
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Observation<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut response = match this.stage.as_mut().project() {
            StageProjection::Ready { response } => response.take().unwrap_or_default(),
            StageProjection::Running { inner } => ready!(guarded(|| inner.poll(cx).map(|Ok(response)| response))),
            StageProjection::Compressing { inner } => return inner.as_mut().poll(cx).map(Ok),
        };
        this.caller.observer.finish(this.caller, &mut response);
        match this.accept_encoding.take() {
            Some(accepted) if compression::is_worth_it(&this.caller.method, &response) => {
                let mut inner: BoxFuture<Response> = Box::pin(compression::compress(accepted, response));
                let polled = inner.as_mut().poll(cx).map(Ok);
                this.stage.set(Stage::Compressing { inner });
                polled
            }
            _ => Poll::Ready(Ok(response)),
        }
    }
}

/// The inner answer; a panic of a handler is an answer too, not a broken connection.
fn guarded(poll: impl FnOnce() -> Poll<Response>) -> Poll<Response> {
    catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|panic| Poll::Ready(panicked(&*panic)))
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let what = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let what = what.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned());
    Problem(ApiError::new(&codes::INTERNAL, "the request could not be worked on").caused_by(what)).into_response()
}

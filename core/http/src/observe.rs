//! The outermost layer, around every route: request id, log line, metrics, problem documents, panics, compression, for REST
//! the authentication, and the patience with bodies that nobody reads.
//!
//! One service rather than a stack of layers, because each layer costs every request several allocations. It decides
//! nothing about a request but whether its address is too long and who asks.

use std::any::Any;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{ACCEPT_ENCODING, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method, Uri};
use axum::response::{IntoResponse, Response};
use pin_project_lite::pin_project;
use plugpoint_config::LimitsSection;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use tower::{Layer, Service};

use crate::auth::Principal;
use crate::compression;
use crate::drain::Patience;
use crate::metrics::RouteMetrics;
use crate::platform::Platform;
use crate::problem::{self, Problem};
use crate::request_id::{RequestId, X_REQUEST_ID};
use crate::request_log::{self, Line};

/// What the observer keeps between requests.
pub(crate) struct Observer {
    metrics: RouteMetrics,
    url_bytes_max: usize,
    query_bytes_max: usize,
    patience: Patience,
}

/// Who sent a request and under which id; found by the extractors of both.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) id: RequestId,
    pub(crate) principal: Option<Principal>,
}

impl Observer {
    pub(crate) fn new(limits: &LimitsSection) -> Self {
        // The recorder has to be there before the first handle is made, or the handle counts into the void.
        crate::metrics::recorder();
        let LimitsSection { url_bytes_max, query_bytes_max, .. } = *limits;
        Self { metrics: RouteMetrics::default(), url_bytes_max, query_bytes_max, patience: Patience::of(limits) }
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

    /// What every answer gets, whoever made it.
    fn finish(&self, seen: &Seen, tenant: Option<&Principal>, response: &mut Response) {
        let error = problem::complete(response, &seen.method, &seen.id);
        response.headers_mut().insert(X_REQUEST_ID, seen.id.header());
        response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let line = Line {
            method: request_log::known_method(&seen.method),
            route: seen.route.as_ref().map_or("unmatched", MatchedPath::as_str),
            status: response.status().as_u16(),
            duration: seen.started.elapsed(),
            tenant: tenant.map_or("-", |principal| principal.tenant.as_str()),
            id: &seen.id,
        };
        self.metrics.count(line.route, line.method, line.status, line.duration);
        request_log::write(&line, error.as_deref());
    }
}

/// What is noted about a request before it is handed on.
struct Seen {
    started: Instant,
    id: RequestId,
    method: Method,
    route: Option<MatchedPath>,
    accept_encoding: Option<HeaderValue>,
}

impl Seen {
    fn of(request: &mut Request) -> Self {
        Self {
            started: Instant::now(),
            id: RequestId::of(request.headers()),
            method: request.method().clone(),
            // Taken, not copied: no handler asks for it, and the map of extensions need not grow for the caller then.
            route: request.extensions_mut().remove::<MatchedPath>(),
            accept_encoding: request.headers().get(ACCEPT_ENCODING).cloned(),
        }
    }
}

/// The observer as a layer.
#[derive(Clone)]
pub(crate) struct Observe {
    pub(crate) observer: Arc<Observer>,
    /// With a platform, requests are authenticated before they go on.
    pub(crate) gate: Option<Arc<Platform>>,
}

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Observed<S> {
        Observed { observe: self.clone(), inner }
    }
}

/// A service with its observer.
#[derive(Clone)]
pub(crate) struct Observed<S> {
    observe: Observe,
    inner: S,
}

impl<S> Service<Request> for Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Observation<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let seen = Seen::of(&mut request);
        let observer = Arc::clone(&self.observe.observer);
        if !request.body().is_end_stream() {
            request = observer.patience.with(request);
        }
        let (stage, principal) = self.begin(&observer, &seen, request);
        Observation { stage, observer, seen, principal }
    }
}

impl<S> Observed<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    /// Hands the request on at once if it is known who asks, else as soon as it is.
    fn begin(
        &mut self,
        observer: &Observer,
        seen: &Seen,
        mut request: Request,
    ) -> (Stage<S::Future>, Option<Principal>) {
        if let Err(error) = observer.check(request.uri()) {
            return (Stage::Refused { error: Some(error) }, None);
        }
        let id = seen.id.clone();
        let Some(platform) = &self.observe.gate else {
            request.extensions_mut().insert(Caller { id, principal: None });
            return (Stage::Running { inner: self.inner.call(request) }, None);
        };
        if let Some(principal) = platform.recall(request.headers(), seen.started) {
            request.extensions_mut().insert(Caller { id, principal: Some(principal.clone()) });
            return (Stage::Running { inner: self.inner.call(request) }, Some(principal));
        }
        let (platform, mut inner) = (Arc::clone(platform), self.inner.clone());
        let inner = async move {
            let principal = match platform.authenticate_headers(request.headers()).await {
                Ok(principal) => principal,
                Err(error) => return (None, Problem(error).into_response()),
            };
            request.extensions_mut().insert(Caller { id, principal: Some(principal.clone()) });
            let Ok(response) = inner.call(request).await;
            (Some(principal), response)
        };
        (Stage::Waiting { inner: Box::pin(inner) }, None)
    }
}

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pin_project! {
    /// One request under way.
    pub(crate) struct Observation<F> {
        #[pin]
        stage: Stage<F>,
        observer: Arc<Observer>,
        seen: Seen,
        principal: Option<Principal>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F> {
        /// Not handed on.
        Refused { error: Option<ApiError> },
        /// The handler's.
        Running { #[pin] inner: F },
        /// Somebody has to be asked who this is, then the handler's.
        Waiting { inner: BoxFuture<(Option<Principal>, Response)> },
        /// Answered, and worth compressing.
        Compressing { inner: BoxFuture<Response> },
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Observation<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut response = match this.stage.as_mut().project() {
            StageProjection::Refused { error } => {
                error.take().map(|error| Problem(error).into_response()).unwrap_or_default()
            }
            StageProjection::Running { inner } => ready!(guarded(|| inner.poll(cx).map(|Ok(response)| response))),
            StageProjection::Waiting { inner } => ready!(guarded(|| {
                let (principal, response) = ready!(inner.as_mut().poll(cx));
                *this.principal = principal;
                Poll::Ready(response)
            })),
            StageProjection::Compressing { inner } => return inner.as_mut().poll(cx).map(Ok),
        };
        this.observer.finish(this.seen, this.principal.as_ref(), &mut response);
        match this.seen.accept_encoding.take() {
            Some(accepted) if compression::is_worth_it(&this.seen.method, &response) => {
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

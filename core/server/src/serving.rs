//! A listening server: accepts connections within bounds, hands requests to the router, stops without losing one.
//!
//! It uses hyper directly rather than `axum::serve` for what that leaves open to hostile clients: a time-out for request
//! heads (slow-loris), a bound on their size, a bound on connections.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use hyper::body::Incoming;
use hyper::rt::Timer;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use plugpoint_config::Config;
use plugpoint_http::{App, Platform};
use plugpoint_plugin_catalog::import::workers::Workers;
use plugpoint_tasks::RuntimeOptions;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::assembly::{self, Assembled};
use crate::bundle::Background;
use crate::cli::Failure;
use crate::head_timer::HeadClock;
use crate::refusals::Refusals;

/// A server that runs in this process. Dropping it without [`Running::stop`] leaves imports to the next start.
pub struct Running {
    /// Where it listens; the port is real even if 0 was asked for.
    pub address: SocketAddr,
    /// The platform, for a look from inside.
    pub platform: Arc<Platform>,
    runtime: tokio::runtime::Runtime,
    workers: Workers,
    tasks: plugpoint_tasks::Runtime,
    stop: watch::Sender<bool>,
    grace: Duration,
}

/// Opens the data, takes up unfinished imports and listens.
///
/// # Errors
/// Anything that keeps the server from serving: configuration, clashing registrations, storage, the port.
pub fn start(config: Config, data_dir: &std::path::Path) -> Result<Running, Failure> {
    let Assembled { platform, app, service, background, .. } = assembly::assemble(config, data_dir)?;
    let workers = Workers::start(&service)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let server = &platform.config().server;
    let listener = runtime
        .block_on(TcpListener::bind(server.listen))
        .map_err(|error| Failure::new(format!("cannot listen on {}: {error}", server.listen)))?;
    let address = listener.local_addr()?;
    let tasks = run_tasks(&platform, background, address)?;
    let (stop, stopped) = watch::channel(false);
    let limits = Limits::of(platform.config());
    let grace = Duration::from_secs(server.shutdown_grace_s);
    runtime.spawn(accept(listener, app, limits, HeadClock::start()?, stopped));
    tracing::info!(%address, data_dir = %data_dir.display(), "listening");
    Ok(Running { address, platform, runtime, workers, tasks, stop, grace })
}

impl Running {
    /// Where clients reach it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Blocks until SIGINT or SIGTERM.
    ///
    /// # Errors
    /// The system gives no signal handlers.
    pub fn wait_for_signal(&self) -> Result<(), Failure> {
        self.runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {},
                _ = terminate.recv() => {},
            }
            Ok(())
        })
    }

    /// Stops: no new connections, running imports roll back to their spooled documents, open requests get the grace time.
    pub fn stop(self) {
        tracing::info!("stopping");
        let _ = self.stop.send(true);
        self.tasks.stop(Duration::ZERO);
        self.workers.stop();
        self.runtime.block_on(async {
            // The accepting task holds the receiver until the last connection is closed.
            let _ = tokio::time::timeout(self.grace, self.stop.closed()).await;
        });
        self.runtime.shutdown_timeout(Duration::from_secs(1));
    }
}

/// Starts what goes on in the background, and says which version is in service.
fn run_tasks(
    platform: &Platform,
    background: Background,
    address: SocketAddr,
) -> Result<plugpoint_tasks::Runtime, Failure> {
    let config = &platform.config().tasks;
    let options = RuntimeOptions {
        address: format!("pid {} on {address}", std::process::id()),
        threads: config.threads,
        tenant_running_max: config.tenant_running_max,
        lease: Duration::from_millis(config.lease_ms),
        patience: Duration::from_millis(config.patience_ms),
        ..RuntimeOptions::default()
    };
    let Background { tasks, registry, daemons } = background;
    tasks.mark_version(concat!("plugpoint ", env!("CARGO_PKG_VERSION")), "server")?;
    Ok(plugpoint_tasks::Runtime::start(tasks, registry, daemons, options)?)
}

/// What one connection may cost.
struct Limits {
    connections_max: usize,
    head_bytes_max: usize,
    head_timeout: Duration,
}

impl Limits {
    fn of(config: &Config) -> Self {
        let limits = &config.limits;
        Self {
            connections_max: limits.connections_max,
            head_bytes_max: limits.request_head_bytes_max,
            head_timeout: Duration::from_secs(limits.request_head_timeout_s),
        }
    }
}

async fn accept(
    listener: TcpListener,
    app: App,
    limits: Limits,
    clock: Arc<HeadClock>,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(limits.connections_max));
    let graceful = GracefulShutdown::new();
    let refusals = Arc::new(Refusals::default());
    let mut builder = Builder::new(TokioExecutor::new());
    // Half-close: a client that shuts its side down after the request gets its answer, as some old ones do. It also spares each
    // request a read that could only tell that the client has gone.
    builder
        .http1()
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.head_bytes_max)
        .half_close(true)
        .writev(false);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.head_bytes_max).unwrap_or(u32::MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let (stream, peer) = tokio::select! {
            stream = next(&listener) => stream,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        let has_begun = Arc::new(AtomicBool::new(false));
        let begins = Arc::clone(&has_begun);
        let service = app.clone().map_request(move |request: hyper::Request<Incoming>| {
            begins.store(true, Ordering::Relaxed);
            request.map(body)
        });
        let silence = clock.timer().sleep(limits.head_timeout);
        builder.http1().timer(clock.timer());
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
        let connection = graceful.watch(connection.into_owned());
        let refusals = Arc::clone(&refusals);
        tokio::spawn(async move {
            if let Err(error) = unless_silent(connection, silence, &has_begun).await {
                refusals.tell(peer, &*error);
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// A request's body; one that is empty costs nothing.
fn body(incoming: Incoming) -> Body {
    if incoming.is_end_stream() { Body::empty() } else { Body::new(incoming) }
}

/// Drives a connection, and drops it if no request has come when `silence` is over: hyper counts the time of a head only from
/// the moment it knows the protocol's version, so that a client which sends nothing would stay for ever.
async fn unless_silent<C: Future<Output = Result<(), E>>, E>(
    connection: C,
    mut silence: Pin<Box<dyn hyper::rt::Sleep>>,
    has_begun: &AtomicBool,
) -> Result<(), E> {
    let (mut connection, mut is_silent) = (pin!(connection), true);
    poll_fn(|cx| {
        is_silent = is_silent && !has_begun.load(Ordering::Relaxed);
        if is_silent && silence.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Ok(()));
        }
        connection.as_mut().poll(cx)
    })
    .await
}

/// The next connection. A failure to accept (no file descriptors) is logged and tried again, never the end of the server.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

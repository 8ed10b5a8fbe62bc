//! The Prometheus recorder, installed once per process, and the counters of HTTP itself.
//!
//! Everybody else uses the `metrics` macros; this is the one place that knows which recorder is behind them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arc_swap::ArcSwap;
use hashbrown::HashMap;
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

/// Upper bounds of every histogram of durations, in seconds: from a cached read to a long import.
const DURATION_BUCKETS_S: [f64; 14] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0];

/// How often recorded durations are folded into their buckets; until then each costs memory.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The recorder's handle. The first call installs the recorder and starts its upkeep thread.
pub fn recorder() -> &'static PrometheusHandle {
    static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let matcher = Matcher::Suffix("_seconds".to_owned());
        let builder = PrometheusBuilder::new();
        // Only an empty list of buckets is refused.
        let builder = builder.set_buckets_for_metric(matcher, &DURATION_BUCKETS_S).unwrap_or_default();
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        if let Err(error) = metrics::set_global_recorder(recorder) {
            tracing::warn!(%error, "another metrics recorder was installed before; /metrics stays empty");
        }
        describe();
        let upkeep = handle.clone();
        let thread = std::thread::Builder::new().name("metrics-upkeep".to_owned()).spawn(move || {
            loop {
                std::thread::sleep(UPKEEP_INTERVAL);
                upkeep.run_upkeep();
            }
        });
        if let Err(error) = thread {
            tracing::error!(%error, "no upkeep of metrics: memory grows until they are read");
        }
        handle
    })
}

fn describe() {
    metrics::describe_counter!("http_requests_total", "Requests by method, route template and status");
    metrics::describe_histogram!("http_request_duration_seconds", "Time from a request's head to its answer's head");
    metrics::describe_counter!(
        "auth_verifications_total",
        "Secrets that were hashed, because no cache knew the credential"
    );
    metrics::describe_counter!("auth_digests_total", "Password digests that were checked");
}

#[derive(Clone)]
struct Series {
    requests: Counter,
    duration: Histogram,
}

impl Series {
    fn count(&self, duration: Duration) {
        self.requests.increment(1);
        self.duration.record(duration.as_secs_f64());
    }
}

/// The metric handles of one route, method and status, looked up without hashing label sets: the registry behind the
/// macros would cost a cached read more than the read itself. Replaced as a whole for each new series, so that counting takes
/// no lock.
#[derive(Default)]
pub(crate) struct RouteMetrics {
    routes: ArcSwap<HashMap<Box<str>, RouteSeries>>,
}

/// The series of one route by method and status: a handful, so looking through them beats hashing.
type RouteSeries = Vec<(&'static str, u16, Series)>;

impl RouteMetrics {
    /// Counts one request. `route` is a template, so the number of series is bounded by the routes.
    pub(crate) fn count(&self, route: &str, method: &'static str, status: u16, duration: Duration) {
        let routes = self.routes.load();
        let known =
            routes.get(route).and_then(|series| series.iter().find(|(of, code, _)| *of == method && *code == status));
        if let Some((.., series)) = known {
            return series.count(duration);
        }
        drop(routes);
        self.add(route, method, status).count(duration);
    }

    fn add(&self, route: &str, method: &'static str, status: u16) -> Series {
        let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        let series = Series {
            requests: metrics::counter!("http_requests_total", &labels),
            duration: metrics::histogram!("http_request_duration_seconds", &labels),
        };
        self.routes.rcu(|routes| {
            let mut routes = HashMap::clone(routes);
            routes.entry(route.into()).or_default().push((method, status, series.clone()));
            Arc::new(routes)
        });
        series
    }
}

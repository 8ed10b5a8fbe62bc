//! What an import tells the operator: metrics, one log line at its end, and the listeners that customers registered.
//!
//! `/metrics` is open to everybody, so no label names a tenant; the log does.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use plugpoint_http::{Platform, TenantRuntime};
use plugpoint_kernel::{Beat, Hook, HookStats};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::ImportStatus;
use plugpoint_sdk::points::import_listener::{ImportCommitted, ImportListener};
use plugpoint_store::ImportRecord;

/// Says what the metrics mean. Called once.
pub(crate) fn describe() {
    metrics::describe_counter!("imports_total", "Ended imports by status");
    metrics::describe_counter!("import_items_total", "Records of ended imports by outcome");
    metrics::describe_counter!("hook_calls_total", "Calls of hooks by customer, point and hook");
    metrics::describe_counter!("hook_failures_total", "Calls of hooks that panicked, failed or were given up");
    metrics::describe_counter!("hook_suspensions_total", "How often a hook was left out because it failed too often");
    metrics::describe_gauge!("hook_p50_seconds", "The median time of a hook's calls since start-up");
    metrics::describe_gauge!(
        "hook_p99_seconds",
        "The time that one call of a hook in a hundred exceeds, since start-up"
    );
    metrics::describe_counter!("hook_microseconds_total", "Time in hooks, with what they called in their turn");
    metrics::describe_histogram!("import_duration_seconds", "Time from the start of an import's last run to its end");
}

/// An import ended: counted, timed, logged once.
pub(crate) fn ended(platform: &Platform, runtime: &TenantRuntime, record: &ImportRecord) {
    hooks(platform);
    let tenant = runtime.tenant.to_string();
    let status = if record.status == ImportStatus::Succeeded { "succeeded" } else { "failed" };
    let counts = record.counts;
    counter!("imports_total", "status" => status).increment(1);
    for (outcome, count) in [("accepted", counts.accepted), ("rejected", counts.rejected)] {
        counter!("import_items_total", "outcome" => outcome).increment(count);
    }
    let spent = record.started_at.zip(record.finished_at).map(|(from, to)| to.0.duration_since(from.0).as_secs_f64());
    histogram!("import_duration_seconds").record(spent.unwrap_or(0.0));
    let error = record.error.as_ref().map(|error| error.code.as_str());
    tracing::info!(
        import_id = %record.id, tenant, catalog = %record.catalog, status, error, read = counts.read, accepted = counts.accepted,
        rejected = counts.rejected, added = counts.added, changed = counts.changed, removed = counts.removed, seconds = spent,
        "import ended"
    );
}

/// The kernel counts calls and time of every hook; an import is what moves them.
fn hooks(platform: &Platform) {
    for HookStats { customer, point, id, calls } in platform.hook_stats() {
        let customer = customer.unwrap_or_default();
        let labels = [("customer", customer), ("point", point.to_owned()), ("hook", id.to_string())];
        counter!("hook_calls_total", &labels).absolute(calls.count);
        counter!("hook_failures_total", &labels).absolute(calls.failures);
        counter!("hook_suspensions_total", &labels).absolute(calls.suspensions);
        counter!("hook_microseconds_total", &labels).absolute(calls.total_us);
        gauge!("hook_p50_seconds", &labels).set(Duration::from_nanos(calls.p50_ns).as_secs_f64());
        gauge!("hook_p99_seconds", &labels).set(Duration::from_nanos(calls.p99_ns).as_secs_f64());
    }
}

/// Tells the customer's listeners about a commit. What they answer changes nothing about it.
pub(crate) fn tell_listeners(platform: &Platform, runtime: &TenantRuntime, record: &ImportRecord) {
    if record.status != ImportStatus::Succeeded {
        return;
    }
    let (tenant, catalog) = (runtime.tenant.clone(), record.catalog.clone());
    let event = ImportCommitted { tenant, catalog, import: record.id, counts: record.counts };
    let budget_percent = platform.config().hooks.budget_percent;
    for listener in &runtime.plan.listeners {
        if let Err(error) = tell(runtime, listener, event.clone(), listener.budget() * budget_percent / 100) {
            tracing::warn!(import_id = %record.id, tenant = %runtime.tenant, hook = %listener.id, error, "import listener failed");
        }
    }
}

/// One listener, on a thread of the tenant's: it may never return.
fn tell(
    runtime: &TenantRuntime,
    listener: &Hook<dyn ImportListener>,
    event: ImportCommitted,
    budget: Duration,
) -> Result<(), String> {
    let hook = listener.clone();
    let task = move |_: &Beat| hook.call(|hook| hook.committed(&event), Result::is_err);
    match runtime.threads.run(&format!("the listener {}", listener.id), budget, task) {
        Ok(called) => called.map_err(|suspended| suspended.to_string())?,
        Err(error) => {
            if error.code == &codes::HOOK_TIMEOUT {
                listener.given_up();
            }
            Err(error.detail)
        }
    }
}

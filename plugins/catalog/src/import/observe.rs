//! What an import tells the operator: metrics, one log line at its end, and the listeners that customers registered.
//!
//! `/metrics` is open to everybody, so no label names a tenant; the log does.

use metrics::{counter, histogram};
use plugpoint_http::{Platform, TenantRuntime};
use plugpoint_kernel::HookTime;
use plugpoint_sdk::desk::ImportStatus;
use plugpoint_sdk::points::import_listener::ImportCommitted;
use plugpoint_store::ImportRecord;

/// Says what the metrics mean. Called once.
pub(crate) fn describe() {
    metrics::describe_counter!("imports_total", "Ended imports by status");
    metrics::describe_counter!("import_items_total", "Records of ended imports by outcome");
    metrics::describe_counter!("hook_calls_total", "Calls of hooks by customer, point and hook");
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
    for HookTime { customer, point, id, calls, time } in platform.hook_times() {
        let customer = customer.unwrap_or_default();
        let labels = [("customer", customer), ("point", point.to_owned()), ("hook", id.to_string())];
        counter!("hook_calls_total", &labels).absolute(calls);
        counter!("hook_microseconds_total", &labels).absolute(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }
}

/// Tells the customer's listeners about a commit. What they answer changes nothing about it.
pub(crate) fn tell_listeners(runtime: &TenantRuntime, record: &ImportRecord) {
    if record.status != ImportStatus::Succeeded {
        return;
    }
    let (tenant, catalog) = (runtime.tenant.clone(), record.catalog.clone());
    let event = ImportCommitted { tenant, catalog, import: record.id, counts: record.counts };
    for listener in &runtime.plan.listeners {
        if let Err(error) = listener.call.committed(&event) {
            tracing::warn!(import_id = %record.id, tenant = %runtime.tenant, hook = %listener.id, error, "import listener failed");
        }
    }
}

//! An export: an exporter of the tenant's plan writes one state of a catalog, piece by piece, as fast as somebody takes it.
//!
//! Used by `GET .../export`, its report and `plugpoint export`. Two threads, one bounded channel: one runs the exporter
//! ([`line`]), the caller's takes the pieces and watches. The state is held by a read transaction, for a bounded time: an exporter
//! that hangs and a client that takes nothing lose it. What came until then is never called whole.

mod line;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use plugpoint_config::Config;
use plugpoint_http::{Admission, TenantRuntime};
use plugpoint_kernel::{Hook, Running};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::export::{ExportError, ExportHeader, ExportReport};
use plugpoint_sdk::model::CatalogId;
use plugpoint_sdk::near::offer;
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;

use crate::import::record::now;
use line::{Held, LineOf};

/// Pieces that may wait for the client.
const PIECES_AHEAD: usize = 2;
/// How often it is looked whether the exporter still brings something.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// An export that has taken longer lets other work go first.
const LONG_AFTER: Duration = Duration::from_secs(1);
/// How long an exporter that was told to stop is waited for.
const LEAVE_WAIT: Duration = Duration::from_secs(10);

/// An export under way. Dropping it stops it; that may block for a moment.
pub struct Export {
    hook: Hook<dyn CatalogExporter>,
    file_name: String,
    /// None once the exporter has been told to stop.
    inbox: Option<Receiver<Vec<u8>>>,
    running: Running<Result<ExportReport, ExportError>>,
    held: Arc<Held>,
    /// How long the exporter may bring nothing.
    patience: Duration,
    started: Instant,
    deadline: Instant,
    total: Duration,
    is_long: bool,
    report: Option<ExportReport>,
    _admission: Admission,
}

impl Export {
    /// Begins to export the state of this moment. Blocks.
    ///
    /// # Errors
    /// `request_invalid` for a format that nobody provides, `not_found` for the catalog, `too_many_requests`, `hook_suspended`, those of
    /// the storage.
    pub fn start(
        runtime: &Arc<TenantRuntime>,
        config: &Config,
        catalog: &CatalogId,
        format: &str,
    ) -> Result<Self, ApiError> {
        let admission = runtime.admit_export()?;
        let not_found = || ApiError::new(&codes::NOT_FOUND, "there is no such catalog");
        let snapshot = runtime.db.snapshot(catalog)?.ok_or_else(not_found)?;
        let hook = exporter(runtime, format)?;
        let header = ExportHeader {
            tenant: runtime.tenant.clone(),
            catalog: catalog.clone(),
            item_count: snapshot.catalog.item_count,
            exported_at: now(),
        };
        let file_name = format!("{catalog}.{}", hook.file_extension());
        let held = Arc::new(Held::new(snapshot));
        let (to_client, inbox) = sync_channel(PIECES_AHEAD);
        let (format, xml_limits) = (format.to_owned(), config.limits.xml());
        let line = LineOf { held: Arc::clone(&held), to_client, header, format, xml_limits };
        let (profile, called) = (Arc::clone(&runtime.profile), hook.clone());
        let name = format!("the exporter {}", hook.id);
        let running = runtime.threads.start(&name, move |beat| line.run(&profile, &called, beat))?;
        let total = Duration::from_secs(config.limits.export_total_timeout_s);
        let started = Instant::now();
        Ok(Self {
            patience: hook.budget() * config.hooks.budget_percent / 100,
            hook,
            file_name,
            inbox: Some(inbox),
            running,
            held,
            started,
            deadline: started + total,
            total,
            is_long: false,
            report: None,
            _admission: admission,
        })
    }

    /// The content type of the document, with its charset.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.hook.media_type()
    }

    /// What a file of the document may be called.
    #[must_use]
    pub fn file_name(&self) -> &str {
        &self.file_name
    }

    /// When the export has to be over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The next piece of the document; none at its end, when there is a [`report`](Self::report). Blocks, as long as it `is_wanted`.
    ///
    /// # Errors
    /// What keeps the document from being whole. What came before is of no use then.
    pub fn next_piece(&mut self, is_wanted: &dyn Fn() -> bool) -> Result<Option<Vec<u8>>, ApiError> {
        // Between two calls the exporter waited for the client.
        self.running.brought();
        loop {
            let Some(inbox) = &self.inbox else { return Ok(None) };
            match inbox.recv_timeout(LOOK_INTERVAL) {
                Ok(piece) => {
                    self.in_time()?;
                    return Ok(Some(piece));
                }
                Err(RecvTimeoutError::Timeout) if !is_wanted() => {
                    return Err(ApiError::new(&codes::UNAVAILABLE, "nobody waits for the export any more"));
                }
                Err(RecvTimeoutError::Timeout) => self.look()?,
                Err(RecvTimeoutError::Disconnected) => {
                    self.report = Some(self.ended()?);
                    self.inbox = None;
                    return Ok(None);
                }
            }
        }
    }

    /// What was written and lost, once the document is whole.
    #[must_use]
    pub fn report(&self) -> Option<&ExportReport> {
        self.report.as_ref()
    }

    fn look(&mut self) -> Result<(), ApiError> {
        if !self.is_long && self.started.elapsed() > LONG_AFTER {
            self.is_long = true;
            self.running.step_back();
        }
        self.in_time()?;
        if self.running.idle() > self.patience {
            self.hook.given_up();
            let (id, ms) = (&self.hook.id, self.patience.as_millis());
            let detail = format!("the exporter {id} brought nothing for {ms} ms and was given up");
            return Err(ApiError::new(&codes::HOOK_TIMEOUT, detail));
        }
        Ok(())
    }

    fn in_time(&self) -> Result<(), ApiError> {
        if Instant::now() <= self.deadline {
            return Ok(());
        }
        let detail = format!("the export took longer than {} s and was given up", self.total.as_secs());
        Err(ApiError::new(&codes::UNAVAILABLE, detail))
    }

    fn ended(&self) -> Result<ExportReport, ApiError> {
        match self.running.result(LEAVE_WAIT)? {
            Ok(report) => Ok(report),
            Err(ExportError::Failed(error)) => Err(error),
            Err(ExportError::Stopped) => {
                let detail = format!("the exporter {} stopped unasked", self.hook.id);
                Err(ApiError::new(&codes::INTERNAL, detail))
            }
        }
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        // An exporter that is well behaved meets one of the two, and is not counted as one that never came back.
        self.held.let_go();
        if self.inbox.take().is_some() {
            let is_stuck = self.running.idle() > self.patience;
            // Whatever it says, nobody wants it.
            let _ = self.running.result(if is_stuck { Duration::ZERO } else { LEAVE_WAIT });
        }
    }
}

fn exporter(runtime: &TenantRuntime, format: &str) -> Result<Hook<dyn CatalogExporter>, ApiError> {
    let exporters = &runtime.plan.exporters;
    exporters.get(format).cloned().ok_or_else(|| {
        let known: Vec<&str> = exporters.keys().map(|known| &**known).collect();
        let message = format!("there is no export format {format:?}{}", offer(format, known.iter().copied()));
        let field =
            FieldError { pointer: "?format".to_owned(), code: "field_invalid".to_owned(), message: message.clone() };
        ApiError::new(&codes::REQUEST_INVALID, message).with_errors(vec![field])
    })
}

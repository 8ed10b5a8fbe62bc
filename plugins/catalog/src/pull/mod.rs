//! A pull: a source of a tenant's profile asks its service, and what it writes becomes a document of the spool.
//!
//! Used by `plugpoint pull` and by the task `sources.pull`. Two threads, one bounded channel: one runs the source ([`line`]), this one spools and watches. The
//! document is acknowledged only when the source has said that it is whole; whatever happens before leaves nothing behind. The
//! import itself is the workers' affair, as for any other document.

mod line;

use std::fmt;
use std::io::Write;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use plugpoint_http::TenantRuntime;
use plugpoint_http::outgoing::Outgoing;
use plugpoint_kernel::{Hook, Running};
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, Receipt, SpoolWriter};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportId, ImportMode, TenantId};
use plugpoint_sdk::near::offer;
use plugpoint_sdk::points::import_source::ImportSource;
use plugpoint_sdk::profile::SourceProfile;
use plugpoint_sdk::pull::SourceError;
use uuid::Uuid;

use crate::import::desk::{CatalogService, ServiceDesk};
use crate::import::incoming::write_failed;
use line::{LineOf, Secret, Shared};

/// Pieces of the document that may wait for the disk.
const PIECES_AHEAD: usize = 4;
/// How often progress is told and an interruption looked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// How long a source that was told to stop is waited for: it may be taking leave of its service.
const LEAVE_WAIT: Duration = Duration::from_secs(10);

/// What is to be pulled.
#[derive(Debug, Clone)]
pub struct PullRequest {
    /// The tenant.
    pub tenant: TenantId,
    /// The source's name in the tenant's profile.
    pub source: String,
    /// The catalog, if not the one of the profile.
    pub catalog: Option<CatalogId>,
    /// The mode, if not the one of the profile.
    pub mode: Option<ImportMode>,
    /// A pull that is done again under the same key brings no second document.
    pub idempotency_key: Option<String>,
}

/// How far a pull is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PullProgress {
    /// Records so far, as the source counts them.
    pub done: u64,
    /// Of how many, where the service tells.
    pub of: Option<u64>,
    /// Bytes of the document so far.
    pub bytes: u64,
}

/// What was pulled: a document that is on disk and whose import is queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledDocument {
    /// Its import.
    pub import: ImportId,
    /// The catalog.
    pub catalog: CatalogId,
    /// The mode.
    pub mode: ImportMode,
    /// How far the source came.
    pub progress: PullProgress,
}

/// What a pull needs of its surroundings.
pub struct Surroundings<'a> {
    /// A value of the environment.
    pub secret: &'a dyn Fn(&str) -> Option<String>,
    /// Whether the operator wants it to end.
    pub is_interrupted: &'a dyn Fn() -> bool,
    /// Is told how far it is, now and then.
    pub watch: &'a mut dyn FnMut(PullProgress),
}

impl PullRequest {
    /// Pulls, and acknowledges the document.
    ///
    /// # Errors
    /// `not_found` for an unknown source; `source_secret_unset`; what the source says; `hook_timeout`, `body_too_large`, those of the
    /// storage; `unavailable` after an interruption. Nothing is kept then.
    pub fn run(
        &self,
        service: &Arc<CatalogService>,
        around: &mut Surroundings<'_>,
    ) -> Result<PulledDocument, ApiError> {
        let runtime = service.platform.tenant(&self.tenant)?;
        let (settings, hook) = self.source(&runtime)?;
        let secret = secret_of(&self.source, settings, around.secret)?;
        let catalog = match &self.catalog {
            Some(catalog) => catalog.clone(),
            None => settings
                .catalog
                .parse()
                .map_err(|error| ApiError::new(&codes::PROFILE_INVALID, "sources.catalog").caused_by(error))?,
        };
        let mode = self.mode.unwrap_or(settings.mode);
        let timeout = Duration::from_secs(settings.timeout_s.into());
        let outgoing = Outgoing::new(&settings.url, timeout, settings.response_bytes_max)?;
        let writer = ServiceDesk(Arc::clone(service)).receive(Receipt {
            tenant: self.tenant.clone(),
            catalog: catalog.clone(),
            mode: Some(mode),
            idempotency_key: self.idempotency_key.clone(),
            media_type: hook.media_type().to_owned(),
            charset: None,
            is_canonical: false,
            request_id: format!("pull-{}", Uuid::now_v7()),
            bytes_announced: None,
        })?;
        let (to_spool, inbox) = sync_channel(PIECES_AHEAD);
        let shared = Arc::new(Shared::default());
        let (name, xml_limits) = (self.source.clone(), service.platform.config().limits.xml());
        let line = LineOf { outgoing, shared: Arc::clone(&shared), to_spool, name, secret: secret.clone(), xml_limits };
        let (profile, called) = (Arc::clone(&runtime.profile), hook.clone());
        let running =
            runtime.threads.start(&format!("the source {}", hook.id), move |beat| line.run(&profile, &called, beat))?;
        let patience = hook.budget() * service.platform.config().hooks.budget_percent / 100 + timeout;
        let bytes_max = runtime.profile.limits.document_bytes_max;
        let spooling = Spooling { hook: &hook, inbox, running, writer, shared: &shared, patience, bytes_max, bytes: 0 };
        let (writer, progress) = spooling.run(around).map_err(|error| secret.kept_out_of(error))?;
        let import = writer.seal()?;
        Ok(PulledDocument { import, catalog, mode, progress })
    }

    fn source<'r>(&self, runtime: &'r TenantRuntime) -> Result<(&'r SourceProfile, Hook<dyn ImportSource>), ApiError> {
        let (profile, name) = (&runtime.profile, self.source.as_str());
        let Some(settings) = profile.sources.get(name) else {
            let offer = offer(name, profile.sources.keys().map(String::as_str));
            let detail = format!("tenant {} has no source {name:?}{offer}", self.tenant);
            return Err(ApiError::new(&codes::NOT_FOUND, detail));
        };
        // A plan is made only when every kind is provided.
        let hook = runtime.plan.sources.get(settings.kind.as_str());
        let unprovided =
            || ApiError::new(&codes::PROFILE_INVALID, format!("nobody provides the kind {:?}", settings.kind));
        Ok((settings, hook.cloned().ok_or_else(unprovided)?))
    }
}

fn secret_of(name: &str, settings: &SourceProfile, of: &dyn Fn(&str) -> Option<String>) -> Result<Secret, ApiError> {
    let Some(variable) = &settings.secret_env else { return Ok(Secret(None)) };
    match of(variable).filter(|value| !value.is_empty()) {
        Some(value) => Ok(Secret(Some(value))),
        None => {
            let detail = format!("the secret of source {name} is not set: set the environment variable {variable}");
            Err(ApiError::new(&codes::SOURCE_SECRET_UNSET, detail))
        }
    }
}

/// The spooling side of a pull.
struct Spooling<'a> {
    hook: &'a Hook<dyn ImportSource>,
    inbox: Receiver<Vec<u8>>,
    running: Running<Result<(), SourceError>>,
    writer: Box<dyn SpoolWriter>,
    shared: &'a Shared,
    /// How long the source may bring nothing, the service's time to answer included.
    patience: Duration,
    bytes_max: u64,
    bytes: u64,
}

impl Spooling<'_> {
    /// Takes the document in until the source has ended, and gives it back whole.
    fn run(mut self, around: &mut Surroundings<'_>) -> Result<(Box<dyn SpoolWriter>, PullProgress), ApiError> {
        let failure = loop {
            match self.inbox.recv_timeout(LOOK_INTERVAL) {
                Ok(piece) => {
                    if let Err(error) = self.take(&piece) {
                        break Some(error);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                // The source has ended, or its thread has.
                Err(RecvTimeoutError::Disconnected) => break None,
            }
            if (around.is_interrupted)() {
                break Some(ApiError::new(&codes::UNAVAILABLE, "the pull was interrupted; nothing was imported"));
            }
            if self.running.idle() > self.patience {
                self.hook.given_up();
                let (id, ms) = (&self.hook.id, self.patience.as_millis());
                let detail =
                    format!("the source {id} brought nothing for {ms} ms and was given up; nothing was imported");
                return Err(ApiError::new(&codes::HOOK_TIMEOUT, detail));
            }
            (around.watch)(self.progress());
        };
        if let Some(error) = failure {
            self.stop();
            return Err(error);
        }
        match self.running.result(LEAVE_WAIT)? {
            Ok(()) if self.bytes == 0 => {
                Err(ApiError::new(&codes::SOURCE_FAILED, format!("the source {} brought no document", self.hook.id)))
            }
            Ok(()) => {
                let progress = self.progress();
                (around.watch)(progress);
                Ok((self.writer, progress))
            }
            Err(SourceError::Failed(error)) => Err(error),
            Err(SourceError::Stopped) => {
                Err(ApiError::new(&codes::INTERNAL, format!("the source {} stopped unasked", self.hook.id)))
            }
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), ApiError> {
        self.bytes += piece.len() as u64;
        if self.bytes > self.bytes_max {
            let detail = format!("the source brings more than the {} bytes that the profile allows", self.bytes_max);
            return Err(ApiError::new(&codes::BODY_TOO_LARGE, detail));
        }
        self.writer.write_all(piece).map_err(write_failed)
    }

    /// Lets the source take leave of its service; what it still writes is thrown away.
    fn stop(&mut self) {
        self.shared.stop();
        let until = Instant::now() + LEAVE_WAIT;
        while Instant::now() < until {
            if let Err(RecvTimeoutError::Disconnected) = self.inbox.recv_timeout(LOOK_INTERVAL) {
                return;
            }
        }
    }

    fn progress(&self) -> PullProgress {
        let (done, of) = self.shared.progress();
        PullProgress { done, of, bytes: self.bytes }
    }
}

impl fmt::Display for PullProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.of {
            Some(of) => write!(f, "{} of {of} records", self.done),
            None => write!(f, "{} records", self.done),
        }
    }
}

//! The source's side of a pull: its thread, and the outlet that it calls.
//!
//! Started by the spooling side, which it tells everything through a channel and a few counters. It decides nothing but when a
//! call is refused: once it was told to stop, only the leave goes out.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::SyncSender;
use std::time::Duration;

use plugpoint_http::outgoing::Outgoing;
use plugpoint_kernel::{Beat, Hook};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::points::import_source::ImportSource;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::pull::{Outlet, PullSession, PulledResponse, SourceError};
use plugpoint_sdk::xml::XmlLimits;

/// What is written is handed on in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// How long the answer to a leave is waited for.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);
/// What stands for a secret in a message.
const HIDDEN: &str = "[secret]";
/// `of` of a progress that is not known.
const UNKNOWN: u64 = u64::MAX;

/// The secret of a source. It has no `Debug` that shows it.
#[derive(Clone)]
pub(super) struct Secret(pub(super) Option<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl Secret {
    /// The same error without the secret: a service may well repeat in a fault what it was sent.
    pub(super) fn kept_out_of(&self, error: ApiError) -> ApiError {
        match &self.0 {
            Some(secret) if error.detail.contains(secret) || error.source.is_some() => {
                // The cause is a text of others' as well; its words go on, cleaned.
                let source = error.source.as_ref().map(|cause| cause.to_string().replace(secret, HIDDEN).into());
                ApiError { detail: error.detail.replace(secret, HIDDEN), source, ..error }
            }
            _ => error,
        }
    }
}

/// What both sides see.
#[derive(Debug)]
pub(super) struct Shared {
    is_stopped: AtomicBool,
    done: AtomicU64,
    of: AtomicU64,
}

impl Default for Shared {
    fn default() -> Self {
        Self { is_stopped: false.into(), done: 0.into(), of: UNKNOWN.into() }
    }
}

impl Shared {
    pub(super) fn stop(&self) {
        self.is_stopped.store(true, Relaxed);
    }

    pub(super) fn progress(&self) -> (u64, Option<u64>) {
        let of = self.of.load(Relaxed);
        (self.done.load(Relaxed), (of != UNKNOWN).then_some(of))
    }
}

/// All that the source's thread owns.
pub(super) struct LineOf {
    pub(super) outgoing: Outgoing,
    pub(super) shared: Arc<Shared>,
    pub(super) to_spool: SyncSender<Vec<u8>>,
    pub(super) name: String,
    pub(super) secret: Secret,
    pub(super) xml_limits: XmlLimits,
}

impl LineOf {
    /// The source's thread.
    pub(super) fn run(self, profile: &Profile, hook: &Hook<dyn ImportSource>, beat: &Beat) -> Result<(), SourceError> {
        let Self { outgoing, shared, to_spool, name, secret, xml_limits } = self;
        let Some(settings) = profile.sources.get(&name) else {
            return Err(ApiError::new(&codes::INTERNAL, "the source has gone").into());
        };
        let mut line = Line { outgoing, shared, to_spool, piece: Vec::with_capacity(PIECE_BYTES), beat };
        let (outlet, secret) = (&mut line, secret.0.as_deref());
        let mut session = PullSession { outlet, name: &name, settings, profile, secret, xml_limits };
        let called = hook.call(|hook| hook.pull(&mut session), has_panicked);
        called.map_err(|suspended| SourceError::Failed(suspended.into()))??;
        line.flush()
    }
}

/// A service that fails is no failure of the source.
fn has_panicked(result: &Result<(), SourceError>) -> bool {
    matches!(result, Err(SourceError::Failed(error)) if error.code == &codes::HOOK_FAILED)
}

/// The platform, as the source calls it.
struct Line<'b> {
    outgoing: Outgoing,
    shared: Arc<Shared>,
    to_spool: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    beat: &'b Beat,
}

impl Line<'_> {
    fn unless_stopped(&self) -> Result<(), SourceError> {
        self.beat.tick();
        if self.shared.is_stopped.load(Relaxed) { Err(SourceError::Stopped) } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SourceError> {
        self.unless_stopped()?;
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.to_spool.send(piece).map_err(|_| SourceError::Stopped)
    }
}

impl Outlet for Line<'_> {
    fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        self.unless_stopped()?;
        let answer = self.outgoing.post(path, headers, body, Duration::MAX);
        // Given even when the pull was stopped meanwhile: it may hold the session that has to be left.
        self.beat.tick();
        Ok(answer?)
    }

    fn post_last(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        self.beat.tick();
        let answer = self.outgoing.post(path, headers, body, LEAVE_TIMEOUT);
        self.beat.tick();
        Ok(answer?)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.unless_stopped()?;
        for part in bytes.chunks(PIECE_BYTES) {
            if self.piece.len() + part.len() > PIECE_BYTES {
                self.flush()?;
            }
            self.piece.extend(part);
        }
        Ok(())
    }

    fn progress(&mut self, done: u64, of: Option<u64>) {
        self.beat.tick();
        self.shared.done.store(done, Relaxed);
        self.shared.of.store(of.unwrap_or(UNKNOWN), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_never_holds_the_secret() {
        let secret = Secret(Some("s3cret".to_owned()));
        let error = ApiError::new(&codes::SOURCE_FAILED, "refused: s3cret").caused_by("key s3cret is wrong");
        let clean = secret.kept_out_of(error);
        assert_eq!(clean.detail, "refused: [secret]");
        assert_eq!(clean.source.unwrap().to_string(), "key [secret] is wrong");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(Secret(None).kept_out_of(ApiError::new(&codes::SOURCE_FAILED, "x")).detail, "x");
    }
}

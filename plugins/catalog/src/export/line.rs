//! The exporter's side of an export: its thread, and the outlet that it calls.
//!
//! Started by the watching side, which it tells everything through a channel. It decides nothing; it stops when nobody takes its
//! pieces any more or the state that it reads was let go.

use std::collections::VecDeque;
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError};

use plugpoint_kernel::{Beat, Hook};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::export::{ExportAccount, ExportError, ExportHeader, ExportOutlet, ExportReport, ExportSession};
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::XmlLimits;
use plugpoint_store::{CatalogSnapshot, SnapshotItem};

/// What is written is handed on in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// Items that are read together, at most.
const PAGE_ITEMS: u32 = 512;
/// Enough bytes of items to be read together; one item may have more.
const PAGE_BYTES: usize = 1 << 20;

/// The state that is exported. The watching side lets it go, whatever the exporter's thread does.
pub(super) struct Held(Mutex<Option<CatalogSnapshot>>);

impl Held {
    pub(super) fn new(snapshot: CatalogSnapshot) -> Self {
        Self(Mutex::new(Some(snapshot)))
    }

    /// Ends the read transaction. Waits for a page that is being read.
    pub(super) fn let_go(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn page(&self, after: &str) -> Result<Vec<SnapshotItem>, ExportError> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let snapshot = held.as_ref().ok_or(ExportError::Stopped)?;
        Ok(snapshot.items(after, PAGE_ITEMS, PAGE_BYTES).map_err(ApiError::from)?)
    }
}

/// All that the exporter's thread owns.
pub(super) struct LineOf {
    pub(super) held: Arc<Held>,
    pub(super) to_client: SyncSender<Vec<u8>>,
    pub(super) header: ExportHeader,
    pub(super) format: String,
    pub(super) xml_limits: XmlLimits,
}

impl LineOf {
    /// The exporter's thread.
    pub(super) fn run(
        self,
        profile: &Profile,
        hook: &Hook<dyn CatalogExporter>,
        beat: &Beat,
    ) -> Result<ExportReport, ExportError> {
        let Self { held, to_client, header, format, xml_limits } = self;
        let account = ExportAccount::new(&format, &header);
        let (piece, page, after) = (Vec::with_capacity(PIECE_BYTES), VecDeque::new(), String::new());
        let mut line = Line { held, to_client, piece, page, after, account, beat };
        let mut session = ExportSession { outlet: &mut line, header: &header, profile, xml_limits };
        let called = hook.call(|hook| hook.export(&mut session), has_panicked);
        called.map_err(|suspended| ExportError::Failed(suspended.into()))??;
        line.flush()?;
        Ok(line.account.report())
    }
}

/// A client that has gone, or storage that fails, is no failure of the exporter.
fn has_panicked(result: &Result<(), ExportError>) -> bool {
    matches!(result, Err(ExportError::Failed(error)) if error.code == &codes::HOOK_FAILED)
}

/// The platform, as the exporter calls it.
struct Line<'b> {
    held: Arc<Held>,
    to_client: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    page: VecDeque<SnapshotItem>,
    after: String,
    account: ExportAccount,
    beat: &'b Beat,
}

impl Line<'_> {
    fn flush(&mut self) -> Result<(), ExportError> {
        if self.piece.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.to_client.send(piece).map_err(|_| ExportError::Stopped)
    }
}

impl ExportOutlet for Line<'_> {
    fn next_item(&mut self) -> Result<Option<ItemData>, ExportError> {
        self.beat.tick();
        if self.page.is_empty() {
            self.page = self.held.page(&self.after)?.into();
        }
        let Some(SnapshotItem { sku, body }) = self.page.pop_front() else { return Ok(None) };
        let unreadable = |error| ApiError::new(&codes::INTERNAL, "a stored item cannot be read").caused_by(error);
        let item = serde_json::from_str(&body).map_err(unreadable)?;
        self.after = sku;
        Ok(Some(item))
    }

    fn rewind(&mut self) -> Result<(), ExportError> {
        self.beat.tick();
        self.page.clear();
        self.after.clear();
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.beat.tick();
        for part in bytes.chunks(PIECE_BYTES) {
            if self.piece.len() + part.len() > PIECE_BYTES {
                self.flush()?;
            }
            self.piece.extend_from_slice(part);
        }
        Ok(())
    }

    fn account(&mut self) -> &mut ExportAccount {
        &mut self.account
    }
}

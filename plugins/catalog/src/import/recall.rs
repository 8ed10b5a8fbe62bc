//! Which records an import need not read, because the last one read the same bytes and nothing has changed the catalog since.
//!
//! The reading thread asks with the bytes of each record, in the document's order, and mostly gets them in the order of the last
//! document: a window moves over that, so memory does not grow with the catalog. What was inserted, changed or moved far is not found
//! and is read. Only imports without item rules are recalled: a rule may look at more than the record.

use std::collections::VecDeque;
use std::sync::Arc;

use hashbrown::HashMap;
use plugpoint_http::TenantRuntime;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, ImportMode};
use plugpoint_store::{Fingerprint, FingerprintKey, Recall, RowId};

use super::run::Import;

/// Entries that are in the window before the next one, at least: as many records may be missing between two that are found.
const AHEAD: usize = 4096;

/// After so many records that were not found, one more block is looked at: a large part of the last document may be missing.
const LOST_AFTER: usize = 512;

/// Entries in the window, about; each takes some 100 bytes. So far a record may have moved.
const WINDOW_MAX: usize = 32_768;

/// What both threads of an import are based on.
#[derive(Clone, Copy)]
pub(crate) struct Basis {
    /// Everything that decides what becomes of a record, but for what the reader says that surrounds it.
    pub(crate) how: Fingerprint,
    /// What the last import read, if it still holds.
    pub(crate) recall: Option<Recall>,
}

impl Basis {
    /// That of an import; none if its records cannot be known by their bytes.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn of(import: &Import, catalog: &CatalogId) -> Result<Option<Self>, ApiError> {
        let Import { runtime, job, .. } = import;
        let plan = &runtime.plan;
        let has_rules = !plan.rules_decoded.is_empty() || !plan.rules_validated.is_empty();
        if has_rules || job.meta().mode == Some(ImportMode::Delete) {
            return Ok(None);
        }
        // A profile that cannot be written down cannot be compared.
        let Ok(profile) = runtime.profile.to_toml() else { return Ok(None) };
        let transformer = if job.meta().is_canonical { &plan.canonical } else { &plan.transformer };
        let mut how = blake3::Hasher::new();
        let parts = [env!("CARGO_PKG_VERSION"), &transformer.id, &profile];
        for part in parts {
            how.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let how = first_half(how.finalize());
        Ok(Some(Self { how, recall: runtime.db.recall(catalog, &how)? }))
    }
}

fn first_half(hash: blake3::Hash) -> Fingerprint {
    let mut half = Fingerprint::default();
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

fn key_of(surroundings: &str) -> FingerprintKey {
    FingerprintKey::new(&first_half(blake3::hash(surroundings.as_bytes())))
}

/// Finds records by their bytes. Used by the reading thread.
pub(crate) struct Recognition {
    window: Window,
    surroundings: String,
    /// Of the surroundings.
    key: FingerprintKey,
    /// Of the record that was asked for last and not found.
    missed: Option<Fingerprint>,
}

impl Recognition {
    /// For an import that is based on what the last one read.
    pub(crate) fn new(runtime: &Arc<TenantRuntime>, basis: Basis) -> Self {
        let window = Window::new(Arc::clone(runtime), basis.recall);
        Self { window, surroundings: String::new(), key: key_of(""), missed: None }
    }

    /// The row of a record that was read before. If there is none, [`take`](Self::take) gives its fingerprint.
    pub(crate) fn find(&mut self, surroundings: &str, record: &str) -> Option<(RowId, Fingerprint)> {
        if self.surroundings != surroundings {
            surroundings.clone_into(&mut self.surroundings);
            self.key = key_of(surroundings);
        }
        let fingerprint = self.key.name(record.as_bytes());
        let found = self.window.take(&fingerprint);
        self.missed = found.is_none().then_some(fingerprint);
        found.map(|row| (row, fingerprint))
    }

    /// The fingerprint of the record that was asked for last and not found.
    pub(crate) fn take(&mut self) -> Option<Fingerprint> {
        self.missed.take()
    }
}

/// A part of what the last import read, which moves on with what is found.
struct Window {
    runtime: Arc<TenantRuntime>,
    /// None when there is no more to come.
    recall: Option<Recall>,
    next_block: u32,
    /// The entries in their order. `first` is the number of the first of them.
    order: VecDeque<Fingerprint>,
    first: usize,
    /// Those that were not found yet, with their number.
    entries: HashMap<Fingerprint, (usize, RowId)>,
    missed: usize,
}

impl Window {
    fn new(runtime: Arc<TenantRuntime>, recall: Option<Recall>) -> Self {
        let (order, entries) = (VecDeque::new(), HashMap::new());
        let mut window = Self { runtime, recall, next_block: 0, order, first: 0, entries, missed: 0 };
        window.reach(0);
        window
    }

    /// The row of a record, once.
    fn take(&mut self, record: &Fingerprint) -> Option<RowId> {
        match self.entries.remove(record) {
            Some((number, row)) => {
                self.missed = 0;
                self.reach(number);
                Some(row)
            }
            None => {
                self.missed += 1;
                if self.missed == LOST_AFTER {
                    self.missed = 0;
                    self.read_block();
                }
                None
            }
        }
    }

    /// Moves on so far that the entry of this number has enough before it.
    fn reach(&mut self, number: usize) {
        while self.recall.is_some() && self.first + self.order.len() <= number + AHEAD {
            self.read_block();
        }
    }

    fn read_block(&mut self) {
        let Some(recall) = self.recall else { return };
        let block = self.runtime.db.recalled(recall, self.next_block).unwrap_or_else(|error| {
            // Whatever cannot be recalled is read.
            tracing::warn!(error = &error as &dyn std::error::Error, "what the last import read cannot be recalled");
            Vec::new()
        });
        if block.is_empty() {
            self.recall = None;
        }
        self.next_block += 1;
        for (record, row) in block {
            self.entries.insert(record, (self.first + self.order.len(), row));
            self.order.push_back(record);
        }
        while self.order.len() > WINDOW_MAX
            && let Some(gone) = self.order.pop_front()
        {
            if self.entries.get(&gone).is_some_and(|(number, _)| *number == self.first) {
                self.entries.remove(&gone);
            }
            self.first += 1;
        }
    }
}

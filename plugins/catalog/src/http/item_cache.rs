//! Items read lately, in memory, ready to be answered, with what presenters say about them. An entry holds as long as nothing
//! was committed to its tenant's database since before it was read, and the tenant's profile and plan are the same; a hit touches neither disk nor blocking thread. It refuses to answer from memory what
//! another process may have changed long ago.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use hashbrown::Equivalent;
use plugpoint_http::TenantRuntime;
use plugpoint_http::recent::Recent;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{StoreError, TenantDb};

use super::respond::Tagged;

/// How often commits of another process (`plugpoint import` beside a running server) are looked for. What nobody looked
/// after for twice as long is not believed, so that is how long such a commit may go unseen here.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What an entry costs beside its texts, in bytes.
const OVERHEAD_BYTES: usize = 400;

/// An item as it is answered: canonical JSON.
#[derive(Clone)]
pub(super) struct CachedItem {
    pub(super) answer: Tagged,
    /// The database's generation before the item was read.
    pub(super) generation: u64,
    /// The [`number`](TenantRuntime::number) of the runtime whose presenters were asked.
    pub(super) runtime: u64,
}

/// An item among all tenants' items. The address as it was sent is enough: another spelling of it is another entry with the
/// same item.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    tenant: TenantId,
    path: Bytes,
}

/// A [`Key`] that is only asked for. Hashes as that does: the same fields in the same order.
#[derive(Clone, Copy, Hash)]
pub(super) struct Asked<'a> {
    pub(super) tenant: &'a TenantId,
    pub(super) path: &'a [u8],
}

impl Equivalent<Key> for Asked<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.tenant == key.tenant && *self.path == *key.path
    }
}

pub(super) struct ItemCache {
    entries: Recent<Key, CachedItem>,
    /// Whether somebody is looking right now.
    is_looking: Arc<AtomicBool>,
}

impl ItemCache {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self { entries: Recent::new(bytes_max), is_looking: Arc::default() }
    }

    /// The item as it was read, if nothing was committed since. Does not block.
    pub(super) fn get(&self, runtime: &TenantRuntime, asked: Asked<'_>) -> Option<Tagged> {
        let db = &runtime.db;
        let unlooked_for = db.unlooked_for();
        if unlooked_for > LOOK_INTERVAL {
            self.send_for_a_look(db);
        }
        if unlooked_for > LOOK_INTERVAL * 2 {
            return None;
        }
        let generation = db.generation();
        let holds = |item: &CachedItem| item.generation == generation && item.runtime == runtime.number;
        self.entries.get(&asked).filter(holds).map(|item| item.answer)
    }

    pub(super) fn put(&self, asked: Asked<'_>, item: CachedItem) {
        let bytes = OVERHEAD_BYTES + asked.path.len() + item.answer.body.len();
        let key = Key { tenant: asked.tenant.clone(), path: Bytes::copy_from_slice(asked.path) };
        self.entries.put(key, item, bytes as u64);
    }

    /// The generation of what is read next. Blocks.
    pub(super) fn generation(db: &TenantDb) -> Result<u64, StoreError> {
        if db.unlooked_for() > LOOK_INTERVAL {
            db.look()?;
        }
        Ok(db.generation())
    }

    fn send_for_a_look(&self, db: &Arc<TenantDb>) {
        if self.is_looking.swap(true, Ordering::AcqRel) {
            return;
        }
        let (db, is_looking) = (Arc::clone(db), Arc::clone(&self.is_looking));
        tokio::task::spawn_blocking(move || {
            if let Err(error) = db.look() {
                tracing::warn!(%error, "cannot look for commits of other processes");
            }
            is_looking.store(false, Ordering::Release);
        });
    }
}

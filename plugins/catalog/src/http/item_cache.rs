//! Items read lately, in memory, ready to be answered. An entry holds as long as nothing was committed to its tenant's
//! database since before it was read; a hit touches neither disk nor blocking thread. It refuses to answer from memory what
//! another process may have changed long ago.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use plugpoint_http::recent::Recent;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{StoreError, TenantDb};

/// How often commits of another process (`plugpoint import` beside a running server) are looked for. What nobody looked
/// after for twice as long is not believed, so that is how long such a commit may go unseen here.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What an entry costs beside its texts, in bytes.
const OVERHEAD_BYTES: usize = 200;

/// An item as it is answered.
pub(super) struct CachedItem {
    /// Canonical JSON.
    pub(super) body: Bytes,
    /// The entity tag without quotes.
    pub(super) etag: Box<str>,
    /// The entity tag as a header's value.
    pub(super) etag_header: HeaderValue,
    /// The database's generation before the item was read.
    pub(super) generation: u64,
}

pub(super) struct ItemCache {
    entries: Recent<Arc<str>, Arc<CachedItem>>,
    /// Whether somebody is looking right now.
    is_looking: Arc<AtomicBool>,
}

impl ItemCache {
    pub(super) fn new(bytes_max: u64) -> Self {
        Self { entries: Recent::new(bytes_max), is_looking: Arc::default() }
    }

    /// The name of an item among all tenants' items. No part but the last can hold a slash.
    pub(super) fn key(tenant: &TenantId, catalog: &str, sku: &str) -> String {
        let tenant = tenant.as_str();
        let mut key = String::with_capacity(tenant.len() + catalog.len() + sku.len() + 2);
        for part in [tenant, "/", catalog, "/", sku] {
            key.push_str(part);
        }
        key
    }

    /// The item as it was read, if nothing was committed since. Does not block.
    pub(super) fn get(&self, db: &Arc<TenantDb>, key: &str) -> Option<Arc<CachedItem>> {
        let unlooked_for = db.unlooked_for();
        if unlooked_for > LOOK_INTERVAL {
            self.send_for_a_look(db);
        }
        if unlooked_for > LOOK_INTERVAL * 2 {
            return None;
        }
        let generation = db.generation();
        self.entries.get(key).filter(|item| item.generation == generation)
    }

    pub(super) fn put(&self, key: String, item: Arc<CachedItem>) {
        let bytes = OVERHEAD_BYTES + key.len() + item.body.len() + 2 * item.etag.len();
        self.entries.put(key.into(), item, bytes as u64);
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

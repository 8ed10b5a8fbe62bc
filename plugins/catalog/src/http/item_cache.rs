//! Items read lately, in memory, ready to be answered. An entry holds as long as nothing was committed to its tenant's
//! database since before it was read; a hit touches neither disk nor blocking thread.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::HeaderValue;
use moka::sync::Cache;
use plugpoint_sdk::model::TenantId;

/// An entry's age at most: the database's generation does not move with commits of another process (`plugpoint import` beside
/// a running server), so this is how long such a commit may go unseen here.
const AGE_MAX: Duration = Duration::from_secs(1);

/// What an entry costs beside its texts, in bytes.
const OVERHEAD_BYTES: usize = 200;

/// An item as it is answered.
#[derive(Clone)]
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
    entries: Cache<Arc<str>, CachedItem>,
}

impl ItemCache {
    pub(super) fn new(bytes_max: u64) -> Self {
        let weight = |key: &Arc<str>, item: &CachedItem| {
            u32::try_from(OVERHEAD_BYTES + key.len() + item.body.len() + 2 * item.etag.len()).unwrap_or(u32::MAX)
        };
        Self { entries: Cache::builder().max_capacity(bytes_max).weigher(weight).time_to_live(AGE_MAX).build() }
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

    pub(super) fn get(&self, key: &str, generation: u64) -> Option<CachedItem> {
        self.entries.get(key).filter(|item| item.generation == generation)
    }

    pub(super) fn put(&self, key: String, item: CachedItem) {
        self.entries.insert(key.into(), item);
    }
}

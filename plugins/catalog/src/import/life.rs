//! Sees which tenants are not served now, and does what that means for this process: nothing of a suspended tenant is imported,
//! a tenant that is deleted or replaced is let go, what was restored is taken up.
//!
//! One thread, which asks the control database several times a second whether anything has changed; that costs microseconds.
//! So a command in another process is noticed within a second, and the memory of credentials with it. It changes no tenant.

use std::collections::HashSet;
use std::io;
use std::sync::{Arc, Weak};
use std::thread::Builder;
use std::time::Duration;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{TenantDb, TenantState};

use super::desk::CatalogService;
use super::incoming::write_failed;
use crate::removal;

const INTERVAL: Duration = Duration::from_millis(200);

struct Watch {
    /// What waits in the spool and came past this process is a server's to import; a command imports its own documents alone.
    is_server: bool,
    seen: Option<u64>,
    restored_at: Option<Timestamp>,
    /// Tenants that another process had to itself.
    away: HashSet<TenantId>,
    /// Databases that are let go, as long as somebody is still at them.
    closing: Vec<Arc<TenantDb>>,
}

/// Looks once, then again and again as long as the service lives.
pub(super) fn start(service: &Arc<CatalogService>, is_server: bool) -> io::Result<()> {
    let mut watch = Watch { is_server, seen: None, restored_at: None, away: HashSet::new(), closing: Vec::new() };
    // What was restored before was found when the spool was opened.
    let restored = service.platform.store().control().restored_since(None).map_err(io::Error::other)?;
    watch.restored_at = restored.last().map(|(_, at)| *at);
    watch.look(service).map_err(io::Error::other)?;
    if is_server {
        let (store, life) = (service.platform.store().clone(), Arc::downgrade(service));
        Builder::new()
            .name("tenant-removal".to_owned())
            .spawn(move || removal::take_up_until_done(&store, &|| life.strong_count() > 0))?;
    }
    let service = Arc::downgrade(service);
    Builder::new().name("tenant-life".to_owned()).spawn(move || run(watch, &service)).map(drop)
}

fn run(mut watch: Watch, service: &Weak<CatalogService>) {
    while let Some(service) = service.upgrade() {
        if let Err(error) = watch.look(&service) {
            tracing::warn!(%error, "cannot look which tenants are served");
        }
        drop(service);
        std::thread::sleep(INTERVAL);
    }
}

impl Watch {
    fn look(&mut self, service: &CatalogService) -> Result<(), ApiError> {
        self.closing.retain(|db| !db.close());
        // Read before the rows: a change in between is seen again.
        let stamp = service.platform.look_for_changes()?;
        if self.seen == Some(stamp) {
            return Ok(());
        }
        self.apply(service)?;
        self.seen = Some(stamp);
        Ok(())
    }

    fn apply(&mut self, service: &CatalogService) -> Result<(), ApiError> {
        let control = service.platform.store().control();
        let unserved = control.unserved()?;
        let mut held: HashSet<String> = unserved.iter().map(|(tenant, _)| tenant.to_string()).collect();
        // Nothing can be written of those; they are read all the time.
        held.extend(control.moving()?.iter().map(ToString::to_string));
        for tenant in service.platform.store().moved_away()? {
            tracing::info!(%tenant, "tenant has moved");
            // Whoever reads the old place ends there, where the same lies.
            drop(service.platform.let_go(&tenant));
        }
        let let_go = || unserved.iter().filter(|(_, state)| state.is_let_go());
        service.queue.hold(held, &let_go().map(|(tenant, _)| tenant.to_string()).collect());
        for (tenant, state) in let_go() {
            if let Some(db) = service.platform.let_go(tenant) {
                tracing::info!(%tenant, %state, "tenant let go");
                self.closing.extend(Some(db).filter(|db| !db.close()));
            }
            if *state == TenantState::Deleting {
                service.spool.forget_tenant(tenant.as_str()).map_err(write_failed)?;
                if control.node().is_some() {
                    // Whoever deletes it is perhaps on another machine. What is not empty is not ours to remove.
                    let _ = std::fs::remove_dir(service.platform.store().folder_of(tenant));
                }
            }
        }
        let away: HashSet<TenantId> = let_go().map(|(tenant, _)| tenant.clone()).collect();
        let restored = control.restored_since(self.restored_at)?;
        let mut back: HashSet<TenantId> = self.away.difference(&away).cloned().collect();
        back.extend(restored.iter().map(|(tenant, _)| tenant.clone()));
        for tenant in back.difference(&away).filter(|_| self.is_server) {
            if control.tenant(tenant)?.is_some() {
                service.requeue_tenant(tenant).map_err(write_failed)?;
            }
        }
        self.restored_at = restored.last().map(|(_, at)| *at).or(self.restored_at);
        self.away = away;
        Ok(())
    }
}

//! The tenants that this process serves: database, profile and plan of each, made at its first use and made anew when its row
//! changes, by whatever process. Nothing has to be restarted for a new tenant.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use plugpoint_config::Config;
use plugpoint_kernel::{HookThreads, Plans, TenantPlan};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::profile::Profile;
use plugpoint_store::{Control, Store, TenantDb, TenantRow, TenantState};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::hook_gate::HookGate;
use crate::rate::Rate;

/// How often changes of the control database are looked for; one may go unseen for twice as long by what is remembered. What
/// is not remembered looks at once.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// Answers of one tenant whose items are presented at once; further ones wait for a place.
const PRESENTED_MAX: usize = 4;

/// Credentials of one tenant that its own verifiers judge at once; further ones are told to come back.
const VERIFIED_MAX: usize = 4;

/// Calls of one tenant's facades that run at once; further ones wait for a place.
const ANSWERED_MAX: usize = 8;

/// Every runtime that this process has made, counted.
static MADE: AtomicU64 = AtomicU64::new(0);

/// All that serving one tenant takes.
pub struct TenantRuntime {
    /// The tenant.
    pub tenant: TenantId,
    /// The customer crate that serves it, if any.
    pub customer: Option<String>,
    /// Its profile.
    pub profile: Arc<Profile>,
    /// What is called for it.
    pub plan: Arc<TenantPlan>,
    /// Its database.
    pub db: Arc<TenantDb>,
    /// Where the hooks of its imports run.
    pub threads: HookThreads,
    /// Where its presenters run.
    pub presenting: HookGate,
    /// Where its verifiers run.
    pub verifying: HookGate,
    /// Where its facades run.
    pub answering: HookGate,
    /// No two runtimes of this process have the same: what was made of one's profile and plan is told apart by it.
    pub number: u64,
    /// Documents that may arrive at once.
    receives: Arc<Semaphore>,
    /// Exports that may run at once.
    exports: Arc<Semaphore>,
    /// Requests in a second.
    rate: Rate,
}

/// Leave for one document of a tenant to arrive, or to be exported; given back when dropped.
#[derive(Debug)]
pub struct Admission(#[expect(dead_code, reason = "held for its drop")] OwnedSemaphorePermit);

impl TenantRuntime {
    /// What serves a tenant by this plan, over this database.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        customer: Option<String>,
        profile: Arc<Profile>,
        plan: Arc<TenantPlan>,
        db: Arc<TenantDb>,
        config: &Config,
    ) -> Self {
        let receives = Arc::new(Semaphore::new(profile.limits.receives_max.min(config.limits.receives_per_tenant_max)));
        let left_behind_max = config.hooks.left_behind_max;
        let exports = Arc::new(Semaphore::new(profile.limits.exports_max.min(config.limits.exports_per_tenant_max)));
        let threads = HookThreads::new(left_behind_max);
        let presenting = HookGate::new(PRESENTED_MAX, left_behind_max);
        let verifying = HookGate::new(VERIFIED_MAX, left_behind_max);
        let answering = HookGate::new(ANSWERED_MAX, left_behind_max);
        let rate = Rate::of(&profile.limits);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        Self {
            tenant,
            customer,
            profile,
            plan,
            db,
            threads,
            presenting,
            verifying,
            answering,
            number,
            receives,
            exports,
            rate,
        }
    }

    /// Counts one request of the tenant, by whatever protocol. To be asked once for each, as soon as its sender is known.
    ///
    /// # Errors
    /// `request_rate_exceeded`.
    pub fn admit_request(&self) -> Result<(), ApiError> {
        self.rate.admit()
    }

    /// Lets one more document arrive, by whatever protocol, if not too many of this tenant do.
    ///
    /// # Errors
    /// `too_many_requests`.
    pub fn admit(&self) -> Result<Admission, ApiError> {
        let refused = || {
            let detail = "too many documents of this tenant arrive at once";
            ApiError::new(&codes::TOO_MANY_REQUESTS, detail).retry_after(2)
        };
        Arc::clone(&self.receives).try_acquire_owned().map(Admission).map_err(|_| refused())
    }

    /// Lets one more export begin, if not too many of this tenant run.
    ///
    /// # Errors
    /// `too_many_requests`.
    pub fn admit_export(&self) -> Result<Admission, ApiError> {
        let refused = || {
            let detail = "too many exports of this tenant run at once";
            ApiError::new(&codes::TOO_MANY_REQUESTS, detail).retry_after(5)
        };
        Arc::clone(&self.exports).try_acquire_owned().map(Admission).map_err(|_| refused())
    }
}

struct Known {
    row: TenantRow,
    runtime: Arc<TenantRuntime>,
    stamp: u64,
}

/// The registry. Blocks where it says so.
pub(crate) struct Tenants {
    store: Store,
    plans: Arc<Plans>,
    config: Arc<Config>,
    known: RwLock<HashMap<TenantId, Known>>,
    stamp: AtomicU64,
    started: Instant,
    looked_at_ms: AtomicU64,
    is_looking: AtomicBool,
}

impl Tenants {
    pub(crate) fn new(store: Store, plans: Arc<Plans>, config: Arc<Config>) -> Result<Self, ApiError> {
        let stamp = AtomicU64::new(store.control().stamp()?);
        let (started, looked_at_ms, is_looking) = (Instant::now(), AtomicU64::new(0), AtomicBool::new(false));
        Ok(Self { store, plans, config, known: RwLock::default(), stamp, started, looked_at_ms, is_looking })
    }

    pub(crate) fn plans(&self) -> &Plans {
        &self.plans
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn control(&self) -> &Control {
        self.store.control()
    }

    /// The last stamp seen, if somebody looked lately. Does not block: when it is older than [`LOOK_INTERVAL`], one caller
    /// sends for a new one; when it is twice as old, it is `None`, and the caller has to [`look`](Self::look).
    pub(crate) fn stamp(self: &Arc<Self>, now: Instant) -> Option<u64> {
        let now = self.ms_at(now);
        let interval = u64::try_from(LOOK_INTERVAL.as_millis()).unwrap_or(u64::MAX);
        let age = now.saturating_sub(self.looked_at_ms.load(Ordering::Acquire));
        if age > interval && !self.is_looking.swap(true, Ordering::AcqRel) {
            let this = Arc::clone(self);
            tokio::task::spawn_blocking(move || {
                if let Err(error) = this.look() {
                    tracing::warn!(%error, "cannot look for changes of tenants and credentials");
                }
                this.is_looking.store(false, Ordering::Release);
            });
        }
        (age <= 2 * interval).then(|| self.last_stamp())
    }

    /// The last stamp seen, however old.
    pub(crate) fn last_stamp(&self) -> u64 {
        self.stamp.load(Ordering::Acquire)
    }

    /// The stamp of this moment. Blocks for microseconds.
    pub(crate) fn look(&self) -> Result<u64, ApiError> {
        // Taken before the look: a change after it is the next look's.
        let now = self.ms_at(Instant::now());
        let stamp = self.store.control().stamp()?;
        self.stamp.store(stamp, Ordering::Release);
        self.looked_at_ms.store(now, Ordering::Release);
        Ok(stamp)
    }

    /// Forgets a tenant that another process deletes or replaces.
    pub(crate) fn forget(&self, id: &TenantId) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).remove(id);
    }

    fn ms_at(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX)
    }

    /// The tenant as its row is now. Blocks: a look for changes, a row, at the first use the opening of its database.
    pub(crate) fn tenant(&self, id: &TenantId) -> Result<Arc<TenantRuntime>, ApiError> {
        let stamp = self.look()?;
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(id)
            && known.stamp == stamp
        {
            return Ok(Arc::clone(&known.runtime));
        }
        let not_found = || ApiError::new(&codes::NOT_FOUND, format!("there is no tenant {id}"));
        let row = self.control().tenant(id)?.ok_or_else(not_found)?;
        match row.state {
            TenantState::Active => {}
            TenantState::Suspended => return Err(suspended(id)),
            TenantState::Restoring => {
                let detail = format!("the tenant {id} is being restored");
                return Err(ApiError::new(&codes::UNAVAILABLE, detail).retry_after(5));
            }
            TenantState::Deleting => return Err(not_found()),
        }
        let unchanged = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            known.get(id).filter(|known| known.row == row).map(|known| Arc::clone(&known.runtime))
        };
        let made = match unchanged {
            Some(runtime) => runtime,
            None => Arc::new(self.make(&row)?),
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Of several that come first at once one counts: each runtime has places and breakers of its own.
        let there = known.get(id).filter(|there| there.row == row);
        let runtime = there.map_or(made, |there| Arc::clone(&there.runtime));
        known.insert(id.clone(), Known { row, runtime: Arc::clone(&runtime), stamp });
        Ok(runtime)
    }

    fn make(&self, row: &TenantRow) -> Result<TenantRuntime, ApiError> {
        let profile = self.plans.profile(row.customer.as_deref(), &row.profile_toml)?;
        let plan = Arc::new(self.plans.for_tenant(row.customer.as_deref(), &profile)?);
        plan.allowed_by(&profile)?;
        let db = self.store.tenant(&row.tenant)?;
        db.set_items_max(profile.limits.items_max);
        let (tenant, customer) = (row.tenant.clone(), row.customer.clone());
        Ok(TenantRuntime::new(tenant, customer, Arc::new(profile), plan, db, &self.config))
    }
}

/// The one answer to requests of a tenant that is suspended. Why it is, is the operator's to tell.
pub(crate) fn suspended(tenant: &TenantId) -> ApiError {
    ApiError::new(&codes::TENANT_SUSPENDED, format!("the tenant {tenant} is suspended; ask the operator"))
}

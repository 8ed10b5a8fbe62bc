//! What is left after the commit: for each tenant a few plain fields, so that calling a hook costs one indirect jump.
//!
//! Used by the catalog plugin for every import and every presented item, by the authentication for every credential that a
//! customer judges. It holds no lock and looks nothing up by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use plugpoint_sdk::codes::{self, Code};
use plugpoint_sdk::detect::KnownFormat;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::near::offer;
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;
use plugpoint_sdk::points::catalog_format::{AUTO, CANONICAL};
use plugpoint_sdk::points::catalog_transformer::{self, CatalogTransformer};
use plugpoint_sdk::points::credential_verifier::CredentialVerifier;
use plugpoint_sdk::points::import_listener::ImportListener;
use plugpoint_sdk::points::import_source::{self, ImportSource};
use plugpoint_sdk::points::item_presenter::ItemPresenter;
use plugpoint_sdk::points::item_rule::{self, ItemRule};
use plugpoint_sdk::points::soap_facade::{self, SoapFacade};
use plugpoint_sdk::points::{Implementation, catalog_format};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::update::Updates;

use crate::meter::{CallStats, Line};
use crate::report::PlanReport;
use crate::scope::{Effective, Scope, Unprovided};

/// The committed registrations of the platform and of every customer. Made by [`Plans::commit`], never changed.
#[derive(Debug)]
pub struct Plans {
    base: CustomerPlan,
    customers: BTreeMap<String, CustomerPlan>,
    refused: BTreeSet<String>,
}

/// What tenants of one customer share; the platform's own has no customer.
#[derive(Debug)]
pub(crate) struct CustomerPlan {
    pub(crate) scope: Scope,
    pub(crate) profile_toml: String,
    pub(crate) profile: Profile,
    pub(crate) updates: Arc<Updates>,
}

/// A hook in a plan: its id, and what is called. Dereferences to the hook itself.
pub struct Hook<D: ?Sized> {
    /// The id under which it was registered.
    pub id: Arc<str>,
    /// What is called, behind its guard.
    pub call: Arc<D>,
    line: Arc<Line>,
}

/// Everything that is called for one tenant.
#[derive(Debug, Clone)]
pub struct TenantPlan {
    /// Reads the tenant's documents.
    pub transformer: Hook<dyn CatalogTransformer>,
    /// Reads what is certainly canonical.
    pub canonical: Hook<dyn CatalogTransformer>,
    /// Every format that the tenant may read, but the one that finds out which it is.
    pub formats: Vec<KnownFormat>,
    /// Rules before the check of the declared limits, in their order.
    pub rules_decoded: Vec<Hook<dyn ItemRule>>,
    /// Rules after that check, in their order; the item is checked again after them.
    pub rules_validated: Vec<Hook<dyn ItemRule>>,
    /// Who is told of a commit, in their order.
    pub listeners: Vec<Hook<dyn ImportListener>>,
    /// Who fetches documents, by the kinds of sources.
    pub sources: BTreeMap<Arc<str>, Hook<dyn ImportSource>>,
    /// Who writes catalogs, by the names of the formats.
    pub exporters: BTreeMap<Arc<str>, Hook<dyn CatalogExporter>>,
    /// Who presents items, each behind the name of its member, in the order of the names.
    pub presenters: Vec<(Arc<str>, Hook<dyn ItemPresenter>)>,
    /// Who is asked about the tenant's own credentials, in their order.
    pub verifiers: Vec<Hook<dyn CredentialVerifier>>,
    /// Who speaks as another system's service, by the facades' names.
    pub facades: BTreeMap<Arc<str>, Hook<dyn SoapFacade>>,
    /// Why it is so.
    pub report: PlanReport,
    lines: Vec<(Arc<str>, Arc<Line>)>,
}

/// What is known of one hook since start-up, over all tenants of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HookStats {
    /// The customer; none for tenants without one.
    pub customer: Option<String>,
    /// The point.
    pub point: &'static str,
    /// The hook.
    pub id: Arc<str>,
    /// Calls, failures, times, suspensions.
    pub calls: CallStats,
}

impl Plans {
    pub(crate) fn new(base: CustomerPlan, customers: BTreeMap<String, CustomerPlan>) -> Self {
        Self { base, customers, refused: BTreeSet::new() }
    }

    /// Remembers the customers whose libraries were refused, to tell their tenants so.
    #[must_use]
    pub fn without(self, refused: BTreeSet<String>) -> Self {
        Self { refused, ..self }
    }

    /// The names of all customers, sorted.
    pub fn customers(&self) -> impl Iterator<Item = &str> {
        self.customers.keys().map(String::as_str)
    }

    /// What customers do to their tenants' databases, by customer; those that do nothing are not among them.
    #[must_use]
    pub fn updates(&self) -> BTreeMap<String, Arc<Updates>> {
        let brings = |plan: &CustomerPlan| !plan.updates.steps().is_empty();
        let all = self.customers.iter().filter(|(_, plan)| brings(plan));
        all.map(|(name, plan)| (name.clone(), Arc::clone(&plan.updates))).collect()
    }

    /// The profile of a tenant: what the tenant sets over what its customer sets over the defaults.
    ///
    /// # Errors
    /// `customer_unknown`; `profile_invalid` when the text is no profile.
    pub fn profile(&self, customer: Option<&str>, tenant_toml: &str) -> Result<Profile, ApiError> {
        let layers = [self.plan(customer)?.profile_toml.as_str(), tenant_toml];
        Profile::from_layers(&layers).map_err(|error| ApiError::new(&codes::PROFILE_INVALID, error.to_string()))
    }

    /// The plan of a tenant. Costs a few allocations: once per tenant, not once per import.
    ///
    /// # Errors
    /// `customer_unknown`; `profile_invalid` when the profile names a format, a kind of source or a facade that nobody provides. Both say
    /// what there is.
    pub fn for_tenant(&self, customer: Option<&str>, profile: &Profile) -> Result<TenantPlan, ApiError> {
        let scope = &self.plan(customer)?.scope;
        let default = scope.default_of(&catalog_transformer::POINT.default, profile);
        let own = |it: &Effective| (Arc::clone(&it.winner.registration.id), Arc::new(Line::new(Arc::clone(&it.meter))));
        let lines: Vec<_> = scope.effective.iter().map(own).collect();
        let mut fields = Fields::default();
        for (effective, line) in scope.effective.iter().zip(&lines) {
            let is_default = matches!(&default, Ok(Some(default)) if std::ptr::eq(*default, effective));
            fields.take(effective, line, is_default);
        }
        let Fields {
            transformer,
            canonical,
            formats,
            rules_decoded,
            rules_validated,
            listeners,
            presenters,
            verifiers,
            sources,
            exporters,
            facades,
        } = fields;
        let transformer = match (transformer, default) {
            (Some(transformer), _) => transformer,
            (None, Err(unprovided)) => return Err(ApiError::new(&codes::PROFILE_INVALID, unprovided.to_string())),
            (None, Ok(_)) => return Err(missing(catalog_transformer::POINT.name)),
        };
        if let Some(unprovided) = unprovided_keys(scope, profile).next() {
            return Err(ApiError::new(&codes::PROFILE_INVALID, unprovided.to_string()));
        }
        Ok(TenantPlan {
            transformer,
            canonical: canonical.ok_or_else(|| missing(catalog_format::NAME))?,
            formats,
            rules_decoded,
            rules_validated,
            listeners,
            presenters,
            verifiers,
            sources,
            exporters,
            facades,
            report: PlanReport::new(customer, scope, profile),
            lines,
        })
    }

    /// Everything that a profile names and nobody provides.
    ///
    /// # Errors
    /// `customer_unknown`.
    pub fn unprovided(&self, customer: Option<&str>, profile: &Profile) -> Result<Vec<Unprovided>, ApiError> {
        let scope = &self.plan(customer)?.scope;
        let has_own = scope.at(catalog_transformer::POINT.name).next().is_some();
        let default = scope.default_of(&catalog_transformer::POINT.default, profile).err().filter(|_| !has_own);
        Ok(default.into_iter().chain(unprovided_keys(scope, profile)).collect())
    }

    /// The plan of a customer's tenants whose own profile sets nothing; without a customer, the platform's.
    ///
    /// # Errors
    /// `customer_unknown`.
    pub fn report(&self, customer: Option<&str>) -> Result<PlanReport, ApiError> {
        let plan = self.plan(customer)?;
        Ok(PlanReport::new(customer, &plan.scope, &plan.profile))
    }

    /// What is known of every hook since start-up, in a fixed order.
    #[must_use]
    pub fn hook_stats(&self) -> Vec<HookStats> {
        let customers = self.customers.iter().map(|(name, plan)| (Some(name), plan));
        let all = std::iter::once((None, &self.base)).chain(customers);
        let stats = all.flat_map(|(customer, plan)| {
            plan.scope.effective.iter().map(move |effective| HookStats {
                customer: customer.cloned(),
                point: effective.winner.point().name,
                id: Arc::clone(&effective.winner.registration.id),
                calls: effective.meter.stats(),
            })
        });
        stats.collect()
    }

    fn plan(&self, customer: Option<&str>) -> Result<&CustomerPlan, ApiError> {
        let Some(name) = customer else { return Ok(&self.base) };
        self.customers.get(name).ok_or_else(|| {
            if self.refused.contains(name) {
                let detail = format!("the library of customer {name:?} was refused when the server started");
                return ApiError::new(&codes::CUSTOMER_UNKNOWN, detail);
            }
            let offer = offer(name, self.customers());
            ApiError::new(&codes::CUSTOMER_UNKNOWN, format!("no customer crate {name:?} is loaded{offer}"))
        })
    }
}

/// The fields of a plan while they are filled.
#[derive(Default)]
struct Fields {
    transformer: Option<Hook<dyn CatalogTransformer>>,
    canonical: Option<Hook<dyn CatalogTransformer>>,
    formats: Vec<KnownFormat>,
    rules_decoded: Vec<Hook<dyn ItemRule>>,
    rules_validated: Vec<Hook<dyn ItemRule>>,
    listeners: Vec<Hook<dyn ImportListener>>,
    presenters: Vec<(Arc<str>, Hook<dyn ItemPresenter>)>,
    verifiers: Vec<Hook<dyn CredentialVerifier>>,
    sources: BTreeMap<Arc<str>, Hook<dyn ImportSource>>,
    exporters: BTreeMap<Arc<str>, Hook<dyn CatalogExporter>>,
    facades: BTreeMap<Arc<str>, Hook<dyn SoapFacade>>,
}

impl Fields {
    /// Takes in one hook, in the order of the calls. `is_default`: it is the format that the profile names.
    fn take(&mut self, effective: &Effective, line: &(Arc<str>, Arc<Line>), is_default: bool) {
        match &effective.winner.registration.implementation {
            Implementation::CatalogTransformer(call) => self.transformer = Some(Hook::new(line, call)),
            Implementation::CatalogFormat(call) => {
                let hook = Hook::new(line, call);
                if effective.winner.key() == Some(CANONICAL) {
                    self.canonical = Some(hook.clone());
                }
                let key = effective.winner.registration.key.clone().filter(|key| &**key != AUTO);
                self.formats.extend(key.map(|key| KnownFormat { key, format: Arc::clone(call) }));
                // Its own transformer, if any, came first: points stand in the order of points::all().
                if is_default && self.transformer.is_none() {
                    self.transformer = Some(hook);
                }
            }
            Implementation::ItemRule(call) if effective.place == Some(item_rule::VALIDATED) => {
                self.rules_validated.push(Hook::new(line, call));
            }
            Implementation::ItemRule(call) => self.rules_decoded.push(Hook::new(line, call)),
            Implementation::ImportListener(call) => self.listeners.push(Hook::new(line, call)),
            Implementation::ItemPresenter(call) => {
                // Commit has refused a presenter without a key.
                let member = effective.winner.registration.key.clone();
                self.presenters.extend(member.map(|member| (member, Hook::new(line, call))));
            }
            Implementation::CredentialVerifier(call) => self.verifiers.push(Hook::new(line, call)),
            Implementation::ImportSource(call) => {
                let kind = effective.winner.registration.key.clone();
                self.sources.extend(kind.map(|kind| (kind, Hook::new(line, call))));
            }
            Implementation::CatalogExporter(call) => {
                let format = effective.winner.registration.key.clone();
                self.exporters.extend(format.map(|format| (format, Hook::new(line, call))));
            }
            Implementation::SoapFacade(call) => {
                let name = effective.winner.registration.key.clone();
                self.facades.extend(name.map(|name| (name, Hook::new(line, call))));
            }
        }
    }
}

/// What a profile names beside its format, kinds of sources and facades, and nobody provides.
fn unprovided_keys(scope: &Scope, profile: &Profile) -> impl Iterator<Item = Unprovided> {
    let sources = profile.sources.iter().filter_map(|(name, source)| {
        scope.keyed(import_source::NAME, &source.kind, &format!("sources.{name}.kind")).err()
    });
    let facades =
        profile.soap.facades.iter().filter_map(|name| scope.keyed(soap_facade::NAME, name, "soap.facades").err());
    sources.chain(facades)
}

/// Commit refuses registrations without a canonical format, so this says that something of ours is wrong.
fn missing(point: &str) -> ApiError {
    let code: &'static Code = &codes::INTERNAL;
    ApiError::new(code, format!("the plan has no {point}"))
}

impl fmt::Display for Unprovided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the profile sets {} to {:?}, which nobody provides{}", self.setting, self.key, self.offer)
    }
}

impl TenantPlan {
    /// Whether the tenant may be served by this plan.
    ///
    /// # Errors
    /// `plan_changed` when the profile pins another one.
    pub fn allowed_by(&self, profile: &Profile) -> Result<(), ApiError> {
        match &profile.extensions.plan {
            Some(pinned) if *pinned != self.report.hash => {
                let detail = format!("the plan is {}, the profile pins {pinned}", self.report.hash);
                Err(ApiError::new(&codes::PLAN_CHANGED, detail))
            }
            _ => Ok(()),
        }
    }

    /// The report with what is known of each hook's calls at this moment.
    #[must_use]
    pub fn live_report(&self) -> PlanReport {
        let mut report = self.report.clone();
        for point in &mut report.points {
            for hook in &mut point.hooks {
                let line = self.lines.iter().find(|(id, _)| **id == *hook.id);
                hook.calls = line.map(|(_, line)| line.stats());
            }
        }
        report
    }
}

impl<D: ?Sized> Hook<D> {
    fn new((id, line): &(Arc<str>, Arc<Line>), call: &Arc<D>) -> Self {
        Self { id: Arc::clone(id), call: Arc::clone(call), line: Arc::clone(line) }
    }

    /// Calls the hook unless its breaker is open, counts and times the call; `has_failed` says whether what it returned is a
    /// failure of the hook itself. The cost beside the hook's own is two readings of the clock and a few counters.
    ///
    /// # Errors
    /// The hook is suspended and was not called.
    pub fn call<R>(&self, call: impl FnOnce(&D) -> R, has_failed: impl FnOnce(&R) -> bool) -> Result<R, Suspended> {
        self.line.measured(|| call(&self.call), has_failed).map_err(|left| Suspended::new(&self.id, left))
    }

    /// How long a call may bring nothing.
    #[must_use]
    pub fn budget(&self) -> Duration {
        self.line.bounds().budget
    }

    /// A call was given up: it counts as failed, and the hook is suspended at once.
    pub fn given_up(&self) {
        self.line.given_up();
    }
}

/// A hook was not called because it failed too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspended {
    message: String,
    retry_after_s: u32,
}

impl Suspended {
    fn new(id: &str, left: Duration) -> Self {
        let seconds = u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
        let message = format!("the hook {id} failed too often and is suspended; it is tried again in {seconds} s");
        Self { message, retry_after_s: seconds }
    }
}

impl fmt::Display for Suspended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Suspended> for ApiError {
    fn from(suspended: Suspended) -> Self {
        Self::new(&codes::HOOK_SUSPENDED, suspended.message).retry_after(suspended.retry_after_s)
    }
}

impl<D: ?Sized> Deref for Hook<D> {
    type Target = D;
    fn deref(&self) -> &D {
        &self.call
    }
}

impl<D: ?Sized> Clone for Hook<D> {
    fn clone(&self) -> Self {
        Self { id: Arc::clone(&self.id), call: Arc::clone(&self.call), line: Arc::clone(&self.line) }
    }
}

impl<D: ?Sized> fmt::Debug for Hook<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hook({})", self.id)
    }
}

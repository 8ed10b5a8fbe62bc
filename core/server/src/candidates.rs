//! What a candidate names: a customer that this server has, or the file of a library that it can load.
//!
//! Used by `plugpoint shadow` and `plugpoint promote`, and by the server for live trials. A library is committed alone with core
//! and plugins: a candidate never meets the customer that it may take the place of.

use std::path::Path;
use std::sync::Arc;

use plugpoint_kernel::{Library, Loaded, Plans, Source};
use plugpoint_plugin_catalog::shadow::Side;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::profile::Profile;
use plugpoint_store::TenantRow;

use crate::bundle;

/// Who would serve a tenant, and by what.
pub(crate) struct Candidate {
    /// The customer's name.
    pub(crate) customer: String,
    /// The library, if it is one's file that was named.
    pub(crate) library: Option<Loaded>,
    /// The plan.
    pub(crate) side: Side,
}

/// True if the text names a file rather than a customer.
#[must_use]
pub(crate) fn is_file(candidate: &str) -> bool {
    candidate.contains('/') || candidate.ends_with(".so")
}

/// Resolves a candidate for a tenant; its own profile goes over the candidate's.
///
/// # Errors
/// `customer_unknown`, also for a library that cannot be loaded; `profile_invalid`.
pub(crate) fn candidate(plans: &Plans, row: &TenantRow, name: &str) -> Result<Candidate, ApiError> {
    if !is_file(name) {
        let side = side(plans, name, name.to_owned(), row)?;
        return Ok(Candidate { customer: name.to_owned(), library: None, side });
    }
    let unknown = |detail: String| ApiError::new(&codes::CUSTOMER_UNKNOWN, detail);
    let loaded = Library::inspect(Path::new(name)).and_then(Loaded::open);
    let loaded = loaded.map_err(|refusal| unknown(refusal.to_string()))?;
    let mut sources = bundle::platform();
    sources.push(Source::loaded(&loaded, &[]));
    let plans = Plans::commit(sources).map_err(|problems| unknown(problems.to_string()))?;
    let side = side(&plans, loaded.entry.name, name.to_owned(), row)?;
    Ok(Candidate { customer: loaded.entry.name.to_owned(), library: Some(loaded), side })
}

/// What serves a tenant today.
///
/// # Errors
/// `customer_unknown`, `profile_invalid`.
pub(crate) fn today(plans: &Plans, row: &TenantRow) -> Result<Side, ApiError> {
    let profile = plans.profile(row.customer.as_deref(), &row.profile_toml)?;
    let plan = plans.for_tenant(row.customer.as_deref(), &profile)?;
    let name = row.customer.clone().unwrap_or_else(|| "(generic)".to_owned());
    Ok(Side { name, plan: Arc::new(plan), profile: Arc::new(profile) })
}

fn side(plans: &Plans, customer: &str, name: String, row: &TenantRow) -> Result<Side, ApiError> {
    let profile: Profile = plans.profile(Some(customer), &row.profile_toml)?;
    let plan = plans.for_tenant(Some(customer), &profile)?;
    Ok(Side { name, plan: Arc::new(plan), profile: Arc::new(profile) })
}

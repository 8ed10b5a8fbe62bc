//! Credentials of a customer's own directory: `USER@TENANT` and a secret, judged by the tenant's verifiers.
//!
//! Called by the authentication for what it does not remember. A verifier runs on a thread of its tenant's, behind its budget
//! and breaker, and holds none of the places in which argon2 runs. It refuses to take anything but a clear yes for one: what
//! goes wrong is "not now" for the client and a line for the operator, in which no secret stands.

use std::sync::Arc;

use plugpoint_kernel::{Beat, Hook};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::points::credential_verifier::{CredentialVerifier, PresentedCredential, Verdict};

use crate::tenants::{TenantRuntime, Tenants};

/// After so many seconds a client may try again.
const RETRY_AFTER_S: u32 = 2;

/// What stands in for a secret in a line for the operator.
const HIDDEN: &str = "(the secret)";

/// User and tenant that a key id names. A platform's key id has no `@`; of several the last one counts.
pub(super) fn parts(key_id: &str) -> Option<(&str, TenantId)> {
    let (user, tenant) = key_id.rsplit_once('@')?;
    Some((user, tenant.parse().ok()?)).filter(|(user, _)| !user.is_empty())
}

/// The tenant's runtime, if its customer judges credentials. Blocks.
///
/// # Errors
/// `unavailable` if the tenant cannot be served now: then nobody knows whether its customer would.
pub(super) fn asked(tenants: &Tenants, tenant: &TenantId) -> Result<Option<Arc<TenantRuntime>>, ApiError> {
    match tenants.tenant(tenant) {
        Ok(runtime) => Ok(Some(runtime).filter(|runtime| !runtime.plan.verifiers.is_empty())),
        Err(error) if error.code == &codes::NOT_FOUND => Ok(None),
        // Who is not known yet is not told why.
        Err(error) => Err(unavailable().caused_by(error)),
    }
}

/// Asks one verifier after the other. Blocks, for the budget of each at most. True if one accepts.
///
/// # Errors
/// `unavailable` if one of them could not say.
pub(super) fn is_accepted(
    runtime: &Arc<TenantRuntime>,
    budget_percent: u32,
    user: &str,
    secret: &str,
) -> Result<bool, ApiError> {
    for verifier in &runtime.plan.verifiers {
        match ask(runtime, verifier, budget_percent, user, secret) {
            Ok(Verdict::Accept) => return Ok(true),
            Ok(Verdict::Refuse) => return Ok(false),
            Ok(Verdict::Unknown) => {}
            Err(error) => {
                let error = error.replace(secret, HIDDEN);
                tracing::warn!(tenant = %runtime.tenant, hook = %verifier.id, error, "a credential could not be verified");
                return Err(unavailable());
            }
        }
    }
    Ok(false)
}

fn ask(
    runtime: &Arc<TenantRuntime>,
    verifier: &Hook<dyn CredentialVerifier>,
    budget_percent: u32,
    user: &str,
    secret: &str,
) -> Result<Verdict, String> {
    let (hook, owned, user, secret) = (verifier.clone(), Arc::clone(runtime), user.to_owned(), secret.to_owned());
    let task = move |_: &Beat| {
        let TenantRuntime { tenant, profile, .. } = &*owned;
        let presented = PresentedCredential { user: &user, secret: &secret, tenant, profile };
        hook.call(|hook| hook.verify(&presented), Result::is_err)
    };
    let budget = verifier.budget() * budget_percent / 100;
    match runtime.verifying.threads.run(&format!("the verifier {}", verifier.id), budget, task) {
        Ok(called) => called.map_err(|suspended| suspended.to_string())?,
        Err(error) => {
            if error.code == &codes::HOOK_TIMEOUT {
                verifier.given_up();
            }
            Err(error.detail)
        }
    }
}

pub(super) fn unavailable() -> ApiError {
    ApiError::new(&codes::UNAVAILABLE, "the credentials cannot be verified now").retry_after(RETRY_AFTER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tenant_stands_behind_the_last_at() {
        let cases = [
            ("jane@acme", Some(("jane", "acme"))),
            ("jane@example.com@acme", Some(("jane@example.com", "acme"))),
            ("@@acme", Some(("@", "acme"))),
            (" @acme", Some((" ", "acme"))),
            ("pk_0123", None),
            ("", None),
            ("@", None),
            ("@acme", None),
            ("jane@", None),
            ("acme@jane@", None),
            ("jane@Acme", None),
            ("jane@acme ", None),
            ("jane@../acme", None),
        ];
        for (key_id, expected) in cases {
            let found = parts(key_id);
            let found = found.as_ref().map(|(user, tenant)| (*user, tenant.as_str()));
            assert_eq!(found, expected, "{key_id:?}");
        }
    }
}

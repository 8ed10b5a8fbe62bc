//! `credential.verifier`: lets a customer's own directory say who may act for its tenant.
//!
//! # Purpose
//! People sign in with what they have already, beside the credentials that the platform gives out. The key id is then
//! `USER@TENANT`, so that the tenant still follows from the credential: what stands behind the last `@` is the tenant, all
//! before it the user. A credential of the platform never has an `@`.
//!
//! # Called by
//! The authentication of `core/http`, for REST (Basic, Bearer) and SOAP (Basic, UsernameToken) alike.
//!
//! # When and how often
//! Once for a credential that is not remembered, on a thread of the tenant's. What was accepted is remembered for
//! `auth.cache_ttl_s`, what was refused for five seconds, both only until the tenant's customer or profile changes: whoever is
//! taken out of the directory may be let in so long. A few calls of one tenant run at once; further ones are told to come back.
//!
//! # Order
//! No anchors; verifiers may name one another. Ties go by id. Each accepts, refuses, or passes on what is not its own; the
//! first that does not pass on decides. What nobody accepts is refused, with the answer that any wrong credential gets.
//!
//! # Conflict
//! Two of one id at the same layer are refused at start-up; one at a higher layer has to say `replace`.
//!
//! # On error
//! An error, a panic, a call that was given up or a suspended verifier is logged under its id, nobody else is asked, and the
//! request is answered `unavailable` (503) with `Retry-After`. It never lets in, and it is not remembered.
//!
//! # Default
//! Nobody is let in: without a verifier such a credential is unknown, and costs what an unknown key id costs.
//!
//! # Example
//! ```
//! use plugpoint_sdk::points::credential_verifier::{self, CredentialVerifier, PresentedCredential, Verdict};
//! use plugpoint_sdk::registry::Registrar;
//!
//! /// Knows one person. A real one asks a directory, with a timeout shorter than the point's budget.
//! struct Porter;
//!
//! impl CredentialVerifier for Porter {
//!     fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String> {
//!         Ok(match (presented.user, presented.secret) {
//!             ("jane", "correct horse battery staple") => Verdict::Accept,
//!             ("jane", _) => Verdict::Refuse,
//!             _ => Verdict::Unknown,
//!         })
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide(&credential_verifier::POINT, "example.porter", Porter);
//! }
//! ```

use std::fmt;
use std::time::Duration;

use crate::model::TenantId;
use crate::points::Implementation;
use crate::profile::Profile;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The rules above, as data.
pub const POINT: Point<dyn CredentialVerifier> = Point {
    name: "credential.verifier",
    arity: Arity::FirstMatch,
    order: Order::None,
    on_error: OnError::Unavailable,
    default: Fallback::Nothing,
    bounds: Bounds {
        budget: Duration::from_secs(5),
        memory_bytes: 16 << 20,
        failures: 5,
        window: Duration::from_secs(60),
        pause: Duration::from_secs(10),
    },
    implementation: Implementation::CredentialVerifier,
};

/// Says whether a credential is right.
pub trait CredentialVerifier: Send + Sync {
    /// Judges one credential. It may wait, for a directory for instance, but not longer than the point's budget. The same
    /// credential gets the same verdict while the directory is as it is. The secret goes into no error, no panic and no log.
    ///
    /// # Errors
    /// A sentence for the log: nothing can be said now. Nobody is let in by it.
    fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String>;
}

/// What a verifier says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right: the request acts for the tenant.
    Accept,
    /// It is wrong. Nobody else is asked.
    Refuse,
    /// The user is not mine. The next verifier is asked.
    Unknown,
}

/// A credential as it was presented; nothing about it can be trusted.
#[derive(Clone, Copy)]
pub struct PresentedCredential<'a> {
    /// What stands before the last `@`. Not empty; any characters.
    pub user: &'a str,
    /// The secret. Not empty; any characters.
    pub secret: &'a str,
    /// The tenant that the credential names, which is the one asked for.
    pub tenant: &'a TenantId,
    /// The tenant's profile.
    pub profile: &'a Profile,
}

/// Keeps the secret out of logs.
impl fmt::Debug for PresentedCredential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, tenant, .. } = self;
        f.debug_struct("PresentedCredential").field("user", user).field("tenant", tenant).finish_non_exhaustive()
    }
}

/// What every verifier keeps to: it accepts `good` (user, secret) and not `bad`, nor `good` with another secret, nor any odd
/// user or secret; survives them all; says the same of the same; and tells no secret in what goes wrong.
///
/// # Errors
/// Every violation, in one sentence each. They name users and no secrets.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(
    verifier: &dyn CredentialVerifier,
    profile: &Profile,
    good: (&str, &str),
    bad: &[(&str, &str)],
) -> Result<(), Vec<String>> {
    let mut violations = Vec::new();
    let mut hold = |user: &str, secret: &str, is_good: bool| {
        violations.extend(violation(verifier, profile, (user, secret), is_good));
    };
    hold(good.0, good.1, true);
    for (user, secret) in bad {
        hold(user, secret, false);
    }
    let long = "x".repeat(100_000);
    let odd = ["", " ", "\u{0}", "*", "ä\u{1F4A1}\u{202e}", "' OR '1'='1", "*)(uid=*", "a@b@c", "../..", &long];
    for text in odd {
        hold(text, good.1, false);
        hold(good.0, text, false);
        hold(text, text, false);
    }
    for wrong in [format!("{}x", good.1), format!("{}\u{0}", good.1), format!(" {}", good.1)] {
        hold(good.0, &wrong, false);
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(any(test, feature = "testkit"))]
fn violation(
    verifier: &dyn CredentialVerifier,
    profile: &Profile,
    (user, secret): (&str, &str),
    is_good: bool,
) -> Option<String> {
    let Ok(tenant) = "conformance".parse() else { return None };
    let whom: String = user.chars().take(40).collect();
    let verify =
        || crate::guard::contain(|| verifier.verify(&PresentedCredential { user, secret, tenant: &tenant, profile }));
    // A short text is in many a sentence by chance.
    let tells = |text: &str| secret.len() >= 8 && text.contains(secret);
    match (verify(), verify()) {
        (Err(panicked), _) if tells(&panicked.to_string()) => Some(format!("of {whom:?} it panicked with the secret")),
        (Err(panicked), _) => Some(format!("of {whom:?} it {panicked}")),
        (Ok(Err(error)), _) if tells(&error) => Some(format!("of {whom:?} its error tells the secret")),
        (first, second) if first != second => Some(format!("of {whom:?} it said two things")),
        (Ok(Ok(Verdict::Accept)), _) if !is_good => Some(format!("of {whom:?} it accepted a wrong credential")),
        (Ok(Ok(Verdict::Accept)), _) => None,
        (Ok(said), _) if is_good => Some(format!("of {whom:?} it said {said:?} to the right secret")),
        (Ok(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Verifier<F>(F);

    impl<F: Fn(&str, &str) -> Result<Verdict, String> + Send + Sync> CredentialVerifier for Verifier<F> {
        fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String> {
            (self.0)(presented.user, presented.secret)
        }
    }

    fn honest(user: &str, secret: &str) -> Result<Verdict, String> {
        match (user, secret) {
            ("jane", "open sesame") => Ok(Verdict::Accept),
            ("jane", _) => Ok(Verdict::Refuse),
            _ => Ok(Verdict::Unknown),
        }
    }

    #[track_caller]
    fn check(verify: impl Fn(&str, &str) -> Result<Verdict, String> + Send + Sync, expected: &[&str]) {
        let good = ("jane", "open sesame");
        let found = conformance(&Verifier(verify), &Profile::default(), good, &[("john", "open sesame")]);
        let found = found.err().unwrap_or_default();
        assert_eq!(found.first().map(String::as_str), expected.first().copied(), "{found:?}");
        assert!(!found.iter().any(|it| it.contains("open sesame")), "{found:?}");
    }

    #[test]
    fn conformance_finds_each_vice() {
        check(honest, &[]);
        check(|_, _| Ok(Verdict::Refuse), &[r#"of "jane" it said Ok(Refuse) to the right secret"#]);
        check(|_, _| Err("out of order".to_owned()), &[r#"of "jane" it said Err("out of order") to the right secret"#]);
        check(|_, _| Ok(Verdict::Accept), &[r#"of "john" it accepted a wrong credential"#]);
        let trims = |user: &str, secret: &str| honest(user, secret.trim_start());
        check(trims, &[r#"of "jane" it accepted a wrong credential"#]);
        let like_c = |user: &str, secret: &str| honest(user, secret.split('\0').next().unwrap());
        check(like_c, &[r#"of "jane" it accepted a wrong credential"#]);
        let panics = |user: &str, secret: &str| {
            assert!(!user.is_empty(), "nobody");
            honest(user, secret)
        };
        check(panics, &[r#"of "" it panicked: nobody"#]);
        let tells =
            |user: &str, secret: &str| if user == "john" { Err(format!("no {secret}")) } else { honest(user, secret) };
        check(tells, &[r#"of "john" its error tells the secret"#]);
        let cries = |user: &str, secret: &str| {
            assert!(user != "john", "no {secret}");
            honest(user, secret)
        };
        check(cries, &[r#"of "john" it panicked with the secret"#]);
        let calls = AtomicU64::new(0);
        let wavers = move |user: &str, secret: &str| match honest(user, secret) {
            Ok(Verdict::Unknown) if calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => Ok(Verdict::Refuse),
            said => said,
        };
        check(wavers, &[r#"of "john" it said two things"#]);
    }

    #[test]
    fn the_secret_is_in_no_debug_output() {
        let (tenant, profile) = ("acme".parse().unwrap(), Profile::default());
        let presented = PresentedCredential { user: "jane", secret: "open sesame", tenant: &tenant, profile: &profile };
        let shown = format!("{presented:?} {presented:#?}");
        assert!(shown.contains("jane") && shown.contains("acme") && !shown.contains("sesame"), "{shown}");
    }
}

//! `import.source`: fetches a document from a service that waits to be asked.
//!
//! # Purpose
//! Some systems push nothing. A source calls such a service, page by page, and writes what it answers into one document, which is
//! then imported like any other: it is kept, can be replayed and can be tried on a candidate.
//!
//! # Called by
//! `plugpoint pull`, for one source of one tenant's profile, and the task `sources.pull`: when somebody wants it, or by the clock where
//! the source's `schedule` says so.
//!
//! # When and how often
//! Once for every pull, on a thread of the tenant's that may block. What the source writes goes straight to disk; it keeps no more
//! than an answer in memory. The document is read by the tenant's `catalog.transformer` once it is complete.
//!
//! # Order
//! None: the profile's `sources.NAME.kind` chooses one key.
//!
//! # Conflict
//! One for each key. A second at the same layer is refused at start-up; a customer's own source of a key has to say
//! `replace_keyed`, and then holds for that customer alone.
//!
//! # On error
//! An error or a panic ends the pull, and nothing of what was written is kept or imported. A service that fails in the middle is
//! an error: a document that lacks records must never look whole.
//!
//! # Default
//! A profile with a source of a kind that nobody provides is refused, with the kinds that come near.
//!
//! # Example
//! ```
//! use plugpoint_sdk::codes;
//! use plugpoint_sdk::error::ApiError;
//! use plugpoint_sdk::points::import_source::{self, ImportSource};
//! use plugpoint_sdk::pull::{PullSession, SourceError};
//! use plugpoint_sdk::registry::Registrar;
//!
//! /// A service that answers the whole catalog at once.
//! struct OneQuestion;
//!
//! impl ImportSource for OneQuestion {
//!     fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
//!         let answer = session.post("export", &[("Content-Type", "text/plain")], b"all")?;
//!         if answer.status != 200 {
//!             let detail = format!("the service answered {}", answer.status);
//!             return Err(ApiError::new(&codes::SOURCE_FAILED, detail).into());
//!         }
//!         session.write(&answer.body)
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide_keyed(&import_source::POINT, "one-question", "example.one_question", OneQuestion);
//! }
//! ```

use std::time::Duration;

use crate::points::Implementation;
use crate::pull::{PullSession, SourceError};
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The point's name.
pub const NAME: &str = "import.source";

/// The rules above, as data.
pub const POINT: Point<dyn ImportSource> = Point {
    name: NAME,
    arity: Arity::OnePerKey,
    order: Order::None,
    on_error: OnError::FailImport,
    default: Fallback::Refuse,
    bounds: Bounds {
        // Beside the time that the service takes to answer.
        budget: Duration::from_secs(60),
        memory_bytes: 128 << 20,
        failures: 3,
        window: Duration::from_secs(600),
        pause: Duration::from_secs(60),
    },
    implementation: Implementation::ImportSource,
};

/// Fetches a document from a service.
pub trait ImportSource: Send + Sync {
    /// Asks the service through `session` and writes one whole document. The media type of what it writes is that of
    /// [`media_type`](Self::media_type). When the session says [`SourceError::Stopped`] it takes leave and returns at once.
    ///
    /// # Errors
    /// Whatever keeps the document from being whole.
    fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError>;

    /// The media type of the documents that it writes.
    fn media_type(&self) -> &'static str {
        "application/xml"
    }
}

/// What every source keeps to. `service` makes a fresh fake of the service for each trial.
///
/// It writes the same document when it asks the same service twice; never calls a document whole that is not, whichever of its
/// requests fails and however (no answer, an HTTP status, a body that is empty, cut off or garbage); survives answers with bytes
/// changed; takes leave only when it is stopped; and writes its secret into requests alone, never into document or error.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(source: &dyn ImportSource, trial: &crate::testkit::PullTrial<'_>) -> Result<(), Vec<String>> {
    let violations = crate::testkit::source_promises(source, trial);
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes;
    use crate::error::ApiError;
    use crate::profile::SourceProfile;
    use crate::pull::PulledResponse;
    use crate::testkit::{FakeService, PullTrial, SentRequest};

    #[derive(Clone, Copy, PartialEq)]
    enum Vice {
        None,
        MindsNoStatus,
        TakesNoAnswerForAnEmptyOne,
        WritesItsSecret,
        TellsItsSecret,
        AsksOn,
        PanicsOnGarbage,
        Counts,
    }

    /// Asks for three pages, each of which has to say `page`.
    struct Pages(Vice, std::sync::atomic::AtomicU32);

    impl ImportSource for Pages {
        fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
            let secret = session.secret.unwrap_or_default();
            let failed = |detail: String| SourceError::from(ApiError::new(&codes::SOURCE_FAILED, detail));
            for page in 0..3 {
                let answer = match session.post("", &[], format!("{secret} page {page}").as_bytes()) {
                    Err(SourceError::Failed(_)) if self.0 == Vice::TakesNoAnswerForAnEmptyOne => continue,
                    Err(SourceError::Stopped) if self.0 == Vice::AsksOn => continue,
                    other => other?,
                };
                if answer.status != 200 && self.0 != Vice::MindsNoStatus {
                    let secret = if self.0 == Vice::TellsItsSecret { secret } else { "" };
                    return Err(failed(format!("status {} {secret}", answer.status)));
                }
                assert!(self.0 != Vice::PanicsOnGarbage || answer.body.is_ascii(), "garbage");
                if !answer.body.starts_with(b"page") || !answer.body.ends_with(b".") {
                    return Err(failed("no page".to_owned()));
                }
                session.write(&answer.body)?;
            }
            if self.0 == Vice::WritesItsSecret {
                session.write(secret.as_bytes())?;
            }
            if self.0 == Vice::Counts {
                let count = self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                session.write(count.to_string().as_bytes())?;
            }
            Ok(())
        }
    }

    fn violations(vice: Vice) -> Vec<String> {
        let settings = SourceProfile { url: "https://a.example".to_owned(), ..SourceProfile::default() };
        let service = || -> FakeService {
            Box::new(|request: &SentRequest| {
                let page = String::from_utf8_lossy(&request.body).split(' ').next_back().unwrap_or_default().to_owned();
                PulledResponse { status: 200, headers: Vec::new(), body: format!("page {page}.").into_bytes() }
            })
        };
        let trial = PullTrial { settings: &settings, profile: &Default::default(), service: &service };
        conformance(&Pages(vice, 0.into()), &trial).err().unwrap_or_default()
    }

    #[test]
    fn conformance_finds_each_vice() {
        let cases = [
            (Vice::MindsNoStatus, "called the document whole though request 1 was answered with status 500"),
            (Vice::TakesNoAnswerForAnEmptyOne, "called the document whole though request 1 got no answer"),
            (Vice::WritesItsSecret, "the secret is in the document"),
            (Vice::TellsItsSecret, "the secret is in an error"),
            (Vice::AsksOn, "after it was stopped it asked or wrote"),
            (Vice::PanicsOnGarbage, "it panicked: garbage"),
            (Vice::Counts, "the same service gave two documents"),
        ];
        assert_eq!(violations(Vice::None), Vec::<String>::new());
        for (vice, expected) in cases {
            let found = violations(vice);
            assert!(found.iter().any(|violation| violation.contains(expected)), "{expected}: {found:?}");
        }
    }
}

//! What a facade is asked and what it asks with: one operation in, XML of its service out, and a desk in between.
//!
//! Used by the implementations of `soap.facade`. The platform is behind [`FacadePlatform`]: it reads the envelope, keeps the
//! sessions, verifies credentials and does what is asked for the tenant of the address alone. Nothing here opens a connection
//! or knows an HTTP status; a facade sees no credential but the one that a login carries.

use std::fmt;

use crate::desk::{ImportCounts, ImportStatus};
use crate::error::ApiError;
use crate::memory::handed_over;
use crate::model::{Finding, ImportMode, ItemData, TenantId};
use crate::points::soap_facade::POINT;
use crate::profile::Profile;
use crate::xml::Element;

/// What a facade may take between two things that it asks of the desk.
const MEMORY_BYTES: u64 = POINT.bounds.memory_bytes;

/// How a service is spoken to: constants, from which the endpoint knows what to do before it calls the facade.
#[derive(Debug, Clone, Copy)]
pub struct FacadeTerms {
    /// The namespace of the operations. A client may also leave it out.
    pub namespace: &'static str,
    /// All operations.
    pub operations: &'static [FacadeOperation],
    /// How a session travels.
    pub sessions: SessionTravel,
    /// Whether messages are rpc/encoded: references between their parts are resolved before the facade sees them.
    pub is_encoded: bool,
    /// What the service says where the platform refuses a call.
    pub words: FacadeWords,
}

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FacadeOperation {
    /// The local name of the Body's element.
    pub name: &'static str,
    /// Who may call it, and what it does.
    pub access: Access,
}

/// Who may call an operation, and what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody; a login, that is.
    Open,
    /// Whoever is signed in. It changes nothing.
    Reads,
    /// Whoever is signed in. Such calls of one tenant run one after the other, so that what one has read is not changed by
    /// another before it writes.
    Writes,
}

/// How a session, or whoever calls, is known from one call to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionTravel {
    /// As the argument of this name, or the first one where arguments have no names; what a login has answered.
    Argument(&'static str),
    /// As an element in a block of the envelope's header; what a login has answered.
    Header {
        /// The block's namespace.
        namespace: &'static str,
        /// The block's local name.
        block: &'static str,
        /// The local name of the element in it that holds the session.
        element: &'static str,
    },
    /// Not at all: every call carries HTTP Basic, and a call without it is answered 401.
    HttpBasic,
}

/// The fault by which a service says something, as a constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// The fault's code.
    pub code: &'static str,
    /// The code's namespace; empty if it has none, or if it is one of SOAP's own.
    pub namespace: &'static str,
    /// The text. `{}` in it stands for what the platform has to say.
    pub text: &'static str,
}

/// What a service says where the platform refuses a call before, or instead of, the facade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FacadeWords {
    /// The session is missing, unknown, or was idle for too long.
    pub session: Words,
    /// The credentials are missing or wrong, or another tenant's.
    pub credentials: Words,
    /// There is no such operation.
    pub operation: Words,
    /// The message cannot be understood: its arguments, its references, its size.
    pub invalid: Words,
    /// Not now; the same message may succeed later.
    pub busy: Words,
    /// Something failed on this side.
    pub failed: Words,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacadeCaller {
    /// The credential's public part.
    pub user: String,
}

/// One call, as the facade sees it. Nothing about the operation can be trusted but its size.
pub struct FacadeCall<'a> {
    /// The Body's element, references resolved where the terms say so.
    pub operation: &'a Element,
    /// Who calls; nobody where the operation is open.
    pub caller: Option<&'a FacadeCaller>,
    /// The tenant.
    pub tenant: &'a TenantId,
    /// Its profile.
    pub profile: &'a Profile,
}

/// A fault of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FacadeFault {
    /// The code, as in `5` or `Client`.
    pub code: String,
    /// The code's namespace; empty if it has none, or if it is one of SOAP's own.
    pub namespace: String,
    /// One sentence.
    pub text: String,
    /// The detail's content as XML; empty for none.
    pub detail: String,
}

impl FacadeFault {
    /// A fault without a detail.
    #[must_use]
    pub fn new(code: impl Into<String>, text: impl Into<String>) -> Self {
        Self { code: code.into(), namespace: String::new(), text: text.into(), detail: String::new() }
    }
}

impl Words {
    /// The fault, with what the platform has to say.
    #[must_use]
    pub fn fault(&self, detail: &str) -> FacadeFault {
        let text = self.text.replace("{}", detail);
        FacadeFault { namespace: self.namespace.to_owned(), ..FacadeFault::new(self.code, text) }
    }
}

/// Why a facade answers nothing.
#[derive(Debug)]
pub enum FacadeError {
    /// The caller's mistake, in the words of the service.
    Fault(FacadeFault),
    /// What the platform refused, or what went wrong. It is told in the [words](FacadeWords) for it.
    Failed(ApiError),
}

impl From<FacadeFault> for FacadeError {
    fn from(fault: FacadeFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<ApiError> for FacadeError {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

/// An item as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct FacadeItem {
    /// The item.
    pub data: ItemData,
    /// Changes exactly when the item does. Printable ASCII without quotes.
    pub etag: String,
}

/// What is to be imported.
#[derive(Debug, Clone)]
pub enum FacadePayload {
    /// Items in the canonical form, nobody has checked yet.
    Items(Vec<ItemData>),
    /// A document for the tenant's transformer.
    Document {
        /// Its content type without parameters.
        media_type: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
}

/// What became of an import.
#[derive(Debug, Clone)]
pub struct FacadeOutcome {
    /// Where it stands. An import that has not ended is safe and will be carried out.
    pub status: ImportStatus,
    /// What it did.
    pub counts: ImportCounts,
    /// The first findings.
    pub findings: Vec<Finding>,
    /// Why it failed: code and sentence.
    pub error: Option<(String, String)>,
}

impl FacadeOutcome {
    /// Whether every record was taken.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.status == ImportStatus::Succeeded && self.counts.rejected == 0
    }

    /// Whether it goes on.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.status, ImportStatus::Queued | ImportStatus::Running)
    }

    /// What is wrong, in one sentence: the first error among the findings, else why the import failed.
    #[must_use]
    pub fn reason(&self) -> String {
        let is_error = |finding: &&Finding| finding.severity == crate::model::Severity::Error;
        let said = |finding: &Finding| match &finding.sku {
            Some(sku) => format!("{sku}: {}", finding.message),
            None => finding.message.clone(),
        };
        let by_finding = self.findings.iter().find(is_error).map(said);
        let by_error = || self.error.as_ref().map(|(_, sentence)| sentence.clone());
        by_finding.or_else(by_error).unwrap_or_else(|| "the import did not take every record".to_owned())
    }
}

/// What the desk is asked. [`FacadeDesk`] has a method for each.
#[derive(Clone)]
pub enum DeskQuestion {
    /// See [`FacadeDesk::sign_in`].
    SignIn {
        /// The public part.
        user: String,
        /// The secret.
        secret: String,
    },
    /// See [`FacadeDesk::sign_out`].
    SignOut,
    /// See [`FacadeDesk::item`].
    Item(String),
    /// See [`FacadeDesk::items`].
    Items {
        /// The sku before the first.
        after: Option<String>,
        /// How many at most.
        limit: u32,
    },
    /// See [`FacadeDesk::skus`].
    Skus {
        /// The sku before the first.
        after: Option<String>,
        /// How many at most.
        limit: u32,
    },
    /// See [`FacadeDesk::import`].
    Import(ImportMode, FacadePayload),
}

/// Keeps secrets out of logs.
impl fmt::Debug for DeskQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SignIn { .. } => "SignIn(..)",
            Self::SignOut => "SignOut",
            Self::Item(_) => "Item(..)",
            Self::Items { .. } => "Items(..)",
            Self::Skus { .. } => "Skus(..)",
            Self::Import(..) => "Import(..)",
        })
    }
}

/// What the desk says. Deliberately without `Debug`: a session's id is a secret.
pub enum DeskAnswer {
    /// The new session.
    Session(String),
    /// It is done.
    Done,
    /// The item, if there is one.
    Item(Option<Box<FacadeItem>>),
    /// Items.
    Items(Vec<FacadeItem>),
    /// Item numbers.
    Skus(Vec<String>),
    /// What became of the import.
    Outcome(Box<FacadeOutcome>),
}

/// The platform's side of a call. A facade calls it through [`FacadeDesk`].
pub trait FacadePlatform {
    /// Does what is asked, for the tenant and catalog of the call. Blocks.
    ///
    /// # Errors
    /// Those of the question.
    fn ask(&mut self, question: DeskQuestion) -> Result<DeskAnswer, ApiError>;
}

/// The desk at which a facade asks for what it needs. What the platform does meanwhile costs none of the facade's budget.
pub struct FacadeDesk<'a> {
    /// The platform.
    pub platform: &'a mut dyn FacadePlatform,
}

impl FacadeDesk<'_> {
    fn ask(&mut self, question: DeskQuestion) -> Result<DeskAnswer, ApiError> {
        handed_over(MEMORY_BYTES, || self.platform.ask(question))
    }

    /// Opens a session for whom the credential stands, and gives its id. The session ends by [`sign_out`](Self::sign_out), when
    /// it was idle for too long, or when its credential is changed.
    ///
    /// # Errors
    /// `unauthenticated` for a wrong credential and for one of another tenant alike; `unavailable`.
    pub fn sign_in(&mut self, user: &str, secret: &str) -> Result<String, ApiError> {
        let question = DeskQuestion::SignIn { user: user.to_owned(), secret: secret.to_owned() };
        match self.ask(question)? {
            DeskAnswer::Session(id) => Ok(id),
            _ => Err(misunderstood()),
        }
    }

    /// Ends the session of this call.
    ///
    /// # Errors
    /// `internal` where the call has none.
    pub fn sign_out(&mut self) -> Result<(), ApiError> {
        match self.ask(DeskQuestion::SignOut)? {
            DeskAnswer::Done => Ok(()),
            _ => Err(misunderstood()),
        }
    }

    /// One item.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn item(&mut self, sku: &str) -> Result<Option<FacadeItem>, ApiError> {
        match self.ask(DeskQuestion::Item(sku.to_owned()))? {
            DeskAnswer::Item(item) => Ok(item.map(|item| *item)),
            _ => Err(misunderstood()),
        }
    }

    /// The next items by their sku (in the order of its bytes), at most `limit` and at most 1000. None are left when it gives none.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn items(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<FacadeItem>, ApiError> {
        match self.ask(DeskQuestion::Items { after: after.map(str::to_owned), limit })? {
            DeskAnswer::Items(items) => Ok(items),
            _ => Err(misunderstood()),
        }
    }

    /// The next item numbers (in the order of their bytes), at most `limit` and at most 10,000. None are left when it gives none.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn skus(&mut self, after: Option<&str>, limit: u32) -> Result<Vec<String>, ApiError> {
        match self.ask(DeskQuestion::Skus { after: after.map(str::to_owned), limit })? {
            DeskAnswer::Skus(skus) => Ok(skus),
            _ => Err(misunderstood()),
        }
    }

    /// Imports, and waits for the end for a while: an import behind a long one may still be pending then. It is one
    /// transaction, through the tenant's rules like any other.
    ///
    /// # Errors
    /// `storage_full`, `unavailable`, `too_many_requests`: nothing was taken then.
    pub fn import(&mut self, mode: ImportMode, payload: FacadePayload) -> Result<FacadeOutcome, ApiError> {
        match self.ask(DeskQuestion::Import(mode, payload))? {
            DeskAnswer::Outcome(outcome) => Ok(*outcome),
            _ => Err(misunderstood()),
        }
    }

    /// Puts items in, each whole. See [`import`](Self::import).
    ///
    /// # Errors
    /// As [`import`](Self::import).
    pub fn put(&mut self, items: Vec<ItemData>) -> Result<FacadeOutcome, ApiError> {
        self.import(ImportMode::Merge, FacadePayload::Items(items))
    }

    /// Removes items. See [`import`](Self::import).
    ///
    /// # Errors
    /// As [`import`](Self::import).
    pub fn remove(&mut self, skus: &[&str]) -> Result<FacadeOutcome, ApiError> {
        let named = |sku: &&str| ItemData { sku: (*sku).to_owned(), kind: "product".to_owned(), ..ItemData::default() };
        self.import(ImportMode::Delete, FacadePayload::Items(skus.iter().map(named).collect()))
    }
}

/// The platform answered another question than it was asked, which is a mistake of ours.
fn misunderstood() -> ApiError {
    ApiError::new(&crate::codes::INTERNAL, "the desk answered something else than it was asked")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_carry_what_the_platform_says() {
        let words = Words { code: "1", namespace: "", text: "Internal: {}" };
        assert_eq!(words.fault("a reason"), FacadeFault::new("1", "Internal: a reason"));
        let plain = Words { code: "5", namespace: "urn:x", text: "Session expired." };
        assert_eq!(plain.fault("a secret reason").text, "Session expired.");
        assert_eq!(plain.fault("").namespace, "urn:x");
    }

    #[test]
    fn no_secret_in_a_question_that_is_logged() {
        let question = DeskQuestion::SignIn { user: "me".to_owned(), secret: "s3cret".to_owned() };
        assert_eq!(format!("{question:?}"), "SignIn(..)");
    }

    #[test]
    fn the_reason_is_the_first_error_else_the_imports_own() {
        let mut outcome = FacadeOutcome {
            status: ImportStatus::Failed,
            counts: ImportCounts::default(),
            findings: vec![Finding::warning("a", "doubtful"), Finding::error("b", "wrong").sku("X1")],
            error: Some(("too_many_rejected".to_owned(), "all were refused".to_owned())),
        };
        assert_eq!(outcome.reason(), "X1: wrong");
        outcome.findings.pop();
        assert_eq!(outcome.reason(), "all were refused");
        outcome.error = None;
        assert!(!outcome.reason().is_empty() && !outcome.is_whole() && !outcome.is_pending());
        outcome.status = ImportStatus::Succeeded;
        assert!(outcome.is_whole());
        outcome.counts.rejected = 1;
        assert!(!outcome.is_whole());
    }
}

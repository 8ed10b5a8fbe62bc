//! The guard around every hook call: a panic becomes an error, a finding or a log line named after the hook.
//!
//! The registrar puts it on. It is generic throughout, so that it is compiled into the registering crate: a host cannot
//! catch the panic of a loaded library, which has its own copy of std; the library itself can. It also gives the hook its
//! allowance of memory. It bounds no time and undoes nothing that the hook did before it panicked.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::codes;
use crate::detect::{Detected, Head};
use crate::document::{Document, ItemSink, Recalled, Stop, TransformError};
use crate::error::ApiError;
use crate::export::{ExportError, ExportSession};
use crate::facade::{FacadeCall, FacadeDesk, FacadeError, FacadeTerms, FacadeWords, SessionTravel, Words};
use crate::memory::{handed_over, within};
use crate::model::{Finding, ImportMode, ItemData, ItemDraft, ItemPatch, Position};
use crate::points::catalog_exporter::{self, CatalogExporter};
use crate::points::catalog_transformer::{self, CatalogTransformer};
use crate::points::credential_verifier::{self, CredentialVerifier, PresentedCredential, Verdict};
use crate::points::import_listener::{self, ImportCommitted, ImportListener};
use crate::points::import_source::{self, ImportSource};
use crate::points::item_presenter::{self, Fragment, ItemPresenter, PresentContext};
use crate::points::item_rule::{self, ItemRule, RuleContext};
use crate::points::soap_facade::{self, SoapFacade};
use crate::pull::{PullSession, SourceError};
use crate::xml::EntityTable;

/// The longest part of a panic's text that is passed on, in characters.
pub const PANIC_CHARS_MAX: usize = 200;

/// What a panic had to say, shortened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked {
    message: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "panicked: {}", self.message)
    }
}

/// Runs `call` and turns a panic into a value.
///
/// # Errors
/// The panic's text, at most [`PANIC_CHARS_MAX`] characters of it.
pub fn contain<R>(call: impl FnOnce() -> R) -> Result<R, Panicked> {
    // What the call was changing may be half changed: every caller throws it away or marks it as rejected.
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text =
            payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.map_or_else(|| "(without a text)".to_owned(), shortened);
        discard(payload);
        Panicked { message }
    })
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(PANIC_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Drops a payload whose own `Drop` may panic again; such a one is leaked.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(again);
    }
}

/// Can implement the hook `D`, and be put behind a guard.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement the trait of this extension point",
    note = "the point takes `{D}`; see the example in its module's documentation"
)]
pub trait Guard<D: ?Sized> {
    /// The implementation behind its guard.
    fn guarded(self, id: Arc<str>) -> Arc<D>;
}

impl<T: CatalogTransformer + 'static> Guard<dyn CatalogTransformer> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn CatalogTransformer> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: ItemRule + 'static> Guard<dyn ItemRule> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn ItemRule> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: ImportListener + 'static> Guard<dyn ImportListener> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn ImportListener> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: ItemPresenter + 'static> Guard<dyn ItemPresenter> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn ItemPresenter> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: CredentialVerifier + 'static> Guard<dyn CredentialVerifier> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn CredentialVerifier> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: ImportSource + 'static> Guard<dyn ImportSource> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn ImportSource> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: CatalogExporter + 'static> Guard<dyn CatalogExporter> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn CatalogExporter> {
        Arc::new(Guarded { id, hook: self })
    }
}

impl<T: SoapFacade + 'static> Guard<dyn SoapFacade> for T {
    fn guarded(self, id: Arc<str>) -> Arc<dyn SoapFacade> {
        Arc::new(Guarded { id, hook: self })
    }
}

/// A hook behind its guard.
#[derive(Debug)]
pub struct Guarded<T> {
    id: Arc<str>,
    hook: T,
}

impl<T: CatalogTransformer> CatalogTransformer for Guarded<T> {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let bytes = catalog_transformer::POINT.bounds.memory_bytes;
        let mut sink = Handover { sink, bytes };
        contain(|| within(bytes, || self.hook.transform(document, &mut sink))).unwrap_or_else(|panicked| {
            let detail = format!("the transformer {} {panicked}", self.id);
            Err(TransformError::Document(ApiError::new(&codes::HOOK_FAILED, detail)))
        })
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        // One that panics does not know the document.
        let bytes = catalog_transformer::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.detect(head))).unwrap_or_default()
    }

    fn named_characters(&self) -> Option<&'static EntityTable> {
        let bytes = catalog_transformer::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.named_characters())).unwrap_or_default()
    }
}

impl<T: ItemRule> ItemRule for Guarded<T> {
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
        let bytes = item_rule::POINT.bounds.memory_bytes;
        if let Err(panicked) = contain(|| within(bytes, || self.hook.apply(item, ctx))) {
            let message = format!("the rule {} {panicked}", self.id);
            ctx.findings.push(Finding::error(codes::finding::RULE_PANICKED, message).at(ctx.position));
        }
    }
}

impl<T: ImportListener> ImportListener for Guarded<T> {
    fn committed(&self, event: &ImportCommitted) -> Result<(), String> {
        let bytes = import_listener::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.committed(event)))
            .unwrap_or_else(|panicked| Err(format!("the listener {} {panicked}", self.id)))
    }
}

impl<T: ItemPresenter> ItemPresenter for Guarded<T> {
    fn present(&self, item: &ItemData, ctx: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
        let bytes = item_presenter::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.present(item, ctx)))
            .unwrap_or_else(|panicked| Err(format!("the presenter {} {panicked}", self.id)))
    }
}

impl<T: CredentialVerifier> CredentialVerifier for Guarded<T> {
    fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String> {
        let bytes = credential_verifier::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.verify(presented)))
            .unwrap_or_else(|panicked| Err(format!("the verifier {} {panicked}", self.id)))
    }
}

impl<T: ImportSource> ImportSource for Guarded<T> {
    fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
        let bytes = import_source::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.pull(session))).unwrap_or_else(|panicked| {
            let detail = format!("the source {} {panicked}", self.id);
            Err(ApiError::new(&codes::HOOK_FAILED, detail).into())
        })
    }

    fn media_type(&self) -> &'static str {
        // A constant by its form; one that panics has none.
        contain(|| self.hook.media_type()).unwrap_or("application/octet-stream")
    }
}

impl<T: CatalogExporter> CatalogExporter for Guarded<T> {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let bytes = catalog_exporter::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.export(session))).unwrap_or_else(|panicked| {
            let detail = format!("the exporter {} {panicked}", self.id);
            Err(ApiError::new(&codes::HOOK_FAILED, detail).into())
        })
    }

    // Constants by their form; one that panics has none.
    fn media_type(&self) -> &'static str {
        contain(|| self.hook.media_type()).unwrap_or("application/octet-stream")
    }

    fn file_extension(&self) -> &'static str {
        contain(|| self.hook.file_extension()).unwrap_or("bin")
    }
}

impl<T: SoapFacade> SoapFacade for Guarded<T> {
    fn terms(&self) -> FacadeTerms {
        // A constant by its form; one that panics knows no operation.
        contain(|| self.hook.terms()).unwrap_or(NO_TERMS)
    }

    fn wsdl(&self, address: &str) -> Result<String, ApiError> {
        let bytes = soap_facade::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.wsdl(address))).unwrap_or_else(|panicked| Err(self.broken(&panicked)))
    }

    fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
        let bytes = soap_facade::POINT.bounds.memory_bytes;
        contain(|| within(bytes, || self.hook.answer(call, desk)))
            .unwrap_or_else(|panicked| Err(FacadeError::Failed(self.broken(&panicked))))
    }
}

impl<T: SoapFacade> Guarded<T> {
    fn broken(&self, panicked: &Panicked) -> ApiError {
        ApiError::new(&codes::HOOK_FAILED, format!("the facade {} {panicked}", self.id))
    }
}

/// Terms of a facade that cannot say any.
const NO_TERMS: FacadeTerms = {
    const FAILED: Words = Words { code: "Server", namespace: "", text: "{}" };
    FacadeTerms {
        namespace: "",
        operations: &[],
        sessions: SessionTravel::HttpBasic,
        is_encoded: false,
        words: FacadeWords {
            session: FAILED,
            credentials: FAILED,
            operation: FAILED,
            invalid: FAILED,
            busy: FAILED,
            failed: FAILED,
        },
    }
};

/// The sink as a transformer has it: what it hands over, and what the platform does with that, is no longer its memory.
struct Handover<'a> {
    sink: &'a mut dyn ItemSink,
    bytes: u64,
}

impl Handover<'_> {
    fn hand_over<T>(&mut self, give: impl FnOnce(&mut dyn ItemSink) -> Result<T, Stop>) -> Result<T, Stop> {
        handed_over(self.bytes, || give(self.sink))
    }
}

impl ItemSink for Handover<'_> {
    fn recalls(&mut self, surroundings: &str, record: &str, position: Position) -> Result<Recalled, Stop> {
        self.hand_over(|sink| sink.recalls(surroundings, record, position))
    }
    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        self.hand_over(|sink| sink.declare(format, mode))
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        self.hand_over(|sink| sink.upsert(draft))
    }
    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
        self.hand_over(|sink| sink.patch(patch))
    }
    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop> {
        self.hand_over(|sink| sink.delete(sku, position))
    }
    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        self.hand_over(|sink| sink.reject(finding))
    }
    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.hand_over(|sink| sink.note(finding))
    }
    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.hand_over(|sink| sink.unmapped(path, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct PanicsOnDrop;
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            std::panic::panic_any("again");
        }
    }

    #[test]
    fn every_kind_of_panic_becomes_a_short_text() {
        let long = "x".repeat(PANIC_CHARS_MAX + 1);
        let cases: Vec<(Box<dyn Fn()>, String)> = vec![
            (Box::new(|| panic!("plain")), "panicked: plain".to_owned()),
            (Box::new(|| panic!("with {}", 1)), "panicked: with 1".to_owned()),
            (Box::new(|| std::panic::panic_any(7)), "panicked: (without a text)".to_owned()),
            (Box::new(|| std::panic::panic_any(PanicsOnDrop)), "panicked: (without a text)".to_owned()),
            (Box::new(move || panic!("ä{long}")), format!("panicked: ä{}…", "x".repeat(PANIC_CHARS_MAX - 1))),
        ];
        for (call, expected) in cases {
            assert_eq!(contain(call).unwrap_err().to_string(), expected);
        }
        assert_eq!(contain(|| 5), Ok(5));
    }
}

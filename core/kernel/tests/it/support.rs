//! Sources and hooks for the tests: hooks that do nothing but leave their mark.

use plugpoint_kernel::{Door, Plans, Problems, Source};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::export::{ExportError, ExportSession};
use plugpoint_sdk::facade::{FacadeCall, FacadeDesk, FacadeError, FacadeTerms, FacadeWords, SessionTravel, Words};
use plugpoint_sdk::model::{Finding, ItemData};
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::credential_verifier::{CredentialVerifier, PresentedCredential, Verdict};
use plugpoint_sdk::points::import_listener::{ImportCommitted, ImportListener};
use plugpoint_sdk::points::import_source::ImportSource;
use plugpoint_sdk::points::item_presenter::{Fragment, ItemPresenter, PresentContext};
use plugpoint_sdk::points::item_rule::{ItemRule, RuleContext};
use plugpoint_sdk::points::soap_facade::SoapFacade;
use plugpoint_sdk::pull::{PullSession, SourceError};
use plugpoint_sdk::registry::Registrar;

/// A hook of every kind. It says its mark: as a note, as a finding, as an error.
pub(crate) struct Mark(pub(crate) &'static str);

impl CatalogTransformer for Mark {
    fn transform(&self, _: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        Ok(sink.note(Finding::warning("mark", self.0))?)
    }
}

impl ItemRule for Mark {
    fn apply(&self, _: &mut ItemData, ctx: &mut RuleContext<'_>) {
        ctx.findings.push(Finding::warning("mark", self.0));
    }
}

impl ImportListener for Mark {
    fn committed(&self, _: &ImportCommitted) -> Result<(), String> {
        Err(self.0.to_owned())
    }
}

impl ItemPresenter for Mark {
    fn present(&self, _: &ItemData, _: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
        Fragment::of(self.0).map(Some)
    }
}

impl CredentialVerifier for Mark {
    fn verify(&self, _: &PresentedCredential<'_>) -> Result<Verdict, String> {
        Err(self.0.to_owned())
    }
}

impl ImportSource for Mark {
    fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
        session.write(self.0.as_bytes())
    }
}

impl CatalogExporter for Mark {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        session.write(self.0.as_bytes())
    }
    fn media_type(&self) -> &'static str {
        self.0
    }
    fn file_extension(&self) -> &'static str {
        self.0
    }
}

impl SoapFacade for Mark {
    fn terms(&self) -> FacadeTerms {
        const SAID: Words = Words { code: "Server", namespace: "", text: "{}" };
        let words =
            FacadeWords { session: SAID, credentials: SAID, operation: SAID, invalid: SAID, busy: SAID, failed: SAID };
        FacadeTerms { namespace: self.0, operations: &[], sessions: SessionTravel::HttpBasic, is_encoded: false, words }
    }

    fn wsdl(&self, address: &str) -> Result<String, ApiError> {
        Ok(format!("{} {address}", self.0))
    }

    fn answer(&self, _: &FacadeCall<'_>, _: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
        Ok(self.0.to_owned())
    }
}

/// The platform, with the one format that no plan is without.
pub(crate) fn core() -> Source {
    Source::new(Door::Core, "core 1.0.0", |r: &mut Registrar| {
        r.provide_keyed(&catalog_format::POINT, "canonical", "core.canonical", Mark("canonical"));
    })
}

pub(crate) fn plugin(name: &str, register: impl FnOnce(&mut Registrar) + Send + 'static) -> Source {
    Source::plugin(name, format!("{name} 1.0.0"), register)
}

pub(crate) fn customer(name: &str, register: impl FnOnce(&mut Registrar) + Send + 'static) -> Source {
    with_profile(name, "", register)
}

pub(crate) fn with_profile(
    name: &str,
    profile: &str,
    register: impl FnOnce(&mut Registrar) + Send + 'static,
) -> Source {
    let door = Door::Customer { name: name.to_owned(), profile: profile.to_owned(), updates: String::new() };
    Source::new(door, format!("{name} 1.0.0"), register)
}

pub(crate) fn with_updates(name: &str, updates: &str) -> Source {
    let door = Door::Customer { name: name.to_owned(), profile: String::new(), updates: updates.to_owned() };
    Source::new(door, format!("{name} 1.0.0"), |_| {})
}

/// Commits the platform and `sources`.
pub(crate) fn commit(sources: Vec<Source>) -> Result<Plans, Problems> {
    Plans::commit(std::iter::once(core()).chain(sources).collect())
}

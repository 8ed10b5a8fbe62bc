//! Keeps the platform's own panics out of loaded libraries: a library cannot catch them, and its guard would end the process.
//!
//! Put around every transformer, source, exporter and facade that comes from a library: only these call back, into what they are
//! given. What they call then reads as stopped, and the import, export or call fails when the hook has returned.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use plugpoint_sdk::codes;
use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, Recalled, Stop, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::export::{ExportAccount, ExportError, ExportOutlet, ExportSession};
use plugpoint_sdk::facade::{
    DeskAnswer, DeskQuestion, FacadeCall, FacadeDesk, FacadeError, FacadePlatform, FacadeTerms,
};
use plugpoint_sdk::guard::{Panicked, contain};
use plugpoint_sdk::model::{Finding, ImportMode, ItemData, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::Implementation;
use plugpoint_sdk::points::catalog_exporter::CatalogExporter;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::import_source::ImportSource;
use plugpoint_sdk::points::soap_facade::SoapFacade;
use plugpoint_sdk::pull::{Outlet, PullSession, PulledResponse, SourceError};
use plugpoint_sdk::xml::EntityTable;

/// The same implementation, with what it calls back sheltered.
pub(crate) fn sheltered(implementation: Implementation) -> Implementation {
    match implementation {
        Implementation::CatalogTransformer(hook) => Implementation::CatalogTransformer(Arc::new(Sheltered(hook))),
        Implementation::CatalogFormat(hook) => Implementation::CatalogFormat(Arc::new(Sheltered(hook))),
        Implementation::ImportSource(hook) => Implementation::ImportSource(Arc::new(ShelteredSource(hook))),
        Implementation::CatalogExporter(hook) => Implementation::CatalogExporter(Arc::new(ShelteredExporter(hook))),
        Implementation::SoapFacade(hook) => Implementation::SoapFacade(Arc::new(ShelteredFacade(hook))),
        calls_nothing_back => calls_nothing_back,
    }
}

struct Sheltered(Arc<dyn CatalogTransformer>);

impl CatalogTransformer for Sheltered {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let Document { media_type, charset, mode, profile, xml_limits, formats, .. } = *document;
        let mut source = Shelter { inner: &mut *document.source, panicked: None };
        let mut sink = Shelter { inner: sink, panicked: None };
        let mut document = Document { source: &mut source, media_type, charset, mode, profile, xml_limits, formats };
        let result = self.0.transform(&mut document, &mut sink);
        match sink.panicked.or(source.panicked) {
            Some(panicked) => {
                let detail = format!("the platform {panicked}");
                Err(ApiError::new(&codes::INTERNAL, detail).into())
            }
            None => result,
        }
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        self.0.detect(head)
    }

    fn named_characters(&self) -> Option<&'static EntityTable> {
        self.0.named_characters()
    }
}

struct ShelteredSource(Arc<dyn ImportSource>);

impl ImportSource for ShelteredSource {
    fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
        let PullSession { outlet, name, settings, profile, secret, xml_limits } = session;
        let (name, settings, profile, secret, xml_limits) = (*name, *settings, *profile, *secret, *xml_limits);
        let mut outlet = Shelter { inner: &mut **outlet, panicked: None };
        let mut session = PullSession { outlet: &mut outlet, name, settings, profile, secret, xml_limits };
        let result = self.0.pull(&mut session);
        match outlet.panicked {
            Some(panicked) => Err(ApiError::new(&codes::INTERNAL, format!("the platform {panicked}")).into()),
            None => result,
        }
    }

    fn media_type(&self) -> &'static str {
        self.0.media_type()
    }
}

struct ShelteredExporter(Arc<dyn CatalogExporter>);

impl CatalogExporter for ShelteredExporter {
    fn export(&self, session: &mut ExportSession<'_>) -> Result<(), ExportError> {
        let ExportSession { outlet, header, profile, xml_limits } = session;
        let (header, profile, xml_limits) = (*header, *profile, *xml_limits);
        let mut outlet = Shelter { inner: &mut **outlet, panicked: None };
        let mut session = ExportSession { outlet: &mut outlet, header, profile, xml_limits };
        let result = self.0.export(&mut session);
        match outlet.panicked {
            Some(panicked) => Err(ApiError::new(&codes::INTERNAL, format!("the platform {panicked}")).into()),
            None => result,
        }
    }

    fn media_type(&self) -> &'static str {
        self.0.media_type()
    }

    fn file_extension(&self) -> &'static str {
        self.0.file_extension()
    }
}

struct ShelteredFacade(Arc<dyn SoapFacade>);

impl SoapFacade for ShelteredFacade {
    fn terms(&self) -> FacadeTerms {
        self.0.terms()
    }

    fn wsdl(&self, address: &str) -> Result<String, ApiError> {
        self.0.wsdl(address)
    }

    fn answer(&self, call: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
        let mut platform = Shelter { inner: &mut *desk.platform, panicked: None };
        let result = self.0.answer(call, &mut FacadeDesk { platform: &mut platform });
        match platform.panicked {
            Some(panicked) => Err(ApiError::new(&codes::INTERNAL, format!("the platform {panicked}")).into()),
            None => result,
        }
    }
}

/// Something of the platform's, and the panic with which it has ended.
struct Shelter<'a, T: ?Sized> {
    inner: &'a mut T,
    panicked: Option<Panicked>,
}

impl<T: ?Sized> Shelter<'_, T> {
    /// After a panic nothing is called any more: what panicked may be half changed.
    fn call<R>(&mut self, call: impl FnOnce(&mut T) -> R) -> Option<R> {
        if self.panicked.is_some() {
            return None;
        }
        contain(|| call(self.inner)).map_err(|panicked| self.panicked = Some(panicked)).ok()
    }
}

impl ItemSink for Shelter<'_, dyn ItemSink + '_> {
    fn recalls(&mut self, surroundings: &str, record: &str, position: Position) -> Result<Recalled, Stop> {
        self.call(|sink| sink.recalls(surroundings, record, position)).unwrap_or(Err(Stop))
    }
    fn declare(&mut self, format: &str, mode: Option<ImportMode>) -> Result<(), Stop> {
        self.call(|sink| sink.declare(format, mode)).unwrap_or(Err(Stop))
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        self.call(|sink| sink.upsert(draft)).unwrap_or(Err(Stop))
    }
    fn patch(&mut self, patch: ItemPatch) -> Result<(), Stop> {
        self.call(|sink| sink.patch(patch)).unwrap_or(Err(Stop))
    }
    fn delete(&mut self, sku: String, position: Position) -> Result<(), Stop> {
        self.call(|sink| sink.delete(sku, position)).unwrap_or(Err(Stop))
    }
    fn reject(&mut self, finding: Finding) -> Result<(), Stop> {
        self.call(|sink| sink.reject(finding)).unwrap_or(Err(Stop))
    }
    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.call(|sink| sink.note(finding)).unwrap_or(Err(Stop))
    }
    fn unmapped(&mut self, path: &str, count: u64) -> Result<(), Stop> {
        self.call(|sink| sink.unmapped(path, count)).unwrap_or(Err(Stop))
    }
}

impl ExportOutlet for Shelter<'_, dyn ExportOutlet + '_> {
    fn next_item(&mut self) -> Result<Option<ItemData>, ExportError> {
        self.call(|outlet| outlet.next_item()).unwrap_or(Err(ExportError::Stopped))
    }
    fn rewind(&mut self) -> Result<(), ExportError> {
        self.call(|outlet| outlet.rewind()).unwrap_or(Err(ExportError::Stopped))
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), ExportError> {
        self.call(|outlet| outlet.write(bytes)).unwrap_or(Err(ExportError::Stopped))
    }
    /// Gives out a field and nothing else: there is nothing in it that could panic.
    fn account(&mut self) -> &mut ExportAccount {
        self.inner.account()
    }
}

impl Outlet for Shelter<'_, dyn Outlet + '_> {
    fn post(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        self.call(|outlet| outlet.post(path, headers, body)).unwrap_or(Err(SourceError::Stopped))
    }
    fn post_last(&mut self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<PulledResponse, SourceError> {
        self.call(|outlet| outlet.post_last(path, headers, body)).unwrap_or(Err(SourceError::Stopped))
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.call(|outlet| outlet.write(bytes)).unwrap_or(Err(SourceError::Stopped))
    }
    fn progress(&mut self, done: u64, of: Option<u64>) {
        self.call(|outlet| outlet.progress(done, of));
    }
}

impl FacadePlatform for Shelter<'_, dyn FacadePlatform + '_> {
    fn ask(&mut self, question: DeskQuestion) -> Result<DeskAnswer, ApiError> {
        let ended = || Err(ApiError::new(&codes::INTERNAL, "the desk has panicked"));
        self.call(|platform| platform.ask(question)).unwrap_or_else(ended)
    }
}

fn ended() -> io::Error {
    io::Error::other("the document's source panicked")
}

impl Read for Shelter<'_, dyn BufRead + '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.call(|source| source.read(buffer)).unwrap_or_else(|| Err(ended()))
    }
}

impl BufRead for Shelter<'_, dyn BufRead + '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.call(|source| source.fill_buf().map(drop)).is_none() {
            return Err(ended());
        }
        // What is there already is given without any work, so it cannot panic where the call before did not.
        self.inner.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.call(|source| source.consume(bytes));
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::profile::Profile;

    use super::*;

    /// Reads a line, hands it over, and does not care what the sink says.
    struct Careless;

    impl CatalogTransformer for Careless {
        fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
            let mut line = String::new();
            while document.source.read_line(&mut line)? > 0 {
                _ = sink.delete(std::mem::take(&mut line), Position::default());
            }
            Ok(())
        }
    }

    #[derive(Default)]
    struct Sink {
        taken: Vec<String>,
    }

    impl ItemSink for Sink {
        fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
            Ok(())
        }
        fn upsert(&mut self, _: ItemDraft) -> Result<(), Stop> {
            Ok(())
        }
        fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
            Ok(())
        }
        fn delete(&mut self, sku: String, _: Position) -> Result<(), Stop> {
            assert!(sku != "sink\n", "in the sink");
            self.taken.push(sku);
            Ok(())
        }
        fn reject(&mut self, _: Finding) -> Result<(), Stop> {
            Ok(())
        }
        fn note(&mut self, _: Finding) -> Result<(), Stop> {
            Ok(())
        }
        fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
            Ok(())
        }
    }

    struct Source<'a>(&'a [u8]);

    impl Read for Source<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(buffer)
        }
    }

    impl BufRead for Source<'_> {
        fn fill_buf(&mut self) -> io::Result<&[u8]> {
            assert!(!self.0.starts_with(b"source"), "in the source");
            self.0.fill_buf()
        }
        fn consume(&mut self, bytes: usize) {
            self.0.consume(bytes);
        }
    }

    struct Fetches;

    impl ImportSource for Fetches {
        fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
            for _ in 0..2 {
                // Does not care what the platform says.
                _ = session.post("", &[], b"");
                _ = session.write(b"x");
            }
            Ok(())
        }
    }

    /// Panics at a call, counted from 0.
    struct Panics(u32, u32);

    impl Panics {
        fn call<T>(&mut self, fine: T) -> T {
            assert!(self.0 != self.1, "in the outlet");
            self.0 += 1;
            fine
        }
    }

    impl Outlet for Panics {
        fn post(&mut self, _: &str, _: &[(&str, &str)], _: &[u8]) -> Result<PulledResponse, SourceError> {
            self.call(Ok(PulledResponse::default()))
        }
        fn post_last(&mut self, _: &str, _: &[(&str, &str)], _: &[u8]) -> Result<PulledResponse, SourceError> {
            self.call(Ok(PulledResponse::default()))
        }
        fn write(&mut self, _: &[u8]) -> Result<(), SourceError> {
            self.call(Ok(()))
        }
        fn progress(&mut self, _: u64, _: Option<u64>) {}
    }

    #[test]
    fn a_panic_of_the_platform_ends_the_pull_and_nothing_is_called_after_it() {
        for (panics_at, calls) in [(0, 0), (1, 1), (3, 3), (9, 4)] {
            let (mut outlet, profile) = (Panics(0, panics_at), Profile::default());
            let settings = plugpoint_sdk::profile::SourceProfile::default();
            let xml_limits = plugpoint_sdk::xml::XmlLimits::default();
            let (name, secret) = ("x", None);
            let mut session =
                PullSession { outlet: &mut outlet, name, settings: &settings, profile: &profile, secret, xml_limits };
            let result = ShelteredSource(Arc::new(Fetches)).pull(&mut session);
            let told = result.err().map(|error| match error {
                SourceError::Failed(error) => error.detail,
                SourceError::Stopped => "stopped".to_owned(),
            });
            let expected = (panics_at < 4).then(|| "the platform panicked: in the outlet".to_owned());
            assert_eq!((outlet.0, told), (calls, expected));
        }
    }

    /// Asks four times, and does not care what the desk says.
    struct Asks;

    impl SoapFacade for Asks {
        fn terms(&self) -> FacadeTerms {
            unreachable!("nobody asks for them here")
        }
        fn wsdl(&self, address: &str) -> Result<String, ApiError> {
            Ok(address.to_owned())
        }
        fn answer(&self, _: &FacadeCall<'_>, desk: &mut FacadeDesk<'_>) -> Result<String, FacadeError> {
            (0..4).for_each(|_| drop(desk.sign_out()));
            Ok("answered".to_owned())
        }
    }

    impl FacadePlatform for Panics {
        fn ask(&mut self, _: DeskQuestion) -> Result<DeskAnswer, ApiError> {
            self.call(Ok(DeskAnswer::Done))
        }
    }

    #[test]
    fn a_panic_of_the_platform_ends_the_call_and_nothing_is_asked_after_it() {
        for (panics_at, calls) in [(0, 0), (1, 1), (3, 3), (9, 4)] {
            let (mut platform, profile) = (Panics(0, panics_at), Profile::default());
            let (operation, tenant) = (plugpoint_sdk::xml::Element::default(), "acme".parse().unwrap());
            let call = FacadeCall { operation: &operation, caller: None, tenant: &tenant, profile: &profile };
            let facade = ShelteredFacade(Arc::new(Asks));
            let told = match facade.answer(&call, &mut FacadeDesk { platform: &mut platform }) {
                Ok(answer) => answer,
                Err(FacadeError::Failed(error)) => error.detail,
                Err(FacadeError::Fault(fault)) => fault.text,
            };
            let expected = if panics_at < 4 { "the platform panicked: in the outlet" } else { "answered" };
            assert_eq!((platform.0, told.as_str()), (calls, expected));
            assert_eq!(facade.wsdl("x").unwrap(), "x");
        }
    }

    #[test]
    fn a_panic_of_the_platform_ends_the_import_and_nothing_is_called_after_it() {
        let cases = [
            ("a\nb\n", vec!["a\n", "b\n"], None),
            ("a\nsink\nb\n", vec!["a\n"], Some("the platform panicked: in the sink")),
            ("a\nsource", vec!["a\n"], Some("the platform panicked: in the source")),
        ];
        let profile = Profile::default();
        for (text, taken, expected) in cases {
            let (mut source, mut sink) = (Source(text.as_bytes()), Sink::default());
            let (media_type, profile) = ("text/plain", &profile);
            let mut document = Document { media_type, ..Document::new(&mut source, profile) };
            let result = Sheltered(Arc::new(Careless)).transform(&mut document, &mut sink);
            let told = result.err().map(|error| match error {
                TransformError::Document(error) => error.detail,
                other => format!("{other:?}"),
            });
            assert_eq!((sink.taken, told.as_deref()), (taken.iter().map(|it| (*it).to_owned()).collect(), expected));
        }
    }
}

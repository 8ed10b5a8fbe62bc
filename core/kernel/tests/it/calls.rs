//! Calls through a plan: the right hook is called, its panic goes no further, its time is kept.

use std::time::Duration;

use plugpoint_kernel::{Beat, BreakerState, Hook, HookThreads, TenantPlan};
use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::document::{Document, ItemSink, Stop, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportId, ImportMode, ItemData, ItemDraft, ItemPatch, Position, Severity};
use plugpoint_sdk::points;
use plugpoint_sdk::points::catalog_transformer::{self, CatalogTransformer};
use plugpoint_sdk::points::credential_verifier::{self, CredentialVerifier, PresentedCredential, Verdict};
use plugpoint_sdk::points::import_listener::{self, ImportCommitted, ImportListener};
use plugpoint_sdk::points::import_source::{self, ImportSource};
use plugpoint_sdk::points::item_presenter::{self, Fragment, ItemPresenter, PresentContext};
use plugpoint_sdk::points::item_rule::{self, ItemRule, RuleContext};
use plugpoint_sdk::profile::{Profile, SourceProfile};
use plugpoint_sdk::pull::{Outlet, PullSession, PulledResponse, SourceError};
use plugpoint_sdk::testkit::{Outcome, Sample};
use plugpoint_sdk::xml::XmlLimits;

use crate::support::{Mark, commit, customer};

struct Panics;

impl CatalogTransformer for Panics {
    fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
        panic!("no such price list")
    }
}

impl ItemRule for Panics {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        panic!("no rule for {}", item.sku)
    }
}

impl ImportListener for Panics {
    fn committed(&self, _: &ImportCommitted) -> Result<(), String> {
        std::panic::panic_any(1_u8)
    }
}

impl ItemPresenter for Panics {
    fn present(&self, item: &ItemData, _: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
        panic!("no word on {}", item.sku)
    }
}

impl CredentialVerifier for Panics {
    fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String> {
        panic!("{} is on holiday", presented.user)
    }
}

fn plan() -> (plugpoint_kernel::Plans, TenantPlan) {
    let plans = commit(vec![customer("one", |r| {
        r.provide(&catalog_transformer::POINT, "one.transformer", Panics);
        r.provide(&item_rule::POINT, "one.panics", Panics);
        r.provide(&item_rule::POINT, "one.quiet", Mark("quiet")).after("one.panics");
        r.provide(&import_listener::POINT, "one.panics-too", Panics);
        r.provide(&import_listener::POINT, "one.quiet-too", Mark("quiet"));
        r.provide_keyed(&item_presenter::POINT, "word", "one.presenter", Panics);
        r.provide(&credential_verifier::POINT, "one.verifier", Panics);
    })])
    .unwrap();
    let plan = plans.for_tenant(Some("one"), &Profile::default()).unwrap();
    (plans, plan)
}

#[test]
fn a_transformer_that_panics_fails_the_document() {
    let (_, plan) = plan();
    let profile = Profile::default();
    let sample = Sample { bytes: b"", media_type: "text/plain", charset: None, profile: &profile };
    let outcome = Outcome::of(&*plan.transformer, &[], &sample);
    let (code, detail) = outcome.error.unwrap();
    assert_eq!(code, "hook_failed");
    assert_eq!(detail, "the transformer one.transformer panicked: no such price list");
    let canonical = Outcome::of(&*plan.canonical, &[], &sample);
    assert_eq!(canonical.findings[0].message, "canonical");
}

#[test]
fn a_rule_that_panics_rejects_the_item_and_the_next_is_called() {
    let (_, plan) = plan();
    let (profile, mut item) = (Profile::default(), ItemData { sku: "A1".to_owned(), ..ItemData::default() });
    let mut findings: Vec<Finding> = Vec::new();
    for rule in &plan.rules_decoded {
        let position = Position { line: 7, column: 1 };
        rule.apply(&mut item, &mut RuleContext { profile: &profile, position, findings: &mut findings });
    }
    let seen: Vec<_> =
        findings.iter().map(|it| (it.severity, it.code.as_str(), it.message.as_str(), it.line)).collect();
    let expected = [
        (Severity::Error, "rule_panicked", "the rule one.panics panicked: no rule for A1", Some(7)),
        (Severity::Warning, "mark", "quiet", None),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn a_listener_that_panics_says_so_and_the_next_is_called() {
    let (_, plan) = plan();
    let event = ImportCommitted {
        tenant: "acme".parse().unwrap(),
        catalog: "main".parse().unwrap(),
        import: "0192d3c4-0000-7000-8000-000000000000".parse::<ImportId>().unwrap(),
        counts: ImportCounts::default(),
    };
    let said: Vec<String> = plan.listeners.iter().map(|listener| listener.committed(&event).unwrap_err()).collect();
    assert_eq!(said, ["the listener one.panics-too panicked: (without a text)", "quiet"]);
}

#[test]
fn a_presenter_and_a_verifier_that_panic_say_so() {
    let (_, plan) = plan();
    let (profile, catalog, tenant) = (Profile::default(), "main".parse().unwrap(), "acme".parse().unwrap());
    let item = ItemData { sku: "A1".to_owned(), ..ItemData::default() };
    let (member, presenter) = &plan.presenters[0];
    let told = presenter.present(&item, &PresentContext { profile: &profile, catalog: &catalog }).unwrap_err();
    assert_eq!((&**member, told.as_str()), ("word", "the presenter one.presenter panicked: no word on A1"));
    let presented = PresentedCredential { user: "jane", secret: "s", tenant: &tenant, profile: &profile };
    let told = plan.verifiers[0].verify(&presented).unwrap_err();
    assert_eq!(told, "the verifier one.verifier panicked: jane is on holiday");
}

#[test]
fn calls_are_counted_for_every_hook_over_all_tenants_of_a_customer() {
    let (plans, plan) = plan();
    let again = plans.for_tenant(Some("one"), &Profile::default()).unwrap();
    for plan in [&plan, &again] {
        let call = plan.transformer.call(
            |hook| {
                std::thread::sleep(Duration::from_millis(2));
                let (profile, bytes) = (Profile::default(), &b""[..]);
                let sample = Sample { bytes, media_type: "text/plain", charset: None, profile: &profile };
                Outcome::of(hook, &[], &sample).error
            },
            Option::is_some,
        );
        assert!(call.unwrap().is_some());
    }
    let stats = plans.hook_stats();
    let of = |id: &str| stats.iter().find(|it| &*it.id == id && it.customer.as_deref() == Some("one")).unwrap().calls;
    let transformer = of("one.transformer");
    assert_eq!((transformer.count, transformer.failures, transformer.suspensions), (2, 2, 0));
    assert!(transformer.total_us >= 4000 && transformer.p50_ns >= 2_000_000, "{transformer:?}");
    assert_eq!((of("one.quiet").count, of("one.quiet").total_us), (0, 0));
}

#[test]
fn a_hook_that_keeps_failing_is_suspended_and_says_for_how_long() {
    let (plans, plan) = plan();
    let failing = || plan.transformer.call(|_| (), |()| true);
    let most = points::all().iter().find(|point| point.name == "catalog.transformer").unwrap().bounds.failures;
    for _ in 0..most {
        assert!(failing().is_ok());
    }
    let error = ApiError::from(failing().unwrap_err());
    assert_eq!((error.code.name, error.retry_after_s), ("hook_suspended", Some(60)));
    let detail = "the hook one.transformer failed too often and is suspended; it is tried again in 60 s";
    assert_eq!(error.detail, detail);
    assert!(plan.canonical.call(|_| (), |()| false).is_ok(), "others are called");
    let neighbour = plans.for_tenant(Some("one"), &Profile::default()).unwrap();
    assert!(neighbour.transformer.call(|_| (), |()| false).is_ok(), "another tenant of the customer calls it");
    let live = plan.live_report();
    let hook = &live.points.iter().find(|it| it.point == "catalog.transformer").unwrap().hooks[0];
    assert_eq!(hook.calls.unwrap().breaker, BreakerState::Open);
    assert_eq!(live.hash, plan.report.hash, "what happened changes no plan");
}

/// Takes memory without end, handing nothing over.
struct Greedy;

impl ItemRule for Greedy {
    fn apply(&self, _: &mut ItemData, _: &mut RuleContext<'_>) {
        let mut taken: Vec<Vec<u8>> = Vec::new();
        loop {
            taken.push(vec![1; 64 << 10]);
        }
    }
}

/// Takes a good part of what it may, gives it back, and does so again.
struct Thrifty;

impl ItemRule for Thrifty {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        for _ in 0..8 {
            let bytes = usize::try_from(item_rule::POINT.bounds.memory_bytes).unwrap() / 2;
            item.kind = std::hint::black_box(vec![b'x'; bytes]).len().to_string();
        }
    }
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn a_hook_that_takes_memory_without_end_is_stopped_at_its_bound() {
    let plans = commit(vec![customer("one", |r| {
        r.provide(&item_rule::POINT, "one.greedy", Greedy);
        r.provide(&item_rule::POINT, "one.thrifty", Thrifty).after("one.greedy");
    })])
    .unwrap();
    let plan = plans.for_tenant(Some("one"), &Profile::default()).unwrap();
    let [greedy, thrifty] = &plan.rules_decoded[..] else { panic!("two rules") };
    let apply = |rule: &Hook<dyn ItemRule>| {
        let rule = rule.clone();
        move |_: &Beat| {
            let (profile, mut item, mut findings) = (Profile::default(), ItemData::default(), Vec::new());
            let mut ctx = RuleContext { profile: &profile, position: Position::default(), findings: &mut findings };
            rule.apply(&mut item, &mut ctx);
            item.kind
        }
    };
    let threads = HookThreads::new(1);
    let kind = threads.run("thrifty", Duration::from_secs(30), apply(thrifty)).unwrap();
    assert_eq!(kind, (item_rule::POINT.bounds.memory_bytes / 2).to_string());
    let before = resident_bytes();
    let error = threads.run("greedy", Duration::from_secs(2), apply(greedy)).unwrap_err();
    assert_eq!(error.code.name, "hook_timeout");
    let taken = resident_bytes() - before;
    let bound = item_rule::POINT.bounds.memory_bytes;
    assert!(taken > bound / 2 && taken < bound + (8 << 20), "{taken} bytes, the bound is {bound}");
}

/// Hands over more than it may hold, record by record.
struct Floods;

const RECORD_BYTES: usize = 1 << 20;

impl CatalogTransformer for Floods {
    fn transform(&self, _: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        for _ in 0..2 * (catalog_transformer::POINT.bounds.memory_bytes / RECORD_BYTES as u64) {
            sink.note(Finding::warning("flood", "x".repeat(RECORD_BYTES)))?;
        }
        Ok(())
    }
}

impl ImportSource for Floods {
    fn pull(&self, session: &mut PullSession<'_>) -> Result<(), SourceError> {
        for _ in 0..2 * (import_source::POINT.bounds.memory_bytes / RECORD_BYTES as u64) {
            session.write(&vec![0; RECORD_BYTES])?;
        }
        Ok(())
    }
}

/// Gives everything to another thread, which alone frees it: so the hook's thread takes and never gives back.
struct Elsewhere(std::sync::mpsc::SyncSender<Vec<u8>>);

impl Outlet for Elsewhere {
    fn post(&mut self, _: &str, _: &[(&str, &str)], _: &[u8]) -> Result<PulledResponse, SourceError> {
        Err(SourceError::Stopped)
    }
    fn post_last(&mut self, _: &str, _: &[(&str, &str)], _: &[u8]) -> Result<PulledResponse, SourceError> {
        Err(SourceError::Stopped)
    }
    fn write(&mut self, bytes: &[u8]) -> Result<(), SourceError> {
        self.0.send(bytes.to_vec()).map_err(|_| SourceError::Stopped)
    }
    fn progress(&mut self, _: u64, _: Option<u64>) {}
}

impl ItemSink for Elsewhere {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, _: ItemDraft) -> Result<(), Stop> {
        Ok(())
    }
    fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        Ok(())
    }
    fn reject(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn note(&mut self, finding: Finding) -> Result<(), Stop> {
        self.0.send(finding.message.into_bytes()).map_err(|_| Stop)
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

#[test]
fn what_is_handed_over_is_no_longer_the_hooks_memory() {
    let plans = commit(vec![customer("one", |r| {
        r.provide(&catalog_transformer::POINT, "one.floods", Floods);
        r.provide_keyed(&import_source::POINT, "flood", "one.source", Floods);
    })])
    .unwrap();
    let plan = plans.for_tenant(Some("one"), &Profile::default()).unwrap();
    let (give, take) = std::sync::mpsc::sync_channel::<Vec<u8>>(2);
    let freeing = std::thread::spawn(move || take.iter().map(|bytes| bytes.len()).sum::<usize>());
    let (transformer, source) = (plan.transformer.clone(), plan.sources["flood"].clone());
    let threads = HookThreads::new(1);
    let task = move |_: &Beat| {
        let (profile, mut empty) = (Profile::default(), std::io::empty());
        let mut document = Document { media_type: "text/plain", ..Document::new(&mut empty, &profile) };
        transformer.transform(&mut document, &mut Elsewhere(give.clone())).unwrap();
        let settings = SourceProfile::default();
        let (xml_limits, secret) = (XmlLimits::default(), None);
        let outlet = &mut Elsewhere(give);
        let mut session =
            PullSession { outlet, name: "flood", settings: &settings, profile: &profile, secret, xml_limits };
        source.pull(&mut session).unwrap();
    };
    threads.run("floods", Duration::from_secs(60), task).unwrap();
    let bounds = [catalog_transformer::POINT.bounds.memory_bytes, import_source::POINT.bounds.memory_bytes];
    assert_eq!(freeing.join().unwrap() as u64, 2 * bounds.iter().sum::<u64>());
}

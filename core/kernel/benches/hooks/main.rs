//! What the guard around a hook costs, linked and loaded: per call, and as a share of an import's item path, counters and breaker included.
//!
//! `cargo bench -p plugpoint-kernel`. Exit code 1 when a bound is broken. Each figure is the best of many short rounds taken in
//! turn, because a busy machine only ever makes a round slower. No harness: it builds and loads a library first.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod customer;

use std::hint::black_box;
use std::process::{Command, ExitCode};
use std::time::Instant;

use plugpoint_kernel::{Door, Hook, Library, Loaded, Plans, Source, TenantPlan};
use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::document::{Document, ItemSink, Stop};
use plugpoint_sdk::model::{Finding, ImportMode, Item, ItemData, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::points::item_rule::{ItemRule, RuleContext};
use plugpoint_sdk::profile::Profile;

/// The most that a guarded call may cost beyond a direct one, in nanoseconds.
const CALL_NS_MAX: f64 = 100.0;
/// The most that guards may add to the item path.
const SHARE_MAX: f64 = 0.03;

const CALLS: u32 = 100_000;
const CALL_ROUNDS: usize = 60;
const ITEMS: usize = 5_000;
const ITEM_ROUNDS: usize = 60;

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    let entry = plugpoint_sdk::customer::linked().next().expect("the bench's own customer");
    let linked = plan(Source::linked(entry));
    let loaded = plan(Source::loaded(&loaded(), &[]));
    let are_kept = [calls(&linked, &loaded), items(&linked, &loaded)];
    if are_kept.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Builds the same customer as a library, as optimised as this bench is.
fn loaded() -> Loaded {
    let program = std::env::current_exe().expect("this program");
    let target = program.ancestors().nth(3).expect("<target>/<profile>/deps/<program>");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["build", "--quiet", "--release", "-p", "plugpoint-kernel", "--example", "bench_customer"];
    let built = Command::new(cargo).args(arguments).env("CARGO_TARGET_DIR", target).status().expect("cargo runs");
    assert!(built.success(), "the library is built");
    let file = target.join("release/examples/libbench_customer.so");
    Library::inspect(&file).and_then(Loaded::open).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn plan(customer: Source) -> TenantPlan {
    let core = Source::new(Door::Core, "core", |registrar| {
        registrar.provide_keyed(&catalog_format::POINT, "canonical", "canonical", Canonical);
    });
    let plans = Plans::commit(vec![core, customer]).unwrap_or_else(|problems| panic!("{problems}"));
    plans.for_tenant(Some("bench"), &Profile::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// A way to call a rule.
type Way<'a> = dyn Fn(&mut ItemData, &mut RuleContext<'_>) + 'a;

/// A rule as imports call it: behind its guard and its breaker, counted, some calls timed.
struct Called<'a>(&'a Hook<dyn ItemRule>);

impl ItemRule for Called<'_> {
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
        let called = self.0.call(|rule| rule.apply(item, ctx), |()| false);
        assert!(called.is_ok(), "nothing fails here");
    }
}

/// One call of one rule.
fn calls(linked: &TenantPlan, loaded: &TenantPlan) -> bool {
    let direct: Box<dyn ItemRule> = Box::new(customer::Touch);
    let (linked, loaded) = (&linked.rules_decoded[0], &loaded.rules_decoded[0]);
    let ways: [(&str, &Way<'_>); 5] = [
        ("direct", &|item, ctx| black_box(&*direct).apply(item, ctx)),
        ("linked, guarded", &|item, ctx| black_box(&*linked.call).apply(item, ctx)),
        ("loaded, guarded", &|item, ctx| black_box(&*loaded.call).apply(item, ctx)),
        ("linked, as imports call it", &|item, ctx| Called(black_box(linked)).apply(item, ctx)),
        ("loaded, as imports call it", &|item, ctx| Called(black_box(loaded)).apply(item, ctx)),
    ];
    let profile = Profile::default();
    let round = |way: &Way<'_>| {
        let (mut item, mut findings) = (ItemData::default(), Vec::new());
        let mut ctx = RuleContext { profile: &profile, position: Position::default(), findings: &mut findings };
        let started = Instant::now();
        for _ in 0..CALLS {
            way(black_box(&mut item), &mut ctx);
        }
        started.elapsed().as_nanos() as f64 / f64::from(CALLS)
    };
    let best = best_of(CALL_ROUNDS, &ways.map(|(_, way)| move || round(way)));
    println!("one call of a rule that does nothing (best of {CALL_ROUNDS} x {CALLS}):");
    let mut is_kept = true;
    for ((name, _), nanoseconds) in ways.iter().zip(&best) {
        let more = nanoseconds - best[0];
        println!("  {name:<27} {nanoseconds:7.2} ns   {more:+7.2} ns");
        is_kept &= more < CALL_NS_MAX;
    }
    told(is_kept, &format!("a guarded call costs less than {CALL_NS_MAX} ns more than a direct one"))
}

/// From the document to checked items: reader, a rule, the check of the limits, another rule.
fn items(linked: &TenantPlan, loaded: &TenantPlan) -> bool {
    let document = document();
    let (direct, rule): (Box<dyn CatalogTransformer>, Box<dyn ItemRule>) =
        (Box::new(Canonical), Box::new(customer::Touch));
    let called = [linked, loaded].map(|plan| [Called(&plan.rules_decoded[0]), Called(&plan.rules_validated[0])]);
    let [of_linked, of_loaded] = called.each_ref().map(|rules| rules.each_ref().map(|rule| rule as &dyn ItemRule));
    let ways: [(&str, &dyn CatalogTransformer, [&dyn ItemRule; 2]); 3] = [
        ("direct", &*direct, [&*rule, &*rule]),
        ("linked, as imports call it", &*linked.transformer.call, of_linked),
        ("loaded, as imports call it", &*loaded.transformer.call, of_loaded),
    ];
    let best = best_of(
        ITEM_ROUNDS,
        &ways.map(|(_, transformer, rules)| {
            let document = &document;
            move || import(transformer, rules, document)
        }),
    );
    println!("the item path, {ITEMS} items of {} bytes (best of {ITEM_ROUNDS}):", document.len() / ITEMS);
    let mut is_kept = true;
    for ((name, ..), nanoseconds) in ways.iter().zip(&best) {
        let share = nanoseconds / best[0] - 1.0;
        println!("  {name:<27} {:7.2} us an item   {:+6.2} %", nanoseconds / ITEMS as f64 / 1e3, share * 100.0);
        is_kept &= share < SHARE_MAX;
    }
    told(is_kept, &format!("guards add less than {} % to the item path", SHARE_MAX * 100.0))
}

fn told(is_kept: bool, bound: &str) -> bool {
    println!("  {}: {bound}\n", if is_kept { "kept" } else { "BROKEN" });
    is_kept
}

/// The least of each, in rounds that take turns.
fn best_of<const N: usize>(rounds: usize, ways: &[impl Fn() -> f64; N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..rounds {
        for (best, way) in best.iter_mut().zip(ways) {
            *best = best.min(way());
        }
    }
    best
}

/// Canonical lines with what an ordinary item has.
fn document() -> Vec<u8> {
    let line = |number: usize| {
        format!(
            "{{\"sku\":\"A{number}\",\"brand\":\"Voltwerk\",\"texts\":[{{\"lang\":\"de\",\"title\":\"Kabel {number}\",\
             \"description\":\"Ein Kabel, wie es in vielen Häusern liegt, mit drei Adern.\"}}],\"identifiers\":\
             [{{\"scheme\":\"supplier\",\"value\":\"V-{number}\"}}],\"prices\":[{{\"kind\":\"list\",\"amount\":\"12.50\",\
             \"currency\":\"EUR\",\"tax_rate\":\"0.19\"}}],\"categories\":[{{\"system\":\"etim-9.0\",\"code\":\"EC000057\"}}],\
             \"attributes\":[{{\"name\":\"Adern\",\"values\":[\"3\"]}},{{\"name\":\"Farbe\",\"values\":[\"grau\"]}}]}}\n"
        )
    };
    (0..ITEMS).map(line).collect::<String>().into_bytes()
}

/// Nanoseconds from the first byte to the last checked item.
fn import(transformer: &dyn CatalogTransformer, rules: [&dyn ItemRule; 2], document: &[u8]) -> f64 {
    let profile = Profile::default();
    let mut sink = Checked { rules, profile: &profile, items: 0 };
    let started = Instant::now();
    let source = &mut &*document;
    let mut document = Document { media_type: "application/x-ndjson", ..Document::new(source, &profile) };
    transformer.transform(&mut document, &mut sink).expect("the document is whole");
    let elapsed = started.elapsed().as_nanos() as f64;
    assert_eq!(sink.items, ITEMS);
    elapsed
}

/// What an import does with each item, up to the storage.
struct Checked<'a> {
    rules: [&'a dyn ItemRule; 2],
    profile: &'a Profile,
    items: usize,
}

impl ItemSink for Checked<'_> {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        let ItemDraft { mut data, position, mut findings, .. } = draft;
        let [decoded, validated] = self.rules;
        decoded.apply(&mut data, &mut RuleContext { profile: self.profile, position, findings: &mut findings });
        let mut data = Item::try_from_data(data).map_err(|_| Stop)?.into_data();
        validated.apply(&mut data, &mut RuleContext { profile: self.profile, position, findings: &mut findings });
        black_box(Item::try_from_data(data).map_err(|_| Stop)?);
        self.items += 1;
        Ok(())
    }
    fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        Ok(())
    }
    fn reject(&mut self, _: Finding) -> Result<(), Stop> {
        Err(Stop)
    }
    fn note(&mut self, _: Finding) -> Result<(), Stop> {
        Ok(())
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

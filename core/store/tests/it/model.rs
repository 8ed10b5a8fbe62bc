//! Random sequences of imports, puts and deletes, compared with a model that is nothing but maps.
//!
//! The model computes what an import did from the state before and the state after; the store has to come to the same by
//! following the steps.

use std::collections::{BTreeMap, BTreeSet};

use plugpoint_sdk::desk::ImportCounts;
use plugpoint_sdk::model::{ImportMode, PatchOp};
use plugpoint_store::{ItemFilter, PreparedItem};
use proptest::prelude::*;

use crate::support::{TestStore, catalog, category, item_in, of_items, record, told};

#[derive(Debug, Clone)]
enum Step {
    Upsert(Content),
    Patch { sku: u8, code: u8, is_record: bool },
    Delete(u8),
    Keep(u8),
}

/// A sku and what its item says: a title and categories.
#[derive(Debug, Clone)]
struct Content {
    sku: u8,
    title: u8,
    codes: Vec<u8>,
}

#[derive(Debug, Clone)]
enum Act {
    Import { mode: ImportMode, steps: Vec<Step>, is_committed: bool },
    Put(Content),
    Delete(u8),
}

/// Few skus and few contents, so that they meet.
fn content() -> impl Strategy<Value = Content> {
    (0..6_u8, 0..2_u8, prop::collection::vec(0..3_u8, 0..2)).prop_map(|(sku, title, codes)| Content {
        sku,
        title,
        codes,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => content().prop_map(Step::Upsert),
        3 => (0..6_u8, 0..3_u8, any::<bool>()).prop_map(|(sku, code, is_record)| Step::Patch { sku, code, is_record }),
        1 => (0..6_u8).prop_map(Step::Delete),
        1 => (0..6_u8).prop_map(Step::Keep),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let mode = prop_oneof![Just(ImportMode::Replace), Just(ImportMode::Merge), Just(ImportMode::Delete)];
    let import = (mode, prop::collection::vec(step(), 0..14), prop::bool::weighted(0.8));
    prop_oneof![
        3 => import.prop_map(|(mode, steps, is_committed)| Act::Import { mode, steps, is_committed }),
        1 => content().prop_map(Act::Put),
        1 => (0..6_u8).prop_map(Act::Delete),
    ]
}

fn sku(number: u8) -> String {
    format!("S{number}")
}

fn prepared(sku_number: u8, title: u8, codes: &[u8]) -> PreparedItem {
    let codes: Vec<_> = codes.iter().map(|code| format!("c{code}")).collect();
    let codes: Vec<_> = codes.iter().map(String::as_str).collect();
    item_in(&sku(sku_number), &format!("title {title}"), &codes)
}

/// What an item says; two equal ones are equal in the store.
type Value = (u8, Vec<u8>);

#[derive(Default, Clone)]
struct Model {
    items: BTreeMap<u8, Value>,
}

struct Imported {
    items: BTreeMap<u8, Value>,
    named: BTreeSet<u8>,
    kept: BTreeSet<u8>,
}

impl Model {
    fn import(&self, mode: ImportMode, steps: &[Step]) -> (Self, ImportCounts) {
        let mut run = Imported { items: self.items.clone(), named: BTreeSet::new(), kept: BTreeSet::new() };
        for step in steps {
            run.step(step);
        }
        if mode == ImportMode::Replace {
            run.items.retain(|sku, _| run.named.contains(sku) || run.kept.contains(sku));
        }
        let mut counts = ImportCounts::default();
        for sku in self.items.keys().chain(run.items.keys()).collect::<BTreeSet<_>>() {
            match (self.items.get(sku), run.items.get(sku)) {
                (None, _) => counts.added += 1,
                (_, None) => counts.removed += 1,
                (before, after) if before != after => counts.changed += 1,
                _ if run.named.contains(sku) => counts.unchanged += 1,
                _ => {}
            }
        }
        (Self { items: run.items }, counts)
    }
}

impl Imported {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Upsert(Content { sku, title, codes }) => {
                self.items.insert(*sku, (*title, codes.clone()));
                self.named.insert(*sku);
            }
            Step::Patch { sku, code, is_record } => {
                let Some((_, codes)) = self.items.get_mut(sku) else { return };
                if !codes.contains(code) {
                    codes.push(*code);
                }
                if *is_record {
                    self.named.insert(*sku);
                }
            }
            Step::Delete(sku) => {
                self.items.remove(sku);
            }
            // Only an item that is there, marked as going or not, can be kept.
            Step::Keep(sku) => {
                self.kept.insert(*sku);
            }
        }
    }
}

fn run_import(t: &TestStore, mode: ImportMode, steps: &[Step], is_committed: bool) -> Option<ImportCounts> {
    let mut tx = t.db.begin_import(&catalog(), mode).unwrap();
    for step in steps {
        match step {
            Step::Upsert(Content { sku, title, codes }) => drop(tx.upsert(&prepared(*sku, *title, codes)).unwrap()),
            Step::Patch { sku: number, code, is_record } => {
                let ops = [PatchOp::AddCategory(category("own", &format!("c{code}")))];
                tx.patch(&sku(*number), &ops, *is_record).unwrap();
            }
            Step::Delete(number) => drop(tx.delete(&sku(*number)).unwrap()),
            Step::Keep(number) => tx.keep(&sku(*number)).unwrap(),
        }
    }
    is_committed.then(|| tx.commit(&record(), &mut std::iter::empty()).unwrap())
}

/// Everything that can be read, compared with the model.
fn compare(t: &TestStore, model: &Model, known: &[(u64, BTreeMap<u8, Value>)]) -> Result<(), TestCaseError> {
    let rows = t.db.items(&catalog(), &ItemFilter::default(), None, 100).unwrap();
    let stored: Vec<_> = rows.into_iter().map(|row| row.stored.body).collect();
    let expected: Vec<_> = model.items.iter().map(|(sku, (title, codes))| prepared(*sku, *title, codes).body).collect();
    prop_assert_eq!(stored, expected);
    for code in 0..3_u8 {
        let filter = ItemFilter { category: Some(format!("own:c{code}")), ..ItemFilter::default() };
        let expected: Vec<_> = model
            .items
            .iter()
            .filter(|(_, (_, codes))| codes.contains(&code))
            .map(|(number, _)| sku(*number))
            .collect();
        prop_assert_eq!(t.skus(&filter), expected.join(" "));
    }
    let count = t.db.catalog(&catalog()).unwrap().map_or(0, |row| row.item_count);
    prop_assert_eq!(count, model.items.len() as u64);
    for (since, before) in known {
        compare_feed(t, model, *since, before)?;
    }
    Ok(())
}

/// Whoever knew `before` at `since` and applies the feed knows the present; nobody is told of what did not change twice.
fn compare_feed(t: &TestStore, model: &Model, since: u64, before: &BTreeMap<u8, Value>) -> Result<(), TestCaseError> {
    let changes = t.db.changes(&catalog(), since, 100).unwrap();
    prop_assert!(changes.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].at <= pair[1].at));
    let told_of: BTreeMap<String, String> = changes.iter().map(|change| (change.sku.clone(), told(change))).collect();
    prop_assert_eq!(told_of.len(), changes.len(), "every sku once");
    for number in 0..6_u8 {
        let name = sku(number);
        let sign = told_of.get(&name).map(|told| told.as_bytes()[0]);
        match (before.get(&number), model.items.get(&number)) {
            (_, None) => prop_assert!(matches!(sign, None | Some(b'-')), "{name}: {sign:?}"),
            (None, Some(_)) => prop_assert_eq!(sign, Some(b'+')),
            // Gone and back again counts as added.
            (Some(old), Some(new)) if old != new => prop_assert!(matches!(sign, Some(b'~' | b'+')), "{name}: {sign:?}"),
            (Some(_), Some(_)) => prop_assert!(sign != Some(b'-')),
        }
        if before.contains_key(&number) && !model.items.contains_key(&number) {
            prop_assert_eq!(sign, Some(b'-'));
        }
    }
    Ok(())
}

fn apply(t: &TestStore, model: &mut Model, act: &Act) -> Result<(), TestCaseError> {
    let last_seq = t.db.catalog(&catalog()).unwrap().map_or(0, |row| row.last_seq);
    let before = model.items.clone();
    match act {
        Act::Import { mode, steps, is_committed } => {
            let (after, counts) = model.import(*mode, steps);
            if let Some(stored) = run_import(t, *mode, steps, *is_committed) {
                prop_assert_eq!(of_items(stored), of_items(counts));
                *model = after;
            }
        }
        Act::Put(Content { sku, title, codes }) => {
            t.db.put_item(&catalog(), &prepared(*sku, *title, codes), None).unwrap();
            model.items.insert(*sku, (*title, codes.clone()));
        }
        Act::Delete(number) => {
            t.db.delete_item(&catalog(), &sku(*number), None).unwrap();
            model.items.remove(number);
        }
    }
    // One transaction tells exactly of what it changed.
    let told_of: BTreeSet<_> =
        t.db.changes(&catalog(), last_seq, 100).unwrap().into_iter().map(|change| change.sku).collect();
    let changed = (0..6_u8).filter(|number| before.get(number) != model.items.get(number)).map(sku).collect();
    prop_assert_eq!(told_of, changed);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_what_the_model_does(acts in prop::collection::vec(act(), 1..8)) {
        let t = TestStore::new();
        let mut model = Model::default();
        let mut known = vec![(0, BTreeMap::new())];
        for act in &acts {
            apply(&t, &mut model, act)?;
            compare(&t, &model, &known)?;
            let seq = t.db.catalog(&catalog()).unwrap().map_or(0, |row| row.last_seq);
            known.push((seq, model.items.clone()));
        }
    }
}

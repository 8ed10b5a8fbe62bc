//! Who registers first changes nothing: any permutation of any registrations gives the same plans, or the same problems word
//! for word.

use plugpoint_kernel::{Plans, Source};
use plugpoint_sdk::points::{
    catalog_format, catalog_transformer, credential_verifier, import_listener, item_presenter, item_rule,
};
use plugpoint_sdk::registry::Registrar;
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::support::{Mark, core, customer, plugin};

type Register = fn(&mut Registrar);

/// Registrations by door: some get on with one another, some clash.
const POOL: &[(&str, Register)] = &[
    ("alpha", |r| r.provide_keyed(&catalog_format::POINT, "bmecat", "alpha.reader", Mark("a"))),
    ("alpha", |r| _ = r.provide(&item_rule::POINT, "alpha.rule", Mark("a")).after("validated")),
    ("alpha", |r| {
        _ = r.provide(&item_rule::POINT, "alpha.other", Mark("a")).after(["one.rule", "alpha.rule", "decoded"])
    }),
    ("alpha", |r| _ = r.provide(&import_listener::POINT, "alpha.listener", Mark("a"))),
    ("alpha", |r| _ = r.provide(&item_rule::POINT, "alpha.rule", Mark("twice"))),
    ("beta", |r| r.provide_keyed(&catalog_format::POINT, "bmecat", "beta.reader", Mark("b"))),
    ("beta", |r| _ = r.provide(&item_rule::POINT, "beta.rule", Mark("b")).before("alpha.rule").after("alpha.other")),
    ("beta", |r| _ = r.provide(&import_listener::POINT, "beta.listener", Mark("b")).before(["alpha.listener", "gone"])),
    ("one", |r| _ = r.provide(&catalog_transformer::POINT, "one.transformer", Mark("1"))),
    ("one", |r| _ = r.replace(&item_rule::POINT, "alpha.rule", Mark("1"))),
    ("one", |r| _ = r.provide(&item_rule::POINT, "one.rule", Mark("1")).after("alpha.other")),
    ("one", |r| r.replace_keyed(&catalog_format::POINT, "canonical", "one.canonical", Mark("1"))),
    ("two", |r| _ = r.provide(&item_rule::POINT, "beta.rule", Mark("2")).after("decodd")),
    ("two", |r| _ = r.provide(&catalog_transformer::POINT, "two.transformer", Mark("2"))),
    ("two", |r| _ = r.replace(&catalog_transformer::POINT, "Two", Mark("2"))),
    ("two", |r| _ = r.provide(&import_listener::POINT, "two.transformer", Mark("2"))),
    ("alpha", |r| r.provide_keyed(&item_presenter::POINT, "stock", "alpha.stock", Mark("a"))),
    ("one", |r| r.replace_keyed(&item_presenter::POINT, "stock", "one.stock", Mark("1"))),
    ("beta", |r| _ = r.provide(&credential_verifier::POINT, "beta.verifier", Mark("b"))),
    ("one", |r| _ = r.provide(&credential_verifier::POINT, "one.verifier", Mark("1")).before("beta.verifier")),
];

/// All that can be seen of a commit: every plan in words, or the problems.
fn seen(doors: &[&'static str], picks: &[usize]) -> String {
    let source = |door: &&'static str| -> Source {
        let own: Vec<Register> =
            picks.iter().map(|&pick| POOL[pick]).filter(|(name, _)| name == door).map(|(_, own)| own).collect();
        let register = move |r: &mut Registrar| own.iter().for_each(|register| register(r));
        match *door {
            "core" => core(),
            "alpha" | "beta" => plugin(door, register),
            _ => customer(door, register),
        }
    };
    match Plans::commit(doors.iter().map(source).collect()) {
        Err(problems) => problems.to_string(),
        Ok(plans) => {
            let customers = std::iter::once(None).chain(plans.customers().map(Some));
            customers.map(|customer| plans.report(customer).unwrap().to_string()).collect()
        }
    }
}

const DOORS: [&str; 5] = ["core", "alpha", "beta", "one", "two"];

fn picks_and_a_permutation() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    let all: Vec<usize> = (0..POOL.len()).collect();
    subsequence(all, 0..=POOL.len()).prop_flat_map(|picks| (Just(picks.clone()), Just(picks).prop_shuffle()))
}

proptest! {
    #[test]
    fn the_order_of_registration_changes_nothing(
        (picks, shuffled) in picks_and_a_permutation(),
        doors in Just(DOORS.to_vec()).prop_shuffle(),
    ) {
        prop_assert_eq!(seen(&DOORS, &picks), seen(&doors, &shuffled));
    }
}

/// Without this the property could hold because nothing is ever accepted, or nothing ever refused.
#[test]
fn the_pool_holds_both_plans_and_problems() {
    assert!(seen(&DOORS, &[0, 1, 2, 3, 7, 8, 9, 11, 13]).contains("customer two, plan "));
    let problems = seen(&DOORS, &(0..POOL.len()).collect::<Vec<_>>());
    assert!(problems.starts_with("9 problems"), "{problems}");
}

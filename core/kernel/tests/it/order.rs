//! The order of a chain, as a table: who wants to stand where, and who stands where in the end.

use plugpoint_sdk::points::item_rule;
use plugpoint_sdk::profile::Profile;

use crate::support::{Mark, commit, customer, plugin};

type Entry = (&'static str, &'static [&'static [&'static str]], &'static [&'static [&'static str]]);

/// Registers rules as (id, after, before), each wish with its alternatives, and expects those before and after validation.
#[track_caller]
fn check(entries: &'static [Entry], decoded: &[&str], validated: &[&str]) {
    let plans = commit(vec![plugin("alpha", move |r| {
        for (id, after, before) in entries {
            let mut entry = r.provide(&item_rule::POINT, id, Mark("x"));
            for wish in *after {
                entry = alternatives(entry, wish, true);
            }
            for wish in *before {
                entry = alternatives(entry, wish, false);
            }
        }
    })]);
    let plan = plans.unwrap().for_tenant(None, &Profile::default()).unwrap();
    let ids = |rules: &[plugpoint_kernel::Hook<dyn item_rule::ItemRule>]| -> Vec<String> {
        rules.iter().map(|rule| rule.id.to_string()).collect()
    };
    assert_eq!((ids(&plan.rules_decoded), ids(&plan.rules_validated)), (owned(decoded), owned(validated)));
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn alternatives<'a>(
    entry: plugpoint_sdk::registry::Entry<'a>,
    wish: &[&str],
    is_after: bool,
) -> plugpoint_sdk::registry::Entry<'a> {
    match (wish, is_after) {
        ([one], true) => entry.after(*one),
        ([one], false) => entry.before(*one),
        ([one, two], true) => entry.after([*one, *two]),
        ([one, two], false) => entry.before([*one, *two]),
        _ => panic!("one or two alternatives"),
    }
}

#[test]
fn ties_go_by_id_and_entries_stand_as_early_as_they_may() {
    check(&[("c", &[], &[]), ("a", &[], &[]), ("b", &[], &[])], &["a", "b", "c"], &[]);
    check(&[("a", &[&["validated"]], &[]), ("z", &[&["decoded"]], &[])], &["z"], &["a"]);
    check(&[("a", &[&["z"]], &[]), ("z", &[], &[]), ("m", &[], &[])], &["m", "z", "a"], &[]);
    check(&[("a", &[], &[]), ("z", &[], &[&["a"]])], &["z", "a"], &[]);
}

#[test]
fn a_place_is_passed_on_along_the_chain() {
    check(&[("a", &[&["b"]], &[]), ("b", &[&["validated"]], &[])], &[], &["b", "a"]);
    check(&[("a", &[], &[]), ("b", &[], &[&["validated"]]), ("c", &[&["a"], &["b"]], &[])], &["a", "b", "c"], &[]);
}

#[test]
fn the_first_alternative_that_exists_counts() {
    check(&[("a", &[&["gone", "validated"]], &[])], &[], &["a"]);
    check(&[("a", &[&["z", "validated"]], &[]), ("z", &[], &[])], &["z", "a"], &[]);
    check(&[("a", &[], &[]), ("z", &[], &[&["gone", "a"]])], &["z", "a"], &[]);
}

#[test]
fn what_replaces_an_entry_takes_its_place_unless_it_names_one() {
    let base = || {
        plugin("alpha", |r| {
            r.provide(&item_rule::POINT, "alpha.late", Mark("x")).after("validated");
            r.provide(&item_rule::POINT, "alpha.early", Mark("x"));
        })
    };
    let plans = commit(vec![
        base(),
        customer("one", |r| _ = r.replace(&item_rule::POINT, "alpha.late", Mark("1"))),
        customer("two", |r| _ = r.replace(&item_rule::POINT, "alpha.late", Mark("2")).before("alpha.early")),
    ])
    .unwrap();
    let ids = |customer| {
        let plan = plans.for_tenant(customer, &Profile::default()).unwrap();
        let ids = |rules: &[plugpoint_kernel::Hook<dyn item_rule::ItemRule>]| {
            rules.iter().map(|rule| rule.id.to_string()).collect::<Vec<_>>()
        };
        (ids(&plan.rules_decoded), ids(&plan.rules_validated))
    };
    assert_eq!(ids(None), (owned(&["alpha.early"]), owned(&["alpha.late"])));
    assert_eq!(ids(Some("one")), (owned(&["alpha.early"]), owned(&["alpha.late"])));
    assert_eq!(ids(Some("two")), (owned(&["alpha.late", "alpha.early"]), owned(&[])));
}

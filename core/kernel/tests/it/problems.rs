//! Everything that commit refuses: the sentence, and who is named as a party.

use plugpoint_kernel::{Plans, Source};
use plugpoint_sdk::points::{
    catalog_format, catalog_transformer, credential_verifier, import_listener, item_presenter, item_rule,
};
use plugpoint_sdk::registry::Registrar;

use crate::support::{Mark, commit, customer, plugin, with_profile, with_updates};

/// Expects exactly these problems: the sentence, then every party as `id of who`, or `who` where it is a crate.
#[track_caller]
fn check(sources: Vec<Source>, expected: &[(&str, &[&str])]) {
    let problems = commit(sources).expect_err("the registrations are refused");
    let parties = |problem: &plugpoint_kernel::Problem| -> Vec<String> {
        let name = |party: &plugpoint_kernel::Party| match &party.id {
            Some(id) => format!("{id} of {}", party.who),
            None => party.who.clone(),
        };
        problem.parties.iter().map(name).collect()
    };
    let found: Vec<(&str, Vec<String>)> =
        problems.as_slice().iter().map(|problem| (problem.message.as_str(), parties(problem))).collect();
    let expected: Vec<(&str, Vec<String>)> = expected
        .iter()
        .map(|(message, parties)| (*message, parties.iter().map(|party| (*party).to_owned()).collect()))
        .collect();
    assert_eq!(found, expected);
    for party in problems.as_slice().iter().flat_map(|problem| &problem.parties) {
        let is_line = party.at.contains("tests/it/")
            && party.at.rsplit(':').next().is_some_and(|line| line.parse::<u32>().is_ok());
        assert!(is_line || party.id.is_none(), "{party} is not named with its line");
    }
}

#[test]
fn two_at_one_layer() {
    check(
        vec![
            plugin("alpha", |r| r.provide_keyed(&catalog_format::POINT, "bmecat", "alpha.reader", Mark("a"))),
            plugin("beta", |r| r.provide_keyed(&catalog_format::POINT, "bmecat", "beta.reader", Mark("b"))),
        ],
        &[(
            r#"catalog.format "bmecat" is registered more than once at layer plugin; keep one"#,
            &["alpha.reader of plugin alpha", "beta.reader of plugin beta"],
        )],
    );
    check(
        vec![customer("one", |r| {
            r.provide(&catalog_transformer::POINT, "one.first", Mark("1"));
            r.provide(&catalog_transformer::POINT, "one.second", Mark("2"));
            r.provide(&item_rule::POINT, "one.rule", Mark("3"));
            r.provide(&item_rule::POINT, "one.rule", Mark("4"));
        })],
        &[
            (
                r#"catalog.item_rule "one.rule" is registered more than once at layer customer; keep one"#,
                &["one.rule of customer one", "one.rule of customer one"],
            ),
            (
                "catalog.transformer is registered more than once at layer customer; keep one",
                &["one.first of customer one", "one.second of customer one"],
            ),
        ],
    );
}

#[test]
fn two_presenters_of_one_member_and_a_circle_of_verifiers() {
    check(
        vec![
            plugin("alpha", |r| r.provide_keyed(&item_presenter::POINT, "stock", "alpha.stock", Mark("a"))),
            plugin("beta", |r| r.provide_keyed(&item_presenter::POINT, "stock", "beta.stock", Mark("b"))),
            customer("one", |r| {
                r.provide_keyed(&item_presenter::POINT, "Stock", "one.stock", Mark("1"));
                r.provide(&item_presenter::POINT, "one.keyless", Mark("1"));
                r.provide(&credential_verifier::POINT, "one.a", Mark("1")).after("one.b");
                r.provide(&credential_verifier::POINT, "one.b", Mark("1")).after("one.a");
            }),
        ],
        &[
            (
                r#""Stock" is no id or key: 1 to 80 of a-z 0-9 _ - ., the first a letter, the last no dot"#,
                &["one.stock of customer one"],
            ),
            (
                r#""one.keyless" does not fit item.presenter, which takes a key; say `provide_keyed`"#,
                &["one.keyless of customer one"],
            ),
            (
                r#"item.presenter "stock" is registered more than once at layer plugin; keep one"#,
                &["alpha.stock of plugin alpha", "beta.stock of plugin beta"],
            ),
            (
                r#"the order of credential.verifier goes in a circle: "one.b" after "one.a", "one.a" after "one.b""#,
                &["one.a of customer one", "one.b of customer one"],
            ),
        ],
    );
}

#[test]
fn replacing_what_is_not_there() {
    check(
        vec![
            plugin("alpha", |r| {
                r.provide_keyed(&catalog_format::POINT, "bmecat", "alpha.reader", Mark("a"));
                r.provide(&item_rule::POINT, "alpha.rule", Mark("a"));
            }),
            customer("one", |r| {
                r.replace(&catalog_transformer::POINT, "one.transformer", Mark("1"));
                r.replace_keyed(&catalog_format::POINT, "bmecatt", "one.reader", Mark("1"));
                r.replace(&item_rule::POINT, "one.nothing-near", Mark("1"));
            }),
        ],
        &[
            (
                r#"catalog.format "bmecatt" is to be replaced, but no lower layer provides it; did you mean "bmecat"?"#,
                &["one.reader of customer one"],
            ),
            (
                r#"catalog.item_rule "one.nothing-near" is to be replaced, but no lower layer provides it; there is "alpha.rule""#,
                &["one.nothing-near of customer one"],
            ),
            (
                "catalog.transformer is to be replaced, but no lower layer provides it; say `provide`",
                &["one.transformer of customer one"],
            ),
        ],
    );
}

#[test]
fn overriding_without_saying_so() {
    check(
        vec![
            plugin("alpha", |r| _ = r.provide(&item_rule::POINT, "alpha.rule", Mark("a"))),
            customer("one", |r| {
                r.provide(&item_rule::POINT, "alpha.rule", Mark("1"));
                r.provide_keyed(&catalog_format::POINT, "canonical", "one.canonical", Mark("1"));
            }),
        ],
        &[
            (
                r#"catalog.format "canonical" is already provided by a lower layer; say `replace` to override it"#,
                &["core.canonical of core", "one.canonical of customer one"],
            ),
            (
                r#"catalog.item_rule "alpha.rule" is already provided by a lower layer; say `replace` to override it"#,
                &["alpha.rule of customer one", "alpha.rule of plugin alpha"],
            ),
        ],
    );
}

#[test]
fn places_that_do_not_exist() {
    check(
        vec![plugin("alpha", |r| {
            r.provide(&item_rule::POINT, "alpha.one", Mark("a")).after("decodd");
            r.provide(&item_rule::POINT, "alpha.two", Mark("a")).before(["one.rule", "beta.rule"]);
            r.provide(&catalog_transformer::POINT, "alpha.transformer", Mark("a")).after("alpha.one");
            r.provide(&import_listener::POINT, "alpha.listener", Mark("a")).after("decoded");
        })],
        &[
            (
                r#""alpha.listener" is to stand after "decoded", which catalog.import_listener does not have; there is none"#,
                &["alpha.listener of plugin alpha"],
            ),
            (
                r#""alpha.one" is to stand after "decodd", which catalog.item_rule does not have; did you mean "decoded"?"#,
                &["alpha.one of plugin alpha"],
            ),
            (
                r#""alpha.transformer" names a place, but catalog.transformer has no order"#,
                &["alpha.transformer of plugin alpha"],
            ),
            (
                r#""alpha.two" is to stand before "one.rule" or "beta.rule", which catalog.item_rule does not have; there is "alpha.one", "decoded", "validated""#,
                &["alpha.two of plugin alpha"],
            ),
        ],
    );
}

#[test]
fn circles_name_their_edges() {
    check(
        vec![plugin("alpha", |r| {
            r.provide(&item_rule::POINT, "alpha.one", Mark("a")).after("alpha.two");
            r.provide(&item_rule::POINT, "alpha.two", Mark("a")).after("alpha.three");
            r.provide(&item_rule::POINT, "alpha.three", Mark("a")).after("alpha.one");
            r.provide(&item_rule::POINT, "alpha.self", Mark("a")).before("alpha.self");
            r.provide(&import_listener::POINT, "alpha.listener", Mark("a"));
        })],
        &[
            (
                r#"the order of catalog.item_rule goes in a circle: "alpha.self" before "alpha.self""#,
                &["alpha.self of plugin alpha"],
            ),
            (
                r#"the order of catalog.item_rule goes in a circle: "alpha.three" after "alpha.one", "alpha.two" after "alpha.three", "alpha.one" after "alpha.two""#,
                &["alpha.one of plugin alpha", "alpha.three of plugin alpha", "alpha.two of plugin alpha"],
            ),
        ],
    );
    check(
        vec![customer("one", |r| {
            r.provide(&item_rule::POINT, "one.early", Mark("1")).before("decoded");
            r.provide(&item_rule::POINT, "one.torn", Mark("1")).after("validated").before(["gone", "validated"]);
        })],
        &[
            (
                r#"the order of catalog.item_rule goes in a circle: "one.early" before "decoded", "decoded" before "one.early""#,
                &["one.early of customer one"],
            ),
            (
                r#"the order of catalog.item_rule goes in a circle: "one.torn" before "validated", "one.torn" after "validated""#,
                &["one.torn of customer one"],
            ),
        ],
    );
}

#[test]
fn ids_keys_and_points_that_do_not_fit() {
    check(
        vec![plugin("alpha", |r| {
            r.provide(&item_rule::POINT, "", Mark("a"));
            r.provide(&item_rule::POINT, "Alpha rule", Mark("a"));
            r.provide(&item_rule::POINT, "alpha..rule", Mark("a"));
            r.provide(&item_rule::POINT, "validated", Mark("a"));
            r.provide(&catalog_format::POINT, "alpha.keyless", Mark("a"));
            r.provide_keyed(&item_rule::POINT, "key", "alpha.keyed", Mark("a"));
            r.provide_keyed(&catalog_format::POINT, "BMEcat", "alpha.twice", Mark("a"));
            r.provide(&import_listener::POINT, "alpha.twice", Mark("a"));
        })],
        &[
            (
                r#""" is no id or key: 1 to 80 of a-z 0-9 _ - ., the first a letter, the last no dot"#,
                &[" of plugin alpha"],
            ),
            (
                r#""Alpha rule" is no id or key: 1 to 80 of a-z 0-9 _ - ., the first a letter, the last no dot"#,
                &["Alpha rule of plugin alpha"],
            ),
            (
                r#""BMEcat" is no id or key: 1 to 80 of a-z 0-9 _ - ., the first a letter, the last no dot"#,
                &["alpha.twice of plugin alpha"],
            ),
            (
                r#""alpha..rule" is no id or key: 1 to 80 of a-z 0-9 _ - ., the first a letter, the last no dot"#,
                &["alpha..rule of plugin alpha"],
            ),
            (
                r#""alpha.keyed" does not fit catalog.item_rule, which takes no key; say `provide`"#,
                &["alpha.keyed of plugin alpha"],
            ),
            (
                r#""alpha.keyless" does not fit catalog.format, which takes a key; say `provide_keyed`"#,
                &["alpha.keyless of plugin alpha"],
            ),
            (
                r#"the id "alpha.twice" names more than one hook: catalog.format "BMEcat" and catalog.import_listener "alpha.twice""#,
                &["alpha.twice of plugin alpha", "alpha.twice of plugin alpha"],
            ),
            (r#"the id "validated" is the name of an anchor of catalog.item_rule"#, &["validated of plugin alpha"]),
        ],
    );
}

#[test]
fn doors_that_do_not_fit() {
    let nothing = |_: &mut Registrar| {};
    check(
        vec![
            customer("one", nothing),
            customer("one", nothing),
            plugin("alpha", nothing),
            plugin("alpha", nothing),
            customer("", nothing),
            customer("Two", nothing),
            customer("three", |_| panic!("no room")),
            with_profile("four", "[catalog]\ntransformer = \"canonicle\"\n", nothing),
            with_profile("five", "[catalogue]\n", nothing),
            with_updates("six", "-- step: a\nSELECT 1;\n-- step: A\nSELECT 1;\n"),
            customer("core", nothing),
        ],
        &[
            (r#""" is no name for a plugin or customer: 1 to 40 of a-z 0-9 -, the first a letter"#, &["customer "]),
            (
                r#""Two" is no name for a plugin or customer: 1 to 40 of a-z 0-9 -, the first a letter"#,
                &["customer Two"],
            ),
            (r#""core" is no name for a customer: the platform's own steps go by it"#, &["customer core"]),
            (
                r#"customer four: the profile sets catalog.transformer to "canonicle", which nobody provides; did you mean "canonical"?"#,
                &["customer four"],
            ),
            ("registering panicked: no room", &["customer three"]),
            (
                r#"the profile of customer five cannot be read: line 1: catalogue: there is no such section; did you mean "catalog"?"#,
                &["customer five"],
            ),
            (
                "the update file of customer six cannot be read: line 3: the tag `A` is not 1 to 64 of a-z 0-9 . _ -",
                &["customer six"],
            ),
            ("there is more than one customer one; keep one", &["customer one"]),
            ("there is more than one plugin alpha; keep one", &["plugin alpha"]),
        ],
    );
}

#[test]
fn a_platform_without_its_own_format() {
    let problems = Plans::commit(Vec::new()).expect_err("nothing reads a document");
    assert_eq!(
        problems.to_string(),
        "1 problem with the registered extensions:\n  \
         1. without a customer: the profile sets catalog.transformer to \"canonical\", which nobody provides; there is none"
    );
}

#[test]
fn customers_never_clash_with_one_another() {
    let register = |r: &mut Registrar| {
        r.provide(&catalog_transformer::POINT, "same.transformer", Mark("x"));
        r.provide(&item_rule::POINT, "same.rule", Mark("x"));
        r.replace_keyed(&catalog_format::POINT, "canonical", "same.canonical", Mark("x"));
    };
    assert!(commit(vec![customer("one", register), customer("two", register)]).is_ok());
}

#[test]
fn the_text_names_file_and_line_of_every_party() {
    let (first, second) = (line!() + 2, line!() + 3);
    let problems = commit(vec![
        plugin("alpha", |r| _ = r.provide(&catalog_transformer::POINT, "alpha.transformer", Mark("a"))),
        plugin("beta", |r| _ = r.provide(&catalog_transformer::POINT, "beta.transformer", Mark("b"))),
    ])
    .expect_err("two transformers");
    let file = file!();
    assert_eq!(
        problems.to_string(),
        format!(
            "1 problem with the registered extensions:\n  \
             1. catalog.transformer is registered more than once at layer plugin; keep one\n     \
             alpha.transformer of plugin alpha at {file}:{first}\n     \
             beta.transformer of plugin beta at {file}:{second}"
        )
    );
}

//! What a tenant gets: the customer's hooks or the profile's format, and the report that explains it.

use plugpoint_kernel::Plans;
use plugpoint_sdk::points::{
    catalog_format, catalog_transformer, credential_verifier, import_listener, import_source, item_presenter,
    item_rule, soap_facade,
};
use plugpoint_sdk::profile::Profile;

use crate::support::{Mark, commit, customer, plugin, with_profile};

fn plans() -> Plans {
    let sources = vec![
        plugin("bmecat", |r| {
            r.provide_keyed(&catalog_format::POINT, "bmecat", "bmecat.reader", Mark("bmecat"));
            r.provide(&item_rule::POINT, "bmecat.rule", Mark("rule"));
            r.provide_keyed(&import_source::POINT, "shop", "bmecat.shop", Mark("shop"));
        }),
        customer("own", |r| {
            r.provide(&catalog_transformer::POINT, "own.transformer", Mark("own"));
            r.provide(&item_rule::POINT, "own.rule", Mark("own")).after("validated");
            r.provide(&import_listener::POINT, "own.listener", Mark("own"));
        }),
        with_profile("standard", "[catalog]\ntransformer = \"bmecat\"\ncurrency = \"EUR\"\n", |r| {
            _ = r.replace(&item_rule::POINT, "bmecat.rule", Mark("standard"));
        }),
    ];
    commit(sources).unwrap()
}

#[test]
fn the_customer_else_the_profile_chooses_the_transformer() {
    let plans = plans();
    let cases = [
        (None, "", "core.canonical"),
        (None, "[catalog]\ntransformer = \"bmecat\"", "bmecat.reader"),
        (Some("standard"), "", "bmecat.reader"),
        (Some("standard"), "[catalog]\ntransformer = \"canonical\"", "core.canonical"),
        (Some("own"), "", "own.transformer"),
        (Some("own"), "[catalog]\ntransformer = \"bmecat\"", "own.transformer"),
    ];
    for (customer, tenant, expected) in cases {
        let profile = plans.profile(customer, tenant).unwrap();
        let plan = plans.for_tenant(customer, &profile).unwrap();
        assert_eq!(&*plan.transformer.id, expected, "{customer:?} {tenant}");
        assert_eq!(&*plan.canonical.id, "core.canonical");
    }
}

#[test]
fn a_tenant_sees_no_other_customer() {
    let plans = plans();
    let sizes = |customer| {
        let plan = plans.for_tenant(customer, &Profile::default()).unwrap();
        (plan.rules_decoded.len(), plan.rules_validated.len(), plan.listeners.len())
    };
    assert_eq!(sizes(None), (1, 0, 0));
    assert_eq!(sizes(Some("own")), (1, 1, 1));
    assert_eq!(sizes(Some("standard")), (1, 0, 0));
    assert_eq!(plans.customers().collect::<Vec<_>>(), ["own", "standard"]);
}

#[test]
fn what_is_unknown_is_refused_with_what_comes_near() {
    let plans = plans();
    let error = plans.for_tenant(Some("standrad"), &Profile::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        r#"customer_unknown: no customer crate "standrad" is loaded; did you mean "standard"?"#
    );
    let error = plans.profile(Some("zzz"), "").unwrap_err();
    assert_eq!(error.to_string(), r#"customer_unknown: no customer crate "zzz" is loaded; there is "own", "standard""#);
    let error = plans.profile(None, "[catalog]\nlanguage = 1").unwrap_err();
    assert_eq!(error.to_string(), "profile_invalid: line 2: catalog.language: 1 is not a BCP 47 language such as de");
    let profile = plans.profile(None, "[catalog]\ntransformer = \"bmcat\"").unwrap();
    let error = plans.for_tenant(None, &profile).unwrap_err();
    let expected = r#"profile_invalid: the profile sets catalog.transformer to "bmcat", which nobody provides; did you mean "bmecat"?"#;
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_source_of_a_kind_that_nobody_provides_is_refused() {
    let plans = plans();
    let profile = |toml: &str| plans.profile(None, &format!("[catalog]\n{toml}")).unwrap();
    let good =
        plans.for_tenant(None, &profile("[sources]\nshop = 'https://a'\nb = { url = 'https://b', kind = 'shop' }"));
    assert_eq!(good.unwrap().sources["shop"].id.as_ref(), "bmecat.shop");
    let bad = profile("transformer = 'x'\n[sources]\nshopp = 'https://a'\nb = { url = 'https://b', kind = 'other' }");
    let told: Vec<String> = plans.unprovided(None, &bad).unwrap().iter().map(ToString::to_string).collect();
    let expected = [
        r#"the profile sets catalog.transformer to "x", which nobody provides; there is "bmecat", "canonical""#,
        r#"the profile sets sources.b.kind to "other", which nobody provides; there is "shop""#,
        r#"the profile sets sources.shopp.kind to "shopp", which nobody provides; did you mean "shop"?"#,
    ];
    assert_eq!(told, expected);
    let bad = profile("[sources]\nshopp = 'https://a'");
    assert_eq!(plans.for_tenant(None, &bad).unwrap_err().to_string(), format!("profile_invalid: {}", expected[2]));
    // Who has a transformer of its own may name any format.
    assert!(plans.unprovided(Some("own"), &profile("transformer = 'x'")).unwrap().is_empty());
}

#[test]
fn a_facade_that_nobody_provides_is_refused() {
    let plans = commit(vec![
        plugin("shop", |r| r.provide_keyed(&soap_facade::POINT, "shop", "shop.facade", Mark("urn:shop"))),
        customer("own", |r| r.replace_keyed(&soap_facade::POINT, "shop", "own.facade", Mark("urn:own"))),
    ])
    .unwrap();
    let profile = |toml: &str| plans.profile(None, toml).unwrap();
    let enabled = profile("[soap]\nfacades = ['shop']");
    for (customer, id, namespace) in [(None, "shop.facade", "urn:shop"), (Some("own"), "own.facade", "urn:own")] {
        let plan = plans.for_tenant(customer, &enabled).unwrap();
        assert_eq!((&*plan.facades["shop"].id, plan.facades["shop"].terms().namespace), (id, namespace));
    }
    let error = plans.for_tenant(None, &profile("[soap]\nfacades = ['shop', 'shoop']")).unwrap_err();
    let expected =
        r#"profile_invalid: the profile sets soap.facades to "shoop", which nobody provides; did you mean "shop"?"#;
    assert_eq!(error.to_string(), expected);
}

/// The report without the lines of this file, which move.
fn table(plans: &Plans, customer: Option<&str>) -> String {
    let mut report = plans.report(customer).unwrap();
    report.hash = "HASH".to_owned();
    for hook in report.points.iter_mut().flat_map(|point| &mut point.hooks) {
        hook.location = hook.location.split(':').next().unwrap().to_owned();
        hook.shadows.iter_mut().for_each(|it| it.location = it.location.split(':').next().unwrap().to_owned());
    }
    report.to_string()
}

#[test]
fn the_report_says_who_whence_and_why() {
    let plans = plans();
    let expected = "\
customer standard, plan HASH
POINT                              HOOK                        LAYER     FROM            REGISTERED AT                    WHY
catalog.transformer (one)          bmecat = bmecat.reader      plugin    bmecat 1.0.0    core/kernel/tests/it/plan.rs     default: the profile's catalog.transformer is \"bmecat\"
catalog.format (one per key)       bmecat = bmecat.reader      plugin    bmecat 1.0.0    core/kernel/tests/it/plan.rs     provided by layer plugin; nobody replaces it
                                   canonical = core.canonical  core      core 1.0.0      core/kernel/tests/it/support.rs  provided by layer core; nobody replaces it
catalog.item_rule (chain)          decoded > bmecat.rule       customer  standard 1.0.0  core/kernel/tests/it/plan.rs     replaces bmecat.rule of layer plugin
                                     shadows bmecat.rule       plugin    bmecat 1.0.0    core/kernel/tests/it/plan.rs
catalog.import_listener (chain)    -                                                                                      nothing is called
import.source (one per key)        shop = bmecat.shop          plugin    bmecat 1.0.0    core/kernel/tests/it/plan.rs     provided by layer plugin; nobody replaces it
item.presenter (one per key)       -                                                                                      nothing is called
catalog.exporter (one per key)     -                                                                                      a key that nobody provides is refused
credential.verifier (first match)  -                                                                                      nothing is called
soap.facade (one per key)          -                                                                                      a key that nobody provides is refused
";
    assert_eq!(table(&plans, Some("standard")), expected);
}

#[test]
fn the_report_is_also_data() {
    let report = serde_json::to_value(plans().report(Some("own")).unwrap()).unwrap();
    assert_eq!(report["customer"], "own");
    assert_eq!(report["points"][0]["point"], "catalog.transformer");
    assert_eq!(report["points"][0]["arity"], "one");
    assert_eq!(report["points"][0]["on_error"], "fail_import");
    assert_eq!(report["points"][0]["is_default"], false);
    assert_eq!(report["points"][0]["hooks"][0]["door"], "customer own");
    assert_eq!(report["points"][2]["hooks"][1]["after"], "validated");
}

#[test]
fn the_hash_follows_what_is_called() {
    let (first, second) = (plans(), plans());
    let hash = |plans: &Plans, customer| plans.report(customer).unwrap().hash;
    for customer in [None, Some("own"), Some("standard")] {
        assert_eq!(hash(&first, customer), hash(&second, customer));
        assert_eq!(hash(&first, customer).len(), 16);
    }
    assert_ne!(hash(&first, None), hash(&first, Some("own")));
    let bmecat = first.profile(None, "[catalog]\ntransformer = \"bmecat\"").unwrap();
    assert_ne!(first.for_tenant(None, &bmecat).unwrap().report.hash, hash(&first, None));
}

#[test]
fn presenters_stand_by_the_names_of_their_members_and_verifiers_as_they_wish() {
    let plans = commit(vec![
        plugin("alpha", |r| {
            r.provide_keyed(&item_presenter::POINT, "stock", "alpha.stock", Mark("alpha"));
            r.provide_keyed(&item_presenter::POINT, "link", "alpha.z", Mark("alpha"));
        }),
        customer("own", |r| {
            r.replace_keyed(&item_presenter::POINT, "stock", "own.stock", Mark("own"));
            r.provide_keyed(&item_presenter::POINT, "a_label", "own.label", Mark("own"));
            r.provide(&credential_verifier::POINT, "own.b", Mark("b"));
            r.provide(&credential_verifier::POINT, "own.a", Mark("a"));
            r.provide(&credential_verifier::POINT, "own.first", Mark("first")).before("own.a");
            r.provide(&credential_verifier::POINT, "own.after", Mark("after")).after("own.first").before("own.a");
        }),
        customer("other", |_| {}),
    ])
    .unwrap();
    let members = |customer| {
        let plan = plans.for_tenant(customer, &Profile::default()).unwrap();
        let named = |(member, hook): &(std::sync::Arc<str>, _)| format!("{member} = {hook:?}");
        plan.presenters.iter().map(named).collect::<Vec<_>>()
    };
    assert_eq!(members(Some("own")), ["a_label = Hook(own.label)", "link = Hook(alpha.z)", "stock = Hook(own.stock)"]);
    for customer in [None, Some("other")] {
        assert_eq!(members(customer), ["link = Hook(alpha.z)", "stock = Hook(alpha.stock)"]);
    }
    let verifiers = |customer| {
        let plan = plans.for_tenant(customer, &Profile::default()).unwrap();
        plan.verifiers.iter().map(|hook| hook.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(verifiers(Some("own")), ["own.b", "own.first", "own.after", "own.a"]);
    assert!(verifiers(None).is_empty() && verifiers(Some("other")).is_empty());
    let report = serde_json::to_value(plans.report(Some("own")).unwrap()).unwrap();
    let of = |name: &str| report["points"].as_array().unwrap().iter().find(|it| it["point"] == name).unwrap().clone();
    let presenter = of("item.presenter");
    assert_eq!((&presenter["on_error"], &presenter["time_budget_ms"]), (&"leave_out".into(), &250.into()));
    assert_eq!(
        (&presenter["hooks"][2]["key"], &presenter["hooks"][2]["shadows"][0]["id"]),
        (&"stock".into(), &"alpha.stock".into())
    );
    let verifier = of("credential.verifier");
    assert_eq!((&verifier["arity"], &verifier["on_error"]), (&"first_match".into(), &"unavailable".into()));
}

//! Items put and deleted one at a time, and how they are read.

use plugpoint_sdk::model::ImportMode;
use plugpoint_sdk::model::catalog::Text;
use plugpoint_store::{DeleteOutcome, ItemFilter, PutOutcome};

use crate::support::{TestStore, build, catalog, catalog_named, category, item, item_in, second};

#[test]
fn put_says_what_it_did() {
    let t = TestStore::new();
    let put = |title: &str, if_match: Option<&str>| t.db.put_item(&catalog(), &item("A", title), if_match).unwrap();
    let (one, two) = (item("A", "one").etag(), item("A", "two").etag());
    assert_eq!(put("one", Some("*")), PutOutcome::PreconditionFailed, "nothing there to match");
    assert_eq!(put("one", Some(&one)), PutOutcome::PreconditionFailed);
    assert!(t.db.catalog(&catalog()).unwrap().is_none(), "a refused put makes no catalog");
    assert_eq!(put("one", None), PutOutcome::Created);
    assert_eq!(put("one", None), PutOutcome::Unchanged);
    assert_eq!(put("two", Some(&two)), PutOutcome::PreconditionFailed);
    assert_eq!(put("two", Some(&one)), PutOutcome::Updated);
    assert_eq!(put("three", Some("*")), PutOutcome::Updated);
    assert_eq!(t.body("A").unwrap(), item("A", "three").body);
}

#[test]
fn delete_says_what_it_did() {
    let t = TestStore::new();
    let delete = |if_match: Option<&str>| t.db.delete_item(&catalog(), "A", if_match).unwrap();
    assert_eq!(delete(None), DeleteOutcome::NotFound);
    assert!(t.db.catalog(&catalog()).unwrap().is_none());
    t.db.put_item(&catalog(), &item("A", "one"), None).unwrap();
    assert_eq!(delete(Some(&item("A", "two").etag())), DeleteOutcome::PreconditionFailed);
    assert_eq!(delete(Some(&item("A", "one").etag())), DeleteOutcome::Deleted);
    assert_eq!(delete(None), DeleteOutcome::NotFound);
    assert!(t.body("A").is_none());
}

#[test]
fn an_item_is_read_as_it_was_written() {
    let t = TestStore::new();
    let written = item("Ä/1 ü", "one");
    t.db.put_item(&catalog(), &written, None).unwrap();
    let stored = t.db.item(&catalog(), "Ä/1 ü").unwrap().unwrap();
    assert_eq!((stored.body, stored.etag.as_str()), (written.body.clone(), written.etag().as_str()));
    assert!(stored.etag.len() == 32 && stored.etag.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(t.db.item(&catalog_named("other"), "Ä/1 ü").unwrap().is_none());
    assert!(t.body("ä/1 ü").is_none());
}

#[test]
fn the_etag_follows_the_content_alone() {
    assert_eq!(item("A", "one").etag(), item("A", "one").etag());
    assert_ne!(item("A", "one").etag(), item("A", "two").etag());
    assert_ne!(item("A", "one").etag(), item("B", "one").etag());
}

#[test]
fn generation_moves_with_writes_and_nothing_else() {
    let t = TestStore::new();
    let start = t.db.generation();
    t.skus(&ItemFilter::default());
    t.db.put_item(&catalog(), &item("A", "one"), Some("*")).unwrap();
    assert_eq!(t.db.generation(), start);
    t.db.put_item(&catalog(), &item("A", "one"), None).unwrap();
    let put = t.db.generation();
    t.db.put_item(&catalog(), &item("A", "one"), None).unwrap();
    assert_eq!(t.db.generation(), put, "unchanged");
    t.db.delete_item(&catalog(), "A", None).unwrap();
    assert!(start < put && put < t.db.generation());
}

#[test]
fn catalogs_are_counted_and_listed() {
    let t = TestStore::new();
    for (name, skus) in [("b", 2), ("a", 1), ("c", 0)] {
        for n in 0..=skus {
            t.db.put_item(&catalog_named(name), &item(&n.to_string(), "x"), None).unwrap();
        }
        t.db.delete_item(&catalog_named(name), "0", None).unwrap();
    }
    let counts = |after: Option<&str>, limit| {
        let rows = t.db.catalogs(after.map(catalog_named).as_ref(), limit).unwrap();
        rows.into_iter().map(|row| format!("{}={}", row.id, row.item_count)).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(counts(None, 10), "a=1 b=2 c=0");
    assert_eq!(counts(None, 2), "a=1 b=2");
    assert_eq!(counts(Some("b"), 10), "c=0");
    let row = t.db.catalog(&catalog_named("b")).unwrap().unwrap();
    assert_eq!((row.item_count, row.created_at < row.updated_at), (2, true));
    assert_eq!(t.db.changes(&catalog_named("b"), row.last_seq, 10).unwrap(), []);
    assert!(t.db.catalog(&catalog_named("d")).unwrap().is_none());
}

#[test]
fn pages_follow_each_other_by_sku() {
    let t = TestStore::new();
    for sku in ["b", "a10", "a1", "Z", "ä"] {
        t.db.put_item(&catalog(), &item(sku, "x"), None).unwrap();
    }
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = t.db.items(&catalog(), &ItemFilter::default(), after.as_deref(), 2).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.sku.clone());
        seen.extend(page.into_iter().map(|row| row.sku));
    }
    assert_eq!(seen, ["Z", "a1", "a10", "b", "ä"]);
    assert!(t.db.items(&catalog_named("none"), &ItemFilter::default(), None, 10).unwrap().is_empty());
    assert!(t.db.items(&catalog(), &ItemFilter::default(), None, 0).unwrap().is_empty());
}

fn filled() -> TestStore {
    let t = TestStore::new();
    let put = |item| t.db.put_item(&catalog(), &item, None).unwrap();
    put(build("A", |draft| {
        draft.data.brand = Some("Volt".to_owned());
        draft.data.categories = vec![category("eclass", "27"), category("own", "x:y"), category("own", "27")];
        let german = Text { lang: "de".to_owned(), title: "ÖLLAMPE %_".to_owned(), ..Text::default() };
        draft.data.texts[0].title = "Oil Lamp".to_owned();
        draft.data.texts.push(german);
    }));
    put(build("B", |draft| {
        draft.data.brand = Some("volt".to_owned());
        draft.data.categories = vec![category("own", "28"), category("a:b", "c")];
        draft.data.texts[0].title = "Lamp\nof oil".to_owned();
    }));
    put(build("C", |draft| {
        draft.data.brand = Some("Volt".to_owned());
        draft.data.categories = vec![category("own", "27")];
    }));
    t
}

#[test]
fn filters_by_category() {
    let t = filled();
    let by = |category: &str| t.skus(&ItemFilter { category: Some(category.to_owned()), ..ItemFilter::default() });
    let cases = [
        ("27", "A C"),
        ("own:27", "A C"),
        ("eclass:27", "A"),
        ("own:x:y", "A"),
        ("x:y", "A"),
        ("y", ""),
        ("a:b:c", "B"),
        ("b:c", ""),
        ("own", ""),
        ("own:", ""),
        ("", ""),
        ("2%", ""),
    ];
    for (category, skus) in cases {
        assert_eq!(by(category), skus, "{category:?}");
    }
}

#[test]
fn filters_by_brand_and_title() {
    let t = filled();
    let by_brand = |brand: &str| t.skus(&ItemFilter { brand: Some(brand.to_owned()), ..ItemFilter::default() });
    assert_eq!([by_brand("Volt"), by_brand("volt"), by_brand("Vol")], ["A C", "B", ""]);
    let by_text = |prefix: &str| t.skus(&ItemFilter { text_prefix: Some(prefix.to_owned()), ..ItemFilter::default() });
    let cases = [
        ("", "A B C"),
        ("oil", "A"),
        ("OIL L", "A"),
        ("öllampe %", "A"),
        ("%", ""),
        ("lamp", "B"),
        ("lamp\nOF", "B"),
        ("of", ""),
        ("title", "C"),
        ("titles", ""),
    ];
    for (prefix, skus) in cases {
        assert_eq!(by_text(prefix), skus, "{prefix:?}");
    }
}

#[test]
fn filters_by_time_and_all_together() {
    let t = filled();
    let times: Vec<_> =
        t.db.items(&catalog(), &ItemFilter::default(), None, 9)
            .unwrap()
            .into_iter()
            .map(|row| row.updated_at)
            .collect();
    let since = |index: usize| ItemFilter { updated_since: Some(times[index]), ..ItemFilter::default() };
    assert_eq!([t.skus(&since(0)), t.skus(&since(1)), t.skus(&since(2))], ["A B C", "B C", "C"]);
    assert_eq!(t.skus(&ItemFilter { updated_since: Some(second(9_999)), ..ItemFilter::default() }), "");
    let all = |category: &str, brand: &str, prefix: &str, index: usize| {
        let (category, brand, text_prefix) =
            (Some(category.to_owned()), Some(brand.to_owned()), Some(prefix.to_owned()));
        t.skus(&ItemFilter { category, brand, text_prefix, updated_since: Some(times[index]) })
    };
    assert_eq!(all("27", "Volt", "", 0), "A C");
    assert_eq!(all("27", "Volt", "oil", 0), "A");
    assert_eq!(all("27", "Volt", "", 1), "C");
    assert_eq!(all("27", "volt", "", 0), "");
    assert_eq!(all("nowhere", "Volt", "", 0), "");
}

#[test]
fn pages_of_a_category_follow_each_other() {
    let t = TestStore::new();
    for n in 0..7 {
        t.db.put_item(
            &catalog(),
            &item_in(&n.to_string(), "x", if n % 2 == 0 { &["even", "all"] } else { &["all"] }),
            None,
        )
        .unwrap();
    }
    let page = |category: &str, after: &str| {
        let filter = ItemFilter { category: Some(category.to_owned()), ..ItemFilter::default() };
        let rows = t.db.items(&catalog(), &filter, Some(after), 2).unwrap();
        rows.into_iter().map(|row| row.sku).collect::<String>()
    };
    assert_eq!([page("even", ""), page("even", "2"), page("even", "6"), page("all", "4")], ["02", "46", "", "56"]);
}

#[test]
fn an_item_leaves_the_categories_it_lost() {
    let t = TestStore::new();
    let by = |category: &str| t.skus(&ItemFilter { category: Some(category.to_owned()), ..ItemFilter::default() });
    t.db.put_item(&catalog(), &item_in("A", "x", &["one", "two"]), None).unwrap();
    t.db.put_item(&catalog(), &item_in("A", "x", &["two", "three", "two"]), None).unwrap();
    assert_eq!([by("one"), by("two"), by("three")], ["", "A", "A"]);
    t.db.delete_item(&catalog(), "A", None).unwrap();
    assert_eq!([by("two"), by("three")], ["", ""]);
    t.db.put_item(&catalog(), &item("B", "x"), None).unwrap();
    assert_eq!(by("two"), "", "a row id used again inherits nothing");
}

#[test]
fn an_item_that_is_changed_and_changed_back_and_changed_again_is_where_it_is_at_last() {
    let t = TestStore::new();
    let by = |category: &str| t.skus(&ItemFilter { category: Some(category.to_owned()), ..ItemFilter::default() });
    t.import(ImportMode::Replace, &[item_in("A", "x", &["one"])]);
    let (bare, other) = (item_in("A", "y", &[]), item_in("A", "z", &["two"]));
    t.import(ImportMode::Replace, &[bare.clone(), item_in("A", "x", &["one"]), bare]);
    assert_eq!(by("one"), "");
    t.import(ImportMode::Replace, &[other.clone(), item_in("A", "y", &[]), other]);
    assert_eq!([by("one"), by("two")], ["", "A"]);
}

#[test]
fn equal_categories_of_two_catalogs_stay_apart() {
    let t = TestStore::new();
    t.db.put_item(&catalog(), &item_in("A", "x", &["one"]), None).unwrap();
    t.db.put_item(&catalog_named("other"), &item_in("B", "x", &["one"]), None).unwrap();
    assert_eq!(t.skus(&ItemFilter { category: Some("one".to_owned()), ..ItemFilter::default() }), "A");
}

#[test]
fn creates_only_what_is_not_there() {
    let t = TestStore::new();
    assert_eq!(t.db.create_item(&catalog(), &item("A", "one")).unwrap(), PutOutcome::Created);
    assert_eq!(t.db.create_item(&catalog(), &item("A", "two")).unwrap(), PutOutcome::PreconditionFailed);
    assert_eq!(t.db.item(&catalog(), "A").unwrap().unwrap().body, item("A", "one").body);
    t.db.delete_item(&catalog(), "A", None).unwrap();
    assert_eq!(t.db.create_item(&catalog(), &item("A", "two")).unwrap(), PutOutcome::Created);
}

//! Update files: what both ways of writing give, and what is refused with which line.

use std::fs;
use std::path::Path;

use plugpoint_sdk::update::{Backend, UPDATE_BYTES_MAX, UPDATE_STEPS_MAX, UpdateStep, Updates, own_prefix};
use proptest::prelude::*;
use serde_json::{Value, json};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/updates");

/// What reading gives, as `expected.json` says it: the steps, or the error with its line.
fn told(document: &str) -> Value {
    let updates = match Updates::read(document) {
        Ok(updates) => updates,
        Err(error) => return json!({ "error": error.to_string() }),
    };
    let steps = updates.steps().iter().map(|step| {
        let text = |backend| step.text(backend);
        let (sqlite, postgres) = (text(Backend::Sqlite), text(Backend::Postgres));
        json!({ "tag": step.tag(), "title": step.title(), "sqlite": sqlite, "postgres": postgres })
    });
    json!({ "steps": steps.collect::<Vec<_>>() })
}

/// The document of a case.
fn document(folder: &Path) -> String {
    let files = ["in.sql", "in.xml"].map(|name| folder.join(name));
    let file = files.iter().find(|file| file.is_file()).unwrap_or_else(|| panic!("{} has no in.*", folder.display()));
    fs::read_to_string(file).unwrap()
}

#[test]
fn cases() {
    let mut folders: Vec<_> = fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let accept = std::env::var_os("UPDATE_CASES").is_some();
    let mut wrong = Vec::new();
    for folder in &folders {
        let (found, file) = (told(&document(folder)), folder.join("expected.json"));
        if accept {
            fs::write(&file, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        } else if fs::read_to_string(&file).ok().and_then(|text| serde_json::from_str::<Value>(&text).ok()).as_ref()
            != Some(&found)
        {
            wrong.push(format!("{}: {found:#}", folder.display()));
        }
    }
    assert!(!folders.is_empty() && wrong.is_empty(), "found (accept with UPDATE_CASES=1):\n{}", wrong.join("\n"));
}

#[test]
fn both_ways_of_writing_say_the_same() {
    let read = |case: &str| {
        let read = Updates::read(&document(&Path::new(CASES).join(case))).unwrap();
        let bare = |text: &str| text.replace([';', ' ', '\n'], "");
        let step = |step: &UpdateStep| {
            let texts = [Backend::Sqlite, Backend::Postgres].map(|backend| bare(step.text(backend)));
            (step.tag().to_owned(), step.title().to_owned(), texts)
        };
        read.steps().iter().map(step).collect::<Vec<_>>()
    };
    assert_eq!(read("sql-both-backends"), read("xml-both-backends"));
}

#[test]
fn bounds_hold_from_both_sides() {
    let steps = |count: usize| (0..count).map(|n| format!("-- step: s{n}\nSELECT 1;\n")).collect::<String>();
    assert_eq!(Updates::read(&steps(UPDATE_STEPS_MAX)).unwrap().steps().len(), UPDATE_STEPS_MAX);
    assert!(Updates::read(&steps(UPDATE_STEPS_MAX + 1)).unwrap_err().message.contains("more than 1000 steps"));
    let padded = |bytes: usize| format!("-- step: a\nSELECT 1;{}", " ".repeat(bytes - 20));
    assert_eq!(Updates::read(&padded(UPDATE_BYTES_MAX)).unwrap().steps().len(), 1);
    assert!(Updates::read(&padded(UPDATE_BYTES_MAX + 1)).unwrap_err().message.contains("larger than"));
    let tagged = |chars: usize| format!("-- step: {}\nSELECT 1;", "t".repeat(chars));
    assert!(Updates::read(&tagged(64)).is_ok() && Updates::read(&tagged(65)).is_err());
    assert_eq!(Updates::read("").unwrap().steps().len(), 0);
    assert_eq!(own_prefix("my-shop"), "x_my_shop_");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r"(<|-- step: |-- only: |</?[a-z]+>|[ \PC\n]{0,20}){0,12}") {
        let _ = Updates::read(&text);
    }

    #[test]
    fn steps_come_back_as_written(tags in prop::collection::btree_set("[a-z0-9][a-z0-9._-]{0,20}", 0..20), title in "[A-Za-z ]{0,20}") {
        let text: String = tags.iter().map(|tag| format!("-- step: {tag} {title}\nSELECT '{tag}';\n")).collect();
        let read = Updates::read(&text).unwrap();
        prop_assert_eq!(read.steps().iter().map(|step| step.tag()).collect::<Vec<_>>(), tags.iter().collect::<Vec<_>>());
        for step in read.steps() {
            prop_assert_eq!(step.title(), title.trim());
            prop_assert_eq!(step.text(Backend::Sqlite), format!("SELECT '{}';\n", step.tag()));
        }
    }
}

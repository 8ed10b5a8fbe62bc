//! Case folders: `tests/cases/<name>/{in.*, expected.json, profile.toml?, case.toml?}`, run against a transformer and rules.
//!
//! Called from a crate's integration test. `UPDATE_CASES=1` writes `expected.json` instead of comparing; review the diff.
//! `case.toml` says how the document is sent where its file's name does not: `media_type`, `charset`, `canonical`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::promises::transformer_promises;
use super::stream::{STREAM_RECORDS, bounded_in_memory};
use crate::canonical::Canonical;
use crate::points::catalog_transformer::CatalogTransformer;
use crate::points::item_rule::{ItemRule, conformance};
use crate::profile::Profile;
use crate::trial::{Outcome, Rules, Sample, differences};

/// Lines of difference that are shown of one case.
const LINES_MAX: usize = 40;

/// The case folders below one folder, and what they are run against.
pub struct Cases<'a> {
    root: PathBuf,
    transformer: &'a dyn CatalogTransformer,
    rules: Vec<&'a dyn ItemRule>,
    rules_validated: Vec<&'a dyn ItemRule>,
    profile: String,
    stream_records: u64,
}

/// How a document is sent, as far as its file's name does not say it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    media_type: Option<String>,
    charset: Option<String>,
    /// Read by the canonical reader whatever the transformer is, as the typed items of a SOAP envelope are.
    canonical: bool,
}

/// One case, read.
struct Case {
    name: String,
    folder: PathBuf,
    bytes: Vec<u8>,
    media_type: String,
    sent: Sent,
    profile: Profile,
}

impl Case {
    fn sample(&self) -> Sample<'_> {
        let Self { bytes, media_type, sent, profile, .. } = self;
        Sample { bytes, media_type, charset: sent.charset.as_deref(), profile }
    }
}

impl<'a> Cases<'a> {
    /// The cases below `root`, run against `transformer` with the default profile.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, transformer: &'a dyn CatalogTransformer) -> Self {
        Self {
            root: root.into(),
            transformer,
            rules: Vec::new(),
            rules_validated: Vec::new(),
            profile: String::new(),
            stream_records: STREAM_RECORDS,
        }
    }

    /// Applies `rule` to every item as it was read, after those added before.
    #[must_use]
    pub fn rule(mut self, rule: &'a dyn ItemRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// Applies `rule` to every item that keeps the declared limits, after those added before.
    #[must_use]
    pub fn rule_validated(mut self, rule: &'a dyn ItemRule) -> Self {
        self.rules_validated.push(rule);
        self
    }

    /// How many records [`conform`](Self::conform) streams; a million unless said otherwise.
    #[must_use]
    pub fn stream_records(mut self, records: u64) -> Self {
        self.stream_records = records;
        self
    }

    /// The profile that a case's own `profile.toml` is laid over: a customer crate's profile, as TOML.
    #[must_use]
    pub fn profile(mut self, text: &str) -> Self {
        text.clone_into(&mut self.profile);
        self
    }

    /// What is tested.
    pub(super) fn transformer(&self) -> &'a dyn CatalogTransformer {
        self.transformer
    }

    /// Every case as name and document, for tests that damage documents.
    ///
    /// # Panics
    /// If a case cannot be read.
    #[must_use]
    pub fn documents(&self) -> Vec<(String, Vec<u8>)> {
        self.folders().iter().map(|folder| (name_of(folder), read(&input_of(folder)))).collect()
    }

    /// Runs all cases and returns how many there were.
    ///
    /// # Panics
    /// With the differences of every case that is not as expected, or when there is no case at all.
    pub fn run(&self) -> usize {
        let cases = self.cases();
        let mut report = String::new();
        for case in &cases {
            let lines = self.run_one(case);
            if !lines.is_empty() {
                let _ = writeln!(report, "\n--- case {}\n    {}", case.name, lines.join("\n    "));
            }
        }
        assert!(report.is_empty(), "cases differ, expected -> found (accept with UPDATE_CASES=1):\n{report}");
        cases.len()
    }

    /// Holds the transformer and every rule to what their points promise, on every case; and streams
    /// [`stream_records`](Self::stream_records) records, made of one case that has at least two beside each other.
    ///
    /// # Panics
    /// With every violation, or when no case can be streamed.
    pub fn conform(&self) {
        let cases = self.cases();
        let mut violations = Vec::new();
        for case in cases.iter().filter(|case| !case.sent.canonical) {
            let sample = case.sample();
            let outcome = Outcome::of(self.transformer, &[], &sample);
            // What another test is just rewriting cannot be held against anything.
            let accepted = if is_update() {
                outcome.to_json().to_string().into_bytes()
            } else {
                read(&case.folder.join("expected.json"))
            };
            let skus = skus_of(&accepted);
            let skus: Vec<&str> = skus.iter().map(String::as_str).collect();
            violations.extend(in_case(case, transformer_promises(self.transformer, &sample, &skus)));
            for rule in self.rules.iter().chain(&self.rules_validated) {
                violations
                    .extend(in_case(case, conformance(*rule, &case.profile, &outcome.items).err().unwrap_or_default()));
            }
        }
        if violations.is_empty() && self.stream_records > 0 {
            let stream =
                |case: &Case| Some(bounded_in_memory(self.transformer, &case.sample(), self.stream_records)?.err());
            match cases.iter().filter(|case| !case.sent.canonical).find_map(stream) {
                Some(violation) => violations.extend(violation),
                None => violations
                    .push("no case has two records side by side; one is needed to make a stream of".to_owned()),
            }
        }
        assert!(violations.is_empty(), "promises are broken:\n- {}", violations.join("\n- "));
    }

    fn run_one(&self, case: &Case) -> Vec<String> {
        let rules = Rules { decoded: &self.rules, validated: &self.rules_validated };
        let transformer = if case.sent.canonical { &Canonical } else { self.transformer };
        let outcome = Outcome::of_source(transformer, rules, &case.sample(), &mut &*case.bytes);
        let actual = outcome.to_json();
        let expected = case.folder.join("expected.json");
        if is_update() {
            fs::write(&expected, format!("{actual:#}\n"))
                .unwrap_or_else(|error| panic!("{}: {error}", expected.display()));
            return Vec::new();
        }
        let known = match fs::read(&expected) {
            Ok(text) => serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", expected.display())),
            Err(_) => serde_json::json!({}),
        };
        differences(&known, &actual, LINES_MAX)
    }

    fn cases(&self) -> Vec<Case> {
        let folders = self.folders();
        assert!(!folders.is_empty(), "no case folders below {}", self.root.display());
        folders.into_iter().map(|folder| self.case(folder)).collect()
    }

    fn case(&self, folder: PathBuf) -> Case {
        let own = fs::read_to_string(folder.join("profile.toml")).unwrap_or_default();
        let profile = Profile::from_layers(&[&self.profile, &own]);
        let profile = profile.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let sent = fs::read_to_string(folder.join("case.toml")).unwrap_or_default();
        let sent: Sent =
            toml::from_str(&sent).unwrap_or_else(|error| panic!("{}: case.toml: {error}", folder.display()));
        let input = input_of(&folder);
        let media_type = sent.media_type.clone().unwrap_or_else(|| media_type_of(&input).to_owned());
        Case { name: name_of(&folder), bytes: read(&input), media_type, sent, profile, folder }
    }

    fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.root).unwrap_or_else(|error| panic!("{}: {error}", self.root.display()));
        let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        folders
    }
}

fn is_update() -> bool {
    std::env::var_os("UPDATE_CASES").is_some()
}

fn in_case(case: &Case, violations: Vec<String>) -> impl Iterator<Item = String> {
    violations.into_iter().map(|violation| format!("case {}: {violation}", case.name))
}

/// Every number that an accepted outcome names.
fn skus_of(expected: &[u8]) -> BTreeSet<String> {
    let value: serde_json::Value = serde_json::from_slice(expected).unwrap_or_default();
    let lists = ["items", "patches", "deletes", "findings"].into_iter().filter_map(|name| value.get(name)?.as_array());
    let named = lists.flatten().filter_map(|entry| entry.get("sku")?.as_str());
    let rejected =
        value.get("rejected").and_then(|list| list.as_array()).into_iter().flatten().filter_map(|sku| sku.as_str());
    named.chain(rejected).map(str::to_owned).collect()
}

fn name_of(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The one file `in.*` of a case.
fn input_of(folder: &Path) -> PathBuf {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut inputs =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.file_stem().is_some_and(|stem| stem == "in"));
    let input = inputs.next().unwrap_or_else(|| panic!("{}: no file in.*", folder.display()));
    assert!(inputs.next().is_none(), "{}: more than one file in.*", folder.display());
    input
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn media_type_of(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("xml") => "application/xml",
        Some("json") => "application/json",
        Some("ndjson") => "application/x-ndjson",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}

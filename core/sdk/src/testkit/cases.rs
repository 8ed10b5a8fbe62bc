//! Case folders: `tests/cases/<name>/{in.*, expected.json, profile.toml?}`, run against a transformer and item rules.
//!
//! Called from a crate's integration test. `UPDATE_CASES=1` writes `expected.json` instead of comparing; review the diff.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::collect::{Outcome, Sample};
use super::diff;
use crate::points::catalog_transformer::CatalogTransformer;
use crate::points::item_rule::ItemRule;
use crate::profile::Profile;

/// The case folders below one folder, and what they are run against.
pub struct Cases<'a> {
    root: PathBuf,
    transformer: &'a dyn CatalogTransformer,
    rules: Vec<&'a dyn ItemRule>,
    profile: String,
}

impl<'a> Cases<'a> {
    /// The cases below `root`, run against `transformer` with the default profile.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>, transformer: &'a dyn CatalogTransformer) -> Self {
        Self { root: root.into(), transformer, rules: Vec::new(), profile: String::new() }
    }

    /// Applies `rule` to every item, after those added before.
    #[must_use]
    pub fn rule(mut self, rule: &'a dyn ItemRule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The profile that a case's own `profile.toml` is laid over: a customer crate's profile, as TOML.
    #[must_use]
    pub fn profile(mut self, text: &str) -> Self {
        text.clone_into(&mut self.profile);
        self
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
        let folders = self.folders();
        assert!(!folders.is_empty(), "no case folders below {}", self.root.display());
        let mut report = String::new();
        for folder in &folders {
            if let Some(difference) = self.run_one(folder) {
                let _ = writeln!(report, "\n--- case {}\n{difference}", name_of(folder));
            }
        }
        assert!(report.is_empty(), "cases differ (accept with UPDATE_CASES=1):\n{report}");
        folders.len()
    }

    fn run_one(&self, folder: &Path) -> Option<String> {
        let own = fs::read_to_string(folder.join("profile.toml")).unwrap_or_default();
        let profile = Profile::from_layers(&[&self.profile, &own]);
        let profile = profile.unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let input = input_of(folder);
        let bytes = read(&input);
        let sample = Sample { bytes: &bytes, media_type: media_type_of(&input), charset: None, profile: &profile };
        let outcome = Outcome::of(self.transformer, &self.rules, &sample);
        let actual = format!("{:#}\n", outcome.to_json());
        let expected = folder.join("expected.json");
        if std::env::var_os("UPDATE_CASES").is_some() {
            fs::write(&expected, &actual).unwrap_or_else(|error| panic!("{}: {error}", expected.display()));
            return None;
        }
        let known = fs::read_to_string(&expected).unwrap_or_default();
        diff::lines(&known, &actual)
    }

    fn folders(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(&self.root).unwrap_or_else(|error| panic!("{}: {error}", self.root.display()));
        let mut folders: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        folders.sort();
        folders
    }
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

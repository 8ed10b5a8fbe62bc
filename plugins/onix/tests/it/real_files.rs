//! Real messages that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where
//! they are absent the test says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use plugpoint_plugin_onix::OnixTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};
use serde_json::Value;

/// What is wrong with these files, by code; each was looked at. The rest has no findings.
const FINDINGS: &[(&str, &str, usize)] = &[];

/// Paths that no item has a place for, in all files together.
const UNMAPPED: &[&str] = &[];

/// Declares no encoding and is none of UTF-8.
const LATIN_1: &str = "yob_aau.xml";

fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("PLUGPOINT_SHARED_DATA").map_or_else(beside, PathBuf::from);
    folder.join("MANIFEST.json").exists().then_some(folder)
}

#[test]
fn real_messages_have_as_many_records_as_their_manifest_says() {
    let Some(folder) = folder() else { return };
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.join("MANIFEST.json")).unwrap()).unwrap();
    let files: Vec<&Value> = manifest.as_array().unwrap().iter().filter(|file| file["fmt"] == "onix").collect();
    assert_eq!(files.len(), 29);
    let mut found = Vec::new();
    let mut unmapped = BTreeMap::new();
    for file in files {
        let (name, path) = (file["name"].as_str().unwrap(), folder.join(file["file"].as_str().unwrap()));
        let bytes = std::fs::read(path).unwrap();
        let charset = (name == LATIN_1).then_some("iso-8859-1");
        let outcome = read(&bytes, charset);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), file["n"].as_u64(), "{name}");
        assert_eq!(outcome.rejected, Vec::<String>::new(), "{name}: {:?}", outcome.findings);
        found.extend(counted(&outcome).into_iter().map(|(code, count)| (name, code.to_owned(), count)));
        for (path, count) in outcome.unmapped {
            *unmapped.entry(path).or_insert(0) += count;
        }
    }
    found.sort();
    let known: Vec<_> = FINDINGS.iter().map(|(name, code, count)| (*name, (*code).to_owned(), *count)).collect();
    assert_eq!(found, known, "found:\n{found:#?}");
    assert_eq!(unmapped.keys().map(String::as_str).collect::<Vec<_>>(), UNMAPPED, "{unmapped:#?}");
}

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    Outcome::of(&OnixTransformer, &[], &Sample { bytes, media_type: "application/xml", charset, profile: &profile })
}

fn counted(outcome: &Outcome) -> Vec<(&str, usize)> {
    let mut counts = BTreeMap::new();
    for finding in &outcome.findings {
        *counts.entry(finding.code.as_str()).or_default() += 1;
    }
    counts.into_iter().collect()
}

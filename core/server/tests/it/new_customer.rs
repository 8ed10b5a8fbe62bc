//! `plugpoint new customer` as an integrator meets it: outside of the repository, then `cargo test`, for real.
//!
//! All crates share one target folder below this workspace's, which is kept: only the first run is slow.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use tempfile::TempDir;

/// Third-party crates that a customer crate's library is built from; counted, so that a new one is a decision.
const CRATES_MAX: usize = 55;
/// The same with everything that only its tests need.
const TEST_CRATES_MAX: usize = 70;
fn plugpoint(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_plugpoint")).args(arguments).current_dir(folder).output().unwrap()
}

fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Cargo tells its tests about the outer workspace; the inner one must not hear of it.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("RUSTFLAGS").env_remove("UPDATE_CASES");
    cargo.env("CARGO_TARGET_DIR", target()).args(arguments).arg("--offline").current_dir(folder);
    let output = cargo.output().unwrap();
    let (told, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?} in {}:\n{told}\n{complaint}", folder.display());
    told.into_owned()
}

fn target() -> PathBuf {
    // The running test is <target>/<profile>/deps/it-<hash>.
    env::current_exe().unwrap().ancestors().nth(3).unwrap().join("new-customer")
}

fn new_customer(place: &TempDir, name: &str, from: &str) -> PathBuf {
    let output = plugpoint(place.path(), &["new", "customer", name, "--from", from]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("cargo test"));
    place.path().join(name)
}

#[test]
fn every_new_crate_passes_its_tests_at_once_and_stays_small() {
    let place = tempfile::tempdir().unwrap();
    for from in ["canonical", "xml", "bmecat"] {
        let folder = new_customer(&place, &format!("acme-{from}"), from);
        let told = cargo(&folder, &["test", "--quiet"]);
        assert!(told.contains("2 passed"), "{from}:\n{told}");
        if from == "canonical" {
            // "Seconds after the first build": what takes longer is a compiler, so none may run.
            assert!(!cargo(&folder, &["test", "--no-run", "--message-format", "json"]).contains("\"fresh\":false"));
        }
        let readme = fs::read_to_string(folder.join("README.md")).unwrap();
        assert!(readme.lines().count() <= 10, "{from}: a README of ten lines");
        let crates = |edges: &str| {
            let tree = cargo(&folder, &["tree", "--edges", edges, "--prefix", "none", "--no-dedupe"]);
            tree.lines()
                .filter(|line| !line.contains(" (/"))
                .map(|line| line.split(" (").next())
                .collect::<std::collections::BTreeSet<_>>()
                .len()
        };
        let (built, tested) = (crates("normal,build"), crates("normal,build,dev"));
        assert!(built <= CRATES_MAX && tested <= TEST_CRATES_MAX, "{from}: {built} crates, {tested} with tests");
    }
}

#[test]
fn what_is_there_already_is_left_alone_and_bad_names_are_refused() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("acme")).unwrap();
    fs::write(place.path().join("acme/mine.txt"), "kept").unwrap();
    let cases: [(&[&str], &str); 7] = [
        (&["acme"], "./acme is already there"),
        (&["Acme_GmbH"], "did you mean \"acme-gmbh\"?"),
        (&["../acme"], "is no name for a customer"),
        (&[""], "is no name for a customer"),
        (&["new", "--sdk", "no/such/folder"], "no crate plugpoint-sdk there"),
        (&["new", "--from", "edifact"], "invalid value 'edifact'"),
        (&["new", "--sdk"], "a value is required"),
    ];
    for (arguments, expected) in cases {
        let output = plugpoint(place.path(), &[&["new", "customer"], arguments].concat());
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complaint}");
        assert!(complaint.contains(expected), "{arguments:?}: {complaint}");
    }
    let names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["acme"]);
    assert_eq!(fs::read_to_string(place.path().join("acme/mine.txt")).unwrap(), "kept");
}

#[test]
fn a_version_of_the_sdk_is_written_down_as_it_was_given() {
    let place = tempfile::tempdir().unwrap();
    let output = plugpoint(place.path(), &["new", "customer", "acme", "--from", "bmecat", "--sdk", "0.1.2"]);
    assert!(output.status.success());
    let manifest = fs::read_to_string(place.path().join("acme/Cargo.toml")).unwrap();
    for line in [
        "plugpoint-sdk = \"0.1.2\"",
        "plugpoint-plugin-bmecat = \"0.1.2\"",
        "plugpoint-sdk = { version = \"0.1.2\", features = [\"testkit\"] }",
    ] {
        assert!(manifest.contains(line), "{line}\n{manifest}");
    }
    assert!(!manifest.contains('@'));
}

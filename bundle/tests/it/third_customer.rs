//! A further customer touches no file under `core/` or `plugins/` and one line elsewhere: done here to a copy of the
//! workspace, by hand as a developer would, then built and run.
//!
//! The copy and its build live under `target/third-customer` and are kept, so that only the first run is slow.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

const MANIFEST: &str = r#"[package]
name = "plugpoint-customer-third"
version = "0.1.0"
edition = "2024"

[dependencies]
plugpoint-sdk.workspace = true
"#;

const SOURCE: &str = r##"//! A customer that sends one sku a line.

use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::{ItemDraft, Position};
use plugpoint_sdk::points::catalog_transformer::{self, CatalogTransformer};
use plugpoint_sdk::registry::Registrar;

struct OneSkuALine;

impl CatalogTransformer for OneSkuALine {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let mut line = String::new();
        for number in 1.. {
            line.clear();
            if document.source.read_line(&mut line)? == 0 {
                break;
            }
            sink.upsert(ItemDraft::new(line.trim(), Position { line: number, column: 1 }))?;
        }
        Ok(())
    }
}

/// Registers the transformer.
pub fn register(registrar: &mut Registrar) {
    registrar.provide(&catalog_transformer::POINT, "third.transformer", OneSkuALine);
}

plugpoint_sdk::customer! { name: "third", register: register, profile: "" }
"##;

/// The one file that lists the customers.
const LIST: &str = "bundle/Cargo.toml";

/// The one line elsewhere.
const LINE: &str = "plugpoint-customer-third = { path = \"../customers/third\" }";

#[test]
fn a_third_customer_costs_one_line() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = files_of(root);
    let place = target_folder().join("third-customer");
    let copy = place.join("workspace");
    // Checkouts may share a target folder; they take turns with the copy.
    fs::create_dir_all(&place).unwrap();
    let turn = fs::File::create(place.join("turn")).unwrap();
    turn.lock().unwrap();
    mirror(root, &files, &copy);

    add_line(&copy.join(LIST));
    write_if_different(&copy.join("customers/third/Cargo.toml"), MANIFEST.as_bytes());
    write_if_different(&copy.join("customers/third/src/lib.rs"), SOURCE.as_bytes());

    let listing = listed_by(&copy, &place.join("target"));
    let names: Vec<&str> = listing.lines().filter_map(|line| line.split(' ').next()).collect();
    let mut expected: Vec<&str> = plugpoint_bundle::linked().iter().map(|entry| entry.name).collect();
    expected.push("third");
    expected.sort_unstable();
    assert_eq!(names, expected);

    // Cargo.lock is cargo's own: nobody writes it by hand.
    let changed: Vec<&Path> =
        changed(root, &files, &copy).into_iter().filter(|file| !file.ends_with("Cargo.lock")).collect();
    assert_eq!(changed, [Path::new(LIST)]);
    let list = fs::read_to_string(copy.join(LIST)).unwrap();
    assert_eq!(list.replacen(&format!("{LINE}\n"), "", 1), fs::read_to_string(root.join(LIST)).unwrap());
}

/// What a commit of the working tree would hold.
fn files_of(root: &Path) -> Vec<PathBuf> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"];
    let output = run(Command::new("git").args(arguments).current_dir(root));
    let names = String::from_utf8(output.stdout).unwrap();
    names.split_terminator('\0').map(PathBuf::from).filter(|file| root.join(file).is_file()).collect()
}

fn target_folder() -> PathBuf {
    // The running test is <target>/<profile>/deps/it-<hash>.
    let program = env::current_exe().unwrap();
    program.ancestors().nth(3).unwrap().to_owned()
}

/// Makes `copy` hold exactly `files`. What is already the same is left alone, so that cargo does not build it again.
fn mirror(root: &Path, files: &[PathBuf], copy: &Path) {
    for file in files {
        write_if_different(&copy.join(file), &fs::read(root.join(file)).unwrap());
    }
    let wanted: BTreeSet<PathBuf> = files.iter().map(|file| copy.join(file)).collect();
    remove_others(copy, &wanted);
}

fn remove_others(folder: &Path, wanted: &BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_others(&path, wanted);
            // Only an empty folder goes; an error says that it is not.
            _ = fs::remove_dir(&path);
        } else if !wanted.contains(&path) {
            fs::remove_file(&path).unwrap();
        }
    }
}

fn write_if_different(file: &Path, content: &[u8]) {
    if fs::read(file).is_ok_and(|present| present == content) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

fn add_line(manifest: &Path) {
    let text = fs::read_to_string(manifest).unwrap();
    let at = text.find("[dependencies]\n").unwrap() + "[dependencies]\n".len();
    fs::write(manifest, format!("{}{LINE}\n{}", &text[..at], &text[at..])).unwrap();
}

fn listed_by(copy: &Path, target: &Path) -> String {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // Cargo tells its tests about the outer workspace; the inner one must not hear of it.
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("RUSTFLAGS").env("CARGO_TARGET_DIR", target);
    let arguments = ["run", "--offline", "--quiet", "--package", "plugpoint-bundle", "--example", "list"];
    // Built to be started once: nothing is gained by optimising it.
    let plain = ["--config", "profile.dev.debug=false", "--config", "profile.dev.package.\"*\".opt-level=0"];
    let output = run(cargo.args(arguments).args(plain).current_dir(copy));
    String::from_utf8(output.stdout).unwrap()
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The files that differ in the copy.
fn changed<'a>(root: &Path, files: &'a [PathBuf], copy: &Path) -> Vec<&'a Path> {
    let differs = |file: &&PathBuf| fs::read(root.join(file)).unwrap() != fs::read(copy.join(file)).unwrap();
    files.iter().filter(differs).map(PathBuf::as_path).collect()
}

//! Builds customer libraries with cargo, outside the workspace, and damages copies of them.
//!
//! All of them share one target folder that is kept, so that the sdk is built once; checkouts and test processes take turns.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The features of `tests/customer/lib.rs`.
const FEATURES: [&str; 8] = [
    "register_panics",
    "register_aborts",
    "register_loops",
    "register_prints",
    "replaces_nothing",
    "no_customer",
    "two_customers",
    "own_allocator",
];

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The test's customer crate with one of its vices, or none (`""`).
pub(crate) fn library(feature: &str) -> Vec<u8> {
    in_turn(|place| {
        run(&mut build_of(feature, place));
        fs::read(place.join("target/debug/libplugpoint_customer_slot_000.so")).unwrap()
    })
}

/// What the compiler says to a vice that it does not let pass.
pub(crate) fn refusal_to_build(feature: &str) -> String {
    let output = in_turn(|place| build_of(feature, place).output().unwrap());
    assert!(!output.status.success(), "{feature} builds");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn build_of(feature: &str, place: &Path) -> Command {
    assert!(feature.is_empty() || FEATURES.contains(&feature), "{feature}");
    let folder = place.join("slot");
    let features: String = FEATURES.iter().map(|feature| format!("{feature} = []\n")).collect();
    let manifest = format!(
        "[package]\nname = \"plugpoint-customer-slot-000\"\nversion = \"1.2.0\"\nedition = \"2024\"\n\n\
         [lib]\ncrate-type = [\"rlib\", \"cdylib\"]\n\n[features]\n{features}\n\
         [dependencies]\nplugpoint-sdk = {{ path = {:?} }}\n\n[workspace]\n",
        root().join("core/sdk")
    );
    write_if_different(&folder.join("Cargo.toml"), manifest.as_bytes());
    write_if_different(&folder.join("src/lib.rs"), include_bytes!("../customer/lib.rs"));
    // The versions that are in use here are the ones that are at hand without a network.
    if !folder.join("Cargo.lock").exists() {
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    }
    let mut cargo = cargo(place);
    cargo.args(["build", "--features", feature]).current_dir(&folder);
    cargo
}

/// A customer crate of this repository, as it is.
pub(crate) fn repository_library(customer: &str) -> Vec<u8> {
    in_turn(|place| {
        run(cargo(place)
            .args(["build", "--locked", "-p", &format!("plugpoint-customer-{customer}")])
            .current_dir(root()));
        fs::read(place.join(format!("target/debug/libplugpoint_customer_{customer}.so"))).unwrap()
    })
}

/// A library of C that knows nothing of Plugpoint.
pub(crate) fn plain_library() -> Vec<u8> {
    in_turn(|place| {
        let (source, library) = (place.join("plain.rs"), place.join("libplain.so"));
        write_if_different(&source, b"#[unsafe(no_mangle)] pub extern \"C\" fn anything() {}\n");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        run(Command::new(rustc).args(["--edition=2024", "--crate-type=cdylib", "-o"]).arg(&library).arg(&source));
        fs::read(library).unwrap()
    })
}

fn in_turn<R>(work: impl FnOnce(&Path) -> R) -> R {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("customer-libraries");
    fs::create_dir_all(&place).unwrap();
    let turn = fs::File::create(place.join("turn")).unwrap();
    turn.lock().unwrap();
    work(&place)
}

/// A library as it is delivered: without the symbols that only a debugger reads.
pub(crate) fn stripped(library: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("library.so");
    fs::write(&file, library).unwrap();
    run(Command::new("strip").arg(&file));
    fs::read(&file).unwrap()
}

fn cargo(place: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What cargo tells its tests about the outer workspace must not reach the inner one.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_PKG_")) {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_MANIFEST_DIR").env_remove("RUSTFLAGS").env("CARGO_TARGET_DIR", place.join("target"));
    // As small and as quick to build as may be; a server must be able to load it whatever its own profile is.
    let profile = [("OPT_LEVEL", "0"), ("DEBUG", "false"), ("STRIP", "debuginfo"), ("INCREMENTAL", "false")];
    cargo.envs(profile.map(|(key, value)| (format!("CARGO_PROFILE_DEV_{key}"), value)));
    cargo.args(["--offline", "--quiet", "--config", "profile.dev.package.\"*\".opt-level=0"]);
    cargo
}

pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn write_if_different(file: &Path, content: &[u8]) {
    if fs::read(file).is_ok_and(|present| present == content) {
        return;
    }
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

/// The same library with every `from` made a `to` of the same length.
pub(crate) fn patched(library: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut patched = library.to_vec();
    let places: Vec<usize> = library
        .windows(from.len())
        .enumerate()
        .filter(|(_, bytes)| *bytes == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "{from} is in the library");
    for at in places {
        patched[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    patched
}

/// Puts bytes into a file.
pub(crate) fn put(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let file = folder.join(name);
    fs::write(&file, bytes).unwrap();
    file
}

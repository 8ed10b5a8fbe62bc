//! `plugpoint customer check`: one library for each way in which one can be wrong, built or damaged for real.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::PathBuf;
use std::sync::LazyLock;

use plugpoint_kernel::Library;
use plugpoint_sdk::abi;
use proptest::prelude::*;
use serde_json::Value;

use crate::program::{plugpoint, text};
use crate::workshop::{library, patched, plain_library, put, refusal_to_build};

/// Checks all files in one call.
fn check(files: &[PathBuf]) -> (i32, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    let output = plugpoint(folder.path(), &[&["customer", "check", "--json"], files.as_slice()].concat());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    (output.status.code().unwrap(), told["libraries"].as_array().unwrap().clone())
}

/// Puts a damaged library beside its good neighbours and expects a refusal of it alone.
#[track_caller]
fn refuses(cases: &[(&str, Vec<u8>, &str, &[&str])]) {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = cases.iter().map(|(name, bytes, ..)| put(folder.path(), name, bytes)).collect();
    let (code, verdicts) = check(&files);
    assert_eq!((code, verdicts.len()), (1, cases.len()));
    for ((name, _, fault, words), verdict) in cases.iter().zip(&verdicts) {
        assert_eq!((&verdict["loadable"], &verdict["code"]), (&false.into(), &(*fault).into()), "{name}: {verdict}");
        let told = format!("{} {}", verdict["reason"].as_str().unwrap(), verdict["rebuild"].as_str().unwrap_or(""));
        for word in *words {
            assert!(told.contains(word), "{name}: {word:?} is not in {told:?}");
        }
    }
}

fn stamped(key: &str, value: &str) -> Vec<u8> {
    let line = abi::stamp().lines().find(|line| line.starts_with(&format!("{key} "))).unwrap();
    let forged = format!("{key} {value:.0$}", line.len() - key.len() - 1);
    let forged = format!("{forged:~<0$}", line.len());
    patched(&library(""), line, &forged)
}

#[test]
fn a_good_library_can_be_loaded_and_is_told_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let good = put(folder.path(), "libanything.so", &library(""));
    let link = folder.path().join("link.so");
    symlink(&good, &link).unwrap();
    let prints = put(folder.path(), "prints.so", &library("register_prints"));
    let (code, verdicts) = check(&[good.clone(), link, prints]);
    assert_eq!(code, 0, "{verdicts:?}");
    for verdict in &verdicts {
        let (customer, package) = (&verdict["customer"], &verdict["package"]);
        assert_eq!((customer, package), (&"slot-000".into(), &"plugpoint-customer-slot-000 1.2.0".into()));
        assert_eq!((&verdict["loadable"], &verdict["file_name"]), (&true.into(), &"slot-000-1.2.0.so".into()));
        assert_eq!(verdict["sha256"].as_str().unwrap().len(), 64);
    }
    let output = plugpoint(folder.path(), &["customer", "check", good.to_str().unwrap()]);
    let told = text(&output.stdout);
    assert!(told.contains("libanything.so: can be loaded") && told.contains("slot-000-1.2.0.so"), "{told}");
}

#[test]
fn another_build_is_refused_with_both_values_and_the_command() {
    refuses(&[
        (
            "rustc.so",
            stamped("rustc", "1.90.0 (1159e78c4747b02ef996e55082b704c09b970588)"),
            "abi_mismatch",
            &[
                "compiler: the file has 1.90.0 (1159e78c4747b02ef996e55082b704c09b970588), this server 1.",
                "rustup run 1.",
                "cargo build --release",
            ],
        ),
        (
            "sdk.so",
            stamped("sdk", "9.9.9"),
            "abi_mismatch",
            &[
                "version of plugpoint-sdk: the file has 9.9.9, this server 0.1.0",
                "cargo build --release   # with the plugpoint-sdk 0.1.0",
            ],
        ),
        (
            "source.so",
            stamped("source", "00112233445566778899aabbccddeeff"),
            "abi_mismatch",
            &["sources of plugpoint-sdk: the file has 00112233445566778899aabbccddeeff, this server "],
        ),
        ("types.so", stamped("types", "rust_decimal 1.42.0"), "abi_mismatch", &["versions of shared crates", "1.42.0"]),
        (
            "target.so",
            stamped("target", "x86_64-unknown-linux-musl"),
            "abi_mismatch",
            &["target: the file has", "--target "],
        ),
        (
            "panic.so",
            stamped("panic", "abort!"),
            "abi_mismatch",
            &["panic strategy: the file has abort", "panic=\"unwind\""],
        ),
        (
            "magic.so",
            patched(&library(""), "plugpoint-abi-1\n", "plugpoint-abi-2\n"),
            "abi_mismatch",
            &["cannot be read"],
        ),
    ]);
}

#[test]
fn what_is_no_whole_library_for_this_machine_is_refused() {
    let good = library("");
    let with = |place: usize, bytes: &[u8]| {
        let mut library = good.clone();
        library[place..place + bytes.len()].copy_from_slice(bytes);
        library
    };
    let cut = |length: usize| good[..length].to_vec();
    refuses(&[
        ("empty.so", Vec::new(), "no_library", &["empty"]),
        ("text.so", b"#!/bin/sh\nexit 0\n".to_vec(), "no_library", &["no ELF library"]),
        ("four.so", cut(4), "cut_off", &["cut off"]),
        ("header.so", cut(63), "cut_off", &["cut off"]),
        ("segments.so", cut(128), "cut_off", &["cut off"]),
        ("quarter.so", cut(good.len() / 4), "cut_off", &["cut off"]),
        ("half.so", cut(good.len() / 2), "cut_off", &["cut off"]),
        ("nearly.so", cut(good.len() - 1), "cut_off", &["cut off"]),
        // e_machine, EI_CLASS, EI_DATA, e_type of the ELF header.
        ("s390.so", with(18, &[22, 0]), "architecture", &["the file is for s390x", std::env::consts::ARCH, "--target"]),
        ("odd.so", with(18, &[0x34, 0x12]), "architecture", &["machine 4660"]),
        ("bits32.so", with(4, &[1]), "architecture", &["32 bits"]),
        ("bigendian.so", with(5, &[2]), "architecture", &["architecture"]),
        ("program.so", with(16, &[4, 0]), "no_library", &["no shared library"]),
        ("plain.so", plain_library(), "symbol_missing", &["plugpoint_customers", "customer!", "cdylib"]),
        (
            "renamed.so",
            patched(&good, "plugpoint_abi_stamp", "plugpoint_abi_stomp"),
            "symbol_missing",
            &["plugpoint_abi_stamp"],
        ),
    ]);
}

#[test]
fn what_a_library_does_when_it_is_tried_is_its_own_verdict() {
    refuses(&[
        ("panics.so", library("register_panics"), "registration", &["registering panicked: not today", "panics.so"]),
        ("aborts.so", library("register_aborts"), "crashed", &["SIGABRT"]),
        (
            "replaces.so",
            library("replaces_nothing"),
            "registration",
            &["slot-000.marks", "no lower layer", "replaces.so"],
        ),
        ("none.so", library("no_customer"), "customer_count", &["no customer"]),
        ("two.so", library("two_customers"), "customer_count", &["slot-000", "second"]),
        (
            "name.so",
            patched(&library(""), "slot-000", "Slot 000"),
            "registration",
            &["is no name for a plugin or customer"],
        ),
        (
            "linked.so",
            patched(&library(""), "slot-000", "voltwerk"),
            "registration",
            &["more than one customer voltwerk"],
        ),
    ]);
}

#[test]
fn a_library_that_never_comes_back_is_given_up() {
    refuses(&[("loops.so", library("register_loops"), "registration", &["registering has not come back within 5 s"])]);
}

#[test]
fn what_is_no_ordinary_protected_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let good = put(folder.path(), "good.so", &library(""));
    let open = put(folder.path(), "open.so", &library(""));
    fs::set_permissions(&open, fs::Permissions::from_mode(0o666)).unwrap();
    let (directory, dangling) = (folder.path().join("folder.so"), folder.path().join("dangling.so"));
    fs::create_dir(&directory).unwrap();
    symlink(folder.path().join("nothing"), &dangling).unwrap();
    let absent = folder.path().join("absent.so");
    let (code, verdicts) = check(&[good, open, directory, dangling, absent, PathBuf::from("/dev/zero")]);
    let codes: Vec<&str> = verdicts.iter().map(|verdict| verdict["code"].as_str().unwrap_or("loadable")).collect();
    assert_eq!(code, 1);
    assert_eq!(codes, ["loadable", "unprotected", "unreadable", "unreadable", "unreadable", "unreadable"]);
    assert!(verdicts[1]["reason"].as_str().unwrap().contains("mode 0666"), "{verdicts:?}");
    assert!(verdicts[2]["reason"].as_str().unwrap().contains("directory"), "{verdicts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Headers with any bytes in them are judged, never followed out of the file. Nothing is loaded here.
    #[test]
    fn damaged_headers_are_judged(changes in proptest::collection::vec((0usize..0x2000, any::<u8>()), 1..20), length in 0.0f64..1.0) {
        static LIBRARY: LazyLock<Vec<u8>> = LazyLock::new(|| library(""));
        let mut bytes = LIBRARY.clone();
        // Sections' headers stand at the end: damage them as well.
        let total = bytes.len();
        for (place, byte) in changes {
            let at = if place < 0x1000 { place } else { total - (place - 0xfff) };
            bytes[at] = byte;
        }
        bytes.truncate(total - (total as f64 * length * length * length) as usize);
        let folder = tempfile::tempdir().unwrap();
        let file = put(folder.path(), "damaged.so", &bytes);
        _ = Library::inspect(&file);
    }
}

#[test]
fn a_crate_with_an_allocator_of_its_own_does_not_build() {
    let said = refusal_to_build("own_allocator");
    assert!(said.contains("conflicts with global allocator in: plugpoint_sdk"), "{said}");
}

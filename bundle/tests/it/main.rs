//! What the bundle promises: every customer of its list is found, and a further one costs one line.

mod third_customer;

use std::fs;
use std::path::Path;

#[test]
fn every_customer_of_the_list_is_linked() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let listed = manifest.lines().filter_map(|line| line.split_once(" = { path = \"../customers/"));
    let mut listed: Vec<&str> = listed.map(|(package, _)| package).collect();
    listed.sort_unstable();
    let mut linked: Vec<&str> = plugpoint_bundle::linked()
        .iter()
        .filter_map(|entry| entry.package.split_once(' '))
        .map(|(name, _)| name)
        .collect();
    linked.sort_unstable();
    assert!(listed.len() >= 2, "the list is read: {listed:?}");
    assert_eq!(linked, listed);
}

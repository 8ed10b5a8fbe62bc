//! The files of a new customer crate, and how they are filled in.

use std::fs;
use std::path::Path;

use super::From;
use super::sdk::Sdk;
use crate::cli::Failure;

/// A file of the new crate and its template.
type File = (&'static str, &'static str);

macro_rules! file {
    ($path:literal, $template:literal) => {
        ($path, include_str!(concat!("../../../templates/customer/", $template)))
    };
}

/// What every crate has.
const COMMON: &[File] = &[
    file!("Cargo.toml", "Cargo.toml.in"),
    file!(".gitignore", "gitignore"),
    file!("README.md", "README.md"),
    file!("src/lib.rs", "lib.rs"),
    file!("src/rules.rs", "rules.rs"),
    file!("tests/cases.rs", "cases.rs.in"),
];

const CANONICAL: &[File] = &[
    file!("src/transform.rs", "canonical/transform.rs"),
    file!("profile.toml", "canonical/profile.toml"),
    file!("tests/cases/first/in.json", "canonical/in.json"),
    file!("tests/cases/first/expected.json", "canonical/expected.json"),
];

const XML: &[File] = &[
    file!("src/transform.rs", "xml/transform.rs"),
    file!("profile.toml", "xml/profile.toml"),
    file!("tests/cases/first/in.xml", "xml/in.xml"),
    file!("tests/cases/first/expected.json", "xml/expected.json"),
];

const BMECAT: &[File] = &[
    file!("src/transform.rs", "bmecat/transform.rs"),
    file!("profile.toml", "bmecat/profile.toml"),
    file!("tests/cases/first/in.xml", "bmecat/in.xml"),
    file!("tests/cases/first/expected.json", "bmecat/expected.json"),
];

/// Writes all files of a crate into `folder`, which exists and is empty.
pub(super) fn write(folder: &Path, name: &str, from: From, sdk: &Sdk) -> Result<(), Failure> {
    let own = match from {
        From::Canonical => CANONICAL,
        From::Xml => XML,
        From::Bmecat => BMECAT,
    };
    // No value holds a placeholder: a name has no @, and the dependencies are filled in last.
    let values = [
        ("@NAME@", name.to_owned()),
        ("@IDENT@", name.replace('-', "_")),
        ("@FORMAT_PROFILE@", format_profile(from).to_owned()),
        ("@DEV_DEPENDENCIES@", sdk.dev_dependencies()),
        ("@DEPENDENCIES@", sdk.dependencies()),
    ];
    for (path, template) in COMMON.iter().chain(own) {
        let text = values.iter().fold((*template).to_owned(), |text, (place, value)| text.replace(place, value));
        put(&folder.join(path), &text)?;
    }
    match sdk.lock() {
        Some(lock) => put(&folder.join("Cargo.lock"), &lock),
        None => Ok(()),
    }
}

/// A format's reader is what a million items are read with; cargo warns of a profile for a crate that is not there.
fn format_profile(from: From) -> &'static str {
    match from {
        From::Canonical | From::Xml => "",
        From::Bmecat => "\nplugpoint-plugin-bmecat = { opt-level = 1 }",
    }
}

fn put(file: &Path, text: &str) -> Result<(), Failure> {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, text));
    written.map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}

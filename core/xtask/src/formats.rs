//! `cargo xtask formats`: what the server makes of a folder of documents, against what the folder's manifest says they hold.
//!
//! The folder has a `MANIFEST.json`: a list of objects with `file` (a path within the folder), `fmt`, and `n`, the number of records,
//! something else where there is no such thing. It reads the documents through `plugpoint detect` and writes nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Outcome;
use crate::workspace::{self, Target};

/// One document of the manifest.
#[derive(Deserialize)]
struct Listed {
    file: String,
    /// A number, or anything else where there are no records.
    n: Value,
}

/// What `plugpoint detect --json` says about one document, as far as the table shows it.
#[derive(Deserialize)]
struct Found {
    format: Option<String>,
    version: Option<String>,
    encoding: Encoding,
    reading: Option<Reading>,
}

#[derive(Deserialize)]
struct Encoding {
    name: String,
}

#[derive(Deserialize, Default)]
struct Reading {
    records: u64,
    accepted: u64,
    rejected: u64,
    unmapped: std::collections::BTreeMap<String, u64>,
    error: Option<(String, String)>,
}

/// Prints the table; fails when a document that holds records is not read to its last one.
pub(crate) fn run(folder: Option<&Path>, binary: Option<&Path>) -> Outcome {
    let folder = folder.map_or_else(beside_the_workspace, Path::to_path_buf);
    let manifest = folder.join("MANIFEST.json");
    let text = fs::read_to_string(&manifest).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let listed: Vec<Listed> =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", manifest.display()))?;
    let binary = match binary {
        Some(binary) => binary.to_path_buf(),
        None => workspace::build("plugpoint-server", Target::Binary("plugpoint"), false)?,
    };
    println!("| file | detected as | encoding | expected | records | accepted | rejected | unmapped paths | |");
    println!("| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |");
    let mut differing = 0;
    for document in &listed {
        let found: Found = detect(&binary, &folder.join(&document.file))?;
        let (row, is_as_expected) = row(document, &found);
        println!("{row}");
        differing += u32::from(!is_as_expected);
    }
    println!("\n{} documents, {differing} not as expected", listed.len());
    if differing == 0 { Ok(()) } else { Err(format!("{differing} documents are not read as the manifest says")) }
}

fn beside_the_workspace() -> PathBuf {
    let named = std::env::var_os("PLUGPOINT_SHARED_DATA").map(PathBuf::from);
    named.unwrap_or_else(|| workspace::root().join("../shared/data"))
}

/// What `plugpoint detect --json` says about one document, as far as the caller reads it.
pub(crate) fn detect<T: DeserializeOwned>(binary: &Path, file: &Path) -> Outcome<T> {
    let output = Command::new(binary)
        .args(["detect", "--json", "--data-dir"])
        .arg(std::env::temp_dir().join("plugpoint-no-data"))
        .arg(file)
        .output()
        .map_err(|error| format!("{}: {error}", binary.display()))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{}: {error}: {}", file.display(), String::from_utf8_lossy(&output.stderr)))
}

/// A line of the table. A document without records may be anything; one with records has to give them all.
fn row(document: &Listed, found: &Found) -> (String, bool) {
    let none = Reading::default();
    let reading = found.reading.as_ref().unwrap_or(&none);
    let expected = document.n.as_u64().filter(|&expected| expected > 0 || found.format.is_some());
    let is_as_expected = expected.is_none_or(|expected| found.reading.is_some() && reading.records == expected);
    let detected = match (&found.version, &found.format) {
        (Some(version), Some(format)) => format!("{version} [{format}]"),
        _ => "no catalog".to_owned(),
    };
    let shown = |count: u64| if found.reading.is_some() { count.to_string() } else { "-".to_owned() };
    let error = reading.error.as_ref().map(|(code, _)| code.as_str()).unwrap_or_default();
    let verdict = if is_as_expected { error.to_owned() } else { format!("**differs** {error}") };
    let cells = [
        document.file.clone(),
        detected,
        found.encoding.name.clone(),
        expected.map_or_else(|| "-".to_owned(), |expected| expected.to_string()),
        shown(reading.records),
        shown(reading.accepted),
        shown(reading.rejected),
        shown(reading.unmapped.len() as u64),
        verdict.trim().to_owned(),
    ];
    (format!("| {} |", cells.join(" | ")), is_as_expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(format: Option<&str>, records: Option<u64>) -> Found {
        let reading = records.map(|records| Reading { records, ..Reading::default() });
        let format = format.map(str::to_owned);
        Found { version: format.clone(), format, encoding: Encoding { name: "UTF-8".to_owned() }, reading }
    }

    #[test]
    fn a_document_is_as_expected_when_all_its_records_came() {
        let listed = |n: Option<u64>| Listed { file: "a.xml".to_owned(), n: n.into() };
        for (n, format, records, expected) in [
            (Some(2), Some("onix"), Some(2), true),
            (Some(2), Some("onix"), Some(1), false),
            (Some(2), None, None, false),
            (Some(0), None, None, true),
            (Some(0), Some("onix"), Some(1), false),
            (None, Some("onix"), Some(1), true),
            (None, None, None, true),
        ] {
            let (line, is_as_expected) = row(&listed(n), &found(format, records));
            assert_eq!(is_as_expected, expected, "{line}");
            assert_eq!(line.contains("differs"), !expected, "{line}");
        }
    }
}

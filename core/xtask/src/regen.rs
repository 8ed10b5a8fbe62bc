//! `cargo xtask regen [--check]`: writes the documents under openapi/, or proves that they are fresh.
//!
//! The documents come from the `plugpoint` binary itself, so that they cannot say anything else than the server does.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::workspace::{self, Target};

/// File under openapi/ and the arguments that print it.
const DOCUMENTS: &[(&str, &[&str])] = &[
    ("plugpoint.json", &["openapi"]),
    ("catalog.wsdl", &["wsdl"]),
    ("catalog.xsd", &["wsdl", "--xsd"]),
    ("config.schema.json", &["config", "schema"]),
    ("extension-points.md", &["extensions", "--points-md"]),
    ("error-codes.md", &["codes"]),
    ("limits.md", &["config", "limits-md"]),
];

/// Writes every document, or compares it when `is_check`.
pub(crate) fn run(is_check: bool) -> Outcome {
    let binary = workspace::build("plugpoint-server", Target::Binary("plugpoint"), false)?;
    let folder = workspace::root().join("openapi");
    fs::create_dir_all(&folder).map_err(|error| format!("openapi/: {error}"))?;
    let mut stale = Vec::new();
    for (file, arguments) in DOCUMENTS {
        let fresh = print(&binary, arguments)?;
        let path = folder.join(file);
        if fs::read(&path).is_ok_and(|committed| committed == fresh) {
            continue;
        }
        if is_check {
            stale.push(format!("openapi/{file} is out of date"));
        } else {
            fs::write(&path, &fresh).map_err(|error| format!("openapi/{file}: {error}"))?;
            println!("openapi/{file}: written, {} bytes", fresh.len());
        }
    }
    if stale.is_empty() {
        println!("regen: {} documents are fresh", DOCUMENTS.len());
        return Ok(());
    }
    Err(format!("{}\nrun `make regen` and commit the result", stale.join("\n")))
}

fn print(binary: &Path, arguments: &[&str]) -> Outcome<Vec<u8>> {
    let shown = arguments.join(" ");
    let output =
        Command::new(binary).args(arguments).output().map_err(|error| format!("plugpoint {shown}: {error}"))?;
    if !output.status.success() {
        return Err(format!("plugpoint {shown}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    let mut text = output.stdout;
    // One newline at the end, whatever the subcommand prints: editors and git agree on such files.
    while text.last() == Some(&b'\n') {
        text.pop();
    }
    text.push(b'\n');
    Ok(text)
}

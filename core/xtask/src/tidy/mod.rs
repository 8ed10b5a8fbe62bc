//! `cargo xtask tidy`: the rules of the house that no compiler knows. All violations are reported at once.
//!
//! Each rule is one function from what it looks at to sentences; nothing here changes a file.

mod exceptions;
mod files;
mod layers;
mod points;
mod rust;

use std::fs;

use crate::{Outcome, workspace};

/// Runs every rule over the workspace.
pub(crate) fn run() -> Outcome {
    let root = workspace::root();
    let mut problems = layers::check(&workspace::metadata()?);
    let exceptions = exceptions::load(&root)?;
    let files = files::tracked(&root)?;
    let mut lengths = Vec::new();
    for path in &files {
        let Ok(text) = fs::read_to_string(root.join(path)) else {
            continue; // not text: nothing to say about it
        };
        problems.extend(files::check(path, &text));
        if path.ends_with(".rs") {
            problems.extend(rust::check(path, &text));
        }
        if points::is_point(path) {
            problems.extend(points::check(path, &text));
        }
        if files::has_length_limit(path) {
            lengths.push((path.clone(), text.lines().count()));
        }
    }
    problems.extend(exceptions::check(&exceptions, &lengths));
    if problems.is_empty() {
        println!("tidy: {} files, no violation", files.len());
        return Ok(());
    }
    problems.sort();
    Err(format!("{}\ntidy: {} violations", problems.join("\n"), problems.len()))
}

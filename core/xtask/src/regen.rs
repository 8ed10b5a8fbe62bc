//! `cargo xtask regen [--check]`: writes the generated documents, or proves that they are fresh.
//!
//! They come from the `plugpoint` binary itself, so that they cannot say anything else than the server does.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::workspace::{self, Target};

/// One generated document.
struct Document {
    /// Relative to the workspace's root.
    path: &'static str,
    /// The arguments that print it.
    arguments: &'static [&'static str],
    /// What is done to the printed text.
    edit: fn(&str) -> String,
}

/// The document of all extension points. Each row of its table names one, which has its own page in the guide.
const POINTS: &str = "openapi/extension-points.md";

const DOCUMENTS: &[Document] = &[
    Document { path: "openapi/plugpoint.json", arguments: &["openapi"], edit: str::to_owned },
    Document { path: "openapi/catalog.wsdl", arguments: &["wsdl"], edit: str::to_owned },
    Document { path: "openapi/catalog-oneway.wsdl", arguments: &["wsdl", "--one-way"], edit: str::to_owned },
    Document { path: "openapi/catalog.xsd", arguments: &["wsdl", "--xsd"], edit: str::to_owned },
    Document { path: "openapi/config.schema.json", arguments: &["config", "schema"], edit: str::to_owned },
    Document { path: "openapi/profile.schema.json", arguments: &["profile", "schema"], edit: str::to_owned },
    Document { path: "openapi/profile-keys.md", arguments: &["profile", "keys"], edit: str::to_owned },
    Document { path: POINTS, arguments: &["extensions", "--points-md"], edit: str::to_owned },
    Document { path: "openapi/error-codes.md", arguments: &["codes"], edit: str::to_owned },
    Document { path: "openapi/limits.md", arguments: &["config", "limits-md"], edit: str::to_owned },
    Document { path: "packaging/config/plugpoint.toml", arguments: &["config", "print"], edit: commented },
];

/// Writes every document, or compares it when `is_check`.
pub(crate) fn run(is_check: bool) -> Outcome {
    let binary = workspace::build("plugpoint-server", Target::Binary("plugpoint"), false)?;
    let mut documents = Vec::new();
    for Document { path, arguments, edit } in DOCUMENTS {
        let fresh = format!("{}\n", edit(&print(&binary, arguments)?).trim_end());
        if *path == POINTS {
            for point in points(&fresh) {
                let page = print(&binary, &["extensions", "--point-md", point])?;
                documents.push((format!("docs/src/points/{point}.md"), format!("{}\n", page.trim_end())));
            }
        }
        documents.push(((*path).to_owned(), fresh));
    }
    let mut stale = Vec::new();
    for (path, fresh) in &documents {
        let file = workspace::root().join(path);
        if fs::read(&file).is_ok_and(|committed| committed == fresh.as_bytes()) {
            continue;
        }
        if is_check {
            stale.push(format!("{path} is out of date"));
        } else {
            let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, fresh));
            written.map_err(|error| format!("{path}: {error}"))?;
            println!("{path}: written, {} bytes", fresh.len());
        }
    }
    if stale.is_empty() {
        println!("regen: {} documents are fresh", documents.len());
        return Ok(());
    }
    Err(format!("{}\nrun `make regen` and commit the result", stale.join("\n")))
}

/// The names in the first column of the table of points.
fn points(document: &str) -> impl Iterator<Item = &str> {
    document.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next())
}

/// Runs the binary without any setting of this machine's and returns what it prints.
fn print(binary: &Path, arguments: &[&str]) -> Outcome<String> {
    let shown = arguments.join(" ");
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PLUGPOINT")) {
        command.env_remove(name);
    }
    let output = command.args(arguments).output().map_err(|error| format!("plugpoint {shown}: {error}"))?;
    if !output.status.success() {
        return Err(format!("plugpoint {shown}: {}\n{}", output.status, String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("plugpoint {shown}: {error}"))
}

/// The printed configuration as a file to begin with: every setting named and described, none set, so that a later
/// version's defaults hold wherever the operator has decided nothing.
fn commented(toml: &str) -> String {
    let head = "# Plugpoint's settings. Each line shows a default; take the # away to set it. `plugpoint config check` finds mistakes.\n\n";
    let line = |line: &str| {
        let is_setting = !line.is_empty() && !line.starts_with(['#', '[']);
        if is_setting { format!("# {line}\n") } else { format!("{line}\n") }
    };
    toml.lines().fold(head.to_owned(), |text, next| text + &line(next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_named_by_the_rows_of_their_table() {
        let document = "# Points\n\n| point | arity |\n| --- | --- |\n| `a.b` | One |\n| `c.d` | Chain |\n\n## a.b\n";
        assert_eq!(points(document).collect::<Vec<_>>(), ["a.b", "c.d"]);
    }

    #[test]
    fn the_default_configuration_sets_nothing() {
        let file = commented("# Doc.\n[server]\n\n# Where.\nlisten = \"a\"\n");
        assert!(file.ends_with("# Doc.\n[server]\n\n# Where.\n# listen = \"a\"\n"));
        assert_eq!(
            toml::from_str::<toml::Table>(&file).expect("TOML")["server"].as_table().map(toml::Table::len),
            Some(0)
        );
    }
}

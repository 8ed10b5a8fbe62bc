//! Files that are longer than the house allows, each with a reason. The list may only shrink.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::Outcome;

/// Above this a file must be listed.
pub(crate) const FILE_LINES_MAX: usize = 500;
const LIST: &str = "core/xtask/tidy-exceptions.toml";

/// The list as written.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exceptions {
    #[serde(default)]
    file: Vec<LongFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongFile {
    path: String,
    lines: usize,
    reason: String,
}

/// Reads the list.
pub(crate) fn load(root: &Path) -> Outcome<Exceptions> {
    let text = fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
    toml::from_str(&text).map_err(|error| format!("{LIST}: {error}"))
}

/// Compares the list with the files' real lengths, in both directions.
pub(crate) fn check(exceptions: &Exceptions, lengths: &[(String, usize)]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut listed: BTreeMap<&str, &LongFile> = exceptions.file.iter().map(|file| (file.path.as_str(), file)).collect();
    for (path, lines) in lengths {
        match listed.remove(path.as_str()) {
            None if *lines > FILE_LINES_MAX => {
                problems.push(format!("{path}: {lines} lines, {FILE_LINES_MAX} are allowed; split it by what it does"));
            }
            Some(_) if *lines <= FILE_LINES_MAX => {
                problems.push(format!("{LIST}: {path} has {lines} lines now; take it off the list"));
            }
            Some(file) if *lines > file.lines => {
                problems
                    .push(format!("{path}: grew from {} to {lines} lines; a listed file may only shrink", file.lines));
            }
            Some(file) if *lines < file.lines => {
                problems.push(format!("{LIST}: {path} shrank to {lines} lines; write that number down"));
            }
            _ => {}
        }
    }
    problems.extend(listed.keys().map(|path| format!("{LIST}: {path} does not exist; take it off the list")));
    let unexplained = exceptions.file.iter().filter(|file| file.reason.trim().is_empty());
    problems.extend(unexplained.map(|file| format!("{LIST}: {} has no reason", file.path)));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(list: &str, lines: usize) -> String {
        let exceptions = toml::from_str(list).expect("a test's list");
        check(&exceptions, &[("a.rs".to_owned(), lines)]).join("|")
    }

    #[test]
    fn the_list_only_shrinks() {
        let listed = "[[file]]\npath = 'a.rs'\nlines = 600\nreason = 'a table'";
        assert_eq!(verdict("", 500), "");
        assert!(verdict("", 501).contains("501 lines, 500 are allowed"));
        assert_eq!(verdict(listed, 600), "");
        assert!(verdict(listed, 601).contains("grew from 600 to 601"));
        assert!(verdict(listed, 599).contains("shrank to 599"));
        assert!(verdict(listed, 500).contains("take it off"));
        assert!(verdict("[[file]]\npath = 'gone.rs'\nlines = 600\nreason = 'x'", 1).contains("does not exist"));
        assert!(verdict("[[file]]\npath = 'a.rs'\nlines = 600\nreason = ' '", 600).contains("no reason"));
    }
}

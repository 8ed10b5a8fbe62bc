//! Rules for every text file: nothing of one machine in it.

use std::path::Path;
use std::process::Command;

use crate::Outcome;

/// Folders that hold people's or machines' own files. Written in two halves so that this file keeps its own rule.
const MACHINE_PATHS: &[&str] =
    &[concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];

/// The files that git knows or would take in, relative to the root, in order.
pub(crate) fn tracked(root: &Path) -> Outcome<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    if !output.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut files: Vec<String> = text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// Names absolute paths of a machine.
pub(crate) fn check(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let hits = lines.filter_map(|(index, line)| {
        MACHINE_PATHS.iter().find(|found| line.contains(**found)).map(|found| (index, found))
    });
    hits.map(|(index, found)| format!("{path}:{}: {found}… is a path of one machine", index + 1)).collect()
}

/// Whether a person writes and reads this kind of file, so that its length matters.
pub(crate) fn has_length_limit(path: &str) -> bool {
    let is_generated = path.starts_with("openapi/");
    let kind = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    !is_generated && matches!(kind, "rs" | "py" | "robot" | "resource" | "md")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_path_is_named_with_its_line() {
        let text = format!("fine\nsee {}x/y\n", MACHINE_PATHS[0]);
        assert_eq!(check("a.md", &text), [format!("a.md:2: {}… is a path of one machine", MACHINE_PATHS[0])]);
        assert!(check("a.md", "/var/lib/plugpoint and ../shared/data").is_empty());
    }

    #[test]
    fn generated_files_have_no_length_limit() {
        assert!(has_length_limit("core/a/src/lib.rs"));
        assert!(!has_length_limit("openapi/limits.md"));
        assert!(!has_length_limit("Cargo.lock"));
    }
}

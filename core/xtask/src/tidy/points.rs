//! Extension point files all read alike: the same headings in the same order, then the point, then the trait.

const FOLDER: &str = "core/sdk/src/points/";
const HEADINGS: &[&str] =
    &["Purpose", "Called by", "When and how often", "Order", "Conflict", "On error", "Default", "Example"];

/// Whether the file declares a point.
pub(crate) fn is_point(path: &str) -> bool {
    path.strip_prefix(FOLDER).is_some_and(|name| name.ends_with(".rs") && name != "mod.rs" && !name.contains('/'))
}

/// Checks headings and order of one point file.
pub(crate) fn check(path: &str, text: &str) -> Vec<String> {
    let found = headings(text);
    let mut problems = Vec::new();
    if found != HEADINGS {
        problems.push(format!("{path}: the headings are {found:?}, they must be {HEADINGS:?}"));
    }
    let place = |needle: &str| text.lines().position(|line| line.starts_with(needle));
    let point = place("pub const POINT").or(place("pub static POINT"));
    // A point may share another point's trait; then it has none of its own.
    if point.is_none() || place("pub trait").is_some_and(|line| Some(line) < point) {
        problems.push(format!("{path}: POINT comes first, the trait after it"));
    }
    problems
}

/// The headings of the module's documentation, without what only looks like one inside an example.
fn headings(text: &str) -> Vec<&str> {
    let mut is_example = false;
    let mut found = Vec::new();
    for line in text.lines().map_while(|line| line.strip_prefix("//!")).map(str::trim_start) {
        if line.starts_with("```") {
            is_example = !is_example;
        } else if !is_example && line.starts_with('#') {
            found.push(line.trim_start_matches('#').trim());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(headings: &[&str], items: &str) -> String {
        let docs: String = headings.iter().map(|heading| format!("//! # {heading}\n//! Text.\n")).collect();
        format!("//! A point.\n{docs}{items}")
    }

    #[test]
    fn order_of_headings_and_items_is_fixed() {
        let items = "pub const POINT: Point = X;\npub trait A {}\n";
        assert!(check("p.rs", &document(HEADINGS, items)).is_empty());
        assert!(
            check(
                "p.rs",
                &document(HEADINGS, "//! ```\n//! #[derive(Default)]\n//! ```\npub const POINT: Point = X;\n")
            )
            .is_empty()
        );
        assert_eq!(check("p.rs", &document(&HEADINGS[1..], items)).len(), 1);
        assert_eq!(check("p.rs", &document(HEADINGS, "pub trait A {}\npub const POINT: Point = X;\n")).len(), 1);
    }

    #[test]
    fn only_files_of_the_points_folder_are_points() {
        assert!(is_point("core/sdk/src/points/item_rule.rs"));
        assert!(!is_point("core/sdk/src/points/mod.rs"));
        assert!(!is_point("core/sdk/src/model/mod.rs"));
    }
}

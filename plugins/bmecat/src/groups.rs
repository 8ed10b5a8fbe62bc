//! The trees of a document, the sender's own (CATALOG_GROUP_SYSTEM) and those it classifies by (CLASSIFICATION_SYSTEM), and
//! the names from the root to a group.
//!
//! Trees come before the products and are the only thing of a document that is held to its end, hence the bounds.

use std::collections::HashMap;

use plugpoint_sdk::model::Category;
use plugpoint_sdk::xml::Element;

use crate::spelling::text;

/// The system of the sender's own tree.
pub(crate) const SUPPLIER: &str = "supplier";
/// Groups that are known by name, over all trees of one document; links to others keep only their code.
pub(crate) const GROUPS_MAX: usize = 200_000;
/// Bytes of their ids and names.
const GROUPS_BYTES_MAX: usize = 48 << 20;
/// Characters of a code within a system.
pub(crate) const CODE_CHARS_MAX: usize = 128;
const NAME_CHARS_MAX: usize = 256;
const PATH_MAX: usize = 32;

/// All trees of one document, by system.
#[derive(Default)]
pub(crate) struct Groups {
    systems: HashMap<String, HashMap<Box<str>, Group>>,
    count: usize,
    bytes: usize,
}

struct Group {
    name: Box<str>,
    parent: Option<Box<str>>,
}

/// Adds the group that an element of a tree is, by the names of its id, its name and its parent. False as for [`Groups::add`].
pub(crate) fn add(
    groups: &mut Groups,
    system: &str,
    group: &Element,
    [id, name, parent]: &[&str; 3],
    language: &str,
) -> bool {
    let Some(id) = group.child_text(id) else { return true };
    let in_language = |element: &&Element| {
        let sent = element.attribute("lang").and_then(plugpoint_sdk::reading::language_tag);
        sent.is_none_or(|sent| sent == language)
    };
    let own = group.children_named(name).filter(in_language).find_map(text);
    let name = own.or_else(|| group.child_text(name)).unwrap_or(id);
    groups.add(system, id, name, group.child_text(parent))
}

impl Groups {
    /// Adds a group. False if there are too many, or if its id is no code.
    pub(crate) fn add(&mut self, system: &str, id: &str, name: &str, parent: Option<&str>) -> bool {
        let parent = parent.filter(|parent| *parent != "0" && *parent != id && parent.len() <= CODE_CHARS_MAX);
        let name: Box<str> = name.chars().take(NAME_CHARS_MAX).collect();
        let bytes = id.len() + name.len() + parent.map_or(0, str::len);
        if self.count >= GROUPS_MAX || self.bytes + bytes > GROUPS_BYTES_MAX || id.chars().count() > CODE_CHARS_MAX {
            return false;
        }
        self.count += 1;
        self.bytes += bytes;
        let tree = self.systems.entry(system.to_owned()).or_default();
        tree.insert(id.into(), Group { name, parent: parent.map(Into::into) });
        true
    }

    /// Whether the document has a tree of this system.
    pub(crate) fn has(&self, system: &str) -> bool {
        self.systems.contains_key(system)
    }

    /// The place in a system, with the names from the root as far as they are known, and whether the group is known.
    pub(crate) fn category(&self, system: &str, code: &str) -> (Category, bool) {
        let tree = self.systems.get(system);
        let mut path = Vec::new();
        let mut next = Some(code);
        // A group that is its own ancestor ends at the bound like a very deep one.
        while let Some(group) = next.and_then(|id| tree?.get(id)).filter(|_| path.len() < PATH_MAX) {
            path.push(group.name.to_string());
            next = group.parent.as_deref();
        }
        path.reverse();
        let is_known = !path.is_empty();
        (Category { system: system.to_owned(), code: code.to_owned(), path }, is_known)
    }
}

#[cfg(test)]
mod tests {
    use super::{Groups, PATH_MAX, SUPPLIER};

    #[test]
    fn paths_run_from_the_root_whatever_the_order() {
        let mut groups = Groups::default();
        assert!(groups.add(SUPPLIER, "12", "Dimmers", Some("1")));
        assert!(groups.add(SUPPLIER, "1", "Switches", Some("0")));
        let (category, is_known) = groups.category(SUPPLIER, "12");
        assert_eq!((category.path, is_known), (vec!["Switches".to_owned(), "Dimmers".to_owned()], true));
        let (category, is_known) = groups.category(SUPPLIER, "99");
        assert_eq!((category.code.as_str(), category.path.len(), is_known), ("99", 0, false));
        assert!(groups.has(SUPPLIER) && !groups.has("etim"));
    }

    #[test]
    fn a_circle_ends() {
        let mut groups = Groups::default();
        groups.add(SUPPLIER, "1", "A", Some("2"));
        groups.add(SUPPLIER, "2", "B", Some("1"));
        assert_eq!(groups.category(SUPPLIER, "1").0.path.len(), PATH_MAX);
        groups.add(SUPPLIER, "3", "C", Some("3"));
        assert_eq!(groups.category(SUPPLIER, "3").0.path, ["C"]);
    }

    #[test]
    fn ids_that_are_no_codes_are_refused() {
        assert!(!Groups::default().add(SUPPLIER, &"9".repeat(129), "A", None));
    }
}

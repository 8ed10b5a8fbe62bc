//! Names and discounts that a document defines before its articles: product groups (S) and discount groups (R).
//!
//! Usually they come in files of their own (`DATANORM.WRG`, `DATANORM.RAB`), which then name nothing. Bounded in bytes.

use std::collections::HashMap;

/// Bytes that the tables of one document may hold, their own overhead included; what is beyond is known by its code only.
pub(crate) const TABLES_BYTES_MAX: usize = 8 << 20;
/// What an entry costs beside its texts.
const ENTRY_BYTES: usize = 128;

/// What a discount group stands for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DiscountGroup {
    pub(crate) label: String,
    /// How the value is to be read: 1 percent, 2 factor.
    pub(crate) kind: String,
    pub(crate) value: String,
}

/// The tables.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// By main group and group; the group is empty for the main group itself, the main group where an article does not know it.
    groups: HashMap<(Box<str>, Box<str>), Box<str>>,
    discounts: HashMap<Box<str>, DiscountGroup>,
    bytes: usize,
}

impl Tables {
    fn has_room(&mut self, bytes: usize) -> bool {
        let bytes = self.bytes + bytes + ENTRY_BYTES;
        let has_room = bytes <= TABLES_BYTES_MAX;
        if has_room {
            self.bytes = bytes;
        }
        has_room
    }

    /// The name of a main group, or of a group within one. False if there is no room.
    pub(crate) fn add_group(&mut self, main: &str, group: &str, label: &str) -> bool {
        if !self.has_room(2 * (main.len() + group.len() + label.len())) {
            return false;
        }
        self.groups.insert((main.into(), group.into()), label.into());
        if !group.is_empty() {
            self.groups.insert(("".into(), group.into()), label.into());
        }
        true
    }

    /// The names down to a group, as far as they are known.
    pub(crate) fn path(&self, main: &str, group: &str) -> Vec<String> {
        let name = |main: &str, group: &str| self.groups.get(&(main.into(), group.into())).map(ToString::to_string);
        let above = Some(main).filter(|main| !main.is_empty()).and_then(|main| name(main, ""));
        let own = if group.is_empty() { None } else { name(main, group).or_else(|| name("", group)) };
        match (above, own) {
            (Some(above), _) if group.is_empty() => vec![above],
            (above, Some(own)) => above.into_iter().chain([own]).collect(),
            _ => Vec::new(),
        }
    }

    /// A discount group. False if there is no room.
    pub(crate) fn add_discount(&mut self, code: &str, group: DiscountGroup) -> bool {
        let has_room = self.has_room(code.len() + group.label.len() + group.kind.len() + group.value.len());
        if has_room {
            self.discounts.insert(code.into(), group);
        }
        has_room
    }

    /// The discount group of a code.
    pub(crate) fn discount(&self, code: &str) -> Option<&DiscountGroup> {
        self.discounts.get(code)
    }

    /// Whether there is anything.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.discounts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_names_that_are_known() {
        let mut tables = Tables::default();
        tables.add_group("01", "", "Kabel");
        tables.add_group("01", "12", "Leitungen");
        tables.add_group("02", "12", "Rohre");
        assert_eq!(tables.path("01", ""), ["Kabel"]);
        assert_eq!(tables.path("01", "12"), ["Kabel", "Leitungen"]);
        assert_eq!(tables.path("", "12"), ["Rohre"], "of the last main group that has it");
        assert_eq!(tables.path("03", "12"), ["Rohre"]);
        assert!(tables.path("01", "99").is_empty() && tables.path("", "").is_empty());
    }

    #[test]
    fn the_bound_holds_from_both_sides() {
        let mut tables = Tables::default();
        let group = |length: usize| DiscountGroup { label: "x".repeat(length), ..DiscountGroup::default() };
        assert!(tables.add_discount("", group(TABLES_BYTES_MAX - ENTRY_BYTES)));
        assert!(!tables.add_discount("", group(0)));
        assert!(!tables.add_group("", "", ""));
    }
}

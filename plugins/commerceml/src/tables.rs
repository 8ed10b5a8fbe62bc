//! What a document defines before its goods and offers: groups, properties with their dictionaries, price types, units.
//!
//! Filled by [`classifier`](crate::classifier), asked by the readers of records. It is the only thing of a document that is held
//! to its end, so all of it together has one bound in bytes.

use std::collections::HashMap;

/// Bytes that all tables of one document may hold, their own overhead included; what is beyond is known by its id only.
pub(crate) const TABLES_BYTES_MAX: usize = 32 << 20;
/// What an entry costs beside its texts.
const ENTRY_BYTES: usize = 128;
/// The longest path from the root to a group; the model takes no more.
const PATH_MAX: usize = 32;
/// Characters of a name that are kept; the model takes no more.
const NAME_CHARS_MAX: usize = 1024;

/// A group, by its place in the list.
pub(crate) type GroupIndex = usize;

/// All tables of a document.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    groups: Vec<Group>,
    group_ids: HashMap<Box<str>, GroupIndex>,
    properties: Vec<Property>,
    property_ids: HashMap<Box<str>, usize>,
    price_types: HashMap<Box<str>, PriceType>,
    units: HashMap<Box<str>, Box<str>>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Group {
    name: Box<str>,
    parent: Option<GroupIndex>,
}

/// A property of goods.
#[derive(Debug, Default)]
pub(crate) struct Property {
    /// What people call it.
    pub(crate) name: Box<str>,
    /// Its values are those of its dictionary.
    pub(crate) has_dictionary: bool,
    values: HashMap<Box<str>, Box<str>>,
}

/// A kind of price.
#[derive(Debug, Default)]
pub(crate) struct PriceType {
    /// What people call it.
    pub(crate) name: Box<str>,
    /// The currency of its prices that name none.
    pub(crate) currency: Option<Box<str>>,
    /// Whether its prices contain the tax.
    pub(crate) tax_included: Option<bool>,
}

/// There is no room for one more entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Tables {
    /// Room for an entry of so many bytes.
    fn spend(&mut self, bytes: usize) -> Result<(), Full> {
        let bytes = self.bytes + bytes + ENTRY_BYTES;
        if bytes > TABLES_BYTES_MAX {
            return Err(Full);
        }
        self.bytes = bytes;
        Ok(())
    }

    /// Whether the document has a tree of groups at all.
    pub(crate) fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// A group below another; its id and name come later.
    pub(crate) fn open_group(&mut self, parent: Option<GroupIndex>) -> Result<GroupIndex, Full> {
        self.spend(0)?;
        self.groups.push(Group { name: "".into(), parent });
        Ok(self.groups.len() - 1)
    }

    /// The id of a group.
    pub(crate) fn identify_group(&mut self, group: GroupIndex, id: &str) -> Result<(), Full> {
        self.spend(id.len())?;
        self.group_ids.insert(id.into(), group);
        Ok(())
    }

    /// The name of a group.
    pub(crate) fn name_group(&mut self, group: GroupIndex, name: &str) -> Result<(), Full> {
        let name = cut(name);
        self.spend(name.len())?;
        if let Some(group) = self.groups.get_mut(group) {
            group.name = name.into();
        }
        Ok(())
    }

    /// The names from the root to a group, or nothing if the document does not have it.
    pub(crate) fn path(&self, id: &str) -> Option<Vec<String>> {
        let mut path = Vec::new();
        let mut at = Some(*self.group_ids.get(id)?);
        while let Some(group) = at.and_then(|index| self.groups.get(index)) {
            if !group.name.is_empty() && path.len() < PATH_MAX {
                path.push(group.name.to_string());
            }
            at = group.parent;
        }
        path.reverse();
        Some(path)
    }

    /// A property; what it is comes later.
    pub(crate) fn open_property(&mut self) -> Result<usize, Full> {
        self.spend(0)?;
        self.properties.push(Property::default());
        Ok(self.properties.len() - 1)
    }

    /// The id of a property.
    pub(crate) fn identify_property(&mut self, property: usize, id: &str) -> Result<(), Full> {
        self.spend(id.len())?;
        self.property_ids.insert(id.into(), property);
        Ok(())
    }

    /// The name of a property.
    pub(crate) fn name_property(&mut self, property: usize, name: &str) -> Result<(), Full> {
        let name = cut(name);
        self.spend(name.len())?;
        if let Some(property) = self.properties.get_mut(property) {
            property.name = name.into();
        }
        Ok(())
    }

    /// The values of a property are those of its dictionary.
    pub(crate) fn mark_dictionary(&mut self, property: usize) {
        if let Some(property) = self.properties.get_mut(property) {
            property.has_dictionary = true;
        }
    }

    /// A value of a property's dictionary.
    pub(crate) fn add_value(&mut self, property: usize, id: &str, value: &str) -> Result<(), Full> {
        self.spend(id.len() + value.len())?;
        if let Some(property) = self.properties.get_mut(property) {
            property.values.insert(id.into(), value.into());
        }
        Ok(())
    }

    /// The property of an id.
    pub(crate) fn property(&self, id: &str) -> Option<&Property> {
        self.properties.get(*self.property_ids.get(id)?)
    }

    /// A kind of price.
    pub(crate) fn add_price_type(&mut self, id: &str, price_type: PriceType) -> Result<(), Full> {
        self.spend(id.len() + price_type.name.len())?;
        self.price_types.insert(id.into(), price_type);
        Ok(())
    }

    /// The kind of price of an id.
    pub(crate) fn price_type(&self, id: &str) -> Option<&PriceType> {
        self.price_types.get(id)
    }

    /// A unit by its code.
    pub(crate) fn add_unit(&mut self, code: &str, word: &str) -> Result<(), Full> {
        self.spend(code.len() + word.len())?;
        self.units.insert(code.into(), word.into());
        Ok(())
    }

    /// The unit of a code.
    pub(crate) fn unit(&self, code: &str) -> Option<&str> {
        self.units.get(code).map(AsRef::as_ref)
    }
}

impl Property {
    /// What a value's id stands for.
    pub(crate) fn value(&self, id: &str) -> Option<&str> {
        self.values.get(id).map(AsRef::as_ref)
    }
}

/// As much of a name as the model takes.
pub(crate) fn cut(name: &str) -> &str {
    name.char_indices().nth(NAME_CHARS_MAX).map_or(name, |(end, _)| &name[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_from_the_root() {
        let mut tables = Tables::default();
        let root = tables.open_group(None).unwrap();
        let leaf = tables.open_group(Some(root)).unwrap();
        tables.identify_group(leaf, "L").unwrap();
        tables.name_group(leaf, "Leaf").unwrap();
        assert_eq!(tables.path("L"), Some(vec!["Leaf".to_owned()]), "the root has no name yet");
        tables.name_group(root, "Root").unwrap();
        assert_eq!(tables.path("L"), Some(vec!["Root".to_owned(), "Leaf".to_owned()]));
        assert_eq!(tables.path("R"), None);
    }

    #[test]
    fn the_bound_holds_from_both_sides() {
        let mut tables = Tables::default();
        let property = tables.open_property().unwrap();
        let value = "x".repeat((1 << 20) - ENTRY_BYTES - 2);
        let fits = (TABLES_BYTES_MAX - ENTRY_BYTES) / (1 << 20);
        for number in 0..fits {
            assert_eq!(tables.add_value(property, &format!("{number:02}"), &value), Ok(()));
        }
        assert_eq!(tables.add_value(property, "99", &value), Err(Full));
        assert_eq!(tables.add_value(property, "99", "y"), Ok(()), "what is small still fits");
    }
}

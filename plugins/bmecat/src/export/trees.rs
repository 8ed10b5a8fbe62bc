//! The trees of an export: the places of all items, as groups that have their parents.
//!
//! A category names its ancestors and not their ids. So an ancestor that is a place of its own keeps its code, and any other gets
//! an id that nobody uses. Held from the first to the last product, hence the bounds; a place beyond them keeps its code alone.

use std::collections::{BTreeMap, HashMap, HashSet};

use plugpoint_sdk::model::Category;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{XmlOptions, escaped};

use crate::groups::{self, Groups, SUPPLIER};
use plugpoint_sdk::reading::{language_code, language_tag};

/// Groups of all trees together; the reader takes twice as many.
const GROUPS_MAX: usize = 100_000;
/// Bytes of their names and codes.
const GROUPS_BYTES_MAX: usize = 16 << 20;

/// All trees of one document, by system.
#[derive(Default)]
pub(super) struct Trees {
    systems: BTreeMap<String, Tree>,
    has_supplier_groups: bool,
    count: usize,
    bytes: usize,
}

#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    /// By parent and name.
    places: HashMap<(Option<usize>, String), usize>,
    codes: HashSet<String>,
}

struct Node {
    code: Option<String>,
    name: String,
    parent: Option<usize>,
    has_children: bool,
}

impl Trees {
    /// Whether any item has a place in the supplier's tree.
    pub(super) fn has_supplier_groups(&self) -> bool {
        self.has_supplier_groups
    }

    /// Takes down a place. Of two paths of one code the first counts.
    pub(super) fn add(&mut self, profile: &Profile, category: &Category) {
        let is_supplier = category.system == profile.bmecat.group_system;
        self.has_supplier_groups |= is_supplier;
        let system = if is_supplier { SUPPLIER } else { category.system.as_str() };
        // A name alone goes with the product.
        let is_plain = category.path.is_empty() || (!is_supplier && category.path.len() == 1);
        let is_known = || self.systems.get(system).is_some_and(|tree| tree.codes.contains(&category.code));
        if is_plain || is_known() {
            return;
        }
        let bytes = category.code.len() + category.path.iter().map(String::len).sum::<usize>();
        if self.count + category.path.len() > GROUPS_MAX || self.bytes + bytes > GROUPS_BYTES_MAX {
            return;
        }
        self.bytes += bytes;
        let tree = self.systems.entry(system.to_owned()).or_default();
        let before = tree.nodes.len();
        tree.add(&category.code, &category.path);
        self.count += tree.nodes.len() - before;
    }

    /// Writes the trees: classification systems, then the supplier's own. Gives them as a reader of the document has them.
    pub(super) fn write<E>(
        &self,
        options: XmlOptions<'_>,
        own_language: &str,
        out: &mut dyn FnMut(&str) -> Result<(), E>,
    ) -> Result<Groups, E> {
        let mut groups = Groups::default();
        let language = language_tag(&language_code(own_language)).unwrap_or_default();
        for (system, tree) in self.systems.iter().filter(|(system, _)| *system != SUPPLIER) {
            let head = format!(
                "<CLASSIFICATION_SYSTEM>\n<CLASSIFICATION_SYSTEM_NAME>{}</CLASSIFICATION_SYSTEM_NAME>\n<CLASSIFICATION_GROUPS>\n",
                escaped(system)
            );
            out(&head)?;
            // The reader's name of it: a system whose name changes on the way has its tree under another.
            let read_as = plugpoint_sdk::reading::system_name(&escaped_only(system));
            tree.write(&CLASSIFICATION, &mut |text| {
                for element in super::elements(text, options).into_iter().flatten() {
                    groups::add(&mut groups, &read_as, &element, &CLASSIFICATION.names(), &language);
                }
                out(text)
            })?;
            out("</CLASSIFICATION_GROUPS>\n</CLASSIFICATION_SYSTEM>\n")?;
        }
        if let Some(tree) = self.systems.get(SUPPLIER) {
            out("<CATALOG_GROUP_SYSTEM>\n<GROUP_SYSTEM_ID>1</GROUP_SYSTEM_ID>\n")?;
            tree.write(&STRUCTURE, &mut |text| {
                for element in super::elements(text, options).into_iter().flatten() {
                    groups::add(&mut groups, SUPPLIER, &element, &STRUCTURE.names(), &language);
                }
                out(text)
            })?;
            out("</CATALOG_GROUP_SYSTEM>\n")?;
        }
        Ok(groups)
    }
}

/// Text as a reader gets it back, without the characters that XML cannot write.
fn escaped_only(text: &str) -> String {
    text.chars().map(|it| if plugpoint_sdk::xml::is_writable(it) { it } else { '\u{fffd}' }).collect()
}

/// How a kind of tree spells its groups.
struct Spelling {
    group: &'static str,
    id: &'static str,
    name: &'static str,
    parent: &'static str,
    /// What the parent of a group without one is.
    no_parent: Option<&'static str>,
    /// The type of a group without a parent, of one with children, of one without.
    types: [&'static str; 3],
}

const STRUCTURE: Spelling = Spelling {
    group: "CATALOG_STRUCTURE",
    id: "GROUP_ID",
    name: "GROUP_NAME",
    parent: "PARENT_ID",
    no_parent: Some("0"),
    types: ["root", "node", "leaf"],
};

const CLASSIFICATION: Spelling = Spelling {
    group: "CLASSIFICATION_GROUP",
    id: "CLASSIFICATION_GROUP_ID",
    name: "CLASSIFICATION_GROUP_NAME",
    parent: "CLASSIFICATION_GROUP_PARENT_ID",
    no_parent: None,
    types: ["node", "node", "leaf"],
};

impl Spelling {
    fn names(&self) -> [&'static str; 3] {
        [self.id, self.name, self.parent]
    }
}

impl Tree {
    fn add(&mut self, code: &str, path: &[String]) {
        self.codes.insert(code.to_owned());
        let Some((own, ancestors)) = path.split_last() else { return };
        let mut parent = None;
        for name in ancestors {
            let place = self.place(parent, name);
            self.nodes[place].has_children = true;
            parent = Some(place);
        }
        let place = self.place(parent, own);
        if self.nodes[place].code.is_none() {
            self.nodes[place].code = Some(code.to_owned());
            return;
        }
        // Two codes of one path: groups of one name beside each other.
        let name = own.clone();
        self.nodes.push(Node { code: Some(code.to_owned()), name, parent, has_children: false });
    }

    fn place(&mut self, parent: Option<usize>, name: &str) -> usize {
        let next = self.nodes.len();
        let place = *self.places.entry((parent, name.to_owned())).or_insert(next);
        if place == next {
            self.nodes.push(Node { code: None, name: name.to_owned(), parent, has_children: false });
        }
        place
    }

    /// Parents come before their children: a node is made after its parent.
    fn write<E>(&self, spelling: &Spelling, out: &mut dyn FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let mut made = 0;
        let mut ids: Vec<String> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let id = node.code.clone().unwrap_or_else(|| self.free_id(&mut made));
            let parent = node.parent.map(|parent| ids[parent].clone());
            out(&node.text(spelling, &id, parent.as_deref()))?;
            ids.push(id);
        }
        Ok(())
    }

    /// An id that is no code of an item.
    fn free_id(&self, made: &mut usize) -> String {
        loop {
            *made += 1;
            let id = format!("g{made}");
            if !self.codes.contains(&id) {
                return id;
            }
        }
    }
}

impl Node {
    fn text(&self, spelling: &Spelling, id: &str, parent: Option<&str>) -> String {
        let Spelling { group, id: id_name, name, parent: parent_name, no_parent, types } = spelling;
        let kind = match (parent, self.has_children) {
            (None, _) => types[0],
            (_, true) => types[1],
            (_, false) => types[2],
        };
        let parent = parent.or(*no_parent);
        let parent = parent.map(|parent| format!("<{parent_name}>{}</{parent_name}>", escaped(parent)));
        format!(
            "<{group} type=\"{kind}\"><{id_name}>{}</{id_name}><{name}>{}</{name}>{}</{group}>\n",
            escaped(id),
            escaped(&self.name),
            parent.unwrap_or_default()
        )
    }
}

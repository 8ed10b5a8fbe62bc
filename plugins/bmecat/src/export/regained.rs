//! Attributes of the systems `bmecat` and `udx` back into the elements that the reader kept them from.
//!
//! Only elements that the standard knows at a place are written there: an attribute that anybody may have named must not become a
//! price or a number of the product. What has no place is not written.

use std::collections::BTreeMap;

use plugpoint_sdk::model::Attribute;
use plugpoint_sdk::xml::escaped;

use crate::assumed;
use crate::kept::{BMECAT, UDX};

/// Elements within each other.
const DEPTH_MAX: usize = 32;

/// Where an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// PRODUCT_DETAILS.
    Details,
    /// PRODUCT_ORDER_DETAILS.
    Order,
    /// PRODUCT_PRICE_DETAILS.
    Prices,
    /// USER_DEFINED_EXTENSIONS.
    Extensions,
    /// The product itself.
    Product,
    /// PRODUCT_LOGISTIC_DETAILS.
    Logistics,
}

/// The elements of the standard that the reader keeps, with their places.
const PLACES: &[(Place, &[&str])] = &[
    (
        Place::Details,
        &[
            "MANUFACTURER_IDREF",
            "MANUFACTURER_TYPE_DESCR",
            "ERP_GROUP_BUYER",
            "ERP_GROUP_SUPPLIER",
            "DELIVERY_TIME",
            "SPECIAL_TREATMENT_CLASS",
            "REMARKS",
            "SEGMENT",
            "PRODUCT_ORDER",
            "PRODUCT_STATUS",
            "PRODUCT_TYPE",
            "PRODUCT_CATEGORY",
            "AGREEMENT_REF",
        ],
    ),
    (
        Place::Order,
        &[
            "ORDER_UNIT",
            "CONTENT_UNIT",
            "NO_CU_PER_OU",
            "SUPPLIER_PIDREF",
            "PRICE_QUANTITY",
            "QUANTITY_MIN",
            "QUANTITY_INTERVAL",
            "QUANTITY_MAX",
            "PACKING_UNITS",
        ],
    ),
    (Place::Prices, &["DAILY_PRICE"]),
    (Place::Product, &["PRODUCT_REFERENCE", "PRODUCT_CONTACTS", "PRODUCT_IPP_DETAILS", "PRODUCT_CONFIG_DETAILS"]),
    (
        Place::Logistics,
        &[
            "CUSTOMS_TARIFF_NUMBER",
            "CUSTOMS_NUMBER",
            "STATISTICS_FACTOR",
            "COUNTRY_OF_ORIGIN",
            "PRODUCT_DIMENSIONS",
            "DELIVERY_TIMES",
            "TRANSPORT",
            "MEANS_OF_TRANSPORT",
        ],
    ),
];

/// The elements of one item, by their places.
pub(super) struct Regained<'i> {
    places: BTreeMap<Place, Vec<Node<'i>>>,
}

/// An element on its way back.
struct Node<'i> {
    name: &'i str,
    attributes: Vec<(&'i str, &'i str)>,
    text: Option<&'i str>,
    children: Vec<Node<'i>>,
}

impl<'i> Regained<'i> {
    /// Of an item's attributes.
    pub(super) fn new(attributes: &'i [Attribute]) -> Self {
        let mut regained = Self { places: BTreeMap::new() };
        for attribute in attributes {
            // What else an attribute says has no place in an element.
            let path = attribute.name.as_str();
            match attribute.system.as_deref() {
                Some(BMECAT) => regained.standard(path, &attribute.values),
                Some(UDX) => regained.extension(path, &attribute.values),
                _ => {}
            }
        }
        regained
    }

    fn standard(&mut self, path: &'i str, values: &'i [String]) {
        let (path, leaf) = split(path);
        let steps: Vec<&str> = path.split('.').collect();
        let known = PLACES.iter().find(|(_, names)| names.contains(&steps[0]));
        let Some((place, _)) = known.filter(|_| steps.len() <= DEPTH_MAX && steps.iter().all(|step| is_name(step)))
        else {
            return;
        };
        let nodes = self.places.entry(*place).or_default();
        put(nodes, &steps, leaf, values);
    }

    /// Dots belong to the names of extensions; which of them were elements within each other is not known any more.
    fn extension(&mut self, path: &'i str, values: &'i [String]) {
        let (name, leaf) = split(path);
        if is_name(&name.replace('.', "_")) && format!("UDX.{name}") != assumed::ELEMENT {
            put(self.places.entry(Place::Extensions).or_default(), &[name], leaf, values);
        }
    }

    /// Whether there is anything at a place.
    pub(super) fn has(&self, place: Place) -> bool {
        self.places.get(&place).is_some_and(|nodes| !nodes.is_empty())
    }

    /// The text of an element of the order details.
    pub(super) fn value(&self, name: &str) -> Option<&'i str> {
        self.places.get(&Place::Order)?.iter().find(|node| node.name == name)?.text
    }

    /// Whether there is such an element in the order details.
    pub(super) fn names(&self, name: &str) -> bool {
        self.places.get(&Place::Order).is_some_and(|nodes| nodes.iter().any(|node| node.name == name))
    }

    /// Whether one of the states says that the product has gone.
    pub(super) fn says_discontinued(&self) -> bool {
        let is_old = |(name, value): &(&str, &str)| *name == "type" && matches!(*value, "old_article" | "old_product");
        let nodes = self.places.get(&Place::Details).into_iter().flatten();
        nodes.filter(|node| node.name == "PRODUCT_STATUS").any(|node| node.attributes.iter().any(is_old))
    }

    /// Writes the elements of a place.
    pub(super) fn write(&self, place: Place, text: &mut String) {
        let prefix = if place == Place::Extensions { "UDX." } else { "" };
        for node in self.places.get(&place).into_iter().flatten() {
            node.write(prefix, text);
            text.push('\n');
        }
    }
}

/// A path and the XML attribute at its end.
fn split(path: &str) -> (&str, Option<&str>) {
    path.split_once('@').map_or((path, None), |(path, attribute)| (path, Some(attribute)))
}

/// Whether it can be the name of an element; what begins with `xml` is XML's own.
fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'))
        && !name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("xml"))
}

/// Puts the values of one leaf into the tree: into its last elements where they have room, else into new ones.
fn put<'i>(nodes: &mut Vec<Node<'i>>, steps: &[&'i str], leaf: Option<&'i str>, values: &'i [String]) {
    if leaf.is_some_and(|leaf| !is_name(leaf)) {
        return;
    }
    if values.is_empty() && leaf.is_none() {
        put_one(nodes, steps, None, None);
    }
    values.iter().for_each(|value| put_one(nodes, steps, leaf, Some(value)));
}

fn put_one<'i>(nodes: &mut Vec<Node<'i>>, steps: &[&'i str], leaf: Option<&'i str>, value: Option<&'i str>) {
    let Some((&name, below)) = steps.split_first() else { return };
    let has_room = |node: &Node<'i>| match (below.is_empty(), leaf) {
        _ if node.name != name => false,
        (false, _) => true,
        (true, Some(leaf)) => {
            node.text.is_none() && node.children.is_empty() && node.attributes.iter().all(|(known, _)| *known != leaf)
        }
        (true, None) => node.text.is_none() && node.children.is_empty() && !node.attributes.is_empty(),
    };
    if !nodes.last().is_some_and(has_room) {
        nodes.push(Node { name, attributes: Vec::new(), text: None, children: Vec::new() });
    }
    let Some(node) = nodes.last_mut() else { return };
    match (below.is_empty(), leaf, value) {
        (false, ..) => put_one(&mut node.children, below, leaf, value),
        (true, Some(leaf), Some(value)) => node.attributes.push((leaf, value)),
        (true, _, value) => node.text = value,
    }
}

impl Node<'_> {
    fn write(&self, prefix: &str, text: &mut String) {
        text.extend(["<", prefix, self.name]);
        for (name, value) in &self.attributes {
            // XML turns line breaks and tabs of an attribute into blanks.
            let value = escaped(value).replace('\n', "&#xA;").replace('\t', "&#x9;");
            text.extend([" ", name, "=\"", &value, "\""]);
        }
        text.push('>');
        text.push_str(&self.text.map(escaped).unwrap_or_default());
        self.children.iter().for_each(|child| child.write("", text));
        text.extend(["</", prefix, self.name, ">"]);
    }
}

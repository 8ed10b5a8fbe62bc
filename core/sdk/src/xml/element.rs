//! A whole element as a tree, for records that are easier to read at once than event by event.
//!
//! Made by [`XmlReader::element`](super::XmlReader::element), used by format plugins and customers. Its size is bounded: the
//! overhead of the tree counts like the text in it, so that many tiny elements cost no more memory than one big text.

use std::sync::Arc;

use super::tag::StartTag;
use crate::model::Position;

/// An element with its attributes, its own text and its children.
#[derive(Debug, Clone, Default)]
pub struct Element {
    name: Box<str>,
    namespace: Option<Arc<str>>,
    pub(super) attributes: Vec<ElementAttribute>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
    position: Position,
}

/// An attribute of an [`Element`].
#[derive(Debug, Clone)]
pub struct ElementAttribute {
    name: Box<str>,
    namespace: Option<Arc<str>>,
    value: Box<str>,
}

impl Element {
    /// The element alone: name, attributes and place, without text and children.
    pub(super) fn head(&self) -> Self {
        let Self { name, namespace, attributes, position, .. } = self;
        let (name, namespace, attributes) = (name.clone(), namespace.clone(), attributes.clone());
        Self { name, namespace, attributes, position: *position, ..Self::default() }
    }

    /// What the element alone takes of memory, at most.
    pub(super) fn head_bytes(&self) -> usize {
        let attribute = |it: &ElementAttribute| 2 * size_of::<ElementAttribute>() + it.name.len() + it.value.len();
        // A vector may hold twice of what it needs.
        2 * size_of::<Self>() + self.name.len() + self.attributes.iter().map(attribute).sum::<usize>()
    }

    /// The local name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace, empty if there is none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    /// Where the element starts.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The value of an attribute by its local name; one without a namespace goes before one with.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&str> {
        let mut named = self.attributes.iter().filter(|attribute| &*attribute.name == local);
        let first = named.next()?;
        let plain =
            if first.namespace.is_none() { None } else { named.find(|attribute| attribute.namespace.is_none()) };
        Some(&plain.unwrap_or(first).value)
    }

    /// The value of the attribute of this namespace (`""` for none) and local name.
    #[must_use]
    pub fn attribute_ns(&self, namespace: &str, local: &str) -> Option<&str> {
        let is_it = |attribute: &&ElementAttribute| &*attribute.name == local && attribute.namespace() == namespace;
        self.attributes.iter().find(is_it).map(ElementAttribute::value)
    }

    /// All attributes in the order of the document.
    #[must_use]
    pub fn attributes(&self) -> &[ElementAttribute] {
        &self.attributes
    }

    /// All children in the order of the document.
    #[must_use]
    pub fn children(&self) -> &[Element] {
        &self.children
    }

    /// The children alone.
    #[must_use]
    pub fn into_children(self) -> Vec<Element> {
        self.children
    }

    /// The children of a local name.
    pub fn children_named<'e>(&'e self, local: &str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| &*child.name == local)
    }

    /// The first child of a local name.
    #[must_use]
    pub fn child(&self, local: &str) -> Option<&Element> {
        self.children_named(local).next()
    }

    /// The element's own text, all runs of it in one, blanks included.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of the first child of a local name, without blanks at its ends; `None` if nothing is left.
    #[must_use]
    pub fn child_text(&self, local: &str) -> Option<&str> {
        self.child(local).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
}

impl ElementAttribute {
    /// The local name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The namespace, empty if there is none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or_default()
    }

    /// The value, references resolved.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Builds a tree from events until its budget is spent; from then on it keeps nothing.
pub(super) struct TreeBuilder {
    open: Vec<Element>,
    done: Option<Element>,
    budget: usize,
    spent: bool,
}

impl TreeBuilder {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { open: Vec::new(), done: None, budget: bytes_max, spent: false }
    }

    pub(super) fn start(&mut self, tag: StartTag<'_>, position: Position) {
        // A vector may hold twice of what it needs.
        self.spend(2 * size_of::<Element>() + tag.local().len());
        for attribute in tag.attributes() {
            self.spend(2 * size_of::<ElementAttribute>() + attribute.local().len() + attribute.value().len());
        }
        if self.spent {
            return;
        }
        let attributes = tag.attributes().map(|attribute| ElementAttribute {
            name: attribute.local().into(),
            namespace: attribute.shared_namespace().cloned(),
            value: attribute.value().into(),
        });
        let namespace = tag.shared_namespace().cloned();
        let attributes = attributes.collect();
        self.open.push(Element { name: tag.local().into(), namespace, attributes, position, ..Element::default() });
    }

    pub(super) fn text(&mut self, text: &str) {
        self.spend(text.len());
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    pub(super) fn end(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.done = Some(element),
        }
    }

    fn spend(&mut self, bytes: usize) {
        match self.budget.checked_sub(bytes) {
            Some(left) => self.budget = left,
            None => {
                self.spent = true;
                self.open = Vec::new();
            }
        }
    }

    /// The tree, or nothing if it was too large.
    pub(super) fn finish(self) -> Option<Element> {
        self.done.filter(|_| !self.spent)
    }
}

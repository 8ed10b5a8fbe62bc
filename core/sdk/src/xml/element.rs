//! A whole element as a tree, for records that are easier to read at once than event by event.
//!
//! Made by [`XmlReader::element`](super::XmlReader::element), used by format plugins and customers. Its size is bounded: the
//! overhead of the tree counts like the text in it, so that many tiny elements cost no more memory than one big text.
//!
//! An element knows who asked for it: what of a record nobody read is found afterwards by
//! [`Unmapped`](crate::reading::Unmapped), without any list that a reader would have to keep.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use super::escape::escaped;
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
    /// How much of its parent's text stands before it.
    text_before: usize,
    /// Somebody asked for it by its name, or for its text.
    is_read: Cell<bool>,
}

/// An attribute of an [`Element`].
#[derive(Debug, Clone)]
pub struct ElementAttribute {
    name: Box<str>,
    namespace: Option<Arc<str>>,
    value: Box<str>,
    is_read: Cell<bool>,
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
        Some(plain.unwrap_or(first).value())
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
        let named = self.children.iter().filter(move |child| &*child.name == local);
        // To look for an empty element is to read it; one with a text is read by its text.
        named.inspect(|child| child.is_read.set(child.is_read.get() || child.is_blank()))
    }

    /// The first child of a local name.
    #[must_use]
    pub fn child(&self, local: &str) -> Option<&Element> {
        self.children_named(local).next()
    }

    /// The element's own text, all runs of it in one, blanks included.
    #[must_use]
    pub fn text(&self) -> &str {
        self.is_read.set(true);
        &self.text
    }

    /// The text of the first child of a local name, without blanks at its ends; `None` if nothing is left.
    #[must_use]
    pub fn child_text(&self, local: &str) -> Option<&str> {
        self.child(local).map(|child| child.text().trim()).filter(|text| !text.is_empty())
    }

    /// As [`child_text`](Self::child_text), but the child stays unread: to tell whether a composite is the one that is wanted.
    #[must_use]
    pub fn peek(&self, local: &str) -> Option<&str> {
        let child = self.children.iter().find(|child| &*child.name == local)?;
        Some(child.text.trim()).filter(|text| !text.is_empty())
    }

    /// The element's content as markup, all of it read: its text and the elements within it in the order of the document, tags
    /// without prefixes and namespaces. Where there are none within it, the text as [`text`](Self::text) gives it: who sends
    /// markup escaped or as CDATA means the markup.
    #[must_use]
    pub fn markup(&self) -> Cow<'_, str> {
        if self.children.is_empty() {
            return Cow::Borrowed(self.text());
        }
        let mut into = String::new();
        self.write_content(&mut into);
        Cow::Owned(into)
    }

    fn write_content(&self, into: &mut String) {
        self.is_read.set(true);
        let mut written = 0;
        for child in &self.children {
            into.push_str(&escaped(&self.text[written..child.text_before]));
            written = child.text_before;
            into.push('<');
            into.push_str(&child.name);
            for attribute in &child.attributes {
                into.push_str(&format!(" {}=\"{}\"", attribute.name, escaped(attribute.value())));
            }
            if child.children.is_empty() && child.text.is_empty() {
                child.is_read.set(true);
                into.push_str("/>");
                continue;
            }
            into.push('>');
            child.write_content(into);
            into.push_str(&format!("</{}>", child.name));
        }
        into.push_str(&escaped(&self.text[written..]));
    }

    /// Gives the element and those within it the names that `to` has for theirs, so that a format with two sets of names is
    /// read by one mapping.
    pub fn rename(&mut self, to: fn(&str) -> Option<&'static str>) {
        if let Some(name) = to(&self.name) {
            self.name = name.into();
        }
        self.children.iter_mut().for_each(|child| child.rename(to));
    }

    /// Takes off what is not to be kept, however deep it lies.
    pub fn retain(&mut self, is_kept: &dyn Fn(&Self) -> bool) {
        self.children.retain(|child| is_kept(child));
        self.children.iter_mut().for_each(|child| child.retain(is_kept));
    }

    /// Marks the element and everything in it as read: it is known to say nothing about the item.
    pub fn pass_over(&self) {
        self.is_read.set(true);
        self.attributes.iter().for_each(|attribute| attribute.is_read.set(true));
        self.children.iter().for_each(Self::pass_over);
    }

    /// Whether it has a text of its own. To ask is not to read it.
    #[must_use]
    pub fn has_text(&self) -> bool {
        !self.is_blank()
    }

    /// Whether it says something of its own that nobody asked for: a text or, where there is nothing else, its mere presence.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        let says_something = !self.is_blank() || self.children.is_empty();
        says_something && !self.is_read.get() && (self.attributes.is_empty() || !self.is_blank())
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
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
        self.is_read.set(true);
        &self.value
    }

    /// Whether nobody asked for its value. What XML itself defines (`xml:lang`, `xsi:nil`) says nothing when nobody asks.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        const OF_XML: [&str; 2] = ["http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2001/XMLSchema-instance"];
        !self.is_read.get() && !OF_XML.contains(&self.namespace()) && !self.value.is_empty()
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
            is_read: Cell::new(false),
        });
        let namespace = tag.shared_namespace().cloned();
        let attributes = attributes.collect();
        let text_before = self.open.last().map_or(0, |parent| parent.text.len());
        let name = tag.local().into();
        self.open.push(Element { name, namespace, attributes, position, text_before, ..Element::default() });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::element;

    #[test]
    fn mixed_content_comes_back_as_it_was_sent() {
        let cases = [
            (
                "<t>a <b>bold</b> word<br/> &amp; <i x='1 &lt; 2'>more <u/></i></t>",
                "a <b>bold</b> word<br/> &amp; <i x=\"1 &lt; 2\">more <u/></i>",
            ),
            ("<t xmlns:h='urn:h'><h:p h:class='x'>one</h:p><h:p>two</h:p></t>", "<p class=\"x\">one</p><p>two</p>"),
            ("<t>&lt;p&gt;R&amp;D&lt;/p&gt;</t>", "<p>R&D</p>"),
            ("<t><![CDATA[<p>R&D</p>]]></t>", "<p>R&D</p>"),
            ("<t/>", ""),
        ];
        for (sent, expected) in cases {
            let element = element(sent);
            assert_eq!(element.markup(), expected, "{sent}");
            assert!(!element.is_unread() && element.children().iter().all(|child| !child.is_unread()), "{sent}");
        }
    }

    #[test]
    fn what_was_only_looked_at_stays_unread() {
        let element = element("<a><b> 1 </b><b>2</b><c/></a>");
        assert_eq!((element.peek("b"), element.peek("c"), element.peek("d")), (Some("1"), None, None));
        assert!(element.children().iter().all(Element::is_unread));
    }

    #[test]
    fn other_names_are_given_all_the_way_down() {
        let mut element = element("<a001>1<b><a001/></b></a001>");
        element.rename(|name| (name == "a001").then_some("RecordReference"));
        assert_eq!(element.name(), "RecordReference");
        assert_eq!(element.markup(), "1<b><RecordReference/></b>");
    }

    #[test]
    fn what_is_not_kept_goes_all_the_way_down() {
        let mut element = element("<a>1<x/>2<b><x>3</x>4</b></a>");
        element.retain(&|child| child.name() != "x");
        assert_eq!(element.markup(), "12<b>4</b>");
    }
}

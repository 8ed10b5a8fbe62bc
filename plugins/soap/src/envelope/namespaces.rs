//! Namespace declarations in scope, and the open elements they belong to.
//!
//! The scanner asks it whether a prefix is declared, the envelope reader for the namespace of a name, and the payload
//! for what has to be declared again on its root. It keeps no more than the limits allow.

use super::syntax;

/// The namespace of the prefix `xml`, which is always declared.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

struct Binding {
    prefix: Vec<u8>,
    uri: String,
    depth: usize,
}

/// Open elements by name, and the declarations that hold inside them.
#[derive(Default)]
pub(crate) struct Scopes {
    bindings: Vec<Binding>,
    names: Vec<u8>,
    name_ends: Vec<usize>,
    /// The prefix that was found last; most elements of a document share one. Cleared when the bindings change.
    found: Option<Vec<u8>>,
}

impl Scopes {
    /// The number of open elements.
    pub(crate) fn depth(&self) -> usize {
        self.name_ends.len()
    }

    /// The number of declarations in scope.
    pub(crate) fn declared(&self) -> usize {
        self.bindings.len()
    }

    pub(crate) fn open(&mut self, name: &[u8]) {
        self.names.extend_from_slice(name);
        self.name_ends.push(self.names.len());
    }

    /// The innermost open element's name as written.
    pub(crate) fn innermost(&self) -> &[u8] {
        let end = self.name_ends.last().copied().unwrap_or(0);
        let start = self.name_ends.len().checked_sub(2).map_or(0, |at| self.name_ends[at]);
        &self.names[start..end]
    }

    /// Closes the innermost element; its declarations end.
    pub(crate) fn close(&mut self) {
        let depth = self.depth();
        while self.bindings.last().is_some_and(|binding| binding.depth == depth) {
            self.bindings.pop();
            self.found = None;
        }
        self.name_ends.pop();
        self.names.truncate(self.name_ends.last().copied().unwrap_or(0));
    }

    /// Opens an element by what follows the `<` of its start tag. The tag's length if it is nothing but a name of at most
    /// `name_bytes_max` bytes with a prefix that is declared; else nothing is done.
    pub(crate) fn opened_by(&mut self, tag: &[u8], name_bytes_max: usize) -> Option<usize> {
        let name = &tag[..syntax::name_length(tag)];
        if name.is_empty() || name.len() > name_bytes_max || tag.get(name.len()) != Some(&b'>') {
            return None;
        }
        let (prefix, _) = syntax::split_name(name)?;
        if !self.is_declared(prefix) {
            return None;
        }
        self.open(name);
        Some(name.len() + 2)
    }

    /// Closes the innermost element by its end tag. The tag's length if it is nothing but the name that is open; else nothing is
    /// done.
    pub(crate) fn closed_by(&mut self, tag: &[u8]) -> Option<usize> {
        let name = self.innermost();
        let is_plain = tag.get(2..)?.strip_prefix(name)?.first() == Some(&b'>');
        let length = name.len() + 3;
        is_plain.then(|| self.close()).map(|()| length)
    }

    /// Declares a prefix for the innermost element. An empty prefix is the default namespace.
    pub(crate) fn declare(&mut self, prefix: &[u8], uri: String) {
        self.found = None;
        self.bindings.push(Binding { prefix: prefix.to_vec(), uri, depth: self.depth() });
    }

    /// True if a prefix is declared. The empty prefix always is.
    pub(crate) fn is_declared(&mut self, prefix: &[u8]) -> bool {
        if prefix.is_empty() || self.found.as_deref() == Some(prefix) {
            return true;
        }
        let is_declared = self.namespace(prefix).is_some();
        if is_declared {
            self.found = Some(prefix.to_vec());
        }
        is_declared
    }

    /// The namespace of a prefix; empty where the default is none.
    pub(crate) fn namespace(&self, prefix: &[u8]) -> Option<&str> {
        if prefix == b"xml" {
            return Some(XML);
        }
        let binding = self.bindings.iter().rev().find(|binding| binding.prefix == prefix);
        binding.map(|binding| binding.uri.as_str()).or(prefix.is_empty().then_some(""))
    }

    /// What the innermost element inherits and does not declare itself: each prefix once, with the declaration that holds.
    pub(crate) fn inherited(&self) -> Vec<(&[u8], &str)> {
        let depth = self.depth();
        let mut seen: Vec<&[u8]> = Vec::new();
        let mut inherited = Vec::new();
        for binding in self.bindings.iter().rev() {
            if seen.contains(&binding.prefix.as_slice()) {
                continue;
            }
            seen.push(&binding.prefix);
            if binding.depth < depth && !(binding.prefix.is_empty() && binding.uri.is_empty()) {
                inherited.push((binding.prefix.as_slice(), binding.uri.as_str()));
            }
        }
        inherited.reverse();
        inherited
    }
}

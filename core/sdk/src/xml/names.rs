//! Namespace declarations in scope, and the resolution of prefixes against them.

use std::sync::Arc;

use super::error::XmlErrorKind;
use super::tag::Flaw;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

#[derive(Debug)]
struct Binding {
    prefix: Box<str>,
    uri: Arc<str>,
    depth: usize,
}

/// The declarations in scope, innermost last.
#[derive(Debug)]
pub(super) struct Namespaces {
    bindings: Vec<Binding>,
    declarations_max: usize,
    xml: Arc<str>,
    /// Changes whenever the declarations do.
    scope: u64,
}

impl Namespaces {
    pub(super) fn new(declarations_max: usize) -> Self {
        Self { bindings: Vec::new(), declarations_max, xml: Arc::from(XML_NAMESPACE), scope: 0 }
    }

    /// Takes one declaration of the element at `depth`; `prefix` is empty for the default namespace.
    pub(super) fn declare(&mut self, prefix: &str, uri: &str, depth: usize, at: usize) -> Result<(), Flaw> {
        let reserved = prefix == "xmlns" || uri == XMLNS_NAMESPACE || (prefix == "xml") != (uri == XML_NAMESPACE);
        if reserved {
            return Err(Flaw::malformed(at, "the prefixes xml and xmlns and their namespaces cannot be declared anew"));
        }
        if uri.is_empty() && !prefix.is_empty() {
            return Err(Flaw::malformed(at, format!("the prefix {prefix} is declared without a namespace")));
        }
        if self.bindings.len() >= self.declarations_max {
            let max = self.declarations_max;
            let kind = XmlErrorKind::LimitExceeded { what: "namespace declarations", max };
            return Err(Flaw { kind, at, message: format!("more than {max} namespace declarations are in scope") });
        }
        self.bindings.push(Binding { prefix: prefix.into(), uri: uri.into(), depth });
        self.scope += 1;
        Ok(())
    }

    /// The element at `depth` has ended.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
            self.scope += 1;
        }
    }

    /// The same number as before says that the same declarations are in scope.
    pub(super) fn scope(&self) -> u64 {
        self.scope
    }

    /// The namespace of a prefix; `None` for a prefix that nobody declared, and for an undeclared default.
    pub(super) fn resolve(&self, prefix: &str) -> Option<&Arc<str>> {
        if prefix == "xml" {
            return Some(&self.xml);
        }
        let innermost = self.bindings.iter().rev().find(|binding| *binding.prefix == *prefix)?;
        (!innermost.uri.is_empty()).then_some(&innermost.uri)
    }
}

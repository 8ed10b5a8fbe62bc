//! The attributes of a start tag: their form, and the namespaces that they declare.
//!
//! Part of the scanner, which hands it whole tags. Values are checked and left as they were sent.

use std::io::Read;
use std::ops::Range;

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::{REFERENCE_BYTES_MAX, Scanner};
use crate::envelope::namespaces;
use crate::envelope::syntax::{self, Reference};

/// An attribute of the current start tag, as ranges of [`Scanner::raw`].
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: Range<usize>,
    pub(crate) value: Range<usize>,
}

impl<R: Read> Scanner<R> {
    /// Reads the attributes of the tag that ends at `end`, and declares its namespaces.
    pub(super) fn read_attributes(&mut self, end: usize) -> Result<(), ApiError> {
        self.attributes.clear();
        let mut at = 1 + self.name_bytes;
        if at == end {
            return Ok(());
        }
        loop {
            let tag = &self.raw()[..end];
            let start = at + tag[at..].iter().position(|byte| !syntax::is_blank(*byte)).unwrap_or(end - at);
            if start == end {
                break;
            }
            if start == at {
                return Err(self.error(at, "no blank before an attribute"));
            }
            let Some((attribute, next)) = attribute(tag, start) else {
                return Err(self.error(start, "an attribute that is not name=\"value\""));
            };
            self.check_attribute(&attribute)?;
            self.attributes.push(attribute);
            if self.attributes.len() > self.limits.attributes_max {
                return Err(self.exceeded("attributes of one element", self.limits.attributes_max));
            }
            at = next;
        }
        self.declare_namespaces()
    }

    fn check_attribute(&self, new: &Attribute) -> Result<(), ApiError> {
        self.check_name_length(new.name.len())?;
        let name = &self.raw()[new.name.clone()];
        if self.attributes.iter().any(|old| self.raw()[old.name.clone()] == *name) {
            return Err(self.error(new.name.start, "the same attribute twice"));
        }
        let value = &self.raw()[new.value.clone()];
        if let Some(at) = syntax::illegal_character(value).or_else(|| memchr::memchr(b'<', value)) {
            return Err(self.error(new.value.start + at, "a character that an attribute may not have"));
        }
        for at in memchr::memchr_iter(b'&', value) {
            let end = value[at..].iter().take(REFERENCE_BYTES_MAX).position(|byte| *byte == b';').unwrap_or(1);
            match syntax::reference(&value[at + 1..at + end]) {
                Reference::Character(_) => {}
                Reference::Unknown if self.allow_unknown_entities => {}
                Reference::Unknown => {
                    return Err(self.coded(&codes::ENTITY_UNKNOWN, 0, "an entity that is none of XML's five"));
                }
                Reference::Malformed => return Err(self.error(new.value.start + at, "a & that starts no reference")),
            }
        }
        Ok(())
    }

    fn declare_namespaces(&mut self) -> Result<(), ApiError> {
        for index in 0..self.attributes.len() {
            let Attribute { name, value } = self.attributes[index].clone();
            let prefix = match &self.window.token()[name.clone()] {
                b"xmlns" => name.end..name.end,
                other if other.starts_with(b"xmlns:") => name.start + 6..name.end,
                _ => continue,
            };
            let uri = syntax::unescaped(&String::from_utf8_lossy(&self.window.token()[value]));
            let prefix = &self.window.token()[prefix];
            let is_lawful = match prefix {
                b"xml" => uri == namespaces::XML,
                b"xmlns" => false,
                b"" => true,
                _ => !uri.is_empty(),
            };
            if !is_lawful {
                return Err(self.error(name.start, "a namespace declaration that cannot be"));
            }
            self.scopes.declare(prefix, uri);
        }
        if self.scopes.declared() > self.limits.namespaces_max {
            return Err(self.exceeded("namespace declarations in scope", self.limits.namespaces_max));
        }
        for index in 0..self.attributes.len() {
            let name = self.attributes[index].name.clone();
            let prefix = syntax::split_name(&self.window.token()[name.clone()]).map(|(prefix, _)| prefix);
            if !prefix.is_some_and(|prefix| prefix == b"xmlns" || self.scopes.is_declared(prefix)) {
                return Err(self.error(name.start, "an attribute whose prefix is not declared"));
            }
        }
        self.check_expanded_names()
    }

    /// Two prefixes of one namespace make one name of two: whoever asks for an attribute by its namespace must find one.
    fn check_expanded_names(&self) -> Result<(), ApiError> {
        if self.attributes.len() < 2 {
            return Ok(());
        }
        let expanded = |attribute: &Attribute| {
            let (prefix, local) = syntax::split_name(&self.raw()[attribute.name.clone()])?;
            let is_prefixed = !prefix.is_empty() && prefix != b"xmlns";
            is_prefixed.then(|| (attribute.name.start, self.scopes.namespace(prefix), local))
        };
        let mut names: Vec<_> = self.attributes.iter().filter_map(expanded).collect();
        names.sort_unstable_by_key(|&(start, namespace, local)| (namespace, local, start));
        let twice = names.windows(2).find(|pair| (pair[0].1, pair[0].2) == (pair[1].1, pair[1].2));
        twice.map_or(Ok(()), |pair| Err(self.error(pair[1].0, "the same attribute twice, by its namespace")))
    }
}

/// The attribute that starts at `start`, and where the tag goes on after it.
fn attribute(tag: &[u8], start: usize) -> Option<(Attribute, usize)> {
    let blanks = |at: usize| tag[at..].iter().take_while(|byte| syntax::is_blank(**byte)).count();
    let name = start..start + syntax::name_length(&tag[start..]);
    let equals = name.end + blanks(name.end);
    if name.is_empty() || tag.get(equals) != Some(&b'=') {
        return None;
    }
    let open = equals + 1 + blanks(equals + 1);
    let quote = *tag.get(open).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let length = memchr::memchr(quote, &tag[open + 1..])?;
    let value = open + 1..open + 1 + length;
    let next = value.end + 1;
    Some((Attribute { name, value }, next))
}

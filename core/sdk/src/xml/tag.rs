//! A start tag: its name, its attributes, and every rule about them. Filled by the assembler, read by everyone.

use std::ops::Range;
use std::sync::Arc;

use super::chars;
use super::error::XmlErrorKind;
use super::names::Namespaces;
use super::options::{EntityTable, XmlLimits};
use super::references;

/// Something wrong within one event, `at` bytes behind its start.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) kind: XmlErrorKind,
    pub(super) at: usize,
    pub(super) message: String,
}

impl Flaw {
    pub(super) fn malformed(at: usize, message: impl Into<String>) -> Self {
        Self { kind: XmlErrorKind::Malformed, at, message: message.into() }
    }

    fn limit(at: usize, what: &'static str, max: usize) -> Self {
        let message = format!("more than {max} {what}");
        Self { kind: XmlErrorKind::LimitExceeded { what, max }, at, message }
    }
}

/// The last start tag, in buffers that are used again for the next.
#[derive(Debug, Default)]
pub(super) struct Tag {
    /// What stands between `<` and `>`.
    content: String,
    name: QName,
    attributes: Vec<AttributeSpan>,
    /// Values that differ from what was written.
    resolved: String,
}

/// A qualified name within the content.
#[derive(Debug, Clone, Default)]
pub(super) struct QName {
    whole: Range<usize>,
    local: usize,
}

#[derive(Debug, Clone)]
struct AttributeSpan {
    name: QName,
    value: Range<usize>,
    /// The value is in `resolved`, not in the content.
    is_resolved: bool,
    /// A namespace declaration, no attribute to the outside.
    is_declaration: bool,
}

/// The settings and the state that a tag is checked against.
pub(super) struct TagContext<'a> {
    pub(super) limits: &'a XmlLimits,
    pub(super) entities: Option<&'a EntityTable>,
    pub(super) names: &'a mut Namespaces,
    pub(super) depth: usize,
}

impl Tag {
    /// Takes over the content of a start tag. `flaw.at` counts from the tag's `<`.
    pub(super) fn load(&mut self, content: &str, ctx: &mut TagContext<'_>) -> Result<(), Flaw> {
        self.content.clear();
        self.content.push_str(content);
        self.attributes.clear();
        self.resolved.clear();
        let name_end = chars::name_end(content.as_bytes());
        self.name = QName::parse(content, 0..name_end, ctx.limits)?;
        if name_end < content.len() {
            self.load_attributes(name_end, ctx)?;
        }
        self.check_prefix(&self.name, ctx.names)
    }

    /// Takes over a tag without attributes that was found right before.
    pub(super) fn load_known(&mut self, content: &str, name: &QName) {
        self.content.clear();
        self.content.push_str(content);
        self.attributes.clear();
        self.resolved.clear();
        self.name = name.clone();
    }

    /// The name, if there is nothing else.
    pub(super) fn only_name(&self) -> Option<&QName> {
        (self.name.whole.end == self.content.len()).then_some(&self.name)
    }

    pub(super) fn qname(&self) -> &str {
        &self.content[self.name.whole.clone()]
    }

    pub(super) fn content(&self) -> &str {
        &self.content
    }

    fn load_attributes(&mut self, mut at: usize, ctx: &mut TagContext<'_>) -> Result<(), Flaw> {
        while let Some(next) = self.next_attribute(at, ctx)? {
            at = next;
            if self.attributes.len() > ctx.limits.attributes_max {
                return Err(Flaw::limit(0, "attributes in one element", ctx.limits.attributes_max));
            }
            self.declare_namespace(ctx)?;
        }
        for index in 0..self.attributes.len() {
            if !self.attributes[index].is_declaration {
                self.check_prefix(&self.attributes[index].name, ctx.names)?;
                self.check_expanded_name(index, ctx.names)?;
            }
        }
        Ok(())
    }

    /// Reads the attribute behind `at`, and says where it ends.
    fn next_attribute(&mut self, at: usize, ctx: &TagContext<'_>) -> Result<Option<usize>, Flaw> {
        let content = self.content.as_str();
        let start = skip_blanks(content, at);
        if start == content.len() {
            return Ok(None);
        }
        if start == at {
            return Err(Flaw::malformed(at + 1, "there must be a blank before an attribute"));
        }
        let name_end = start + chars::name_end(&content.as_bytes()[start..]);
        let name = QName::parse(content, start..name_end, ctx.limits)?;
        let equals = skip_blanks(content, name_end);
        if content.as_bytes().get(equals) != Some(&b'=') {
            return Err(Flaw::malformed(
                start + 1,
                format!("the attribute {} has no value", &content[start..name_end]),
            ));
        }
        let quote_at = skip_blanks(content, equals + 1);
        let Some(&quote @ (b'"' | b'\'')) = content.as_bytes().get(quote_at) else {
            return Err(Flaw::malformed(quote_at + 1, "the value of an attribute must stand in quotes"));
        };
        let value_start = quote_at + 1;
        let Some(length) = memchr::memchr(quote, &content.as_bytes()[value_start..]) else {
            return Err(Flaw::malformed(quote_at + 1, "the value of an attribute is not closed"));
        };
        let value = value_start..value_start + length;
        if let Some(bad) = memchr::memchr(b'<', &content.as_bytes()[value.clone()]) {
            return Err(Flaw::malformed(value.start + bad + 1, "< must be written as &lt; in an attribute"));
        }
        if self.attributes.iter().any(|known| content[known.name.whole.clone()] == content[name.whole.clone()]) {
            return Err(Flaw::malformed(
                start + 1,
                format!("the attribute {} occurs twice", &content[start..name_end]),
            ));
        }
        let end = value.end + 1;
        let raw = &content[value.clone()];
        let is_resolved = raw.bytes().any(|byte| matches!(byte, b'&' | b'\t' | b'\n' | b'\r'));
        let value = if is_resolved {
            let from = self.resolved.len();
            references::attribute_value(raw, value.start + 1, ctx.entities, &mut self.resolved)?;
            from..self.resolved.len()
        } else {
            value
        };
        self.attributes.push(AttributeSpan { name, value, is_resolved, is_declaration: false });
        Ok(Some(end))
    }

    /// Tells the namespaces if the last attribute is a declaration.
    fn declare_namespace(&mut self, ctx: &mut TagContext<'_>) -> Result<(), Flaw> {
        let Some(last) = self.attributes.last() else { return Ok(()) };
        let declared = match (last.name.prefix(&self.content), last.name.local(&self.content)) {
            ("", "xmlns") => "",
            ("xmlns", declared) => declared,
            _ => return Ok(()),
        };
        ctx.names.declare(declared, self.value(last), ctx.depth, last.name.whole.start + 1)?;
        if let Some(last) = self.attributes.last_mut() {
            last.is_declaration = true;
        }
        Ok(())
    }

    fn check_prefix(&self, name: &QName, names: &Namespaces) -> Result<(), Flaw> {
        let prefix = name.prefix(&self.content);
        if prefix.is_empty() || names.resolve(prefix).is_some() {
            return Ok(());
        }
        Err(Flaw::malformed(name.whole.start + 1, format!("the prefix {prefix} is not declared")))
    }

    /// Two prefixes of one namespace make two attributes the same. Looked at only where two locals are equal.
    fn check_expanded_name(&self, index: usize, names: &Namespaces) -> Result<(), Flaw> {
        let name = &self.attributes[index].name;
        let (prefix, local) = (name.prefix(&self.content), name.local(&self.content));
        let is_same = |other: &AttributeSpan| {
            let other_prefix = other.name.prefix(&self.content);
            other.name.local(&self.content) == local
                && !other_prefix.is_empty()
                && names.resolve(other_prefix) == names.resolve(prefix)
        };
        if prefix.is_empty() || !self.attributes[..index].iter().any(is_same) {
            return Ok(());
        }
        Err(Flaw::malformed(name.whole.start + 1, format!("the attribute {local} occurs twice in one namespace")))
    }

    fn value(&self, span: &AttributeSpan) -> &str {
        let text = if span.is_resolved { &self.resolved } else { &self.content };
        &text[span.value.clone()]
    }
}

impl QName {
    fn parse(content: &str, whole: Range<usize>, limits: &XmlLimits) -> Result<Self, Flaw> {
        let text = &content[whole.clone()];
        if text.len() > limits.name_bytes_max {
            return Err(Flaw::limit(whole.start + 1, "bytes in a name", limits.name_bytes_max));
        }
        let colon = text.bytes().position(|byte| byte == b':');
        let local = colon.map_or(whole.start, |colon| whole.start + colon + 1);
        let prefix = colon.map(|colon| (whole.start, &text[..colon]));
        for (start, part) in prefix.into_iter().chain([(local, &content[local..whole.end])]) {
            if let Some(at) = chars::name_flaw(part) {
                return Err(Flaw::malformed(
                    start + at + 1,
                    if text.is_empty() { "a name is missing" } else { "this is no name" },
                ));
            }
        }
        Ok(Self { whole, local })
    }

    fn prefix<'c>(&self, content: &'c str) -> &'c str {
        &content[self.whole.start..self.local.saturating_sub(1).max(self.whole.start)]
    }

    fn local<'c>(&self, content: &'c str) -> &'c str {
        &content[self.local..self.whole.end]
    }
}

fn skip_blanks(content: &str, at: usize) -> usize {
    let rest = content.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|&byte| !chars::is_blank(byte)).map_or(content.len(), |blanks| at + blanks)
}

/// The start tag that was read last. Names are matched on local names; the namespace is there for whoever needs it.
#[derive(Clone, Copy)]
pub struct StartTag<'r> {
    pub(super) tag: &'r Tag,
    pub(super) names: &'r Namespaces,
}

impl<'r> StartTag<'r> {
    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'r str {
        self.tag.name.local(&self.tag.content)
    }

    /// The prefix, empty if there is none.
    #[must_use]
    pub fn prefix(&self) -> &'r str {
        self.tag.name.prefix(&self.tag.content)
    }

    /// The name as written.
    #[must_use]
    pub fn qname(&self) -> &'r str {
        self.tag.qname()
    }

    /// The namespace of the element, empty if it has none.
    #[must_use]
    pub fn namespace(&self) -> &'r str {
        self.shared_namespace().map_or("", |uri| &**uri)
    }

    pub(super) fn shared_namespace(&self) -> Option<&'r Arc<str>> {
        self.names.resolve(self.prefix())
    }

    /// The value of an attribute by its local name; one without a prefix goes before one with.
    #[must_use]
    pub fn attribute(&self, local: &str) -> Option<&'r str> {
        let mut named = self.attributes().filter(|attribute| attribute.local() == local);
        let first = named.next()?;
        let plain =
            if first.prefix().is_empty() { None } else { named.find(|attribute| attribute.prefix().is_empty()) };
        Some(plain.unwrap_or(first).value())
    }

    /// The value of the attribute of this namespace and local name. An attribute without a prefix is in no namespace (`""`).
    #[must_use]
    pub fn attribute_ns(&self, namespace: &str, local: &str) -> Option<&'r str> {
        let mut attributes = self.attributes();
        let found = attributes.find(|attribute| attribute.local() == local && attribute.namespace() == namespace);
        found.map(|attribute| attribute.value())
    }

    /// Whether there is anything but the name; false for most tags of a catalog.
    pub(crate) fn has_attributes(&self) -> bool {
        !self.tag.attributes.is_empty()
    }

    /// The namespace declarations as prefix and URI, for whoever writes the element again. An empty prefix is the default namespace's.
    pub fn declarations(&self) -> impl Iterator<Item = (&'r str, &'r str)> + use<'r> {
        let tag = self.tag;
        let declared =
            move |name: &'r QName| if name.prefix(&tag.content).is_empty() { "" } else { name.local(&tag.content) };
        let spans = tag.attributes.iter().filter(|span| span.is_declaration);
        spans.map(move |span| (declared(&span.name), tag.value(span)))
    }

    /// All attributes in the order of the document, without the namespace declarations.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'r>> + use<'r> {
        let Self { tag, names } = *self;
        tag.attributes.iter().filter(|span| !span.is_declaration).map(move |span| Attribute { tag, names, span })
    }
}

/// One attribute of a start tag.
#[derive(Clone, Copy)]
pub struct Attribute<'r> {
    tag: &'r Tag,
    names: &'r Namespaces,
    span: &'r AttributeSpan,
}

impl<'r> Attribute<'r> {
    /// The name without its prefix.
    #[must_use]
    pub fn local(&self) -> &'r str {
        self.span.name.local(&self.tag.content)
    }

    /// The prefix, empty if there is none.
    #[must_use]
    pub fn prefix(&self) -> &'r str {
        self.span.name.prefix(&self.tag.content)
    }

    /// The namespace, empty for an attribute without a prefix.
    #[must_use]
    pub fn namespace(&self) -> &'r str {
        self.shared_namespace().map_or("", |uri| &**uri)
    }

    pub(super) fn shared_namespace(&self) -> Option<&'r Arc<str>> {
        let prefix = self.prefix();
        if prefix.is_empty() { None } else { self.names.resolve(prefix) }
    }

    /// The value, references resolved.
    #[must_use]
    pub fn value(&self) -> &'r str {
        self.tag.value(self.span)
    }
}

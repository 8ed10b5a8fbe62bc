//! The short way through what nearly all of a catalog is: tags that were seen before and have no attributes, the end tags of what is
//! open, texts of which nothing has to be replaced.
//!
//! Used by the reader, before its long way of tokens. It takes only what is whole in memory and certainly right; for everything else it
//! does nothing, and the long way says what it is, or what is wrong with it.

use super::assembler::{Assembler, Step};
use super::names::Namespaces;
use super::tag::QName;

/// Different tags that are remembered; a new one takes the place of another.
const TAGS: usize = 128;

/// Longer tags go the long way.
const TAG_BYTES_MAX: usize = 64;

/// Start tags that were found right and have no attributes.
#[derive(Debug)]
pub(super) struct KnownTags {
    tags: Vec<KnownTag>,
}

#[derive(Debug, Clone, Default)]
struct KnownTag {
    content: String,
    name: QName,
    /// The declarations under which its prefix was found declared.
    scope: u64,
}

impl KnownTags {
    pub(super) fn new() -> Self {
        Self { tags: Vec::new() }
    }

    pub(super) fn add(&mut self, content: &str, name: &QName, names: &Namespaces) {
        if content.len() > TAG_BYTES_MAX {
            return;
        }
        // Nothing for the many documents that are read no further than their first tags.
        self.tags.resize_with(TAGS, KnownTag::default);
        let tag = &mut self.tags[place(content.as_bytes())];
        content.clone_into(&mut tag.content);
        (tag.name, tag.scope) = (name.clone(), names.scope());
    }

    fn get(&self, content: &[u8], names: &Namespaces) -> Option<&KnownTag> {
        let tag = self.tags.get(place(content))?;
        let is_it = !content.is_empty() && tag.content.as_bytes() == content && tag.scope == names.scope();
        is_it.then_some(tag)
    }
}

fn place(content: &[u8]) -> usize {
    let at = |index: usize| content.get(index).map_or(0, |&byte| usize::from(byte));
    (content.len() * 5 + at(content.len() / 2) * 3 + at(content.len().wrapping_sub(1)) * 11) % TAGS
}

impl Assembler<'_> {
    /// Takes what comes next, if it is plain; then the bytes it has.
    pub(super) fn take_plain(&mut self, rest: &str) -> Option<(Step, usize)> {
        if !self.is_within_root() || self.is_at_empty_element() {
            return None;
        }
        match rest.as_bytes() {
            [b'<', b'/', tag @ ..] => self.plain_end(tag).map(|bytes| (self.end(), bytes)),
            [b'<', tag @ ..] => self.plain_start(tag).map(|bytes| (Step::Start, bytes)),
            _ => self.plain_text(rest).map(|bytes| (Step::Within, bytes)),
        }
    }

    fn plain_start(&mut self, rest: &[u8]) -> Option<usize> {
        if self.open.len() >= self.options.limits.depth_max {
            return None;
        }
        let bytes = memchr::memchr(b'>', &rest[..rest.len().min(TAG_BYTES_MAX)])?;
        let known = self.known.get(&rest[..bytes], &self.names)?;
        self.tag.load_known(&known.content, &known.name);
        self.open.push(self.open_names.len());
        self.open_names.push_str(&known.content);
        Some(bytes + 2)
    }

    fn plain_end(&self, rest: &[u8]) -> Option<usize> {
        let open = self.open_names.get(*self.open.last()?..)?;
        let is_its_end = rest.strip_prefix(open.as_bytes())?.first() == Some(&b'>');
        is_its_end.then_some(open.len() + 3)
    }

    fn plain_text(&mut self, rest: &str) -> Option<usize> {
        let bytes = memchr::memchr3(b'<', b'&', b'\r', rest.as_bytes())?;
        let text = rest.get(..bytes)?;
        let is_plain = rest.as_bytes()[bytes] == b'<' && memchr::memchr(b'>', text.as_bytes()).is_none();
        let fits = self.text.len() + bytes <= self.options.limits.text_bytes_max;
        if !is_plain || !fits {
            return None;
        }
        self.text.push_str(text);
        Some(bytes)
    }
}

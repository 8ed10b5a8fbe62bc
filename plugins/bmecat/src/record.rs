//! One product on its way to a draft: what the document says in general, what was read so far, what there is to say about it.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Attribute, Category, Identifier, ItemDraft};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::xml::Element;

use crate::groups::{CODE_CHARS_MAX, Groups};
use crate::header::Header;
use crate::scalar::is_number;
use plugpoint_sdk::reading::Findings;
use plugpoint_sdk::reading::language_tag;

/// Attributes of one item; the model takes no more.
const ATTRIBUTES_MAX: usize = 16_384;
/// Characters of an attribute's name; the model takes no more.
const NAME_CHARS_MAX: usize = 256;

/// What holds for every product of a document.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) header: &'a Header,
    pub(crate) profile: &'a CatalogProfile,
    pub(crate) groups: &'a Groups,
}

/// The product being read.
pub(crate) struct Record<'a> {
    pub(crate) ctx: Context<'a>,
    pub(crate) draft: ItemDraft,
    pub(crate) findings: Findings,
}

impl<'a> Record<'a> {
    pub(crate) fn new(ctx: Context<'a>, draft: ItemDraft) -> Self {
        Self { ctx, draft, findings: Findings::default() }
    }

    /// The BCP 47 language of an element by its `lang` attribute, else the document's.
    pub(crate) fn language_of(&mut self, element: &Element) -> String {
        let Some(code) = element.attribute("lang") else { return self.ctx.header.language.clone() };
        language_tag(code).unwrap_or_else(|| {
            let message = format!("the language is not a language code; {} is used", self.ctx.header.language);
            self.findings.warn_value(finding::LANGUAGE_UNKNOWN, element, code, message);
            self.ctx.header.language.clone()
        })
    }

    /// Adds a number under which others know the item; one that cannot be a number is left out with a finding.
    pub(crate) fn identifier(&mut self, at: &Element, scheme: String, value: &str) {
        if !is_number(value) {
            let message = format!(
                "the number is longer than {CODE_CHARS_MAX} characters or holds control characters; it was left out"
            );
            return self.findings.warn_value(finding::FIELD_INVALID, at, value, message);
        }
        let identifier = Identifier { scheme, value: value.to_owned() };
        if !self.draft.data.identifiers.contains(&identifier) {
            self.draft.data.identifiers.push(identifier);
        }
    }

    /// Adds an attribute, its name cut to what the model takes.
    pub(crate) fn attribute(&mut self, at: &Element, mut attribute: Attribute) {
        if self.draft.data.attributes.len() >= ATTRIBUTES_MAX {
            let message = format!("the item has more than {ATTRIBUTES_MAX} attributes; this one was left out");
            return self.findings.warn(finding::FIELD_LENGTH, at, message);
        }
        if let Some(tail) = tail_beyond(&attribute.name) {
            // The end of a path says more than its beginning.
            self.findings.warn_value(
                finding::TEXT_TRUNCATED,
                at,
                &attribute.name,
                "the attribute's name was cut at its beginning",
            );
            attribute.name = tail;
        }
        self.draft.data.attributes.push(attribute);
    }

    /// Adds a place in a system, with the path that the document gives for it, else with `name` as its path.
    pub(crate) fn category(&mut self, at: &Element, system: &str, code: &str, name: Option<&str>) -> bool {
        if code.chars().count() > CODE_CHARS_MAX {
            let message = format!("the code is longer than {CODE_CHARS_MAX} characters; the category was left out");
            self.findings.warn_value(finding::FIELD_LENGTH, at, code, message);
            return true;
        }
        let (mut category, is_known) = self.ctx.groups.category(system, code);
        if category.path.is_empty() {
            category.path.extend(name.map(|name| name.chars().take(NAME_CHARS_MAX).collect::<String>()));
        }
        let same = |known: &Category| known.system == category.system && known.code == category.code;
        if !self.draft.data.categories.iter().any(same) {
            self.draft.data.categories.push(category);
        }
        is_known
    }
}

/// The last characters of a name that is too long.
fn tail_beyond(name: &str) -> Option<String> {
    if name.len() <= NAME_CHARS_MAX {
        return None;
    }
    let beyond = name.chars().count().checked_sub(NAME_CHARS_MAX).filter(|beyond| *beyond > 0)?;
    Some(name.chars().skip(beyond).collect())
}

//! One record on its way to a draft: what was read so far, and what there is to say about it.
//!
//! Every method takes the place that it speaks of, brings the value into the model's limits and says in a finding what it left
//! out. The draft that [`finish`](Record::finish) gives keeps every declared length, so that one long text does not cost a whole item.

use super::fit::{self, ATTRIBUTES_MAX, CATEGORIES_MAX, NAME_CHARS_MAX};
use super::language::language_tag;
use super::time::{Bound, instant};
use super::words::{NUMBER_CHARS_MAX, is_number, word};
use super::{Findings, Place};
use crate::codes::finding;
use crate::model::timestamp::Timestamp;
use crate::model::{
    Attribute, Category, Contributor, Finding, Identifier, ItemDraft, Media, Position, Price, Relation, Text, currency,
};
use crate::profile::CatalogProfile;

/// The record being read.
pub struct Record<'p> {
    /// What was read so far. Fields without a method of their own are set here.
    pub draft: ItemDraft,
    /// What there is to say about it.
    pub findings: Findings,
    /// How the tenant reads catalogs.
    pub profile: &'p CatalogProfile,
    /// The language of texts that name none: the document's, else the profile's.
    pub language: String,
    /// The currency of prices that name none: the document's, else the profile's.
    pub currency: Option<String>,
    /// What the record is called where it starts.
    name: String,
}

/// Which part of a text a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Title,
    Description,
    Keyword,
}

impl<'p> Record<'p> {
    /// A record that starts at a place, with the profile's language and currency.
    #[must_use]
    pub fn new<'a>(sku: impl Into<String>, at: impl Into<Place<'a>>, profile: &'p CatalogProfile) -> Self {
        let Place { position, path } = at.into();
        Self {
            draft: ItemDraft::new(sku, position),
            findings: Findings::default(),
            profile,
            language: profile.language.clone(),
            currency: profile.currency.clone(),
            name: path.to_owned(),
        }
    }

    /// The BCP 47 language of a code as sent, ISO 639-1 or 639-2; the record's own, with a finding, where it is none.
    pub fn language_of<'a>(&mut self, at: impl Into<Place<'a>>, sent: Option<&str>) -> String {
        let Some(sent) = sent.map(str::trim).filter(|sent| !sent.is_empty()) else { return self.language.clone() };
        language_tag(sent).unwrap_or_else(|| {
            let message = format!("the language is not a language code; {} is used", self.language);
            self.findings.warn_value(finding::LANGUAGE_UNKNOWN, at, sent, message);
            self.language.clone()
        })
    }

    /// The item's name in a language as sent. Of two in one language the first stays, with a finding.
    pub fn title<'a>(&mut self, at: impl Into<Place<'a>>, language: Option<&str>, sent: &str) {
        self.text(Part::Title, at.into(), language, sent);
    }

    /// The longer text. Of two in one language the first stays, with a finding.
    pub fn description<'a>(&mut self, at: impl Into<Place<'a>>, language: Option<&str>, sent: &str) {
        self.text(Part::Description, at.into(), language, sent);
    }

    /// A search word.
    pub fn keyword<'a>(&mut self, at: impl Into<Place<'a>>, language: Option<&str>, sent: &str) {
        self.text(Part::Keyword, at.into(), language, sent);
    }

    fn text(&mut self, part: Part, at: Place<'_>, language: Option<&str>, sent: &str) {
        let sent = sent.trim();
        if sent.is_empty() {
            return;
        }
        let lang = self.language_of(at, language);
        if self.draft.data.texts.len() > fit::TEXTS_MAX {
            return; // one more than there may be is kept, so that the last step says it
        }
        let texts = &mut self.draft.data.texts;
        let index = texts.iter().position(|known| known.lang == lang).unwrap_or_else(|| {
            texts.push(Text { lang, ..Text::default() });
            texts.len() - 1
        });
        let entry = &mut texts[index];
        let taken = match part {
            Part::Title => Some(entry.title.as_str()).filter(|title| !title.is_empty()),
            Part::Description => entry.description.as_deref(),
            Part::Keyword => None,
        };
        match part {
            _ if taken == Some(sent) => {}
            _ if taken.is_some() => {
                let message = "there is one before it in the same language; this one was left out";
                self.findings.warn_value(finding::PART_IGNORED, at, sent, message);
            }
            Part::Title => sent.clone_into(&mut entry.title),
            Part::Description => entry.description = Some(sent.to_owned()),
            Part::Keyword => entry.keywords.push(sent.to_owned()),
        }
    }

    /// Whether a list takes one more; if not, that is said. It also bounds what looking for its like costs.
    fn has_room(&mut self, at: Place<'_>, length: usize, length_max: usize) -> bool {
        if length >= length_max {
            let message = format!("the item has {length_max} of these already; this one was left out");
            self.findings.warn(finding::FIELD_LENGTH, at, message);
        }
        length < length_max
    }

    /// The brand; the first that is sent stays.
    pub fn brand(&mut self, sent: &str) {
        let sent = sent.trim();
        if !sent.is_empty() && self.draft.data.brand.is_none() {
            self.draft.data.brand = Some(sent.to_owned());
        }
    }

    /// A number under which others know the item. One that cannot be a number is left out with a finding.
    pub fn identifier<'a>(&mut self, at: impl Into<Place<'a>>, scheme: &str, sent: &str) {
        let (at, sent) = (at.into(), sent.trim());
        if sent.is_empty() {
            return;
        }
        if !is_number(sent) {
            let message = format!(
                "the number is longer than {NUMBER_CHARS_MAX} characters or holds control characters; it was left out"
            );
            return self.findings.warn_value(finding::FIELD_INVALID, at, sent, message);
        }
        if !self.has_room(at, self.draft.data.identifiers.len(), fit::IDENTIFIERS_MAX) {
            return;
        }
        let identifier = Identifier { scheme: word(scheme, "other"), value: sent.to_owned() };
        if !self.draft.data.identifiers.contains(&identifier) {
            self.draft.data.identifiers.push(identifier);
        }
    }

    /// A place in a system, with the names from its root to it as far as they are known.
    pub fn category<'a>(&mut self, at: impl Into<Place<'a>>, system: &str, code: &str, path: Vec<String>) {
        let (at, code) = (at.into(), code.trim());
        if code.is_empty() {
            return;
        }
        if code.chars().count() > NUMBER_CHARS_MAX || self.draft.data.categories.len() >= CATEGORIES_MAX {
            let message = format!(
                "the code is longer than {NUMBER_CHARS_MAX} characters, or the item has {CATEGORIES_MAX} categories; it was left out"
            );
            return self.findings.warn_value(finding::FIELD_LENGTH, at, code, message);
        }
        if !(1..=fit::WORD_CHARS_MAX).contains(&system.chars().count()) {
            let message =
                format!("a system's name has 1 to {} characters; the category was left out", fit::WORD_CHARS_MAX);
            return self.findings.warn_value(finding::FIELD_LENGTH, at, system, message);
        }
        let same = |known: &Category| known.system == system && known.code == code;
        if !self.draft.data.categories.iter().any(same) {
            self.draft.data.categories.push(Category { system: system.to_owned(), code: code.to_owned(), path });
        }
    }

    /// A property. A name that is too long is cut at its beginning: the end of a path says more.
    pub fn attribute<'a>(&mut self, at: impl Into<Place<'a>>, mut attribute: Attribute) {
        let at = at.into();
        if self.draft.data.attributes.len() >= ATTRIBUTES_MAX {
            let message = format!("the item has more than {ATTRIBUTES_MAX} attributes; this one was left out");
            return self.findings.warn(finding::FIELD_LENGTH, at, message);
        }
        if attribute.name.is_empty() {
            return self.findings.warn(finding::FIELD_REQUIRED, at, "the attribute has no name and was left out");
        }
        if let Some(tail) = tail_beyond(&attribute.name) {
            let message = "the attribute's name was cut at its beginning";
            self.findings.warn_value(finding::TEXT_TRUNCATED, at, &attribute.name, message);
            attribute.name = tail;
        }
        self.draft.data.attributes.push(attribute);
    }

    /// A property with one value, under a system; an empty value is none.
    pub fn fact<'a>(&mut self, at: impl Into<Place<'a>>, system: &str, name: &str, sent: &str) {
        let sent = sent.trim();
        if !sent.is_empty() {
            let (name, values) = (name.to_owned(), vec![sent.to_owned()]);
            self.attribute(at, Attribute { name, values, system: Some(system.to_owned()), ..Attribute::default() });
        }
    }

    /// A file, by reference. An address that is too long is left out with a finding.
    pub fn media<'a>(&mut self, at: impl Into<Place<'a>>, media: Media) {
        let at = at.into();
        if media.url.is_empty() || !self.has_room(at, self.draft.data.media.len(), fit::MEDIA_MAX) {
            return;
        }
        if media.url.chars().count() > fit::URL_CHARS_MAX {
            let message =
                format!("the address is longer than {} characters; the file was left out", fit::URL_CHARS_MAX);
            return self.findings.warn_value(finding::FIELD_LENGTH, at, &media.url, message);
        }
        if !self.draft.data.media.contains(&media) {
            self.draft.data.media.push(Media { kind: word(&media.kind, "others"), ..media });
        }
    }

    /// A person or body that had a part in the item.
    pub fn contributor<'a>(&mut self, at: impl Into<Place<'a>>, role: &str, name: &str) {
        let name = name.trim();
        if !name.is_empty() && self.has_room(at.into(), self.draft.data.contributors.len(), fit::CONTRIBUTORS_MAX) {
            let contributor = Contributor { role: word(role, "contributor"), name: name.to_owned() };
            self.draft.data.contributors.push(contributor);
        }
    }

    /// A link to another item. A number that cannot be one is left out with a finding.
    pub fn relation<'a>(&mut self, at: impl Into<Place<'a>>, relation: Relation) {
        let at = at.into();
        if !is_number(&relation.sku) {
            let message = format!(
                "the number is empty, longer than {NUMBER_CHARS_MAX} characters or holds control characters; the reference was left out"
            );
            return self.findings.warn_value(finding::FIELD_INVALID, at, &relation.sku, message);
        }
        if !self.has_room(at, self.draft.data.relations.len(), fit::RELATIONS_MAX) {
            return;
        }
        let relation = Relation { kind: word(&relation.kind, "other"), ..relation };
        if !self.draft.data.relations.contains(&relation) {
            self.draft.data.relations.push(relation);
        }
    }

    /// A price with amount and currency, or nothing with a finding: without an amount, with one below 0, without a currency that
    /// is one. The rest of it is the caller's, who then hands it to [`push_price`](Self::push_price).
    pub fn price<'a>(
        &mut self,
        at: impl Into<Place<'a>>,
        kind: &str,
        amount: &str,
        currency: Option<&str>,
    ) -> Option<Price> {
        let at = at.into();
        if amount.trim().is_empty() {
            self.findings.warn(finding::PRICE_AMOUNT_MISSING, at, "the price has no amount and was left out");
            return None;
        }
        let (sent, amount) = (amount, self.not_negative(at, amount)?);
        let currency = self.currency_for(at, sent, currency)?;
        Some(Price { kind: word(kind, "unspecified"), amount, currency, ..Price::default() })
    }

    /// An ISO 4217 code as sent, else the record's own; nothing with a finding if there is none.
    pub fn currency_of<'a>(&mut self, at: impl Into<Place<'a>>, sent: Option<&str>) -> Option<String> {
        self.currency_for(at.into(), "", sent)
    }

    fn currency_for(&mut self, at: Place<'_>, amount: &str, sent: Option<&str>) -> Option<String> {
        let Some(sent) = sent.map(str::trim).filter(|sent| !sent.is_empty()) else {
            if self.currency.is_none() {
                let message = "neither price, document nor profile names a currency; the price was left out (catalog.currency in the profile sets one)";
                self.findings.warn_value(finding::CURRENCY_MISSING, at, amount, message);
            }
            return self.currency.clone();
        };
        let code = sent.to_uppercase();
        if currency::is_active(&code) {
            return Some(code);
        }
        let message = "no active ISO 4217 code; the price was left out";
        self.findings.warn_value(finding::CURRENCY_UNKNOWN, at, sent, message);
        None
    }

    /// Adds a price. One that ends before it begins is left out with a finding.
    pub fn push_price<'a>(&mut self, at: impl Into<Place<'a>>, price: Price) {
        let at = at.into();
        if !self.has_room(at, self.draft.data.prices.len(), fit::PRICES_MAX) {
            return;
        }
        if let (Some(from), Some(to)) = (price.valid_from, price.valid_to)
            && from > to
        {
            let message = format!("the price ends ({to}) before it begins ({from}); it was left out");
            return self.findings.warn(finding::DATE_INVALID, at, message);
        }
        if !self.draft.data.prices.contains(&price) {
            self.draft.data.prices.push(price);
        }
    }

    /// A point in time, or nothing with a finding. Empty text is nothing, without one.
    pub fn instant<'a>(&mut self, at: impl Into<Place<'a>>, sent: &str, bound: Bound) -> Option<Timestamp> {
        let sent = sent.trim();
        if sent.is_empty() {
            return None;
        }
        let at_time = instant(sent, bound);
        if at_time.is_none() {
            self.findings.warn_value(finding::DATE_INVALID, at, sent, "the date cannot be read; it was left out");
        }
        at_time
    }

    /// Gives every language a title: its own, that of the record's language, that of any, at last the first line of a description.
    /// Without any the item is rejected.
    pub fn complete_titles(&mut self) {
        let at = Place::new(self.draft.position, &self.name);
        let texts = &mut self.draft.data.texts;
        let titled = |text: &&Text| !text.title.is_empty();
        let own = texts.iter().filter(titled).find(|text| text.lang == self.language);
        let title = match own.or_else(|| texts.iter().find(titled)) {
            Some(text) => text.title.clone(),
            None => {
                let description = texts.iter().find_map(|text| text.description.as_deref());
                let Some(description) = description else {
                    texts.clear();
                    let finding = Finding::error(finding::FIELD_REQUIRED, "the record has neither a name nor a text");
                    return self.findings.push(finding.at(at.position).path(at.path));
                };
                let message = "the name is missing; the title was taken from the description";
                self.findings.warn(finding::FIELD_REQUIRED, at, message);
                let line = description.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim();
                line.chars().take(fit::TITLE_CHARS_MAX).collect()
            }
        };
        for text in texts.iter_mut().filter(|text| text.title.is_empty()) {
            text.title.clone_from(&title);
        }
    }

    /// The draft, cut to what the model takes, with all that there was to say.
    #[must_use]
    pub fn finish(mut self) -> ItemDraft {
        self.complete_titles();
        self.fitted()
    }

    /// The draft as it is: for a partial change, which needs no title.
    #[must_use]
    pub fn fitted(mut self) -> ItemDraft {
        let position: Position = self.draft.position;
        fit::fit(&mut self.draft.data, &mut self.findings, position);
        self.draft.findings.extend(self.findings.into_list());
        self.draft
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

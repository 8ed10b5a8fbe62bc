//! The last step of a record: texts and lists that are longer than the model takes are cut, each with a finding, so that one
//! long text does not cost the whole item.
//!
//! Numbers, codes and addresses are never cut: half of one is a wrong one. The sku is left to the platform, which rejects. A test
//! holds the figures here to the model's own declaration.

use super::Findings;
use crate::codes::finding;
use crate::model::{Finding, ItemData, Position};

/// Characters of a title.
pub(super) const TITLE_CHARS_MAX: usize = 1024;
/// Characters of a description or of an attribute's value.
const TEXT_CHARS_MAX: usize = 65_536;
/// Characters of an attribute's or a brand's name.
pub(super) const NAME_CHARS_MAX: usize = 256;
/// Characters of a person's name.
const PERSON_CHARS_MAX: usize = 512;
/// Characters of a system, of a unit of an attribute, of a feature's id.
pub(super) const WORD_CHARS_MAX: usize = 64;
/// Characters of a price's unit.
const UNIT_CHARS_MAX: usize = 32;
/// Characters of a territory.
const TERRITORY_CHARS_MAX: usize = 16;
/// Characters of a media type.
const MIME_CHARS_MAX: usize = 128;
/// Characters of an address.
pub(super) const URL_CHARS_MAX: usize = 4096;
/// Entries of the lists of an item.
pub(super) const TEXTS_MAX: usize = 64;
pub(super) const IDENTIFIERS_MAX: usize = 64;
pub(super) const PRICES_MAX: usize = 1024;
pub(super) const CATEGORIES_MAX: usize = 256;
pub(super) const ATTRIBUTES_MAX: usize = 16_384;
pub(super) const MEDIA_MAX: usize = 1024;
pub(super) const CONTRIBUTORS_MAX: usize = 1024;
pub(super) const RELATIONS_MAX: usize = 4096;
/// Entries of lists within those.
const VALUES_MAX: usize = 1024;
pub(super) const KEYWORDS_MAX: usize = 256;
const TERRITORIES_MAX: usize = 300;
const PATH_MAX: usize = 32;

/// Cuts `item` to what the model takes.
pub(super) fn fit(item: &mut ItemData, findings: &mut Findings, position: Position) {
    let mut fitter = Fitter { findings, position };
    if let Some(brand) = &mut item.brand {
        fitter.cut(brand, NAME_CHARS_MAX, || "/brand".to_owned());
    }
    fitter.texts(item);
    fitter.attributes(item);
    fitter.prices(item);
    for (index, category) in item.categories.iter_mut().enumerate() {
        category.path.retain(|name| !name.is_empty());
        for name in &mut category.path {
            fitter.cut(name, TITLE_CHARS_MAX, || format!("/categories/{index}/path"));
        }
        fitter.shorten(&mut category.path, PATH_MAX, || format!("/categories/{index}/path"));
    }
    for (index, media) in item.media.iter_mut().enumerate() {
        if let Some(description) = &mut media.description {
            fitter.cut(description, TITLE_CHARS_MAX, || format!("/media/{index}/description"));
        }
        media.description.take_if(|description| description.is_empty());
        fitter.code(&mut media.mime_type, MIME_CHARS_MAX, || format!("/media/{index}/mime_type"));
    }
    for (index, contributor) in item.contributors.iter_mut().enumerate() {
        fitter.cut(&mut contributor.name, PERSON_CHARS_MAX, || format!("/contributors/{index}/name"));
    }
    fitter.shorten(&mut item.texts, TEXTS_MAX, || "/texts".to_owned());
    fitter.shorten(&mut item.identifiers, IDENTIFIERS_MAX, || "/identifiers".to_owned());
    fitter.shorten(&mut item.prices, PRICES_MAX, || "/prices".to_owned());
    fitter.shorten(&mut item.categories, CATEGORIES_MAX, || "/categories".to_owned());
    fitter.shorten(&mut item.attributes, ATTRIBUTES_MAX, || "/attributes".to_owned());
    fitter.shorten(&mut item.media, MEDIA_MAX, || "/media".to_owned());
    fitter.shorten(&mut item.contributors, CONTRIBUTORS_MAX, || "/contributors".to_owned());
    fitter.shorten(&mut item.relations, RELATIONS_MAX, || "/relations".to_owned());
}

struct Fitter<'a> {
    findings: &'a mut Findings,
    position: Position,
}

impl Fitter<'_> {
    fn texts(&mut self, item: &mut ItemData) {
        for (index, text) in item.texts.iter_mut().enumerate() {
            self.cut(&mut text.title, TITLE_CHARS_MAX, || format!("/texts/{index}/title"));
            if let Some(description) = &mut text.description {
                self.cut(description, TEXT_CHARS_MAX, || format!("/texts/{index}/description"));
            }
            for keyword in &mut text.keywords {
                self.cut(keyword, TITLE_CHARS_MAX, || format!("/texts/{index}/keywords"));
            }
            self.shorten(&mut text.keywords, KEYWORDS_MAX, || format!("/texts/{index}/keywords"));
        }
    }

    fn attributes(&mut self, item: &mut ItemData) {
        for (index, attribute) in item.attributes.iter_mut().enumerate() {
            for value in &mut attribute.values {
                self.cut(value, TEXT_CHARS_MAX, || format!("/attributes/{index}/values"));
            }
            self.shorten(&mut attribute.values, VALUES_MAX, || format!("/attributes/{index}/values"));
            self.code(&mut attribute.unit, WORD_CHARS_MAX, || format!("/attributes/{index}/unit"));
            self.code(&mut attribute.system, WORD_CHARS_MAX, || format!("/attributes/{index}/system"));
            self.code(&mut attribute.feature_id, WORD_CHARS_MAX, || format!("/attributes/{index}/feature_id"));
        }
    }

    fn prices(&mut self, item: &mut ItemData) {
        for (index, price) in item.prices.iter_mut().enumerate() {
            self.code(&mut price.unit, UNIT_CHARS_MAX, || format!("/prices/{index}/unit"));
            price.territories.retain(|territory| {
                let is_kept = (1..=TERRITORY_CHARS_MAX).contains(&territory.chars().count());
                if !is_kept && !territory.is_empty() {
                    let message =
                        format!("the territory is longer than {TERRITORY_CHARS_MAX} characters and was left out");
                    self.say(finding::FIELD_LENGTH, message, format!("/prices/{index}/territories"), territory);
                }
                is_kept
            });
            self.shorten(&mut price.territories, TERRITORIES_MAX, || format!("/prices/{index}/territories"));
        }
    }

    fn say(&mut self, code: &'static str, message: String, pointer: String, value: &str) {
        self.findings.push(Finding::warning(code, message).at(self.position).path(pointer).value(value));
    }

    fn cut(&mut self, text: &mut String, chars_max: usize, pointer: impl Fn() -> String) {
        if text.len() <= chars_max {
            return;
        }
        let Some((end, _)) = text.char_indices().nth(chars_max) else { return };
        self.say(finding::TEXT_TRUNCATED, format!("the text was cut to {chars_max} characters"), pointer(), text);
        text.truncate(end);
    }

    /// A code that is empty is none; one that is too long is left out.
    fn code(&mut self, code: &mut Option<String>, chars_max: usize, pointer: impl Fn() -> String) {
        let Some(sent) = code.take_if(|code| code.is_empty() || code.chars().count() > chars_max) else { return };
        if !sent.is_empty() {
            let message = format!("it is longer than {chars_max} characters and was left out");
            self.say(finding::FIELD_LENGTH, message, pointer(), &sent);
        }
    }

    fn shorten<T>(&mut self, list: &mut Vec<T>, length_max: usize, pointer: impl Fn() -> String) {
        if list.len() > length_max {
            let message =
                format!("the list has {} entries; those after the first {length_max} were left out", list.len());
            self.findings.push(Finding::warning(finding::FIELD_LENGTH, message).at(self.position).path(pointer()));
            list.truncate(length_max);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attribute, Category, Contributor, Identifier, Item, Media, Price, Relation, Text};

    fn long(chars: usize) -> String {
        "ö".repeat(chars)
    }

    /// Everything that can be too long is, by one.
    fn too_much() -> ItemData {
        let text = Text {
            lang: "de".to_owned(),
            title: long(1025),
            description: Some(long(65_537)),
            keywords: vec![long(1025); 257],
        };
        let price = Price {
            kind: "list".to_owned(),
            currency: "EUR".to_owned(),
            unit: Some(long(33)),
            territories: [vec![long(17)], vec!["DE".to_owned(); 301]].concat(),
            ..Price::default()
        };
        let attribute = Attribute {
            name: "a".to_owned(),
            values: [vec![long(65_537)], vec![String::new(); 1024]].concat(),
            unit: Some(long(65)),
            system: Some(long(65)),
            feature_id: Some(long(65)),
        };
        let media = Media {
            kind: "image".to_owned(),
            url: "a".to_owned(),
            mime_type: Some(long(129)),
            description: Some(long(1025)),
        };
        let path = [vec![String::new(), long(1025)], vec!["a".to_owned(); 32]].concat();
        let category = Category { system: "s".to_owned(), code: "c".to_owned(), path };
        let number = |_| Identifier { scheme: "mpn".to_owned(), value: "1".to_owned() };
        let relation = |_| Relation { kind: "similar".to_owned(), sku: "B".to_owned(), quantity: None };
        ItemData {
            sku: "A1".to_owned(),
            kind: "product".to_owned(),
            brand: Some(long(257)),
            texts: (0..65).map(|_| text.clone()).collect(),
            identifiers: (0..65).map(number).collect(),
            prices: (0..1025).map(|_| price.clone()).collect(),
            categories: (0..257).map(|_| category.clone()).collect(),
            attributes: [vec![attribute], vec![Attribute { name: "b".to_owned(), ..Attribute::default() }; 16_384]]
                .concat(),
            media: (0..1025).map(|_| media.clone()).collect(),
            contributors: vec![Contributor { role: "author".to_owned(), name: long(513) }; 1025],
            relations: (0..4097).map(relation).collect(),
            ..ItemData::default()
        }
    }

    #[test]
    fn what_was_cut_keeps_every_declared_length_and_loses_no_more_than_it_has_to() {
        let (mut item, mut findings) = (too_much(), Findings::default());
        fit(&mut item, &mut findings, Position::default());
        let checked = Item::try_from_data(item).expect("keeps the declared lengths");
        assert_eq!(checked.texts[0].title.chars().count(), TITLE_CHARS_MAX);
        assert_eq!((checked.texts.len(), checked.texts[0].keywords.len()), (64, 256));
        assert_eq!((checked.prices.len(), checked.prices[0].territories.len()), (1024, 300));
        assert_eq!((checked.attributes.len(), checked.attributes[0].values.len()), (16_384, 1024));
        assert_eq!(checked.categories[0].path.len(), 32);
        assert!(!findings.into_list().is_empty());
    }

    #[test]
    fn what_fits_stays_without_a_finding() {
        let (mut item, mut findings) = (too_much(), Findings::default());
        fit(&mut item, &mut findings, Position::default());
        let (before, mut findings) = (item.clone(), Findings::default());
        fit(&mut item, &mut findings, Position::default());
        assert_eq!((item, findings.into_list().len()), (before, 0));
    }
}

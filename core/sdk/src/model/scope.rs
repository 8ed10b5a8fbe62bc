//! What one block of a sender's record owns of an item, finer than its parts: titles but not descriptions, some attributes,
//! relations of some kinds.
//!
//! Used by formats whose updates replace blocks (ONIX for Books). Two blocks may speak of one part; an update of one must
//! neither lose what the other said nor keep what is no longer said. Pure; nothing here reads or stores anything.

use std::collections::HashSet;

use serde::Serialize;

use super::catalog::{Attribute, Availability, Identifier, ItemData, Relation, Text};
use super::parts::Parts;

/// What an update replaces. Everything that is not named here stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Scope {
    /// Parts that it owns whole.
    pub parts: Parts,
    /// The titles of all languages.
    pub titles: bool,
    /// The descriptions of all languages.
    pub descriptions: bool,
    /// The keywords of all languages.
    pub keywords: bool,
    /// The system of the attributes named here.
    pub system: String,
    /// Names of attributes, each with those below it: `Publishing` stands for `Publishing/Date` and `Publishing[de]` as well.
    pub attributes: Vec<String>,
    /// Names under which the profile keeps some of these attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renamed: Vec<String>,
    /// Relations by their kinds.
    pub relations: RelationKinds,
    /// Identifiers that the update names are added. None goes: updates name as many as it takes to find the item.
    pub identifiers: bool,
    /// The availability. Where the update names no date, the one before stays.
    pub availability: bool,
    /// The date of an availability that is there.
    pub available_from: bool,
}

/// Some kinds of relations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKinds {
    /// None.
    #[default]
    None,
    /// This one.
    Only(String),
    /// All but this one.
    Except(String),
    /// All.
    All,
}

impl RelationKinds {
    /// These and those. `Only` and `Except` are of one kind in any format that has both.
    #[must_use]
    pub fn and(self, those: Self) -> Self {
        match (self, those) {
            (Self::None, one) | (one, Self::None) => one,
            (one, other) if one == other => one,
            _ => Self::All,
        }
    }

    fn has(&self, kind: &str) -> bool {
        match self {
            Self::None => false,
            Self::Only(one) => one == kind,
            Self::Except(one) => one != kind,
            Self::All => true,
        }
    }
}

impl Scope {
    /// Whether an attribute of this name, of the scope's system, is replaced.
    #[must_use]
    pub fn owns_attribute(&self, name: &str) -> bool {
        let is_below = |owner: &String| {
            name.strip_prefix(owner.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '[']))
        };
        self.attributes.iter().any(is_below)
    }

    /// Replaces in `item` what the scope names by that of `data`. Texts of `data` without a language are of the item's own, the
    /// language of its first text.
    pub(super) fn apply(&self, mut data: ItemData, item: &mut ItemData) {
        self.replace_texts(std::mem::take(&mut data.texts), &mut item.texts);
        self.replace_attributes(std::mem::take(&mut data.attributes), &mut item.attributes);
        self.replace_relations(std::mem::take(&mut data.relations), &mut item.relations);
        if self.identifiers {
            add_identifiers(std::mem::take(&mut data.identifiers), &mut item.identifiers);
        }
        self.replace_availability(data.availability.take(), &mut item.availability);
        self.parts.transfer(data, item);
    }

    fn replace_texts(&self, sent: Vec<Text>, texts: &mut Vec<Text>) {
        if !(self.titles || self.descriptions || self.keywords) {
            return;
        }
        // An item keeps its titles until it gets others.
        let titles = self.titles && sent.iter().any(|text| !text.title.is_empty());
        let own = texts.first().map(|text| text.lang.clone()).unwrap_or_default();
        for text in texts.iter_mut() {
            self.put(Text::default(), text, titles);
        }
        for mut text in sent {
            if text.lang.is_empty() {
                text.lang.clone_from(&own);
            }
            let index = texts.iter().position(|known| known.lang == text.lang).unwrap_or_else(|| {
                texts.push(Text { lang: text.lang.clone(), ..Text::default() });
                texts.len() - 1
            });
            self.put(text, &mut texts[index], titles);
        }
        let is_empty = |text: &Text| text.title.is_empty() && text.description.is_none() && text.keywords.is_empty();
        texts.retain(|text| !is_empty(text));
        let titled = |text: &&Text| !text.title.is_empty();
        let title = texts.iter().filter(titled).find(|text| text.lang == own).or_else(|| texts.iter().find(titled));
        let title = title.map(|text| text.title.clone()).unwrap_or_default();
        for text in texts.iter_mut().filter(|text| text.title.is_empty()) {
            text.title.clone_from(&title);
        }
    }

    /// Takes over what is in scope.
    fn put(&self, from: Text, to: &mut Text, titles: bool) {
        if titles {
            to.title = from.title;
        }
        if self.descriptions {
            to.description = from.description;
        }
        if self.keywords {
            to.keywords = from.keywords;
        }
    }

    fn replace_attributes(&self, sent: Vec<Attribute>, attributes: &mut Vec<Attribute>) {
        if self.attributes.is_empty() {
            return;
        }
        let named: HashSet<(&str, Option<&str>)> = sent.iter().map(key).collect();
        attributes.retain(|attribute| {
            let is_owned = attribute.system.as_ref() == Some(&self.system) && self.owns_attribute(&attribute.name);
            !is_owned && !self.renamed.contains(&attribute.name) && !named.contains(&key(attribute))
        });
        attributes.extend(sent);
    }

    fn replace_relations(&self, sent: Vec<Relation>, relations: &mut Vec<Relation>) {
        relations.retain(|relation| !self.relations.has(&relation.kind));
        relations.extend(sent.into_iter().filter(|relation| self.relations.has(&relation.kind)));
    }

    fn replace_availability(&self, sent: Option<Availability>, availability: &mut Option<Availability>) {
        let date = sent.as_ref().and_then(|sent| sent.available_from);
        if self.availability {
            let before = availability.as_ref().and_then(|before| before.available_from);
            *availability = sent.map(|sent| Availability { available_from: sent.available_from.or(before), ..sent });
        } else if self.available_from
            && let Some(known) = availability
        {
            known.available_from = date;
        }
    }
}

fn key(attribute: &Attribute) -> (&str, Option<&str>) {
    (&attribute.name, attribute.system.as_deref())
}

fn add_identifiers(sent: Vec<Identifier>, identifiers: &mut Vec<Identifier>) {
    for identifier in sent {
        if !identifiers.contains(&identifier) {
            identifiers.push(identifier);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::patch::PatchOp;
    use crate::model::timestamp::Timestamp;

    fn text(lang: &str, title: &str, description: &str, keyword: &str) -> Text {
        Text {
            lang: lang.to_owned(),
            title: title.to_owned(),
            description: Some(description.to_owned()).filter(|text| !text.is_empty()),
            keywords: Some(keyword.to_owned()).filter(|text| !text.is_empty()).into_iter().collect(),
        }
    }

    fn attribute(name: &str, value: &str) -> Attribute {
        let (name, values) = (name.to_owned(), vec![value.to_owned()]);
        Attribute { name, values, system: Some("onix".to_owned()), ..Attribute::default() }
    }

    fn relation(kind: &str, sku: &str) -> Relation {
        Relation { kind: kind.to_owned(), sku: sku.to_owned(), quantity: None }
    }

    fn applied(scope: Scope, data: ItemData, mut item: ItemData) -> ItemData {
        PatchOp::ReplaceWithin { scope: Box::new(scope), data: Box::new(data) }.apply(&mut item);
        item
    }

    #[test]
    fn a_block_replaces_its_share_of_the_texts_and_no_more() {
        let before = vec![text("en", "Harbour", "Long ago", "sea"), text("de", "Hafen", "Einst", "")];
        let after = |scope, texts| {
            let data = ItemData { texts, ..ItemData::default() };
            applied(scope, data, ItemData { texts: before.clone(), ..ItemData::default() }).texts
        };
        let descriptions = Scope { descriptions: true, ..Scope::default() };
        assert_eq!(
            after(descriptions.clone(), vec![text("", "", "Anew", "")]),
            [text("en", "Harbour", "Anew", "sea"), text("de", "Hafen", "", "")]
        );
        assert_eq!(after(descriptions, vec![text("fr", "", "Jadis", "")])[2], text("fr", "Harbour", "Jadis", ""));
        let titles = Scope { titles: true, keywords: true, ..Scope::default() };
        assert_eq!(
            after(titles, vec![text("en", "Port", "", "ship")]),
            [text("en", "Port", "Long ago", "ship"), text("de", "Port", "Einst", "")]
        );
        let all = Scope { titles: true, descriptions: true, keywords: true, ..Scope::default() };
        assert_eq!(after(all, vec![text("fr", "Port", "", "")]), [text("fr", "Port", "", "")]);
        assert_eq!(after(Scope::default(), vec![text("en", "Port", "", "")]), before);
        let titles = Scope { titles: true, ..Scope::default() };
        assert_eq!(after(titles, vec![text("en", "", "Anew", "")]), before);
    }

    #[test]
    fn attributes_go_by_name_with_all_below_it_and_by_the_name_the_profile_gave() {
        let scope = Scope {
            system: "onix".to_owned(),
            attributes: vec!["Detail".to_owned()],
            renamed: vec!["Pages".to_owned()],
            ..Scope::default()
        };
        let mut foreign = attribute("Detail/Form", "own");
        foreign.system = None;
        let names = ["Detail/Form", "Detail[de]", "Detailed", "Supply/Pack", "Pages", "height"];
        let attributes = names.iter().map(|name| attribute(name, "old")).chain([foreign]).collect();
        let data = ItemData {
            attributes: vec![attribute("Detail/Form", "new"), attribute("height", "new")],
            ..ItemData::default()
        };
        let item = applied(scope, data, ItemData { attributes, ..ItemData::default() });
        let left: Vec<_> = item.attributes.iter().map(|it| (it.name.as_str(), it.values[0].as_str())).collect();
        assert_eq!(
            left,
            [
                ("Detailed", "old"),
                ("Supply/Pack", "old"),
                ("Detail/Form", "own"),
                ("Detail/Form", "new"),
                ("height", "new")
            ]
        );
    }

    #[test]
    fn relations_go_by_their_kinds() {
        let before = vec![relation("consists_of", "1"), relation("similar", "2")];
        let data = || ItemData { relations: vec![relation("consists_of", "3")], ..ItemData::default() };
        let parts = || "consists_of".to_owned();
        let after = |relations| {
            let item = ItemData { relations: before.clone(), ..ItemData::default() };
            applied(Scope { relations, ..Scope::default() }, data(), item).relations
        };
        assert_eq!(after(RelationKinds::None), before);
        assert_eq!(after(RelationKinds::Only(parts())), [relation("similar", "2"), relation("consists_of", "3")]);
        assert_eq!(after(RelationKinds::Except(parts())), [relation("consists_of", "1")]);
        let both = RelationKinds::Only(parts()).and(RelationKinds::Except(parts()));
        assert_eq!(after(both), [relation("consists_of", "3")]);
        assert_eq!(RelationKinds::None.and(RelationKinds::Only(parts())), RelationKinds::Only(parts()));
    }

    #[test]
    fn identifiers_are_added_and_a_date_stays_until_another_is_named() {
        let number = |scheme: &str, value: &str| Identifier { scheme: scheme.to_owned(), value: value.to_owned() };
        let day = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
        let availability = |status: &str, available_from| {
            Some(Availability { status: status.to_owned(), available_from, ..Availability::default() })
        };
        let before = ItemData {
            identifiers: vec![number("isbn", "1"), number("doi", "2")],
            availability: availability("preorder", day("2024-01-01T00:00:00Z")),
            ..ItemData::default()
        };
        let scope = Scope { identifiers: true, availability: true, parts: Parts::BRAND, ..Scope::default() };
        let data = ItemData {
            identifiers: vec![number("isbn", "3"), number("doi", "2")],
            availability: availability("in_stock", None),
            brand: Some("Kai".to_owned()),
            ..ItemData::default()
        };
        let after = applied(scope, data, before.clone());
        assert_eq!(after.identifiers, [number("isbn", "1"), number("doi", "2"), number("isbn", "3")]);
        assert_eq!(after.availability, availability("in_stock", day("2024-01-01T00:00:00Z")));
        assert_eq!(after.brand.as_deref(), Some("Kai"));
        let scope = Scope { available_from: true, ..Scope::default() };
        let data = ItemData { availability: availability("", day("2024-02-02T00:00:00Z")), ..ItemData::default() };
        let after = applied(scope.clone(), data.clone(), before);
        assert_eq!(after.availability, availability("preorder", day("2024-02-02T00:00:00Z")));
        assert_eq!(applied(scope, data, ItemData::default()).availability, None);
    }
}

//! A change laid over an item: what it does not name stays. Used by [`PatchOp`](super::PatchOp) alone; it checks nothing.
//!
//! Entries of lists are told apart by what they are the value of: a text by its language, a number by its scheme, a category by
//! its system, an attribute by system and name. So a change of one plant, one language, one period leaves the others alone.

use std::collections::HashSet;

use super::catalog::{Attribute, ItemData, Price, Text};
use super::parts::Parts;
use super::timestamp::Timestamp;

/// Lays what `from` says of `parts` over `to`. An attribute without values goes.
pub(super) fn merge(parts: Parts, from: ItemData, to: &mut ItemData) {
    let single = Parts::KIND.and(Parts::STATUS);
    let optional = |part, is_said: bool| if is_said && parts.has(part) { part } else { Parts::NONE };
    let said = optional(Parts::BRAND, from.brand.is_some())
        .and(optional(Parts::AVAILABILITY, from.availability.is_some()))
        .and(parts.among(single));
    let mut from = from;
    if parts.has(Parts::TEXTS) {
        merge_texts(std::mem::take(&mut from.texts), &mut to.texts);
    }
    macro_rules! merge_lists {
        ($($part:ident $field:ident by |$entry:ident| $key:expr),+ $(,)?) => {
            $(if parts.has(Parts::$part) {
                let sent = std::mem::take(&mut from.$field);
                merge_list(sent, &mut to.$field, |$entry| $key, |_| true);
            })+
        };
    }
    merge_lists!(
        IDENTIFIERS identifiers by |it| it.scheme.clone(),
        PRICES prices by |it| it.kind.clone(),
        CATEGORIES categories by |it| it.system.clone(),
        MEDIA media by |it| it.url.clone(),
        CONTRIBUTORS contributors by |it| it.role.clone(),
        RELATIONS relations by |it| (it.kind.clone(), it.sku.clone()),
    );
    if parts.has(Parts::ATTRIBUTES) {
        let key = |it: &Attribute| (it.system.clone(), it.name.clone());
        merge_list(std::mem::take(&mut from.attributes), &mut to.attributes, key, |it| !it.values.is_empty());
    }
    said.transfer(from, to);
}

/// Texts by language, and within one only what is said of it.
fn merge_texts(sent: Vec<Text>, texts: &mut Vec<Text>) {
    for text in sent {
        if let Some(known) = texts.iter_mut().find(|known| known.lang == text.lang) {
            if !text.title.is_empty() {
                known.title = text.title;
            }
            known.description = text.description.or(known.description.take());
            if !text.keywords.is_empty() {
                known.keywords = text.keywords;
            }
            continue;
        }
        // A language that comes without a name is called as the item is.
        let title = match (text.title.is_empty(), texts.first()) {
            (true, Some(first)) => first.title.clone(),
            _ => text.title,
        };
        texts.push(Text { title, ..text });
    }
}

/// All entries of a key give way to those that are sent under it, as far as those are entries.
fn merge_list<T, K: std::hash::Hash + Eq>(
    sent: Vec<T>,
    list: &mut Vec<T>,
    key: impl Fn(&T) -> K,
    is_entry: impl Fn(&T) -> bool,
) {
    let keys: HashSet<K> = sent.iter().map(&key).collect();
    if !keys.is_empty() {
        list.retain(|entry| !keys.contains(&key(entry)));
    }
    list.extend(sent.into_iter().filter(is_entry));
}

/// An item as it is to be kept: as the document says it, with `keeps` as they are in the item that is there and `merges` laid over its own.
/// Of a new item an attribute without values is none.
#[must_use]
pub fn completed(mut sent: ItemData, there: Option<ItemData>, keeps: Parts, merges: Parts) -> ItemData {
    let Some(mut there) = there else {
        if merges.has(Parts::ATTRIBUTES) {
            sent.attributes.retain(|attribute| !attribute.values.is_empty());
        }
        return sent;
    };
    keeps.transfer(there.clone(), &mut sent);
    if !merges.is_none() {
        merge(merges, sent.clone(), &mut there);
        merges.transfer(there, &mut sent);
    }
    sent
}

/// The prices of a kind within a period become `sent`. Others of that kind stay as far as they reach out of it.
pub(super) fn put_prices(
    kind: &str,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    sent: Vec<Price>,
    prices: &mut Vec<Price>,
) {
    let mut kept = Vec::with_capacity(prices.len() + sent.len());
    for price in prices.drain(..) {
        if price.kind != kind {
            kept.push(price);
            continue;
        }
        let begins_before = from.is_some_and(|from| price.valid_from.is_none_or(|own| own < from));
        let ends_after = to.is_some_and(|to| price.valid_to.is_none_or(|own| own > to));
        if let Some(from) = from.filter(|_| begins_before) {
            let last = second_from(from, -1);
            let valid_to = Some(price.valid_to.map_or(last, |own| own.min(last)));
            kept.push(Price { valid_to, ..price.clone() });
        }
        if let Some(to) = to.filter(|_| ends_after) {
            let first = second_from(to, 1);
            let valid_from = Some(price.valid_from.map_or(first, |own| own.max(first)));
            kept.push(Price { valid_from, ..price });
        }
    }
    kept.extend(sent);
    *prices = kept;
}

/// The second before or after; at the end of time the same.
fn second_from(at: Timestamp, seconds: i64) -> Timestamp {
    let span = jiff::SignedDuration::from_secs(seconds);
    at.0.checked_add(span).map_or(at, Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Category, Identifier, ItemStatus};

    fn attribute(name: &str, value: &str) -> Attribute {
        let values = if value.is_empty() { Vec::new() } else { vec![value.to_owned()] };
        Attribute { name: name.to_owned(), values, ..Attribute::default() }
    }

    fn text(lang: &str, title: &str, description: Option<&str>) -> Text {
        let description = description.map(str::to_owned);
        Text { lang: lang.to_owned(), title: title.to_owned(), description, ..Text::default() }
    }

    fn number(scheme: &str, value: &str) -> Identifier {
        Identifier { scheme: scheme.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn what_a_change_does_not_name_stays() {
        let category =
            |system: &str, code: &str| Category { system: system.to_owned(), code: code.to_owned(), path: Vec::new() };
        let mut item = ItemData {
            brand: Some("Hafen".to_owned()),
            status: ItemStatus::Discontinued,
            texts: vec![text("de", "Klemme", Some("lang")), text("en", "Clamp", None)],
            identifiers: vec![number("gtin", "1"), number("mpn", "2")],
            categories: vec![category("a", "1"), category("b", "2")],
            attributes: vec![attribute("x", "1"), attribute("y", "2"), attribute("z", "3"), attribute("v", "")],
            ..ItemData::default()
        };
        let change = ItemData {
            texts: vec![text("de", "Klemme 2", None), text("fr", "", Some("longue"))],
            identifiers: vec![number("gtin", "3")],
            categories: vec![category("b", "3")],
            attributes: vec![attribute("y", ""), attribute("z", "4"), attribute("w", "5")],
            ..ItemData::default()
        };
        merge(Parts::ALL, ItemData { status: ItemStatus::Active, kind: "product".to_owned(), ..change }, &mut item);
        assert_eq!((item.brand.as_deref(), item.status), (Some("Hafen"), ItemStatus::Active));
        let expected =
            [text("de", "Klemme 2", Some("lang")), text("en", "Clamp", None), text("fr", "Klemme 2", Some("longue"))];
        assert_eq!(item.texts, expected);
        assert_eq!(item.identifiers, [number("mpn", "2"), number("gtin", "3")]);
        assert_eq!(item.categories, [category("a", "1"), category("b", "3")]);
        assert_eq!(
            item.attributes,
            [attribute("x", "1"), attribute("v", ""), attribute("z", "4"), attribute("w", "5")]
        );
    }

    #[test]
    fn a_record_keeps_and_merges_what_it_says_where_the_item_is_there() {
        let there = ItemData {
            brand: Some("Hafen".to_owned()),
            texts: vec![text("de", "Klemme", None)],
            attributes: vec![attribute("x", "1"), attribute("y", "2")],
            ..ItemData::default()
        };
        let sent = ItemData {
            texts: vec![text("en", "Clamp", None)],
            attributes: vec![attribute("x", ""), attribute("z", "3")],
            ..ItemData::default()
        };
        let merges = Parts::TEXTS.and(Parts::ATTRIBUTES);
        let item = completed(sent.clone(), Some(there), Parts::BRAND, merges);
        assert_eq!(item.brand.as_deref(), Some("Hafen"));
        assert_eq!(item.texts, [text("de", "Klemme", None), text("en", "Clamp", None)]);
        assert_eq!(item.attributes, [attribute("y", "2"), attribute("z", "3")]);
        let new = completed(sent.clone(), None, Parts::BRAND, merges);
        assert_eq!((new.texts, new.attributes), (sent.texts, vec![attribute("z", "3")]));
    }

    #[test]
    fn parts_that_are_not_named_are_not_touched() {
        let mut item =
            ItemData { kind: "bundle".to_owned(), texts: vec![text("de", "A", None)], ..ItemData::default() };
        let change = ItemData { kind: "product".to_owned(), texts: vec![text("de", "B", None)], ..ItemData::default() };
        merge(Parts::ATTRIBUTES, change.clone(), &mut item);
        assert_eq!((item.kind.as_str(), item.texts[0].title.as_str()), ("bundle", "A"));
        merge(Parts::KIND, change, &mut item);
        assert_eq!((item.kind.as_str(), item.texts[0].title.as_str()), ("product", "A"));
    }

    #[test]
    fn a_period_cuts_what_reaches_into_it() {
        let day = |day: &str| Some(format!("2026-01-{day}T00:00:00Z").parse().expect("a time"));
        let price = |kind: &str, from: &str, to: &str| Price {
            kind: kind.to_owned(),
            valid_from: if from.is_empty() { None } else { day(from) },
            valid_to: if to.is_empty() { None } else { day(to) },
            ..Price::default()
        };
        let shown = |prices: &[Price]| {
            let end = |at: Option<Timestamp>| at.map_or(String::new(), |at| at.to_string()[8..10].to_owned());
            let one = |it: &Price| format!("{} {}-{}", it.kind, end(it.valid_from), end(it.valid_to));
            prices.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let cases = [
            (vec![price("a", "01", "09"), price("b", "01", "30")], "a 01-09, b 01-30, a 10-20"),
            (vec![price("a", "", "")], "a -09, a 20-, a 10-20"),
            (vec![price("a", "05", "15")], "a 05-09, a 10-20"),
            (vec![price("a", "15", "25")], "a 20-25, a 10-20"),
            (vec![price("a", "12", "18"), price("a", "21", "")], "a 21-, a 10-20"),
        ];
        for (mut prices, expected) in cases {
            put_prices("a", (day("10"), day("20")), vec![price("a", "10", "20")], &mut prices);
            assert_eq!(shown(&prices), expected);
        }
        let mut prices = vec![price("a", "01", "09"), price("b", "", "")];
        put_prices("a", (None, None), Vec::new(), &mut prices);
        assert_eq!(shown(&prices), "b -");
    }
}

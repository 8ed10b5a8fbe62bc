//! How a document completes an item without repeating it: what it says under a scheme, a system or a name takes the place of what
//! stood there, all else stays.
//!
//! Called when [`PatchOp::Amend`](super::PatchOp::Amend) is applied. For formats that say an item in several records, apart from
//! each other, in any order: applying the same twice changes nothing.

use super::catalog::{Attribute, Category, Identifier, ItemData, Media, Price, Relation, Text};
use super::patch::take_over_per_quantity;

/// Completes `item` by what `said` says. Kind, status and sku stay.
pub(super) fn amend(said: ItemData, item: &mut ItemData) {
    let ItemData { brand, texts, identifiers, mut prices, categories, attributes, media, contributors, .. } = said;
    if brand.is_some() {
        item.brand = brand;
    }
    texts.into_iter().for_each(|text| amend_text(text, &mut item.texts));
    take_over_per_quantity(&item.prices, &mut prices);
    put(&mut item.identifiers, identifiers, |known: &Identifier, new| known.scheme == new.scheme);
    put(&mut item.prices, prices, is_same_price);
    put(&mut item.categories, categories, |known: &Category, new| known.system == new.system);
    put(&mut item.attributes, attributes, |known: &Attribute, new| {
        known.name == new.name && known.system == new.system
    });
    put(&mut item.media, media, |known: &Media, new| known.url == new.url);
    put(&mut item.relations, said.relations, |known: &Relation, new| known.kind == new.kind && known.sku == new.sku);
    for contributor in contributors {
        if !item.contributors.contains(&contributor) {
            item.contributors.push(contributor);
        }
    }
    if said.availability.is_some() {
        item.availability = said.availability;
    }
}

/// One price takes the place of another where both are asked under the same conditions.
fn is_same_price(known: &Price, new: &Price) -> bool {
    known.kind == new.kind
        && known.currency == new.currency
        && known.min_quantity == new.min_quantity
        && known.valid_from == new.valid_from
        && known.territories == new.territories
}

/// The first of a list of new ones takes the place of the first of its like, the others of its like go.
fn put<T>(list: &mut Vec<T>, news: Vec<T>, is_like: impl Fn(&T, &T) -> bool) {
    if news.is_empty() {
        return;
    }
    let before = std::mem::take(list);
    let mut news: Vec<Option<T>> = news.into_iter().map(Some).collect();
    for known in before {
        if !news.iter().flatten().any(|new| is_like(&known, new)) {
            // Its like may have been put already; then it is gone.
            if !list.iter().any(|put| is_like(&known, put)) {
                list.push(known);
            }
            continue;
        }
        for slot in &mut news {
            if slot.as_ref().is_some_and(|new| is_like(&known, new)) {
                list.extend(slot.take());
            }
        }
    }
    list.extend(news.into_iter().flatten());
}

/// A text without a title completes the one of its language, else it borrows the title of another.
fn amend_text(said: Text, texts: &mut Vec<Text>) {
    let Some(known) = texts.iter_mut().find(|known| known.lang == said.lang) else {
        let title = match texts.first() {
            Some(first) if said.title.is_empty() => first.title.clone(),
            _ => said.title,
        };
        return texts.push(Text { title, ..said });
    };
    if !said.title.is_empty() {
        known.title = said.title;
    }
    if said.description.is_some() {
        known.description = said.description;
    }
    for keyword in said.keywords {
        if !known.keywords.contains(&keyword) {
            known.keywords.push(keyword);
        }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::*;

    fn identifier(scheme: &str, value: &str) -> Identifier {
        Identifier { scheme: scheme.to_owned(), value: value.to_owned() }
    }

    fn attribute(name: &str, value: &str) -> Attribute {
        Attribute { name: name.to_owned(), values: vec![value.to_owned()], ..Attribute::default() }
    }

    fn price(kind: &str, amount: u32, from: u32) -> Price {
        let (amount, min_quantity) = (Decimal::from(amount), Some(Decimal::from(from)));
        Price { kind: kind.to_owned(), currency: "EUR".to_owned(), amount, min_quantity, ..Price::default() }
    }

    fn text(title: &str, description: Option<&str>) -> Text {
        let (title, description) = (title.to_owned(), description.map(str::to_owned));
        Text { lang: "de".to_owned(), title, description, keywords: vec!["k".to_owned()] }
    }

    fn before() -> ItemData {
        let mut first = price("list", 1, 1);
        first.per_quantity = Some(Decimal::ONE_HUNDRED);
        ItemData {
            sku: "A".to_owned(),
            texts: vec![text("Klemme", None)],
            identifiers: vec![identifier("gtin", "1"), identifier("mpn", "2"), identifier("gtin", "3")],
            attributes: vec![attribute("a", "1"), attribute("b", "2")],
            prices: vec![first],
            ..ItemData::default()
        }
    }

    fn said() -> ItemData {
        ItemData {
            texts: vec![text("", Some("lang"))],
            identifiers: vec![identifier("gtin", "9"), identifier("gtin", "8")],
            attributes: vec![attribute("c", "3"), attribute("a", "7")],
            prices: vec![price("list", 5, 1), price("list", 4, 10), price("net", 3, 1)],
            brand: Some("B".to_owned()),
            ..ItemData::default()
        }
    }

    #[test]
    fn what_is_said_takes_the_place_of_its_like_and_all_else_stays() {
        let mut item = before();
        amend(said(), &mut item);
        let identifiers: Vec<&str> = item.identifiers.iter().map(|it| it.value.as_str()).collect();
        assert_eq!(identifiers, ["9", "8", "2"]);
        let attributes: Vec<&str> = item.attributes.iter().map(|it| it.values[0].as_str()).collect();
        assert_eq!(attributes, ["7", "2", "3"]);
        let prices: Vec<_> = item.prices.iter().map(|it| (it.kind.as_str(), it.amount, it.per_quantity)).collect();
        let per = Some(Decimal::ONE_HUNDRED);
        assert_eq!(prices, [("list", 5.into(), per), ("list", 4.into(), per), ("net", 3.into(), per)]);
        assert_eq!((item.texts.len(), item.texts[0].title.as_str()), (1, "Klemme"));
        assert_eq!((item.texts[0].description.as_deref(), item.texts[0].keywords.len()), (Some("lang"), 1));
        assert_eq!((item.brand.as_deref(), item.sku.as_str()), (Some("B"), "A"));
    }

    #[test]
    fn the_same_twice_changes_nothing() {
        let mut once = before();
        amend(said(), &mut once);
        let mut twice = once.clone();
        amend(said(), &mut twice);
        assert_eq!(once, twice);
        amend(ItemData::default(), &mut twice);
        assert_eq!(once, twice);
    }

    #[test]
    fn a_text_of_another_language_borrows_a_title() {
        let mut item = before();
        let foreign = Text { lang: "en".to_owned(), ..text("", Some("long")) };
        amend(ItemData { texts: vec![foreign], ..ItemData::default() }, &mut item);
        assert_eq!((item.texts.len(), item.texts[1].title.as_str()), (2, "Klemme"));
    }
}

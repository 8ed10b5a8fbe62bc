//! Items that nobody thought of, made from those that somebody did: fields gone, texts odd, lists twice as long.
//!
//! Used by the promises of item rules and of presenters. The mutations are made in the item's JSON, so a new field is mutated too.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::Value;

use super::promises::{runner, told};
use crate::guard::contain;
use crate::model::{Finding, ItemData, Position};
use crate::points::item_rule::{ItemRule, RuleContext};
use crate::profile::Profile;

/// Mutants that a rule has to bear.
const TRIES: u32 = 256;
/// Texts that break what was written for names and numbers.
const ODD: [&str; 8] = ["", " ", "\u{0}", "\u{1F4A1}", "0", "-1", "1e9", "ÄÖÜ ß"];

/// What is done to one place of an item.
#[derive(Debug, Clone)]
enum Mutation {
    Remove,
    Text(String),
    Twice,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let text =
        prop_oneof![prop::sample::select(&ODD[..]).prop_map(str::to_owned), "\\PC{0,24}", "[0-9]{1,3}[,.][0-9]{1,3}"];
    prop_oneof![Just(Mutation::Remove), Just(Mutation::Twice), text.prop_map(Mutation::Text)]
}

/// One of `items`, or an empty one, with up to four mutations.
fn mutants(items: &[ItemData]) -> impl Strategy<Value = ItemData> + use<> {
    let mut originals = items.to_vec();
    originals.push(ItemData::default());
    let edits = prop::collection::vec((any::<prop::sample::Index>(), mutation()), 0..4);
    (prop::sample::select(originals), edits).prop_map(|(original, edits)| {
        edits.into_iter().fold(original, |item, (at, mutation)| mutated(&item, at, &mutation).unwrap_or(item))
    })
}

/// None where the result is no item any more: a number cannot be a text.
fn mutated(item: &ItemData, at: prop::sample::Index, mutation: &Mutation) -> Option<ItemData> {
    let mut value = serde_json::to_value(item).ok()?;
    let pointers = pointers(&value, String::new());
    let pointer = pointers.get(at.index(pointers.len().max(1)))?;
    match mutation {
        Mutation::Text(text) => *value.pointer_mut(pointer)? = Value::String(text.clone()),
        Mutation::Twice => {
            let list = value.pointer_mut(pointer)?.as_array_mut()?;
            list.extend(list.clone());
        }
        Mutation::Remove => {
            let (parent, key) = pointer.rsplit_once('/')?;
            match value.pointer_mut(parent)? {
                Value::Object(object) => _ = object.remove(key),
                Value::Array(list) => _ = list.remove(key.parse().ok()?),
                _ => return None,
            }
        }
    }
    serde_json::from_value(value).ok()
}

/// A JSON pointer to every place of a value. The model's field names need no escapes.
fn pointers(value: &Value, path: String) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (format!("{path}/{key}"), value)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(at, value)| (format!("{path}/{at}"), value)).collect(),
        _ => Vec::new(),
    };
    let below = inner.into_iter().flat_map(|(path, value)| [vec![path.clone()], pointers(value, path)].concat());
    below.collect()
}

/// The violations of a rule's promises on mutants of `items`: it survives them, does the same to the same, and rests.
pub(crate) fn rule_is_idempotent(rule: &dyn ItemRule, profile: &Profile, items: &[ItemData]) -> Option<String> {
    let apply = |item: &ItemData| -> Result<(ItemData, Vec<Finding>), String> {
        let (mut item, mut findings, position) = (item.clone(), Vec::new(), Position::default());
        let mut ctx = RuleContext { profile, position, findings: &mut findings };
        contain(|| rule.apply(&mut item, &mut ctx)).map_err(|panicked| panicked.to_string())?;
        Ok((item, findings))
    };
    on_mutants(items, |item| match apply(item) {
        Err(panicked) => Some(format!("it {panicked}")),
        Ok(first) if apply(item).as_ref() != Ok(&first) => Some("it gave two results".to_owned()),
        Ok((once, _)) => match apply(&once) {
            Ok((twice, _)) if twice == once => None,
            _ => Some("it changed its own result".to_owned()),
        },
    })
}

/// The first violation that `judge` finds on a mutant of `items`, made as small as it goes.
pub(crate) fn on_mutants(items: &[ItemData], judge: impl Fn(&ItemData) -> Option<String>) -> Option<String> {
    let result = runner(TRIES).run(&mutants(items), |item| match judge(&item) {
        Some(what) => Err(TestCaseError::fail(format!("on a mutated item {what}"))),
        None => Ok(()),
    });
    told(result, |item| format!("; the item was {}", serde_json::to_string(item).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    struct Rule<F>(F);

    impl<F: Fn(&mut ItemData) + Send + Sync> ItemRule for Rule<F> {
        fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
            (self.0)(item);
        }
    }

    fn found(change: impl Fn(&mut ItemData) + Send + Sync) -> Option<String> {
        let text = Text { lang: "de".to_owned(), title: "Kabel".to_owned(), ..Text::default() };
        let item = ItemData { sku: "A1".to_owned(), texts: vec![text], ..ItemData::default() };
        rule_is_idempotent(&Rule(change), &Profile::default(), &[item])
    }

    #[test]
    fn what_holds_for_the_given_items_only_is_found() {
        assert_eq!(found(|item| item.brand = item.texts.first().map(|text| text.title.clone())), None);
        let panics = found(|item| assert!(!item.texts[0].title.is_empty(), "no title")).unwrap();
        assert!(panics.starts_with("on a mutated item it panicked: index out of bounds"), "{panics}");
        let grows =
            found(|item| item.texts.iter_mut().for_each(|text| text.title.push_str(&text.lang.clone()))).unwrap();
        assert!(grows.contains("it changed its own result"), "{grows}");
    }
}

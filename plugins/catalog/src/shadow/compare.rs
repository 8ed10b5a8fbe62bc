//! Walks two databases of one tenant side by side, in the order of item numbers, and says where they differ.
//!
//! Memory is a page of each side and the report, whose lists are bounded.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::CatalogId;
use plugpoint_store::{ItemFilter, ItemRow, TenantDb};
use serde_json::Value;

use super::report::{FieldDiff, ItemDiff, Sample};

/// Items of one page.
const PAGE: u32 = 500;
/// Samples that are kept of one field, and item numbers of one-sided items.
const SAMPLES_MAX: usize = 5;
/// Fields that are told apart; further ones are counted as items only.
const FIELDS_MAX: usize = 200;
/// Characters that are shown of a value.
const VALUE_CHARS_MAX: usize = 120;

/// Compares the given catalogs.
pub(super) fn catalogs(today: &TenantDb, candidate: &TenantDb, catalogs: &[CatalogId]) -> Result<ItemDiff, ApiError> {
    let (mut diff, mut fields) = (ItemDiff::default(), BTreeMap::new());
    for catalog in catalogs {
        let mut left = Pages { db: today, catalog, after: None, page: VecDeque::new() };
        let mut right = Pages { db: candidate, catalog, after: None, page: VecDeque::new() };
        loop {
            let order = match (left.peek()?, right.peek()?) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(left), Some(right)) => left.sku.cmp(&right.sku),
            };
            match order {
                Ordering::Less => one_sided(&mut diff, '-', left.next()?),
                Ordering::Greater => one_sided(&mut diff, '+', right.next()?),
                Ordering::Equal => {
                    if let (Some(left), Some(right)) = (left.next()?, right.next()?) {
                        both(&mut diff, &mut fields, &left, &right);
                    }
                }
            }
        }
    }
    diff.fields = fields.into_values().collect();
    diff.fields.sort_by(|a, b| b.items.cmp(&a.items).then_with(|| a.path.cmp(&b.path)));
    Ok(diff)
}

fn one_sided(diff: &mut ItemDiff, sign: char, row: Option<ItemRow>) {
    let Some(row) = row else { return };
    match sign {
        '-' => diff.only_today += 1,
        _ => diff.only_candidate += 1,
    }
    if diff.one_sided.len() < SAMPLES_MAX {
        diff.one_sided.push(format!("{sign}{}", row.sku));
    }
}

fn both(diff: &mut ItemDiff, fields: &mut BTreeMap<String, FieldDiff>, left: &ItemRow, right: &ItemRow) {
    if left.stored.body == right.stored.body {
        diff.equal += 1;
        return;
    }
    diff.changed += 1;
    let parsed = |row: &ItemRow| serde_json::from_str(&row.stored.body).unwrap_or(Value::Null);
    let mut found = Vec::new();
    differences(String::new(), Some(&parsed(left)), Some(&parsed(right)), &mut found);
    let mut counted = BTreeSet::new();
    for (path, today, candidate) in found {
        if !fields.contains_key(&path) && fields.len() >= FIELDS_MAX {
            continue;
        }
        let field = fields.entry(path.clone()).or_insert_with(|| FieldDiff {
            path: path.clone(),
            items: 0,
            samples: Vec::new(),
        });
        if !counted.insert(path) {
            continue;
        }
        field.items += 1;
        if field.samples.len() < SAMPLES_MAX {
            field.samples.push(Sample { sku: left.sku.clone(), today, candidate });
        }
    }
}

type Found = (String, Option<String>, Option<String>);

/// The smallest values that differ, each with its pointer; places in lists are written as `*`.
fn differences(path: String, left: Option<&Value>, right: Option<&Value>, found: &mut Vec<Found>) {
    match (left, right) {
        (Some(left), Some(right)) if left == right => {}
        (Some(Value::Object(left)), Some(Value::Object(right))) => {
            let names: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for name in names {
                differences(format!("{path}/{name}"), left.get(name), right.get(name), found);
            }
        }
        (Some(Value::Array(left)), Some(Value::Array(right))) => {
            for index in 0..left.len().max(right.len()) {
                differences(format!("{path}/*"), left.get(index), right.get(index), found);
            }
        }
        (left, right) => found.push((path, left.map(shown), right.map(shown))),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The items of one side, page by page.
struct Pages<'a> {
    db: &'a TenantDb,
    catalog: &'a CatalogId,
    after: Option<String>,
    page: VecDeque<ItemRow>,
}

impl Pages<'_> {
    fn peek(&mut self) -> Result<Option<&ItemRow>, ApiError> {
        if self.page.is_empty() {
            let rows = self.db.items(self.catalog, &ItemFilter::default(), self.after.as_deref(), PAGE)?;
            self.after = rows.last().map(|row| row.sku.clone()).or_else(|| self.after.take());
            self.page = rows.into();
        }
        Ok(self.page.front())
    }

    fn next(&mut self) -> Result<Option<ItemRow>, ApiError> {
        self.peek()?;
        Ok(self.page.pop_front())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_the_smallest_values_with_their_pointers() {
        let left = json!({"sku": "A", "brand": "x", "prices": [{"amount": "1"}, {"amount": "2"}], "kind": "product"});
        let right =
            json!({"sku": "A", "prices": [{"amount": "1"}, {"amount": "3"}, {"amount": "4"}], "kind": "product"});
        let mut found = Vec::new();
        differences(String::new(), Some(&left), Some(&right), &mut found);
        let text = |text: &str| Some(text.to_owned());
        let expected = [
            ("/brand".to_owned(), text("\"x\""), None),
            ("/prices/*/amount".to_owned(), text("\"2\""), text("\"3\"")),
            ("/prices/*".to_owned(), None, text("{\"amount\":\"4\"}")),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_long_value_is_shortened_at_a_character() {
        let text = shown(&json!("ä".repeat(500)));
        assert_eq!(text.chars().count(), VALUE_CHARS_MAX + 1);
    }
}

//! The differences of two outcomes for people: one line for each field, with the item's number and the field's path.
//!
//! Items are matched by their number, findings by number and code, so that one record more does not make all others differ.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// The longest part of a value that is shown, in characters.
const VALUE_CHARS_MAX: usize = 80;

/// What a list's entries are known by; other lists are compared by place.
const NAMED: [(&str, &[&str]); 5] = [
    ("items", &["sku"]),
    ("rejected", &[]),
    ("patches", &["sku", "line"]),
    ("deletes", &["sku"]),
    ("findings", &["sku", "code"]),
];

/// What is different in `actual`, one line each, in the order of `actual`; at most `lines_max`, then one that counts the rest.
#[must_use]
pub fn differences(expected: &Value, actual: &Value, lines_max: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let known: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
    for (name, keys) in NAMED {
        named(name, keys, (list(expected, name), list(actual, name)), &mut lines);
    }
    let rest = |value: &Value| {
        let mut rest = value.as_object().cloned().unwrap_or_default();
        rest.retain(|name, _| !known.contains(&name.as_str()));
        Value::Object(rest)
    };
    fields("", "", &rest(expected), &rest(actual), &mut lines);
    let more = lines.len().saturating_sub(lines_max);
    if more > 0 {
        lines.truncate(lines_max);
        lines.push(format!("... and {more} more"));
    }
    lines
}

fn list<'v>(outcome: &'v Value, name: &str) -> &'v [Value] {
    outcome.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Entries of one identity are matched in their order; what has no partner is new or gone.
fn named(name: &str, keys: &[&str], (expected, actual): (&[Value], &[Value]), lines: &mut Vec<String>) {
    let mut waiting: BTreeMap<String, VecDeque<(usize, &Value)>> = BTreeMap::new();
    for (place, value) in expected.iter().enumerate() {
        waiting.entry(identity(keys, value)).or_default().push_back((place, value));
    }
    for (place, value) in actual.iter().enumerate() {
        let label = label(name, place, keys, value);
        match waiting.get_mut(&identity(keys, value)).and_then(VecDeque::pop_front) {
            Some((_, old)) => fields(&label, "", old, value, lines),
            None => lines.push(format!("{label}: is new: {}", shown(value))),
        }
    }
    let mut gone: Vec<_> = waiting.into_values().flatten().collect();
    gone.sort_unstable_by_key(|(place, _)| *place);
    lines.extend(
        gone.into_iter().map(|(place, old)| format!("{}: is gone: {}", label(name, place, keys, old), shown(old))),
    );
}

fn identity(keys: &[&str], value: &Value) -> String {
    if keys.is_empty() {
        return value.to_string();
    }
    keys.iter().map(|key| value.get(*key).map(ToString::to_string).unwrap_or_default()).collect::<Vec<_>>().join(" ")
}

fn label(name: &str, place: usize, keys: &[&str], value: &Value) -> String {
    let text = |key: &&str| {
        let value = value.get(*key)?;
        let plain = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some(format!(" {key} {plain}"))
    };
    format!("{name}[{place}]{}", keys.iter().filter_map(text).collect::<String>())
}

fn fields(label: &str, path: &str, expected: &Value, actual: &Value, lines: &mut Vec<String>) {
    if expected == actual {
        return;
    }
    let told = |path: &str, what: String| {
        if label.is_empty() { format!("{path} {what}") } else { format!("{label}: {path} {what}") }
    };
    match (expected, actual) {
        (Value::Object(old), Value::Object(new)) => {
            let added = new.keys().filter(|key| !old.contains_key(*key));
            for key in old.keys().chain(added) {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match (old.get(key), new.get(key)) {
                    (Some(old), Some(new)) => fields(label, &inner, old, new, lines),
                    (Some(old), None) => lines.push(told(&inner, format!("{} is gone", shown(old)))),
                    (None, new) => lines.push(told(&inner, format!("{} is new", new.map(shown).unwrap_or_default()))),
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for place in 0..old.len().max(new.len()) {
                let inner = format!("{path}[{place}]");
                match (old.get(place), new.get(place)) {
                    (Some(old), Some(new)) => fields(label, &inner, old, new, lines),
                    (Some(old), None) => lines.push(told(&inner, format!("{} is gone", shown(old)))),
                    (None, new) => lines.push(told(&inner, format!("{} is new", new.map(shown).unwrap_or_default()))),
                }
            }
        }
        _ => lines.push(told(path, format!("{} -> {}", shown(expected), shown(actual)))),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::differences;

    fn item(sku: &str, amount: &str) -> Value {
        json!({"sku": sku, "prices": [{"amount": amount, "kind": "list"}]})
    }

    #[test]
    fn a_changed_field_is_one_line_with_number_and_path() {
        let old = json!({"items": [item("A-11", "1"), item("A-12", "12.50")]});
        let new = json!({"items": [item("A-12", "12.05"), item("A-11", "1")]});
        assert_eq!(differences(&old, &new, 9), [r#"items[0] sku A-12: prices[0].amount "12.50" -> "12.05""#]);
        assert!(differences(&old, &old, 9).is_empty());
    }

    #[test]
    fn what_has_no_partner_is_new_or_gone_and_the_rest_is_counted() {
        let old = json!({"declared": {"format": "a"}, "rejected": ["X"], "items": [{"sku": "A", "brand": "b", "media": [1]}]});
        let new = json!({"declared": {"format": "b"}, "items": [{"sku": "A", "kind": "k", "media": [1, 2]}, {"sku": "B"}],
            "error": {"code": "io"}, "findings": [{"sku": "A", "code": "c", "line": 7}]});
        let expected = [
            r#"items[0] sku A: brand "b" is gone"#,
            r#"items[0] sku A: media[1] 2 is new"#,
            r#"items[0] sku A: kind "k" is new"#,
            r#"items[1] sku B: is new: {"sku":"B"}"#,
            r#"rejected[0]: is gone: "X""#,
            r#"findings[0] sku A code c: is new: {"code":"c","line":7,"sku":"A"}"#,
            r#"declared.format "a" -> "b""#,
            r#"error {"code":"io"} is new"#,
        ];
        assert_eq!(differences(&old, &new, 20), expected);
        assert_eq!(differences(&old, &new, 2), [expected[0], expected[1], "... and 6 more"]);
    }

    #[test]
    fn long_values_are_cut_and_missing_documents_are_all_difference() {
        let new = json!({"items": [{"sku": "ä".repeat(200)}]});
        let lines = differences(&Value::Null, &new, 5);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].ends_with('…'), "{}", lines[0]);
        assert_eq!(
            differences(&json!({"items": [{"sku": "A"}, {"sku": "A"}]}), &json!({"items": [{"sku": "A"}]}), 5).len(),
            1
        );
    }
}

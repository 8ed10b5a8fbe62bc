//! Holds the text of a profile against the declared keys and tells every mistake with path and line.
//!
//! Called by [`super::Profile`]. It corrects nothing; what it returns is ready to be read into the profile's types.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::keys::{Key, Kind, SECRET_ENV, SECTIONS, Section, URL};
use super::place::Place;
use super::{PROFILE_BYTES_MAX, ProfileError, table};
use crate::model::{CatalogId, currency};
use crate::near::offer;
use crate::schema::{LANGUAGE, Matcher, TOKEN};

/// The entries of one table of mappings.
const ENTRIES_MAX: usize = 10_000;

/// The sources of one tenant.
const SOURCES_MAX: usize = 100;

/// The longest address that is called, in bytes.
const URL_BYTES_MAX: usize = 1024;

/// Checks `text` and adds what is wrong to `errors`. What is right is returned.
pub(super) fn checked(text: &str, errors: &mut Vec<ProfileError>) -> Table {
    let mut check = Check { lines: BTreeMap::new(), errors };
    if text.len() > PROFILE_BYTES_MAX {
        check.add("", format!("the profile has {} bytes; allowed: at most {PROFILE_BYTES_MAX}", text.len()));
        return Table::new();
    }
    let (spans, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        check.errors.push(ProfileError { path: String::new(), line: Some(line), message: error.message().to_owned() });
    }
    let Ok(table) = text.parse::<Table>() else { return Table::new() };
    note_lines(text, "", spans.get_ref(), &mut check.lines);
    check.sections(table)
}

/// The line of every key, by its path.
fn note_lines(text: &str, path: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let path = joined(path, key.get_ref());
        let line = text.get(..key.span().start).unwrap_or_default().matches('\n').count() + 1;
        lines.insert(path.clone(), line);
        if let DeValue::Table(inner) = value.get_ref() {
            note_lines(text, &path, inner, lines);
        }
    }
}

/// A key behind its path, quoted where TOML would have it so.
fn joined(path: &str, key: &str) -> String {
    let is_bare = !key.is_empty() && key.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-'));
    let key = if is_bare { key.to_owned() } else { format!("{key:?}") };
    if path.is_empty() { key } else { format!("{path}.{key}") }
}

struct Check<'e> {
    lines: BTreeMap<String, usize>,
    errors: &'e mut Vec<ProfileError>,
}

impl Check<'_> {
    fn add(&mut self, path: &str, message: String) {
        // A place in a list has no line of its own, but its key has.
        let key = path.split_once('[').map_or(path, |(key, _)| key);
        let line = self.lines.get(key).copied();
        self.errors.push(ProfileError { path: path.to_owned(), line, message });
    }

    fn sections(&mut self, table: Table) -> Table {
        let mut right = Table::new();
        for (name, value) in table {
            let path = joined("", &name);
            match (SECTIONS.iter().find(|section| section.name == name), value) {
                (Some(section), Value::Table(entries)) if section.is_named => {
                    right.insert(name, Value::Table(self.entries(&path, section, entries)));
                }
                (Some(section), Value::Table(keys)) => {
                    let keys = self.keys(&path, section.keys, keys);
                    self.clashes(&path, &keys);
                    right.insert(name, Value::Table(keys));
                }
                (Some(_), _) => self.add(&path, format!("is a section: write [{name}]")),
                (None, _) => {
                    let names = SECTIONS.iter().map(|section| section.name);
                    self.add(&path, format!("there is no such section{}", offer(&name, names)));
                }
            }
        }
        right
    }

    /// Columns of a map that are wrong beside each other.
    fn clashes(&mut self, path: &str, section: &Table) {
        for (heading, message) in table::clashes(table::columns(section)) {
            self.add(&joined(&format!("{path}.columns"), &heading), message);
        }
    }

    /// The entries of a section that the profile names itself. A layer may hold a part of one: that the whole has its first key
    /// is checked when all layers are there.
    fn entries(&mut self, path: &str, section: &Section, table: Table) -> Table {
        if table.len() > SOURCES_MAX {
            self.add(path, format!("has {} entries; allowed: at most {SOURCES_MAX}", table.len()));
        }
        let mut right = Table::new();
        for (name, value) in table {
            let path = joined(path, &name);
            if !holds(Kind::Word, &Value::String(name.clone())) {
                self.add(&path, format!("{name:?} is not {}", words(Kind::Word)));
            }
            let entry = match value {
                Value::Table(keys) => Some(Value::Table(self.keys(&path, section.keys, keys))),
                value => self.value(&path, Kind::Entry(section.keys), value),
            };
            right.extend(entry.map(|entry| (name, entry)));
        }
        right
    }

    fn keys(&mut self, path: &str, keys: &[Key], table: Table) -> Table {
        let mut right = Table::new();
        for (name, value) in table {
            let path = joined(path, &name);
            let Some(key) = keys.iter().find(|key| key.name == name) else {
                self.add(&path, format!("there is no such key{}", offer(&name, keys.iter().map(|key| key.name))));
                continue;
            };
            right.extend(self.value(&path, key.kind, value).map(|value| (name, value)));
        }
        right
    }

    fn value(&mut self, path: &str, kind: Kind, value: Value) -> Option<Value> {
        match (kind, value) {
            (Kind::List(max, kind), Value::Array(list)) => {
                if list.len() > max {
                    self.add(path, format!("has {} entries; allowed: at most {max}", list.len()));
                }
                let each = |(place, value)| self.value(&format!("{path}[{place}]"), *kind, value);
                Some(Value::Array(list.into_iter().enumerate().filter_map(each).collect()))
            }
            (Kind::Map(kind), Value::Table(table)) => {
                if table.len() > ENTRIES_MAX {
                    self.add(path, format!("has {} entries; allowed: at most {ENTRIES_MAX}", table.len()));
                }
                let each =
                    |(word, value)| Some((String::clone(&word), self.value(&joined(path, &word), *kind, value)?));
                Some(Value::Table(table.into_iter().filter_map(each).collect()))
            }
            (Kind::Entry(keys), Value::String(text)) => {
                let first = keys.first()?;
                let value = self.value(path, first.kind, Value::String(text))?;
                Some(Value::Table(Table::from_iter([(first.name.to_owned(), value)])))
            }
            (Kind::Entry(keys), Value::Table(table)) => {
                let required = keys.first()?.name;
                if !table.contains_key(required) {
                    self.add(path, format!("lacks the key {required:?}"));
                }
                Some(Value::Table(self.keys(path, keys, table)))
            }
            (Kind::Table(keys), Value::Table(table)) => Some(Value::Table(self.keys(path, keys, table))),
            (Kind::Place, Value::String(text)) => match text.parse::<Place>() {
                Ok(_) => Some(Value::String(text)),
                Err(none) => {
                    self.add(path, none.to_string());
                    None
                }
            },
            (kind, value) if holds(kind, &value) => Some(value),
            (kind, value) => {
                self.add(path, format!("{value} is not {}", words(kind)));
                None
            }
        }
    }
}

fn holds(kind: Kind, value: &Value) -> bool {
    static IS_TOKEN: Matcher = Matcher::new(TOKEN);
    static IS_LANGUAGE: Matcher = Matcher::new(LANGUAGE);
    static IS_URL: Matcher = Matcher::new(URL);
    static IS_SECRET_ENV: Matcher = Matcher::new(SECRET_ENV);
    match (kind, value) {
        (Kind::Word, Value::String(text)) => text.len() <= 32 && IS_TOKEN.is_match(text),
        (Kind::Language, Value::String(text)) => text.len() <= 35 && IS_LANGUAGE.is_match(text),
        (Kind::Currency, Value::String(text)) => currency::is_active(text),
        (Kind::Text(max), Value::String(text)) => (1..=max).contains(&text.chars().count()),
        (Kind::Choice(choices), Value::String(text)) => choices.contains(&text.as_str()),
        (Kind::Catalog, Value::String(text)) => text.parse::<CatalogId>().is_ok(),
        (Kind::Url, Value::String(text)) => text.len() <= URL_BYTES_MAX && IS_URL.is_match(text),
        (Kind::Encoding, Value::String(text)) => text == "auto" || is_encoding(text),
        (Kind::SecretEnv, Value::String(text)) => IS_SECRET_ENV.is_match(text),
        (Kind::Flag, Value::Boolean(_)) => true,
        (Kind::Share, Value::Float(share)) => (0.0..=1.0).contains(share),
        (Kind::Share, Value::Integer(share)) => matches!(share, 0 | 1),
        (Kind::Number { min, max }, Value::Integer(number)) => (min..=max).contains(number),
        _ => false,
    }
}

/// Whether a document in it can be read.
fn is_encoding(label: &str) -> bool {
    encoding_rs::Encoding::for_label(label.as_bytes()).is_some_and(|it| it != encoding_rs::REPLACEMENT)
}

/// What a value must be, in words that follow "is not".
pub(super) fn words(kind: Kind) -> String {
    match kind {
        Kind::Word => "a lower-case word such as bmecat".to_owned(),
        Kind::Language => "a BCP 47 language such as de".to_owned(),
        Kind::Currency => "an active ISO 4217 currency".to_owned(),
        Kind::Text(max) => format!("a text of 1 to {max} characters"),
        Kind::Flag => "true or false".to_owned(),
        Kind::Share => "within 0 to 1".to_owned(),
        Kind::Number { min, max } => format!("within {min} to {max}"),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Catalog => "the name of a catalog such as main".to_owned(),
        Kind::Url => "an http or https address without user and query, such as https://shop.example/api".to_owned(),
        Kind::Place => "a place of an item such as prices.list.amount".to_owned(),
        Kind::Encoding => "auto or an encoding such as windows-1252".to_owned(),
        Kind::SecretEnv => "a name such as PLUGPOINT_SOURCE_SHOP".to_owned(),
        Kind::List(..) => "a list".to_owned(),
        Kind::Map(_) => "a table".to_owned(),
        Kind::Entry(_) => "a text or a table".to_owned(),
        Kind::Table(keys) => {
            let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
            format!("a table of {}", names.join(", "))
        }
    }
}

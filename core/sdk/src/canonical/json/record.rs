//! One JSON record into an item, or into a sentence about what is wrong with it and where.
//!
//! The fast way is serde alone. Only a record that serde refuses is read again: with the profile's defaults filled in, and
//! then with its path tracked for the JSON pointer.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::codes::finding;
use crate::model::finding::shortened;
use crate::model::{ItemData, decimal, timestamp::TimestampError};
use crate::near;
use crate::profile::CatalogProfile;

/// The longest name that a sentence about it repeats.
const NAME_CHARS_MAX: usize = 80;

/// Why a record is no item. Line and column count from 1 within the record.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) pointer: String,
    pub(super) line: u64,
    pub(super) column: u64,
}

/// Reads one record.
pub(super) fn item(bytes: &[u8], profile: &CatalogProfile) -> Result<ItemData, Refused> {
    // serde would also take a struct's members from an array.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(refused("an item is a JSON object"));
    }
    if let Ok(item) = serde_json::from_slice(bytes) {
        return Ok(item);
    }
    if let Some(record) = with_defaults(bytes, profile) {
        let result = serde_path_to_error::deserialize(record);
        return result.map_err(|error| explained(error.inner(), pointer(error.path())));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    match serde_path_to_error::deserialize::<_, ItemData>(&mut deserializer) {
        Err(error) => Err(explained(error.inner(), pointer(error.path()))),
        // The item is whole: what is wrong stands behind it.
        Ok(_) => match deserializer.end() {
            Err(error) => Err(explained(&error, String::new())),
            Ok(()) => Err(refused("the record cannot be read")),
        },
    }
}

fn refused(message: &str) -> Refused {
    Refused { code: finding::RECORD_MALFORMED, message: message.to_owned(), pointer: String::new(), line: 1, column: 1 }
}

/// The number of a record that is no item, if it can be read at all.
pub(super) fn sku(bytes: &[u8]) -> Option<String> {
    let found = RefCell::new(None);
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    // The error that ends the reading is of no interest: the number was there before it, or not.
    let _ = deserializer.deserialize_map(SkuVisitor(&found));
    found.into_inner()
}

/// Whether the record is the beginning of a value whose rest is missing.
pub(super) fn ends_early(bytes: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(bytes).is_err_and(|error| error.is_eof())
}

/// The same record with what the profile says about absent currencies and languages and about decimal commas; nothing if it
/// says nothing about this record.
fn with_defaults(bytes: &[u8], profile: &CatalogProfile) -> Option<Value> {
    let mut record: Value = serde_json::from_slice(bytes).ok()?;
    let mut has_changed = false;
    let mut fill = |list: &str, field: &str, default: Option<&str>| {
        let Some(default) = default else { return };
        for entry in record.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(entry) = entry.as_object_mut().filter(|entry| !entry.contains_key(field)) {
                entry.insert(field.to_owned(), Value::from(default));
                has_changed = true;
            }
        }
    };
    fill("prices", "currency", profile.currency.as_deref());
    fill("texts", "lang", Some(&profile.language));
    if profile.decimal_comma {
        has_changed |= point_decimals(&mut record);
    }
    has_changed.then_some(record)
}

/// Writes `12,50` as `12.50` in the fields that are decimals.
fn point_decimals(record: &mut Value) -> bool {
    const DECIMALS: &[(&str, &[&str])] = &[
        ("prices", &["amount", "tax_rate", "min_quantity", "per_quantity"]),
        ("relations", &["quantity"]),
        ("availability", &["quantity"]),
    ];
    let mut has_changed = false;
    for (part, fields) in DECIMALS {
        let entries: &mut [Value] = match record.get_mut(part) {
            Some(Value::Array(entries)) => entries,
            Some(single) => std::slice::from_mut(single),
            None => continue,
        };
        for field in entries.iter_mut().flat_map(|entry| entry.as_object_mut()).flatten() {
            let (name, value) = field;
            let text = value.as_str().filter(|text| fields.contains(&name.as_str()) && text.contains(','));
            if let Some(pointed) = text.map(|text| text.replacen(',', ".", 1)) {
                *value = Value::from(pointed);
                has_changed = true;
            }
        }
    }
    has_changed
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                let key: String = key.chars().take(NAME_CHARS_MAX).collect();
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// Chooses the finding code. serde's own sentences are the only thing that tells its errors apart.
fn explained(error: &serde_json::Error, pointer: String) -> Refused {
    let (line, column) = (error.line() as u64, error.column() as u64);
    let whole = error.to_string();
    let suffix = format!(" at line {} column {}", error.line(), error.column());
    let whole = whole.strip_suffix(&suffix).unwrap_or(&whole);
    // The sentence repeats what the sender wrote, which may be megabytes.
    let message = shortened(whole);
    let mut names = whole.split('`').skip(1).step_by(2);
    let name: String = names.next().unwrap_or_default().chars().take(NAME_CHARS_MAX).collect();
    let found = |code, message, pointer| Refused { code, message, pointer, line, column };
    if !error.is_data() {
        return found(finding::RECORD_MALFORMED, message, pointer);
    }
    if message.starts_with("unknown field") {
        let message = format!("the field {name:?} is not part of the canonical item{}", near::offer(&name, names));
        return found(finding::FIELD_UNKNOWN, message, pointer);
    }
    if message.starts_with("missing field") {
        let code = match name.as_str() {
            "sku" if pointer.is_empty() => finding::SKU_MISSING,
            "currency" => finding::CURRENCY_MISSING,
            _ => finding::FIELD_REQUIRED,
        };
        return found(code, format!("the field {name:?} is missing"), format!("{pointer}/{name}"));
    }
    let code = if message.contains(decimal::EXPECTED)
        || message.contains(&decimal::DecimalError::NotADecimal.to_string())
        || message.contains(&decimal::DecimalError::TooLong.to_string())
    {
        finding::DECIMAL_INVALID
    } else if message.contains(&TimestampError.to_string()) {
        finding::DATE_INVALID
    } else {
        finding::FIELD_INVALID
    };
    found(code, message, pointer)
}

/// Notes the member `sku` of an object as soon as it is read.
struct SkuVisitor<'a>(&'a RefCell<Option<String>>);

impl<'de> Visitor<'de> for SkuVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an item")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if name == "sku" {
                *self.0.borrow_mut() = Some(map.next_value::<ShortText>()?.0);
                return Err(de::Error::custom("found"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// A text that may serve as an item's number in a report.
struct ShortText(String);

impl<'de> Deserialize<'de> for ShortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self(shortened(&text)))
    }
}

//! Two types under one OpenAPI name: found here, because utoipa lets the later one win in silence.
//!
//! Every `#[api_schema]` type of the program enters itself, used or not; types described in other ways come in through
//! the schemas that utoipa collected. The assembly of the server calls [`SchemaNames::finish`] and refuses to start.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use super::{Check, TypeInfo, openapi};
use crate::error::FieldError;

/// One `#[api_schema]` type of the program.
pub struct Entry {
    /// Its description.
    pub info: &'static TypeInfo,
    /// Reads a value from JSON and checks it; see [`check_json`].
    pub check_json: fn(&str) -> Result<(), Refusal>,
}

inventory::collect!(Entry);

/// Every `#[api_schema]` type of the program, by name and path.
#[must_use]
pub fn entries() -> Vec<&'static Entry> {
    let mut entries: Vec<_> = inventory::iter::<Entry>.into_iter().collect();
    entries.sort_by_key(|entry| (entry.info.name, entry.info.path));
    entries
}

/// Why a JSON text is no valid value of a type.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Not even of the right shape: serde's message.
    Shape(String),
    /// The violations of declared rules.
    Rules(Vec<FieldError>),
}

/// Reads a value of type `T` from JSON and checks it.
///
/// # Errors
/// See [`Refusal`].
pub fn check_json<T: DeserializeOwned + Check>(json: &str) -> Result<(), Refusal> {
    let value: T = serde_json::from_str(json).map_err(|error| Refusal::Shape(error.to_string()))?;
    value.check().map_err(Refusal::Rules)
}

/// Two different schemas of one name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the OpenAPI name {name:?} stands for two types: {first} and {second}; give one of them another name")]
pub struct NameClash {
    /// The name.
    pub name: String,
    /// Who has it: a Rust path, or the origin given to [`SchemaNames::add`].
    pub first: String,
    /// Who wants it too.
    pub second: String,
}

/// Collects schema names with their owners, and tells where two share one.
#[derive(Default)]
pub struct SchemaNames {
    known: BTreeMap<String, (String, RefOr<Schema>)>,
    clashes: Vec<NameClash>,
}

impl SchemaNames {
    /// Starts with every `#[api_schema]` type of the program. Two of them under one name clash even if they look alike.
    #[must_use]
    pub fn of_program() -> Self {
        let mut names = Self::default();
        for entry in entries() {
            let (name, path) = (entry.info.name, entry.info.path);
            let before = names.known.insert(name.to_owned(), (path.to_owned(), openapi::schema(entry.info)));
            if let Some((first, _)) = before {
                names.clashes.push(NameClash { name: name.to_owned(), first, second: path.to_owned() });
            }
        }
        names
    }

    /// Adds the schemas that utoipa collected for one route (`routes!(handler).0`) or one type. The same schema may come
    /// again under its name; another one clashes.
    pub fn add(&mut self, origin: &str, schemas: &[(String, RefOr<Schema>)]) {
        for (name, schema) in schemas {
            match self.known.get(name) {
                None => {
                    self.known.insert(name.clone(), (origin.to_owned(), schema.clone()));
                }
                Some((_, known)) if known == schema => {}
                Some((first, _)) => {
                    let (first, second) = (first.clone(), origin.to_owned());
                    self.clashes.push(NameClash { name: name.clone(), first, second });
                }
            }
        }
    }

    /// `Ok` if every name stands for one type.
    ///
    /// # Errors
    /// Every clash.
    pub fn finish(self) -> Result<(), Vec<NameClash>> {
        if self.clashes.is_empty() { Ok(()) } else { Err(self.clashes) }
    }
}

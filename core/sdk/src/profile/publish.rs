//! The declared keys as a JSON schema for editors, and as Markdown for the guide. Called by the command line.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::check::words;
use super::keys::{Key, Kind, SECRET_ENV, SECTIONS, URL};

/// The JSON schema (draft 2020-12) of `profile.toml`.
#[must_use]
pub fn schema() -> Value {
    let sections = SECTIONS.iter().map(|section| {
        let mut schema = match section.is_named {
            true => json!({"type": "object", "additionalProperties": schema_of(Kind::Entry(section.keys))}),
            false => object(section.keys),
        };
        schema["description"] = json!(section.doc);
        (section.name.to_owned(), schema)
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plugpoint tenant profile",
        "type": "object",
        "additionalProperties": false,
        "properties": sections.collect::<Map<_, _>>(),
    })
}

fn object(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut schema = schema_of(key.kind);
        schema["description"] = json!(key.doc);
        (key.name.to_owned(), schema)
    };
    json!({"type": "object", "additionalProperties": false, "properties": keys.iter().map(property).collect::<Map<_, _>>()})
}

fn schema_of(kind: Kind) -> Value {
    match kind {
        Kind::Word => json!({"type": "string", "pattern": crate::schema::TOKEN, "maxLength": 32}),
        Kind::Language => json!({"type": "string", "pattern": crate::schema::LANGUAGE, "maxLength": 35}),
        Kind::Currency => json!({"type": "string", "pattern": "^[A-Z]{3}$"}),
        Kind::Text(max) => json!({"type": "string", "minLength": 1, "maxLength": max}),
        Kind::Choice(choices) => json!({"enum": choices}),
        Kind::Catalog => json!({"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]*$", "maxLength": 64}),
        Kind::Url => json!({"type": "string", "pattern": URL, "maxLength": 1024}),
        Kind::SecretEnv => json!({"type": "string", "pattern": SECRET_ENV}),
        Kind::Place => json!({"type": "string", "minLength": 1, "maxLength": 300}),
        Kind::Encoding => json!({"type": "string", "minLength": 1, "maxLength": 40}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Share => json!({"type": "number", "minimum": 0, "maximum": 1}),
        Kind::Number { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::List(max, kind) => json!({"type": "array", "maxItems": max, "items": schema_of(*kind)}),
        Kind::Map(kind) => json!({"type": "object", "additionalProperties": schema_of(*kind)}),
        Kind::Table(keys) => object(keys),
        Kind::Entry(keys) => {
            let mut table = object(keys);
            table["required"] = json!([keys.first().map(|key| key.name)]);
            json!({"oneOf": [keys.first().map(|key| schema_of(key.kind)), table]})
        }
    }
}

/// Every key as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut page = String::from("# Profile keys\n\nGenerated from `core/sdk/src/profile/keys.rs`. Do not edit.\n");
    for section in SECTIONS {
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## [{}{}]\n\n{}\n\n| key | value | default | what it does |\n| --- | --- | --- | --- |\n",
            section.name,
            if section.is_named { ".NAME" } else { "" },
            section.doc
        );
        for key in section.keys {
            row(&mut page, key.name, key);
        }
    }
    page
}

fn row(page: &mut String, path: &str, key: &Key) {
    let default = if key.default.is_empty() { "none".to_owned() } else { format!("`{}`", key.default) };
    let _ = writeln!(page, "| `{path}` | {} | {default} | {} |", words(key.kind), key.doc);
    let mut kind = key.kind;
    let mut path = path.to_owned();
    while let Kind::Map(inner) = kind {
        path += ".WORD";
        kind = *inner;
    }
    if let Kind::Table(keys) = kind {
        for key in keys {
            let _ = writeln!(page, "| `{path}.{}` | {} | none | {} |", key.name, words(key.kind), key.doc);
        }
    }
    if let Kind::Entry(keys) = kind {
        for key in keys {
            let _ = writeln!(page, "| `{path}.{}` | {} | none | {} |", key.name, words(key.kind), key.doc);
        }
    }
}

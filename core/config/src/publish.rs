//! The configuration as others read it: commented TOML, a JSON schema, the page of limits. Called by the command line.

use std::fmt::Write as _;

use plugpoint_sdk::operation::ApiOperation;
use serde_json::{Map, Value, json};

use crate::declare::{Key, Section};
use crate::layers::variable_of;
use crate::operations::ceiling;
use crate::sections::Config;
use crate::setting::Kind;

/// See [`Config::to_toml`].
pub(crate) fn to_toml(config: &Config) -> String {
    let sections: Vec<String> = config.sections().into_iter().map(section_toml).collect();
    sections.join("\n")
}

fn section_toml(section: &dyn Section) -> String {
    let mut text = format!("# {}\n[{}]\n", section.doc(), section.name());
    for key in section.keys() {
        let default = if key.default.is_null() { "not set".to_owned() } else { key.default.to_string() };
        let form = form(&key.kind);
        // A text, a number and a boolean look in JSON as they do in TOML. Writing to a String cannot fail.
        let _ = match section.get(key.name) {
            Value::Null => writeln!(text, "\n# {}\n# {form}. Default: {default}.\n# {} =", key.doc, key.name),
            value => writeln!(text, "\n# {}\n# {form}. Default: {default}.\n{} = {value}", key.doc, key.name),
        };
    }
    text
}

fn form(kind: &Kind) -> String {
    match kind {
        Kind::Number { min, max } => format!("{min} to {max}"),
        Kind::Words(words) => words.join(" or "),
        Kind::Text(form) => format!("{}{}", form[..1].to_uppercase(), &form[1..]),
    }
}

/// The JSON schema (draft 2020-12) of the configuration file, for editors.
#[must_use]
pub fn config_schema() -> Value {
    let config = Config::default();
    let sections: Map<String, Value> =
        config.sections().into_iter().map(|section| (section.name().to_owned(), section_schema(section))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plugpoint configuration",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

fn section_schema(section: &dyn Section) -> Value {
    let properties: Map<String, Value> =
        section.keys().iter().map(|key| (key.name.to_owned(), key_schema(key))).collect();
    json!({"type": "object", "description": section.doc(), "additionalProperties": false, "properties": properties})
}

fn key_schema(key: &Key) -> Value {
    let mut schema = match &key.kind {
        Kind::Number { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Kind::Words(words) => json!({"type": "string", "enum": words}),
        Kind::Text(_) => json!({"type": "string"}),
    };
    schema["description"] = match &key.kind {
        Kind::Text(form) => json!(format!("{} Must be {form}.", key.doc)),
        Kind::Number { .. } | Kind::Words(_) => json!(key.doc),
    };
    if !key.default.is_null() {
        schema["default"] = key.default.clone();
    }
    schema
}

/// Every number that can be set, with its default and bounds, as Markdown.
#[must_use]
pub fn limits_markdown() -> String {
    let mut page = String::from(
        "# Limits\n\nEvery bound of the server, with its default and the range in which an operator may set it, in the\n\
         configuration file or by the environment variable. Whatever is beyond a bound is refused, never cut.\n",
    );
    for section in Config::default().sections() {
        let rows: String = section.keys().iter().filter_map(row).collect();
        if !rows.is_empty() {
            let head = "| key | default | allowed | what it bounds |\n| --- | ---: | --- | --- |";
            // Writing to a String cannot fail.
            let _ = write!(page, "\n## {}\n\n{}\n\n{head}\n{rows}", section.name(), section.doc());
        }
    }
    page.push_str(&operations_markdown());
    let example = variable_of("limits", "page_items_max");
    let _ = write!(page, "\nA key's variable is built as in `{example}` for `limits.page_items_max`.\n");
    page
}

/// What one operation may cost, and where that is set.
fn operations_markdown() -> String {
    let mut page = String::from(
        "\n## Operations\n\nWhat each operation may cost a tenant. A tenant's profile lowers it, for one operation in\n\
         `[limits.operations.NAME]` under the name of the limit, and never raises it. `GET /v1/tenants/self` shows a tenant what\n\
         holds for it. A body is refused by its `Content-Length` before it is read, and on the way where it has none or is packed.\n\n\
         | operation | where | limit | default | set by |\n| --- | --- | --- | ---: | --- |\n",
    );
    let limits = Config::default().limits;
    for operation in ApiOperation::ALL {
        for limit in operation.limits() {
            let ((key, max), (name, limit)) = (ceiling(&limits, *operation, *limit), (operation.name(), limit.name()));
            let default = human(max, limit.contains("bytes"));
            // Writing to a String cannot fail.
            let _ = writeln!(page, "| `{name}` | {} | `{limit}` | {default} | {key} |", operation.place());
        }
    }
    page
}

fn row(key: &Key) -> Option<String> {
    let Kind::Number { min, max } = key.kind else { return None };
    let is_bytes = key.name.contains("bytes");
    let default = human(key.default.as_u64()?, is_bytes);
    Some(format!(
        "| `{}` | {default} | {} to {} | {} |\n",
        key.path(),
        human(min, is_bytes),
        human(max, is_bytes),
        key.doc
    ))
}

/// A number of bytes in the largest unit that divides it.
fn human(number: u64, is_bytes: bool) -> String {
    let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    let unit = units.iter().find(|(shift, _)| is_bytes && number > 0 && number.is_multiple_of(1 << shift));
    unit.map_or_else(|| number.to_string(), |(shift, unit)| format!("{} {unit}", number >> shift))
}

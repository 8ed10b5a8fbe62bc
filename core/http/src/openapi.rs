//! The OpenAPI 3.1 document: put together from the modules' parts, completed with what holds for all of them (security,
//! problem answers), and refused where it would be wrong: two schemas of one name, two operations of one id, an operation
//! nobody described.
//!
//! Needs no running server: `plugpoint openapi` prints the same document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{OpenApi, RefOr};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::problem::{PROBLEM_JSON, ProblemDocument, ProblemField};

/// The answer of a refused or failed request, for `responses(...)` of an endpoint's OpenAPI text.
pub struct Refused;

impl<'r> utoipa::ToResponse<'r> for Refused {
    fn response() -> (&'r str, RefOr<utoipa::openapi::Response>) {
        ("Problem", RefOr::Ref(utoipa::openapi::Ref::from_response_name("Problem")))
    }
}

/// A named schema as utoipa collects it.
type NamedSchema = (String, RefOr<Schema>);

/// REST routes with their part of the document. Like [`OpenApiRouter`], but it keeps every schema it is told of, so that two
/// of one name are found; the router's own map would let the later one win.
pub struct Rest<S = ()> {
    router: OpenApiRouter<S>,
    schemas: Vec<NamedSchema>,
}

/// The documented part of some routes.
#[derive(Clone, Default)]
pub struct RestDoc {
    openapi: OpenApi,
    schemas: Vec<NamedSchema>,
}

impl<S: Clone + Send + Sync + 'static> Default for Rest<S> {
    fn default() -> Self {
        Self { router: OpenApiRouter::default(), schemas: Vec::new() }
    }
}

impl<S: Clone + Send + Sync + 'static> Rest<S> {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what `routes!(handler, ..)` of utoipa-axum collects.
    #[must_use]
    pub fn routes(mut self, routes: UtoipaMethodRouter<S>) -> Self {
        self.schemas.extend(routes.0.iter().cloned());
        self.router = self.router.routes(routes);
        self
    }

    /// Gives the handlers their state.
    #[must_use]
    pub fn with_state<T: Clone + Send + Sync + 'static>(self, state: S) -> Rest<T> {
        Rest { router: self.router.with_state(state), schemas: self.schemas }
    }

    /// The documented part alone, for a document without a server.
    #[must_use]
    pub fn into_doc(self) -> RestDoc {
        self.split().1
    }

    pub(crate) fn split(self) -> (axum::Router<S>, RestDoc) {
        let (router, openapi) = self.router.split_for_parts();
        (router, RestDoc { openapi, schemas: self.schemas })
    }
}

/// Why the parts do not make an application. All reasons at once.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the HTTP interface cannot be assembled:\n{}", .0.join("\n"))]
pub struct AssemblyError(pub Vec<String>);

/// Puts the document together from the modules' parts and the server's own.
///
/// # Errors
/// Every schema name with two definitions, every operation id used twice, every operation without id, summary or tag.
pub fn document(mut parts: Vec<RestDoc>) -> Result<Value, AssemblyError> {
    parts.push(crate::health::doc());
    let mut problems = Vec::new();
    let mut schemas = own_schemas();
    for part in &parts {
        schemas.extend(part.schemas.iter().cloned());
    }
    let schemas = unique(schemas, &mut problems);
    let mut paths = serde_json::Map::new();
    for part in parts {
        add_paths(part.openapi, &mut paths, &mut problems);
    }
    check_operations(&paths, &mut problems);
    let mut document = head();
    document["tags"] = tags(&paths);
    document["paths"] = Value::Object(paths);
    document["components"]["schemas"] = Value::Object(schemas);
    check_references(&document, &document, &mut problems);
    if problems.is_empty() { Ok(document) } else { Err(AssemblyError(problems)) }
}

/// The document's head, its security schemes and the answer that every operation may give.
fn head() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Plugpoint",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Catalogs of many senders in one canonical form. Every error is an RFC 9457 problem document with a \
                            stable `code`. The tenant follows from the credential.",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"}
        },
        "servers": [{"url": "/", "description": "This server"}],
        "security": [{"basic": []}, {"bearer": []}],
        "paths": {},
        "components": {
            "schemas": {},
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic", "description": "Key id as user name, secret as password. The key id is a platform's, or `USER@TENANT` where the tenant has a directory of its own."},
                "bearer": {"type": "http", "scheme": "bearer", "description": "`key_id.secret` or `key_id:secret` as token; a `USER@TENANT` with points takes the colon."}
            },
            "responses": {
                "Problem": {
                    "description": "The request was refused or failed; `code` says why.",
                    "headers": {
                        "X-Request-Id": {"description": "The id of this request.", "schema": {"type": "string"}},
                        "Retry-After": {"description": "Seconds, where a retry makes sense.", "schema": {"type": "integer"}}
                    },
                    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
                }
            }
        }
    })
}

fn own_schemas() -> Vec<NamedSchema> {
    let mut schemas = vec![(ProblemDocument::name().into_owned(), ProblemDocument::schema())];
    ProblemDocument::schemas(&mut schemas);
    schemas.push((ProblemField::name().into_owned(), ProblemField::schema()));
    schemas
}

fn unique(schemas: Vec<NamedSchema>, problems: &mut Vec<String>) -> serde_json::Map<String, Value> {
    let mut seen: BTreeMap<String, Value> = BTreeMap::new();
    for (name, schema) in schemas {
        let definition = serde_json::to_value(&schema).unwrap_or_default();
        match seen.get(&name) {
            Some(known) if *known != definition => {
                problems.push(format!("the schema name {name} has two definitions: {known} and {definition}"));
            }
            Some(_) => {}
            None => drop(seen.insert(name, definition)),
        }
    }
    seen.into_iter().collect()
}

fn add_paths(part: OpenApi, paths: &mut serde_json::Map<String, Value>, problems: &mut Vec<String>) {
    let Ok(Value::Object(items)) = serde_json::to_value(&part.paths) else { return };
    for (path, item) in items {
        let Value::Object(operations) = item else { continue };
        let known = paths.entry(path.clone()).or_insert_with(|| json!({}));
        for (method, mut operation) in operations {
            if known.get(&method).is_some() {
                problems.push(format!("{method} {path} is described twice"));
            }
            if operation["responses"].is_object() {
                operation["responses"]["default"] = json!({"$ref": "#/components/responses/Problem"});
            }
            known[&method] = operation;
        }
    }
}

fn check_operations(paths: &serde_json::Map<String, Value>, problems: &mut Vec<String>) {
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let place = format!("{method} {path}");
            for field in ["operationId", "summary"] {
                if operation[field].as_str().is_none_or(str::is_empty) {
                    problems.push(format!("{place} has no {field}"));
                }
            }
            if operation["tags"].as_array().is_none_or(Vec::is_empty) {
                problems.push(format!("{place} has no tag"));
            }
            let id = operation["operationId"].as_str().unwrap_or_default();
            if let Some(other) = ids.insert(id, place.clone()) {
                problems.push(format!("the operationId {id} is used by {other} and by {place}"));
            }
        }
    }
}

/// Every tag in use, by name.
fn tags(paths: &serde_json::Map<String, Value>) -> Value {
    let operations = paths.values().filter_map(Value::as_object).flat_map(serde_json::Map::values);
    let names = operations.filter_map(|operation| operation["tags"].as_array()).flatten().filter_map(Value::as_str);
    names.collect::<BTreeSet<_>>().into_iter().map(|name| json!({"name": name})).collect()
}

fn check_references(node: &Value, document: &Value, problems: &mut Vec<String>) {
    match node {
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                let resolved = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                if resolved.is_none() {
                    problems.push(format!("the reference {target} leads nowhere"));
                }
            }
            fields.values().for_each(|value| check_references(value, document, problems));
        }
        Value::Array(values) => values.iter().for_each(|value| check_references(value, document, problems)),
        _ => {}
    }
}

//! Query parameters: declared as a struct under the schema attribute, decoded strictly, checked by the same rules that the
//! OpenAPI document shows. An unknown parameter is an error with a near match, never ignored: a misspelt filter that filters
//! nothing is worse than a refusal.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use percent_encoding::percent_decode_str;
use plugpoint_sdk::error::{ApiError, FieldError};
use plugpoint_sdk::near::near_matches;
use plugpoint_sdk::schema::{Body, Check, Described, Field, Shape};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::json::invalid;
use crate::problem::Problem;

/// The query as a `T` that keeps all of T's declared rules.
#[derive(Debug)]
pub struct ValidQuery<T>(pub T);

impl<T, S> FromRequestParts<S> for ValidQuery<T>
where
    T: DeserializeOwned + Check + Described,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(read(parts.uri.query().unwrap_or_default())?))
    }
}

fn read<T: DeserializeOwned + Check + Described>(query: &str) -> Result<T, ApiError> {
    let fields = match &T::type_info().body {
        Body::Object(fields) => *fields,
        Body::Words(_) | Body::Newtype(_) => &[],
    };
    let (mut values, mut errors) = (Map::new(), Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match read_pair(pair, fields) {
            Ok((name, _)) if values.contains_key(name) => {
                errors.push(refused(name, "parameter_repeated", format!("{name} is given more than once")));
            }
            Ok((name, value)) => drop(values.insert(name.to_owned(), value)),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(invalid(errors));
    }
    let value: T = serde_path_to_error::deserialize(Value::Object(values)).map_err(|error| {
        let name = error.path().to_string();
        invalid(vec![refused(name.trim_start_matches('.'), "field_invalid", error.inner().to_string())])
    })?;
    value.check().map_err(|errors| invalid(errors.into_iter().map(as_parameter).collect()))?;
    Ok(value)
}

fn as_parameter(mut error: FieldError) -> FieldError {
    error.pointer = format!("?{}", error.pointer.trim_start_matches('/'));
    error
}

fn read_pair(pair: &str, fields: &'static [Field]) -> Result<(&'static str, Value), FieldError> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let name =
        decoded(name).ok_or_else(|| refused("", "encoding_invalid", "a parameter's name is not UTF-8".to_owned()))?;
    let Some(field) = fields.iter().find(|field| field.name == name) else {
        let name: String = name.chars().take(64).collect();
        let mut message = format!("there is no parameter {name:?}");
        if let Some(near) = near_matches(&name, fields.iter().map(|field| field.name)).first() {
            message.push_str(&format!("; did you mean {near:?}?"));
        }
        return Err(refused(&name, "parameter_unknown", message));
    };
    let name = field.name;
    let text = decoded(value).ok_or_else(|| refused(name, "encoding_invalid", format!("{name} is not UTF-8")))?;
    let shape = if let Shape::Optional(inner) = field.shape { *inner } else { field.shape };
    let value = match shape {
        Shape::Bool => text.parse().map(Value::Bool).map_err(|_| format!("{name} is neither true nor false")),
        Shape::Integer(_) => text.parse::<u64>().map(Value::from).map_err(|_| format!("{name} is not a whole number")),
        _ => Ok(Value::String(text)),
    };
    value.map(|value| (name, value)).map_err(|message| refused(name, "field_invalid", message))
}

fn refused(name: &str, code: &str, message: String) -> FieldError {
    FieldError { pointer: format!("?{name}"), code: code.to_owned(), message }
}

/// Percent-decoded, `+` as a blank; `None` unless the bytes are UTF-8. A lossy decoding would make two queries one.
fn decoded(text: &str) -> Option<String> {
    percent_decode_str(&text.replace('+', " ")).decode_utf8().ok().map(Cow::into_owned)
}

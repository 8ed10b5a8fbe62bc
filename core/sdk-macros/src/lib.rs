//! The one schema attribute of Plugpoint: `#[api_schema]` turns one declaration (fields, doc comments, `#[validate(...)]`
//! rules) into serde, run-time validation and a static description.
//!
//! Used by every request and response type. It writes tables and calls, no logic: OpenAPI, XSD and the checks themselves
//! are ordinary code in `plugpoint_sdk::schema` that reads those tables. It refuses whatever would make the published
//! description untrue (serde's `flatten`, enums with data, rules that do not fit the type).

mod declaration;
mod emit;
mod names;
mod rules;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Declares a request or response type once.
///
/// On a struct with named fields, an enum of unit variants, or a struct around one value. Arguments:
/// `name = "Item"` is the published name when it is not the Rust name; `from_str` (only around one value) reads the value
/// through the type's own `FromStr`, so that no unchecked one can come out of a document.
///
/// Adds `Debug, Clone, PartialEq, Serialize, Deserialize` (unknown fields refused), `Check`, `Described`, `Value`, and
/// utoipa's `ToSchema`, `PartialSchema` and (structs) `IntoParams`.
///
/// Rules on a field: `length(min, max)` counts characters of a text or entries of a list; `range(min, max,
/// exclusive_min)` bounds a number by whole numbers; `pattern = "^[A-Z]{3}$"` is a text's form, in the part of the
/// regular expressions that Rust, ECMA-262 and XSD read alike; `each(...)` gives the rules of a list's entries. On
/// an `Option` they hold for the value that is there. Nested types are always checked.
#[proc_macro_attribute]
pub fn api_schema(args: TokenStream, input: TokenStream) -> TokenStream {
    let args = parse_macro_input!(args as declaration::Args);
    let input = parse_macro_input!(input as DeriveInput);
    declaration::Declaration::read(args, input)
        .map_or_else(|error| error.to_compile_error(), |declaration| emit::expand(&declaration))
        .into()
}

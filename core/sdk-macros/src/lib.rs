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

use proc_macro::{Literal, TokenStream, TokenTree};
use syn::{DeriveInput, parse_macro_input};

/// Every file of this crate: what it generates is part of the sdk's ABI.
const SOURCES: [&str; 5] = [
    include_str!("declaration.rs"),
    include_str!("emit.rs"),
    include_str!("lib.rs"),
    include_str!("names.rs"),
    include_str!("rules.rs"),
];

/// A literal of 16 hexadecimal digits that tells two states of this crate's sources apart (FNV-1a), for the sdk's ABI stamp.
/// The sdk cannot find the sources itself: where they lie depends on how it was fetched.
#[proc_macro]
pub fn source_hash(_: TokenStream) -> TokenStream {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = SOURCES.iter().flat_map(|source| source.bytes()).fold(0xcbf2_9ce4_8422_2325, step);
    TokenTree::from(Literal::string(&format!("{hash:016x}"))).into()
}

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

#[cfg(test)]
mod tests {
    #[test]
    fn every_source_is_part_of_the_hash() {
        let folder = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("the sources");
        let mut present: Vec<String> =
            folder.map(|entry| std::fs::read_to_string(entry.expect("a file").path()).expect("text")).collect();
        present.sort();
        let mut hashed = super::SOURCES.map(str::to_owned);
        hashed.sort();
        assert_eq!(present, hashed);
    }
}

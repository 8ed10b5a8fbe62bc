//! Reads `#[validate(...)]` into the rules of one field, and takes the attribute away. Called for each field.
//!
//! Bounds and patterns are constant expressions, so that a limit may have a name; whether they fit the field's type is
//! checked by the compiler when it evaluates the table.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, Result};

/// The rules of one field, or of a list's entries.
#[derive(Default)]
pub(crate) struct Rules {
    length_min: Option<Expr>,
    length_max: Option<Expr>,
    min: Option<Expr>,
    exclusive_min: Option<Expr>,
    max: Option<Expr>,
    pattern: Option<Expr>,
    each: Option<Box<Rules>>,
}

/// The rules of a field; its `#[validate]` attributes are gone afterwards.
pub(crate) fn take(attrs: &mut Vec<Attribute>) -> Result<Rules> {
    let mut rules = Rules::default();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("validate")) {
        attr.parse_nested_meta(|meta| rules.read(&meta))?;
    }
    attrs.retain(|attr| !attr.path().is_ident("validate"));
    Ok(rules)
}

impl Rules {
    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let word = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        match word.as_str() {
            "length" => meta.parse_nested_meta(|bound| match bound.path.get_ident() {
                Some(key) if key == "min" => once(&bound, &mut self.length_min),
                Some(key) if key == "max" => once(&bound, &mut self.length_max),
                _ => Err(bound.error("length knows min and max")),
            }),
            "range" => meta.parse_nested_meta(|bound| match bound.path.get_ident() {
                Some(key) if key == "min" => once(&bound, &mut self.min),
                Some(key) if key == "exclusive_min" => once(&bound, &mut self.exclusive_min),
                Some(key) if key == "max" => once(&bound, &mut self.max),
                _ => Err(bound.error("range knows min, exclusive_min and max")),
            }),
            "pattern" => once(meta, &mut self.pattern),
            "each" => {
                let mut each = Rules::default();
                meta.parse_nested_meta(|rule| each.read(&rule))?;
                self.each = Some(Box::new(each));
                Ok(())
            }
            "nested" => Err(meta.error("leave `nested` out: nested types are always checked")),
            _ => Err(meta.error("a rule is length(..), range(..), pattern = \"..\" or each(..)")),
        }
    }

    /// The rules as a constant expression of type `schema::Rules`.
    pub(crate) fn tokens(&self) -> TokenStream {
        let mut fields = TokenStream::new();
        let plain = [
            ("length_min", &self.length_min),
            ("length_max", &self.length_max),
            ("min", &self.min),
            ("exclusive_min", &self.exclusive_min),
            ("max", &self.max),
        ];
        for (name, bound) in plain {
            if let Some(bound) = bound {
                let name = syn::Ident::new(name, proc_macro2::Span::call_site());
                fields.extend(quote!(#name: ::core::option::Option::Some(#bound),));
            }
        }
        if let Some(text) = &self.pattern {
            fields.extend(quote!(pattern: ::core::option::Option::Some(schema::Pattern::new(#text, |text| {
                static MATCHER: schema::Matcher = schema::Matcher::new(#text);
                MATCHER.is_match(text)
            })),));
        }
        if let Some(each) = &self.each {
            let each = each.tokens();
            fields.extend(quote!(each: ::core::option::Option::Some(&#each),));
        }
        quote!(schema::Rules { #fields ..schema::Rules::NONE })
    }
}

fn once(meta: &ParseNestedMeta<'_>, slot: &mut Option<Expr>) -> Result<()> {
    if slot.is_some() {
        return Err(meta.error("said twice"));
    }
    *slot = Some(meta.value()?.parse()?);
    Ok(())
}

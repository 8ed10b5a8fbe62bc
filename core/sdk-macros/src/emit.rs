//! Writes the Rust code of one declaration: derives, the static table, and the calls that walk it. Called by the attribute.

use proc_macro2::TokenStream;
use quote::quote;

use crate::declaration::{Body, Declaration};

pub(crate) fn expand(declaration: &Declaration) -> TokenStream {
    let Declaration { input, name, doc, body } = declaration;
    let ident = &input.ident;
    let derives = derives(body);
    let tables = tables(body);
    let check = check(body);
    let impls = reading(ident, body);
    let params = params(ident, body);
    quote! {
        #derives
        #input

        const _: () = {
            use ::plugpoint_sdk::schema;
            #tables
            static INFO: schema::TypeInfo = schema::TypeInfo {
                name: #name,
                path: ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#ident)),
                doc: #doc,
                body: BODY,
            };

            impl schema::Described for #ident {
                fn type_info() -> &'static schema::TypeInfo {
                    &INFO
                }
            }

            impl schema::Check for #ident {
                fn check_at(&self, at: &schema::Path<'_>, out: &mut schema::Violations) {
                    #check
                }
            }

            impl schema::Value for #ident {
                const SHAPE: schema::Shape = schema::Shape::Named(<Self as schema::Described>::type_info);
                fn check_value(&self, _: &schema::Rules, at: &schema::Path<'_>, out: &mut schema::Violations) {
                    schema::Check::check_at(self, at, out);
                }
            }

            impl schema::utoipa::PartialSchema for #ident {
                fn schema() -> schema::utoipa::openapi::RefOr<schema::utoipa::openapi::schema::Schema> {
                    schema::openapi::schema(&INFO)
                }
            }

            impl schema::utoipa::ToSchema for #ident {
                fn name() -> ::std::borrow::Cow<'static, str> {
                    ::std::borrow::Cow::Borrowed(#name)
                }
                fn schemas(
                    schemas: &mut ::std::vec::Vec<(
                        ::std::string::String,
                        schema::utoipa::openapi::RefOr<schema::utoipa::openapi::schema::Schema>,
                    )>,
                ) {
                    schema::openapi::dependencies(&INFO, schemas);
                }
            }
            #params
            #impls

            schema::inventory::submit! {
                schema::Entry { info: &INFO, check_json: schema::check_json::<#ident> }
            }
        };
    }
}

fn derives(body: &Body) -> TokenStream {
    let serde = quote!(::plugpoint_sdk::schema::serde);
    let path = "::plugpoint_sdk::schema::serde";
    let common = quote!(#[derive(Debug, Clone, PartialEq, #serde::Serialize)]);
    match body {
        Body::Object(_) => quote! {
            #common
            #[derive(#serde::Deserialize)]
            #[serde(crate = #path, deny_unknown_fields)]
        },
        Body::Newtype { from_str: true, .. } => quote! { #common #[serde(crate = #path)] },
        Body::Words(_) | Body::Newtype { .. } => quote! {
            #common
            #[derive(#serde::Deserialize)]
            #[serde(crate = #path)]
        },
    }
}

fn tables(body: &Body) -> TokenStream {
    match body {
        Body::Object(fields) => {
            let count = fields.len();
            let rows = fields.iter().map(|field| {
                let (name, doc, ty, required) = (&field.name, &field.doc, &field.ty, field.required);
                let rules = field.rules.tokens();
                quote!(schema::Field::new(#name, #doc, #required, <#ty as schema::Value>::SHAPE, #rules))
            });
            quote! {
                static FIELDS: [schema::Field; #count] = [#(#rows),*];
                const BODY: schema::Body = schema::Body::Object(&FIELDS);
            }
        }
        Body::Words(words) => {
            let rows = words.iter().map(|(name, doc)| quote!(schema::Word { name: #name, doc: #doc }));
            quote!(const BODY: schema::Body = schema::Body::Words(&[#(#rows),*]);)
        }
        Body::Newtype { inner, rules, .. } => {
            let rules = rules.tokens();
            quote! {
                static INNER: schema::Field = schema::Field::new("", "", true, <#inner as schema::Value>::SHAPE, #rules);
                const BODY: schema::Body = schema::Body::Newtype(&INNER);
            }
        }
    }
}

fn check(body: &Body) -> TokenStream {
    match body {
        Body::Object(fields) => {
            let calls = fields.iter().enumerate().map(|(index, field)| {
                let ident = &field.ident;
                quote! {
                    schema::Value::check_value(&self.#ident, &FIELDS[#index].rules, &at.field(FIELDS[#index].name), out);
                }
            });
            quote!(#(#calls)*)
        }
        Body::Words(_) => quote!(let _ = (at, out);),
        Body::Newtype { .. } => quote!(schema::Value::check_value(&self.0, &INNER.rules, at, out);),
    }
}

/// A checked newtype is read through its `FromStr`, so that its invariant holds whatever the document says.
fn reading(ident: &syn::Ident, body: &Body) -> TokenStream {
    if !matches!(body, Body::Newtype { from_str: true, .. }) {
        return TokenStream::new();
    }
    quote! {
        impl<'de> schema::serde::Deserialize<'de> for #ident {
            fn deserialize<D: schema::serde::Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                let text = <::std::borrow::Cow<'de, str> as schema::serde::Deserialize>::deserialize(deserializer)?;
                ::core::str::FromStr::from_str(&text).map_err(schema::serde::de::Error::custom)
            }
        }
    }
}

fn params(ident: &syn::Ident, body: &Body) -> TokenStream {
    if !matches!(body, Body::Object(_)) {
        return TokenStream::new();
    }
    quote! {
        impl schema::utoipa::IntoParams for #ident {
            fn into_params(
                parameter_in: impl Fn() -> ::core::option::Option<schema::utoipa::openapi::path::ParameterIn>,
            ) -> ::std::vec::Vec<schema::utoipa::openapi::path::Parameter> {
                schema::openapi::parameters(&INFO, parameter_in)
            }
        }
    }
}

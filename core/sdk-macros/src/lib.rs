//! The one schema attribute of Plugpoint. (Contract stub: the full expansion replaces this file.)
use proc_macro::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, parse_macro_input};

#[proc_macro_attribute]
pub fn api_schema(_args: TokenStream, input: TokenStream) -> TokenStream {
    let mut input = parse_macro_input!(input as DeriveInput);
    let name = input.ident.clone();
    if let Data::Struct(data) = &mut input.data {
        for field in &mut data.fields {
            field.attrs.retain(|attr| !attr.path().is_ident("validate"));
        }
        return quote! {
            #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
            #[serde(deny_unknown_fields)]
            #input
            impl ::validator::Validate for #name {
                fn validate(&self) -> Result<(), ::validator::ValidationErrors> { Ok(()) }
            }
        }
        .into();
    }
    quote! {
        #[derive(Debug, Clone, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #input
    }
    .into()
}

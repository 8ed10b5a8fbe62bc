//! What one `#[api_schema]` item declares, read from its tokens. Called by the attribute, before anything is written.
//!
//! It refuses what the published description could not say truthfully.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DeriveInput, Error, Expr, Fields, Lit, LitStr, Meta, Result, Token, Type};

use crate::names::Case;
use crate::rules::{self, Rules};

/// The attribute's own arguments.
#[derive(Default)]
pub(crate) struct Args {
    name: Option<String>,
    from_str: bool,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut args = Self::default();
        let parser = syn::meta::parser(|meta| {
            if meta.path.is_ident("name") {
                args.name = Some(meta.value()?.parse::<LitStr>()?.value());
                Ok(())
            } else if meta.path.is_ident("from_str") {
                args.from_str = true;
                Ok(())
            } else {
                Err(meta.error("api_schema knows `name = \"...\"` and `from_str`"))
            }
        });
        syn::parse::Parser::parse2(parser, input.parse()?)?;
        Ok(args)
    }
}

/// One declared type. `input` is the item without the `#[validate]` attributes.
pub(crate) struct Declaration {
    pub(crate) input: DeriveInput,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) body: Body,
}

/// The kinds of types there are.
pub(crate) enum Body {
    /// A struct with named fields.
    Object(Vec<Field>),
    /// An enum of unit variants: words on the wire and what they mean.
    Words(Vec<(String, String)>),
    /// A struct around one value.
    Newtype { inner: Box<Type>, rules: Box<Rules>, from_str: bool },
}

/// One field of a struct.
pub(crate) struct Field {
    pub(crate) ident: syn::Ident,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) ty: Type,
    pub(crate) required: bool,
    pub(crate) rules: Rules,
}

impl Declaration {
    pub(crate) fn read(args: Args, mut input: DeriveInput) -> Result<Self> {
        if let Some(parameter) = input.generics.params.first() {
            return Err(Error::new_spanned(parameter, "a published type has one name, so it cannot be generic"));
        }
        let serde = SerdeWords::read(&input.attrs)?;
        let is_newtype = matches!(&input.data, Data::Struct(data) if matches!(data.fields, Fields::Unnamed(_)));
        if args.from_str && !is_newtype {
            return Err(Error::new_spanned(&input.ident, "from_str is for a struct around one value"));
        }
        let body = match &mut input.data {
            Data::Struct(data) => match &mut data.fields {
                Fields::Named(fields) => {
                    Body::Object(fields.named.iter_mut().map(|f| field(f, &serde)).collect::<Result<_>>()?)
                }
                Fields::Unnamed(fields) if fields.unnamed.len() == 1 => newtype(&mut fields.unnamed[0], args.from_str)?,
                other => return Err(Error::new_spanned(other, "give it named fields, or exactly one unnamed")),
            },
            Data::Enum(data) => Body::Words(data.variants.iter().map(|v| word(v, &serde)).collect::<Result<_>>()?),
            Data::Union(data) => return Err(Error::new_spanned(data.union_token, "a union has no published form")),
        };
        let name = args.name.unwrap_or_else(|| input.ident.to_string());
        let doc = doc(&input.attrs);
        Ok(Self { input, name, doc, body })
    }
}

fn field(field: &mut syn::Field, container: &SerdeWords) -> Result<Field> {
    let serde = SerdeWords::read(&field.attrs)?;
    let rules = rules::take(&mut field.attrs)?;
    let ident = field.ident.clone().ok_or_else(|| Error::new_spanned(&*field, "a field has a name"))?;
    if let Some(case) = &container.rename_all {
        return Err(Error::new_spanned(case, "fields are snake_case on the wire, as in Rust"));
    }
    let raw = ident.to_string();
    Ok(Field {
        name: serde.rename.unwrap_or_else(|| raw.trim_start_matches("r#").to_owned()),
        doc: doc(&field.attrs),
        ty: field.ty.clone(),
        required: !(serde.default || container.default || is_option(&field.ty)),
        rules,
        ident,
    })
}

fn newtype(field: &mut syn::Field, from_str: bool) -> Result<Body> {
    let rules = Box::new(rules::take(&mut field.attrs)?);
    Ok(Body::Newtype { inner: Box::new(field.ty.clone()), rules, from_str })
}

fn word(variant: &syn::Variant, container: &SerdeWords) -> Result<(String, String)> {
    if !matches!(variant.fields, Fields::Unit) {
        return Err(Error::new_spanned(variant, "a published enum is a list of words: no data in its variants"));
    }
    let case = container.rename_all.as_ref().map(Case::parse).transpose()?.unwrap_or(Case::Unchanged);
    let name = SerdeWords::read(&variant.attrs)?.rename;
    Ok((name.unwrap_or_else(|| case.apply(&variant.ident.to_string())), doc(&variant.attrs)))
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Option"))
}

/// What serde is told, as far as it changes the published form.
#[derive(Default)]
struct SerdeWords {
    rename: Option<String>,
    rename_all: Option<LitStr>,
    default: bool,
}

impl SerdeWords {
    fn read(attrs: &[Attribute]) -> Result<Self> {
        let mut words = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("serde")) {
            attr.parse_nested_meta(|meta| {
                let key = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
                let value = if meta.input.peek(Token![=]) { Some(meta.value()?.parse::<LitStr>()?) } else { None };
                match (key.as_str(), value) {
                    ("default", _) => words.default = true,
                    ("rename", Some(name)) => words.rename = Some(name.value()),
                    ("rename_all", Some(case)) => words.rename_all = Some(case),
                    ("skip_serializing_if" | "with", Some(_)) => {}
                    _ => return Err(meta.error("the published description cannot express this serde attribute")),
                }
                Ok(())
            })?;
        }
        Ok(words)
    }
}

/// The doc comment: one blank less at each line's start, no blank lines at the ends.
fn doc(attrs: &[Attribute]) -> String {
    let line = |attr: &Attribute| match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let lines: Vec<String> = attrs.iter().filter_map(line).collect();
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim().to_owned()
}

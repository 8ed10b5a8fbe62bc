//! Descriptions as OpenAPI 3.1 schemas. Called through utoipa's traits when the document is assembled.
//!
//! States the limits that [`limits`](super::limits) lists, no others.

use utoipa::Number;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, Schema, SchemaType, Type,
};
use utoipa::openapi::{RefOr, Required, SchemaFormat};

use super::limits::{Rule, decimal_pattern, of_range};
use super::{Body, Field, Rules, Shape, TypeInfo};

/// The schema of a type, as it stands under `components`.
#[must_use]
pub fn schema(info: &'static TypeInfo) -> RefOr<Schema> {
    match &info.body {
        Body::Object(fields) => {
            let mut object = ObjectBuilder::new()
                .description(Some(info.doc))
                .additional_properties(Some(AdditionalProperties::FreeForm(false)));
            for field in *fields {
                object = object.property(field.name, described(value(&field.shape, &field.rules), field.doc));
                if field.required {
                    object = object.required(field.name);
                }
            }
            object.into()
        }
        Body::Words(words) => ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(words_doc(info.doc, words)))
            .enum_values(Some(words.iter().map(|word| word.name)))
            .into(),
        Body::Newtype(field) => described(value(&field.shape, &field.rules), info.doc),
    }
}

/// The schemas of all types that a type refers to, each once, its own only if it refers to itself.
pub fn dependencies(info: &'static TypeInfo, schemas: &mut Vec<(String, RefOr<Schema>)>) {
    for named in super::xsd::references(info) {
        if !schemas.iter().any(|(name, known)| name == named.name && *known == schema(named)) {
            schemas.push((named.name.to_owned(), schema(named)));
            dependencies(named, schemas);
        }
    }
}

/// The fields of a type as parameters, for utoipa's `IntoParams`.
pub fn parameters(info: &'static TypeInfo, parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
    let Body::Object(fields) = &info.body else { return Vec::new() };
    let parameter = |field: &Field| {
        // A parameter is there or not; it is never null.
        let shape = if let Shape::Optional(inner) = field.shape { *inner } else { field.shape };
        ParameterBuilder::new()
            .name(field.name)
            .parameter_in(parameter_in().unwrap_or(ParameterIn::Query))
            .required(if field.required { Required::True } else { Required::False })
            .description(Some(field.doc))
            .schema(Some(value(&shape, &field.rules)))
            .build()
    };
    fields.iter().map(parameter).collect()
}

fn words_doc(doc: &str, words: &[super::Word]) -> String {
    let lines: Vec<String> = words.iter().map(|word| format!("- `{}`: {}", word.name, word.doc)).collect();
    format!("{doc}\n\n{}", lines.join("\n"))
}

fn value(shape: &Shape, rules: &Rules) -> RefOr<Schema> {
    match shape {
        Shape::Optional(inner) => nullable(value(inner, rules)),
        Shape::List(inner) => ArrayBuilder::new()
            .items(value(inner, rules.each.unwrap_or(&Rules::NONE)))
            .min_items(rules.length_min)
            .max_items(rules.length_max)
            .into(),
        Shape::Named(info) => RefOr::Ref(Ref::from_schema_name(info().name)),
        Shape::Bool => typed(Type::Boolean, None).into(),
        Shape::Integer(integer) => ranged(typed(Type::Integer, Some(integer.format)), shape, rules).into(),
        Shape::Float => ranged(typed(Type::Number, Some("double")), shape, rules).into(),
        Shape::Decimal => {
            ranged(typed(Type::String, Some("decimal")).pattern(Some(decimal_pattern(rules))), shape, rules).into()
        }
        Shape::Timestamp => typed(Type::String, Some("date-time")).into(),
        Shape::Uuid => typed(Type::String, Some("uuid")).into(),
        Shape::AnswerOnly => typed(Type::Object, None)
            .read_only(true)
            .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(true)))
            .into(),
        Shape::Text => typed(Type::String, None)
            .min_length(rules.length_min)
            .max_length(rules.length_max)
            .pattern(rules.pattern.map(|pattern| pattern.ecma()))
            .into(),
    }
}

fn typed(schema_type: Type, format: Option<&str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(schema_type).format(format.map(|name| SchemaFormat::Custom(name.to_owned())))
}

fn ranged(object: ObjectBuilder, shape: &Shape, rules: &Rules) -> ObjectBuilder {
    of_range(shape, rules).into_iter().fold(object, |object, rule| match rule {
        Rule::Minimum(min) => object.minimum(Some(number(min))),
        Rule::ExclusiveMinimum(min) => object.exclusive_minimum(Some(number(min))),
        Rule::Maximum(max) => object.maximum(Some(number(max))),
        _ => object,
    })
}

fn number(bound: i128) -> Number {
    // `of_range` states only bounds that a JSON number holds exactly.
    Number::Int(isize::try_from(bound).unwrap_or(if bound < 0 { isize::MIN } else { isize::MAX }))
}

/// The same or null.
fn nullable(schema: RefOr<Schema>) -> RefOr<Schema> {
    let or_null = |schema_type: &SchemaType| match schema_type {
        SchemaType::Type(one) => SchemaType::Array(vec![one.clone(), Type::Null]),
        other => other.clone(),
    };
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.schema_type = or_null(&object.schema_type);
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = or_null(&array.schema_type);
            RefOr::T(Schema::Array(array))
        }
        other => OneOfBuilder::new().item(ObjectBuilder::new().schema_type(Type::Null)).item(other).into(),
    }
}

fn described(schema: RefOr<Schema>, doc: &str) -> RefOr<Schema> {
    let doc = doc.to_owned();
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.description = Some(doc);
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.description = Some(doc);
            RefOr::T(Schema::Array(array))
        }
        RefOr::T(Schema::OneOf(mut one_of)) => {
            one_of.description = Some(doc);
            RefOr::T(Schema::OneOf(one_of))
        }
        RefOr::Ref(mut reference) => {
            reference.description = doc;
            RefOr::Ref(reference)
        }
        other => other,
    }
}

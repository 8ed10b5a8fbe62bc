//! What is published is what is declared: OpenAPI states exactly the limits that the descriptions list, XSD the same in
//! its own words, and no two types share a name.

use std::collections::BTreeMap;

use plugpoint_sdk::api_schema;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{ImportMode, ItemData};
use plugpoint_sdk::schema::xsd::XsdTypes;
use plugpoint_sdk::schema::{Described, SchemaNames, TOKEN, entries, limits, openapi, utoipa};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, PartialSchema, ToSchema};

/// Has one of everything.
#[api_schema(name = "ShippingRule")]
struct Rule {
    /// What it is <called> & known by.
    #[validate(length(min = 2, max = 5), pattern = TOKEN)]
    rule_name: String,
    /// Price.
    #[validate(range(exclusive_min = 0, max = 9))]
    #[serde(with = "plugpoint_sdk::model::decimal")]
    list_price: Decimal,
    /// Days.
    #[validate(range(min = 0, max = 9))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    /// Words.
    #[validate(length(max = 3), each(length(max = 2), pattern = r"^[a-z\$]*$"))]
    #[serde(default)]
    key_words: Vec<String>,
    /// Modes.
    #[validate(length(min = 1, max = 2000))]
    modes: Vec<ImportMode>,
    /// Since.
    since: Option<Timestamp>,
    /// Share.
    #[validate(range(min = 0, max = 1))]
    share: f64,
}

#[test]
fn openapi_states_exactly_the_limits_of_the_descriptions() {
    for entry in entries() {
        let schema = serde_json::to_value(openapi::schema(entry.info)).expect("a schema is JSON");
        let mut stated = Vec::new();
        read_limits(&schema, String::new(), &mut stated);
        let mut listed: Vec<String> =
            limits::of(entry.info).iter().map(|limit| format!("{} {:?}", limit.pointer, limit.rule)).collect();
        stated.sort();
        listed.sort();
        assert_eq!(stated, listed, "{}: {schema:#}", entry.info.path);
    }
}

/// The limits as a reader of the OpenAPI document finds them.
fn read_limits(schema: &Value, pointer: String, stated: &mut Vec<String>) {
    let names = [
        ("minLength", "MinLength"),
        ("maxLength", "MaxLength"),
        ("minItems", "MinItems"),
        ("maxItems", "MaxItems"),
        ("minimum", "Minimum"),
        ("exclusiveMinimum", "ExclusiveMinimum"),
        ("maximum", "Maximum"),
        ("pattern", "Pattern"),
    ];
    for (keyword, rule) in names {
        match schema.get(keyword) {
            Some(Value::String(text)) => stated.push(format!("{pointer} {rule}({text:?})")),
            Some(bound) => stated.push(format!("{pointer} {rule}({bound})")),
            None => {}
        }
    }
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        stated.push(format!("{pointer} Enum({})", words.len()));
    }
    if schema.get("additionalProperties") == Some(&json!(false)) {
        stated.push(format!("{pointer} NoOtherFields"));
    }
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        stated.push(format!("{pointer}/{} Required", name.as_str().expect("a name")));
    }
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        assert!(property.get("description").is_some_and(|text| text != ""), "{pointer}/{name} has no doc comment");
        read_limits(property, format!("{pointer}/{name}"), stated);
    }
    if let Some(items) = schema.get("items") {
        read_limits(items, format!("{pointer}/*"), stated);
    }
}

#[test]
fn a_schema_says_what_the_server_takes() {
    let schema = serde_json::to_value(Rule::schema()).expect("a schema is JSON");
    let expected = json!({
        "type": "object",
        "description": "Has one of everything.",
        "additionalProperties": false,
        "required": ["rule_name", "list_price", "modes", "share"],
        "properties": {
            "rule_name": {"type": "string", "description": "What it is <called> & known by.", "minLength": 2, "maxLength": 5,
                "pattern": "^[a-z][a-z0-9_.-]*$"},
            "list_price": {"type": "string", "format": "decimal", "description": "Price.", "exclusiveMinimum": 0, "maximum": 9,
                "pattern": r"^(?=.*[1-9])0{0,12}([0-8](\.[0-9]{1,15})?|9(\.0{1,15})?)$"},
            "days": {"type": ["integer", "null"], "format": "int64", "description": "Days.", "minimum": 0, "maximum": 9},
            "key_words": {"type": "array", "description": "Words.", "maxItems": 3,
                "items": {"type": "string", "maxLength": 2, "pattern": r"^[a-z\$]*$"}},
            "modes": {"type": "array", "description": "Modes.", "minItems": 1, "maxItems": 2000,
                "items": {"$ref": "#/components/schemas/ImportMode"}},
            "since": {"type": ["string", "null"], "format": "date-time", "description": "Since."},
            "share": {"type": "number", "format": "double", "description": "Share.", "minimum": 0, "maximum": 1},
        }
    });
    assert_eq!(schema, expected);
}

#[test]
fn a_schema_brings_along_what_it_refers_to_once() {
    assert_eq!(ItemData::name(), "Item");
    let mut schemas = Vec::new();
    ItemData::schemas(&mut schemas);
    let mut names: Vec<&str> = schemas.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let expected = [
        "Attribute",
        "Availability",
        "Category",
        "Contributor",
        "Identifier",
        "ItemStatus",
        "Media",
        "Price",
        "Relation",
        "Text",
    ];
    assert_eq!(names, expected);
}

#[test]
fn fields_are_parameters_without_null() {
    let params = serde_json::to_value(Rule::into_params(|| Some(ParameterIn::Query))).expect("parameters are JSON");
    let days = &params[2];
    let expected = json!({"name": "days", "in": "query", "required": false, "description": "Days.",
        "schema": {"type": "integer", "format": "int64", "minimum": 0, "maximum": 9}});
    assert_eq!(days, &expected);
}

#[test]
fn xsd_says_the_same_in_its_own_words() {
    let mut types = XsdTypes::new("tns");
    assert_eq!(types.add::<Rule>(), "tns:ShippingRule");
    assert_eq!(types.add::<Rule>(), "tns:ShippingRule");
    let text = types.definitions();
    let note = |text: &str| format!("<xs:annotation><xs:documentation>{text}</xs:documentation></xs:annotation>");
    let mode = text.lines().next().expect("the enum comes first, for the struct refers to it");
    assert!(mode.starts_with("<xs:simpleType name=\"ImportMode\">"), "{mode}");
    assert!(mode.contains("<xs:restriction base=\"xs:string\"><xs:enumeration value=\"replace\">"), "{mode}");
    let restricted = |name: &str, occurs: &str, doc: &str, base: &str, facets: &str| {
        let restriction =
            format!("<xs:simpleType><xs:restriction base=\"xs:{base}\">{facets}</xs:restriction></xs:simpleType>");
        format!("<xs:element name=\"{name}\"{occurs}>{}{restriction}</xs:element>", note(doc))
    };
    let plain = |name: &str, of: &str, occurs: &str, doc: &str| {
        format!("<xs:element name=\"{name}\" type=\"{of}\"{occurs}>{}</xs:element>", note(doc))
    };
    let elements = [
        restricted(
            "ruleName",
            "",
            "What it is &lt;called&gt; &amp; known by.",
            "string",
            "<xs:minLength value=\"2\"/><xs:maxLength value=\"5\"/><xs:pattern value=\"[a-z][a-z0-9_.-]*\"/>",
        ),
        restricted(
            "listPrice",
            "",
            "Price.",
            "decimal",
            "<xs:minExclusive value=\"0\"/><xs:maxInclusive value=\"9\"/><xs:pattern value=\"-?[0-9]{1,13}(\\.[0-9]{1,15})?\"/>",
        ),
        restricted(
            "days",
            " minOccurs=\"0\"",
            "Days.",
            "unsignedInt",
            "<xs:minInclusive value=\"0\"/><xs:maxInclusive value=\"9\"/>",
        ),
        restricted(
            "keyWords",
            " minOccurs=\"0\" maxOccurs=\"3\"",
            "Words.",
            "string",
            "<xs:maxLength value=\"2\"/><xs:pattern value=\"[a-z$]*\"/>",
        ),
        plain("modes", "tns:ImportMode", " minOccurs=\"1\" maxOccurs=\"unbounded\"", "Modes. At most 2000."),
        plain("since", "xs:dateTime", " minOccurs=\"0\"", "Since."),
        restricted("share", "", "Share.", "double", "<xs:minInclusive value=\"0\"/><xs:maxInclusive value=\"1\"/>"),
    ];
    let expected = format!(
        "<xs:complexType name=\"ShippingRule\">{}<xs:sequence>{}</xs:sequence></xs:complexType>\n",
        note("Has one of everything."),
        elements.concat()
    );
    assert_eq!(text.split_once('\n').expect("two definitions").1, expected);
}

#[test]
fn xsd_types_come_after_what_they_refer_to_and_once() {
    let mut types = XsdTypes::new("tns");
    types.add::<ImportMode>();
    types.add::<ItemData>();
    let text = types.definitions();
    let mut places = BTreeMap::new();
    for (line, definition) in text.lines().enumerate() {
        let name = definition.split('"').nth(1).expect("a name");
        assert!(places.insert(name, line).is_none(), "{name} twice");
        for reference in definition.split("\"tns:").skip(1).map(|rest| rest.split('"').next().expect("a name")) {
            assert!(places.contains_key(reference), "{name} stands before {reference}");
        }
    }
    assert_eq!(places.len(), 12);
}

mod twin {
    /// Wants the name of another.
    #[plugpoint_sdk::api_schema(name = "Twin")]
    struct One {
        /// A field.
        field: bool,
    }
    /// Wants the name of another.
    #[plugpoint_sdk::api_schema(name = "Twin")]
    struct Other {
        /// A field.
        field: bool,
    }
}

#[test]
fn two_types_of_one_name_are_found_even_if_they_look_alike() {
    let clashes = SchemaNames::of_program().finish().expect_err("the twins");
    let told: Vec<_> =
        clashes.iter().map(|clash| (clash.name.as_str(), clash.first.as_str(), clash.second.as_str())).collect();
    assert_eq!(told, [("Twin", "it::schema_published::twin::One", "it::schema_published::twin::Other")]);
    assert!(clashes[0].to_string().contains("give one of them another name"));
}

#[test]
fn a_schema_of_utoipas_own_is_held_against_the_names_too() {
    let mut names = SchemaNames::default();
    names.add("GET /rules", &[("Rule".to_owned(), Rule::schema())]);
    names.add("PUT /rules", &[("Rule".to_owned(), Rule::schema())]);
    names.add("GET /modes", &[("Rule".to_owned(), ImportMode::schema())]);
    let clashes = names.finish().expect_err("another schema under the same name");
    assert_eq!(clashes.len(), 1);
    assert_eq!((clashes[0].first.as_str(), clashes[0].second.as_str()), ("GET /rules", "GET /modes"));
}

#[test]
fn a_description_names_its_type() {
    assert_eq!(Rule::type_info().name, "ShippingRule");
    assert_eq!(Rule::type_info().path, "it::schema_published::Rule");
    assert!(Rule::limits().len() > 10);
}

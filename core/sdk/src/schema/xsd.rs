//! Descriptions as XML Schema types for the WSDL: camelCase names, `xs:sequence` in the order of declaration, the same
//! limits. Called when the WSDL is written.
//!
//! A list is its element repeated, under the (plural) name of the field. Everything anonymous is written in place; enums,
//! newtypes and structs are named types.

use std::fmt::Write as _;

use super::pattern::to_xsd;
use super::{Body, Described, Field, Rules, Shape, TypeInfo};
use crate::model::decimal;
use crate::xml::escaped;

/// Above this an occurrence limit is written as `unbounded` with a note: validators unroll it, and the JDK's refuses the
/// whole schema above 5000. The server enforces the limit all the same.
const OCCURS_MAX: usize = 1024;

/// The named types of one schema, each once, in the order in which they were asked for, dependencies first.
#[derive(Debug)]
pub struct XsdTypes {
    prefix: String,
    types: Vec<&'static TypeInfo>,
}

impl XsdTypes {
    /// No types yet. `prefix` is the one that the document binds to the target namespace, as in `tns`.
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into(), types: Vec::new() }
    }

    /// Takes in a type with all that it refers to, and gives its qualified name (`tns:Item`).
    pub fn add<T: Described>(&mut self) -> String {
        self.add_info(T::type_info());
        self.qualified(T::type_info())
    }

    fn add_info(&mut self, info: &'static TypeInfo) {
        if self.types.iter().any(|known| std::ptr::eq(*known, info)) {
            return;
        }
        self.types.push(info);
        let at = self.types.len() - 1;
        for named in references(info) {
            self.add_info(named);
        }
        // Behind what it refers to: easier to read, and some clients resolve in document order.
        self.types[at..].rotate_left(1);
    }

    fn qualified(&self, info: &TypeInfo) -> String {
        format!("{}:{}", self.prefix, info.name)
    }

    /// The elements of a type's fields, for a wrapper element that has them as its own children.
    #[must_use]
    pub fn elements<T: Described>(&mut self) -> String {
        let info = T::type_info();
        references(info).into_iter().for_each(|named| self.add_info(named));
        match &info.body {
            Body::Object(fields) => fields.iter().map(|field| self.element(field)).collect(),
            Body::Words(_) | Body::Newtype(_) => String::new(),
        }
    }

    /// The definitions of all types taken in, with the prefix `xs` for XML Schema.
    #[must_use]
    pub fn definitions(&self) -> String {
        self.types.iter().map(|info| self.definition(info)).collect()
    }

    fn definition(&self, info: &TypeInfo) -> String {
        let (name, note) = (info.name, annotation(&[info.doc]));
        match &info.body {
            Body::Object(fields) => {
                let elements: String = fields.iter().map(|field| self.element(field)).collect();
                format!(
                    "<xs:complexType name=\"{name}\">{note}<xs:sequence>{elements}</xs:sequence></xs:complexType>\n"
                )
            }
            Body::Words(words) => {
                let word = |word: &super::Word| {
                    format!(
                        "<xs:enumeration value=\"{}\">{}</xs:enumeration>",
                        escaped(word.name),
                        annotation(&[word.doc])
                    )
                };
                let words: String = words.iter().map(word).collect();
                let restriction = format!("<xs:restriction base=\"xs:string\">{words}</xs:restriction>");
                format!("<xs:simpleType name=\"{name}\">{note}{restriction}</xs:simpleType>\n")
            }
            Body::Newtype(field) => {
                let restriction = restriction(self.base(&field.shape), &field.shape, &field.rules);
                format!("<xs:simpleType name=\"{name}\">{note}{restriction}</xs:simpleType>\n")
            }
        }
    }

    fn element(&self, field: &Field) -> String {
        if matches!(field.shape, Shape::AnswerOnly) {
            return String::new();
        }
        let name = camel_case(field.name);
        let mut notes = vec![field.doc.to_owned()];
        let (shape, rules, occurs) = match field.shape {
            Shape::Optional(inner) => (inner, &field.rules, " minOccurs=\"0\"".to_owned()),
            Shape::List(inner) => {
                let min = if field.required { field.rules.length_min.unwrap_or(0) } else { 0 };
                let max = match field.rules.length_max {
                    Some(max) if max > OCCURS_MAX => {
                        notes.push(format!("At most {max}."));
                        "unbounded".to_owned()
                    }
                    Some(max) => max.to_string(),
                    None => "unbounded".to_owned(),
                };
                (inner, field.rules.each.unwrap_or(&Rules::NONE), format!(" minOccurs=\"{min}\" maxOccurs=\"{max}\""))
            }
            _ if field.required => (&field.shape, &field.rules, String::new()),
            _ => (&field.shape, &field.rules, " minOccurs=\"0\"".to_owned()),
        };
        let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
        let (base, note) = (self.base(shape), annotation(&notes));
        let facets = facets(shape, rules);
        if facets.is_empty() {
            return format!("<xs:element name=\"{name}\" type=\"{base}\"{occurs}>{note}</xs:element>");
        }
        let restriction = restriction(base, shape, rules);
        format!("<xs:element name=\"{name}\"{occurs}>{note}<xs:simpleType>{restriction}</xs:simpleType></xs:element>")
    }

    fn base(&self, shape: &Shape) -> String {
        let plain = match shape {
            Shape::Named(info) => return self.qualified(info()),
            Shape::Optional(inner) | Shape::List(inner) => return self.base(inner),
            Shape::Bool => "boolean",
            Shape::Integer(integer) => integer.xsd,
            Shape::Float => "double",
            Shape::Decimal => "decimal",
            Shape::Timestamp => "dateTime",
            Shape::Text | Shape::Uuid => "string",
            Shape::AnswerOnly => "anyType",
        };
        format!("xs:{plain}")
    }
}

/// The types that a type's fields name, each once.
pub(super) fn references(info: &'static TypeInfo) -> Vec<&'static TypeInfo> {
    fn named(shape: &Shape) -> Option<&'static TypeInfo> {
        match shape {
            Shape::Named(info) => Some(info()),
            Shape::Optional(inner) | Shape::List(inner) => named(inner),
            _ => None,
        }
    }
    let fields = match &info.body {
        Body::Object(fields) => *fields,
        Body::Newtype(field) => std::slice::from_ref(*field),
        Body::Words(_) => &[],
    };
    let mut found: Vec<&'static TypeInfo> = Vec::new();
    for info in fields.iter().filter_map(|field| named(&field.shape)) {
        if !found.iter().any(|known| std::ptr::eq(*known, info)) {
            found.push(info);
        }
    }
    found
}

fn restriction(base: String, shape: &Shape, rules: &Rules) -> String {
    format!("<xs:restriction base=\"{base}\">{}</xs:restriction>", facets(shape, rules))
}

fn facets(shape: &Shape, rules: &Rules) -> String {
    let mut facets = String::new();
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing to a String cannot fail.
            let _ = write!(facets, "<xs:{name} value=\"{}\"/>", escaped(&value));
        }
    };
    match shape {
        Shape::Text => {
            put("minLength", rules.length_min.map(|min| min.to_string()));
            put("maxLength", rules.length_max.map(|max| max.to_string()));
            put("pattern", rules.pattern.map(|pattern| pattern.xsd()));
        }
        Shape::Integer(_) | Shape::Float | Shape::Decimal => {
            put("minInclusive", rules.min.map(|min| min.to_string()));
            put("minExclusive", rules.exclusive_min.map(|min| min.to_string()));
            put("maxInclusive", rules.max.map(|max| max.to_string()));
            put("pattern", matches!(shape, Shape::Decimal).then(|| to_xsd(decimal::PATTERN)));
        }
        Shape::Bool
        | Shape::Timestamp
        | Shape::Uuid
        | Shape::Named(_)
        | Shape::Optional(_)
        | Shape::List(_)
        | Shape::AnswerOnly => {}
    }
    facets
}

fn annotation(notes: &[&str]) -> String {
    let text: Vec<&str> = notes.iter().copied().filter(|note| !note.is_empty()).collect();
    if text.is_empty() {
        return String::new();
    }
    format!("<xs:annotation><xs:documentation>{}</xs:documentation></xs:annotation>", escaped(&text.join(" ")))
}

/// The name of a field in XML: `min_quantity` is `minQuantity`.
#[must_use]
pub fn camel_case(field: &str) -> String {
    let mut words = field.split('_');
    let mut name = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    name
}

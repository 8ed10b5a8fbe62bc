//! Results on their way into an answer: typed as SOAP's encoding wants them.
//!
//! A structure has its own type in an answer of its own; among the results of `multiCall`, whose type nobody knows beforehand,
//! it is a map, as the first version of the service has it.

use plugpoint_sdk::xml::escaped;

use super::service::{NAMESPACE, Operation};

const NAMESPACES: &str = concat!(
    " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    " xmlns:enc=\"http://schemas.xmlsoap.org/soap/encoding/\" xmlns:apache=\"http://xml.apache.org/xml-soap\"",
    " xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"",
    " env:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\""
);

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Int(u64),
    Bool(bool),
    /// A list of texts.
    Texts(Vec<String>),
    /// A structure of a type of the service.
    Struct(&'static str, Vec<(&'static str, Value)>),
    /// A list: the type of its entries, and those.
    List(&'static str, Vec<Value>),
    /// Names and texts.
    Pairs(Vec<(String, String)>),
    /// Names and values, of no declared type.
    Map(Vec<(&'static str, Value)>),
    /// A list of whatever the entries are.
    Mixed(Vec<Value>),
}

/// The answer to an operation.
pub(super) fn response(operation: &Operation, result: &Value) -> String {
    let mut out = format!("<m:{}Response xmlns:m=\"{NAMESPACE}\"{NAMESPACES}>", operation.name);
    result.write(&mut out, operation.result.name);
    out + &format!("</m:{}Response>", operation.name)
}

impl Value {
    /// Writes the value under a name.
    fn write(&self, out: &mut String, name: &str) {
        match self {
            Self::Text(text) => plain(out, name, "string", &escaped(text)),
            Self::Int(number) => plain(out, name, "int", &number.to_string()),
            Self::Bool(is_so) => plain(out, name, "boolean", &is_so.to_string()),
            Self::Texts(texts) => {
                open_list(out, name, "m:ArrayOfString", "xsd:string", texts.len());
                texts.iter().for_each(|text| plain(out, "item", "string", &escaped(text)));
                close(out, name);
            }
            Self::Struct(kind, parts) => {
                *out += &format!("<{name} xsi:type=\"m:{kind}\">");
                parts.iter().for_each(|(part, value)| value.write(out, part));
                close(out, name);
            }
            Self::List(kind, entries) => {
                open_list(out, name, &format!("m:{kind}Array"), &format!("m:{kind}"), entries.len());
                entries.iter().for_each(|entry| entry.write(out, "item"));
                close(out, name);
            }
            Self::Pairs(pairs) => {
                open_list(out, name, "m:associativeArray", "m:associativeEntity", pairs.len());
                for (key, value) in pairs {
                    *out += "<item xsi:type=\"m:associativeEntity\">";
                    plain(out, "key", "string", &escaped(key));
                    plain(out, "value", "string", &escaped(value));
                    *out += "</item>";
                }
                close(out, name);
            }
            Self::Map(entries) => {
                *out += &format!("<{name} xsi:type=\"apache:Map\">");
                for (key, value) in entries {
                    *out += "<item>";
                    plain(out, "key", "string", &escaped(key));
                    value.write(out, "value");
                    *out += "</item>";
                }
                close(out, name);
            }
            Self::Mixed(entries) => {
                open_list(out, name, "enc:Array", "xsd:anyType", entries.len());
                entries.iter().for_each(|entry| entry.write(out, "item"));
                close(out, name);
            }
        }
    }

    /// The same without types of the service.
    pub(super) fn untyped(self) -> Self {
        match self {
            Self::Struct(_, parts) | Self::Map(parts) => {
                Self::Map(parts.into_iter().map(|(name, value)| (name, value.untyped())).collect())
            }
            Self::List(_, entries) | Self::Mixed(entries) => {
                Self::Mixed(entries.into_iter().map(Self::untyped).collect())
            }
            Self::Texts(texts) => Self::Mixed(texts.into_iter().map(Self::Text).collect()),
            Self::Pairs(pairs) => {
                let pair = |(key, value)| Self::Map(vec![("key", Self::Text(key)), ("value", Self::Text(value))]);
                Self::Mixed(pairs.into_iter().map(pair).collect())
            }
            plain @ (Self::Text(_) | Self::Int(_) | Self::Bool(_)) => plain,
        }
    }
}

fn plain(out: &mut String, name: &str, kind: &str, text: &str) {
    *out += &format!("<{name} xsi:type=\"xsd:{kind}\">{text}</{name}>");
}

fn open_list(out: &mut String, name: &str, kind: &str, of: &str, count: usize) {
    *out += &format!("<{name} enc:arrayType=\"{of}[{count}]\" xsi:type=\"{kind}\">");
}

fn close(out: &mut String, name: &str) {
    *out += &format!("</{name}>");
}

//! Answers as XML: any serialisable value as an element, with the names, the order and the lists that the WSDL's schema has.
//!
//! Replies and faults are written with it. A field `tax_rate` is the element `taxRate`; a list is its element repeated; what
//! is `None` is left out. Maps, bytes and bare tuples have no element of their own in the schema and are refused.

use std::fmt::{self, Display, Write as _};

use plugpoint_sdk::schema::xsd::camel_case;
use plugpoint_sdk::xml::escaped;
use serde::ser::{self, Impossible, Serialize, SerializeSeq, SerializeStruct, Serializer};

/// Writes `value` as the element `name`, whose default namespace is `namespace`.
///
/// # Errors
/// For a value with a part that has no form in the schema.
pub(crate) fn element<T: Serialize>(name: &str, namespace: &str, value: &T) -> Result<String, Error> {
    let mut out = String::new();
    value.serialize(Element { out: &mut out, name, attributes: &format!(" xmlns=\"{}\"", escaped(namespace)) })?;
    Ok(out)
}

/// Why a value cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Error(String);

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Writes one value as one element; a list as as many as it has entries.
struct Element<'a> {
    out: &'a mut String,
    name: &'a str,
    attributes: &'a str,
}

impl Element<'_> {
    fn text(self, text: impl Display) -> Result<(), Error> {
        let Self { out, name, attributes } = self;
        write!(out, "<{name}{attributes}>{}</{name}>", escaped(&text.to_string())).map_err(ser::Error::custom)
    }

    fn refused<T>(&self, what: &str) -> Result<T, Error> {
        Err(Error(format!("{}: {what} has no form in the schema", self.name)))
    }
}

macro_rules! as_text {
    ($($method:ident($ty:ty);)*) => {$(
        fn $method(self, value: $ty) -> Result<(), Error> {
            self.text(value)
        }
    )*};
}

impl<'a> Serializer for Element<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = List<'a>;
    type SerializeStruct = Record<'a>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Impossible<(), Error>;
    type SerializeStructVariant = Impossible<(), Error>;

    as_text! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
    }

    fn serialize_none(self) -> Result<(), Error> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Error> {
        self.text(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'a>, Error> {
        Ok(List(self))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Record<'a>, Error> {
        let Self { out, name, attributes } = self;
        write!(out, "<{name}{attributes}>").map_err(|fmt::Error| Error("out of memory".to_owned()))?;
        Ok(Record { out, name })
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        self.refused("a byte string")
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.refused("a unit")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.refused("a unit")
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        self.refused("a variant with a value")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        self.refused("a tuple")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        self.refused("a tuple")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        self.refused("a variant with values")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        self.refused("a map")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        self.refused("a variant with fields")
    }
}

/// A list: the element once for each entry.
struct List<'a>(Element<'a>);

impl SerializeSeq for List<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(Element { out: self.0.out, name: self.0.name, attributes: self.0.attributes })
    }

    fn end(self) -> Result<(), Error> {
        Ok(())
    }
}

/// A struct: its fields as children.
struct Record<'a> {
    out: &'a mut String,
    name: &'a str,
}

impl SerializeStruct for Record<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        value.serialize(Element { out: self.out, name: &camel_case(key), attributes: "" })
    }

    fn end(self) -> Result<(), Error> {
        write!(self.out, "</{}>", self.name).map_err(|fmt::Error| Error("out of memory".to_owned()))
    }
}

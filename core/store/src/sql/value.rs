//! Values on their way into a statement and out of a row.

use std::borrow::Cow;

use ::postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use bytes::BytesMut;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};

use super::Row;
use crate::error::{StoreError, StoreErrorKind};

/// PostgreSQL's texts cannot hold U+0000. In bodies and records it is escaped, as JSON has it; where it comes as it is, this noncharacter
/// stands for it.
const STANDS_FOR_NUL: &str = "\u{FFFF}";

/// A text as a server takes it.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', STANDS_FOR_NUL).into() } else { text.into() }
}

/// A text of a row that was written with U+0000 in it, perhaps.
pub(crate) fn with_nul(row: &Row<'_>, text: String) -> String {
    match row {
        Row::Postgres(_) if text.contains(STANDS_FOR_NUL) => text.replace(STANDS_FOR_NUL, "\0"),
        _ => text,
    }
}

type Failed = Box<dyn std::error::Error + Sync + Send>;

/// A value of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value of a row, kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OwnedValue {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl OwnedValue {
    pub(crate) fn borrowed(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Int(value) => Value::Int(*value),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }

    /// What it takes, roughly.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Null | Self::Int(_) => 8,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

impl TryFrom<ValueRef<'_>> for OwnedValue {
    type Error = StoreError;

    fn try_from(value: ValueRef<'_>) -> Result<Self, StoreError> {
        Ok(match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(value) => Self::Int(value),
            ValueRef::Text(_) => Self::Text(value.as_str()?.to_owned()),
            ValueRef::Blob(bytes) => Self::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => {
                return Err(StoreError::of(StoreErrorKind::Corrupt, "a number with a fraction, where there is none"));
            }
        })
    }
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr;)*) => {$(
        impl<'a> From<$type> for Value<'a> {
            fn from($value: $type) -> Self {
                $made
            }
        }
    )*};
}

from! {
    i64 => |value| Self::Int(value);
    &'a i64 => |value| Self::Int(*value);
    u32 => |value| Self::Int(i64::from(value));
    &'a str => |value| Self::Text(value);
    &'a String => |value| Self::Text(value);
    &'a [u8] => |value| Self::Bytes(value);
    &'a Vec<u8> => |value| Self::Bytes(value);
    &'a [u8; 16] => |value| Self::Bytes(value);
    &'a [u8; 32] => |value| Self::Bytes(value);
    &'a Option<String> => |value| value.as_deref().map_or(Self::Null, Self::Text);
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(*value),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            // All our numbers are of 64 bits; another type would be sent in a wrong length.
            Self::Int(value) if *ty == Type::INT8 => value.to_sql(ty, out),
            Self::Text(text) if <&str as ToSql>::accepts(ty) => without_nul(text).to_sql(ty, out),
            Self::Bytes(bytes) if *ty == Type::BYTEA => bytes.to_sql(ty, out),
            _ => Err(format!("a value of another kind where the statement takes {ty}").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// What a column can be read as, on both backends.
pub(crate) trait Column: FromSql + for<'a> ::postgres::types::FromSql<'a> {}
impl<T: FromSql + for<'a> ::postgres::types::FromSql<'a>> Column for T {}

/// Sixteen bytes, as fingerprints and ids have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint16(pub(crate) [u8; 16]);

impl FromSql for Fingerprint16 {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let sized = bytes
            .try_into()
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: bytes.len() })?;
        Ok(Self(sized))
    }
}

impl<'a> ::postgres::types::FromSql<'a> for Fingerprint16 {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Failed> {
        let bytes = <&[u8] as ::postgres::types::FromSql>::from_sql(ty, raw)?;
        Ok(Self(bytes.try_into()?))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::BYTEA
    }
}

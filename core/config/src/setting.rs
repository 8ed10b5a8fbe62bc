//! The types that keys have: how each is read from a file or a variable, bounded, and written back.
//!
//! A text from the environment is read as the key's type demands; nothing is guessed from its looks.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::{Value, json};
use toml::de::DeValue;

/// A value before its key's type is applied.
#[derive(Debug)]
pub(crate) enum Raw<'a> {
    /// From the file.
    Toml(&'a DeValue<'a>),
    /// From the environment.
    Text(&'a str),
}

impl Raw<'_> {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Toml(value) => value.as_str(),
            Self::Text(text) => Some(text),
        }
    }

    fn whole_number(&self) -> Option<i128> {
        match self {
            Self::Toml(value) => {
                let integer = value.as_integer()?;
                i128::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()).ok()
            }
            Self::Text(text) => text.trim().replace('_', "").parse().ok(),
        }
    }

    /// How an error message shows the value.
    fn shown(&self) -> String {
        match self {
            Self::Toml(DeValue::String(text)) => format!("{text:?}"),
            Self::Toml(DeValue::Integer(integer)) => integer.as_str().to_owned(),
            Self::Toml(value) => format!("a {}", value.type_str()),
            Self::Text(text) => format!("{text:?}"),
        }
    }
}

/// The form of a key's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A whole number within bounds.
    Number {
        /// Smallest.
        min: u64,
        /// Largest.
        max: u64,
    },
    /// One of some words.
    Words(&'static [&'static str]),
    /// A text of a form.
    Text(&'static str),
}

/// A type that a key can have.
pub(crate) trait Setting: Sized {
    fn kind(bounds: (u64, u64)) -> Kind;
    fn read(raw: &Raw<'_>, bounds: (u64, u64)) -> Result<Self, String>;
    fn to_json(&self) -> Value;
}

macro_rules! numbers {
    ($($ty:ty)*) => {$(
        impl Setting for $ty {
            fn kind((min, max): (u64, u64)) -> Kind {
                Kind::Number { min, max }
            }

            fn read(raw: &Raw<'_>, (min, max): (u64, u64)) -> Result<Self, String> {
                let number = raw.whole_number().ok_or_else(|| format!("{} is not a whole number", raw.shown()))?;
                if number < i128::from(min) {
                    return Err(format!("{number} is below the minimum {min} (allowed: {min} to {max})"));
                }
                if number > i128::from(max) {
                    return Err(format!("{number} is above the maximum {max} (allowed: {min} to {max})"));
                }
                Self::try_from(number).map_err(|_| format!("{number} does not fit this machine"))
            }

            fn to_json(&self) -> Value {
                json!(self)
            }
        }
    )*};
}

numbers!(u32 u64 usize);

/// Types that are a text of a form: read with `FromStr`, written with `Display`.
macro_rules! texts {
    ($($ty:ty, $form:literal;)*) => {$(
        impl Setting for $ty {
            fn kind(_: (u64, u64)) -> Kind {
                Kind::Text($form)
            }

            fn read(raw: &Raw<'_>, _: (u64, u64)) -> Result<Self, String> {
                let text = raw.text().ok_or_else(|| format!("{} is not a text", raw.shown()))?;
                text.parse().map_err(|_| format!("{text:?} is not {}", $form))
            }

            fn to_json(&self) -> Value {
                Value::String(self.to_string())
            }
        }
    )*};
}

texts! {
    SocketAddr, "an address and port such as 127.0.0.1:8700";
    Folder, "the path of a folder";
    SchemaPrefix, "1 to 16 of a-z 0-9 _, the first a letter, and not pg_";
    Bucket, "a bucket such as s3://name or s3://name/prefix";
    PublicUrl, "an absolute http or https address without query, fragment or slash at its end";
    LogFilter, "a level (error, warn, info, debug, trace, off), alone or as part=level, separated by commas";
}

/// Never shown as it is, for it holds a password: not when it is printed, and not when it is refused.
impl Setting for DatabaseUrl {
    fn kind(_: (u64, u64)) -> Kind {
        Kind::Text(
            "the address of a PostgreSQL database such as postgres://user:password@host:5432/database?sslmode=require",
        )
    }

    fn read(raw: &Raw<'_>, _: (u64, u64)) -> Result<Self, String> {
        let is_form = "is not the address of a PostgreSQL database such as postgres://user:password@host:5432/database";
        let text = raw.text().ok_or_else(|| "the value is not a text".to_owned())?;
        text.parse().map_err(|_| format!("the value {is_form}"))
    }

    fn to_json(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl<T: Setting> Setting for Option<T> {
    fn kind(bounds: (u64, u64)) -> Kind {
        T::kind(bounds)
    }

    fn read(raw: &Raw<'_>, bounds: (u64, u64)) -> Result<Self, String> {
        T::read(raw, bounds).map(Some)
    }

    fn to_json(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::to_json)
    }
}

/// How the server is reached from outside: scheme, host, perhaps a port and a path. Never ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = NotOfTheForm;
    fn from_str(text: &str) -> Result<Self, NotOfTheForm> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(NotOfTheForm)?;
        let host = rest.split('/').next().unwrap_or_default();
        let plain =
            |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'?' | b'#' | b'@' | b'"' | b'<' | b'>' | b'\\');
        let is_host = !host.is_empty() && !host.starts_with(':');
        if is_host && !rest.ends_with('/') && rest.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotOfTheForm)
        }
    }
}

/// A bucket of an object store, perhaps with what the names in it begin with: `s3://name/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket(String);

impl Bucket {
    fn parts(&self) -> (&str, &str) {
        let place = self.0.strip_prefix("s3://").unwrap_or_default();
        place.split_once('/').unwrap_or((place, ""))
    }

    /// The bucket's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.parts().0
    }

    /// What the names in it begin with, without a slash at either end; empty if with nothing.
    #[must_use]
    pub fn prefix(&self) -> &str {
        self.parts().1
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Bucket {
    type Err = NotOfTheForm;
    fn from_str(text: &str) -> Result<Self, NotOfTheForm> {
        let place = text.strip_prefix("s3://").ok_or(NotOfTheForm)?;
        let (name, prefix) = place.split_once('/').map_or((place, None), |(name, prefix)| (name, Some(prefix)));
        // Names of buckets: 3 to 63 of lower-case letters, digits, dots and hyphens (S3 user guide, "Bucket naming rules").
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_name = (3..=63).contains(&name.len())
            && name.bytes().all(|byte| is_plain(byte) || matches!(byte, b'.' | b'-'))
            && name.bytes().next().is_some_and(is_plain)
            && name.bytes().last().is_some_and(is_plain);
        let is_part = |part: &str| {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
            !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_word)
        };
        let is_prefix = prefix.is_none_or(|prefix| prefix.len() <= 256 && prefix.split('/').all(is_part));
        if is_name && is_prefix { Ok(Self(text.to_owned())) } else { Err(NotOfTheForm) }
    }
}

/// Where a PostgreSQL database is, with the password. What is printed of it has stars in the password's place.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole address.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseUrl {
    type Err = NotOfTheForm;
    fn from_str(text: &str) -> Result<Self, NotOfTheForm> {
        let rest =
            text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://")).ok_or(NotOfTheForm)?;
        if rest.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NotOfTheForm);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, rest) = self.0.split_once("://").unwrap_or(("postgres", ""));
        // A password may be a parameter too.
        let (rest, parameters) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?***"));
        match rest.rsplit_once('@') {
            Some((who, place)) => {
                let user = who.split(':').next().unwrap_or_default();
                write!(f, "{scheme}://{user}:***@{place}{parameters}")
            }
            None => write!(f, "{scheme}://{rest}{parameters}"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What the names of our schemas begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaPrefix(std::borrow::Cow<'static, str>);

impl SchemaPrefix {
    /// The platform's name.
    pub const PLUGPOINT: Self = Self(std::borrow::Cow::Borrowed("plugpoint"));

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SchemaPrefix {
    type Err = NotOfTheForm;
    fn from_str(text: &str) -> Result<Self, NotOfTheForm> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let is_name = text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(is_plain);
        if is_name && text.len() <= 16 && !text.starts_with("pg_") {
            Ok(Self(text.to_owned().into()))
        } else {
            Err(NotOfTheForm)
        }
    }
}

impl fmt::Display for SchemaPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The path of a folder, which need not be there yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// As a path; relative to the working directory unless absolute.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        &self.0
    }
}

impl FromStr for Folder {
    type Err = NotOfTheForm;
    fn from_str(text: &str) -> Result<Self, NotOfTheForm> {
        if text.is_empty() || text.contains('\0') { Err(NotOfTheForm) } else { Ok(Self(text.into())) }
    }
}

impl fmt::Display for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

/// A text is not of the form that its key demands; the message comes from the key's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOfTheForm;

/// Which log lines are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(std::borrow::Cow<'static, str>);

impl LogFilter {
    /// Everything an operator wants to know, nothing for developers.
    pub const INFO: Self = Self(std::borrow::Cow::Borrowed("info"));
    /// Only what somebody should look at.
    pub const WARN: Self = Self(std::borrow::Cow::Borrowed("warn"));

    /// The filter in the words of `tracing_subscriber::EnvFilter`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogFilter {
    type Err = NotOfTheForm;
    fn from_str(text: &str) -> Result<Self, NotOfTheForm> {
        let is_level = |word: &str| ["error", "warn", "info", "debug", "trace", "off"].contains(&word);
        let is_part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte))
        };
        let is_directive = |directive: &str| match directive.split_once('=') {
            Some((part, level)) => is_part(part) && is_level(level),
            None => is_level(directive),
        };
        if text.split(',').all(is_directive) { Ok(Self(text.to_owned().into())) } else { Err(NotOfTheForm) }
    }
}

macro_rules! display_as_str {
    ($($ty:ty)*) => {$(
        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

display_as_str!(Bucket PublicUrl LogFilter);

/// A key's type that is a closed list of words.
macro_rules! words {
    ($(#[doc = $doc:literal])+ $Words:ident { $($(#[doc = $variant_doc:literal])+ $Variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $Words {
            $($(#[doc = $variant_doc])+ $Variant,)+
        }

        impl $crate::setting::Setting for $Words {
            fn kind(_: (u64, u64)) -> $crate::setting::Kind {
                $crate::setting::Kind::Words(&[$($word),+])
            }

            fn read(raw: &$crate::setting::Raw<'_>, _: (u64, u64)) -> Result<Self, String> {
                match raw.word()? {
                    $($word => Ok(Self::$Variant),)+
                    other => Err(format!("{other:?} is not one of {}", [$($word),+].join(", "))),
                }
            }

            fn to_json(&self) -> serde_json::Value {
                serde_json::Value::from(match self { $(Self::$Variant => $word,)+ })
            }
        }
    };
}

pub(crate) use words;

impl Raw<'_> {
    pub(crate) fn word(&self) -> Result<&str, String> {
        self.text().ok_or_else(|| format!("{} is not a text", self.shown()))
    }
}

//! The form of a declaration: one macro writes the struct, its defaults and its table of keys from the same lines.
//!
//! Used by `sections` alone. A key exists nowhere else: reading, the JSON schema and the page of limits walk the table.

use serde_json::Value;

use crate::setting::{Kind, Raw};

/// One key, described.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The section's name.
    pub section: &'static str,
    /// The key's name within its section.
    pub name: &'static str,
    /// What it is for.
    pub doc: &'static str,
    /// The form of its value, with bounds.
    pub kind: Kind,
    /// The default; null if the key is not set by default.
    pub default: Value,
}

impl Key {
    /// The full name, as in `limits.page_items_max`.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}.{}", self.section, self.name)
    }
}

/// A section as the readers and writers of configurations see it.
pub(crate) trait Section {
    fn name(&self) -> &'static str;
    fn doc(&self) -> &'static str;
    /// The keys in the order of declaration; their defaults are the section's, whatever it holds now.
    fn keys(&self) -> Vec<Key>;
    /// Sets a key. `None` if there is no such key; the error says what is wrong with the value.
    fn set(&mut self, key: &str, raw: &Raw<'_>) -> Option<Result<(), String>>;
    /// The value of a key now; null if it is not set.
    fn get(&self, key: &str) -> Value;
}

macro_rules! section {
    (
        $(#[doc = $section_doc:literal])+
        $Section:ident $section:literal {
            $($(#[doc = $doc:literal])+ $key:ident: $ty:ty = $default:expr $(, $min:literal ..= $max:expr)?;)+
        }
    ) => {
        $(#[doc = $section_doc])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Section {
            $($(#[doc = $doc])+ pub $key: $ty,)+
        }

        impl Default for $Section {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $crate::declare::Section for $Section {
            fn name(&self) -> &'static str {
                $section
            }

            fn doc(&self) -> &'static str {
                concat!($($section_doc,)+).trim()
            }

            fn keys(&self) -> Vec<$crate::declare::Key> {
                let default = Self::default();
                vec![$($crate::declare::Key {
                    section: $section,
                    name: stringify!($key),
                    doc: concat!($($doc,)+).trim(),
                    kind: <$ty as $crate::setting::Setting>::kind(bounds!($($min, $max)?)),
                    default: $crate::setting::Setting::to_json(&default.$key),
                },)+]
            }

            fn set(&mut self, key: &str, raw: &$crate::setting::Raw<'_>) -> Option<Result<(), String>> {
                match key {
                    $(stringify!($key) => Some(
                        <$ty as $crate::setting::Setting>::read(raw, bounds!($($min, $max)?)).map(|value| self.$key = value),
                    ),)+
                    _ => None,
                }
            }

            fn get(&self, key: &str) -> serde_json::Value {
                match key {
                    $(stringify!($key) => $crate::setting::Setting::to_json(&self.$key),)+
                    _ => serde_json::Value::Null,
                }
            }
        }
    };
}

/// The declared bounds of a number; the whole range where none are declared.
macro_rules! bounds {
    () => {
        (0, u64::MAX)
    };
    ($min:literal, $max:expr) => {
        ($min, $max)
    };
}

pub(crate) use {bounds, section};

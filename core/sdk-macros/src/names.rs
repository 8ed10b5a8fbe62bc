//! How serde writes a variant's name. Called for enums only: fields keep their Rust name.

use syn::{Error, LitStr, Result};

/// A `rename_all` that the wire format uses.
#[derive(Clone, Copy)]
pub(crate) enum Case {
    Unchanged,
    Lower,
    Snake,
    Kebab,
}

impl Case {
    pub(crate) fn parse(text: &LitStr) -> Result<Self> {
        match text.value().as_str() {
            "lowercase" => Ok(Self::Lower),
            "snake_case" => Ok(Self::Snake),
            "kebab-case" => Ok(Self::Kebab),
            _ => Err(Error::new_spanned(text, "words on the wire are lowercase, snake_case or kebab-case")),
        }
    }

    pub(crate) fn apply(self, variant: &str) -> String {
        let separator = match self {
            Self::Unchanged => return variant.to_owned(),
            Self::Lower => return variant.to_ascii_lowercase(),
            Self::Snake => '_',
            Self::Kebab => '-',
        };
        let mut word = String::with_capacity(variant.len() + 4);
        for (index, letter) in variant.char_indices() {
            if letter.is_uppercase() && index > 0 {
                word.push(separator);
            }
            word.extend(letter.to_lowercase());
        }
        word
    }
}

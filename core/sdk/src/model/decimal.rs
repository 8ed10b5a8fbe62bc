//! Decimals on the wire: always strings, never floats, with bounded digits.
//!
//! A JSON number is refused with the reason, because it has been a binary float somewhere on its way.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserializer, Serializer, de};

/// The longest text that is read as a decimal, in characters.
pub const DECIMAL_CHARS_MAX: usize = 30;

/// Reads `-?digits[.digits]`, at most [`DECIMAL_CHARS_MAX`] characters. No exponent, no sign `+`, no blanks, no comma.
///
/// # Errors
/// A sentence that says what is wrong, for a finding.
pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
    if text.len() > DECIMAL_CHARS_MAX {
        return Err(DecimalError::TooLong);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(DecimalError::NotADecimal);
    }
    Decimal::from_str_exact(text).map_err(|_| DecimalError::TooLong)
}

/// Reads a decimal as a sender writes it: as [`parse`] does, and, where a profile says `decimal_comma`, also `1.234,50`.
///
/// # Errors
/// A sentence that says what is wrong, for a finding.
pub fn parse_with(text: &str, decimal_comma: bool) -> Result<Decimal, DecimalError> {
    let Some((whole, fraction)) = text.split_once(',').filter(|_| decimal_comma) else { return parse(text) };
    if text.len() > DECIMAL_CHARS_MAX {
        return Err(DecimalError::TooLong);
    }
    let mut groups = whole.split('.');
    let first = groups.next().unwrap_or_default().trim_start_matches('-').len();
    let is_grouped = whole.contains('.');
    if is_grouped && (first > 3 || groups.any(|group| group.len() != 3)) || fraction.contains('.') {
        return Err(DecimalError::NotADecimal);
    }
    parse(&format!("{}.{fraction}", whole.replace('.', "")))
}

/// Why a text is no decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not of the form `-?digits[.digits]`.
    #[error("is not a decimal number such as 12.50")]
    NotADecimal,
    /// More digits than are kept exactly.
    #[error("has more digits than the 28 that are kept exactly")]
    TooLong,
}

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Decimal;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal as a string, such as \"12.50\"")
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        parse(text).map_err(|error| E::custom(format_args!("{text:?} {error}")))
    }
}

/// Writes the decimal as a string with the scale it came with.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads a decimal from a string.
///
/// # Errors
/// A message with the offending text.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    deserializer.deserialize_str(Text)
}

/// The same for an optional decimal.
pub mod option {
    use super::{Decimal, Deserializer, Serializer, Text};
    use serde::{Deserialize, de};

    /// Writes a string or null.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    struct Wrapped(Decimal);
    impl<'de> Deserialize<'de> for Wrapped {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_str(Text).map(Wrapped)
        }
    }

    /// Reads a string or null.
    ///
    /// # Errors
    /// A message with the offending text.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        let value: Option<Wrapped> = de::Deserialize::deserialize(deserializer)?;
        Ok(value.map(|wrapped| wrapped.0))
    }
}

#[cfg(test)]
mod tests {
    use super::parse_with;

    #[test]
    fn a_comma_is_read_only_where_the_profile_says_so() {
        let cases = [
            ("12,50", true, Some("12.50")),
            ("1.234,50", true, Some("1234.50")),
            ("-1.234.567,5", true, Some("-1234567.5")),
            ("12.50", true, Some("12.50")),
            ("12,50", false, None),
            ("12,5.0", true, None),
            ("1.2,50", true, None),
            ("1234.567,8", true, None),
            (",50", true, None),
            ("12,", true, None),
            ("1,2,3", true, None),
        ];
        for (text, decimal_comma, expected) in cases {
            let actual = parse_with(text, decimal_comma).ok().map(|value| value.to_string());
            assert_eq!(actual.as_deref(), expected, "{text}");
        }
    }
}

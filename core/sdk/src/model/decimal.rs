//! Decimals on the wire: always strings, never floats, with bounded digits.
//!
//! A JSON number is refused with the reason, because it has been a binary float somewhere on its way.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserializer, Serializer, de};

/// The most digits before the point.
pub const WHOLE_DIGITS_MAX: usize = 13;
/// The most digits after the point. Together they are 28, which is what [`Decimal`] keeps exactly wherever the point stands.
pub const FRACTION_DIGITS_MAX: usize = 15;
/// The form of a decimal on the wire, for OpenAPI and XSD. A test holds it equal to [`parse`].
pub const PATTERN: &str = r"^-?[0-9]{1,13}(\.[0-9]{1,15})?$";
/// The longest text that is read as a decimal, in characters: a sign, the digits, a point.
pub const DECIMAL_CHARS_MAX: usize = WHOLE_DIGITS_MAX + FRACTION_DIGITS_MAX + 2;

/// Reads what has the form of [`PATTERN`]. No exponent, no sign `+`, no blanks, no comma.
///
/// # Errors
/// A sentence that says what is wrong, for a finding.
pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(DecimalError::NotADecimal);
    }
    if whole.len() > WHOLE_DIGITS_MAX || fraction.len() > FRACTION_DIGITS_MAX {
        return Err(DecimalError::TooLong);
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

/// Whether a decimal, written down, has the form of [`PATTERN`]. One that was computed may have more digits: round it.
#[must_use]
pub fn fits(value: &Decimal) -> bool {
    const WHOLE_TOO_LARGE: u128 = 10_u128.pow(WHOLE_DIGITS_MAX as u32);
    let (digits, scale) = (value.mantissa().unsigned_abs(), value.scale());
    // The first comparison answers for nearly every price; a division would cost more than all other checks of one.
    scale as usize <= FRACTION_DIGITS_MAX && (digits < WHOLE_TOO_LARGE || digits < WHOLE_TOO_LARGE * 10_u128.pow(scale))
}

/// Why a text is no decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Not of the form `-?digits[.digits]`.
    #[error("is not a decimal number such as 12.50")]
    NotADecimal,
    /// More digits than are kept exactly.
    #[error("has more digits than 13 before and 15 after its point")]
    TooLong,
}

/// What a decimal is on the wire, for messages.
pub(crate) const EXPECTED: &str = "a decimal as a string, such as \"12.50\"";

struct Text;

impl de::Visitor<'_> for Text {
    type Value = Decimal;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
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

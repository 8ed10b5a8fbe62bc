//! Points in time on the wire: RFC 3339 in UTC. A bare date is read as its first moment in UTC.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A point in time in UTC, written as RFC 3339 (`2026-01-31T00:00:00Z`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Timestamp(pub jiff::Timestamp);

impl FromStr for Timestamp {
    type Err = TimestampError;
    /// Reads `YYYY-MM-DD` or an RFC 3339 date-time with an offset.
    fn from_str(text: &str) -> Result<Self, TimestampError> {
        if text.len() == 10 {
            let date: jiff::civil::Date = text.parse().map_err(|_| TimestampError)?;
            return date
                .to_zoned(jiff::tz::TimeZone::UTC)
                .map(|zoned| Self(zoned.timestamp()))
                .map_err(|_| TimestampError);
        }
        text.parse().map(Self).map_err(|_| TimestampError)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is neither a date nor an RFC 3339 date-time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is neither a date such as 2026-01-31 nor an RFC 3339 time such as 2026-01-31T12:00:00Z")]
pub struct TimestampError;

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(|error| de::Error::custom(format_args!("{text:?} {error}")))
    }
}

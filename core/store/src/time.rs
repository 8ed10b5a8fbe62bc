//! Times in the databases: microseconds since 1970 in UTC.

use plugpoint_sdk::model::timestamp::Timestamp;

pub(crate) fn to_micros(time: Timestamp) -> i64 {
    time.0.as_microsecond()
}

/// A number that is no time (a damaged row) is read as the nearest one.
pub(crate) fn from_micros(micros: i64) -> Timestamp {
    let nearest = if micros < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    Timestamp(jiff::Timestamp::from_microsecond(micros).unwrap_or(nearest))
}

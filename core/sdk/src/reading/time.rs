//! Points in time as senders write them: dates that mean a day, times without a zone. Pure functions over text.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::model::timestamp::Timestamp;

/// Which end of a validity a date stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A date without a time is the day's first moment.
    Start,
    /// A date without a time is the day's last second: the standard means the whole day.
    End,
}

/// DATE, TIME and TIMEZONE as a point in time. Without TIMEZONE the time is UTC.
#[must_use]
pub fn day_and_time(date: &str, time: Option<&str>, zone: Option<&str>, bound: Bound) -> Option<Timestamp> {
    let date = day(date)?;
    let time: Time = match (time, bound) {
        (Some(time), _) => time.parse().ok()?,
        (None, Bound::Start) => Time::midnight(),
        (None, Bound::End) => Time::constant(23, 59, 59, 0),
    };
    in_utc(date.to_datetime(time), zone.map_or(Some(Offset::UTC), offset)?)
}

/// A point in time in one text: a date (`2024-05-01`, `20240501`), or date and time with or without a zone. Without one it is UTC.
#[must_use]
pub fn instant(text: &str, bound: Bound) -> Option<Timestamp> {
    if text.len() <= 10 {
        return day_and_time(text, None, None, bound);
    }
    let zoned: Option<Timestamp> = text.parse().ok();
    zoned.or_else(|| in_utc(text.parse().ok()?, Offset::UTC))
}

/// `2024-05-01`, or without hyphens as ONIX and SAP write it: `20240501`.
fn day(text: &str) -> Option<Date> {
    let has_form = matches!(text.len(), 8 | 10) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse().ok().filter(|_| has_form)
}

fn in_utc(local: DateTime, offset: Offset) -> Option<Timestamp> {
    local.to_zoned(TimeZone::fixed(offset)).ok().map(|zoned| Timestamp(zoned.timestamp()))
}

/// `Z`, `UTC`, `GMT`, `+01:00`, `+0100`, `+01`.
fn offset(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "z" | "UTC" | "GMT") {
        return Some(Offset::UTC);
    }
    let digits: String = text.get(1..)?.chars().filter(|&character| character != ':').collect();
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    if !matches!(digits.len(), 2 | 4) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 { digits[2..].parse().ok()? } else { 0 };
    let within = hours <= 14 && minutes < 60;
    within.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{Bound, day_and_time, instant};

    #[test]
    fn points_in_time() {
        let shown = |date, time, zone, bound| day_and_time(date, time, zone, bound).map(|at| at.to_string());
        let cases = [
            (shown("2004-08-20", Some("10:59:54"), Some("-02:00"), Bound::Start), Some("2004-08-20T12:59:54Z")),
            (shown("2018-01-08", Some("15:44:12"), Some("+0100"), Bound::Start), Some("2018-01-08T14:44:12Z")),
            (shown("2022-01-01", None, None, Bound::Start), Some("2022-01-01T00:00:00Z")),
            (shown("2025-01-01", None, None, Bound::End), Some("2025-01-01T23:59:59Z")),
            (shown("2025-02-30", None, None, Bound::End), None),
            (shown("20220101", None, None, Bound::Start), Some("2022-01-01T00:00:00Z")),
            (shown("2022-001", None, None, Bound::Start), None),
            (shown("2022-W01", None, None, Bound::Start), None),
            (shown("202201", None, None, Bound::Start), None),
            (shown("31.12.2025", None, None, Bound::End), None),
            (shown("2025-01-01", Some("25:00"), None, Bound::Start), None),
            (shown("2025-01-01", None, Some("CET"), Bound::Start), None),
            (shown("2025-01-01", None, Some("+é1"), Bound::Start), None),
        ];
        for (actual, expected) in cases {
            assert_eq!(actual.as_deref(), expected);
        }
        let one = |text| instant(text, Bound::End).map(|at| at.to_string());
        assert_eq!(one("2025-01-01").as_deref(), Some("2025-01-01T23:59:59Z"));
        assert_eq!(one("2025-01-01T10:00:00+02:00").as_deref(), Some("2025-01-01T08:00:00Z"));
        assert_eq!(one("2025-01-01T10:00:00").as_deref(), Some("2025-01-01T10:00:00Z"));
        assert_eq!(one("tomorrow at ten"), None);
    }
}

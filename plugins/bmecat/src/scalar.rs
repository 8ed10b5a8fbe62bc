//! Single values: words, system names, decimals within a range, points in time. Pure functions over text.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::schema::{Matcher, PRINTABLE};

/// The most characters of a word of the vocabulary.
const TOKEN_CHARS_MAX: usize = 32;

/// The most characters of a number under which something is known.
const NUMBER_CHARS_MAX: usize = 128;

/// Whether a text can be a number under which something is known: short enough, and without control characters.
pub(crate) fn is_number(text: &str) -> bool {
    static PRINTABLE_TEXT: Matcher = Matcher::new(PRINTABLE);
    text.chars().count() <= NUMBER_CHARS_MAX && PRINTABLE_TEXT.is_match(text)
}

/// A lower-case word for what the sender calls something: `EK_ohne_MWST` is `ek_ohne_mwst`. Empty text gives `fallback`.
pub(crate) fn token(text: &str, fallback: &str) -> String {
    let mut word = String::new();
    for character in text.trim().chars().flat_map(char::to_lowercase) {
        match character {
            'ä' => word.push_str("ae"),
            'ö' => word.push_str("oe"),
            'ü' => word.push_str("ue"),
            'ß' => word.push_str("ss"),
            'a'..='z' | '0'..='9' | '_' | '.' | '-' => word.push(character),
            _ => word.push('_'),
        }
        if word.len() >= TOKEN_CHARS_MAX {
            break;
        }
    }
    if word.is_empty() {
        return fallback.to_owned();
    }
    if !word.starts_with(|first: char| first.is_ascii_lowercase()) {
        word.insert_str(0, "x_");
    }
    word.truncate(TOKEN_CHARS_MAX);
    word
}

/// The name of a classification system, lower-case, blanks as hyphens: `ECLASS-5.1` is `eclass-5.1`, `ETIM 9.0` is `etim-9.0`.
pub(crate) fn system_name(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase()
}

/// Which end of a validity a date stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// A date without a time is the day's first moment.
    Start,
    /// A date without a time is the day's last second: the standard means the whole day.
    End,
}

/// DATE, TIME and TIMEZONE as a point in time. Without TIMEZONE the time is UTC.
pub(crate) fn instant(date: &str, time: Option<&str>, zone: Option<&str>, bound: Bound) -> Option<Timestamp> {
    let date: Date = date.parse().ok()?;
    let time: Time = match (time, bound) {
        (Some(time), _) => time.parse().ok()?,
        (None, Bound::Start) => Time::midnight(),
        (None, Bound::End) => Time::constant(23, 59, 59, 0),
    };
    in_utc(date.to_datetime(time), zone.map_or(Some(Offset::UTC), offset)?)
}

/// A point in time in one text, as BMEcat 2005 has it: a date, or date and time with or without a zone.
pub(crate) fn instant_in_one(text: &str, bound: Bound) -> Option<Timestamp> {
    if text.len() <= 10 {
        return instant(text, None, None, bound);
    }
    let zoned: Option<Timestamp> = text.parse().ok();
    zoned.or_else(|| in_utc(text.parse().ok()?, Offset::UTC))
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
    use super::{Bound, instant, instant_in_one, system_name, token};

    #[test]
    fn words() {
        let cases = [
            ("net_list", "net_list"),
            ("EK_ohne_MWST", "ek_ohne_mwst"),
            (" Händlerpreis Süd ", "haendlerpreis_sued"),
            ("1a", "x_1a"),
            ("", "other"),
            ("价", "x__"),
        ];
        for (sent, expected) in cases {
            assert_eq!(token(sent, "other"), expected);
        }
        assert_eq!(token(&"ä".repeat(40), "other").len(), 32);
        assert_eq!(token(&"9".repeat(40), "other").len(), 32);
    }

    #[test]
    fn systems() {
        assert_eq!(system_name(" ECLASS-5.1\n   "), "eclass-5.1");
        assert_eq!(system_name("ETIM 9.0"), "etim-9.0");
    }

    #[test]
    fn points_in_time() {
        let shown = |date, time, zone, bound| instant(date, time, zone, bound).map(|at| at.to_string());
        let cases = [
            (shown("2004-08-20", Some("10:59:54"), Some("-02:00"), Bound::Start), Some("2004-08-20T12:59:54Z")),
            (shown("2018-01-08", Some("15:44:12"), Some("+0100"), Bound::Start), Some("2018-01-08T14:44:12Z")),
            (shown("2022-01-01", None, None, Bound::Start), Some("2022-01-01T00:00:00Z")),
            (shown("2025-01-01", None, None, Bound::End), Some("2025-01-01T23:59:59Z")),
            (shown("2025-02-30", None, None, Bound::End), None),
            (shown("31.12.2025", None, None, Bound::End), None),
            (shown("2025-01-01", Some("25:00"), None, Bound::Start), None),
            (shown("2025-01-01", None, Some("CET"), Bound::Start), None),
            (shown("2025-01-01", None, Some("+é1"), Bound::Start), None),
        ];
        for (actual, expected) in cases {
            assert_eq!(actual.as_deref(), expected);
        }
        let one = |text| instant_in_one(text, Bound::End).map(|at| at.to_string());
        assert_eq!(one("2025-01-01").as_deref(), Some("2025-01-01T23:59:59Z"));
        assert_eq!(one("2025-01-01T10:00:00+02:00").as_deref(), Some("2025-01-01T08:00:00Z"));
        assert_eq!(one("2025-01-01T10:00:00").as_deref(), Some("2025-01-01T10:00:00Z"));
        assert_eq!(one("tomorrow at ten"), None);
    }
}

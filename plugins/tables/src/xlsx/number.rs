//! A cell's number as a person sees it, never as a float has it: 4006390000000, not 4.00639E+12; 12.5, not 12.499999999999998.

use jiff::ToSpan;
use jiff::civil::{Date, Time, date};

use super::format::Format;

/// Digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;
/// The most digits of a whole number that is taken as it is written.
const WHOLE_DIGITS_MAX: usize = 28;
const DAY_SECONDS: f64 = 86_400.0;

/// The text of a number, or nothing if it is none.
pub(super) fn shown(sent: &str, format: Format, is_1904: bool) -> Option<String> {
    let sent = sent.trim();
    let number: f64 = sent.parse().ok().filter(|number: &f64| number.is_finite())?;
    let as_is = || decimal(sent, number);
    Some(match format {
        Format::Plain => as_is(),
        Format::Date | Format::DateTime | Format::Time => moment(number, format, is_1904).unwrap_or_else(as_is),
        Format::Zeros(width) => {
            let text = as_is();
            let is_whole = text.bytes().all(|byte| byte.is_ascii_digit());
            if is_whole { format!("{text:0>0$}", usize::from(width)) } else { text }
        }
        Format::Percent => format!("{}%", decimal("", number * 100.0)),
        Format::Money(code) => format!("{} {}", as_is(), String::from_utf8_lossy(&code)),
    })
}

/// A number with the digits that the spreadsheet shows; a whole one as it is written.
fn decimal(sent: &str, number: f64) -> String {
    let digits = sent.strip_prefix('-').unwrap_or(sent);
    if (1..=WHOLE_DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let bare = digits.trim_start_matches('0');
        let sign = if sent.starts_with('-') && !bare.is_empty() { "-" } else { "" };
        return format!("{sign}{}", if bare.is_empty() { "0" } else { bare });
    }
    let scientific = format!("{number:.*e}", DIGITS - 1);
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let Some(point) = exponent.parse::<i32>().ok().map(|exponent| exponent + 1) else { return scientific };
    if digits.is_empty() {
        return "0".to_owned();
    }
    if point.unsigned_abs() as usize > WHOLE_DIGITS_MAX {
        return sent.to_owned();
    }
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if point <= 0 {
        return format!("{sign}0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    if point >= length {
        return format!("{sign}{digits}{}", "0".repeat((point - length).unsigned_abs() as usize));
    }
    let (whole, fraction) = digits.split_at(point.unsigned_abs() as usize);
    format!("{sign}{whole}.{fraction}")
}

/// A serial number as day and time. Day 60 of the usual system, 29 February 1900, never was.
fn moment(number: f64, format: Format, is_1904: bool) -> Option<String> {
    let seconds = (number * DAY_SECONDS).round();
    if !(0.0..DAY_SECONDS * 2_958_466.0).contains(&seconds) {
        return None;
    }
    let (days, seconds) = ((seconds / DAY_SECONDS).floor() as i64, (seconds % DAY_SECONDS) as i64);
    let time = Time::midnight().checked_add(seconds.seconds()).ok()?;
    if format == Format::Time && days == 0 {
        return Some(time.to_string());
    }
    let first: Date = match (is_1904, days) {
        (true, _) => date(1904, 1, 1),
        (false, 60) => return None,
        (false, ..60) => date(1899, 12, 31),
        (false, _) => date(1899, 12, 30),
    };
    let day = first.checked_add(days.days()).ok()?;
    match (format, seconds) {
        (Format::Date, _) | (_, 0) => Some(day.to_string()),
        _ => Some(day.to_datetime(time).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_fifteen_digits_and_no_exponent() {
        for (sent, expected) in [
            ("4006390000000", "4006390000000"),
            ("4.00639E+12", "4006390000000"),
            ("4.006381333931E12", "4006381333931"),
            ("12.5", "12.5"),
            ("12.499999999999998", "12.5"),
            ("0.30000000000000004", "0.3"),
            ("1E-3", "0.001"),
            ("-0.1", "-0.1"),
            ("-0", "0"),
            ("0.0", "0"),
            ("00012", "12"),
            ("12345678901234567890", "12345678901234567890"),
            ("1E+27", "1000000000000000000000000000"),
            ("1E+40", "1E+40"),
            ("123456789.123456789", "123456789.123457"),
            ("19.989999999999998", "19.99"),
            (" 7 ", "7"),
        ] {
            assert_eq!(shown(sent, Format::Plain, false).as_deref(), Some(expected), "{sent}");
        }
        for sent in ["", "x", "NaN", "inf", "1E999", "12,5"] {
            assert_eq!(shown(sent, Format::Plain, false), None, "{sent}");
        }
    }

    #[test]
    fn formats_change_what_a_number_is() {
        let cases = [
            ("123", Format::Zeros(8), "00000123"),
            ("1234567890", Format::Zeros(8), "1234567890"),
            ("1.5", Format::Zeros(8), "1.5"),
            ("0.19", Format::Percent, "19%"),
            ("0.07", Format::Percent, "7%"),
            ("12.5", Format::Money(*b"EUR"), "12.5 EUR"),
            ("45413", Format::Date, "2024-05-01"),
            ("45413.75", Format::Date, "2024-05-01"),
            ("45413.4375", Format::DateTime, "2024-05-01T10:30:00"),
            ("45413", Format::DateTime, "2024-05-01"),
            ("0.4375", Format::Time, "10:30:00"),
            ("59", Format::Date, "1900-02-28"),
            ("60", Format::Date, "60"),
            ("61", Format::Date, "1900-03-01"),
            ("-1", Format::Date, "-1"),
            ("2958465", Format::Date, "9999-12-31"),
            ("2958466", Format::Date, "2958466"),
            ("45413.99999999", Format::DateTime, "2024-05-02"),
        ];
        for (sent, format, expected) in cases {
            assert_eq!(shown(sent, format, false).as_deref(), Some(expected), "{sent} {format:?}");
        }
        assert_eq!(shown("43951", Format::Date, true).as_deref(), Some("2024-05-01"));
    }
}

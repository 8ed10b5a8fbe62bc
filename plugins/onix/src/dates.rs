//! Dates as ONIX writes them (list 55): a day, a month, a quarter, a week, a year, a span of them, a point in time.
//!
//! Pure functions over text. Seasons, the Hijri calendar and plain words are no dates here: nobody could say when they begin.

use jiff::civil::{Date, ISOWeekDate, Weekday};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::reading::{Bound, day_and_time};

/// A date as sent, with what its format says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) text: &'a str,
    pub(crate) format: Option<&'a str>,
}

impl Sent<'_> {
    /// The first or last moment of it.
    pub(crate) fn at(&self, bound: Bound) -> Option<Timestamp> {
        if let Some((date, time)) = self.text.split_once('T') {
            return moment(date, time);
        }
        let (first, last) = self.days()?;
        let day = if bound == Bound::Start { first } else { last };
        day_and_time(&day.to_string(), None, None, bound)
    }

    /// The first and the last day.
    fn days(&self) -> Option<(Date, Date)> {
        let digits = self.digits()?;
        match (digits.len(), self.format) {
            (_, Some("20" | "21" | "25" | "04" | "10")) => None,
            (4, _) => year(&digits),
            (5, _) => quarter(&digits),
            (6, Some("02")) => week(&digits),
            (6, _) => month(&digits),
            (8, Some("11")) => span(&digits, 4, year),
            (8, _) => day(&digits),
            (10, Some("09")) => span(&digits, 5, quarter),
            (12, Some("08")) => span(&digits, 6, week),
            (12, Some("07")) => span(&digits, 6, month),
            (12 | 14, _) => day(digits.get(..8)?),
            (16, _) => span(&digits, 8, day),
            _ => None,
        }
    }

    /// The digits alone; some write `2024-05-01`.
    fn digits(&self) -> Option<String> {
        let is_date = self.text.len() <= 20 && self.text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        is_date.then(|| self.text.chars().filter(char::is_ascii_digit).collect())
    }

    /// As one reads it: `2024-05-01`, `2024-05`, `2024`; what is neither, as sent.
    pub(crate) fn shown(&self) -> String {
        let digits = self.digits().unwrap_or_default();
        match (digits.len(), self.days()) {
            (8, Some((first, last))) if first == last => first.to_string(),
            (6, Some(_)) if self.format != Some("02") => format!("{}-{}", &digits[..4], &digits[4..]),
            _ => match self.text.split_once('T') {
                // Midnight of the sender's own time is the day that the sender means.
                Some((date, time)) if time.starts_with("0000") || time.starts_with("00:00") => {
                    Self { text: date, format: None }.shown()
                }
                _ => self.text.to_owned(),
            },
        }
    }
}

type Days = Option<(Date, Date)>;

fn day(digits: &str) -> Days {
    let (year, rest) = digits.split_at_checked(4)?;
    let (month, day) = rest.split_at_checked(2)?;
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    Some((date, date))
}

fn months(year: &str, first: i8, last: i8) -> Days {
    let year = year.parse().ok()?;
    Some((Date::new(year, first, 1).ok()?, Date::new(year, last, 1).ok()?.last_of_month()))
}

fn month(digits: &str) -> Days {
    let (year, month) = digits.split_at_checked(4)?;
    let month = month.parse().ok()?;
    months(year, month, month)
}

fn year(digits: &str) -> Days {
    months(digits, 1, 12)
}

fn quarter(digits: &str) -> Days {
    let (year, quarter) = digits.split_at_checked(4)?;
    let quarter: i8 = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    months(year, quarter * 3 - 2, quarter * 3)
}

fn week(digits: &str) -> Days {
    let (year, week) = digits.split_at_checked(4)?;
    let (year, week) = (year.parse().ok()?, week.parse().ok()?);
    let on = |day| ISOWeekDate::new(year, week, day).ok().map(ISOWeekDate::date);
    Some((on(Weekday::Monday)?, on(Weekday::Sunday)?))
}

fn span(digits: &str, middle: usize, one: fn(&str) -> Days) -> Days {
    let (from, to) = digits.split_at_checked(middle)?;
    Some((one(from)?.0, one(to)?.1))
}

/// `20240501` and `1530`, `153000`, `1530Z`, `1530+0200`, `15:30:00+02:00`. Without a zone it is UTC.
fn moment(date: &str, time: &str) -> Option<Timestamp> {
    let (time, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => (&time[..at], Some(&time[at..])),
        None => (time, None),
    };
    let digits: String = time.chars().filter(|&character| character != ':').collect();
    if !matches!(digits.len(), 2 | 4 | 6) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).unwrap_or("00");
    let time = format!("{}:{}:{}", part(0), part(2), part(4));
    day_and_time(date, Some(&time), zone, Bound::Start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(text: &str, format: &str) -> Option<(String, String)> {
        let sent = Sent { text, format: Some(format).filter(|format| !format.is_empty()) };
        Some((sent.at(Bound::Start)?.to_string(), sent.at(Bound::End)?.to_string()))
    }

    #[test]
    fn every_form_has_a_beginning_and_an_end() {
        let cases = [
            ("20240229", "00", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z"),
            ("2024-02-29", "", "2024-02-29T00:00:00Z", "2024-02-29T23:59:59Z"),
            ("202402", "01", "2024-02-01T00:00:00Z", "2024-02-29T23:59:59Z"),
            ("202401", "02", "2024-01-01T00:00:00Z", "2024-01-07T23:59:59Z"),
            ("20244", "03", "2024-10-01T00:00:00Z", "2024-12-31T23:59:59Z"),
            ("2024", "05", "2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z"),
            ("2024", "", "2024-01-01T00:00:00Z", "2024-12-31T23:59:59Z"),
            ("2024010120240331", "06", "2024-01-01T00:00:00Z", "2024-03-31T23:59:59Z"),
            ("202401202403", "07", "2024-01-01T00:00:00Z", "2024-03-31T23:59:59Z"),
            ("202401202402", "08", "2024-01-01T00:00:00Z", "2024-01-14T23:59:59Z"),
            ("2024120242", "09", "2024-01-01T00:00:00Z", "2024-06-30T23:59:59Z"),
            ("20242025", "11", "2024-01-01T00:00:00Z", "2025-12-31T23:59:59Z"),
            ("202401011830", "", "2024-01-01T00:00:00Z", "2024-01-01T23:59:59Z"),
            ("20240101T1830", "13", "2024-01-01T18:30:00Z", "2024-01-01T18:30:00Z"),
            ("20240101T183000+0200", "14", "2024-01-01T16:30:00Z", "2024-01-01T16:30:00Z"),
            ("2024-01-01T18:30:00+02:00", "", "2024-01-01T16:30:00Z", "2024-01-01T16:30:00Z"),
            ("20240101T1830Z", "13", "2024-01-01T18:30:00Z", "2024-01-01T18:30:00Z"),
        ];
        for (text, format, from, to) in cases {
            assert_eq!(span_of(text, format), Some((from.to_owned(), to.to_owned())), "{text} {format}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let cases = [
            ("20230229", ""),
            ("202413", ""),
            ("202460", "02"),
            ("20245", "03"),
            ("20241", "04"),
            ("14450910", "20"),
            ("spring 2024", "12"),
            ("", ""),
            ("é0240101", ""),
            ("20240101T", "13"),
            ("20240101Té", "13"),
            ("20240101T2530", "13"),
            ("T", ""),
        ];
        for (text, format) in cases {
            assert_eq!(span_of(text, format), None, "{text} {format}");
        }
    }

    #[test]
    fn dates_are_shown_as_one_reads_them() {
        let shown = |text, format| Sent { text, format }.shown();
        assert_eq!(shown("20240501", None), "2024-05-01");
        assert_eq!(shown("202405", Some("01")), "2024-05");
        assert_eq!(shown("2024", None), "2024");
        assert_eq!(shown("20110601T000000+0200", Some("14")), "2011-06-01");
        assert_eq!(shown("20110601T1000+0200", Some("13")), "20110601T1000+0200");
        assert_eq!(shown("spring 2024", Some("12")), "spring 2024");
    }
}

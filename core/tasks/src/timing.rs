//! When something begins by the clock: `every 15m`, or the five fields of cron with a time zone.
//!
//! Cron is read by `croner`, which goes by the Open Cron Pattern Specification also where clocks are changed: what has a fixed time of
//! day that does not come that day begins at the first moment after the gap, and once where the time comes twice; what goes on by
//! minutes or hours goes on in real time. Zones are the IANA database that is built in, so that no server differs from another.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use plugpoint_sdk::model::timestamp::Timestamp;

/// The longest text of one.
const TEXT_BYTES_MAX: usize = 200;
/// The shortest and the longest pause.
const EVERY: std::ops::RangeInclusive<u64> = 1..=366 * 86_400;

/// When something begins.
#[derive(Debug, Clone)]
pub struct Timing {
    text: String,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    Every(Duration),
    Cron(Box<Cron>, TimeZone),
}

impl PartialEq for Timing {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Timing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Timing {
    type Err = String;

    /// Reads `every N` with `s`, `m`, `h` or `d`, or five fields of cron (or `@daily` and the like) and, if it is not UTC, a zone.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |why: &str| {
            format!("{text:?} says no time to begin: {why}; write \"every 15m\" or \"30 5 * * 1-5 Europe/Berlin\"")
        };
        if text.len() > TEXT_BYTES_MAX {
            return Err(format!("what says when to begin is longer than {TEXT_BYTES_MAX} bytes"));
        }
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let kind = match words.as_slice() {
            ["every", pause] => Kind::Every(pause_of(pause).map_err(|why| wrong(&why))?),
            ["every", ..] => return Err(wrong("one pause is to follow")),
            words => {
                let fields = if words.first().is_some_and(|word| word.starts_with('@')) { 1 } else { 5 };
                if words.len() != fields && words.len() != fields + 1 {
                    return Err(wrong("cron has five fields, and a zone may follow"));
                }
                let zone = words.get(fields).copied().unwrap_or("UTC");
                let zone = TimeZone::get(zone).map_err(|_| wrong(&format!("{zone:?} is no zone")))?;
                let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
                let cron = parser.parse(&words[..fields].join(" ")).map_err(|error| wrong(&error.to_string()))?;
                Kind::Cron(Box::new(cron), zone)
            }
        };
        let timing = Self { text: words.join(" "), kind };
        let begin = Timestamp(jiff::Timestamp::UNIX_EPOCH);
        if timing.after(begin).is_none() {
            return Err(wrong("that never comes"));
        }
        Ok(timing)
    }
}

fn pause_of(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds_each = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(format!("{text:?} is no pause: a number, and s, m, h or d")),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds_each));
    match seconds.filter(|seconds| EVERY.contains(seconds)) {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err(format!("{text:?} is shorter than 1s or longer than 366d")),
    }
}

impl Timing {
    /// The first moment after `then`. None where none is known: after the year 9999.
    #[must_use]
    pub fn after(&self, then: Timestamp) -> Option<Timestamp> {
        match &self.kind {
            Kind::Every(pause) => then.0.checked_add(*pause).ok().map(Timestamp),
            Kind::Cron(cron, zone) => {
                let then = then.0.to_zoned(zone.clone());
                cron.find_next_occurrence(&then, false).ok().map(|next| Timestamp(next.timestamp()))
            }
        }
    }

    /// The first moment after `now` of those that begin with `from`.
    #[must_use]
    pub fn after_since(&self, from: Timestamp, now: Timestamp) -> Option<Timestamp> {
        match &self.kind {
            Kind::Every(pause) if from <= now => {
                let (passed, pause_s) = (now.0.duration_since(from.0).as_secs(), pause.as_secs().cast_signed());
                let pauses = u64::try_from(passed / pause_s + 1).unwrap_or_default();
                from.0.checked_add(Duration::from_secs(pauses * pause.as_secs())).ok().map(Timestamp)
            }
            _ => self.after(now.max(from)),
        }
    }

    /// How much later, by chance, something may begin that should not begin with all others: up to `longest`, and a tenth of a pause.
    #[must_use]
    pub fn jitter(&self, longest: Duration) -> Duration {
        match self.kind {
            Kind::Every(pause) => longest.min(pause / 10),
            Kind::Cron(..) => longest,
        }
    }

    /// When something begins first that was not known before: at once if it goes on by a pause, else at its next time.
    #[must_use]
    pub fn first(&self, now: Timestamp) -> Option<Timestamp> {
        match self.kind {
            Kind::Every(_) => Some(now),
            Kind::Cron(..) => self.after(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(timing: &str, from: &str, count: usize) -> Vec<String> {
        let timing: Timing = timing.parse().unwrap();
        let mut then: Timestamp = from.parse().unwrap();
        let next = |_| {
            then = timing.after(then).unwrap();
            then.to_string()
        };
        (0..count).map(next).collect()
    }

    #[test]
    fn a_fixed_time_comes_once_each_day_whatever_the_clocks_do() {
        // Berlin leaps from 02:00 to 03:00 on 2026-03-29, and back from 03:00 to 02:00 on 2026-10-25.
        let spring = times("30 2 * * * Europe/Berlin", "2026-03-27T12:00:00Z", 3);
        assert_eq!(spring, ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]);
        let autumn = times("30 2 * * * Europe/Berlin", "2026-10-23T12:00:00Z", 3);
        assert_eq!(autumn, ["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
        // Lord Howe leaps by half an hour.
        let howe = times("15 2 * * * Australia/Lord_Howe", "2026-10-02T00:00:00Z", 3);
        assert_eq!(howe, ["2026-10-02T15:45:00Z", "2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"]);
    }

    #[test]
    fn what_goes_on_by_minutes_goes_on_in_real_time() {
        let autumn = times("*/30 * * * * Europe/Berlin", "2026-10-24T23:45:00Z", 5);
        let expected = ["00:00", "00:30", "01:00", "01:30", "02:00"].map(|time| format!("2026-10-25T{time}:00Z"));
        assert_eq!(autumn, expected);
        let spring = times("*/30 * * * * Europe/Berlin", "2026-03-29T00:15:00Z", 3);
        assert_eq!(spring, ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]);
    }

    #[test]
    fn months_end_and_years_leap() {
        let last = times("0 0 L * *", "2026-11-15T00:00:00Z", 4);
        let expected = ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"].map(|day| format!("{day}T00:00:00Z"));
        assert_eq!(last, expected);
        assert_eq!(times("0 0 29 2 *", "2026-01-01T00:00:00Z", 1), ["2028-02-29T00:00:00Z"]);
        assert_eq!(times("@weekly", "2026-11-24T00:00:00Z", 1), ["2026-11-29T00:00:00Z"]);
        assert_eq!(times("0 9 * * MON-FRI Asia/Kolkata", "2026-11-27T04:00:00Z", 1), ["2026-11-30T03:30:00Z"]);
    }

    #[test]
    fn a_pause_keeps_its_phase() {
        let timing: Timing = "every 15m".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(timing.after(at("2026-01-01T00:07:00Z")), Some(at("2026-01-01T00:22:00Z")));
        let since = timing.after_since(at("2026-01-01T00:07:00Z"), at("2026-01-01T05:00:00Z"));
        assert_eq!(since, Some(at("2026-01-01T05:07:00Z")));
        let on_time = timing.after_since(at("2026-01-01T00:07:00Z"), at("2026-01-01T00:07:00Z"));
        assert_eq!(on_time, Some(at("2026-01-01T00:22:00Z")));
        assert_eq!(timing.jitter(Duration::from_secs(10)), Duration::from_secs(10));
        assert_eq!("every 20s".parse::<Timing>().unwrap().jitter(Duration::from_secs(10)), Duration::from_secs(2));
    }

    #[test]
    fn what_says_no_time_is_refused_with_a_reason() {
        for (text, why) in [
            ("", "five fields"),
            ("every", "one pause"),
            ("every 5", "s, m, h or d"),
            ("every 0s", "shorter than 1s"),
            ("every 367d", "longer than 366d"),
            ("every 99999999999999999999d", "longer than 366d"),
            ("every 5m UTC", "one pause"),
            ("* * * *", "five fields"),
            ("* * * * * Europe/Berlin x", "five fields"),
            ("* * * * * Mars/Olympus", "no zone"),
            ("0 0 31 2 *", "never comes"),
            ("61 * * * *", "61 * * * *"),
            ("a b c d e", "a b c d e"),
            ("@sometimes", "@sometimes"),
        ] {
            let told = text.parse::<Timing>().unwrap_err();
            assert!(told.contains(why), "{text:?}: {told}");
        }
        assert!("* ".repeat(120).parse::<Timing>().unwrap_err().contains("longer than 200 bytes"));
        assert_eq!("  0  5 * * *  UTC ".parse::<Timing>().unwrap().to_string(), "0 5 * * * UTC");
    }

    proptest::proptest! {
        /// Whatever is written: it is refused with a reason, or goes on and on.
        #[test]
        fn any_words_are_refused_or_go_on(words in "(every )?[0-9]{0,3}[smhd]?|[0-9*/,LW#?a-z -]{0,30}( [A-Z][a-z]+/[A-Z][a-z]+)?|.{0,40}") {
            if let Ok(timing) = words.parse::<Timing>() {
                let mut then: Timestamp = "2026-03-28T23:59:59.5Z".parse().unwrap();
                for _ in 0..5 {
                    let Some(next) = timing.after(then) else { break };
                    assert!(next > then, "{words:?}");
                    assert!(timing.after_since(then, then).is_none_or(|after| after > then));
                    then = next;
                }
                assert_eq!(timing.to_string().parse::<Timing>(), Ok(timing));
            }
        }
    }
}

//! Times of WS-Security, and whether they are fresh by our clock.
//!
//! Part of the security. Who is refused for a wrong clock is told both times and the difference. A time is an xsd:dateTime of four
//! digits of a year: so strict that nobody can move the border between a nonce and the Created behind it.

use std::fmt::Write;

use jiff::{SignedDuration, Timestamp};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, quoted};

use super::invalid;
use crate::ClockLimits;
use crate::fault::{Named, Refused};

/// Digits of a second that are looked at; further ones say less than any clock knows.
const FRACTION_DIGITS_MAX: usize = 9;

/// Our clock and what it tolerates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    pub(crate) now: Timestamp,
    pub(crate) limits: ClockLimits,
}

/// A time that was sent.
pub(crate) struct Sent<'t> {
    /// What it is, for people.
    what: String,
    pub(crate) text: &'t str,
    pub(crate) at: Timestamp,
}

impl Clock {
    /// Reads a time. Without an offset it is UTC.
    pub(super) fn read<'t>(&self, what: &str, text: &'t str) -> Result<Sent<'t>, Refused> {
        let time = parsed(text)
            .ok_or_else(|| invalid(&format!("{what} {} is no time such as {:.0}", quoted(text, 40), self.now)));
        Ok(Sent { what: what.to_owned(), text, at: time? })
    }

    /// Checks when something was created: not too long ago, and not later than now.
    pub(super) fn check_created(&self, created: &Sent<'_>) -> Result<(), Refused> {
        self.check_begun(created)?;
        self.check_age(created, self.limits.token_age_max)
    }

    /// Checks that something has begun: that it was not created later than now.
    pub(super) fn check_begun(&self, created: &Sent<'_>) -> Result<(), Refused> {
        let ahead = created.at.duration_since(self.now);
        if ahead <= self.limits.skew_max {
            return Ok(());
        }
        Err(self.refusal(Named::InvalidSecurity, created, ahead, "ahead of", self.limits.skew_max))
    }

    /// Checks that something is not over.
    pub(super) fn check_expiry(&self, expires: &Sent<'_>) -> Result<(), Refused> {
        self.check_age(expires, self.limits.skew_max)
    }

    /// The last moment at which [`check_created`](Self::check_created) lets this pass.
    pub(super) fn fresh_until(&self, created: &Sent<'_>) -> Timestamp {
        created.at.saturating_add(self.limits.token_age_max).unwrap_or(Timestamp::MAX)
    }

    fn check_age(&self, sent: &Sent<'_>, max: SignedDuration) -> Result<(), Refused> {
        let behind = self.now.duration_since(sent.at);
        if behind <= max { Ok(()) } else { Err(self.refusal(Named::MessageExpired, sent, behind, "behind", max)) }
    }

    fn refusal(&self, named: Named, sent: &Sent<'_>, by: SignedDuration, side: &str, max: SignedDuration) -> Refused {
        // Rounded up: a difference that is refused is told as greater than what is tolerated.
        let by_s = by.as_secs() + i64::from(by.subsec_nanos() > 0);
        let (Sent { what, text, .. }, now, max_s) = (sent, self.now, max.as_secs());
        let detail = format!("{what} {text:.40} is {by_s} s {side} our clock, {now:.0}; {max_s} s are tolerated");
        Refused::named(named, ApiError::new(&codes::UNAUTHENTICATED, detail))
    }
}

/// An xsd:dateTime: `2026-01-01T12:00:00`, with a fraction and an offset if they are there.
fn parsed(text: &str) -> Option<Timestamp> {
    const FORM: &[u8] = b"0000-00-00T00:00:00";
    let (head, rest) = text.split_at_checked(FORM.len())?;
    let fits = |(form, byte): (&u8, u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    if !FORM.iter().zip(head.bytes()).all(fits) {
        return None;
    }
    let (fraction, offset) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
        None => ("0", rest),
    };
    let is_digit = u8::is_ascii_digit;
    let offset = match offset.as_bytes() {
        [] | [b'Z'] => "Z",
        [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].into_iter().all(is_digit) => offset,
        _ => return None,
    };
    let fraction = fraction.get(..FRACTION_DIGITS_MAX).unwrap_or(fraction);
    let mut time = head.to_owned();
    write!(time, ".{fraction}{offset}").ok()?;
    time.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_real_clients_are_read() {
        let noon = "2026-01-01T12:00:00";
        let forms = [
            ("2026-01-01T12:00:00Z", ""),
            ("2026-01-01T12:00:00.5Z", ".5"),
            ("2026-01-01T12:00:00.123Z", ".123"),
            ("2026-01-01T12:00:00.123456+00:00", ".123456"),
            ("2026-01-01T12:00:00.1234567Z", ".1234567"),
            ("2026-01-01T12:00:00.123456789123Z", ".123456789"),
            ("2026-01-01T13:00:00+01:00", ""),
            ("2026-01-01T06:30:00-05:30", ""),
            ("2026-01-01T12:00:00-00:00", ""),
            ("2026-01-01T12:00:00", ""),
        ];
        for (text, fraction) in forms {
            assert_eq!(parsed(text), Some(format!("{noon}{fraction}Z").parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "now",
            "2026-01-01",
            "2026-01-01 12:00:00Z",
            "2026-01-01t12:00:00Z",
            "12026-01-01T12:00:00Z",
            "+002026-01-01T12:00:00Z",
            "-2026-01-01T12:00:00Z",
            "026-01-01T12:00:00Z",
            " 2026-01-01T12:00:00Z",
            "2026-13-01T12:00:00Z",
            "2026-02-30T12:00:00Z",
            "2026-01-01T25:00:00Z",
            "2026-01-01T12:00:00.Z",
            "2026-01-01T12:00:00ZZ",
            "2026-01-01T12:00:00Z[UTC]",
            "2026-01-01T12:00:00+0000",
            "2026-01-01T12:00:00+1:00",
            "2026-01-01T12:00:00 UTC",
            "2026-01-01T12:00:0\u{660}Z",
            "2026-01-01T12:00:00,5Z",
            "1767268800",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn each_bound_from_both_sides() {
        let now = "2026-01-01T12:00:00Z".parse().unwrap();
        let seconds = SignedDuration::from_secs;
        let clock = Clock { now, limits: ClockLimits { skew_max: seconds(60), token_age_max: seconds(300) } };
        let told = |checked: Result<(), Refused>| checked.err().map(|refused| (refused.named, refused.error.detail));
        let sent = |text| clock.read("it", text).ok().unwrap();
        let created = |text| told(clock.check_created(&sent(text)));
        assert_eq!(created("2026-01-01T11:55:00Z"), None);
        assert_eq!(created("2026-01-01T12:01:00Z"), None);
        let old = "it 2026-01-01T11:54:59.999Z is 301 s behind our clock, 2026-01-01T12:00:00Z; 300 s are tolerated";
        assert_eq!(created("2026-01-01T11:54:59.999Z"), Some((Some(Named::MessageExpired), old.to_owned())));
        let early = "it 2026-01-01T12:01:00.1Z is 61 s ahead of our clock, 2026-01-01T12:00:00Z; 60 s are tolerated";
        assert_eq!(created("2026-01-01T12:01:00.1Z"), Some((Some(Named::InvalidSecurity), early.to_owned())));
        assert_eq!(told(clock.check_expiry(&sent("2026-01-01T11:59:00Z"))), None);
        assert!(told(clock.check_expiry(&sent("2026-01-01T11:58:59Z"))).is_some());
        assert!(created("9999-12-30T00:00:00Z").is_some());
        assert!(created("0001-01-01T00:00:00Z").is_some());
        assert_eq!(clock.fresh_until(&sent("2026-01-01T11:59:00Z")).to_string(), "2026-01-01T12:04:00Z");
    }
}

//! How many requests a tenant may send in a second.
//!
//! Asked once for each request whose sender is known, before its body is read; REST and SOAP share the count. It knows no
//! tenant: each runtime has a rate of its own, or none, which costs nothing.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::profile::LimitsProfile;

/// A rate from which on nobody is counted: the highest that a profile can name.
const UNBOUNDED: u32 = 1_000_000;

/// The rate of one tenant. The default is none.
#[derive(Default)]
pub(crate) struct Rate(Option<(DefaultDirectRateLimiter, u32)>);

impl Rate {
    /// As a profile has it.
    pub(crate) fn of(limits: &LimitsProfile) -> Self {
        let per_second = limits.requests_per_second;
        let burst = limits.requests_burst.unwrap_or(per_second);
        match (NonZeroU32::new(per_second), NonZeroU32::new(burst)) {
            (Some(rate), Some(burst)) if per_second < UNBOUNDED => {
                Self(Some((RateLimiter::direct(Quota::per_second(rate).allow_burst(burst)), per_second)))
            }
            _ => Self::default(),
        }
    }

    /// Counts one request.
    ///
    /// # Errors
    /// `request_rate_exceeded`; the request is not counted then.
    pub(crate) fn admit(&self) -> Result<(), ApiError> {
        let Some((limiter, per_second)) = &self.0 else { return Ok(()) };
        limiter.check().map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let detail = format!("the tenant may send {per_second} requests in a second");
            let seconds = u32::try_from(seconds.max(1)).unwrap_or(u32::MAX);
            ApiError::new(&codes::REQUEST_RATE_EXCEEDED, detail).retry_after(seconds)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(requests_per_second: u32, requests_burst: Option<u32>) -> Rate {
        Rate::of(&LimitsProfile { requests_per_second, requests_burst, ..LimitsProfile::default() })
    }

    #[test]
    fn so_many_pass_at_once_and_the_next_is_told_when_to_come_back() {
        for (per_second, burst, passing) in [(1, None, 1), (1, Some(5), 5), (5, Some(1), 1), (3, None, 3)] {
            let rate = rate(per_second, burst);
            // One in 0.2 s at most comes back meanwhile, at the highest of these rates.
            let passed = (0..passing).filter(|_| rate.admit().is_ok()).count();
            assert_eq!(passed, passing, "{per_second} {burst:?}");
            let refused = (0..5).find_map(|_| rate.admit().err()).expect("five more do not pass in 0.2 s");
            assert_eq!((refused.code.name, refused.retry_after_s), ("request_rate_exceeded", Some(1)));
        }
    }

    #[test]
    fn the_default_is_no_bound() {
        let rate = Rate::of(&LimitsProfile::default());
        assert!(rate.0.is_none());
        assert!((0..1000).all(|_| rate.admit().is_ok()));
    }
}

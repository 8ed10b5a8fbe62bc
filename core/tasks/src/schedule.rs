//! What begins by the clock, and what is to be done about it now. The decision is a function of the clock and of what is kept, so tests
//! let the clock leap.

use std::time::Duration;

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{Move, NewRun, ScheduleRow, StoreError, Tasks};

use crate::intent::key_of;
use crate::timing::Timing;

/// What is later than this has been missed.
const GRACE: Duration = Duration::from_secs(60);
/// Firings longer ago than this are not caught up with.
const CATCH_UP_MAX: Duration = Duration::from_secs(7 * 86_400);
/// A next firing further behind the regular one than this was set by a clock that went wrong.
const AHEAD_MAX: Duration = Duration::from_secs(86_400);

/// What becomes of firings that were missed: no process was there, or the schedule's daemon was paused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misfire {
    /// Nothing: it goes on with the next.
    Skip,
    /// One run, whatever their number.
    Once,
    /// A run for each of the last seven days, at most so many a minute.
    CatchUp {
        /// How many.
        per_minute: u32,
    },
}

/// A task that begins by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its name, in all daemons.
    pub name: String,
    /// The task whose handler does it.
    pub task: String,
    /// Whose it is; none for the platform's own.
    pub tenant: Option<TenantId>,
    /// What the handler is given: a JSON document. One that is caught up with is given the time it was due at as `due_at` beside it.
    pub input: serde_json::Map<String, serde_json::Value>,
    /// When.
    pub timing: Timing,
    /// What becomes of firings that were missed.
    pub misfire: Misfire,
    /// A run begins up to so much later, by chance, so that not all begin at once.
    pub jitter: Duration,
    /// How often a worker may begin a run.
    pub attempts_max: u32,
}

/// What is to be done about a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// Nothing until then.
    Wait(Timestamp),
    /// It is moved on, and nothing is begun.
    Skip { next: Timestamp },
    /// The run of this firing is begun.
    Fire { due: Timestamp, next: Timestamp },
}

impl Schedule {
    /// Does what is to be done about it now, if no other process does. Gives when to look again at the latest; none if it never comes again.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn step(
        &self,
        tasks: &Tasks,
        kept: Option<&ScheduleRow>,
        now: Timestamp,
        chance: u64,
    ) -> Result<Option<Timestamp>, StoreError> {
        let Some(step) = self.decide(kept, now) else { return Ok(None) };
        let (due, next) = match step {
            Step::Wait(until) => return Ok(Some(until)),
            Step::Skip { next } => (None, next),
            Step::Fire { due, next } => (Some(due), next),
        };
        let timing = self.timing.to_string();
        let mut input = self.input.clone();
        if let (Misfire::CatchUp { .. }, Some(due)) = (self.misfire, due) {
            input.insert("due_at".to_owned(), due.to_string().into());
        }
        let input = serde_json::Value::Object(input).to_string();
        let (by, key) = (format!("schedule {}", self.name), key_of(&input));
        let jitter_ms = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        let run = due.map(|_| NewRun {
            task: &self.task,
            tenant: self.tenant.as_ref(),
            unique_key: Some(&key),
            input: &input,
            priority: crate::PRIORITY_SCHEDULED,
            delay_ms: chance % jitter_ms.saturating_add(1),
            attempts_max: self.attempts_max,
            by: &by,
        });
        let (name, tenant) = (self.name.as_str(), self.tenant.as_ref());
        let is_ours = tasks.move_schedule(&Move { name, tenant, timing: &timing, known: kept, next, run })?;
        // Another process has moved it: how, the next look tells.
        Ok(Some(if is_ours { next } else { now }))
    }

    /// None if it never comes again.
    fn decide(&self, kept: Option<&ScheduleRow>, now: Timestamp) -> Option<Step> {
        let later = |than: Timestamp, by: Duration| than.0.checked_add(by).map_or(than, Timestamp);
        let Some(kept) = kept.filter(|kept| kept.timing == self.timing.to_string()) else {
            let first = self.timing.first(now)?;
            return Some(if first <= now {
                Step::Fire { due: now, next: self.timing.after(now)? }
            } else {
                Step::Skip { next: first }
            });
        };
        let due = kept.due_at;
        if due > now {
            let regular = self.timing.after(now)?;
            let is_lost = due > later(regular, AHEAD_MAX);
            return Some(if is_lost { Step::Skip { next: regular } } else { Step::Wait(due) });
        }
        let is_missed = now > later(due, GRACE);
        let behind_all = self.timing.after_since(due, now)?;
        match self.misfire {
            Misfire::Skip if is_missed => Some(Step::Skip { next: behind_all }),
            Misfire::Skip | Misfire::Once => Some(Step::Fire { due, next: behind_all }),
            Misfire::CatchUp { per_minute } => {
                let oldest = now.0.checked_sub(CATCH_UP_MAX).map_or(due, Timestamp);
                if due < oldest {
                    return Some(Step::Skip { next: self.timing.after_since(due, oldest)? });
                }
                let pause = Duration::from_secs(60) / per_minute.max(1);
                let free = kept.fired_at.map(|fired| later(fired, pause)).filter(|free| is_missed && *free > now);
                // A clock that was ahead leaves a firing in what is the future again.
                let free = free.filter(|free| *free <= later(now, pause));
                Some(free.map_or(Step::Fire { due, next: self.timing.after(due)? }, Step::Wait))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A schedule whose clock the test has in its hands; the store's part is done by a row.
    struct Bench {
        schedule: Schedule,
        row: Option<ScheduleRow>,
        now: Timestamp,
    }

    impl Bench {
        fn new(timing: &str, misfire: Misfire, now: &str) -> Self {
            let timing = timing.parse().unwrap();
            let schedule = Schedule {
                name: "s".to_owned(),
                task: "t".to_owned(),
                tenant: None,
                input: serde_json::Map::new(),
                timing,
                misfire,
                jitter: Duration::ZERO,
                attempts_max: 1,
            };
            Self { schedule, row: None, now: now.parse().unwrap() }
        }

        /// Looks, as often as there is something to do; gives what was due.
        fn look(&mut self) -> Vec<String> {
            let mut fired = Vec::new();
            loop {
                let (due, next) = match self.schedule.decide(self.row.as_ref(), self.now).unwrap() {
                    Step::Wait(_) => return fired,
                    Step::Skip { next } => (None, next),
                    Step::Fire { due, next } => (Some(due), next),
                };
                fired.extend(due.map(|due| due.to_string()));
                let timing = self.schedule.timing.to_string();
                let fired_at = due.map(|_| self.now).or(self.row.as_ref().and_then(|row| row.fired_at));
                self.row = Some(ScheduleRow { name: "s".to_owned(), tenant: None, timing, due_at: next, fired_at });
            }
        }

        fn at(&mut self, now: &str) -> Vec<String> {
            self.now = now.parse().unwrap();
            self.look()
        }
    }

    #[test]
    fn a_pause_begins_at_once_and_a_time_of_day_at_its_time() {
        let mut bench = Bench::new("every 1h", Misfire::Once, "2026-01-01T00:10:00Z");
        assert_eq!(bench.look(), ["2026-01-01T00:10:00Z"]);
        assert!(bench.at("2026-01-01T01:09:59Z").is_empty());
        assert_eq!(bench.at("2026-01-01T01:10:02Z"), ["2026-01-01T01:10:00Z"]);
        assert_eq!(bench.at("2026-01-01T02:10:00Z"), ["2026-01-01T02:10:00Z"]);
        let mut bench = Bench::new("0 5 * * *", Misfire::Once, "2026-01-01T00:10:00Z");
        assert!(bench.look().is_empty());
        assert_eq!(bench.at("2026-01-01T05:00:00Z"), ["2026-01-01T05:00:00Z"]);
        assert!(bench.look().is_empty());
    }

    #[test]
    fn what_was_missed_is_skipped_done_once_or_caught_up_with() {
        let missed = |misfire| {
            let mut bench = Bench::new("0 * * * *", misfire, "2026-01-01T00:30:00Z");
            bench.look();
            bench.now = "2026-01-01T04:30:00Z".parse().unwrap();
            bench
        };
        let mut skips = missed(Misfire::Skip);
        assert!(skips.look().is_empty());
        assert_eq!(skips.at("2026-01-01T05:00:30Z"), ["2026-01-01T05:00:00Z"], "late, but not missed");
        let mut once = missed(Misfire::Once);
        assert_eq!(once.look(), ["2026-01-01T01:00:00Z"]);
        assert_eq!(once.at("2026-01-01T05:00:00Z"), ["2026-01-01T05:00:00Z"]);
        let mut all = missed(Misfire::CatchUp { per_minute: 2 });
        assert_eq!(all.look(), ["2026-01-01T01:00:00Z"]);
        assert!(all.at("2026-01-01T04:30:29Z").is_empty());
        assert_eq!(all.at("2026-01-01T04:30:30Z"), ["2026-01-01T02:00:00Z"]);
        assert_eq!(all.at("2026-01-01T04:31:00Z"), ["2026-01-01T03:00:00Z"]);
        assert_eq!(all.at("2026-01-01T04:32:00Z"), ["2026-01-01T04:00:00Z"]);
        assert!(all.at("2026-01-01T04:40:00Z").is_empty());
        assert_eq!(all.at("2026-01-01T05:00:00Z"), ["2026-01-01T05:00:00Z"], "on time it waits for nothing");
        // Years are not.
        let mut years = missed(Misfire::CatchUp { per_minute: 60 });
        assert_eq!(years.at("2029-01-08T00:30:00Z"), ["2029-01-01T01:00:00Z"]);
    }

    #[test]
    fn a_clock_that_goes_back_fires_nothing_again() {
        for misfire in [Misfire::Skip, Misfire::Once, Misfire::CatchUp { per_minute: 60 }] {
            let mut bench = Bench::new("0 * * * *", misfire, "2026-01-01T00:30:00Z");
            bench.look();
            assert_eq!(bench.at("2026-01-01T01:00:01Z").len(), 1);
            for back in ["2026-01-01T00:59:00Z", "2026-01-01T01:00:00Z", "2025-12-31T03:00:00Z", "2026-01-01T01:59:59Z"]
            {
                assert!(bench.at(back).is_empty(), "{misfire:?} {back}");
            }
            assert_eq!(bench.at("2026-01-01T02:00:00Z"), ["2026-01-01T02:00:00Z"], "{misfire:?}");
        }
    }

    #[test]
    fn a_clock_that_was_far_ahead_leaves_no_schedule_behind_for_years() {
        for misfire in [Misfire::Skip, Misfire::Once, Misfire::CatchUp { per_minute: 60 }] {
            let mut bench = Bench::new("0 * * * *", misfire, "2026-01-01T00:30:00Z");
            bench.look();
            bench.at("2036-06-01T00:00:30Z");
            assert!(bench.at("2026-01-01T00:31:00Z").is_empty(), "{misfire:?}");
            assert_eq!(bench.at("2026-01-01T01:00:00Z"), ["2026-01-01T01:00:00Z"], "{misfire:?}");
        }
    }

    #[test]
    fn other_words_begin_anew() {
        let mut bench = Bench::new("0 5 * * *", Misfire::Once, "2026-01-01T00:10:00Z");
        bench.look();
        bench.schedule.timing = "0 3 * * *".parse().unwrap();
        assert!(bench.at("2026-01-01T02:00:00Z").is_empty());
        assert_eq!(bench.at("2026-01-01T03:00:00Z"), ["2026-01-01T03:00:00Z"]);
        assert!(bench.at("2026-01-01T05:00:00Z").is_empty());
    }
}

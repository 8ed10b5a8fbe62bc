//! Tasks: what the platform does in the background, by itself or because somebody asked for it.
//!
//! A [`Task`] is a name, its rules and a [`Handler`]; a *run* is one thing for it to do, kept by the store until it has ended, and done by
//! whichever process takes it first. A [`Runtime`] is one such process: `runtime` has its threads, `slots` what they share, `heart` tells
//! others that it is there and takes up what processes left behind that are not. A [`Daemon`] is what goes on as long as a process does
//! (`daemons`), among them those that begin tasks by the clock: a [`Schedule`] (`schedule`) with its [`Timing`] (`timing`).
//!
//! A handler that fails is tried again, later each time ([`Backoff`]); one whose process dies is begun again by another within seconds.
//! So a handler may be begun more than once, and its last lines may run while another has begun: whoever changes something that must
//! change once asks [`RunContext::check`] before, and does it in a way that bears repetition, or under the run's token.

mod daemons;
mod handler;
mod heart;
mod intent;
mod runtime;
mod schedule;
mod slots;
mod task;
mod timing;

pub use daemons::{Daemon, DaemonContext};
pub use handler::{Handler, RunContext, TaskError};
pub use intent::{INPUT_BYTES_MAX, Intended, Intent, IntentError, Outcome};
pub use runtime::{Runtime, RuntimeOptions, TASKS_DAEMON};
pub use schedule::{Misfire, Schedule};
pub use task::{Backoff, Registry, Scope, Task};
pub use timing::Timing;

/// The priority of what somebody wants now; smaller ones begin first.
pub(crate) const PRIORITY_WANTED: u32 = 50;
/// The priority of what begins by the clock.
pub(crate) const PRIORITY_SCHEDULED: u32 = 100;

/// The beginning of a text, of at most so many bytes.
pub(crate) fn cut(text: &str, bytes_max: usize) -> &str {
    let end = (0..=text.len().min(bytes_max)).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_text_is_cut_between_characters() {
        for (bytes_max, left) in [(0, ""), (1, "a"), (2, "a"), (3, "a\u{e4}"), (4, "a\u{e4}b"), (9, "a\u{e4}b")] {
            assert_eq!(super::cut("a\u{e4}b", bytes_max), left);
        }
    }
}

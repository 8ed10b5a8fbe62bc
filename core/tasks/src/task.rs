//! What tasks there are: names, rules, handlers.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::handler::Handler;

/// The longest name of a task.
const NAME_BYTES_MAX: usize = 64;

/// For whom a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For the platform as a whole.
    Platform,
    /// For one tenant.
    Tenant,
    /// For either.
    Any,
}

/// A task.
#[derive(Clone)]
pub struct Task {
    /// Its name: 1 to 64 of a-z, 0-9, `.`, `-` and `_`, the first a letter.
    pub name: String,
    /// What it is for, in a sentence.
    pub doc: String,
    /// For whom it is done.
    pub scope: Scope,
    /// How many of its runs may run at once, in all processes.
    pub running_max: u32,
    /// How often a run may be begun that does not say so itself.
    pub attempts_max: u32,
    /// How long a run may take.
    pub timeout: Duration,
    /// How long one that failed waits until it is begun again.
    pub backoff: Backoff,
    /// Who does it.
    pub handler: Arc<dyn Handler>,
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Task {
    /// A task with the rules that most have: eight at once, 20 attempts, ten minutes each, a second's pause that doubles up to an hour.
    pub fn new(name: &str, doc: &str, handler: impl Handler + 'static) -> Self {
        Self {
            name: name.to_owned(),
            doc: doc.to_owned(),
            scope: Scope::Any,
            running_max: 8,
            attempts_max: 20,
            timeout: Duration::from_secs(600),
            backoff: Backoff::default(),
            handler: Arc::new(handler),
        }
    }
}

/// How long a run that failed waits: twice as long each time, with jitter, so that what failed together does not come back together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// After the first attempt.
    pub first: Duration,
    /// At most.
    pub longest: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_secs(1), longest: Duration::from_secs(60 * 60) }
    }
}

impl Backoff {
    /// The pause after the attempt of this number (from 1 on): between half of the full pause and all of it, as `chance` has it.
    #[must_use]
    pub fn after(&self, attempt: u32, chance: u64) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(2_u32.saturating_pow(doublings)).min(self.longest);
        let half = full / 2;
        let span = u64::try_from((full - half).as_millis()).unwrap_or(u64::MAX);
        half + Duration::from_millis(chance % span.saturating_add(1))
    }
}

/// The tasks that a process has handlers for.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    tasks: BTreeMap<String, Task>,
}

impl Registry {
    /// Adds a task.
    ///
    /// # Errors
    /// In words: its name is none, or another has it; a rule has no room for anything.
    pub fn add(&mut self, task: Task) -> Result<(), String> {
        if !is_name(&task.name) {
            return Err(format!(
                "{:?} is no name of a task: 1 to {NAME_BYTES_MAX} of a-z 0-9 . - _, the first a letter",
                task.name
            ));
        }
        if task.running_max == 0 || task.attempts_max == 0 || task.timeout.is_zero() {
            return Err(format!(
                "task {} may never run: running_max, attempts_max and timeout have to be more than 0",
                task.name
            ));
        }
        if self.tasks.contains_key(&task.name) {
            return Err(format!("there are two tasks {}", task.name));
        }
        self.tasks.insert(task.name.clone(), task);
        Ok(())
    }

    /// A task by its name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Task> {
        self.tasks.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    pub(crate) fn limits(&self) -> HashMap<String, u32> {
        self.tasks.values().map(|task| (task.name.clone(), task.running_max)).collect()
    }
}

fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    name.len() <= NAME_BYTES_MAX
        && name.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && name.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_differ_by_half() {
        let backoff = Backoff { first: Duration::from_secs(2), longest: Duration::from_secs(60) };
        for (attempt, full) in [(1, 2), (2, 4), (3, 8), (5, 32), (6, 60), (40, 60), (u32::MAX, 60)] {
            let full = Duration::from_secs(full);
            assert_eq!(backoff.after(attempt, 0), full / 2, "{attempt}");
            let latest = (0..=70_000).step_by(7).map(|chance| backoff.after(attempt, chance)).max().unwrap();
            assert!(latest <= full && latest > full * 9 / 10, "{attempt}: {latest:?}");
        }
        let nothing = Backoff { first: Duration::ZERO, longest: Duration::ZERO };
        assert_eq!(nothing.after(3, u64::MAX), Duration::ZERO);
    }

    #[test]
    fn names_are_plain_and_used_once() {
        let task = |name: &str| Task::new(name, "", |_: &crate::RunContext| Ok(None));
        let mut registry = Registry::default();
        for good in ["a", "documents.retention", "x-1_y", &"a".repeat(NAME_BYTES_MAX)] {
            registry.add(task(good)).unwrap();
            assert!(registry.add(task(good)).unwrap_err().contains("two tasks"));
        }
        for bad in ["", "A", "1a", ".a", "a b", "a/b", "\u{e4}", "a\n", &"a".repeat(NAME_BYTES_MAX + 1)] {
            assert!(registry.add(task(bad)).unwrap_err().contains("no name"), "{bad}");
        }
        for task in [
            Task { running_max: 0, ..task("r") },
            Task { attempts_max: 0, ..task("r") },
            Task { timeout: Duration::ZERO, ..task("r") },
        ] {
            assert!(registry.add(task).unwrap_err().contains("never run"));
        }
        assert_eq!(registry.iter().count(), 4);
    }
}

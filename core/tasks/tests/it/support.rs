//! A store in a temporary folder, a runtime on it, and patience.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use plugpoint_store::{PostgresOptions, Store, StoreOptions, TaskRun, TaskRunState, Tasks};
use plugpoint_tasks::{Registry, Runtime, RuntimeOptions, Task};
use tempfile::TempDir;

pub(crate) struct Bench {
    pub(crate) tasks: Arc<Tasks>,
    pub(crate) folder: TempDir,
    pub(crate) prefix: String,
}

/// The task database of a folder, or of schemas with a prefix.
pub(crate) fn open(folder: &Path, prefix: &str) -> Arc<Tasks> {
    let url = std::env::var("PLUGPOINT_TEST_POSTGRES").ok();
    let schema_prefix = prefix.to_owned();
    let postgres = url.map(|url| PostgresOptions { url, schema_prefix, connections_max: 4 });
    Store::open(folder, StoreOptions { postgres, ..StoreOptions::default() }).unwrap().tasks().unwrap()
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let unique = uuid::Uuid::now_v7().simple().to_string();
        let prefix = format!("k{}", &unique[20..]);
        Self { tasks: open(folder.path(), &prefix), folder, prefix }
    }

    pub(crate) fn start(&self, tasks: Vec<Task>) -> Runtime {
        self.start_with(tasks, RuntimeOptions::default())
    }

    pub(crate) fn start_with(&self, tasks: Vec<Task>, options: RuntimeOptions) -> Runtime {
        let mut registry = Registry::default();
        for task in tasks {
            registry.add(task).unwrap();
        }
        let patience = Duration::from_millis(300);
        Runtime::start(Arc::clone(&self.tasks), registry, Vec::new(), RuntimeOptions { patience, ..options }).unwrap()
    }

    pub(crate) fn run(&self, id: i64) -> TaskRun {
        self.tasks.run(id).unwrap().unwrap()
    }

    /// Waits until a run is in a state.
    pub(crate) fn until(&self, id: i64, state: TaskRunState) -> TaskRun {
        eventually(&format!("run {id} {}", state.name()), || Some(self.run(id)).filter(|run| run.state == state))
    }
}

pub(crate) fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(Duration::from_secs(60), what, look)
}

pub(crate) fn within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) const NO_WAIT: Duration = Duration::ZERO;

//! Writes down which statements run, for the test that holds those of a release against the structures of later ones
//! (`tests/released/README.md`). Only with the feature `recording`, which no shipped binary has, and only where the environment names a
//! folder; each process has a file of its own there.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Where they go, and which are there.
type Written = (File, HashSet<String>);

static SEEN: LazyLock<Option<Mutex<Written>>> = LazyLock::new(|| {
    let folder = std::env::var_os("PLUGPOINT_STATEMENTS")?;
    std::fs::create_dir_all(&folder).ok()?;
    let name = format!("{}.jsonl", std::process::id());
    let file = OpenOptions::new().create(true).append(true).open(Path::new(&folder).join(name)).ok()?;
    Some(Mutex::new((file, HashSet::new())))
});

/// Writes a statement down, once.
pub(super) fn note(sql: &str) {
    let Some(seen) = SEEN.as_ref() else { return };
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.1.insert(sql.to_owned()) {
        // Whoever records counts what is there.
        let _ = writeln!(seen.0, "{}", serde_json::Value::from(sql));
    }
}

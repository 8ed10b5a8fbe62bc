//! Measures a runtime: how many runs that do nothing are done in a second, and how soon one begins that comes while nothing else does.
//!
//!     cargo run --release -p plugpoint-tasks --example exercise
//!
//! `JOBS` runs wait before the threads (`CONC`) start; then `RATE` a second come for `RATE_SECS` seconds, each in a commit of its own.
//! With `DATABASE_URL` on schemas of that server, else in a file below the folder for temporary files (`TMPDIR`). Prints one JSON object.

use std::collections::HashSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use plugpoint_store::{NewRun, PostgresOptions, Store, StoreOptions};
use plugpoint_tasks::{Registry, RunContext, Runtime, RuntimeOptions, Task};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn run(input: &str) -> NewRun<'_> {
    NewRun {
        task: "nothing",
        tenant: None,
        unique_key: None,
        input,
        priority: 1,
        delay_ms: 0,
        attempts_max: 3,
        by: "exercise",
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (jobs, rate, seconds) = (number("JOBS", 50_000), number("RATE", 200), number("RATE_SECS", 10));
    let threads = usize::try_from(number("CONC", 10))?;
    let folder = std::env::temp_dir().join(format!("plugpoint-exercise-{}", std::process::id()));
    let schema_prefix = format!("x{}", std::process::id());
    let url = std::env::var("DATABASE_URL").ok();
    let postgres = url.map(|url| PostgresOptions { url, schema_prefix, connections_max: 8 });
    let store = Store::open(&folder, StoreOptions { postgres, ..StoreOptions::default() })?;
    let tasks = store.tasks()?;

    let begun = Instant::now();
    for chunk in vec![run("{}"); usize::try_from(jobs)?].chunks(1000) {
        tasks.enqueue_all(chunk)?;
    }
    let enqueue_per_s = jobs as f64 / begun.elapsed().as_secs_f64();

    // When each begins, by its id.
    let begins = Arc::new(Mutex::new(Vec::<(i64, Instant)>::with_capacity(usize::try_from(jobs)?)));
    let notes = Arc::clone(&begins);
    let nothing = Task::new("nothing", "Nothing.", move |run: &RunContext| {
        notes.lock().expect("nobody panics").push((run.id(), Instant::now()));
        Ok(None)
    });
    let mut registry = Registry::default();
    registry.add(Task { running_max: 100_000, ..nothing })?;
    let runtime = Runtime::start(
        Arc::clone(&tasks),
        registry,
        Vec::new(),
        RuntimeOptions { threads, ..RuntimeOptions::default() },
    )?;
    // A count in the database would be work beside what is measured.
    let begun = || u64::try_from(begins.lock().expect("nobody panics").len()).unwrap_or_default();
    while begun() < jobs {
        std::thread::sleep(Duration::from_millis(20));
    }
    while tasks.counts()?.iter().any(|counts| counts.runs[3] < jobs) {
        std::thread::sleep(Duration::from_millis(50));
    }
    let drained = std::mem::take(&mut *begins.lock().expect("nobody panics"));
    let (first, last) = (drained.iter().map(|(_, at)| *at).min(), drained.iter().map(|(_, at)| *at).max());
    let took = last.zip(first).map_or(Duration::ZERO, |(last, first)| last - first);
    let once = drained.iter().map(|(id, _)| *id).collect::<HashSet<_>>().len() == drained.len();

    let (mut wanted, started) = (Vec::new(), Instant::now());
    for number in 0..rate * seconds {
        let due = Duration::from_secs_f64(number as f64 / rate as f64);
        std::thread::sleep(due.saturating_sub(started.elapsed()));
        let at = Instant::now();
        wanted.push((runtime.enqueue(&[run("{}")])?[0].id(), at));
    }
    std::thread::sleep(Duration::from_secs(1));
    let begins: std::collections::HashMap<i64, Instant> =
        begins.lock().expect("nobody panics").iter().copied().collect();
    let mut waits: Vec<f64> =
        wanted.iter().map(|(id, at)| begins[id].saturating_duration_since(*at).as_secs_f64() * 1e3).collect();
    waits.sort_by(f64::total_cmp);
    let share = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize];
    runtime.stop(Duration::from_secs(10));
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    writeln!(
        std::io::stdout(),
        r#"{{"enqueue_per_s":{enqueue_per_s:.0},"drain_per_s":{:.0},"pickup_p50_ms":{:.2},"pickup_p99_ms":{:.2},"each_once":{once}}}"#,
        jobs as f64 / took.as_secs_f64(),
        share(0.5),
        share(0.99),
    )?;
    Ok(())
}

//! Processes that are killed at random: nothing is lost, nothing is done twice as far as the database can tell.
//!
//! The processes are this test's own binary, begun again with [`FOLDER`] in its environment. How many runs and kills it has, and how long a
//! worker may be silent, is taken from the environment where that says so; the test then tells how long runs waited that a kill had hit:
//!
//! ```text
//! PLUGPOINT_TEST_TASKS_RUNS=100000 PLUGPOINT_TEST_TASKS_KILLS=400 PLUGPOINT_TEST_TASKS_LEASE_MS=5000 \
//!   PLUGPOINT_TEST_TASKS_WORK_US=2000 PLUGPOINT_TEST_TASKS_PATIENCE_S=200 \
//!   cargo test --release -p plugpoint-tasks --test it kills -- --nocapture
//! ```

use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use plugpoint_store::{NewRun, RunFilter, TaskRunState};
use plugpoint_tasks::{Registry, RunContext, Runtime, RuntimeOptions, Task};

use crate::support::{Bench, open, within};

const FOLDER: &str = "PLUGPOINT_TEST_TASKS_FOLDER";
const PREFIX: &str = "PLUGPOINT_TEST_TASKS_PREFIX";
/// Where a worker writes down which runs it begins.
const BEGUN: &str = "begun";

/// A number from the environment, or what holds without it.
fn number(name: &str, otherwise: u64) -> u64 {
    let name = format!("PLUGPOINT_TEST_TASKS_{name}");
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

fn worker(folder: &Path, prefix: &str) {
    let path = folder.join(format!("{BEGUN}-{}", std::process::id()));
    let begun = Mutex::new(fs::File::create(path).unwrap());
    let work = Task::new("work", "Something that takes a moment.", move |run: &RunContext| {
        // In one write, which a kill does not divide.
        let line = format!("{} {} {}\n", run.id(), run.token(), now_ms());
        begun.lock().unwrap().write_all(line.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_micros(number("WORK_US", 500)));
        run.check()?;
        Ok(Some(serde_json::json!(run.token())))
    });
    let mut registry = Registry::default();
    registry.add(Task { running_max: 1000, ..work }).unwrap();
    let options = RuntimeOptions {
        threads: 4,
        lease: Duration::from_millis(number("LEASE_MS", 500)),
        ..RuntimeOptions::default()
    };
    let _runtime = Runtime::start(open(folder, prefix), registry, Vec::new(), options).unwrap();
    // Until it is killed, or whoever began it is gone.
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
}

fn start(bench: &Bench) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kills::every_run_is_done_once_though_its_workers_are_killed", "--nocapture"])
        .env(FOLDER, bench.folder.path())
        .env(PREFIX, &bench.prefix)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn every_run_is_done_once_though_its_workers_are_killed() {
    if let (Some(folder), Ok(prefix)) = (std::env::var_os(FOLDER), std::env::var(PREFIX)) {
        return worker(Path::new(&folder), &prefix);
    }
    let (runs, kills) = (number("RUNS", 3000) as usize, number("KILLS", 12));
    let bench = Bench::new();
    let run = NewRun {
        task: "work",
        tenant: None,
        unique_key: None,
        input: "{}",
        priority: 1,
        delay_ms: 0,
        attempts_max: 50,
        by: "test",
    };
    bench.tasks.enqueue_all(&vec![run; runs]).unwrap();
    let mut workers = [start(&bench), start(&bench)];
    let mut killed_at = HashMap::new();
    for kill in 0..kills {
        std::thread::sleep(Duration::from_millis(60 + 37 * (kill % 5)));
        let killed = &mut workers[kill as usize % 2];
        killed.kill().unwrap();
        killed.wait().unwrap();
        killed_at.insert(killed.id(), now_ms());
        *killed = start(&bench);
    }
    let counts = within(Duration::from_secs(number("PATIENCE_S", 60)), "all runs end", || {
        let counts = bench.tasks.counts().unwrap();
        (counts[0].runs[3..].iter().sum::<u64>() == runs as u64).then_some(counts)
    });
    assert_eq!(counts[0].runs, [0, 0, 0, runs as u64, 0, 0]);
    let all = bench.tasks.runs(&RunFilter::default(), 2 * runs as u32).unwrap();
    assert_eq!(all.len(), runs);
    // What is written down is the last attempt's, which is the only one that ended: tokens count the attempts.
    for run in &all {
        assert_eq!(run.state, TaskRunState::Succeeded);
        assert_eq!(run.output.as_deref(), Some(run.attempts.to_string().as_str()), "{run:?}");
    }
    let begun_again = all.iter().filter(|run| run.attempts > 1).count();
    assert!(begun_again > 0, "no kill has hit a run");
    tell(begun_again, &mut waits(bench.folder.path(), &killed_at));
    for mut worker in workers {
        worker.kill().unwrap();
        worker.wait().unwrap();
    }
}

/// How many milliseconds passed between a kill and the next beginning of each run that had begun in its process. Of a run that was given to
/// others meanwhile, who were killed before they began it, each kill's share: tokens count how often it was given.
fn waits(folder: &Path, killed_at: &HashMap<u32, u128>) -> Vec<u128> {
    let mut begun: HashMap<i64, Vec<(i64, u128, u32)>> = HashMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let Some(process) = name.strip_prefix(&format!("{BEGUN}-")) else { continue };
        for line in fs::read_to_string(entry.path()).unwrap().lines() {
            let [id, token, at] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line:?}") };
            let told = (token.parse().unwrap(), at.parse().unwrap(), process.parse().unwrap());
            begun.entry(id.parse().unwrap()).or_default().push(told);
        }
    }
    let pairs = begun.values_mut().flat_map(|attempts| {
        attempts.sort_unstable();
        attempts.windows(2).map(|pair| (pair[0].2, pair[1].1, pair[1].0 - pair[0].0)).collect::<Vec<_>>()
    });
    // One whose process was not killed gave its runs back.
    let wait = |again_at: u128, killed_at: &u128, kills: i64| {
        again_at.saturating_sub(*killed_at) / u128::from(kills.unsigned_abs().max(1))
    };
    pairs.filter_map(|(process, again_at, kills)| Some(wait(again_at, killed_at.get(&process)?, kills))).collect()
}

/// For people who asked for more than the usual: figures.
fn tell(begun_again: usize, waits: &mut [u128]) {
    waits.sort_unstable();
    let at = |share: usize| waits.get((waits.len() * share / 100).min(waits.len().saturating_sub(1))).unwrap_or(&0);
    let mut out = std::io::stdout();
    let (count, half, most, last) = (waits.len(), at(50), at(99), at(100));
    writeln!(out, "{begun_again} runs were begun again; {count} had been at work, and waited for each kill {half} ms (p50), {most} ms (p99), {last} ms (longest)").unwrap();
}

//! Processes that are killed at random: nothing is lost, nothing is done twice as far as the database can tell.
//!
//! The processes are this test's own binary, begun again with [`FOLDER`] in its environment.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use plugpoint_store::{NewRun, RunFilter, TaskRunState};
use plugpoint_tasks::{Registry, RunContext, Runtime, RuntimeOptions, Task};

use crate::support::{Bench, eventually, open};

const FOLDER: &str = "PLUGPOINT_TEST_TASKS_FOLDER";
const PREFIX: &str = "PLUGPOINT_TEST_TASKS_PREFIX";
const RUNS: usize = 3000;
const KILLS: u32 = 12;

fn worker(folder: &Path, prefix: &str) {
    let work = Task::new("work", "Something that takes a moment.", |run: &RunContext| {
        std::thread::sleep(Duration::from_micros(500));
        run.check()?;
        Ok(Some(serde_json::json!(run.token())))
    });
    let mut registry = Registry::default();
    registry.add(Task { running_max: 1000, ..work }).unwrap();
    let options = RuntimeOptions { threads: 4, lease: Duration::from_millis(500), ..RuntimeOptions::default() };
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
    bench.tasks.enqueue_all(&vec![run; RUNS]).unwrap();
    let mut workers = [start(&bench), start(&bench)];
    for kill in 0..KILLS {
        std::thread::sleep(Duration::from_millis(60 + 37 * u64::from(kill % 5)));
        let killed = &mut workers[kill as usize % 2];
        killed.kill().unwrap();
        killed.wait().unwrap();
        *killed = start(&bench);
    }
    let counts = eventually("all runs end", || {
        let counts = bench.tasks.counts().unwrap();
        (counts[0].runs[3..].iter().sum::<u64>() == RUNS as u64).then_some(counts)
    });
    assert_eq!(counts[0].runs, [0, 0, 0, RUNS as u64, 0, 0]);
    let all = bench.tasks.runs(&RunFilter::default(), 2 * RUNS as u32).unwrap();
    assert_eq!(all.len(), RUNS);
    // What is written down is the last attempt's, which is the only one that ended: tokens count the attempts.
    for run in &all {
        assert_eq!(run.state, TaskRunState::Succeeded);
        assert_eq!(run.output.as_deref(), Some(run.attempts.to_string().as_str()), "{run:?}");
    }
    let begun_again = all.iter().filter(|run| run.attempts > 1).count();
    assert!(begun_again > 0, "no kill has hit a run");
    for mut worker in workers {
        worker.kill().unwrap();
        worker.wait().unwrap();
    }
}

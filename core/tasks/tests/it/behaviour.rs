//! What a runtime does with runs: does them, tries again, ends them, gives them back.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use plugpoint_store::{NewRun, TaskRunState, TurnOptions};
use plugpoint_tasks::{Backoff, RunContext, Runtime, RuntimeOptions, Task, TaskError};

use crate::support::{Bench, NO_WAIT, eventually};

const PROMPT: Backoff = Backoff { first: Duration::from_millis(2), longest: Duration::from_millis(10) };
const LONG: Duration = Duration::from_secs(30);

fn task(name: &str, handler: impl plugpoint_tasks::Handler + 'static) -> Task {
    Task { backoff: PROMPT, ..Task::new(name, "A task of a test.", handler) }
}

/// Has a runtime do a run of a task.
fn want(runtime: &Runtime, name: &str, input: &str) -> i64 {
    let attempts_max = runtime.registry().get(name).unwrap().attempts_max;
    let (tenant, unique_key, priority, delay_ms) = (None, None, 100, 0);
    let run = NewRun { task: name, tenant, unique_key, input, priority, delay_ms, attempts_max, by: "me" };
    runtime.enqueue(&[run]).unwrap()[0].id()
}

#[test]
fn a_wanted_run_is_done_and_what_it_gives_back_is_kept() {
    let bench = Bench::new();
    let echo = task("echo", |run: &RunContext| Ok(Some(serde_json::json!({ "got": run.input() }))));
    let runtime = bench.start(vec![echo]);
    let wanted = want(&runtime, "echo", "[1]");
    let run = bench.until(wanted, TaskRunState::Succeeded);
    assert_eq!((run.output.as_deref(), run.by.as_str(), run.attempts), (Some(r#"{"got":"[1]"}"#), "me", 1));
    assert_eq!(bench.tasks.workers().unwrap()[0].id, runtime.worker());
    runtime.stop(LONG);
    assert!(bench.tasks.workers().unwrap().is_empty());
}

#[test]
fn what_another_process_wants_is_found_soon() {
    let bench = Bench::new();
    let runtime = bench.start(vec![task("nothing", |_: &RunContext| Ok(None))]);
    let other = crate::support::open(bench.folder.path(), &bench.prefix);
    let new = |input| NewRun {
        task: "nothing",
        tenant: None,
        unique_key: None,
        input,
        priority: 1,
        delay_ms: 0,
        attempts_max: 1,
        by: "other",
    };
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    let id = other.enqueue(&[new("1")]).unwrap()[0].id();
    bench.until(id, TaskRunState::Succeeded);
    // A generous bound on a loaded machine; what is promised is measured by a benchmark.
    assert!(begun.elapsed() < Duration::from_secs(5));
    let later = NewRun { delay_ms: 300, ..new("2") };
    let id = other.enqueue(&[later]).unwrap()[0].id();
    let run = bench.until(id, TaskRunState::Succeeded);
    assert!(run.started_at.unwrap() >= run.due_at);
    runtime.stop(LONG);
}

#[test]
fn a_handler_that_fails_or_panics_is_tried_again_and_its_last_words_are_kept() {
    let bench = Bench::new();
    let seen = Arc::new(AtomicU32::new(0));
    let counts = Arc::clone(&seen);
    let flaky = task("flaky", move |run: &RunContext| match (counts.fetch_add(1, Ordering::SeqCst), run.attempt()) {
        (0, 1) => Err(TaskError::Retry("not yet".to_owned())),
        (1, 2) => panic!("a handler that panics, as this test wants"),
        (2, 3) => Ok(None),
        other => Err(TaskError::Hopeless(format!("{other:?}"))),
    });
    let hopeless = task("hopeless", |_: &RunContext| Err(TaskError::Hopeless("no such address".to_owned())));
    let never = Task { attempts_max: 3, ..task("never", |_: &RunContext| Err(TaskError::Retry("no".to_owned()))) };
    let runtime = bench.start(vec![flaky, hopeless, never]);
    let want = |name: &str| want(&runtime, name, "{}");
    let [flaky, hopeless, never] = ["flaky", "hopeless", "never"].map(want);
    let done = bench.until(flaky, TaskRunState::Succeeded);
    assert_eq!((done.attempts, done.error.as_deref()), (3, Some("its handler panicked")));
    let failed = bench.until(hopeless, TaskRunState::Failed);
    assert_eq!((failed.attempts, failed.error.as_deref()), (1, Some("no such address")));
    assert_eq!(bench.until(never, TaskRunState::Failed).attempts, 3);
    runtime.stop(LONG);
}

/// A handler that ends when it is told to, and says when it has begun.
fn obedient(begun: mpsc::Sender<i64>) -> impl plugpoint_tasks::Handler {
    let begun = std::sync::Mutex::new(begun);
    move |run: &RunContext| {
        begun.lock().unwrap().send(run.id()).unwrap();
        loop {
            run.check()?;
            run.tell(0.5, "half of it");
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

#[test]
fn a_run_that_is_cancelled_is_told_and_ends() {
    let bench = Bench::new();
    let (sender, begun) = mpsc::channel();
    let runtime = bench.start(vec![task("long", obedient(sender))]);
    let id = want(&runtime, "long", "{}");
    begun.recv().unwrap();
    eventually("it tells how far it is", || bench.run(id).note.filter(|note| note == "half of it"));
    assert!(bench.tasks.cancel_run(id).unwrap());
    let run = bench.until(id, TaskRunState::Cancelled);
    assert!((run.progress - 0.5).abs() < 1e-9 && run.is_cancelled);
    runtime.stop(LONG);
}

#[test]
fn a_run_that_takes_too_long_is_told_and_one_that_does_not_hear_is_left_behind() {
    let bench = Bench::new();
    let (sender, _begun) = mpsc::channel();
    let timeout = Duration::from_millis(100);
    let slow = Task { timeout, attempts_max: 2, ..task("slow", obedient(sender)) };
    let is_free = Arc::new(AtomicBool::new(false));
    let freed = Arc::clone(&is_free);
    let deaf = task("deaf", move |_: &RunContext| {
        while !freed.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(Some(serde_json::json!("far too late")))
    });
    let deaf = Task { timeout, attempts_max: 1, ..deaf };
    let quick = task("quick", |_: &RunContext| Ok(None));
    let runtime = bench.start_with(vec![slow, deaf, quick], RuntimeOptions { threads: 1, ..RuntimeOptions::default() });
    let want = |name: &str| want(&runtime, name, "{}");
    let [deaf, slow] = ["deaf", "slow"].map(want);
    for id in [deaf, slow] {
        let run = bench.until(id, TaskRunState::Failed);
        assert!(run.error.as_deref().unwrap().contains("longer than the 0.1 s"), "{run:?}");
    }
    // The one thread was left behind, and another does what comes.
    bench.until(want("quick"), TaskRunState::Succeeded);
    is_free.store(true, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(50));
    let run = bench.run(deaf);
    assert_eq!((run.state, run.output), (TaskRunState::Failed, None));
    runtime.stop(LONG);
}

#[test]
fn a_runtime_that_stops_waits_for_what_runs_and_gives_the_rest_back() {
    let bench = Bench::new();
    let (sender, begun) = mpsc::channel();
    let half = task("half", |_: &RunContext| {
        std::thread::sleep(Duration::from_millis(200));
        Ok(None)
    });
    let long = task("long", obedient(sender));
    let runtime = bench.start_with(vec![half, long], RuntimeOptions { threads: 2, ..RuntimeOptions::default() });
    let want = |name: &str| want(&runtime, name, "{}");
    let long = want("long");
    begun.recv().unwrap();
    let halves: Vec<_> = (0..5).map(|_| want("half")).collect();
    bench.until(halves[0], TaskRunState::Running);
    runtime.stop(Duration::from_millis(500));
    let given_back = bench.run(long);
    assert_eq!((given_back.state, given_back.attempts, given_back.worker), (TaskRunState::Queued, 0, None));
    let states: Vec<_> = halves.iter().map(|id| bench.run(*id).state).collect();
    assert_eq!(states[0], TaskRunState::Succeeded);
    assert!(states.iter().all(|state| matches!(state, TaskRunState::Succeeded | TaskRunState::Queued)), "{states:?}");
}

#[test]
fn a_process_that_was_held_up_is_told_so_and_others_have_its_runs() {
    let bench = Bench::new();
    let (sender, begun) = mpsc::channel();
    let options = RuntimeOptions { lease: Duration::from_millis(200), ..RuntimeOptions::default() };
    let runtime = bench.start_with(vec![task("long", obedient(sender))], options);
    let id = want(&runtime, "long", "{}");
    begun.recv().unwrap();
    // As if it had not been heard of: it is struck off.
    assert_eq!(bench.tasks.leave(runtime.worker()).unwrap(), 1);
    let run = eventually("it has it again", || Some(bench.run(id)).filter(|run| run.attempts == 2));
    assert_eq!(run.worker.as_deref(), Some(runtime.worker()));
    begun.recv().unwrap();
    bench.tasks.cancel_run(id).unwrap();
    bench.until(id, TaskRunState::Cancelled);
    runtime.stop(NO_WAIT);
}

#[test]
fn a_run_that_a_process_got_and_knows_nothing_of_is_given_back() {
    let bench = Bench::new();
    let options = RuntimeOptions { lease: Duration::from_millis(200), ..RuntimeOptions::default() };
    let runtime = bench.start_with(vec![task("nothing", |_: &RunContext| Ok(None))], options);
    // As if the answer of the commit that gave it had been lost. It has no handler for this one, so it takes none by itself.
    let stray = NewRun {
        task: "stray",
        tenant: None,
        unique_key: None,
        input: "{}",
        priority: 1,
        delay_ms: 0,
        attempts_max: 1,
        by: "test",
    };
    let id = bench.tasks.enqueue(&[stray]).unwrap()[0].id();
    let limits = [("stray".to_owned(), 9)].into();
    let options = TurnOptions { worker: runtime.worker(), tasks: &limits, taken_max: 1, tenant_running_max: 9 };
    assert_eq!(bench.tasks.turn(&[], &options, &mut Default::default()).unwrap().taken[0].id, id);
    let given_back = bench.until(id, TaskRunState::Queued);
    assert_eq!((given_back.attempts, given_back.worker), (0, None));
    runtime.stop(NO_WAIT);
}

#[test]
fn without_threads_a_process_does_nothing_and_says_nothing_false() {
    let bench = Bench::new();
    let runtime = bench.start_with(
        vec![task("nothing", |_: &RunContext| Ok(None))],
        RuntimeOptions { threads: 0, ..RuntimeOptions::default() },
    );
    let id = want(&runtime, "nothing", "{}");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(bench.run(id).state, TaskRunState::Queued);
    runtime.stop(NO_WAIT);
}

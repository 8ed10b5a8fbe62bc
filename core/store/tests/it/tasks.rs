//! Runs of tasks: taken in, given out, ended, rescued.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{
    DaemonTold, Ended, Enqueued, Move, NewRun, Pausable, RunFilter, Settled, StoreErrorKind, TakenRun, TaskRunState,
    Tasks, Turn, TurnOptions,
};

use crate::support::{TestStore, tenant};

struct Bench {
    _store: TestStore,
    tasks: Arc<Tasks>,
    limits: HashMap<String, u32>,
    after: (String, String),
}

const MINUTE_MS: u64 = 60_000;

impl Bench {
    fn new() -> Self {
        let store = TestStore::new();
        let tasks = store.store.tasks().unwrap();
        let limits = ["mail", "sweep"].map(|task| (task.to_owned(), 5000)).into();
        Self { _store: store, tasks, limits, after: Default::default() }
    }

    /// Takes at most so many for a worker.
    fn turn(&mut self, worker: &str, settled: &[Settled], taken_max: usize) -> Turn {
        let options = TurnOptions { worker, tasks: &self.limits, taken_max, tenant_running_max: 1000 };
        self.tasks.turn(settled, &options, &mut self.after).unwrap()
    }

    fn take(&mut self, worker: &str, taken_max: usize) -> Vec<TakenRun> {
        self.turn(worker, &[], taken_max).taken
    }

    fn state(&self, id: i64) -> TaskRunState {
        self.tasks.run(id).unwrap().unwrap().state
    }
}

fn run<'a>(task: &'a str, input: &'a str) -> NewRun<'a> {
    NewRun { task, tenant: None, unique_key: None, input, priority: 100, delay_ms: 0, attempts_max: 3, by: "test" }
}

fn end(run: &TakenRun, ended: Ended) -> Settled {
    Settled { id: run.id, token: run.token, ended, note: None }
}

fn done() -> Ended {
    Ended::Succeeded { output: None }
}

fn failed(retry_after_ms: Option<u64>) -> Ended {
    Ended::Failed { error: "no luck".to_owned(), retry_after_ms }
}

fn inputs(taken: &[TakenRun]) -> String {
    taken.iter().map(|run| run.input.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_run_is_given_to_one_worker_and_ends_once() {
    let mut bench = Bench::new();
    let ids = bench.tasks.enqueue(&[run("mail", "1"), run("mail", "2"), run("sweep", "3")]).unwrap();
    let [first, second] = [bench.take("a", 2), bench.take("b", 2)];
    assert_eq!((first.len(), second.len()), (2, 1));
    assert!(bench.take("c", 2).is_empty());
    let all: Vec<_> = first.iter().chain(&second).cloned().collect();
    assert!(all.iter().all(|run| run.attempt == 1 && run.tenant.is_none()));
    assert_eq!(bench.tasks.run(all[0].id).unwrap().unwrap().worker.as_deref(), Some("a"));
    let told = Ended::Succeeded { output: Some("{\"n\":1}".to_owned()) };
    let settled = [end(&all[0], done()), end(&all[1], told), end(&all[2], failed(None))];
    assert!(bench.turn("a", &settled, 5).lost.is_empty());
    let runs: Vec<_> = all.iter().map(|run| bench.tasks.run(run.id).unwrap().unwrap()).collect();
    assert_eq!(runs.iter().map(|run| run.state.name()).collect::<Vec<_>>(), ["succeeded", "succeeded", "failed"]);
    assert_eq!((runs[1].output.as_deref(), runs[2].error.as_deref()), (Some("{\"n\":1}"), Some("no luck")));
    assert!(runs.iter().all(|run| run.worker.is_none() && run.ended_at >= run.started_at && run.started_at.is_some()));
    // Nothing is written about what has ended.
    let again: Vec<_> = all.iter().map(|run| end(run, failed(Some(0)))).collect();
    assert_eq!(bench.turn("a", &again, 0).lost.len(), 3);
    assert_eq!(bench.state(ids[0].id()), TaskRunState::Succeeded);
}

#[test]
fn what_fails_is_tried_again_when_it_is_due_until_its_attempts_are_used() {
    let mut bench = Bench::new();
    let id = bench.tasks.enqueue(&[run("mail", "1")]).unwrap()[0].id();
    for attempt in 1..=3 {
        let taken = bench.take("a", 1);
        assert_eq!((taken[0].attempt, taken[0].id), (attempt, id));
        let turn = bench.turn("a", &[end(&taken[0], failed(Some(1)))], 0);
        let expected = if attempt < 3 { TaskRunState::Waiting } else { TaskRunState::Failed };
        // It may be due by the time that it is looked at.
        assert!(bench.state(id) == expected || attempt < 3, "{:?} {turn:?}", bench.state(id));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(bench.take("a", 1).is_empty());
    // Begun again by hand it has as many attempts as at first, once.
    assert!(bench.tasks.restart_run(id).unwrap());
    assert!(!bench.tasks.restart_run(id).unwrap());
    assert_eq!(bench.take("a", 1)[0].attempt, 1);
    assert_eq!(bench.tasks.restart_run(id + 1).unwrap_err().kind(), StoreErrorKind::NotFound);
}

#[test]
fn what_is_due_later_waits_and_the_worker_knows_how_long() {
    let mut bench = Bench::new();
    let later = NewRun { delay_ms: 10 * MINUTE_MS, ..run("mail", "later") };
    bench.tasks.enqueue(&[later, run("mail", "now")]).unwrap();
    let turn = bench.turn("a", &[], 5);
    assert_eq!(inputs(&turn.taken), "now");
    assert!(turn.next_due_ms.is_some_and(|due| due > 8 * MINUTE_MS && due <= 10 * MINUTE_MS), "{turn:?}");
    if std::env::var_os("PLUGPOINT_TEST_POSTGRES").is_some() {
        return; // its clock cannot be moved
    }
    bench._store.clock.fetch_add(600, Ordering::SeqCst);
    assert_eq!(inputs(&bench.take("a", 5)), "later");
}

#[test]
fn of_runs_with_one_key_one_is_there_until_it_has_ended() {
    let mut bench = Bench::new();
    let (acme, other) = (tenant("acme"), tenant("other"));
    let keyed = |tenant, task| NewRun { unique_key: Some("k"), tenant: Some(tenant), ..run(task, "1") };
    let first = bench.tasks.enqueue(&[keyed(&acme, "mail")]).unwrap()[0];
    let again = bench.tasks.enqueue(&[keyed(&acme, "mail"), keyed(&other, "mail"), keyed(&acme, "sweep")]).unwrap();
    assert_eq!(again[0], Enqueued::Joined(first.id()));
    assert!(again[1..].iter().all(|one| matches!(one, Enqueued::New(_))), "{again:?}");
    let taken = bench.take("a", 9);
    assert_eq!(bench.tasks.enqueue(&[keyed(&acme, "mail")]).unwrap()[0], Enqueued::Joined(first.id()), "it runs");
    bench.turn("a", &[end(taken.iter().find(|run| run.id == first.id()).unwrap(), done())], 0);
    let next = bench.tasks.enqueue(&[keyed(&acme, "mail")]).unwrap()[0];
    assert!(matches!(next, Enqueued::New(_)));
    assert!(!bench.tasks.restart_run(first.id()).unwrap(), "another with its key has not ended");
}

#[test]
fn smaller_priorities_go_first_and_no_tenant_keeps_others_from_their_turn() {
    let mut bench = Bench::new();
    let names: Vec<_> = ["acme", "beta", "gamma"].map(tenant).into();
    let flood: Vec<_> = (0..500).map(|_| NewRun { tenant: Some(&names[0]), ..run("mail", "flood") }).collect();
    bench.tasks.enqueue_all(&flood).unwrap();
    for name in &names[1..] {
        let few = NewRun { tenant: Some(name), ..run("mail", "few") };
        bench.tasks.enqueue(&[few.clone(), few.clone(), NewRun { priority: 200, ..few }]).unwrap();
    }
    bench.tasks.enqueue(&[NewRun { priority: 1, tenant: Some(&names[0]), ..run("sweep", "urgent") }]).unwrap();
    let taken = bench.take("a", 10);
    let of = |taken: &[TakenRun], input: &str| taken.iter().filter(|run| run.input == input).count();
    assert_eq!((of(&taken, "urgent"), of(&taken, "few"), of(&taken, "flood")), (1, 4, 5));
    assert_eq!(taken[0].input, "urgent");
    // Those of the third class come when the flood is over, or when nobody else is there.
    assert_eq!(of(&bench.take("a", 495), "flood"), 495);
    assert_eq!(of(&bench.take("a", 10), "few"), 2);
    assert!(bench.take("a", 10).is_empty());
}

#[test]
fn limits_hold_for_all_workers_together() {
    let mut bench = Bench::new();
    let names: Vec<_> = ["acme", "beta"].map(tenant).into();
    for name in &names {
        let many: Vec<_> = (0..20).map(|_| NewRun { tenant: Some(name), ..run("mail", "1") }).collect();
        bench.tasks.enqueue_all(&many).unwrap();
    }
    let take = |bench: &mut Bench, worker: &str, of_task: u32, of_tenant: u32| {
        let limits = [("mail".to_owned(), of_task)].into();
        let options = TurnOptions { worker, tasks: &limits, taken_max: 50, tenant_running_max: of_tenant };
        bench.tasks.turn(&[], &options, &mut bench.after).unwrap().taken
    };
    let first = take(&mut bench, "a", 100, 3);
    assert_eq!(first.len(), 6, "three of each");
    assert!(take(&mut bench, "b", 100, 3).is_empty());
    assert_eq!(take(&mut bench, "b", 10, 100).len(), 4);
    bench.turn("a", &[end(&first[0], done())], 0);
    assert_eq!(take(&mut bench, "b", 10, 100).len(), 1);
    // A task that nobody here has a handler for waits.
    bench.tasks.enqueue(&[run("unknown", "1")]).unwrap();
    assert!(bench.take("a", 100).iter().all(|run| run.task == "mail"));
}

#[test]
fn more_lanes_than_one_turn_looks_at_all_have_their_turn() {
    let mut bench = Bench::new();
    let names: Vec<_> = (0..700).map(|number| tenant(&format!("t-{number:04}"))).collect();
    let runs: Vec<_> =
        names.iter().flat_map(|name| [0, 1].map(|_| NewRun { tenant: Some(name), ..run("mail", "1") })).collect();
    bench.tasks.enqueue_all(&runs).unwrap();
    let mut seen = HashMap::<String, usize>::new();
    for _ in 0..7 {
        for run in bench.take("a", 100) {
            *seen.entry(run.tenant.unwrap().to_string()).or_default() += 1;
        }
    }
    assert!(seen.len() > 500 && seen.values().all(|count| *count <= 2), "{}", seen.len());
    while !bench.take("a", 100).is_empty() {}
    assert_eq!(bench.tasks.counts().unwrap()[0].runs, [0, 0, 1400, 0, 0, 0]);
}

#[test]
fn a_worker_that_is_not_heard_of_loses_its_runs_and_can_write_nothing_about_them() {
    let mut bench = Bench::new();
    let ids: Vec<_> =
        bench.tasks.enqueue(&[run("mail", "1"), run("mail", "2")]).unwrap().iter().map(|one| one.id()).collect();
    assert!(!bench.tasks.beat("zombie", "there", 1).unwrap());
    bench.tasks.beat("alive", "here", 10 * MINUTE_MS).unwrap();
    let [zombies, others] = [bench.take("zombie", 1), bench.take("alive", 1)];
    std::thread::sleep(std::time::Duration::from_millis(20));
    assert_eq!(bench.tasks.rescue().unwrap(), 1);
    assert_eq!(bench.tasks.rescue().unwrap(), 0);
    assert_eq!(bench.tasks.workers().unwrap().iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["alive"]);
    // Between the rescue and the next worker, and after it.
    assert_eq!(bench.turn("zombie", &[end(&zombies[0], done())], 0).lost, [ids[0]]);
    let again = bench.take("alive", 5);
    assert_eq!((again[0].id, again[0].attempt), (ids[0], 2));
    assert!(again[0].token > zombies[0].token);
    for ended in
        [done(), failed(None), Ended::Cancelled, Ended::GivenBack, Ended::Succeeded { output: Some("1".into()) }]
    {
        assert_eq!(bench.turn("zombie", &[end(&zombies[0], ended)], 0).lost, [ids[0]]);
    }
    let wanted = bench.tasks.progress("zombie", &[(ids[0], zombies[0].token, 0.5, "half".to_owned())]).unwrap();
    assert!(wanted.held.is_empty());
    assert_eq!(bench.tasks.run(ids[0]).unwrap().unwrap().note, None);
    assert!(!bench.tasks.beat("zombie", "there", 1).unwrap(), "it is told that it was struck off");
    assert!(bench.turn("alive", &[end(&again[0], done()), end(&others[0], done())], 0).lost.is_empty());
    assert_eq!(bench.tasks.counts().unwrap()[0].runs, [0, 0, 0, 2, 0, 0]);
}

#[test]
fn a_run_whose_workers_end_each_time_is_not_begun_for_ever() {
    let mut bench = Bench::new();
    let id = bench.tasks.enqueue(&[run("mail", "1")]).unwrap()[0].id();
    for attempt in 1..=3 {
        bench.tasks.beat("w", "there", MINUTE_MS).unwrap();
        assert_eq!(bench.take("w", 1)[0].attempt, attempt);
        assert_eq!(bench.tasks.leave("w").unwrap(), 1);
    }
    let run = bench.tasks.run(id).unwrap().unwrap();
    assert_eq!((run.state, run.error.as_deref()), (TaskRunState::Failed, Some("its worker ended before it did")));
    // One that is given back has not been begun.
    bench.tasks.restart_run(id).unwrap();
    for _ in 0..5 {
        let taken = bench.take("w", 1);
        assert_eq!(taken[0].attempt, 1);
        bench.turn("w", &[end(&taken[0], Ended::GivenBack)], 0);
    }
}

#[test]
fn a_run_is_cancelled_at_once_or_by_who_has_it() {
    let mut bench = Bench::new();
    let ids: Vec<_> = bench
        .tasks
        .enqueue(&[
            run("mail", "1"),
            run("mail", "2"),
            NewRun { delay_ms: MINUTE_MS, ..run("mail", "3") },
            run("sweep", "4"),
        ])
        .unwrap()
        .iter()
        .map(|one| one.id())
        .collect();
    let taken = bench.take("a", 1);
    assert_eq!(taken[0].id, ids[0]);
    for &id in &ids {
        assert!(bench.tasks.cancel_run(id).unwrap());
    }
    assert_eq!([1, 2, 3].map(|at| bench.state(ids[at])), [TaskRunState::Cancelled; 3]);
    assert!(!bench.tasks.cancel_run(ids[1]).unwrap());
    assert_eq!(bench.tasks.cancel_run(ids[3] + 1).unwrap_err().kind(), StoreErrorKind::NotFound);
    assert_eq!(bench.state(ids[0]), TaskRunState::Running);
    let wanted = bench.tasks.progress("a", &[(ids[0], taken[0].token, 0.25, "a quarter".to_owned())]).unwrap();
    assert!(wanted.cancelled.contains(&(ids[0], taken[0].token)) && wanted.held.len() == 1);
    let shown = bench.tasks.run(ids[0]).unwrap().unwrap();
    assert_eq!((shown.progress, shown.note.as_deref()), (0.25, Some("a quarter")));
    // A failure after that is its end, too: nobody tries again what nobody wants.
    bench.turn("a", &[end(&taken[0], failed(Some(1)))], 0);
    assert_eq!(bench.state(ids[0]), TaskRunState::Cancelled);
    assert!(bench.take("a", 9).is_empty());
}

#[test]
fn a_disabled_task_begins_nothing_and_takes_in_what_comes() {
    let mut bench = Bench::new();
    bench.tasks.enqueue(&[run("mail", "1"), run("sweep", "2")]).unwrap();
    let until = Timestamp(bench.tasks.time().unwrap().0 + Duration::from_secs(600));
    assert_eq!(bench.tasks.pause(Pausable::Task, "mail", Some(until)).unwrap(), None);
    bench.tasks.enqueue(&[run("mail", "3")]).unwrap();
    assert_eq!(inputs(&bench.take("a", 9)), "2");
    let counts = bench.tasks.counts().unwrap();
    assert_eq!((counts[0].task.as_str(), counts[0].runs[1], counts[0].disabled_until.is_some()), ("mail", 2, true));
    assert!(counts[1].disabled_until.is_none());
    assert_eq!(bench.tasks.pause(Pausable::Task, "mail", None).unwrap(), Some(until));
    assert_eq!(inputs(&bench.take("a", 9)), "1 3");
}

#[test]
fn runs_are_listed_by_what_is_asked_and_forgotten_when_they_are_old() {
    let mut bench = Bench::new();
    let acme = tenant("acme");
    let runs: Vec<_> =
        (0..30).map(|number| NewRun { tenant: (number % 2 == 0).then_some(&acme), ..run("mail", "1") }).collect();
    let ids: Vec<_> = bench.tasks.enqueue(&runs).unwrap().iter().map(|one| one.id()).collect();
    let taken = bench.take("a", 20);
    let settled: Vec<_> = taken.iter().map(|run| end(run, done())).collect();
    bench.turn("a", &settled, 0);
    let list = |filter: RunFilter<'_>| bench.tasks.runs(&filter, 100).unwrap();
    let all = list(RunFilter::default());
    assert_eq!(all.iter().map(|run| run.id).rev().collect::<Vec<_>>(), ids);
    assert_eq!(list(RunFilter { state: Some(TaskRunState::Succeeded), ..RunFilter::default() }).len(), 20);
    assert_eq!(list(RunFilter { tenant: Some(&acme), ..RunFilter::default() }).len(), 15);
    assert_eq!(list(RunFilter { task: Some("sweep"), ..RunFilter::default() }).len(), 0);
    assert_eq!(list(RunFilter { before: Some(ids[3]), ..RunFilter::default() }).len(), 3);
    assert_eq!(bench.tasks.runs(&RunFilter::default(), 7).unwrap().len(), 7);
    // What has not ended stays, whatever is asked for.
    assert_eq!(bench.tasks.forget_runs(10 * MINUTE_MS, 15, u64::MAX, 100).unwrap(), 5);
    assert_eq!(bench.tasks.forget_runs(10 * MINUTE_MS, 15, u64::MAX, 100).unwrap(), 0);
    assert_eq!(bench.tasks.forget_runs(10 * MINUTE_MS, 0, u64::MAX, 4).unwrap(), 4);
    // A byte too many is the oldest's.
    let bytes: usize = list(RunFilter { state: Some(TaskRunState::Succeeded), ..RunFilter::default() })
        .iter()
        .map(|run| run.input.len())
        .sum();
    assert_eq!(bench.tasks.forget_runs(10 * MINUTE_MS, 100, bytes as u64, 100).unwrap(), 0);
    assert_eq!(bench.tasks.forget_runs(10 * MINUTE_MS, 100, bytes as u64 - 1, 100).unwrap(), 1);
    let left = [(0, 100), (0, 0)].map(|(age, kept)| bench.tasks.forget_runs(age, kept, u64::MAX, 100).unwrap());
    assert_eq!(left.iter().sum::<u64>(), 10);
    assert_eq!(bench.tasks.runs(&RunFilter::default(), 100).unwrap().len(), 10);
    // Ids are never used again.
    assert!(bench.tasks.enqueue(&[run("mail", "1")]).unwrap()[0].id() > *ids.last().unwrap());
}

#[test]
fn a_firing_of_a_schedule_is_one_process_s_alone() {
    let bench = Bench::new();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let to = Move {
        name: "nightly",
        tenant: None,
        timing: "0 5 * * *",
        known: None,
        next: at("2030-01-02T05:00:00Z"),
        run: Some(NewRun { unique_key: Some("{}"), ..run("sweep", "{}") }),
    };
    assert!(bench.tasks.move_schedule(&to).unwrap());
    assert!(!bench.tasks.move_schedule(&to).unwrap(), "another has set it");
    let (_, known) = bench.tasks.schedules().unwrap();
    assert_eq!((known.len(), known[0].name.as_str(), known[0].due_at), (1, "nightly", to.next));
    assert!(known[0].fired_at.is_some());
    let on = Move { known: Some(&known[0]), next: at("2030-01-03T05:00:00Z"), run: None, ..to.clone() };
    assert!(bench.tasks.move_schedule(&on).unwrap());
    assert!(!bench.tasks.move_schedule(&on).unwrap(), "it is not as it was known any more");
    let (_, known) = bench.tasks.schedules().unwrap();
    assert_eq!((known[0].due_at, bench.tasks.runs(&RunFilter::default(), 9).unwrap().len()), (on.next, 1));
    // Other words, the same time.
    let other = Move { timing: "@daily", known: Some(&known[0]), next: on.next, ..on.clone() };
    assert!(bench.tasks.move_schedule(&other).unwrap());
    assert!(!bench.tasks.move_schedule(&Move { timing: "@weekly", ..other.clone() }).unwrap());
}

#[test]
fn many_that_fire_at_once_fire_once() {
    let bench = Bench::new();
    let first = "2030-01-01T00:00:00Z".parse::<Timestamp>().unwrap();
    let fired: u32 = std::thread::scope(|scope| {
        let looks = || {
            (0..50).map(|_| {
                let (_, known) = bench.tasks.schedules().unwrap();
                let known = known.first();
                let due = known.map_or(first, |row| row.due_at);
                let next = Timestamp(due.0 + Duration::from_secs(1));
                let run = NewRun { unique_key: None, ..run("sweep", "{}") };
                let to = Move { name: "s", tenant: None, timing: "every 1s", known, next, run: Some(run) };
                u32::from(bench.tasks.move_schedule(&to).unwrap())
            })
        };
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(move || looks().sum::<u32>())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let (_, known) = bench.tasks.schedules().unwrap();
    assert_eq!(known[0].due_at, Timestamp(first.0 + Duration::from_secs(fired.into())));
    assert_eq!(bench.tasks.runs(&RunFilter::default(), 1000).unwrap().len(), fired as usize);
}

#[test]
fn daemons_are_told_with_their_process_and_go_with_it() {
    let bench = Bench::new();
    bench.tasks.beat("a", "here", MINUTE_MS).unwrap();
    let mut told = DaemonTold {
        name: "upkeep".to_owned(),
        state: "running",
        for_ms: 5000,
        silent_ms: 10,
        restarts: 0,
        error: None,
    };
    bench.tasks.tell_daemons("a", std::slice::from_ref(&told)).unwrap();
    (told.state, told.restarts, told.error) = ("failing", 3, Some("no luck".to_owned()));
    bench.tasks.tell_daemons("a", std::slice::from_ref(&told)).unwrap();
    let rows = bench.tasks.daemons().unwrap();
    assert_eq!(
        (rows.len(), rows[0].state.as_str(), rows[0].restarts, rows[0].address.as_str()),
        (1, "failing", 3, "here")
    );
    assert!(rows[0].since < rows[0].beat_at);
    bench.tasks.leave("a").unwrap();
    assert!(bench.tasks.daemons().unwrap().is_empty());
    let until = "2090-01-01".parse::<Timestamp>().unwrap();
    bench.tasks.pause(Pausable::Daemon, "upkeep", Some(until)).unwrap();
    assert_eq!(bench.tasks.paused(Pausable::Daemon).unwrap(), [("upkeep".to_owned(), until)]);
    assert!(bench.tasks.paused(Pausable::Task).unwrap().is_empty());
    let past = Timestamp(bench.tasks.time().unwrap().0 - Duration::from_secs(1));
    bench.tasks.pause(Pausable::Daemon, "upkeep", Some(past)).unwrap();
    assert!(bench.tasks.paused(Pausable::Daemon).unwrap().is_empty(), "that is over");
}

#[test]
fn marks_are_kept_and_a_tenant_is_forgotten() {
    let bench = Bench::new();
    bench.tasks.mark_deployment("1.0", "first", "me").unwrap();
    let second = bench.tasks.mark_deployment("1.1", "", "you").unwrap();
    let marks = bench.tasks.deployments(9).unwrap();
    assert_eq!((marks.len(), &marks[0]), (2, &second));
    let (acme, other) = (tenant("acme"), tenant("other"));
    let of = |tenant| NewRun { tenant: Some(tenant), ..run("mail", "{}") };
    bench.tasks.enqueue(&[of(&acme), of(&acme), of(&other)]).unwrap();
    assert_eq!(bench.tasks.forget_tenant(&acme).unwrap(), 2);
    assert_eq!(bench.tasks.runs(&RunFilter::default(), 9).unwrap().len(), 1);
}

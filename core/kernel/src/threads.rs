//! The threads on which one tenant's hooks run, so that a hook that never returns costs that tenant alone.
//!
//! A thread cannot be ended from outside. So a call that brings nothing for too long is first given the lowest priority, then
//! given up: its thread is left behind, its result is thrown away, and the tenant gets no further thread while too many of
//! its threads are left behind. Used by the import, by whatever else calls a customer's hook outside one, and by nobody for
//! the platform's own code.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use rustix::process::{Pid, setpriority_process};

/// The lowest priority that Linux knows below the idle class.
const NICE_MAX: i32 = 19;

/// A priority at which a thread gets about a tenth of a processor that another wants.
const NICE_LONG: i32 = 10;

const RUNNING: u8 = 0;
const GIVEN_UP: u8 = 1;
const ENDED: u8 = 2;

/// Gives the calling thread, and those that it starts, the lowest priority: for work that nobody waits for.
pub fn yield_to_others() {
    // Lowering one's own priority is always allowed; if not, the work is only less polite.
    let _ = setpriority_process(Some(rustix::thread::gettid()), NICE_MAX);
}

/// The same as [`Running::step_back`], for the thread that calls it. It cannot come forward again.
pub fn step_back() {
    let _ = setpriority_process(Some(rustix::thread::gettid()), NICE_LONG);
}

/// The hook threads of one tenant.
#[derive(Debug)]
pub struct HookThreads {
    left_behind: Arc<AtomicUsize>,
    left_behind_max: usize,
}

/// The sign of life of one call: moved by the thread, watched by who waits for it.
#[derive(Debug, Default)]
pub struct Beat {
    ticks: AtomicU64,
    hook: AtomicU32,
    thread: AtomicI32,
    state: AtomicU8,
}

/// A call on a thread of its own. Dropped before its result was taken, it is given up.
#[derive(Debug)]
pub struct Running<R> {
    beat: Arc<Beat>,
    result: Receiver<R>,
    left_behind: Arc<AtomicUsize>,
    seen: u64,
    since: Instant,
    is_slowed: bool,
}

impl Beat {
    /// Something was brought: a record, some bytes. Called by one thread only.
    pub fn tick(&self) {
        self.ticks.store(self.ticks.load(Relaxed).wrapping_add(1), Relaxed);
    }

    /// The hook that runs now, as a number of the caller's choice; it also counts as a tick.
    pub fn enter(&self, hook: u32) {
        self.hook.store(hook, Relaxed);
        self.tick();
    }

    /// What [`Beat::enter`] was last told; 0 before.
    #[must_use]
    pub fn hook(&self) -> u32 {
        self.hook.load(Relaxed)
    }
}

impl HookThreads {
    /// Threads for a tenant of which at most `left_behind_max` may be left behind.
    #[must_use]
    pub fn new(left_behind_max: usize) -> Self {
        Self { left_behind: Arc::default(), left_behind_max }
    }

    /// Threads that were given up and have not come back.
    #[must_use]
    pub fn left_behind(&self) -> usize {
        self.left_behind.load(SeqCst)
    }

    /// Runs `task` on a thread of its own.
    ///
    /// # Errors
    /// `hook_suspended` when too many threads of the tenant are left behind, `internal` when the system gives no more.
    pub fn start<R: Send + 'static>(
        &self,
        name: &str,
        task: impl FnOnce(&Beat) -> R + Send + 'static,
    ) -> Result<Running<R>, ApiError> {
        if self.left_behind() >= self.left_behind_max {
            let detail = format!(
                "{} calls of this tenant's hooks were given up and have never returned; no hook is called until one does",
                self.left_behind_max
            );
            return Err(ApiError::new(&codes::HOOK_SUSPENDED, detail));
        }
        let beat = Arc::new(Beat::default());
        let (sender, result) = sync_channel(1);
        let (thread_beat, left_behind) = (Arc::clone(&beat), Arc::clone(&self.left_behind));
        let thread = move || {
            thread_beat.thread.store(rustix::thread::gettid().as_raw_nonzero().get(), Relaxed);
            let end = End { beat: Arc::clone(&thread_beat), left_behind };
            let result = task(&thread_beat);
            drop(end); // before the result is out: who has it sees no thread left behind
            // Nobody takes the result of a call that was given up.
            let _ = sender.send(result);
        };
        let no_thread = |error| ApiError::new(&codes::INTERNAL, "the system gives no more threads").caused_by(error);
        Builder::new().name(name.to_owned()).spawn(thread).map_err(no_thread)?;
        let left_behind = Arc::clone(&self.left_behind);
        Ok(Running { beat, result, left_behind, seen: 0, since: Instant::now(), is_slowed: false })
    }

    /// Runs `task` and waits for it, at most `budget`.
    ///
    /// # Errors
    /// Those of [`HookThreads::start`]; `hook_timeout` when the call was given up.
    pub fn run<R: Send + 'static>(
        &self,
        name: &str,
        budget: Duration,
        task: impl FnOnce(&Beat) -> R + Send + 'static,
    ) -> Result<R, ApiError> {
        let running = self.start(name, task)?;
        match running.result.recv_timeout(budget) {
            Ok(result) => Ok(result),
            Err(RecvTimeoutError::Disconnected) => Err(ApiError::new(&codes::INTERNAL, "a hook's thread panicked")),
            Err(RecvTimeoutError::Timeout) => {
                running.slow_down();
                let detail = format!("{name} brought nothing for {budget:?} and was given up");
                Err(ApiError::new(&codes::HOOK_TIMEOUT, detail))
            }
        }
    }
}

/// Takes note that a thread has ended, however it does.
struct End {
    beat: Arc<Beat>,
    left_behind: Arc<AtomicUsize>,
}

impl Drop for End {
    fn drop(&mut self) {
        if self.beat.state.swap(ENDED, SeqCst) == GIVEN_UP {
            self.left_behind.fetch_sub(1, SeqCst);
        }
    }
}

impl<R> Running<R> {
    /// Where the thread says what it does.
    #[must_use]
    pub fn beat(&self) -> &Beat {
        &self.beat
    }

    /// How long the call has brought nothing, as far as this watcher has seen.
    pub fn idle(&mut self) -> Duration {
        let ticks = self.beat.ticks.load(Relaxed);
        if ticks != self.seen {
            self.brought();
        }
        self.since.elapsed()
    }

    /// The watcher itself got something from the thread.
    pub fn brought(&mut self) {
        self.seen = self.beat.ticks.load(Relaxed);
        self.since = Instant::now();
    }

    /// Gives the thread the lowest priority, so that it takes no processor from others. True the first time.
    pub fn slow_down_once(&mut self) -> bool {
        if self.is_slowed {
            return false;
        }
        self.is_slowed = true;
        self.slow_down();
        true
    }

    /// Lets shorter work go first: a tenth of a processor that another thread wants, all of one that nobody does.
    /// One that was slowed down stays so.
    pub fn step_back(&self) {
        if !self.is_slowed {
            self.set_priority(NICE_LONG);
        }
    }

    fn slow_down(&self) {
        self.set_priority(NICE_MAX);
    }

    fn set_priority(&self, nice: i32) {
        let Some(thread) = Pid::from_raw(self.beat.thread.load(Relaxed)) else { return };
        // On Linux a priority is a thread's. The thread may just have ended; then there is nothing to slow down.
        let _ = setpriority_process(Some(thread), nice);
    }

    /// Waits for the result, at most so long.
    ///
    /// # Errors
    /// `hook_timeout` if there is none by then, `internal` if the thread panicked.
    pub fn result(&self, at_most: Duration) -> Result<R, ApiError> {
        self.result.recv_timeout(at_most).map_err(|error| match error {
            RecvTimeoutError::Timeout => {
                ApiError::new(&codes::HOOK_TIMEOUT, "a hook did not return after its import had ended")
            }
            RecvTimeoutError::Disconnected => ApiError::new(&codes::INTERNAL, "a hook's thread panicked"),
        })
    }
}

impl<R> Drop for Running<R> {
    fn drop(&mut self) {
        if self.beat.state.compare_exchange(RUNNING, GIVEN_UP, SeqCst, SeqCst).is_ok() {
            self.left_behind.fetch_add(1, SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn a_call_in_time_gives_its_result() {
        let threads = HookThreads::new(1);
        assert_eq!(threads.run("test", Duration::from_secs(10), |_| 7).unwrap(), 7);
        assert_eq!(threads.left_behind(), 0);
    }

    #[test]
    fn a_call_that_never_returns_is_left_behind_and_bounds_the_tenant() {
        let threads = HookThreads::new(1);
        let (free, wait) = mpsc::channel::<()>();
        let stuck = move |_: &Beat| wait.recv().is_ok();
        let error = threads.run("the hook x", Duration::from_millis(20), stuck).unwrap_err();
        assert_eq!(error.code.name, "hook_timeout");
        assert_eq!(threads.left_behind(), 1);
        let error = threads.run("another", Duration::from_secs(10), |_| ()).unwrap_err();
        assert_eq!(error.code.name, "hook_suspended");
        drop(free);
        let deadline = Instant::now() + Duration::from_secs(10);
        while threads.left_behind() > 0 {
            assert!(Instant::now() < deadline, "the thread has come back");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(threads.run("another", Duration::from_secs(10), |_| ()).is_ok());
    }

    #[test]
    fn a_panic_outside_every_guard_is_an_error_and_leaves_nothing_behind() {
        let threads = HookThreads::new(1);
        let error = threads.run("test", Duration::from_secs(10), |_| panic!("ours")).unwrap_err();
        assert_eq!(error.code.name, "internal");
        let deadline = Instant::now() + Duration::from_secs(10);
        while threads.left_behind() > 0 {
            assert!(Instant::now() < deadline, "the thread has ended");
        }
    }

    #[test]
    fn ticks_keep_a_call_alive_and_a_slow_one_yields() {
        let threads = HookThreads::new(1);
        let (go, wait) = mpsc::channel::<()>();
        let mut running = threads
            .start("test", move |beat| {
                wait.recv().unwrap();
                beat.enter(3);
                wait.recv().unwrap();
                rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap()
            })
            .unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert!(running.idle() >= Duration::from_millis(500));
        go.send(()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while running.idle() >= Duration::from_millis(500) {
            assert!(Instant::now() < deadline);
        }
        assert_eq!(running.beat().hook(), 3);
        running.step_back();
        assert!(running.slow_down_once() && !running.slow_down_once());
        running.step_back();
        go.send(()).unwrap();
        assert_eq!(running.result(Duration::from_secs(10)).unwrap(), NICE_MAX);
    }
    #[test]
    fn who_steps_back_has_the_lower_priority_alone() {
        let priority = || rustix::process::getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = priority();
        let stepped = std::thread::spawn(move || {
            step_back();
            priority()
        });
        assert_eq!(stepped.join().unwrap(), NICE_LONG);
        assert_eq!(priority(), before);
    }
}

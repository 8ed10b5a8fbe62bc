//! What a hook may take of the memory in one go: counted by the allocator, stopped at the point's bound.
//!
//! The sdk brings the allocator of every program and library that links it: the system's, which both sides of the border have
//! to share, with a count for threads that run a hook. A library has its own copy of this, as of all of the sdk, so a hook is
//! counted wherever it was compiled. The guard ([`crate::guard`]) sets the bound; what the platform does in between
//! is not counted. A hook's thread that goes beyond does not get its memory and does not go on: an allocator must not unwind,
//! and to fail would end the process. The thread waits until its time budget has run out and it is left behind.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::Write;
use std::time::Duration;

/// The count of a thread that runs no hook.
const UNBOUNDED: i64 = i64::MAX;

thread_local! {
    /// Bytes that the hook on this thread may still take.
    static LEFT: Cell<i64> = const { Cell::new(UNBOUNDED) };
}

/// The system's allocator with the count.
#[derive(Debug)]
pub struct Counting;

// The sdk's own tests link the sdk twice, so there only the other copy allocates.
#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; every call is passed on to the system's as it came"
)]
// SAFETY: memory comes from `System` alone and goes back to it with the layout it came with; the count touches none of it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        take(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        give_back(layout.size());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        give_back(layout.size());
        take(size);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(memory, layout, size) }
    }
}

fn take(bytes: usize) {
    // A thread that ends has no count any more, and runs no hook.
    let _ = LEFT.try_with(|left| {
        if left.get() != UNBOUNDED {
            left.set(left.get().saturating_sub_unsigned(bytes as u64));
            // A panic's own report takes memory that is not the hook's: a backtrace reads the whole program's symbols.
            if left.get() < 0 && !std::thread::panicking() {
                wait_for_the_end(left);
            }
        }
    });
}

fn give_back(bytes: usize) {
    let _ = LEFT.try_with(|left| {
        if left.get() != UNBOUNDED {
            left.set(left.get().saturating_add_unsigned(bytes as u64).min(UNBOUNDED - 1));
        }
    });
}

/// Says why on the standard error, where the operator's journal has it, and never returns.
#[cold]
fn wait_for_the_end(left: &Cell<i64>) -> ! {
    left.set(UNBOUNDED);
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("without a name");
    let _ = writeln!(
        std::io::stderr(),
        "plugpoint: a hook on the thread {name} took more memory than its extension point allows and was stopped"
    );
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

/// Calls something that may take so many bytes more than before; what takes more does not return.
pub fn within<R>(bytes: u64, call: impl FnOnce() -> R) -> R {
    // One look for the thread's count: in a library each costs a call.
    LEFT.with(|left| {
        let _allowance = Allowance::set(left, limit(bytes));
        call()
    })
}

/// The platform's turn within a hook's call: what is taken meanwhile is not the hook's, nor is what it handed over, and behind
/// it the bound holds anew.
pub(crate) fn handed_over<R>(bytes: u64, platform: impl FnOnce() -> R) -> R {
    LEFT.with(|left| {
        let paused = Allowance::set(left, UNBOUNDED);
        let result = platform();
        drop(paused);
        if left.get() != UNBOUNDED {
            left.set(limit(bytes));
        }
        result
    })
}

fn limit(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(UNBOUNDED)
}

/// So much memory for the hook on this thread, until dropped; then it is as it was before.
#[derive(Debug)]
struct Allowance<'a> {
    left: &'a Cell<i64>,
    before: i64,
}

impl<'a> Allowance<'a> {
    fn set(left: &'a Cell<i64>, bytes: i64) -> Self {
        Self { left, before: left.replace(bytes) }
    }
}

impl Drop for Allowance<'_> {
    fn drop(&mut self) {
        self.left.set(self.before);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Takes and gives back by the count alone, on a thread of its own; whether it came to an end.
    fn comes_to_an_end(work: impl FnOnce() + Send + 'static) -> bool {
        let (done, wait) = mpsc::channel();
        std::thread::spawn(move || {
            work();
            let _ = done.send(());
        });
        wait.recv_timeout(Duration::from_millis(500)).is_ok()
    }

    #[test]
    fn the_bound_holds_from_both_sides() {
        assert!(comes_to_an_end(|| {
            within(1000, || {
                take(1000);
                give_back(1000);
                take(999);
            });
        }));
        assert!(!comes_to_an_end(|| {
            within(1000, || {
                take(1000);
                take(1);
            });
        }));
    }

    #[test]
    fn the_platforms_own_is_not_counted_and_an_inner_bound_is_its_own() {
        assert!(comes_to_an_end(|| {
            take(1 << 40);
            within(1000, || {
                take(900);
                handed_over(1000, || {
                    take(1 << 40);
                    within(10, || take(10));
                });
                take(1000);
            });
        }));
        assert!(!comes_to_an_end(|| {
            within(1000, || {
                handed_over(1000, || take(1 << 40));
                take(1001);
            });
        }));
        assert_eq!(LEFT.get(), UNBOUNDED);
    }
}

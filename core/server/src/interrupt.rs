//! Ctrl-C and SIGTERM for commands that have to end cleanly: the first asks, the second ends the process.
//!
//! Used by commands that work for a while. A server has its own way, because it is asynchronous throughout.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::Builder;

use tokio::signal::unix::{SignalKind, signal};

/// The exit code of a process that Ctrl-C has ended.
const INTERRUPTED: i32 = 130;

/// From now on a signal only raises the flag that this returns.
///
/// # Errors
/// The system gives no signal handlers or no thread.
pub(crate) fn flag() -> io::Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    let raised = Arc::clone(&flag);
    let watch = move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {},
                    _ = terminate.recv() => {},
                }
                if raised.swap(true, Relaxed) {
                    std::process::exit(INTERRUPTED);
                }
            }
        });
    };
    // It ends with the process.
    Builder::new().name("signals".to_owned()).spawn(watch)?;
    Ok(flag)
}

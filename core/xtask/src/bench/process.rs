//! A server process under measurement: started on a free port, read from /proc, ended by its own id.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Outcome;

const START_TIMEOUT: Duration = Duration::from_secs(30);
/// Linux counts processor time in this many ticks a second on every platform that Debian ships.
const TICKS_PER_SECOND: f64 = 100.0;

/// A started server. Dropping it ends it.
pub(crate) struct Process {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Starts the command and waits until it listens on `address`.
    pub(crate) fn start(mut command: Command, address: SocketAddr) -> Outcome<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        let mut process = Self { child, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Ok(Some(status)) = process.child.try_wait() {
                return Err(format!("{name} ended at once: {status}"));
            }
            if started.elapsed() > START_TIMEOUT {
                return Err(format!("{name} does not listen on {address} after {START_TIMEOUT:?}"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// The highest resident memory so far, in MB (10^6 bytes).
    pub(crate) fn peak_rss_mb(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib: f64 = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or_default();
        kib * 1024.0 / 1e6
    }

    /// Processor time of all its threads so far, in seconds.
    pub(crate) fn cpu_s(&self) -> f64 {
        cpu_s(self.child.id())
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Outcome {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        asked.map_err(|error| format!("kill: {error}"))?;
        self.child.wait().map(drop).map_err(|error| format!("wait: {error}"))
    }
}

/// Processor time of a process so far, in seconds; zero once it is gone.
fn cpu_s(id: u32) -> f64 {
    ticks(id, 2) / TICKS_PER_SECOND
}

/// The same with that of its children that have ended.
pub(crate) fn with_children_s(id: u32) -> f64 {
    ticks(id, 4) / TICKS_PER_SECOND
}

/// The sum of the first so many of: user, system, both of children (proc(5), `stat`, fields 14 to 17).
fn ticks(id: u32, fields: usize) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(fields).filter_map(|field| field.parse::<f64>().ok()).sum()
}

/// The processor time of a process that somebody else waits for: what it was when it was seen last.
pub(crate) struct Meter {
    id: u32,
    cpu_s: f64,
}

impl Meter {
    pub(crate) fn of(id: u32) -> Self {
        Self { id, cpu_s: 0.0 }
    }

    pub(crate) fn look(&mut self) {
        self.cpu_s = self.cpu_s.max(cpu_s(self.id));
    }

    pub(crate) fn cpu_s(&self) -> f64 {
        self.cpu_s
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A benchmark's data is thrown away; there is nothing to shut down in order.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A loopback address that nobody listens on now.
pub(crate) fn free_address() -> Outcome<SocketAddr> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(|error| format!("no free port: {error}"))
}

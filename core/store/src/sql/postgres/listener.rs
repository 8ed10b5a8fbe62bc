//! Hears of commits, also those of other processes: each names its schema on one channel, in the moment in which it becomes visible.
//!
//! One connection listens for all schemas of a server. It asks the server something every second, so that a connection that died
//! is noticed; after each new one every schema counts as moved, for nobody knows what was missed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use ::postgres::Client;
use ::postgres::fallible_iterator::FallibleIterator;

use super::SchemaName;
use super::server::Connector;
use crate::error::StoreError;

const CHANNEL: &str = "plugpoint_commits";

/// How long it waits for a commit before it looks whether the server is there, and whether anybody still wants to hear.
const INTERVAL: Duration = Duration::from_millis(250);

/// The statement that tells of a commit, to be run within its transaction.
pub(super) fn notification(schema: &SchemaName) -> String {
    format!("NOTIFY {CHANNEL}, '{}'", schema.as_str())
}

pub(super) struct Listener(Arc<Heard>);

struct Heard {
    schemas: Mutex<HashMap<String, Arc<AtomicU64>>>,
    started: Instant,
    /// Milliseconds after `started` at which the server was there last.
    heard_at_ms: AtomicU64,
}

/// The commits to one schema.
pub(crate) struct Movements {
    count: Arc<AtomicU64>,
    heard: Arc<Heard>,
}

impl Movements {
    /// A number that is another one after a commit.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// A commit of this process: it need not wait until the server tells.
    pub(crate) fn add(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
    }

    /// Since when commits of others may have been missed.
    pub(crate) fn unheard_for(&self) -> Duration {
        let heard_at = Duration::from_millis(self.heard.heard_at_ms.load(Ordering::Acquire));
        self.heard.started.elapsed().saturating_sub(heard_at)
    }
}

impl Listener {
    /// Listens from its return on, or, should the server keep it waiting so long, soon after.
    pub(super) fn start(connector: Connector, wait_max: Duration) -> Self {
        let heard =
            Arc::new(Heard { schemas: Mutex::default(), started: Instant::now(), heard_at_ms: AtomicU64::new(0) });
        let weak = Arc::downgrade(&heard);
        let (ready, is_ready) = sync_channel(1);
        // Without a thread nothing is heard, and whoever asks how long that is so will say so.
        let _ = std::thread::Builder::new()
            .name("plugpoint-listen".to_owned())
            .spawn(move || listen(&weak, &connector, &ready));
        let _ = is_ready.recv_timeout(wait_max);
        Self(heard)
    }

    pub(super) fn movements(&self, schema: &SchemaName) -> Movements {
        let mut schemas = self.0.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        let count = Arc::clone(schemas.entry(schema.as_str().to_owned()).or_default());
        Movements { count, heard: Arc::clone(&self.0) }
    }
}

impl Heard {
    fn moved(&self, schema: &str) {
        let schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = schemas.get(schema) {
            count.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn all_moved(&self) {
        let schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        for count in schemas.values() {
            count.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn is_heard(&self) {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.heard_at_ms.store(now, Ordering::Release);
    }
}

/// Until nobody wants to hear any more.
fn listen(heard: &Weak<Heard>, connector: &Connector, ready: &SyncSender<()>) {
    while heard.strong_count() > 0 {
        let ended = connector.connect().and_then(|mut client| follow(heard, &mut client, ready));
        if ended.is_err() {
            std::thread::sleep(INTERVAL);
        }
    }
}

fn follow(heard: &Weak<Heard>, client: &mut Client, ready: &SyncSender<()>) -> Result<(), StoreError> {
    client.batch_execute(&format!("LISTEN {CHANNEL}"))?;
    match heard.upgrade() {
        Some(heard) => heard.all_moved(),
        None => return Ok(()),
    }
    // Nobody waits any more after the first time.
    let _ = ready.try_send(());
    loop {
        client.batch_execute("SELECT 1")?;
        let Some(heard) = heard.upgrade() else { return Ok(()) };
        heard.is_heard();
        // However many commits there are: whoever wanted to hear of them may be gone.
        let until = Instant::now() + INTERVAL;
        let mut notifications = client.notifications();
        let mut told = notifications.timeout_iter(INTERVAL);
        while Instant::now() < until
            && let Some(notification) = told.next()?
        {
            heard.moved(notification.payload());
            heard.is_heard();
        }
    }
}

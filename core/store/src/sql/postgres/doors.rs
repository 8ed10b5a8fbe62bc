//! Who has a tenant of a server open: an advisory lock of a session, shared by all processes that use the schema, held alone by the one
//! that takes it away. It ends with the session, and that with its process.
//!
//! One connection holds the shares of a process, and one thread has it. A share that is lost with the connection is taken again with
//! the next one; where somebody has the schema alone by then, whoever had the share is told so and uses it no more.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::{Duration, Instant};

use ::postgres::Client;

use super::server::Connector;
use crate::error::{StoreError, StoreErrorKind};

/// How often a lock is asked for again.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// How often it is looked whether the connection is there.
const INTERVAL: Duration = Duration::from_millis(250);

const SHARE: &str = "SELECT pg_try_advisory_lock_shared($1)";
const LEAVE: &str = "SELECT pg_advisory_unlock_shared($1)";

/// The shares of this process.
pub(super) struct Doors(Sender<Order>);

/// One share.
#[derive(Debug)]
pub(crate) struct PgDoor {
    lock: i64,
    orders: Sender<Order>,
    is_open: Arc<AtomicBool>,
}

enum Order {
    Enter(i64, SyncSender<Answer>),
    Leave(i64),
}

/// A share; none if somebody has the schema alone.
type Answer = Result<Option<Arc<AtomicBool>>, StoreError>;

impl PgDoor {
    /// False once somebody else may have the schema alone.
    pub(crate) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }
}

impl Drop for PgDoor {
    fn drop(&mut self) {
        // Without the thread its connection is closed, and nothing is held.
        let _ = self.orders.send(Order::Leave(self.lock));
    }
}

impl Doors {
    /// # Errors
    /// `Internal` if there is no thread to be had.
    pub(super) fn start(connector: Connector) -> Result<Self, StoreError> {
        let (orders, received) = channel();
        let keep = move || Keeper { connector, client: None, shares: HashMap::new() }.run(&received);
        std::thread::Builder::new().name("plugpoint-doors".to_owned()).spawn(keep)?;
        Ok(Self(orders))
    }

    /// Takes a share. Waits for one who has the schema alone.
    ///
    /// # Errors
    /// `Busy`, `Unavailable`.
    pub(super) fn enter(&self, lock: i64, wait_max: Duration) -> Result<PgDoor, StoreError> {
        let deadline = Instant::now() + wait_max;
        let ended = || StoreError::of(StoreErrorKind::Unavailable, "the thread of the doors has ended");
        loop {
            let (reply, answer) = sync_channel(1);
            self.0.send(Order::Enter(lock, reply)).map_err(|_| ended())?;
            if let Some(is_open) = answer.recv().map_err(|_| ended())?? {
                return Ok(PgDoor { lock, orders: self.0.clone(), is_open });
            }
            if Instant::now() >= deadline {
                return Err(StoreError::of(StoreErrorKind::Busy, "another process has the tenant's schema"));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

struct Keeper {
    connector: Connector,
    client: Option<Client>,
    /// Each lock that is held, and by how many.
    shares: HashMap<i64, (usize, Arc<AtomicBool>)>,
}

impl Keeper {
    /// Until nobody can ask for anything any more.
    fn run(mut self, orders: &Receiver<Order>) {
        loop {
            match orders.recv_timeout(INTERVAL) {
                // Whoever asked has gone if nobody receives the answer, and leaves by himself.
                Ok(Order::Enter(lock, reply)) => drop(reply.send(self.enter(lock))),
                Ok(Order::Leave(lock)) => self.leave(lock),
                Err(RecvTimeoutError::Timeout) => self.look(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn enter(&mut self, lock: i64) -> Answer {
        self.look();
        if let Some((count, is_open)) = self.shares.get_mut(&lock) {
            *count += 1;
            return Ok(Some(Arc::clone(is_open)));
        }
        if !ask(self.connected()?, SHARE, lock)? {
            return Ok(None);
        }
        let is_open = Arc::new(AtomicBool::new(true));
        self.shares.insert(lock, (1, Arc::clone(&is_open)));
        Ok(Some(is_open))
    }

    fn leave(&mut self, lock: i64) {
        let Some((count, _)) = self.shares.get_mut(&lock) else { return };
        *count -= 1;
        if *count == 0 {
            self.shares.remove(&lock);
            // A connection that fails holds nothing; the next look notices.
            let _ = self.client.as_mut().map(|client| ask(client, LEAVE, lock));
        }
    }

    /// Takes the shares again if the connection was lost. What cannot be asked now is asked with the next look.
    fn look(&mut self) {
        let is_there = self.client.as_mut().is_none_or(|client| client.batch_execute("SELECT 1").is_ok());
        if is_there {
            return;
        }
        self.client = None;
        let shares = std::mem::take(&mut self.shares);
        for (lock, (count, is_open)) in shares {
            // Nobody knows who was in while nothing was held, so a lock that is free is no proof, but what it would prove is written
            // in the control database: whoever has a tenant alone says so there first, and every server looks.
            if self.connected().and_then(|client| ask(client, SHARE, lock)).unwrap_or(false) {
                self.shares.insert(lock, (count, is_open));
            } else {
                is_open.store(false, Ordering::Release);
            }
        }
    }

    fn connected(&mut self) -> Result<&mut Client, StoreError> {
        if self.client.is_none() {
            self.client = Some(self.connector.connect()?);
        }
        self.client.as_mut().ok_or_else(|| StoreError::of(StoreErrorKind::Internal, "there is no connection"))
    }
}

fn ask(client: &mut Client, statement: &str, lock: i64) -> Result<bool, StoreError> {
    Ok(client.query_one(statement, &[&lock])?.try_get(0)?)
}

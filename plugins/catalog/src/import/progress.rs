//! How far a running import is: counters that its threads move and anybody may read, without a lock.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use plugpoint_kernel::Beat;
use plugpoint_sdk::desk::ImportCounts;

/// The counters of one import.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    bytes_total: AtomicU64,
    bytes_read: AtomicU64,
    read: AtomicU64,
    accepted: AtomicU64,
    rejected: AtomicU64,
    stop: AtomicBool,
    abandoned: AtomicBool,
    cancel: AtomicBool,
}

impl Progress {
    /// Counters at zero for a document of so many bytes.
    pub(crate) fn new(bytes_total: u64) -> Self {
        Self { bytes_total: bytes_total.into(), ..Self::default() }
    }

    /// The document's size, where it was not known at the start.
    pub(crate) fn set_bytes_total(&self, bytes_total: u64) {
        self.bytes_total.store(bytes_total, Relaxed);
    }

    /// Back to zero: the import starts again.
    pub(crate) fn restart(&self) {
        for counter in [&self.bytes_read, &self.read, &self.accepted, &self.rejected] {
            counter.store(0, Relaxed);
        }
    }

    /// As another process told it.
    pub(crate) fn set(&self, counts: ImportCounts, share: f64) {
        self.read.store(counts.read, Relaxed);
        self.accepted.store(counts.accepted, Relaxed);
        self.rejected.store(counts.rejected, Relaxed);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share is within 0 to 1"
        )]
        self.bytes_read.store((self.bytes_total.load(Relaxed) as f64 * share) as u64, Relaxed);
    }

    /// One more record that was taken.
    pub(crate) fn accept(&self) {
        self.read.fetch_add(1, Relaxed);
        self.accepted.fetch_add(1, Relaxed);
    }

    /// One more record that was refused.
    pub(crate) fn reject(&self) {
        self.read.fetch_add(1, Relaxed);
        self.rejected.fetch_add(1, Relaxed);
    }

    /// A record that had been taken turned out not to fit what is stored.
    pub(crate) fn refuse_accepted(&self) {
        self.accepted.fetch_sub(1, Relaxed);
        self.rejected.fetch_add(1, Relaxed);
    }

    /// Records so far. What the store finds out (added, changed, ...) is known only after the commit.
    pub(crate) fn counts(&self) -> ImportCounts {
        ImportCounts {
            read: self.read.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            ..ImportCounts::default()
        }
    }

    /// The share of the document that was read, 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "a share needs no more than 52 bits")]
    pub(crate) fn share(&self) -> f64 {
        match self.bytes_total.load(Relaxed) {
            0 => 0.0,
            total => (self.bytes_read.load(Relaxed) as f64 / total as f64).min(1.0),
        }
    }

    /// Asks the import to end without a change, because the server stops.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.store(true, Relaxed);
    }

    /// Takes that back: the import is to start again.
    pub(crate) fn go_on(&self) {
        self.stop.store(false, Relaxed);
    }

    /// Asks the import to end without a change, because its tenant is another process's now.
    pub(crate) fn abandon(&self) {
        self.abandoned.store(true, Relaxed);
        self.ask_to_stop();
    }

    /// Whether nobody wants to know how it ends.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Relaxed)
    }

    /// Asks the import to end without a change, for good.
    pub(crate) fn cancel(&self) {
        self.cancel.store(true, Relaxed);
    }

    /// Whether somebody asked for its end for good.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancel.load(Relaxed)
    }

    /// Whether somebody asked for its end, for now or for good.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.load(Relaxed) || self.is_cancelled()
    }
}

/// The spooled document as its transformer reads it; every byte is counted.
pub(crate) struct CountedReader<'a, R> {
    inner: BufReader<R>,
    progress: &'a Progress,
    beat: &'a Beat,
}

impl<'a, R: Read> CountedReader<'a, R> {
    /// Reads ahead 128 KiB at a time.
    pub(crate) fn new(inner: R, progress: &'a Progress, beat: &'a Beat) -> Self {
        Self { inner: BufReader::with_capacity(128 * 1024, inner), progress, beat }
    }
}

impl<R: Read> Read for CountedReader<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(out)?;
        self.progress.bytes_read.fetch_add(count as u64, Relaxed);
        self.beat.tick();
        Ok(count)
    }
}

impl<R: Read> BufRead for CountedReader<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.progress.bytes_read.fetch_add(count as u64, Relaxed);
        self.beat.tick();
    }
}

//! Room on the disk: what is free, what is kept free, and what is promised to documents that were let in.
//!
//! The spool asks here before it lets a document in and while it arrives; a job holds its document's promise until its import has
//! ended. So documents that come together are counted together, and those that wait for their import too. Measured: beside its
//! document, the first import of N bytes of JSON takes 1.2 N for the database and 1.8 N for its log, which is written first and
//! folded in at the end; an import that changes little takes less. An estimate cannot be right for every document. Where it is
//! wrong the disk is full in the middle of an import, which then leaves nothing and is tried again.
//!
//! It writes nothing, and knows nothing of what other processes promise: of those it sees only what they have written.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The file system is asked for its free space once per so many bytes of a document.
const BYTES_PER_LOOK: u64 = 8 << 20;
/// A document of at most so many bytes needs only the room that is free now: it passes by what others were promised, which
/// somebody may announce and never send. The reserve is there for it.
const SMALL_BYTES_MAX: u64 = BYTES_PER_LOOK;
/// The reserve is at most one part in so many of the file system: a small one would otherwise be all reserve.
const RESERVE_SHARE: u64 = 10;
/// The part of an import's growth, in percent, that is on the disk when its document is read: its log.
const LOG_PERCENT: u32 = 60;

/// Space of a file system, in bytes.
#[derive(Debug, Clone, Copy)]
struct Space {
    free: u64,
    total: u64,
}

/// The room of one spool.
#[derive(Debug)]
pub(super) struct Room {
    root: PathBuf,
    reserve_bytes: u64,
    /// What an import adds to the disk beside its document, in percent of it.
    growth_percent: u64,
    space: fn(&Path) -> io::Result<Space>,
    /// Bytes that are promised and not written yet.
    promised: Mutex<u64>,
}

impl Room {
    /// The room on the file system of `root`. Where the databases are on another one, only documents are counted here.
    pub(super) fn of(root: PathBuf, reserve_bytes: u64, growth_percent: u32) -> Arc<Self> {
        let device = |path: &Path| fs::metadata(path).map(|it| it.dev()).ok();
        let is_apart = device(&root) != root.parent().and_then(device);
        let growth_percent = if is_apart { 0 } else { growth_percent.into() };
        Arc::new(Self { root, reserve_bytes, growth_percent, space, promised: Mutex::default() })
    }

    /// Lets a document in that is said to have so many bytes, if it and its import fit beside all others.
    ///
    /// # Errors
    /// `StorageFull`.
    pub(super) fn promise(self: &Arc<Self>, bytes: u64) -> io::Result<Promise> {
        let mut promise = Promise { room: Arc::clone(self), bytes: 0, written: 0, growth: 0 };
        promise.extend(bytes.max(1))?;
        Ok(promise)
    }

    /// For a document that is on the disk already, and was let in before.
    pub(super) fn owe(self: &Arc<Self>, bytes: u64) -> Promise {
        let growth = self.growth_of(bytes);
        *self.promised() += growth;
        Promise { room: Arc::clone(self), bytes, written: bytes, growth }
    }

    fn growth_of(&self, bytes: u64) -> u64 {
        bytes.saturating_mul(self.growth_percent) / 100
    }

    fn promised(&self) -> MutexGuard<'_, u64> {
        self.promised.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is free beyond the reserve, and the words for a refusal.
    fn beyond_reserve(&self) -> io::Result<(u64, String)> {
        let Space { free, total } = (self.space)(&self.root)?;
        let reserve = self.reserve_bytes.min(total / RESERVE_SHARE);
        Ok((free.saturating_sub(reserve), format!("{free} bytes are free, {reserve} of them are reserved")))
    }
}

fn space(root: &Path) -> io::Result<Space> {
    let space = rustix::fs::statvfs(root)?;
    let of = |blocks: u64| blocks.saturating_mul(space.f_frsize);
    Ok(Space { free: of(space.f_bavail), total: of(space.f_blocks) })
}

fn full(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, what)
}

/// Room for one document and its import; given back when dropped.
#[derive(Debug)]
pub(crate) struct Promise {
    room: Arc<Room>,
    /// The document's bytes for which there is room.
    bytes: u64,
    written: u64,
    /// What its import still adds.
    growth: u64,
}

impl Promise {
    /// Before `more` bytes are written: the size up to which nobody has to ask again.
    ///
    /// # Errors
    /// `StorageFull` if there is no room for them beside all others, or they would come out of the reserve.
    pub(super) fn look(&mut self, more: u64) -> io::Result<u64> {
        let needed = self.written + more;
        if needed > self.bytes {
            // In large steps, as long as they fit: it is not known how many more there will be.
            let ahead = (self.written + BYTES_PER_LOOK).max(needed);
            self.extend(ahead - self.bytes).or_else(|_| self.extend(needed - self.bytes))?;
        } else {
            let (available, words) = self.room.beyond_reserve()?;
            if available < more {
                return Err(full(words));
            }
        }
        Ok(self.bytes.min(self.written + BYTES_PER_LOOK).max(needed))
    }

    fn extend(&mut self, more: u64) -> io::Result<()> {
        let growth = self.room.growth_of(self.bytes + more).saturating_sub(self.growth);
        let needed = more.saturating_add(growth);
        let mut promised = self.room.promised();
        let (available, words) = self.room.beyond_reserve()?;
        let is_small = self.bytes.saturating_add(more) <= SMALL_BYTES_MAX;
        let beside = if is_small { 0 } else { *promised };
        if available.saturating_sub(beside) < needed {
            return Err(full(format!("{words}, {beside} promised to imports; {needed} are needed")));
        }
        *promised += needed;
        drop(promised);
        (self.bytes, self.growth) = (self.bytes + more, self.growth + growth);
        Ok(())
    }

    /// So many bytes more are on the disk.
    pub(super) fn wrote(&mut self, bytes: u64) {
        let kept = bytes.min(self.bytes - self.written);
        self.written += kept;
        *self.room.promised() -= kept;
    }

    /// The document has no more bytes than were written.
    fn is_whole(&mut self) {
        let growth = self.room.growth_of(self.written).min(self.growth);
        *self.room.promised() -= self.outstanding() - growth;
        (self.bytes, self.growth) = (self.written, growth);
    }

    /// The import has read this share of the document: a part of what it adds is on the disk and is seen there.
    pub(super) fn read(&mut self, share: f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is within 0 to 1")]
        let percent = (share.clamp(0.0, 1.0) * f64::from(LOG_PERCENT)) as u64;
        let whole = self.room.growth_of(self.bytes);
        let growth = whole - whole / 100 * percent;
        let mut promised = self.room.promised();
        *promised = *promised - self.growth + growth;
        drop(promised);
        self.growth = growth;
    }

    /// The promise of a document that is whole, for whoever imports it.
    pub(super) fn taken(&mut self) -> Self {
        self.is_whole();
        let nothing = Self { room: Arc::clone(&self.room), bytes: 0, written: 0, growth: 0 };
        std::mem::replace(self, nothing)
    }

    fn outstanding(&self) -> u64 {
        self.bytes - self.written + self.growth
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        *self.room.promised() -= self.outstanding();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    /// A file system of 1000 MiB of which 400 are free, 100 reserved; an import takes three times its document beside it.
    fn room() -> Arc<Room> {
        let space = |_: &Path| Ok(Space { free: 400 * MIB, total: 1000 * MIB });
        let promised = Mutex::default();
        let (root, reserve_bytes) = (PathBuf::new(), u64::MAX);
        Arc::new(Room { root, reserve_bytes, growth_percent: 300, space, promised })
    }

    #[track_caller]
    fn refuses<T: std::fmt::Debug>(result: io::Result<T>) {
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn a_document_is_let_in_if_it_and_its_import_fit_beside_the_reserve() {
        let room = room();
        for (bytes, fits) in [(0, true), (1, true), (75 * MIB, true), (75 * MIB + 1, false), (u64::MAX, false)] {
            assert_eq!(room.promise(bytes).is_ok(), fits, "{bytes}");
            assert_eq!(*room.promised(), 0, "{bytes}: all is given back");
        }
    }

    #[test]
    fn documents_are_counted_together_until_their_imports_have_ended() {
        let room = room();
        let first = room.promise(50 * MIB).unwrap();
        refuses(room.promise(25 * MIB + 1));
        let second = room.promise(25 * MIB).unwrap();
        refuses(room.promise(SMALL_BYTES_MAX + 1));
        room.promise(SMALL_BYTES_MAX).unwrap();
        drop(first);
        let mut third = room.promise(50 * MIB).unwrap();
        // On the disk, but not imported.
        third.wrote(50 * MIB);
        third.is_whole();
        assert_eq!(*room.promised(), 250 * MIB);
        third.read(1.0);
        assert_eq!(*room.promised(), 160 * MIB, "its log is on the disk, its database to come");
        third.read(0.0);
        assert_eq!(*room.promised(), 250 * MIB, "it begins anew");
        drop((second, third));
        assert_eq!(*room.promised(), 0);
        let owed = room.owe(100 * MIB);
        assert_eq!(*room.promised(), 300 * MIB);
        refuses(room.promise(SMALL_BYTES_MAX + 1));
        drop(owed);
        room.promise(SMALL_BYTES_MAX + 1).unwrap();
    }

    #[test]
    fn a_document_of_unknown_size_gets_room_as_it_comes() {
        let room = room();
        let mut promise = room.promise(0).unwrap();
        let mut size = 0;
        while let Ok(granted) = promise.look(MIB) {
            assert!(granted >= size + MIB && granted <= size + BYTES_PER_LOOK, "{granted}");
            promise.wrote(MIB);
            size += MIB;
            assert!(size < 1000 * MIB, "it ends");
        }
        // What is free never falls in this test, so that only what its import adds counts against it.
        assert_eq!((size, promise.growth), (99 * MIB, 297 * MIB));
        drop(promise);
        assert_eq!(*room.promised(), 0);
    }

    #[test]
    fn what_is_announced_and_does_not_come_is_given_back() {
        let room = room();
        let mut promise = room.promise(75 * MIB).unwrap();
        promise.look(MIB).unwrap();
        promise.wrote(MIB);
        promise.is_whole();
        assert_eq!(*room.promised(), 3 * MIB);
        // One that says too little asks for more.
        let mut small = room.promise(1).unwrap();
        assert_eq!(small.look(10 * MIB).unwrap(), 10 * MIB);
        refuses(small.look(100 * MIB));
    }

    #[test]
    fn a_reserve_that_others_eat_into_ends_a_document_that_was_let_in() {
        let mut room = room();
        let mut promise = room.promise(MIB).unwrap();
        drop(promise);
        Arc::get_mut(&mut room).unwrap().space = |_| Ok(Space { free: 100 * MIB + 10, total: 1000 * MIB });
        promise = room.owe(0);
        promise.bytes = 100;
        *room.promised() += 100;
        promise.look(10).unwrap();
        refuses(promise.look(11));
    }

    #[test]
    fn a_real_file_system_is_asked() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("spool");
        fs::create_dir(&root).unwrap();
        let free = space(&root).unwrap().free;
        // Others write to this file system while the test runs: a margin of a quarter of what is free.
        for (reserve, growth, bytes, fits) in [
            (0, 0, 1, true),
            (0, 0, free / 4, true),
            (0, 300, free / 10, true),
            (0, 300, free / 2, false),
            (0, 0, free * 2, false),
            (u64::MAX, 0, free, false),
        ] {
            let room = Room::of(root.clone(), reserve, growth);
            assert_eq!(room.promise(bytes).is_ok(), fits, "{reserve} {growth} {bytes}");
        }
    }
}

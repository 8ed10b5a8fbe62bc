//! A drop folder: files that others put there are taken one at a time, and end beside a report in `done/` or `failed/`.
//!
//! Used by `plugpoint import --watch`. A file is taken by renaming it into `working/`, under a number that is also its idempotency key,
//! and by a lock on it that ends with the process. So two watchers never import the same file, and one that was killed leaves a
//! file that the next takes up where it was. It refuses whatever is no regular file, follows no link, and overwrites nothing.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{CWD, OFlags, RenameFlags};
use serde_json::Value;
use uuid::Uuid;

/// Entries that are looked at together.
const ENTRIES_MAX: usize = 10_000;
/// Bytes of a file's name: the number before it and the report's end behind it have to fit as well.
const NAME_BYTES_MAX: usize = 200;
/// Tries to find a name that nobody has yet.
const NAMES_MAX: u32 = 10_000;
/// What stands between number and name in `working/`.
const MARK: u8 = b'~';
/// Ends of the names of files that somebody is still writing.
const UNFINISHED: [&str; 6] = [".part", ".tmp", ".filepart", ".partial", ".crdownload", "~"];

const WORKING: &str = "working";

/// Where a file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It was imported.
    Done,
    /// It was not.
    Failed,
}

impl Ending {
    fn folder(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A folder that is watched.
#[derive(Debug)]
pub struct DropFolder {
    dir: PathBuf,
    settle: Duration,
    seen: HashMap<OsString, Seen>,
    told: HashSet<OsString>,
    /// What there is to say about files that are not taken; each is told once.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Seen {
    bytes: u64,
    modified: SystemTime,
    since: Instant,
}

/// A file of ours.
#[derive(Debug)]
pub struct Taken {
    /// Its content; nothing if it is no regular file.
    pub file: Option<File>,
    /// Its name in the folder.
    pub name: OsString,
    /// The same at every attempt, and that of no other file.
    pub key: String,
    /// Somebody had it before, and may have sent it.
    pub is_left_behind: bool,
    path: PathBuf,
}

impl DropFolder {
    /// Watches a folder. Files are taken that nobody has written to for `settle`.
    ///
    /// # Errors
    /// It is no folder, or its subfolders cannot be made.
    pub fn open(dir: &Path, settle: Duration) -> io::Result<Self> {
        if !fs::metadata(dir)?.is_dir() {
            return Err(io::Error::new(ErrorKind::NotADirectory, "is not a folder"));
        }
        for folder in [WORKING, Ending::Done.folder(), Ending::Failed.folder()] {
            match fs::create_dir(dir.join(folder)) {
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        let (dir, seen, told) = (dir.to_owned(), HashMap::new(), HashSet::new());
        Ok(Self { dir, settle, seen, told, notes: Vec::new() })
    }

    /// The next file: one that somebody has left in `working/`, else the oldest that is complete.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn next_file(&mut self) -> io::Result<Option<Taken>> {
        if let Some(left) = self.left_behind()? {
            return Ok(Some(left));
        }
        for name in self.complete()? {
            if let Some(taken) = self.take(&name)? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// Files in `working/` that no living process has.
    fn left_behind(&mut self) -> io::Result<Option<Taken>> {
        let mut names = self.names(&self.dir.join(WORKING))?;
        // In the order in which they were taken.
        names.sort();
        for working in names {
            match parted(&working) {
                Some((key, name)) => {
                    if let Some(taken) = self.claimed(&working, key, name)? {
                        return Ok(Some(Taken { is_left_behind: true, ..taken }));
                    }
                }
                None => self.note(&working, "lies in working/ and was not put there by a watcher; it stays"),
            }
        }
        Ok(None)
    }

    /// The names of complete files, the oldest first.
    fn complete(&mut self) -> io::Result<Vec<OsString>> {
        let (now, clock) = (Instant::now(), SystemTime::now());
        let mut complete = Vec::new();
        let mut seen = HashMap::new();
        for name in self.names(&self.dir)? {
            if is_for_later(&name) {
                continue;
            }
            // One that has gone meanwhile is another watcher's.
            let Ok(found) = fs::symlink_metadata(self.dir.join(&name)) else { continue };
            if found.is_dir() {
                continue;
            }
            if !found.is_file() {
                self.note(&name, "is no regular file; it is not taken");
                continue;
            }
            if name.len() > NAME_BYTES_MAX {
                self.note(&name, &format!("has a name of more than {NAME_BYTES_MAX} bytes; it is not taken"));
                continue;
            }
            let look = Seen { bytes: found.len(), modified: modified(&found), since: now };
            let before = self.seen.get(&name).filter(|it| (it.bytes, it.modified) == (look.bytes, look.modified));
            let look = before.copied().unwrap_or(look);
            if is_complete(look, now, clock, self.settle) {
                complete.push((look.modified, name.clone()));
            }
            seen.insert(name, look);
        }
        self.seen = seen;
        complete.sort();
        Ok(complete.into_iter().map(|(_, name)| name).collect())
    }

    fn names(&self, dir: &Path) -> io::Result<Vec<OsString>> {
        fs::read_dir(dir)?.take(ENTRIES_MAX).map(|entry| Ok(entry?.file_name())).collect()
    }

    fn take(&mut self, name: &OsStr) -> io::Result<Option<Taken>> {
        let key = Uuid::now_v7().to_string();
        let mut working = OsString::from(&key);
        working.push("~");
        working.push(name);
        match fs::rename(self.dir.join(name), self.dir.join(WORKING).join(&working)) {
            Ok(()) => {}
            // Another watcher was faster.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                self.note(name, &format!("cannot be taken: {error}"));
                return Ok(None);
            }
        }
        self.seen.remove(name);
        self.claimed(&working, key, name.to_owned())
    }

    /// The file as ours; nothing if another process has it or has just ended with it.
    fn claimed(&mut self, working: &OsStr, key: String, name: OsString) -> io::Result<Option<Taken>> {
        let path = self.dir.join(WORKING).join(working);
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let opened = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(&path);
        let file = match opened {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            // A link, by whatever way it came here.
            Err(_) if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) => {
                return Ok(Some(Taken { file: None, name, key, is_left_behind: false, path }));
            }
            Err(error) => {
                self.note(working, &format!("cannot be read: {error}"));
                return Ok(None);
            }
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let ours = file.metadata()?;
        let is_there =
            fs::symlink_metadata(&path).is_ok_and(|found| (found.dev(), found.ino()) == (ours.dev(), ours.ino()));
        if !is_there {
            return Ok(None);
        }
        let file = ours.is_file().then_some(file);
        Ok(Some(Taken { file, name, key, is_left_behind: false, path }))
    }

    /// Says once what there is to say about a file.
    fn note(&mut self, name: &OsStr, sentence: &str) {
        if self.told.len() < ENTRIES_MAX && self.told.insert(name.to_owned()) {
            self.notes.push(format!("{}: {sentence}", name.display()));
        }
    }

    /// Moves a file to where it ends, its report beside it. The report is there first. Gives the file's place.
    ///
    /// # Errors
    /// The file stays in `working/`, and is taken up again.
    pub fn finish(&self, taken: &Taken, ending: Ending, report: &Value) -> io::Result<PathBuf> {
        let folder = self.dir.join(ending.folder());
        let mut text = serde_json::to_vec_pretty(report)?;
        text.push(b'\n');
        for number in 1..=NAMES_MAX {
            let name = numbered(&taken.name, number);
            let (place, beside) = (folder.join(&name), folder.join(report_name(&name)));
            if fs::symlink_metadata(&place).is_ok() || !written(&folder, &beside, &text, &taken.key)? {
                continue;
            }
            match rename_new(&taken.path, &place) {
                Ok(()) => return Ok(place),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::remove_file(&beside)?,
                Err(error) => return Err(error),
            }
        }
        Err(io::Error::new(ErrorKind::AlreadyExists, "there are too many files of this name"))
    }
}

/// Writes a report as a whole. False if there is one of another file.
fn written(folder: &Path, beside: &Path, text: &[u8], key: &str) -> io::Result<bool> {
    if fs::symlink_metadata(beside).is_ok() {
        // Left by an attempt that was killed before it moved the file.
        let is_ours = fs::read(beside).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        if !is_ours.is_some_and(|report| report["key"] == key) {
            return Ok(false);
        }
        fs::remove_file(beside)?;
    }
    let draft = folder.join(format!(".{key}.report.tmp"));
    let mut file = File::create(&draft)?;
    file.write_all(text).and_then(|()| file.sync_all())?;
    match rename_new(&draft, beside) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => fs::remove_file(&draft).map(|()| false),
        Err(error) => Err(error),
    }
}

/// Renames, unless there is something of the new name.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // A file system that does not know the flag.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if fs::symlink_metadata(to).is_err() => {
            fs::rename(from, to)
        }
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => Err(ErrorKind::AlreadyExists.into()),
        other => Ok(other?),
    }
}

/// `spring.csv` is `spring-2.csv` the second time.
fn numbered(name: &OsStr, number: u32) -> OsString {
    if number == 1 {
        return name.to_owned();
    }
    let path = Path::new(name);
    let mut numbered = path.file_stem().unwrap_or(name).to_owned();
    numbered.push(format!("-{number}"));
    if let Some(end) = path.extension() {
        numbered.push(".");
        numbered.push(end);
    }
    numbered
}

fn report_name(name: &OsStr) -> OsString {
    let mut report = name.to_owned();
    report.push(".report.json");
    report
}

/// Number and name of a file in `working/`.
fn parted(working: &OsStr) -> Option<(String, OsString)> {
    let bytes = working.as_bytes();
    let mark = bytes.iter().position(|&byte| byte == MARK)?;
    let key = Uuid::try_parse_ascii(&bytes[..mark]).ok()?;
    let name = OsString::from_vec(bytes[mark + 1..].to_vec());
    (!name.is_empty()).then_some((key.to_string(), name))
}

/// Whether a name says that somebody is still at work on the file, or that it is none of ours.
fn is_for_later(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_ascii_lowercase();
    name.starts_with('.') || UNFINISHED.iter().any(|end| name.ends_with(end))
}

/// A file is complete when it was seen unchanged for long enough, or when nobody has written to it for as long: so one that is renamed
/// into the folder is taken at once.
fn is_complete(look: Seen, now: Instant, clock: SystemTime, settle: Duration) -> bool {
    let unchanged = now.saturating_duration_since(look.since);
    // A time to come is a clock that goes wrong; then only what was seen counts.
    let unwritten = clock.duration_since(look.modified).unwrap_or_default();
    unchanged >= settle || unwritten >= settle
}

fn modified(found: &Metadata) -> SystemTime {
    found.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    fn folder(settle_ms: u64) -> (TempDir, DropFolder) {
        let dir = TempDir::new().unwrap();
        let folder = DropFolder::open(dir.path(), Duration::from_millis(settle_ms)).unwrap();
        (dir, folder)
    }

    fn put(dir: &TempDir, name: &str, age_s: u64) {
        let path = dir.path().join(name);
        fs::write(&path, name).unwrap();
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        // Whole minutes, so that two files can be of one age.
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(if age_s == 0 { now } else { now / 60 * 60 - age_s });
        File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
    }

    fn listed(dir: &TempDir, below: &str) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir.path().join(below))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_complete_when_nobody_writes_to_it_any_more() {
        let (now, clock, settle) = (Instant::now(), SystemTime::now(), Duration::from_secs(2));
        let second = Duration::from_secs(1);
        let look = |unchanged: Duration, modified: SystemTime| Seen { bytes: 1, modified, since: now - unchanged };
        let cases = [
            (look(Duration::ZERO, clock), false),
            (look(Duration::ZERO, clock - second), false),
            (look(Duration::ZERO, clock - settle), true),
            (look(second, clock - second), false),
            (look(settle, clock), true),
            (look(second, clock + 100 * second), false),
            (look(settle, clock + 100 * second), true),
        ];
        for (look, expected) in cases {
            assert_eq!(is_complete(look, now, clock, settle), expected, "{look:?}");
        }
    }

    #[test]
    fn names_of_files_that_are_still_written_are_left() {
        for name in [".hidden", "a.xml.part", "A.PART", "a.tmp", "a.filepart", "a.csv~", "a.crdownload"] {
            assert!(is_for_later(OsStr::new(name)), "{name}");
        }
        for name in ["a.xml", "part", "tmp.csv", "a.part.xml", "~a"] {
            assert!(!is_for_later(OsStr::new(name)), "{name}");
        }
    }

    #[test]
    fn files_come_by_age_then_name_and_each_once() {
        let (dir, mut folder) = folder(1000);
        for (name, age) in [("b.csv", 60), ("a.csv", 60), ("z.csv", 90), ("young.csv", 0), ("x.part", 90)] {
            put(&dir, name, age);
        }
        let mut names = Vec::new();
        let mut taken = Vec::new();
        while let Some(file) = folder.next_file().unwrap() {
            names.push(file.name.to_str().unwrap().to_owned());
            taken.push(file);
        }
        assert_eq!(names, ["z.csv", "a.csv", "b.csv"]);
        assert_eq!(listed(&dir, "").len(), 2 + 3, "what is not complete stays");
        assert_eq!(listed(&dir, "working").len(), 3);
    }

    #[test]
    fn a_file_that_grows_is_left_until_it_rests() {
        let (dir, mut folder) = folder(300);
        for _ in 0..5 {
            let mut file = OpenOptions::new().create(true).append(true).open(dir.path().join("a.csv")).unwrap();
            file.write_all(b"row\n").unwrap();
            assert!(folder.next_file().unwrap().is_none());
            std::thread::sleep(Duration::from_millis(50));
        }
        std::thread::sleep(Duration::from_millis(350));
        assert!(folder.next_file().unwrap().is_some());
    }

    #[test]
    fn two_watchers_never_have_the_same_file_and_the_remains_of_one_go_to_the_other() {
        let (dir, mut one) = folder(0);
        let mut other = DropFolder::open(dir.path(), Duration::ZERO).unwrap();
        put(&dir, "a.csv", 9);
        let first = one.next_file().unwrap().unwrap();
        assert!(other.next_file().unwrap().is_none());
        // As when the process ends: the lock goes, the file stays in working/.
        let (key, name) = (first.key.clone(), first.name.clone());
        assert!(!first.is_left_behind);
        drop(first);
        let again = other.next_file().unwrap().unwrap();
        assert_eq!((again.key, again.name, again.is_left_behind), (key, name, true));
    }

    #[test]
    fn nothing_is_overwritten_and_every_file_has_its_own_report() {
        let (dir, mut folder) = folder(0);
        for number in 0..3 {
            put(&dir, "a.csv", 9);
            let taken = folder.next_file().unwrap().unwrap();
            let report = json!({"key": taken.key, "number": number});
            let place = folder.finish(&taken, Ending::Done, &report).unwrap();
            assert!(place.exists());
        }
        let expected =
            ["a-2.csv", "a-2.csv.report.json", "a-3.csv", "a-3.csv.report.json", "a.csv", "a.csv.report.json"];
        assert_eq!(listed(&dir, "done"), expected);
        assert_eq!(listed(&dir, "working"), Vec::<String>::new());
        for (name, number) in [("a.csv", 0), ("a-2.csv", 1), ("a-3.csv", 2)] {
            let text = fs::read(dir.path().join("done").join(format!("{name}.report.json"))).unwrap();
            assert_eq!(serde_json::from_slice::<Value>(&text).unwrap()["number"], number);
        }
    }

    #[test]
    fn a_report_that_was_written_before_a_kill_is_written_again() {
        let (dir, mut folder) = folder(0);
        put(&dir, "a.csv", 9);
        let taken = folder.next_file().unwrap().unwrap();
        let old = json!({"key": taken.key, "state": "old"});
        fs::write(dir.path().join("done/a.csv.report.json"), old.to_string()).unwrap();
        folder.finish(&taken, Ending::Done, &json!({"key": taken.key, "state": "new"})).unwrap();
        assert_eq!(listed(&dir, "done"), ["a.csv", "a.csv.report.json"]);
        let text = fs::read_to_string(dir.path().join("done/a.csv.report.json")).unwrap();
        assert!(text.contains("new"), "{text}");
    }

    #[test]
    fn links_pipes_folders_and_endless_names_are_not_taken() {
        let (dir, mut folder) = folder(0);
        fs::write(dir.path().join("working/foreign"), "x").unwrap();
        symlink("/etc/hostname", dir.path().join("link.csv")).unwrap();
        fs::create_dir(dir.path().join("folder.csv")).unwrap();
        put(&dir, &"x".repeat(NAME_BYTES_MAX + 1), 9);
        for _ in 0..2 {
            assert!(folder.next_file().unwrap().is_none());
        }
        assert_eq!(folder.notes.len(), 3, "{:?}", folder.notes);
        put(&dir, &"y".repeat(NAME_BYTES_MAX), 9);
        let longest = folder.next_file().unwrap().unwrap();
        assert!(longest.file.is_some());
        // A link that came into working/ is no file, and fails there.
        let working = format!("working/{}~link.csv", Uuid::now_v7());
        symlink("/etc/hostname", dir.path().join(&working)).unwrap();
        let taken = folder.next_file().unwrap().unwrap();
        assert!(taken.file.is_none());
        folder.finish(&taken, Ending::Failed, &json!({"key": taken.key})).unwrap();
        assert!(fs::symlink_metadata(dir.path().join("failed/link.csv")).unwrap().is_symlink());
    }
}

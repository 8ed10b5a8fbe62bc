//! Where in its document each rejected record begins, and where the first record of all: written beside the document while it is imported, read when its sender wants the
//! records back. It lives as long as the kept document.
//!
//! It knows no format and keeps no record: only lines and columns, and of those no more than [`PLACES_MAX`].

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use plugpoint_sdk::model::Position;

/// The places that are kept of one import, which is also what their reader holds in memory: 16 bytes each. Records beyond them are
/// counted, have their findings, and are not written out.
pub(crate) const PLACES_MAX: u64 = 1_000_000;

/// The name of the list, beside its document.
pub(super) const FILE: &str = "rejected";

/// Marks the first record's place.
const FIRST: char = '^';

/// The places of one running import. They bear the file's name once they are sealed: a process that was held up, and whose import
/// another one runs by now, writes to a file of its own.
pub(crate) struct PlacesLog {
    dir: PathBuf,
    name: String,
    out: BufWriter<File>,
    kept: u64,
    has_first: bool,
    is_sealed: bool,
}

/// The places of an import that has ended.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    /// Where the first record begins, rejected or not. What stands before it is no record.
    pub(crate) first: Option<Position>,
    /// Where rejected records begin: in the order of the document, each once.
    pub(crate) rejected: Vec<Position>,
}

impl PlacesLog {
    /// Starts an empty list beside the import's document.
    pub(crate) fn create(dir: &Path) -> io::Result<Self> {
        let (dir, name) = (dir.to_owned(), format!("{FILE}.{}", uuid::Uuid::now_v7()));
        let out = BufWriter::new(File::create_new(dir.join(&name))?);
        Ok(Self { dir, name, out, kept: 0, has_first: false, is_sealed: false })
    }

    /// The document's folder has another name from now on.
    pub(crate) fn moved(&mut self, dir: &Path) {
        dir.clone_into(&mut self.dir);
    }

    /// Takes note of a record, rejected or not; only the first is kept.
    pub(crate) fn saw(&mut self, Position { line, column }: Position) -> io::Result<()> {
        if std::mem::replace(&mut self.has_first, true) || line == 0 {
            return Ok(());
        }
        writeln!(self.out, "{FIRST}{line} {column}")
    }

    /// Adds a rejected record, if it is known where it begins.
    pub(crate) fn add(&mut self, Position { line, column }: Position) -> io::Result<()> {
        if line == 0 || self.kept >= PLACES_MAX {
            return Ok(());
        }
        self.kept += 1;
        writeln!(self.out, "{line} {column}")
    }

    /// Makes the list durable, before the import is committed. An empty one is none.
    pub(crate) fn seal(&mut self) -> io::Result<()> {
        self.is_sealed = self.kept > 0;
        if self.is_sealed {
            self.out.flush()?;
            self.out.get_ref().sync_data()?;
            std::fs::rename(self.dir.join(&self.name), self.dir.join(FILE))?;
        }
        Ok(())
    }
}

impl Drop for PlacesLog {
    fn drop(&mut self) {
        if !self.is_sealed {
            // Nobody asks for the records of an import that changed nothing.
            let _ = std::fs::remove_file(self.dir.join(&self.name));
        }
    }
}

/// The places of an import that has ended; none if none were kept.
pub(crate) fn places(dir: &Path) -> io::Result<Places> {
    let file = match File::open(dir.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Places::default()),
        Err(error) => return Err(error),
    };
    let mut places = Places::default();
    for line in BufReader::new(file).lines() {
        let line = line?;
        let first = line.strip_prefix(FIRST);
        let numbers = first.unwrap_or(&line).split_once(' ');
        let place = numbers
            .and_then(|(line, column)| Some(Position { line: line.parse().ok()?, column: column.parse().ok()? }));
        match first {
            Some(_) => places.first = place,
            None => places.rejected.extend(place),
        }
    }
    places.rejected.sort_unstable_by_key(|place| (place.line, place.column));
    places.rejected.dedup();
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u64, column: u64) -> Position {
        Position { line, column }
    }

    #[test]
    fn places_come_back_in_order_and_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = PlacesLog::create(dir.path()).unwrap();
        log.saw(at(2, 1)).unwrap();
        log.saw(at(3, 1)).unwrap();
        for place in [at(7, 3), at(0, 0), at(2, 9), at(7, 3), at(2, 1), at(u64::MAX, 0)] {
            log.add(place).unwrap();
        }
        log.seal().unwrap();
        drop(log);
        let expected = vec![at(2, 1), at(2, 9), at(7, 3), at(u64::MAX, 0)];
        assert_eq!(places(dir.path()).unwrap(), Places { first: Some(at(2, 1)), rejected: expected });
    }

    #[test]
    fn an_import_that_rejects_nothing_or_fails_leaves_no_list() {
        let dir = tempfile::tempdir().unwrap();
        PlacesLog::create(dir.path()).unwrap().seal().unwrap();
        assert_eq!(places(dir.path()).unwrap(), Places::default());
        PlacesLog::create(dir.path()).unwrap().add(at(1, 1)).unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "it was not sealed");
    }

    #[test]
    fn only_so_many_places_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = PlacesLog::create(dir.path()).unwrap();
        log.kept = PLACES_MAX - 1;
        log.add(at(1, 1)).unwrap();
        log.add(at(2, 1)).unwrap();
        log.seal().unwrap();
        assert_eq!(places(dir.path()).unwrap().rejected, [at(1, 1)]);
    }
}

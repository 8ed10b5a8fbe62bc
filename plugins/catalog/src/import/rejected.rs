//! Where in its document each rejected record begins: written beside the document while it is imported, read when its sender wants the
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

const FILE: &str = "rejected";

/// The places of one running import.
pub(crate) struct PlacesLog {
    path: PathBuf,
    out: BufWriter<File>,
    kept: u64,
    is_sealed: bool,
}

impl PlacesLog {
    /// Starts an empty list beside the import's document.
    pub(crate) fn create(dir: &Path) -> io::Result<Self> {
        let path = dir.join(FILE);
        let out = BufWriter::new(File::create(&path)?);
        Ok(Self { path, out, kept: 0, is_sealed: false })
    }

    /// Adds a record, if it is known where it begins.
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
        }
        Ok(())
    }
}

impl Drop for PlacesLog {
    fn drop(&mut self) {
        if !self.is_sealed {
            // Nobody asks for the records of an import that changed nothing; a left-over is overwritten by its next run.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The places of an import that has ended, in the order of the document, each once. Empty if none were kept.
pub(crate) fn places(dir: &Path) -> io::Result<Vec<Position>> {
    let file = match File::open(dir.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut places = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line?;
        let place = line
            .split_once(' ')
            .and_then(|(line, column)| Some(Position { line: line.parse().ok()?, column: column.parse().ok()? }));
        places.extend(place);
    }
    places.sort_unstable_by_key(|place| (place.line, place.column));
    places.dedup();
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
        for place in [at(7, 3), at(0, 0), at(2, 9), at(7, 3), at(2, 1), at(u64::MAX, 0)] {
            log.add(place).unwrap();
        }
        log.seal().unwrap();
        drop(log);
        assert_eq!(places(dir.path()).unwrap(), [at(2, 1), at(2, 9), at(7, 3), at(u64::MAX, 0)]);
    }

    #[test]
    fn an_import_that_rejects_nothing_or_fails_leaves_no_list() {
        let dir = tempfile::tempdir().unwrap();
        PlacesLog::create(dir.path()).unwrap().seal().unwrap();
        assert!(places(dir.path()).unwrap().is_empty());
        PlacesLog::create(dir.path()).unwrap().add(at(1, 1)).unwrap();
        assert!(!dir.path().join(FILE).exists(), "it was not sealed");
    }

    #[test]
    fn only_so_many_places_are_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = PlacesLog::create(dir.path()).unwrap();
        log.kept = PLACES_MAX - 1;
        log.add(at(1, 1)).unwrap();
        log.add(at(2, 1)).unwrap();
        log.seal().unwrap();
        assert_eq!(places(dir.path()).unwrap(), [at(1, 1)]);
    }
}

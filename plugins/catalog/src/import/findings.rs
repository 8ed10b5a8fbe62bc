//! What there is to say about one running import: findings, written to a side file as they come, so that memory stays flat, and handed
//! to the store when the import ends; where its rejected records begin; and what its reader did not know. Beyond
//! `limits.findings_kept_max` a finding is not kept; the import's counts stay exact.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;

use plugpoint_sdk::desk::UnmappedPath;
use plugpoint_sdk::model::Finding;
use plugpoint_sdk::reading::{UNMAPPED_PATH_BYTES_MAX, UNMAPPED_PATHS_MAX};

use super::rejected::PlacesLog;

/// A list of findings that may grow long.
pub(crate) struct FindingsLog {
    out: BufWriter<File>,
    kept: u64,
    kept_max: u64,
    /// Where rejected records begin.
    pub(crate) rejected: PlacesLog,
    unmapped: Vec<UnmappedPath>,
}

impl FindingsLog {
    /// Starts an empty list beside the import's document.
    pub(crate) fn create(dir: &Path, kept_max: u64) -> io::Result<Self> {
        let path = dir.join(format!("findings.{}", uuid::Uuid::now_v7()));
        let file = File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
        // The store has them when the import ends; until then nobody else reads them, and the folder may be renamed.
        std::fs::remove_file(&path)?;
        let (out, rejected) = (BufWriter::new(file), PlacesLog::create(dir)?);
        Ok(Self { out, kept: 0, kept_max, rejected, unmapped: Vec::new() })
    }

    /// Adds a finding.
    pub(crate) fn add(&mut self, finding: &Finding) -> io::Result<()> {
        if self.kept >= self.kept_max {
            return Ok(());
        }
        self.kept += 1;
        serde_json::to_writer(&mut self.out, finding).map_err(io::Error::other)?;
        self.out.write_all(b"\n")
    }

    /// Takes note of a part that the reader did not know. A reader keeps to these bounds itself; one of a customer's might not.
    pub(crate) fn unmapped(&mut self, path: &str, count: u64) {
        // One more for the path that stands for all others.
        if self.unmapped.len() <= UNMAPPED_PATHS_MAX {
            let end = (0..=UNMAPPED_PATH_BYTES_MAX.min(path.len())).rev().find(|&end| path.is_char_boundary(end));
            self.unmapped.push(UnmappedPath { path: path[..end.unwrap_or_default()].to_owned(), count });
        }
    }

    /// What the reader did not know, as it told it.
    pub(crate) fn take_unmapped(&mut self) -> Vec<UnmappedPath> {
        std::mem::take(&mut self.unmapped)
    }

    /// Reads the kept findings back from the first to the last.
    pub(crate) fn read(&mut self) -> io::Result<impl Iterator<Item = Finding> + use<>> {
        self.out.flush()?;
        let mut file = self.out.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let lines = BufReader::new(file).lines();
        Ok(lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()))
    }
}

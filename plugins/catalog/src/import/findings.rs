//! The findings of one running import: written to a side file as they come, so that memory stays flat, and handed to the
//! store when the import ends. Beyond `limits.findings_kept_max` a finding is not kept; the import's counts stay exact.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use plugpoint_sdk::model::Finding;

/// A list of findings that may grow long.
pub(crate) struct FindingsLog {
    path: PathBuf,
    out: BufWriter<File>,
    kept: u64,
    kept_max: u64,
}

impl FindingsLog {
    /// Starts an empty list beside the import's document.
    pub(crate) fn create(dir: &Path, kept_max: u64) -> io::Result<Self> {
        let path = dir.join("findings.ndjson");
        let file = File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
        Ok(Self { path, out: BufWriter::new(file), kept: 0, kept_max })
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

    /// Reads the kept findings back from the first to the last.
    pub(crate) fn read(&mut self) -> io::Result<impl Iterator<Item = Finding> + use<>> {
        self.out.flush()?;
        let mut file = self.out.get_ref().try_clone()?;
        file.seek(SeekFrom::Start(0))?;
        let lines = BufReader::new(file).lines();
        Ok(lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok()))
    }
}

impl Drop for FindingsLog {
    fn drop(&mut self) {
        // The store has them by now; a left-over is overwritten by the next run of this import.
        let _ = std::fs::remove_file(&self.path);
    }
}

//! The loop over a drop folder: take the next file, import it, put it where it ends.
//!
//! It decides nothing about files; the folder does. What may pass (a full disk, a busy database) leaves the file where it is, and is
//! tried again.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use plugpoint_plugin_catalog::files::drop_folder::{DropFolder, Ending, Taken};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::told::{Bar, Telling, object};
use super::{Importing, Outcome};
use crate::cli::Failure;
use crate::terminal;

/// How often the folder is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(500);
/// The pause after a failure that may pass.
const RETRY_PAUSE: Duration = Duration::from_secs(10);
/// How often an interruption is looked for.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

impl Importing {
    pub(super) fn watch(&self, dir: &Path, settle: Duration, telling: Telling) -> Result<(), Failure> {
        let unusable = |error: std::io::Error| Failure::usage(format!("{}: {error}", dir.display()));
        let mut folder = DropFolder::open(dir, settle).map_err(unusable)?;
        let mut was_readable = true;
        while !self.is_interrupted() {
            let next = folder.next_file();
            folder.notes.drain(..).for_each(|note| terminal::error(&note));
            let pause = match next {
                Ok(Some(taken)) => {
                    was_readable = true;
                    if self.taken(&folder, &taken, telling) { Duration::ZERO } else { RETRY_PAUSE }
                }
                Ok(None) => POLL_INTERVAL,
                // A network folder may come back.
                Err(error) => {
                    if std::mem::take(&mut was_readable) {
                        terminal::error(&format!("{}: cannot be looked at: {error}; it is tried again", dir.display()));
                    }
                    RETRY_PAUSE
                }
            };
            self.pause(pause);
        }
        Ok(())
    }

    fn pause(&self, length: Duration) {
        let until = Instant::now() + length;
        while Instant::now() < until && !self.is_interrupted() {
            sleep(LOOK_INTERVAL.min(length));
        }
    }

    /// Imports a file. False if it has to be tried again later.
    fn taken(&self, folder: &DropFolder, taken: &Taken, telling: Telling) -> bool {
        let name = taken.name.to_string_lossy().into_owned();
        let bar = telling.bar(&name);
        let outcome = self.outcome(taken, &bar);
        bar.end();
        if let Outcome::Refused(error) = &outcome
            && error.code.is_passing()
        {
            // The lock goes, the file stays, and with it the key.
            if !self.is_interrupted() {
                terminal::error(&format!("{name}: {error}; it is tried again"));
            }
            return false;
        }
        telling.tell(&name, &self.to, &outcome);
        if matches!(outcome, Outcome::Left(_)) {
            return false;
        }
        let mut report = object(&name, &self.to, &outcome);
        report["key"] = taken.key.clone().into();
        let ending = if outcome.is_good() { Ending::Done } else { Ending::Failed };
        match folder.finish(taken, ending, &report) {
            Ok(_) => true,
            Err(error) => {
                terminal::error(&format!("{name}: cannot be moved out of working/: {error}; it is tried again"));
                false
            }
        }
    }

    fn outcome(&self, taken: &Taken, bar: &Bar) -> Outcome {
        let Some(mut file) = taken.file.as_ref() else {
            return Outcome::Refused(ApiError::new(&codes::BODY_INCOMPLETE, "it is no regular file"));
        };
        if taken.is_left_behind {
            match self.to.acknowledged(&taken.key) {
                Ok(Some(import)) => return self.followed(import, bar),
                Ok(None) => {}
                Err(error) => return Outcome::Refused(error),
            }
        }
        let media_type = match self.media_type_of(Path::new(&taken.name)) {
            Ok(media_type) => media_type,
            Err(error) => return Outcome::Refused(error),
        };
        let bytes = file.metadata().map(|found| found.len()).unwrap_or_default();
        match self.to.document_bytes_max() {
            Ok(most) if bytes > most => {
                let detail = format!("the document has {bytes} bytes, {most} are allowed");
                Outcome::Refused(ApiError::new(&codes::BODY_TOO_LARGE, detail))
            }
            Ok(_) => self.document(&mut file, Some(bytes), &media_type, Some(&taken.key), bar),
            Err(error) => Outcome::Refused(error),
        }
    }
}

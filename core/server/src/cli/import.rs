//! `plugpoint import`: documents from files, from standard input, or from a drop folder.
//!
//! It works beside a running server on the same data folder and without one: it imports its own documents and no others. A
//! document that was acknowledged and not imported is finished by the next start of a server, or of the watcher of its folder.

mod told;
mod watch;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use clap::Args;
use plugpoint_config::LogFilter;
use plugpoint_http::MediaType;
use plugpoint_plugin_catalog::files::{Destination, media};
use plugpoint_plugin_catalog::import::desk::ServiceDesk;
use plugpoint_plugin_catalog::import::workers::Workers;
use plugpoint_sdk::codes;
use plugpoint_sdk::desk::{ImportDesk, ImportStatus, ImportView};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{CatalogId, Finding, ImportId, ImportMode, TenantId};

use super::{Common, Failure};
use crate::{assembly, interrupt, logging};
use told::{Bar, Telling};

/// How long one look at the import waits for its end.
const LOOK_WAIT: Duration = Duration::from_millis(100);
/// Findings that a report has; the others are in the import's own list.
const FINDINGS_TOLD_MAX: u32 = 100;
/// Standard input, as an argument.
const STDIN: &str = "-";

/// Import documents from files, from standard input (-), or from a drop folder. Waits for each import. Exit code 1 when one failed or all of
/// its records were rejected.
///
/// A drop folder is watched until Ctrl-C. A file is taken when nobody has written to it for a while, or at once when it is renamed into
/// place; names that end in .part, .tmp or .filepart, or begin with a dot, are left alone. It ends in done/ or failed/, with NAME.report.json
/// beside it.
///
/// Examples:
///   plugpoint import --tenant acme --catalog spring spring.xml --mode replace --data-dir ./data
///   zcat spring.csv.gz | plugpoint import --tenant acme --catalog spring - --media-type "text/csv; charset=windows-1252"
///   plugpoint import --tenant acme --catalog spring --watch /srv/drop/acme
///   plugpoint import --tenant acme --catalog spring *.ndjson --json
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Import {
    /// The tenant.
    #[arg(long, value_name = "T")]
    tenant: TenantId,
    /// The catalog.
    #[arg(long, value_name = "C")]
    catalog: CatalogId,
    /// The documents, imported in this order; - is standard input.
    #[arg(value_name = "FILE", required_unless_present = "watch", conflicts_with = "watch")]
    files: Vec<PathBuf>,
    /// Import in this mode: replace, merge or delete. Without it a document decides, and is merged where it does not.
    #[arg(long, value_name = "M")]
    mode: Option<ImportMode>,
    /// The content type of the documents, instead of the one that the end of the name tells.
    #[arg(long, value_name = "TYPE", value_parser = media_type)]
    media_type: Option<MediaType>,
    /// Makes a repeat of the same document give the first import's result. For one file; a watched file has its own.
    #[arg(long, value_name = "KEY", value_parser = key, conflicts_with = "watch")]
    idempotency_key: Option<String>,
    /// Watch this drop folder.
    #[arg(long, value_name = "DIR")]
    watch: Option<PathBuf>,
    /// Take a file of the drop folder when nobody has written to it for so many seconds.
    #[arg(long, value_name = "S", default_value_t = 2, value_parser = clap::value_parser!(u64).range(0..=3600))]
    settle_s: u64,
    /// Print JSON, one object a line for each file.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

fn media_type(text: &str) -> Result<MediaType, String> {
    MediaType::parse(text).ok_or_else(|| "is not of the form type/subtype".to_owned())
}

fn key(text: &str) -> Result<String, String> {
    let is_key = (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key { Ok(text.to_owned()) } else { Err("is not 1 to 200 visible ASCII characters".to_owned()) }
}

impl Import {
    pub(super) fn run(self) -> Result<(), Failure> {
        if self.idempotency_key.is_some() && self.files.len() > 1 {
            return Err(Failure::usage("--idempotency-key is for one file: two documents cannot share a key"));
        }
        let mut config = super::config::load(&self.common)?;
        config.log.level = LogFilter::WARN;
        logging::start(&config.log);
        let (_, service) = assembly::beside(config, &self.common.data_dir)?;
        let to = Destination { service, tenant: self.tenant, catalog: self.catalog, mode: self.mode };
        // A tenant that is not there is told once, not for each file.
        to.document_bytes_max()?;
        let interrupted = interrupt::flag()?;
        let workers = Workers::one(&to.service)?;
        let desk = ServiceDesk(Arc::clone(&to.service));
        let importing = Importing { to, desk, interrupted, media_type: self.media_type };
        let telling = Telling { is_json: self.json };
        let result = match &self.watch {
            Some(dir) => importing.watch(dir, Duration::from_secs(self.settle_s), telling),
            None => importing.files(&self.files, self.idempotency_key.as_deref(), telling),
        };
        workers.stop();
        result
    }
}

/// What every document of a run has in common.
struct Importing {
    to: Destination,
    desk: ServiceDesk,
    interrupted: Arc<AtomicBool>,
    media_type: Option<MediaType>,
}

/// How it ended for one document.
enum Outcome {
    /// It was not taken in.
    Refused(ApiError),
    /// The import has ended.
    Ended(Box<ImportView>, Vec<Finding>),
    /// The document is safe, its import is left to somebody else.
    Left(ImportId),
}

impl Outcome {
    /// Whether the document is in the catalog, at least a part of it.
    fn is_good(&self) -> bool {
        let Self::Ended(view, _) = self else { return false };
        let counts = &view.counts;
        view.status == ImportStatus::Succeeded && (counts.accepted > 0 || counts.rejected == 0)
    }
}

impl Importing {
    fn is_interrupted(&self) -> bool {
        self.interrupted.load(Relaxed)
    }

    fn files(&self, files: &[PathBuf], key: Option<&str>, telling: Telling) -> Result<(), Failure> {
        let mut bad = 0;
        for path in files {
            let name = path.display().to_string();
            let bar = telling.bar(&name);
            let outcome = self.file(path, key, &bar);
            bar.end();
            telling.tell(&name, &self.to, &outcome);
            match outcome {
                Outcome::Left(id) => {
                    let sentence = "is kept and not imported yet; the next start of a server does it";
                    return Err(Failure::interrupted(format!("{name}: import {id} {sentence}")));
                }
                _ if self.is_interrupted() => return Err(Failure::interrupted("interrupted")),
                outcome => bad += usize::from(!outcome.is_good()),
            }
        }
        match bad {
            0 => Ok(()),
            _ => Err(Failure::new(format!("{bad} of {} documents failed", files.len()))),
        }
    }

    fn file(&self, path: &Path, key: Option<&str>, bar: &Bar) -> Outcome {
        if path == Path::new(STDIN) {
            let unnamed = MediaType { essence: "application/octet-stream".to_owned(), charset: None };
            let media_type = self.media_type.clone().unwrap_or(unnamed);
            return self.document(&mut io::stdin().lock(), None, &media_type, key, bar);
        }
        match self.opened(path) {
            Ok((mut file, bytes, media_type)) => self.document(&mut file, Some(bytes), &media_type, key, bar),
            Err(error) => Outcome::Refused(error),
        }
    }

    fn opened(&self, path: &Path) -> Result<(File, u64, MediaType), ApiError> {
        let unreadable =
            |error: io::Error| ApiError::new(&codes::BODY_INCOMPLETE, format!("the file cannot be read: {error}"));
        // A pipe would keep us waiting for somebody to write to it.
        let found = std::fs::metadata(path).map_err(unreadable)?;
        if !found.is_file() {
            return Err(ApiError::new(&codes::BODY_INCOMPLETE, "it is no regular file; for a pipe, use -"));
        }
        let file = File::open(path).map_err(unreadable)?;
        Ok((file, found.len(), self.media_type_of(path)?))
    }

    fn media_type_of(&self, path: &Path) -> Result<MediaType, ApiError> {
        let told = |sentence| ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, sentence);
        self.media_type.clone().map_or_else(|| media::of_file(path).map_err(told), Ok)
    }

    /// Takes a document in and follows its import to the end.
    fn document(
        &self,
        source: &mut dyn Read,
        bytes: Option<u64>,
        media_type: &MediaType,
        key: Option<&str>,
        bar: &Bar,
    ) -> Outcome {
        bar.begin(bytes);
        let mut go_on = |bytes| {
            bar.read(bytes);
            !self.is_interrupted()
        };
        match self.to.send(source, media_type, key, &mut go_on) {
            Ok(import) => self.followed(import, bar),
            Err(error) => Outcome::Refused(error),
        }
    }

    fn followed(&self, import: ImportId, bar: &Bar) -> Outcome {
        loop {
            match self.desk.import(&self.to.tenant, import, LOOK_WAIT) {
                Ok(view) if matches!(view.status, ImportStatus::Succeeded | ImportStatus::Failed) => {
                    // Findings that cannot be read are no reason to call the import anything else than it is.
                    let findings = self.desk.findings(&self.to.tenant, import, FINDINGS_TOLD_MAX).unwrap_or_default();
                    return Outcome::Ended(Box::new(view), findings);
                }
                Ok(view) => bar.import(&view),
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "what became of the import cannot be told"
                    );
                    return Outcome::Left(import);
                }
            }
            if self.is_interrupted() {
                return Outcome::Left(import);
            }
        }
    }
}

//! What `plugpoint import` says of each document: a bar while it runs, a line or an object when it has ended, the report beside a
//! file of a drop folder.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};
use plugpoint_plugin_catalog::files::Destination;
use plugpoint_sdk::desk::{ImportStatus, ImportView};
use serde_json::{Value, json};

use super::Outcome;
use crate::terminal;

/// How results are told.
#[derive(Clone, Copy)]
pub(super) struct Telling {
    pub(super) is_json: bool,
}

impl Telling {
    /// A bar on standard error, for a person who waits there.
    pub(super) fn bar(self, name: &str) -> Bar {
        let is_seen = !self.is_json && std::io::stderr().is_terminal();
        let bar = if is_seen { ProgressBar::no_length() } else { ProgressBar::hidden() };
        bar.set_prefix(name.to_owned());
        Bar(bar)
    }

    /// Says how it ended.
    pub(super) fn tell(self, name: &str, to: &Destination, outcome: &Outcome) {
        if self.is_json {
            terminal::line(&object(name, to, outcome).to_string());
        } else {
            terminal::line(&format!("{name}: {}", sentence(outcome)));
        }
    }
}

/// How far one document is: bytes of the file while it is taken in, and again while it is imported.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn begin(&self, bytes: Option<u64>) {
        let template = match bytes {
            Some(_) => "  {prefix:<24} [{bar:30}] {bytes:>10} of {total_bytes:<10} {msg}",
            None => "  {prefix:<24} {spinner} {bytes:>10} {msg}",
        };
        // A template that does not parse is a bar of the usual look.
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style.progress_chars("=> "));
        }
        if let Some(bytes) = bytes {
            self.0.set_length(bytes);
        }
        self.0.set_message("reading");
    }

    pub(super) fn read(&self, bytes: u64) {
        self.0.set_position(bytes);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of 0 to 1 of a file's bytes, for a bar"
    )]
    pub(super) fn import(&self, view: &ImportView) {
        if let Some(bytes) = self.0.length() {
            self.0.set_position((view.progress * bytes as f64) as u64);
        }
        let counts = &view.counts;
        let rejected = if counts.rejected == 0 { String::new() } else { format!(", {} rejected", counts.rejected) };
        self.0.set_message(format!("importing, {} records{rejected}", counts.read));
    }

    pub(super) fn end(&self) {
        self.0.finish_and_clear();
    }
}

fn sentence(outcome: &Outcome) -> String {
    let (view, _) = match outcome {
        Outcome::Refused(error) => return format!("not imported: {error}"),
        Outcome::Left(id) => return format!("import {id} is left; nothing of it was lost"),
        Outcome::Ended(view, findings) => (view, findings),
    };
    let counts = &view.counts;
    let status = match &view.error {
        Some((code, detail)) => format!("failed: {code}: {detail}"),
        None => "succeeded".to_owned(),
    };
    format!(
        "import {} {status}; {} read, {} accepted, {} rejected; {} added, {} changed, {} unchanged, {} removed; {} findings",
        view.id,
        counts.read,
        counts.accepted,
        counts.rejected,
        counts.added,
        counts.changed,
        counts.unchanged,
        counts.removed,
        view.findings_count
    )
}

/// The outcome for programs, and for the report beside a file.
pub(super) fn object(name: &str, to: &Destination, outcome: &Outcome) -> Value {
    let mut told = json!({"file": name, "tenant": to.tenant, "catalog": to.catalog, "error": null});
    let error = |code: &str, detail: &str| json!({"code": code, "detail": detail});
    match outcome {
        Outcome::Refused(refused) => {
            told["status"] = json!("refused");
            told["error"] = error(refused.code.name, &refused.detail);
        }
        Outcome::Left(id) => {
            told["status"] = json!(ImportStatus::Queued);
            told["import"] = json!(id);
        }
        Outcome::Ended(view, findings) => {
            told["status"] = json!(view.status);
            told["import"] = json!(view.id);
            told["mode"] = json!(view.mode);
            told["counts"] = json!(view.counts);
            told["findings_count"] = json!(view.findings_count);
            told["findings"] = json!(findings);
            told["finished_at"] = json!(view.finished_at);
            if let Some((code, detail)) = &view.error {
                told["error"] = error(code, detail);
            }
        }
    }
    told
}

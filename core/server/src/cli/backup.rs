//! `plugpoint backup`, `plugpoint backup verify` and `plugpoint restore`, beside a server that runs or without one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use plugpoint_plugin_catalog::backup::{self, Manifest, Restored, TenantEntry, Wanted};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Credential, TenantState};
use serde_json::{Value, json};

use super::tenant::existing;
use super::{Common, Failure, audit, life};
use crate::terminal;

/// Take a backup of tenants into a folder, while a server runs and imports. It holds their databases as of one moment, their
/// profiles and credentials, the documents that wait and those that are kept: whatever was acknowledged before is in it. The key
/// of sealed secrets (secrets.key) is not: keep a copy of it elsewhere.
///
/// Examples:
///   plugpoint backup --to /backups/2026-11-23 --data-dir ./data
///   plugpoint backup --to ./acme.backup --tenant acme --json --data-dir ./data
///   plugpoint backup verify /backups/2026-11-23
#[derive(Args)]
#[command(verbatim_doc_comment, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Backup {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The folder to be made. One that is there is refused.
    #[arg(long, value_name = "FOLDER", required = true)]
    to: Option<PathBuf>,
    /// A tenant; may be given again. Without it, all.
    #[arg(long = "tenant", value_name = "T")]
    tenants: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum BackupCommand {
    /// Check a backup, without a server or a data folder: every file is as it was written, every row is there.
    ///
    /// Example:
    ///   plugpoint backup verify /backups/2026-11-23 --json
    #[command(verbatim_doc_comment)]
    Verify(Verify),
}

/// Options of `backup verify`.
#[derive(Args)]
struct Verify {
    /// The folder of the backup.
    from: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Put tenants back from a backup, while a server runs. The backup is checked first; one that is damaged, cut, foreign or of a
/// newer release is refused and changes nothing. A tenant that is there is replaced only with --replace, as a whole: until that
/// moment, and whenever it fails, it stays as it was. Documents that waited are imported then. Sealed secrets need the secrets.key
/// of the data folder they come from; without it their keys go on, but not for password digests.
///
/// Examples:
///   plugpoint restore --from /backups/2026-11-23 --data-dir ./data                      # every tenant of it
///   plugpoint restore --from ./acme.backup --tenant acme --replace --data-dir ./data
///   plugpoint restore --from ./acme.backup --tenant acme --as acme-copy --data-dir ./data
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Restore {
    /// The folder of the backup.
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// The tenant to restore. Without it, all that the backup has.
    #[arg(long, value_name = "T")]
    tenant: Option<String>,
    /// Restore it as another tenant, with a new credential.
    #[arg(long = "as", value_name = "NAME", requires = "tenant")]
    new_name: Option<String>,
    /// Replace tenants that are there.
    #[arg(long)]
    replace: bool,
    /// How long to wait for processes that have the tenant open.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait_s: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Backup {
    pub(super) fn run(self) -> Result<(), Failure> {
        if let Some(BackupCommand::Verify(command)) = self.command {
            return command.run();
        }
        let Some(to) = &self.to else { return Err(Failure::usage("name the folder to be made, with --to")) };
        let store = self.common.store_with_customers()?;
        let names: Vec<TenantId> =
            self.tenants.iter().map(|name| name.parse()).collect::<Result<_, _>>().map_err(Failure::usage)?;
        let tenants = if names.is_empty() {
            let (whole, moving): (Vec<_>, Vec<_>) =
                store.control().tenants()?.into_iter().partition(|row| !row.state.is_let_go());
            for row in moving {
                terminal::error(&format!("tenant {} is left out: it is {}", row.tenant, row.state));
            }
            whole.into_iter().map(|row| row.tenant).collect()
        } else {
            for name in &names {
                life::own(existing(&store, name)?)?;
            }
            names
        };
        let bar = Bar::new();
        let manifest = backup::write(&store, &tenants, to, &mut |done, of, tenant| bar.at(done, of, tenant))?;
        bar.end();
        let all = tenants.len();
        let act =
            audit::act("backup", tenants.first().filter(|_| all == 1), &format!("{all} tenants to {}", to.display()));
        store.control().record(&act)?;
        tell(&manifest, to, self.json)
    }
}

impl Verify {
    fn run(self) -> Result<(), Failure> {
        let bar = Bar::new();
        let manifest = backup::check(&self.from, None, &mut |done, of, tenant| bar.at(done, of, tenant))?;
        bar.end();
        tell(&manifest, &self.from, self.json)
    }
}

impl Restore {
    pub(super) fn run(self) -> Result<(), Failure> {
        let replaces = self.replace;
        let wanted: Vec<Wanted> = match &self.tenant {
            Some(name) => {
                let tenant = name.parse().map_err(Failure::usage)?;
                let new_name = self.new_name.as_ref().map(|name| name.parse()).transpose().map_err(Failure::usage)?;
                vec![Wanted { tenant, new_name, replaces }]
            }
            None => {
                let manifest = backup::check(&self.from, None, &mut |_, _, _| ())?;
                let tenants = manifest.tenants.into_iter().map(|entry| entry.tenant);
                tenants.map(|tenant| Wanted { tenant, new_name: None, replaces }).collect()
            }
        };
        let store = self.common.store_with_customers()?;
        let busy = wanted
            .iter()
            .filter_map(|one| store.control().tenant(one.new_name.as_ref().unwrap_or(&one.tenant)).transpose());
        for row in busy.collect::<Result<Vec<_>, _>>()? {
            // One whose restore was interrupted is taken up.
            if row.state != TenantState::Restoring {
                life::own(row)?;
            }
        }
        let act = audit::act("restore", None, "");
        let wait_max = Duration::from_secs(self.wait_s);
        let restored =
            backup::restore(&store, &self.from, &wanted, &act, wait_max, &mut |text| terminal::progress(text))?;
        if self.json {
            let tenants: Vec<Value> = restored.iter().map(shown).collect();
            terminal::line(&serde_json::to_string_pretty(&json!({ "tenants": tenants }))?);
            return Ok(());
        }
        restored.iter().for_each(say);
        Ok(())
    }
}

fn shown(restored: &Restored) -> Value {
    let Restored { tenant, replaced, documents_waiting, credential, unsealable } = restored;
    let (key_id, secret) = credential.as_ref().map(|it| (&it.key_id, &it.secret)).unzip();
    json!({"tenant": tenant, "replaced": replaced, "documents_waiting": documents_waiting, "key_id": key_id, "secret": secret,
        "unsealable": unsealable})
}

fn say(restored: &Restored) {
    let Restored { tenant, replaced, documents_waiting, credential, unsealable } = restored;
    let how = if *replaced { "replaced" } else { "restored" };
    terminal::line(&format!("tenant {tenant} is {how}; {documents_waiting} documents wait to be imported"));
    if let Some(Credential { key_id, secret }) = credential {
        terminal::line(&format!(
            "key_id    {key_id}\nsecret    {secret}\n\nThe secret is shown this once; only its hash is kept."
        ));
    }
    if !unsealable.is_empty() {
        terminal::error(&format!(
            "not for password digests any more, because secrets.key is another one: {}; make new ones with: plugpoint tenant add-key {tenant} --digest",
            unsealable.join(", ")
        ));
    }
}

fn tell(manifest: &Manifest, folder: &Path, is_json: bool) -> Result<(), Failure> {
    let bytes: u64 = manifest.tenants.iter().map(|entry| entry.bytes).sum();
    if is_json {
        let answer = json!({"folder": folder, "release": manifest.release, "created_at": manifest.created_at,
            "tenant_schema": manifest.tenant_schema, "bytes": bytes, "tenants": manifest.tenants});
        terminal::line(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    let cells = |entry: &TenantEntry| {
        let items: u64 = entry.catalogs.iter().map(|catalog| catalog.items).sum();
        let numbers = [entry.catalogs.len() as u64, items, entry.documents_waiting, entry.documents_kept, entry.bytes];
        [vec![entry.tenant.to_string()], numbers.map(|number| number.to_string()).to_vec()].concat()
    };
    let rows: Vec<_> = manifest.tenants.iter().map(cells).collect();
    terminal::out(&terminal::table(&["tenant", "catalogs", "items", "waiting", "kept", "bytes"], &rows));
    terminal::line(&format!(
        "{} of release {}, {}: whole, {bytes} bytes",
        folder.display(),
        manifest.release,
        manifest.created_at
    ));
    Ok(())
}

/// How far a long command is, for a person who waits at a terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}");
        Self(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
    }

    fn at(&self, done: usize, of: usize, tenant: &TenantId) {
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
        self.0.set_message(tenant.to_string());
    }

    fn end(&self) {
        self.0.finish_and_clear();
    }
}

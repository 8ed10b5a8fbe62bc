//! `plugpoint tenant`: create tenants, list them, renew and add keys. Works while a server runs on the same data folder.

use std::error::Error;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Credential, Kept, NewTenant, Store, StoreError, StoreErrorKind, TenantRow};
use serde_json::json;

use super::{Common, Failure, audit};
use crate::{customers, terminal};

/// Create tenants, list them, renew their keys. A running server on the same data folder serves the change at once.
#[derive(Subcommand)]
pub(crate) enum Tenant {
    /// Create a tenant and print its credential, once.
    ///
    /// Examples:
    ///   plugpoint tenant create acme --data-dir ./data
    ///   plugpoint tenant create acme --customer voltwerk --data-dir ./data --json
    ///   plugpoint tenant create acme --profile profile.toml --data-dir ./data
    ///   plugpoint tenant create acme --at 'postgres://acme:PASSWORD@db.acme.example:5432/shop?schema=plugpoint&sslmode=require'
    #[command(verbatim_doc_comment)]
    Create(Create),
    /// List the tenants.
    List(List),
    /// Give a tenant a new credential and print it, once. All it had end at once.
    RotateKey(RotateKey),
    /// Give a tenant one more credential and print it, once. Those it has go on.
    ///
    /// Examples:
    ///   plugpoint tenant add-key acme --data-dir ./data
    ///   plugpoint tenant add-key acme --digest --data-dir ./data --json
    #[command(verbatim_doc_comment)]
    AddKey(AddKey),
    /// Give a tenant tags, or take them away: a name to choose tenants by, as `plugpoint migrate --tag canary` does.
    ///
    /// Examples:
    ///   plugpoint tenant tag acme canary big --data-dir ./data
    ///   plugpoint tenant tag acme --remove big --data-dir ./data
    #[command(verbatim_doc_comment)]
    Tag(Tag),
    /// Move a tenant's database to another place, while it is read.
    Move(super::moving::Move),
    /// Suspend a tenant: its requests are refused, its documents wait.
    Suspend(super::life::Suspend),
    /// Have a suspended tenant served again.
    Resume(super::life::Resume),
    /// Delete a tenant, and prove that nothing of it is left.
    Delete(super::life::Delete),
}

/// Options of `tenant create`.
#[derive(Args)]
pub(crate) struct Create {
    /// Name: 1 to 40 of a-z 0-9 -, the first a letter.
    name: String,
    /// The customer crate whose hooks serve this tenant. Without it the tenant has the generic layer.
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// The tenant's profile (TOML). Without it the customer's own profile holds, or the defaults.
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,
    /// A PostgreSQL database for this tenant alone, postgres://user:password@host:port/database?schema=NAME: kept sealed with the
    /// key in DIR/secrets.key. Without `schema` the platform names the schema. Without this its database is where the others are.
    #[arg(long = "at", value_name = "ADDRESS", env = "PLUGPOINT_TENANT_ADDRESS", hide_env_values = true)]
    at: Option<String>,
    /// A tag to choose it by; more than one may be given.
    #[arg(long = "tag", value_name = "TAG", value_parser = tag)]
    tags: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `tenant tag`.
#[derive(Args)]
pub(crate) struct Tag {
    /// The tenant's name.
    name: String,
    /// Tags that it is to have: 1 to 40 of a-z 0-9 -, the first a letter.
    #[arg(value_name = "TAG", value_parser = tag, required_unless_present = "remove")]
    add: Vec<String>,
    /// Tags that it is not to have any more.
    #[arg(long, value_name = "TAG", value_parser = tag)]
    remove: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `tenant list`.
#[derive(Args)]
pub(crate) struct List {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `tenant rotate-key`.
#[derive(Args)]
pub(crate) struct RotateKey {
    /// The tenant's name.
    name: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of `tenant add-key`.
#[derive(Args)]
pub(crate) struct AddKey {
    /// The tenant's name.
    name: String,
    /// For SOAP clients that send a WS-Security PasswordDigest. The server must then be able to read the secret: it is kept sealed
    /// with the key in DIR/secrets.key, which is made if it is not there. Without this only the secret's hash is kept.
    #[arg(long)]
    digest: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Tenant {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Create(command) => command.run(),
            Self::List(command) => command.run(),
            Self::RotateKey(command) => command.run(),
            Self::AddKey(command) => command.run(),
            Self::Tag(command) => command.run(),
            Self::Move(command) => command.run(),
            Self::Suspend(command) => command.run(),
            Self::Resume(command) => command.run(),
            Self::Delete(command) => command.run(),
        }
    }
}

impl Create {
    fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.name.parse().map_err(Failure::usage)?;
        let profile_toml = match &self.profile {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?
            }
            None => String::new(),
        };
        check_plan(&self.common, self.customer.as_deref(), &profile_toml)?;
        let new = NewTenant { tenant: tenant.clone(), customer: self.customer.clone(), profile_toml };
        let store = self.common.store()?;
        let credential = match &self.at {
            Some(address) => store.create_tenant_at(&new, address).map_err(reason_first)?,
            None => store.control().create_tenant(&new)?,
        };
        if !self.tags.is_empty() {
            let act = audit::act("tenant tag", Some(&tenant), &self.tags.join(" "));
            store.control().tag_tenant(&tenant, &self.tags, &[], &act)?;
        }
        audit::note(&store, "tenant create", &tenant, self.customer.as_deref().unwrap_or_default())?;
        tell(&tenant, self.customer.as_deref(), &credential, Kept::Hash, self.json)
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let store = self.common.store()?;
        let (tenants, tags) = (store.control().tenants()?, store.control().tags()?);
        let tags = |row: &TenantRow| tags.get(&row.tenant).cloned().unwrap_or_default();
        let place = |row: &TenantRow| match store.place_shown(&row.tenant) {
            Ok(place) => place,
            Err(error) => Some(format!("unknown: {error}")),
        };
        if self.json {
            let list: Vec<_> = tenants
                .iter()
                .map(|row| {
                    json!({"tenant": row.tenant, "customer": row.customer, "created_at": row.created_at,
                        "state": row.state, "reason": row.reason, "place": place(row), "tags": tags(row)})
                })
                .collect();
            terminal::line(&serde_json::to_string_pretty(&json!({ "tenants": list }))?);
            return Ok(());
        }
        if tenants.is_empty() {
            terminal::line("no tenants yet; create one with: plugpoint tenant create NAME");
            return Ok(());
        }
        let cells = |row: &TenantRow| {
            let customer = row.customer.clone().unwrap_or_else(|| "(generic)".to_owned());
            let reason = row.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
            let place = place(row).unwrap_or_else(|| "(platform)".to_owned());
            let tags = tags(row).into_iter().collect::<Vec<_>>().join(" ");
            let state = format!("{}{reason}", row.state);
            vec![row.tenant.to_string(), customer, row.created_at.to_string(), state, place, tags]
        };
        let rows: Vec<_> = tenants.iter().map(cells).collect();
        terminal::out(&terminal::table(&["tenant", "customer", "created", "state", "place", "tags"], &rows));
        Ok(())
    }
}

impl Tag {
    fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.name.parse().map_err(Failure::usage)?;
        let store = self.common.store()?;
        existing(&store, &tenant)?;
        let detail = format!("+{:?} -{:?}", self.add, self.remove);
        let act = audit::act("tenant tag", Some(&tenant), &detail);
        let tags = store.control().tag_tenant(&tenant, &self.add, &self.remove, &act)?;
        let list: Vec<_> = tags.iter().map(String::as_str).collect();
        terminal::line(&match (self.json, list.is_empty()) {
            (true, _) => serde_json::to_string(&json!({"tenant": tenant, "tags": tags}))?,
            (false, true) => format!("tenant {tenant} has no tags"),
            (false, false) => format!("tenant {tenant} has the tags {}", list.join(", ")),
        });
        Ok(())
    }
}

/// A tag follows the rule for tenants' names.
fn tag(text: &str) -> Result<String, String> {
    let rule = |_| "a tag is 1 to 40 of a-z 0-9 -, the first a letter".to_owned();
    text.parse::<TenantId>().map(|_| text.to_owned()).map_err(rule)
}

impl RotateKey {
    fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.name.parse().map_err(Failure::usage)?;
        let store = self.common.store()?;
        let row = existing(&store, &tenant)?;
        let credential = store.control().rotate_key(&tenant)?;
        audit::note(&store, "tenant rotate-key", &tenant, "")?;
        tell(&tenant, row.customer.as_deref(), &credential, Kept::Hash, self.json)
    }
}

impl AddKey {
    fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.name.parse().map_err(Failure::usage)?;
        let kept = if self.digest { Kept::Sealed } else { Kept::Hash };
        let store = self.common.store()?;
        let row = existing(&store, &tenant)?;
        let credential = store.control().add_key(&tenant, kept)?;
        audit::note(&store, "tenant add-key", &tenant, if self.digest { "for password digests" } else { "" })?;
        tell(&tenant, row.customer.as_deref(), &credential, kept, self.json)
    }
}

/// Where somebody has to change what was given, that is said first.
pub(super) fn reason_first(error: StoreError) -> Failure {
    let is_given = error.kind() == StoreErrorKind::Unfit;
    match error.source().filter(|_| is_given) {
        Some(reason) => Failure::usage(reason),
        None => error.into(),
    }
}

pub(super) fn existing(store: &Store, tenant: &TenantId) -> Result<TenantRow, Failure> {
    store.control().tenant(tenant)?.ok_or_else(|| Failure::new(format!("there is no tenant {tenant}")))
}

/// A tenant that no server could serve is refused before it exists.
fn check_plan(common: &Common, customer: Option<&str>, profile_toml: &str) -> Result<(), Failure> {
    let plans = customers::plans(&super::config::load(common)?, &common.data_dir, &terminal::error)?;
    let profile = plans.profile(customer, profile_toml).map_err(|error| Failure::usage(error.detail))?;
    plans.for_tenant(customer, &profile).map_err(|error| Failure::usage(error.detail))?;
    match plugpoint_plugin_catalog::tasks::mistakes(&profile).first() {
        Some((setting, why)) => Err(Failure::usage(format!("{setting}: {why}"))),
        None => Ok(()),
    }
}

fn tell(
    tenant: &TenantId,
    customer: Option<&str>,
    credential: &Credential,
    kept: Kept,
    is_json: bool,
) -> Result<(), Failure> {
    let Credential { key_id, secret } = credential;
    if is_json {
        let answer = json!({"tenant": tenant, "customer": customer, "key_id": key_id, "secret": secret});
        terminal::line(&serde_json::to_string(&answer)?);
    } else {
        let note = match kept {
            Kept::Hash => "only its hash is kept",
            Kept::Sealed => "it is kept sealed, for password digests; its key is secrets.key in the data folder",
        };
        terminal::line(&format!(
            "tenant    {tenant}\ncustomer  {}\nkey_id    {key_id}\nsecret    {secret}\n\nThe secret is shown this once; {note}.",
            customer.unwrap_or("(generic)")
        ));
    }
    Ok(())
}

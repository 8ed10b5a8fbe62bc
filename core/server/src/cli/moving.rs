//! `plugpoint tenant move`, beside a server that runs or without one.

use std::time::Duration;

use clap::{ArgGroup, Args};
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Destination, Moved};
use serde_json::json;

use super::tenant::{existing, reason_first};
use super::{Common, Failure, audit, life};
use crate::terminal;

/// Move a tenant's database to another place. It is read all the time; what would write it waits (imports) or is answered with 503
/// and Retry-After until the copy is made and verified. The old place is kept, unwritable, until the move is confirmed. Interrupted,
/// the same command goes on.
///
/// Examples:
///   plugpoint tenant move acme --to 'postgres://acme:PASSWORD@db.acme.example:5432/shop?schema=plugpoint'
///   plugpoint tenant move acme --to platform       # where the others are
///   plugpoint tenant move acme --confirm           # removes what was kept
///   plugpoint tenant move acme --back              # gives it up, or moves it back with what was written since
#[derive(Args)]
#[command(verbatim_doc_comment, group = ArgGroup::new("what").required(true))]
pub(crate) struct Move {
    /// The tenant's name.
    name: String,
    /// The new place: a PostgreSQL address, or `platform`.
    #[arg(long, value_name = "ADDRESS", group = "what", env = "PLUGPOINT_MOVE_ADDRESS", hide_env_values = true)]
    to: Option<String>,
    /// Remove what is kept at the old place.
    #[arg(long, group = "what")]
    confirm: bool,
    /// Take the move back.
    #[arg(long, group = "what")]
    back: bool,
    /// How long to wait for whoever writes.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    wait_s: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

impl Move {
    pub(super) fn run(self) -> Result<(), Failure> {
        let tenant: TenantId = self.name.parse().map_err(Failure::usage)?;
        let store = self.common.store_with_customers()?;
        life::own(existing(&store, &tenant)?)?;
        let (wait_max, mut tell) = (Duration::from_secs(self.wait_s), |text: &str| terminal::progress(text));
        let act = |detail: &str| audit::act("tenant move", Some(&tenant), detail);
        let moved = if self.confirm {
            store.confirm_move(&tenant, &act("confirmed")).map_err(reason_first)?;
            None
        } else if self.back {
            store.move_back(&tenant, &act("back"), wait_max, &mut tell).map_err(reason_first)?
        } else {
            let to = match self.to.as_deref().unwrap_or_default() {
                "platform" => Destination::Platform,
                address => Destination::Address(address.to_owned()),
            };
            Some(store.move_tenant(&tenant, &to, &act("to another place"), wait_max, &mut tell).map_err(reason_first)?)
        };
        let place = store.place_shown(&tenant)?;
        if self.json {
            let (from, rows) = moved.map_or((None, 0), |Moved { from, rows, .. }| (from, rows));
            terminal::line(&serde_json::to_string(
                &json!({"tenant": tenant, "place": place, "from": from, "rows": rows}),
            )?);
            return Ok(());
        }
        let place = place.unwrap_or_else(|| "the platform's own place".to_owned());
        terminal::line(&match moved {
            Some(Moved { rows, .. }) => format!(
                "tenant {tenant} is at {place}: {rows} rows, each verified; confirm it with: plugpoint tenant move {tenant} --confirm"
            ),
            None if self.confirm => format!("tenant {tenant} is at {place}; what was kept elsewhere is removed"),
            None => format!("tenant {tenant} is at {place}, where it was; its move is given up"),
        });
        Ok(())
    }
}

//! Opens the store as the configuration asks for it. Called by every command that has to do with tenants.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use plugpoint_config::{Config, MigrateAt};
use plugpoint_sdk::update::Updates;
use plugpoint_store::{DepotOptions, ElsewhereOptions, Migrate, PostgresOptions, Store, StoreError, StoreOptions};

/// What customers do to their tenants' databases, by customer.
pub(crate) type CustomerUpdates = BTreeMap<String, Arc<Updates>>;

/// The databases: files under the data folder, or a PostgreSQL server's. Whoever opens tenants with the steps of their customers
/// gives those.
///
/// # Errors
/// Those of the storage.
pub(crate) fn open(config: &Config, data_dir: &Path, updates: CustomerUpdates) -> Result<Store, StoreError> {
    let database = &config.database;
    let postgres = database.url.as_ref().map(|url| PostgresOptions {
        url: url.secret().to_owned(),
        schema_prefix: database.schema_prefix.as_str().to_owned(),
        connections_max: database.connections_max,
    });
    let wait_max = Duration::from_millis(database.wait_ms);
    let spool_dir = Some(spool_dir(config, data_dir));
    let elsewhere = ElsewhereOptions {
        schema_prefix: database.schema_prefix.as_str().to_owned(),
        connections_max: database.connections_max,
    };
    let migrate = match database.migrate {
        MigrateAt::Open => Migrate::AtOpen,
        MigrateAt::Command => Migrate::ByCommand,
    };
    let updates = Arc::new(updates);
    let depot = config.imports.bucket.as_ref().map(|bucket| DepotOptions {
        bucket: bucket.name().to_owned(),
        prefix: bucket.prefix().to_owned(),
        endpoint: config.imports.bucket_endpoint.as_ref().map(|endpoint| endpoint.as_str().to_owned()),
    });
    let options =
        StoreOptions { postgres, elsewhere, wait_max, spool_dir, depot, migrate, updates, ..StoreOptions::default() };
    Store::open(data_dir, options)
}

/// Where documents lie, without a look at any database.
pub(crate) fn spool_dir(config: &Config, data_dir: &Path) -> PathBuf {
    config.imports.spool_dir.as_ref().map_or_else(|| data_dir.join("spool"), |folder| folder.as_path().to_owned())
}

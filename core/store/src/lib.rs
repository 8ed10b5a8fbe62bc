//! plugpoint-store: the only user of a SQL client. A control database (tenants, credentials) and one catalog database per
//! tenant: SQLite files, or schemas of a PostgreSQL database, behind the same methods. No SQL type is public.
//!
//! Called by http (authentication, reads), the catalog plugin (imports) and the command line. Every method blocks: call it
//! from a thread that may. It refuses to know formats, rules and HTTP.
//!
//! | file | what |
//! |---|---|
//! | `store` | the data folder: control database, tenants opened on demand |
//! | `control`, `credentials` | tenants; key ids and argon2id-hashed secrets |
//! | `sealing`, `random` | secrets that password digests need, sealed with the key of the data folder |
//! | `life`, `audit`, `door` | tenants that are suspended, replaced, deleted; what operators did; who has a tenant open |
//! | `elsewhere` | tenants whose databases are at addresses of their own |
//! | `moving`, `tenant/seal` | a tenant's way to another place |
//! | `schemas` | whole schemas of a server: filled, switched, dropped |
//! | `backup` | what a backup keeps of a tenant's rows, and whether a copy is whole |
//! | `fleet` | many tenants: which structure each has, bringing them up to date beside each other |
//! | `nonces` | nonces of password digests that were used |
//! | `sessions` | browsers that logged in |
//! | `tasks` | runs of background tasks: taken in, given to workers, ended |
//! | `tenant/mod` | one tenant's database: the methods and their types |
//! | `tenant/{items,page_query,changes,imports,snapshot}` | reads |
//! | `tenant/import`, `tenant/edit` | writes: an import's transaction; one item |
//! | `tenant/{changeset,tally,categories,bitmap}` | what both do to rows, and how they are counted |
//! | `tenant/{skus,added,texts,bulk,recall,copy,quota}` | how many rows go in at once, what the last import read, a tenant elsewhere, how many items |
//! | `database`, `pool`, `migrate`, `watch`, `files` | one database: connections, waiting, structure, others' commits; modes of files |
//! | `sql` | the seam: one text for each statement, two backends that run it |
//!
//! Layout on disk: `DATA/control.db`, `DATA/tenants/<tenant>/catalog.db`, at first need `DATA/nonces.db`, `DATA/tasks.db` and
//! `DATA/secrets.key`; folders 0700, files 0600.
//!
//! Dependencies with a reason: `rusqlite` (bundled SQLite: nothing to install), `argon2` (secrets), `getrandom` (the
//! operating system's randomness for secrets), `base64` (their text), `blake3` (the content of a backup, a nonce), `siphasher` (the fingerprint
//! of an item), `hashbrown` (maps that an import asks for each item),
//! `chacha20poly1305` (secrets that are kept sealed), `postgres` (blocks, as everything here does), `tokio-postgres-rustls`, `rustls`,
//! `rustls-native-certs` (TLS to it, by the machine's certificates), `bytes` (the buffer that its values are written into).

mod audit;
mod backup;
mod control;
mod credentials;
mod database;
mod depot;
mod door;
mod elsewhere;
mod error;
mod files;
mod fingerprint;
mod fleet;
mod life;
mod migrate;
mod moving;
mod nodes;
mod nonces;
mod operators;
mod pool;
mod random;
mod runs;
mod schemas;
mod sealing;
mod sessions;
mod sql;
mod store;
mod tasks;
mod tenant;
mod time;
mod updates;
mod watch;

pub use audit::{Act, ActRow};
pub use backup::{CatalogFacts, DatabaseCopy, DatabaseFacts, Portrait, PortraitKey, TENANT_SCHEMA};
pub use control::{Control, Kept, NewTenant, TenantRow};
pub use credentials::{Credential, CredentialRow, verify_secret};
pub use depot::{Below, Depot, DepotOptions};
pub use door::Held;
pub use error::{StoreError, StoreErrorKind};
pub use fingerprint::{Fingerprint, FingerprintKey};
pub use fleet::{Behind, Structure, for_each_tenant};
pub use life::TenantState;
pub use migrate::Migrate;
pub use moving::{Destination, Moved};
pub use nodes::NodeRow;
pub use nonces::{NonceUse, Nonces};
pub use operators::{OperatorRow, Role};
pub use runs::{FleetClaim, OutcomeRow, RUNS_KEPT, RunCounts, RunRow, RunState};
pub use schemas::{Alone, Dropped};
pub use sessions::{SESSIONS_MAX, Session, TOKEN_CHARS};
pub use store::{Clock, ElsewhereOptions, PostgresOptions, Store, StoreOptions};
pub use tasks::{
    DaemonRow, DaemonTold, DeploymentRow, Ended, Enqueued, Move, NewRun, Pausable, RunFilter, ScheduleRow, Settled,
    TakenRun, TaskCounts, TaskRun, TaskRunState, Tasks, Turn, TurnOptions, Wanted, WorkerRow,
};
pub use tenant::{
    CatalogRow, CatalogSnapshot, Change, ChangeKind, DeleteOutcome, FindingFilter, ImportFailure, ImportProgress,
    ImportRecord, ImportTx, ItemFilter, ItemRow, KeyHeld, Leased, Patched, PreparedItem, PutOutcome, Recall, RowId,
    SnapshotItem, TenantDb, Upserted,
};

//! `cargo xtask bench …`: figures of this machine, of this minute. Ratios come from alternating rounds of one run.
//!
//! Every process started here is ended here, by its own id; everything listens on the loopback address.

mod envelope;
mod fleet;
mod formats;
mod hostile;
mod http;
mod import;
mod peers;
mod postgres;
mod process;
mod product;
mod read;

use std::path::PathBuf;

use clap::Subcommand;

use crate::Outcome;

/// What to measure.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// A canonical SOAP envelope from the first byte sent to the acknowledged commit.
    Import {
        /// Items in the envelope, about 680 bytes each.
        #[arg(long, default_value_t = 100_000)]
        items: u32,
        /// Rounds; every round starts a fresh server on an empty data folder.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// A folder of peer programs to run in the same rounds: B-soap-import/{gen.py,schema.sql,spyne_server.py,gsoap/server}
        /// and venv/bin/python.
        #[arg(long)]
        peers: Option<PathBuf>,
        /// Measure this `plugpoint` instead of building the release binary.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Each format's reader beside a bare loop over the same bytes.
    Formats {
        /// The size of each document.
        #[arg(long, default_value_t = 48)]
        megabytes: u64,
        /// Rounds; reader and bare loop alternate.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// Measure this format alone.
        #[arg(long)]
        only: Option<String>,
        /// Measure this `plugpoint` instead of building the release binary.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// Reading single items, beside a bare handler that answers as many bytes.
    Read {
        /// Items in the catalog.
        #[arg(long, default_value_t = 20_000)]
        items: u32,
        /// Rounds; the two servers alternate within each.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
        /// Seconds of load per server, set of items and round.
        #[arg(long, default_value_t = 5)]
        seconds: u32,
        /// Connections that ask at the same time.
        #[arg(long, default_value_t = 32)]
        connections: u32,
        /// Measure this `plugpoint` instead of building the release binary.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// The import into files beside that into a PostgreSQL server, and psql's `copy` of the same rows; run it by `.ci/postgres`.
    Postgres {
        /// Items in the envelope, about 680 bytes each.
        #[arg(long, default_value_t = 100_000)]
        items: u32,
        /// Rounds; the three alternate within each.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// Measure this `plugpoint` instead of building the release binary.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// A customer's three steps brought to many tenants, one after the other and side by side, some failing, some runs killed; with
    /// schemas, too, if it is run by `.ci/postgres`.
    Fleet {
        /// Tenants whose databases are files.
        #[arg(long, default_value_t = 1_000)]
        tenants: u32,
        /// Tenants whose databases are schemas of a PostgreSQL server.
        #[arg(long, default_value_t = 200)]
        schemas: u32,
        /// Tenants at the same time.
        #[arg(long, default_value_t = 8)]
        jobs: u32,
        /// Rounds; each runs both ways.
        #[arg(long, default_value_t = 3)]
        rounds: u32,
        /// How often the command is killed.
        #[arg(long, default_value_t = 50)]
        kills: u32,
        /// Measure this `plugpoint` instead of building the release binary.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
    /// A quiet tenant's imports beside those of a tenant whose hook panics, loops, allocates, blocks, floods.
    Hostile {
        /// Imports of the quiet tenant in each stretch.
        #[arg(long, default_value_t = 300)]
        imports: u32,
        /// Items of each of them.
        #[arg(long, default_value_t = 500)]
        items: u32,
        /// Measure this `plugpoint` instead of building the release binary.
        #[arg(long)]
        binary: Option<PathBuf>,
    },
}

/// Runs one benchmark and prints its figures.
pub(crate) fn run(bench: &Bench) -> Outcome {
    match bench {
        Bench::Import { items, rounds, peers, binary } => {
            import::run(*items, *rounds, peers.as_deref(), binary.as_deref())
        }
        Bench::Read { items, rounds, seconds, connections, binary } => {
            let plan = read::Plan { items: *items, rounds: *rounds, seconds: *seconds, connections: *connections };
            read::run(&plan, binary.as_deref())
        }
        Bench::Formats { megabytes, rounds, only, binary } => {
            formats::run(*megabytes, *rounds, only.as_deref(), binary.as_deref())
        }
        Bench::Postgres { items, rounds, binary } => postgres::run(*items, *rounds, binary.as_deref()),
        Bench::Fleet { tenants, schemas, jobs, rounds, kills, binary } => {
            let (tenants, schemas, jobs) = (*tenants, *schemas, *jobs);
            fleet::run(&fleet::Plan { tenants, schemas, jobs, rounds: *rounds, kills: *kills }, binary.as_deref())
        }
        Bench::Hostile { imports, items, binary } => hostile::run(*imports, *items, binary.as_deref()),
    }
}

/// The middle of some figures; zero when there are none.
fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}

//! The behaviour of the store, through its public methods alone, each test on databases of its own: files of SQLite's, or with
//! `PLUGPOINT_TEST_POSTGRES` (an address) schemas of a PostgreSQL server. `crash`, `damage` and `files` know files alone, `postgres`
//! servers alone; the rest states what every backend does.

mod changes;
mod control;
mod copies;
mod crash;
mod damage;
mod doors;
mod edits;
mod elsewhere;
mod files;
mod imports;
mod leases;
mod life;
mod model;
mod postgres;
mod recalls;
mod records;
mod snapshots;
mod support;
mod tasks;
mod transactions;
mod updates;
mod verifying;

//! Runtimes on stores of their own: files of SQLite's, or with `PLUGPOINT_TEST_POSTGRES` (an address) schemas of a PostgreSQL server.

mod behaviour;
mod kills;
mod support;

//! Keeps a customer's steps to what is the customer's own.
//!
//! A file refuses each statement that would do something else, by SQLite's authorizer, before it runs. A server has nothing of the kind
//! short of a role of its own for each customer; there it is read before and after each step what else is there, and which tables the
//! transaction has locked as only one does who changes them, and a difference undoes the transaction.
//!
//! This is against mistakes: a customer's crate runs in the platform's process, and could do whatever it wants to anyway.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use plugpoint_sdk::update::own_prefix;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::error::StoreError;
use crate::sql::{Connection, values};

pub(super) struct Guard {
    prefix: String,
    /// Everything else by name, and how it is.
    others: BTreeMap<String, String>,
}

/// Everything in a file that is not the customer's.
const OTHERS_OF_FILE: &str = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema
    WHERE substr(lower(name), 1, length(?1)) <> ?1 AND name NOT LIKE 'sqlite\\_autoindex\\_' || ?1 || '%' ESCAPE '\\'
        AND name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'";

/// A table of the customer's that keeps rows of others from being deleted.
const TIES_OF_FILE: &str = "SELECT s.name, k.\"table\" FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) k
    WHERE s.type = 'table' AND substr(lower(s.name), 1, length(?1)) = ?1 AND substr(lower(k.\"table\"), 1, length(?1)) <> ?1";

/// Everything in a schema that is not the customer's; what this transaction has locked, anywhere, as one does who changes it: a lock is held
/// to the end, and lists and counts of all tables of a thousand tenants would take longer than the steps; what it has set.
const OTHERS_OF_SCHEMA: &str = "
    SELECT c.relname::text, concat_ws('/', c.oid, c.relfilenode) FROM pg_class c
        WHERE c.relnamespace = current_schema()::regnamespace AND NOT starts_with(c.relname::text, ?1)
    UNION ALL SELECT 'change of ' || c.oid::regclass, string_agg(DISTINCT l.mode, ',') FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND c.relnamespace NOT IN ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)
            AND NOT (c.relnamespace = current_schema()::regnamespace AND (starts_with(c.relname::text, ?1) OR starts_with(c.relname::text, 'steps_done')))
        GROUP BY c.oid
    UNION ALL SELECT 'function ' || p.oid::regprocedure::text, p.prosrc FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
    UNION ALL SELECT 'setting ' || name, setting FROM pg_settings WHERE source = 'session' AND name <> 'lock_timeout'";

/// What is recorded, which the transaction itself adds to between two steps.
const RECORDS: &str = "SELECT coalesce(string_agg(s::text, ',' ORDER BY owner, tag), '') FROM steps_done s";

impl Guard {
    pub(super) fn before(tx: &Connection, customer: &str) -> Result<Self, StoreError> {
        let prefix = own_prefix(customer);
        let others = others(tx, &prefix)?;
        Ok(Self { prefix, others })
    }

    /// Runs statements. Says what keeps them from running.
    pub(super) fn run(&self, tx: &Connection, text: &str) -> Result<(), String> {
        match tx {
            Connection::Sqlite(connection) => self.run_in_file(connection, text),
            Connection::Postgres(_) => {
                let records = || tx.query_one(RECORDS, &[], |row| row.get::<String>(0)).map_err(|error| chain(&error));
                let before = records()?;
                tx.execute_batch(&in_a_block(text)).map_err(|error| chain(&error))?;
                if records()? == before { Ok(()) } else { Err(self.beyond("steps_done")) }
            }
        }
    }

    /// Whether everything else is as it was; else what is not.
    pub(super) fn after(&self, tx: &Connection) -> Result<(), String> {
        let now = others(tx, &self.prefix).map_err(|error| chain(&error))?;
        let names = self.others.keys().chain(now.keys());
        // What the transaction itself records is the core's and changes with each step.
        let mut changed: Vec<&String> =
            names.filter(|name| *name != "steps_done" && self.others.get(*name) != now.get(*name)).collect();
        changed.dedup();
        if let Some(name) = changed.first() {
            return Err(self.beyond(name));
        }
        if tx.postgres().is_some() {
            return Ok(());
        }
        let tied =
            tx.query_opt(TIES_OF_FILE, values![&self.prefix], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)));
        match tied.map_err(|error| chain(&error))? {
            None => Ok(()),
            Some((own, other)) => Err(format!("{own} refers to {other}, whose rows could not be deleted then")),
        }
    }

    fn run_in_file(&self, connection: &rusqlite::Connection, text: &str) -> Result<(), String> {
        let refused = Arc::new(Mutex::new(None));
        let (prefix, told) = (self.prefix.clone(), Arc::clone(&refused));
        let judge = move |context: AuthContext<'_>| match judged(&context, &prefix) {
            Ok(()) => Authorization::Allow,
            Err(what) => {
                told.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
                Authorization::Deny
            }
        };
        let done = connection.authorizer(Some(judge)).and_then(|()| connection.execute_batch(text));
        // Off again whatever came of it; statements that are prepared from here on are the core's.
        let off = connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>);
        let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
        match refused {
            Some(what) => Err(self.beyond(&what)),
            None => done.and(off).map_err(|error| error.to_string()),
        }
    }

    fn beyond(&self, what: &str) -> String {
        format!("it would change more than the customer's own ({}...): {what}", self.prefix)
    }
}

fn others(tx: &Connection, prefix: &str) -> Result<BTreeMap<String, String>, StoreError> {
    let select = if tx.postgres().is_some() { OTHERS_OF_SCHEMA } else { OTHERS_OF_FILE };
    Ok(tx.query(select, values![prefix], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
}

/// Whether a part of a statement may run; else what it is.
fn judged(context: &AuthContext<'_>, prefix: &str) -> Result<(), String> {
    let is_own = |name: &str| {
        let (own, auto) = (name.to_ascii_lowercase(), "sqlite_autoindex_");
        own.strip_prefix(auto).unwrap_or(&own).starts_with(prefix)
    };
    // SQLite's own book-keeping, which statements cannot reach by themselves.
    let is_book = |name: &str| matches!(name, "sqlite_master" | "sqlite_schema" | "sqlite_temp_master");
    let table = |name: &str, verb: &str| match is_own(name) || is_book(name) {
        true => Ok(()),
        false => Err(format!("{verb} {name}")),
    };
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Function { .. } | AuthAction::Recursive => Ok(()),
        AuthAction::Insert { table_name } => table(table_name, "insert into"),
        AuthAction::Update { table_name, .. } => table(table_name, "update"),
        AuthAction::Delete { table_name } => table(table_name, "delete from"),
        AuthAction::CreateTable { table_name } => table(table_name, "create table"),
        AuthAction::DropTable { table_name } => table(table_name, "drop table"),
        AuthAction::AlterTable { table_name, .. } => table(table_name, "alter table"),
        AuthAction::CreateView { view_name } => table(view_name, "create view"),
        AuthAction::DropView { view_name } => table(view_name, "drop view"),
        AuthAction::CreateIndex { index_name, table_name } => {
            table(table_name, "index").and_then(|()| table(index_name, "create index"))
        }
        AuthAction::DropIndex { index_name, table_name } => {
            table(table_name, "index").and_then(|()| table(index_name, "drop index"))
        }
        AuthAction::Reindex { index_name } => table(index_name, "reindex"),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => Err("begin or end a transaction".to_owned()),
        AuthAction::Pragma { pragma_name, .. } => Err(format!("pragma {pragma_name}")),
        ref other => Err(format!("{other:?}")),
    }
}

/// The text within a block: there a statement that would end the transaction is refused.
fn in_a_block(text: &str) -> String {
    let quote = (0..).map(|number| format!("$q{number}$")).find(|quote| !text.contains(&**quote)).unwrap_or_default();
    format!("DO LANGUAGE plpgsql $block$ BEGIN EXECUTE {quote}{text}{quote}; END $block$")
}

fn chain(error: &StoreError) -> String {
    let mut source = std::error::Error::source(error);
    let mut text = String::new();
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text
}

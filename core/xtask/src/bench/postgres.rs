//! `bench postgres`: the same first import into files and into a PostgreSQL server, and `psql \copy` of the rows that it wrote there, in
//! alternating rounds. The server is the one that `.ci/postgres` has started.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use super::import::{self, Document};
use super::median;
use super::product::{Database, Product};
use crate::Outcome;
use crate::workspace;

/// Where an import's rows are. The first one has the items themselves.
const TABLES: [&str; 4] = ["items", "item_categories", "categories", "recalled"];

/// Runs the rounds and prints a table.
pub(crate) fn run(items: u32, rounds: u32, binary: Option<&Path>) -> Outcome {
    const NONE: &str = "there is no server to measure: PLUGPOINT_TEST_FSYNC=on .ci/postgres cargo xtask bench postgres";
    let url = std::env::var("PLUGPOINT_TEST_POSTGRES").map_err(|_| NONE.to_owned())?;
    let folder = workspace::metadata()?.target_directory.join("bench");
    let rows = folder.join("rows");
    fs::create_dir_all(&rows).map_err(|error| format!("{}: {error}", rows.display()))?;
    let files = Product::build(&folder, binary)?;
    let document = Document { file: folder.join(format!("catalog-{items}.xml")), namespace: files.namespace()?, items };
    let bytes = document.write(false)?;
    let server = Psql { url: &url, rows: &rows };
    let (mut to_files, mut to_items, mut to_all) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let figure = import::import_once(&files.start()?, &document, bytes)?;
        import::print("SQLite", items, &figure);
        let prefix = format!("bench_{}_{round}_", std::process::id());
        let served = files.on(Database { url: url.clone(), schema_prefix: prefix.clone() });
        let running = served.start()?;
        let ours = import::import_once(&running, &document, bytes)?;
        import::print("PostgreSQL", items, &ours);
        drop(running);
        let schema = server.ask(&format!(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'items' AND starts_with(schemaname, '{prefix}')"
        ))?;
        let (of_items, of_all) = (server.copied(&schema, &TABLES[..1])?, server.copied(&schema, &TABLES)?);
        println!("{:10} {of_items:7.2} s   of the items alone; {of_all:.2} s of all rows", "\\copy");
        to_files.push(figure.seconds / ours.seconds);
        to_items.push(of_items / ours.seconds);
        to_all.push(of_all / ours.seconds);
    }
    println!("\nmedians: PostgreSQL has {:.2} of the speed of SQLite,", median(&to_files));
    println!(
        "{:.2} of that of \\copy of all rows, {:.2} of \\copy of the items alone",
        median(&to_all),
        median(&to_items)
    );
    Ok(())
}

/// PostgreSQL's own client.
pub(super) struct Psql<'a> {
    pub(super) url: &'a str,
    /// A folder for rows between two copies.
    pub(super) rows: &'a Path,
}

impl Psql<'_> {
    /// How long copying the rows of these tables takes, into empty tables with the same indexes, in one transaction.
    fn copied(&self, schema: &str, tables: &[&str]) -> Outcome<f64> {
        let file = |table| self.rows.join(table).display().to_string();
        let out = tables.iter().map(|table| format!("\\copy \"{schema}\".{table} TO '{}'\n", file(table)));
        self.run(&out.collect::<String>())?;
        let like =
            tables.iter().map(|table| format!("CREATE TABLE again.{table} (LIKE \"{schema}\".{table} INCLUDING ALL);"));
        let like = like.collect::<String>();
        self.run(&format!("SET client_min_messages = error; DROP SCHEMA IF EXISTS again CASCADE; CREATE SCHEMA again; {like} CHECKPOINT;\n"))?;
        let into = tables.iter().map(|table| format!("\\copy again.{table} FROM '{}'\n", file(table)));
        let script = format!("BEGIN;\n{}COMMIT;\n", into.collect::<String>());
        let begun = Instant::now();
        self.run(&script)?;
        Ok(begun.elapsed().as_secs_f64())
    }

    fn ask(&self, sql: &str) -> Outcome<String> {
        Ok(self.run(&format!("{sql};\n"))?.trim().to_owned())
    }

    pub(super) fn run(&self, script: &str) -> Outcome<String> {
        let failed = |error: &dyn std::fmt::Display| format!("psql: {error}");
        let file = self.rows.join("script.sql");
        fs::write(&file, script).map_err(|error| failed(&error))?;
        let output = Command::new("psql")
            .args(["--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--file"])
            .arg(&file)
            .arg(self.url)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| failed(&error))?;
        if !output.status.success() {
            return Err(failed(&String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|error| failed(&error))
    }
}

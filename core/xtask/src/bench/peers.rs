//! Peers of the import: a gSOAP server in C++ and a Spyne server in Python that do the same work into SQLite.
//!
//! They are not part of this repository; `--peers` names the folder where they were built. Each gets an envelope of its own
//! schema with as many items of the same size, an empty database, and answers after its one transaction.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::http;
use super::import::Figure;
use super::process::{self, Process};
use crate::Outcome;

/// Prepared peers.
pub(crate) struct Peers {
    home: PathBuf,
    scratch: PathBuf,
    input: PathBuf,
    items: u32,
}

/// A peer's run, named.
type Run<'a> = (&'static str, Box<dyn Fn() -> Outcome<Figure> + 'a>);

impl Peers {
    /// Generates the peers' envelope below the scratch folder.
    pub(crate) fn prepare(home: &Path, folder: &Path, items: u32) -> Outcome<Self> {
        let scratch = folder.join("peers");
        fs::create_dir_all(scratch.join("data")).map_err(|error| format!("{}: {error}", scratch.display()))?;
        let home = home.canonicalize().map_err(|error| format!("{}: {error}", home.display()))?;
        let input = scratch.join("data").join(format!("catalog-{items}.xml"));
        let peers = Self { home, scratch, input, items };
        peers.python(&[peers.home.join("B-soap-import/gen.py").to_string_lossy().as_ref(), &items.to_string()])?;
        Ok(peers)
    }

    /// The peers of one round. Spyne takes a minute for what the others do in seconds, so it runs in the first round only.
    pub(crate) fn of_round(&self, round: u32) -> Vec<Run<'_>> {
        let mut runs: Vec<Run<'_>> =
            vec![("gSOAP", Box::new(|| self.import(Command::new(self.home.join("B-soap-import/gsoap/server")))))];
        if round == 0 {
            runs.push((
                "Spyne",
                Box::new(|| {
                    let mut command = Command::new(self.home.join("venv/bin/python"));
                    command.arg(self.home.join("B-soap-import/spyne_server.py"));
                    self.import(command)
                }),
            ));
        }
        runs
    }

    fn import(&self, mut command: Command) -> Outcome<Figure> {
        let database = self.scratch.join("catalog.db");
        self.create_database(&database)?;
        let address = process::free_address()?;
        command.current_dir(self.home.join("B-soap-import"));
        command.env("DB", &database).env("PORT", address.port().to_string()).env("PERF_HOME", &self.scratch);
        let process = Process::start(command, address)?;
        let headers = ["Content-Type: text/xml; charset=utf-8".to_owned(), "SOAPAction: \"importCatalog\"".to_owned()];
        let cpu_before = process.cpu_s();
        let answer = http::post_file(address, "/catalog", &headers, &self.input)?;
        if answer.status != 200 || !answer.body.contains(&format!("imported>{}<", self.items)) {
            return Err(format!("the peer failed: HTTP {}", answer.status));
        }
        Ok(Figure {
            seconds: answer.elapsed.as_secs_f64(),
            bytes: fs::metadata(&self.input).map_or(0, |metadata| metadata.len()),
            cpu_s: process.cpu_s() - cpu_before,
            peak_rss_mb: process.peak_rss_mb(),
        })
    }

    fn create_database(&self, database: &Path) -> Outcome {
        for suffix in ["", "-wal", "-shm"] {
            fs::remove_file(format!("{}{suffix}", database.display())).ok();
        }
        let schema = self.home.join("B-soap-import/schema.sql");
        let script = "import sqlite3, sys\n\
                      c = sqlite3.connect(sys.argv[1])\n\
                      c.execute('PRAGMA journal_mode=WAL')\n\
                      c.executescript(open(sys.argv[2]).read())";
        self.python(&["-c", script, &database.to_string_lossy(), &schema.to_string_lossy()])
    }

    fn python(&self, arguments: &[&str]) -> Outcome {
        let python = self.home.join("venv/bin/python");
        let output = Command::new(&python)
            .args(arguments)
            .env("PERF_HOME", &self.scratch)
            .output()
            .map_err(|error| format!("{}: {error}", python.display()))?;
        if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
    }
}

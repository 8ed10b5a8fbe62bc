//! `plugpoint customer`: whether this server could load a customer library, before it is put where a server loads it.
//!
//! Each library is read here and tried in a process of its own: one that aborts or never comes back costs nothing but its own
//! verdict.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use plugpoint_kernel::{Fault, Library, Loaded, Refusal};
use serde::Serialize;
use serde_json::Value;

use super::{Common, Failure};
use crate::{customers, terminal};

/// How long a library may take to register.
const TRIAL_MAX: Duration = Duration::from_secs(10);
/// What the trying process puts before its verdict; a library may print as well.
const MARK: &str = "plugpoint-verdict:";

/// Customer crates built as libraries.
#[derive(Subcommand)]
pub(crate) enum Customer {
    /// Say for each library whether this server can load it, and if not, why and how to build one that it can. Exit code 1 if
    /// there is one that it cannot load.
    ///
    /// Examples:
    ///   plugpoint customer check target/release/libplugpoint_customer_acme.so
    ///   plugpoint customer check ./plugpoint-data/customers/*.so --json
    #[command(verbatim_doc_comment)]
    Check(Check),
    /// Load one library into this process and print the verdict.
    #[command(hide = true)]
    Try(Try),
}

/// Options of `customer check`.
#[derive(Args)]
pub(crate) struct Check {
    /// The libraries.
    #[arg(required = true, value_name = "FILE.so")]
    files: Vec<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    common: Common,
}

/// Options of the process that tries one library.
#[derive(Args)]
pub(crate) struct Try {
    file: PathBuf,
}

/// What a library that can be loaded holds.
#[derive(Debug, Serialize)]
struct Loadable {
    customer: &'static str,
    package: &'static str,
    sha256: String,
    /// Its name in the customers folder.
    file_name: String,
}

impl Customer {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Check(command) => command.run(),
            Self::Try(command) => command.run(),
        }
    }
}

impl Check {
    fn run(self) -> Result<(), Failure> {
        // A configuration that is wrong is told here too, rather than by the server.
        super::config::load(&self.common)?;
        let verdicts: Vec<Value> = self.files.iter().map(|file| verdict(file)).collect::<Result<_, _>>()?;
        let refused = verdicts.iter().filter(|verdict| verdict["loadable"] != true).count();
        if self.json {
            terminal::line(&serde_json::to_string_pretty(&serde_json::json!({ "libraries": verdicts }))?);
        } else {
            verdicts.iter().for_each(|verdict| terminal::line(&sentence(verdict)));
        }
        let count = verdicts.len();
        if refused == 0 { Ok(()) } else { Err(Failure::new(format!("{refused} of {count} cannot be loaded"))) }
    }
}

fn sentence(verdict: &Value) -> String {
    let text = |key: &str| verdict[key].as_str().unwrap_or_default();
    let (file, customer, package) = (text("file"), text("customer"), text("package"));
    if verdict["loadable"] == true {
        let (sha256, file_name) = (text("sha256"), text("file_name"));
        return format!(
            "{file}: can be loaded\n     customer {customer}, crate {package}, sha256 {sha256}\n     \
             to deploy it, copy it into the customers folder as {file_name}"
        );
    }
    let advice = verdict["rebuild"].as_str().map(|command| format!("\n     to do: {command}")).unwrap_or_default();
    format!("{file}: cannot be loaded: {}{advice}", text("reason"))
}

/// The verdict on one file, as `--json` prints it.
fn verdict(file: &Path) -> Result<Value, Failure> {
    match Library::inspect(file) {
        Ok(_) => tried_apart(file),
        Err(refusal) => Ok(refused(&refusal)?),
    }
}

fn refused(refusal: &Refusal) -> serde_json::Result<Value> {
    let mut verdict = serde_json::to_value(refusal)?;
    verdict["loadable"] = false.into();
    Ok(verdict)
}

impl Try {
    fn run(self) -> Result<(), Failure> {
        let judged = Library::inspect(&self.file).and_then(Loaded::open).and_then(|loaded| {
            customers::tried(&loaded)?;
            Ok(loaded)
        });
        let verdict = match judged {
            Ok(loaded) => {
                let file_name = customers::file_name(&loaded);
                let Loaded { library: Library { sha256, .. }, entry } = loaded;
                let held = Loadable { customer: entry.name, package: entry.package, sha256, file_name };
                let mut verdict = serde_json::to_value(held)?;
                verdict["file"] = self.file.to_string_lossy().into();
                verdict["loadable"] = true.into();
                verdict
            }
            Err(refusal) => refused(&refusal)?,
        };
        terminal::line(&format!("\n{MARK}{verdict}"));
        Ok(())
    }
}

/// Has another process load the library.
fn tried_apart(file: &Path) -> Result<Value, Failure> {
    let mut process = Command::new(std::env::current_exe()?)
        .args(["customer", "try", "--"])
        .arg(file)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = process.stdout.take() {
        // Ends when the process does, or when nobody listens any more.
        std::thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(Result::ok);
            let verdicts = lines.filter_map(|line| Some(line.split_once(MARK)?.1.to_owned()));
            for verdict in verdicts {
                if sender.send(verdict).is_err() {
                    break;
                }
            }
        });
    }
    let told = receiver.recv_timeout(TRIAL_MAX);
    let ended = end(&mut process)?;
    match told {
        Ok(verdict) => Ok(serde_json::from_str(&verdict)?),
        Err(mpsc::RecvTimeoutError::Timeout) => {
            let how = format!("it did not come back within {} s", TRIAL_MAX.as_secs());
            Ok(refused(&Fault::crashed(&how).at(file))?)
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => Ok(refused(&Fault::crashed(&ended.to_string()).at(file))?),
    }
}

/// Lets the process end by itself for a moment, so that its own status is told and not that of the kill.
fn end(process: &mut Child) -> std::io::Result<ExitStatus> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(1) {
        if let Some(status) = process.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    process.kill()?;
    process.wait()
}

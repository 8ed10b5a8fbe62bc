//! The product under measurement: the release binary on an empty data folder with one tenant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::process::{self, Process};
use crate::Outcome;
use crate::workspace::{self, Target};

/// The release binary.
pub(crate) struct Product {
    binary: PathBuf,
    folder: PathBuf,
    /// None for files.
    database: Option<Database>,
}

/// A PostgreSQL server, and how the names of all schemas there begin.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) schema_prefix: String,
}

/// A running server and a tenant's way in.
pub(crate) struct Running {
    pub(crate) process: Process,
    /// A header line.
    pub(crate) authorization: String,
    /// Those of further tenants, in the order in which they were asked for.
    pub(crate) others: Vec<String>,
}

#[derive(Deserialize)]
struct Credential {
    key_id: String,
    secret: String,
}

impl Product {
    /// Builds it, unless a binary is given. `folder` is a scratch folder of the benchmark's.
    pub(crate) fn build(folder: &Path, binary: Option<&Path>) -> Outcome<Self> {
        let binary = match binary {
            Some(binary) => binary.to_path_buf(),
            None => workspace::build("plugpoint-server", Target::Binary("plugpoint"), true)?,
        };
        Ok(Self { binary, folder: folder.to_path_buf(), database: None })
    }

    /// The same with its databases on a server.
    pub(crate) fn on(&self, database: Database) -> Self {
        Self { binary: self.binary.clone(), folder: self.folder.clone(), database: Some(database) }
    }

    /// The same with its databases in files.
    pub(crate) fn on_files(&self) -> Self {
        Self { binary: self.binary.clone(), folder: self.folder.clone(), database: None }
    }

    /// Starts it on an empty data folder and creates a tenant.
    pub(crate) fn start(&self) -> Outcome<Running> {
        let data = self.empty_folder()?;
        let authorization = self.tenant(&data, "bench", &[])?;
        Ok(Running { process: self.serve(&data)?, authorization, others: Vec::new() })
    }

    /// The same with a loaded customer and further tenants that are served by it.
    pub(crate) fn start_with(&self, customer: &str, library: &Path, others: &[&str]) -> Outcome<Running> {
        let data = self.with_customer(customer, library)?;
        let authorization = self.tenant(&data, "bench", &[])?;
        let others = others.iter().map(|name| self.tenant(&data, name, &["--customer", customer]));
        let others = others.collect::<Outcome<_>>()?;
        Ok(Running { process: self.serve(&data)?, authorization, others })
    }

    /// An empty data folder with a loaded customer.
    pub(crate) fn with_customer(&self, customer: &str, library: &Path) -> Outcome<PathBuf> {
        let data = self.empty_folder()?;
        let customers = data.join("customers");
        let failed = |error| format!("{}: {error}", customers.display());
        fs::create_dir_all(&customers).map_err(failed)?;
        fs::copy(library, customers.join(format!("{customer}-1.0.0.so"))).map_err(failed)?;
        Ok(data)
    }

    fn empty_folder(&self) -> Outcome<PathBuf> {
        let data = self.folder.join("data");
        if data.exists() {
            fs::remove_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        }
        fs::create_dir_all(&data).map_err(|error| format!("{}: {error}", data.display()))?;
        Ok(data)
    }

    /// Creates a tenant; its header line.
    pub(crate) fn tenant(&self, data: &Path, name: &str, options: &[&str]) -> Outcome<String> {
        let folder = data.to_string_lossy();
        let arguments = [&["tenant", "create", name, "--json", "--data-dir", &*folder][..], options].concat();
        let created = self.print(&arguments)?;
        let credential: Credential =
            serde_json::from_str(&created).map_err(|error| format!("tenant create: {error}: {created}"))?;
        let token = STANDARD.encode(format!("{}:{}", credential.key_id, credential.secret));
        Ok(format!("Authorization: Basic {token}"))
    }

    fn serve(&self, data: &Path) -> Outcome<Process> {
        self.serve_with(data, &[])
    }

    /// A server on a data folder, with keys of the configuration.
    pub(crate) fn serve_with(&self, data: &Path, environment: &[(&str, &str)]) -> Outcome<Process> {
        let address = process::free_address()?;
        let mut command = self.command();
        command.envs(environment.iter().copied());
        command.args(["serve", "--data-dir"]).arg(data).args(["--listen", &address.to_string()]);
        Process::start(command, address)
    }

    /// The namespace of the catalog service, from the WSDL that it prints.
    pub(crate) fn namespace(&self) -> Outcome<String> {
        let wsdl = self.print(&["wsdl"])?;
        let value = wsdl.split_once("targetNamespace=\"").and_then(|(_, rest)| rest.split_once('"'));
        value.map(|(value, _)| value.to_owned()).ok_or_else(|| "the WSDL has no targetNamespace".to_owned())
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        if let Some(Database { url, schema_prefix }) = &self.database {
            command.env("PLUGPOINT__DATABASE__URL", url).env("PLUGPOINT__DATABASE__SCHEMA_PREFIX", schema_prefix);
        }
        command
    }

    fn print(&self, arguments: &[&str]) -> Outcome<String> {
        let shown = arguments.first().copied().unwrap_or_default();
        let output = self.command().args(arguments).output().map_err(|error| format!("plugpoint {shown}: {error}"))?;
        if !output.status.success() {
            return Err(format!("plugpoint {shown}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        String::from_utf8(output.stdout).map_err(|error| format!("plugpoint {shown}: {error}"))
    }
}

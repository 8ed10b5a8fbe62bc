//! What the commands know about the workspace: its root, its packages, its binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::Outcome;

/// The parts of `cargo metadata` that the commands read.
#[derive(Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) workspace_members: Vec<String>,
    pub(crate) target_directory: PathBuf,
    pub(crate) resolve: Resolve,
}

#[derive(Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

/// A dependency as written in a manifest. `kind` is none for a normal one, else `dev` or `build`.
#[derive(Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Resolve {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub(crate) struct Node {
    pub(crate) id: String,
    pub(crate) deps: Vec<NodeDependency>,
}

#[derive(Deserialize)]
pub(crate) struct NodeDependency {
    pub(crate) pkg: String,
    pub(crate) dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
pub(crate) struct DependencyKind {
    pub(crate) kind: Option<String>,
}

impl Metadata {
    /// The packages of this workspace, by name.
    pub(crate) fn members(&self) -> BTreeMap<&str, &Package> {
        let is_member = |package: &&Package| self.workspace_members.contains(&package.id);
        self.packages.iter().filter(is_member).map(|package| (package.name.as_str(), package)).collect()
    }
}

/// The folder of the workspace's Cargo.toml, wherever xtask was started.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Asks cargo about all packages, without the network.
pub(crate) fn metadata() -> Outcome<Metadata> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata: {error}"))
}

/// Builds one binary or example and returns its path.
pub(crate) fn build(package: &str, target: Target<'_>, release: bool) -> Outcome<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--package", package]);
    let file = match target {
        Target::Binary(name) => {
            command.args(["--bin", name]);
            PathBuf::from(name)
        }
        Target::Example(name) => {
            command.args(["--example", name]);
            Path::new("examples").join(name)
        }
    };
    if release {
        command.arg("--release");
    }
    let status = command.status().map_err(|error| format!("cargo build: {error}"))?;
    if !status.success() {
        return Err(format!("cargo build of {package} failed"));
    }
    let profile = if release { "release" } else { "debug" };
    Ok(metadata()?.target_directory.join(profile).join(file))
}

/// What to build of a package.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    Binary(&'a str),
    Example(&'a str),
}

pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

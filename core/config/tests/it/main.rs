//! The configuration from outside: what an operator writes, what the server gets, what is refused and in which words.

mod loading;
mod mistakes;
mod publishing;

use std::ffi::OsString;
use std::path::PathBuf;

use plugpoint_config::{Config, ConfigErrors};

/// Loads a file of that text under that environment. The file's folder is cut from the messages.
fn load(toml: &str, environment: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plugpoint.toml");
    std::fs::write(&file, toml).expect("a file");
    let prefix = format!("{}/", folder.path().display());
    Config::load_with(Some(&file), variables(environment)).map_err(|errors| told(&errors, &prefix))
}

fn variables(environment: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

fn told(errors: &ConfigErrors, prefix: &str) -> Vec<String> {
    errors.0.iter().map(|error| error.to_string().replace(prefix, "")).collect()
}

fn nowhere() -> PathBuf {
    PathBuf::from("/nowhere/plugpoint.toml")
}

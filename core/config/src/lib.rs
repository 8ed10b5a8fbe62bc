//! What an operator can set: every key declared once, with its doc, default and bounds; a TOML file, then the environment
//! (`PLUGPOINT__SECTION__KEY`) over the defaults; all mistakes reported at once, each with its source.
//!
//! Called once at start. It refuses unknown keys, values out of bounds, and to guess. The layering is our own small code:
//! figment folds the environment into values before a key's type is known, and stops at the first mistake.

mod declare;
mod errors;
mod layers;
mod operations;
mod publish;
mod sections;
mod setting;

use std::ffi::OsString;
use std::path::Path;

pub use declare::Key;
pub use errors::{ConfigError, ConfigErrors};
pub use publish::{config_schema, limits_markdown};
pub use sections::{
    AuthSection, CacheSection, Config, CustomersSection, DatabaseSection, ImportsSection, LimitsSection, LogFormat,
    LogSection, MigrateAt, OnRefusal, ServerSection, TasksSection,
};
pub use setting::{Bucket, DatabaseUrl, Folder, Kind, LogFilter, PublicUrl, SchemaPrefix};

impl Config {
    /// The defaults, overridden by the file if one is given, overridden by the process's environment.
    ///
    /// # Errors
    /// Every mistake of both, not only the first.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigErrors> {
        Self::load_with(file, std::env::vars_os())
    }

    /// The same with another environment.
    ///
    /// # Errors
    /// Every mistake of both, not only the first.
    pub fn load_with(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigErrors> {
        let mut config = Self::default();
        let mut errors = Vec::new();
        if let Some(file) = file {
            layers::apply_file(&mut config, file, &mut errors);
        }
        layers::apply_environment(&mut config, environment, &mut errors);
        if errors.is_empty() { Ok(config) } else { Err(ConfigErrors(errors)) }
    }

    /// Every key with its description, in the order of declaration.
    #[must_use]
    pub fn keys() -> Vec<Key> {
        Self::default().sections().into_iter().flat_map(|section| section.keys()).collect()
    }

    /// The effective values as TOML that [`load`](Self::load) reads, every key under its description.
    #[must_use]
    pub fn to_toml(&self) -> String {
        publish::to_toml(self)
    }
}

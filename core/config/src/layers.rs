//! Puts a file and the environment over the defaults, and keeps going after a mistake so that all are told at once.

use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;

use plugpoint_sdk::near::offer;
use toml::de::{DeTable, DeValue};

use crate::declare::Section;
use crate::errors::ConfigError;
use crate::sections::Config;
use crate::setting::Raw;

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// What every variable of ours begins with.
const PREFIX: &str = "PLUGPOINT__";

/// Reads a TOML file into the configuration.
pub(crate) fn apply_file(config: &mut Config, file: &Path, errors: &mut Vec<ConfigError>) {
    let name = file.display().to_string();
    match read(file) {
        Ok(text) => apply_toml(config, &name, &text, errors),
        Err(message) => errors.push(ConfigError { source: name, key: String::new(), message }),
    }
}

fn read(file: &Path) -> Result<String, String> {
    let size = std::fs::metadata(file).map_err(|error| format!("cannot be read: {error}"))?.len();
    if size > FILE_BYTES_MAX {
        return Err(format!("has {size} bytes; a configuration has at most {FILE_BYTES_MAX}"));
    }
    std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))
}

fn apply_toml(config: &mut Config, name: &str, text: &str, errors: &mut Vec<ConfigError>) {
    let at = |span: &Range<usize>| {
        let line = text.as_bytes()[..span.start.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{name}:{line}")
    };
    let (table, mut syntax) = DeTable::parse_recoverable(text);
    syntax.sort_by_key(|error| error.span().map_or(0, |span| span.start));
    if !syntax.is_empty() {
        // What was recovered after a syntax error would only bring up follow-up mistakes.
        errors.extend(syntax.iter().map(|error| ConfigError {
            source: at(&error.span().unwrap_or(0..0)),
            key: String::new(),
            message: error.message().to_owned(),
        }));
        return;
    }
    for (section_name, section_value) in table.get_ref() {
        let source = at(&section_name.span());
        let key = section_name.get_ref().to_string();
        let section = match find(config, &key) {
            Ok(section) => section,
            Err(message) => {
                errors.push(ConfigError { source, key, message });
                continue;
            }
        };
        let DeValue::Table(entries) = section_value.get_ref() else {
            errors.push(ConfigError { source, key: key.clone(), message: format!("is a section: write [{key}]") });
            continue;
        };
        for (entry, value) in entries {
            apply(section, entry.get_ref(), &Raw::Toml(value.get_ref()), at(&entry.span()), errors);
        }
    }
}

fn apply(section: &mut dyn Section, name: &str, raw: &Raw<'_>, source: String, errors: &mut Vec<ConfigError>) {
    let message = match section.set(name, raw) {
        Some(Ok(())) => return,
        Some(Err(message)) => message,
        None => format!("there is no such key{}", offer(name, section.keys().iter().map(|key| key.name))),
    };
    errors.push(ConfigError { source, key: format!("{}.{name}", section.name()), message });
}

/// Reads the variables that begin with `PLUGPOINT__`, in the order of their names.
pub(crate) fn apply_environment(
    config: &mut Config,
    environment: impl IntoIterator<Item = (OsString, OsString)>,
    errors: &mut Vec<ConfigError>,
) {
    let mut variables: Vec<(String, OsString)> = environment
        .into_iter()
        .filter_map(|(name, value)| name.into_string().ok().map(|name| (name, value)))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    variables.sort();
    for (variable, value) in variables {
        let source = format!("environment variable {variable}");
        let Some(text) = value.to_str() else {
            errors.push(ConfigError { source, key: String::new(), message: "is not UTF-8".to_owned() });
            continue;
        };
        let lower = variable[PREFIX.len()..].to_lowercase();
        let (section_name, name) = lower.split_once("__").unwrap_or((&lower, ""));
        match find(config, section_name) {
            Ok(section) => apply(section, name, &Raw::Text(text), source, errors),
            Err(message) => errors.push(ConfigError { source, key: section_name.to_owned(), message }),
        }
    }
}

fn find<'a>(config: &'a mut Config, name: &str) -> Result<&'a mut dyn Section, String> {
    let sections = config.sections_mut();
    let known = sections.each_ref().map(|section| section.name());
    let found = sections.into_iter().find(|section| section.name() == name);
    found.ok_or_else(|| format!("there is no such section{}", offer(name, known)))
}

/// The variable that sets a key.
pub(crate) fn variable_of(section: &str, key: &str) -> String {
    format!("{PREFIX}{}__{}", section.to_uppercase(), key.to_uppercase())
}

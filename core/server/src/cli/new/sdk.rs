//! Which sdk a new crate is built with: a folder, or a published version.
//!
//! Called by `plugpoint new customer`. It looks whether the folders are what they are taken for; it fetches nothing.

use std::fs;
use std::path::{Path, PathBuf};

use super::From;
use crate::cli::Failure;

/// The sdk of the sources that this program was built from. They may be gone by now.
const BUILT_FROM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../sdk");

/// Where sdk and format readers come from.
#[derive(Debug, PartialEq)]
pub(super) enum Sdk {
    /// Published crates.
    Version {
        /// As in a dependency of a manifest.
        version: String,
        /// Whether the BMEcat plugin is needed.
        has_bmecat: bool,
    },
    /// The sdk's folder, and the BMEcat plugin's where it is needed; both exist.
    Folder {
        /// `plugpoint-sdk`.
        sdk: PathBuf,
        /// `plugpoint-plugin-bmecat`.
        bmecat: Option<PathBuf>,
    },
}

impl Sdk {
    /// What the option asks for, else the sources of this program.
    pub(super) fn find(asked: Option<&str>, from: From) -> Result<Self, Failure> {
        match asked {
            Some(version) if is_version(version) => {
                Ok(Self::Version { version: version.to_owned(), has_bmecat: matches!(from, From::Bmecat) })
            }
            Some(path) => Self::in_folder(Path::new(path), from),
            None => Self::in_folder(Path::new(BUILT_FROM), from).map_err(|_| {
                Failure::usage("the sources of this program are not on this machine; say --sdk PATH or --sdk VERSION")
            }),
        }
    }

    /// `folder` is the sdk's, or the repository's that holds it.
    fn in_folder(folder: &Path, from: From) -> Result<Self, Failure> {
        let sdk = [folder.to_owned(), folder.join("core/sdk")].into_iter().find(|it| is_crate(it, "plugpoint-sdk"));
        let sdk = sdk.and_then(|it| fs::canonicalize(it).ok()).ok_or_else(|| {
            let shown = folder.display();
            Failure::usage(format!(
                "--sdk {shown}: no crate plugpoint-sdk there, nor in core/sdk below it, and it is no version"
            ))
        })?;
        let bmecat = matches!(from, From::Bmecat).then(|| bmecat_beside(&sdk)).transpose()?;
        Ok(Self::Folder { sdk, bmecat })
    }

    /// The lines below `[dependencies]`.
    pub(super) fn dependencies(&self) -> String {
        match self {
            Self::Version { version, has_bmecat } => {
                let bmecat =
                    if *has_bmecat { format!("\nplugpoint-plugin-bmecat = {version:?}") } else { String::new() };
                format!("plugpoint-sdk = {version:?}{bmecat}")
            }
            Self::Folder { sdk, bmecat } => {
                let bmecat =
                    bmecat.iter().map(|folder| format!("\nplugpoint-plugin-bmecat = {{ path = {} }}", quoted(folder)));
                format!("plugpoint-sdk = {{ path = {} }}{}", quoted(sdk), bmecat.collect::<String>())
            }
        }
    }

    /// The lines below `[dev-dependencies]`.
    pub(super) fn dev_dependencies(&self) -> String {
        let (key, value) = match self {
            Self::Version { version, .. } => ("version", format!("{version:?}")),
            Self::Folder { sdk, .. } => ("path", quoted(sdk)),
        };
        format!("plugpoint-sdk = {{ {key} = {value}, features = [\"testkit\"] }}")
    }

    /// The exact versions of third-party crates that the sdk was tested with, where they are known. A library is loaded only
    /// if it was built with the same.
    pub(super) fn lock(&self) -> Option<String> {
        let Self::Folder { sdk, .. } = self else { return None };
        fs::read_to_string(sdk.join("../../Cargo.lock")).ok()
    }
}

fn bmecat_beside(sdk: &Path) -> Result<PathBuf, Failure> {
    let folder = sdk.join("../../plugins/bmecat");
    let found = is_crate(&folder, "plugpoint-plugin-bmecat").then(|| fs::canonicalize(&folder).ok()).flatten();
    found.ok_or_else(|| {
        Failure::usage(format!("--from bmecat: no crate plugpoint-plugin-bmecat in {}", folder.display()))
    })
}

fn is_crate(folder: &Path, name: &str) -> bool {
    let line = format!("name = {name:?}");
    fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|it| it.trim() == line))
}

/// `1`, `0.1`, `0.1.2`, `=0.1.0-rc.1`: a digit after at most one sign.
fn is_version(text: &str) -> bool {
    let bare = text.strip_prefix(['=', '^', '~']).unwrap_or(text);
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '+');
    bare.starts_with(|first: char| first.is_ascii_digit()) && bare.chars().all(is_allowed)
}

/// A path as a TOML string. Backslashes and quotes mean in Rust's form what they mean in TOML's.
fn quoted(path: &Path) -> String {
    let text: String = path
        .to_string_lossy()
        .chars()
        .flat_map(|character| match character {
            '"' | '\\' => vec!['\\', character],
            _ => vec![character],
        })
        .collect();
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_told_from_folders() {
        for version in ["1", "0.1", "0.1.2", "=0.1.0-rc.1", "^2"] {
            let sdk = Sdk::find(Some(version), From::Xml).unwrap();
            assert_eq!(sdk, Sdk::Version { version: version.to_owned(), has_bmecat: false });
        }
        for folder in ["", ".", "sdk", "./1.0", "v1", "=", "1/2"] {
            assert!(Sdk::find(Some(folder), From::Xml).is_err(), "{folder}");
        }
    }

    #[test]
    fn the_repository_and_the_sdk_are_both_taken() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
        let default = Sdk::find(None, From::Bmecat).unwrap();
        assert_eq!(Sdk::find(Some(root), From::Bmecat).unwrap(), default);
        assert_eq!(Sdk::find(Some(&format!("{root}/core/sdk")), From::Bmecat).unwrap(), default);
        assert!(default.dependencies().contains("plugpoint-plugin-bmecat = { path = \"/"));
        assert!(default.lock().unwrap().contains("name = \"quick-xml\""));
        assert!(Sdk::find(None, From::Xml).unwrap() != default);
    }

    #[test]
    fn a_path_of_any_name_is_a_toml_string() {
        assert_eq!(quoted(Path::new("/a b/\"c\"\\d")), r#""/a b/\"c\"\\d""#);
    }
}

//! The customers folder: which of its files are to be loaded. Of several versions of one customer, the highest.
//!
//! Used by the server at the start. It reads names, never a library. To go back to an older version, take the newer file
//! away: a version that is refused is never replaced by an older one in silence.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use semver::Version;

use crate::library::{self, Fault, FaultCode, Refusal};

/// What the folder holds.
#[derive(Debug, Default)]
pub struct Folder {
    /// The files to be loaded, sorted by name.
    pub candidates: Vec<Candidate>,
    /// Files that are meant to be loaded and cannot be, whatever is in them.
    pub refused: Vec<Refusal>,
    /// Files that are none of ours.
    pub ignored: Vec<PathBuf>,
}

/// One file to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The file.
    pub file: PathBuf,
    /// The customer, as the file's name has it.
    pub name: String,
    /// The version, as the file's name has it.
    pub version: Version,
    /// Lower versions of the same customer, which are not loaded, highest first.
    pub shadows: Vec<PathBuf>,
}

impl Folder {
    /// Reads the folder's listing. A folder that is not there is empty.
    ///
    /// # Errors
    /// It cannot be listed, or anybody may write to it.
    pub fn read(folder: &Path) -> Result<Self, Refusal> {
        let unreadable =
            |error: std::io::Error| Fault::new(FaultCode::Unreadable, format!("it cannot be read: {error}")).at(folder);
        let listing = match fs::read_dir(folder) {
            Ok(listing) => listing,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error)),
        };
        let metadata = fs::metadata(folder).map_err(unreadable)?;
        library::protected(&metadata).map_err(|fault| fault.at(folder))?;
        let files = listing.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        Ok(Self::sorted(files))
    }

    /// Sorts files by what their names say.
    fn sorted(mut files: Vec<PathBuf>) -> Self {
        files.sort();
        let mut folder = Self::default();
        let mut versions: BTreeMap<String, BTreeMap<Version, Vec<PathBuf>>> = BTreeMap::new();
        for file in files {
            if file.extension().is_none_or(|extension| extension != "so") {
                folder.ignored.push(file);
                continue;
            }
            match file.file_stem().and_then(|stem| parsed(stem.to_str()?)) {
                Some((name, version)) => {
                    versions.entry(name).or_default().entry(version).or_default().push(file);
                }
                None => {
                    let reason = "its name is not NAME-VERSION.so, as in acme-1.0.0.so";
                    folder.refused.push(Fault::new(FaultCode::FileName, reason).at(&file));
                }
            }
        }
        for (name, versions) in versions {
            folder.take(&name, versions);
        }
        folder
    }

    /// Takes the highest version of one customer.
    fn take(&mut self, name: &str, versions: BTreeMap<Version, Vec<PathBuf>>) {
        let mut descending = versions.into_iter().rev();
        let Some((version, files)) = descending.next() else { return };
        let shadows: Vec<PathBuf> = descending.flat_map(|(_, files)| files).collect();
        if let [file] = files.as_slice() {
            let (file, name) = (file.clone(), name.to_owned());
            self.candidates.push(Candidate { file, name, version, shadows });
            return;
        }
        for file in &files {
            let others: Vec<String> =
                files.iter().filter(|other| *other != file).map(|other| other.display().to_string()).collect();
            let reason =
                format!("it is version {version} of customer {name}, and so is {}; keep one", others.join(", "));
            self.refused.push(Fault::new(FaultCode::FileName, reason).at(file));
        }
    }
}

/// `acme-1.2.0` and `acme-north-1.2.0-rc.1` in their parts. The version may leave out numbers: `acme-1.2`.
fn parsed(stem: &str) -> Option<(String, Version)> {
    let hyphens = stem.match_indices('-').map(|(at, _)| at);
    hyphens.filter(|at| *at > 0).find_map(|at| Some((stem[..at].to_owned(), version(&stem[at + 1..])?)))
}

fn version(text: &str) -> Option<Version> {
    let is_short = text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    match text.split('.').count() {
        1 if is_short => Version::parse(&format!("{text}.0.0")).ok(),
        2 if is_short => Version::parse(&format!("{text}.0")).ok(),
        _ => Version::parse(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_customer_and_a_version() {
        let cases = [
            ("acme-1.2.3", Some(("acme", "1.2.3"))),
            ("acme-1.2", Some(("acme", "1.2.0"))),
            ("acme-7", Some(("acme", "7.0.0"))),
            ("acme-north-1.0.0-rc.1", Some(("acme-north", "1.0.0-rc.1"))),
            ("shop-24-1.0.0", Some(("shop-24", "1.0.0"))),
            ("acme-1.0.0+build.5", Some(("acme", "1.0.0+build.5"))),
            ("acme", None),
            ("acme-", None),
            ("-1.0.0", None),
            ("acme-v1.0.0", None),
            ("acme-1.x", None),
            ("acme-1.2.3.4", None),
            ("libplugpoint_customer_acme", None),
            ("", None),
        ];
        for (stem, expected) in cases {
            let found = parsed(stem).map(|(name, version)| (name, version.to_string()));
            assert_eq!(found, expected.map(|(name, version)| (name.to_owned(), version.to_owned())), "{stem}");
        }
    }

    #[test]
    fn the_highest_version_is_taken_and_names_what_it_shadows() {
        let files = ["a-1.9.0.so", "a-1.10.0.so", "a-1.10.0-rc.1.so", "b-2.so", "b-2.0.so", "c.so", "README.md"];
        let folder = Folder::sorted(files.iter().map(PathBuf::from).collect());
        let [candidate] = folder.candidates.as_slice() else { panic!("{:?}", folder.candidates) };
        assert_eq!(candidate.file, Path::new("a-1.10.0.so"));
        assert_eq!(candidate.shadows, [Path::new("a-1.10.0-rc.1.so"), Path::new("a-1.9.0.so")]);
        let refused: Vec<String> = folder.refused.iter().map(ToString::to_string).collect();
        assert_eq!(
            refused,
            [
                "c.so: its name is not NAME-VERSION.so, as in acme-1.0.0.so",
                "b-2.0.so: it is version 2.0.0 of customer b, and so is b-2.so; keep one",
                "b-2.so: it is version 2.0.0 of customer b, and so is b-2.0.so; keep one",
            ]
        );
        assert_eq!(folder.ignored, [Path::new("README.md")]);
    }
}

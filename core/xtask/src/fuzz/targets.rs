//! The fuzz targets, and where the seeds of each come from: its own folder below `fuzz/corpus`, and the cases of the readers'
//! tests. Those become inputs here, so that nothing is committed twice and a new case is a new seed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// One target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    /// Its binary, from `fuzz/fuzz_targets/NAME.rs`.
    pub(crate) name: &'static str,
    /// Folders below which documents of cases lie, relative to the root.
    cases: &'static [&'static str],
    /// The inputs that one case's document becomes.
    inputs: fn(&[u8]) -> Vec<Vec<u8>>,
}

/// Every target, in the order of their names.
pub(crate) const TARGETS: &[Target] = &[
    Target { name: "bmecat", cases: &["plugins/bmecat/tests"], inputs: as_it_is },
    Target { name: "canonical", cases: &["core/sdk/tests/cases/canonical"], inputs: as_each_media_type },
    Target { name: "commerceml", cases: &["plugins/commerceml/tests"], inputs: as_it_is },
    Target { name: "cxml", cases: &["plugins/cxml/tests"], inputs: as_it_is },
    Target { name: "datanorm", cases: &["plugins/datanorm/tests"], inputs: as_it_is },
    Target { name: "detect", cases: &["core/sdk/tests/cases", "plugins"], inputs: as_it_is },
    Target { name: "envelope", cases: &["plugins/soap/tests/cases"], inputs: as_it_is },
    Target { name: "gdsn", cases: &["plugins/gdsn/tests"], inputs: as_it_is },
    Target { name: "icecat", cases: &["plugins/icecat/tests"], inputs: as_it_is },
    Target { name: "idoc", cases: &["plugins/idoc/tests"], inputs: as_it_is },
    Target { name: "magento", cases: &["plugins/magento/tests"], inputs: as_it_is },
    Target { name: "merchant", cases: &["plugins/merchant/tests"], inputs: as_it_is },
    Target { name: "multipart", cases: &["plugins/soap/tests/cases"], inputs: in_parts },
    Target { name: "onix", cases: &["plugins/onix/tests"], inputs: as_it_is },
    Target { name: "service", cases: &["plugins/services/tests"], inputs: as_it_is },
    Target { name: "table", cases: &["plugins/tables/tests"], inputs: as_it_is },
    Target { name: "updates", cases: &["core/sdk/tests/cases/updates"], inputs: as_it_is },
    Target { name: "xml_reader", cases: &["plugins/bmecat/tests", "plugins/soap/tests/cases"], inputs: as_it_is },
];

/// The boundary that the target `multipart` reads with.
const BOUNDARY: &[u8] = b"b";

/// The target `canonical` chooses its media type by the first byte: JSON, NDJSON, XML, CSV.
const MEDIA_TYPES: [u8; 4] = [0, 1, 4, 6];

/// The targets of these names, all of them if there is none.
pub(crate) fn named(names: &[String]) -> Outcome<Vec<Target>> {
    if names.is_empty() {
        return Ok(TARGETS.to_vec());
    }
    let find = |name: &String| {
        let target = TARGETS.iter().find(|target| target.name == name).copied();
        target.ok_or_else(|| {
            let known: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
            format!("there is no fuzz target {name}; there are {}", known.join(", "))
        })
    };
    names.iter().map(find).collect()
}

impl Target {
    /// The seeds of this target by their file names. One without any would run on chance alone: that is an error.
    pub(crate) fn seeds(&self, root: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
        let mut seeds = BTreeMap::new();
        let own = root.join("fuzz/corpus").join(self.name);
        for path in if own.is_dir() { files(&own)? } else { Vec::new() } {
            seeds.insert(name(&own, &path), read(&path)?);
        }
        for folder in self.cases {
            for path in files(&root.join(folder))?.iter().filter(|path| is_document(path)) {
                for (index, input) in (self.inputs)(&read(path)?).into_iter().enumerate() {
                    seeds.insert(format!("{}.{index}", name(root, path)), input);
                }
            }
        }
        if seeds.is_empty() { Err(format!("the fuzz target {} has no seed", self.name)) } else { Ok(seeds) }
    }
}

/// Whether a file of a case folder, or beside one, is what a reader is given.
fn is_document(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("in.") || name == "request.xml" || name == "every_value.xml"
}

/// All files below a folder.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let failed = |error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// A file's path below a folder as one name.
fn name(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('/', "-")
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn as_it_is(document: &[u8]) -> Vec<Vec<u8>> {
    vec![document.to_vec()]
}

fn as_each_media_type(document: &[u8]) -> Vec<Vec<u8>> {
    MEDIA_TYPES.iter().map(|&choice| [&[choice], document].concat()).collect()
}

/// A body in parts with the boundary that the target knows. A body of one piece is none.
fn in_parts(body: &[u8]) -> Vec<Vec<u8>> {
    let line = body.split(|byte| b"\r\n".contains(byte)).find(|line| !line.is_empty()).unwrap_or_default();
    let Some(boundary) = line.strip_prefix(b"--").filter(|boundary| !boundary.is_empty()) else { return Vec::new() };
    let mut input = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.windows(boundary.len()).position(|window| window == boundary) {
        input.extend_from_slice(&rest[..at]);
        input.extend_from_slice(BOUNDARY);
        rest = &rest[at + boundary.len()..];
    }
    input.extend_from_slice(rest);
    vec![input]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn every_target_is_in_the_table_and_can_be_built() {
        let root = workspace::root();
        let mut sources: Vec<_> = files(&root.join("fuzz/fuzz_targets")).unwrap();
        sources.sort();
        let stems: Vec<_> = sources.iter().map(|path| path.file_stem().unwrap().to_str().unwrap()).collect();
        assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), stems);
        let manifest: toml::Table = fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap().parse().unwrap();
        let binaries = manifest["bin"].as_array().unwrap();
        assert_eq!(binaries.iter().map(|binary| binary["name"].as_str().unwrap()).collect::<Vec<_>>(), stems);
    }

    #[test]
    fn every_target_has_seeds_of_its_readers_cases() {
        for target in TARGETS {
            let seeds = target.seeds(&workspace::root()).unwrap();
            assert!(seeds.len() >= 8, "{}: {:?}", target.name, seeds.keys());
            assert!(seeds.keys().any(|name| name.contains("tests-cases-")), "{}: {:?}", target.name, seeds.keys());
        }
        let envelope = named(&["envelope".to_owned()]).unwrap()[0].seeds(&workspace::root()).unwrap();
        assert!(envelope.contains_key("document") && envelope.len() > 200, "{:?}", envelope.keys());
    }

    #[test]
    fn a_target_without_seeds_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let target = Target { name: "lost", cases: &["cases"], inputs: as_it_is };
        assert!(target.seeds(folder.path()).unwrap_err().contains("cases"));
        fs::create_dir_all(folder.path().join("cases/a")).unwrap();
        fs::write(folder.path().join("cases/a/expected.json"), "{}").unwrap();
        assert_eq!(target.seeds(folder.path()).unwrap_err(), "the fuzz target lost has no seed");
        fs::write(folder.path().join("cases/a/in.csv"), "a").unwrap();
        let seeds = target.seeds(folder.path()).unwrap();
        assert_eq!(seeds.into_iter().collect::<Vec<_>>(), [("cases-a-in.csv.0".to_owned(), b"a".to_vec())]);
    }

    #[test]
    fn a_name_that_is_none_is_told_with_those_that_are() {
        assert_eq!(named(&[]).unwrap().len(), TARGETS.len());
        let error = named(&["envelop".to_owned()]).unwrap_err();
        assert!(
            error.starts_with("there is no fuzz target envelop; there are bmecat, ") && error.contains("envelope"),
            "{error}"
        );
    }

    #[test]
    fn a_body_in_parts_gets_the_boundary_of_the_target() {
        for (body, expected) in [
            ("--MIME_x\r\n\r\na\r\n--MIME_x--\r\n", Some("--b\r\n\r\na\r\n--b--\r\n")),
            ("\r\n--x\n\nb\n--y\n--x--", Some("\r\n--b\n\nb\n--y\n--b--")),
            ("<a/>", None),
            ("--\r\n\r\n", None),
            ("", None),
        ] {
            let expected: Vec<Vec<u8>> = expected.map(|input| input.as_bytes().to_vec()).into_iter().collect();
            assert_eq!(in_parts(body.as_bytes()), expected, "{body:?}");
        }
    }

    #[test]
    fn a_canonical_document_is_tried_as_each_media_type() {
        let inputs = as_each_media_type(b"x");
        assert_eq!(inputs.first().map(Vec::as_slice), Some(&b"\0x"[..]));
        assert_eq!(inputs.len(), MEDIA_TYPES.len());
    }
}

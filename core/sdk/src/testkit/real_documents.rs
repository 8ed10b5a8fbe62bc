//! Real documents that are no part of the repository: `PLUGPOINT_SHARED_DATA` names their folder, else `../shared/data` beside the
//! checkout. Where they are absent a test has nothing to look at, and passes.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// One of them, as its folder's `MANIFEST.json` lists it.
#[derive(Debug, Clone)]
pub struct RealDocument {
    /// Its path within the folder.
    pub file: String,
    /// Its own name.
    pub name: String,
    /// The records that it holds, where the manifest counts them.
    pub records: Option<u64>,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All of the formats that are wanted, as the manifest calls and lists them; `None` where there is no such folder.
///
/// # Panics
/// If the manifest or a document that it lists cannot be read.
#[must_use]
pub fn real_documents(is_wanted: impl Fn(&str) -> bool) -> Option<Vec<RealDocument>> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("PLUGPOINT_SHARED_DATA").map_or_else(beside, PathBuf::from);
    let manifest = std::fs::read(folder.join("MANIFEST.json")).ok()?;
    let manifest: Vec<Value> = serde_json::from_slice(&manifest).expect("the manifest is a list");
    let listed = manifest.iter().filter(|listed| listed["fmt"].as_str().is_some_and(&is_wanted));
    let document = |listed: &Value| {
        let text = |field: &str| listed[field].as_str().unwrap_or_default().to_owned();
        let file = text("file");
        let bytes = std::fs::read(folder.join(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        RealDocument { name: text("name"), records: listed["n"].as_u64(), file, bytes }
    };
    Some(listed.map(document).collect())
}

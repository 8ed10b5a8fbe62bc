//! A customer library on disk: what it is judged by before anything in it runs, and how a refusal reads.
//!
//! Used by the server for every file of the customers folder and by `plugpoint customer check`. It loads nothing;
//! [`dynamic`](crate::dynamic) does, and takes only what has passed here.

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use plugpoint_sdk::abi;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::elf;

/// The largest library that is read.
const LIBRARY_BYTES_MAX: u64 = 1 << 30;

/// A file that this server can load, as far as can be seen without running it.
#[derive(Debug, Clone)]
pub struct Library {
    /// The file as it was named.
    pub file: PathBuf,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// Why a library is not loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The file as it was named.
    pub file: PathBuf,
    /// What is wrong with it.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What is wrong with a library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// For programs; never changes its meaning.
    pub code: FaultCode,
    /// For people; names both values where two differ.
    pub reason: String,
    /// The command that builds a library that fits, if building it anew helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuild: Option<String>,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// It cannot be read, or is no ordinary file.
    Unreadable,
    /// Anybody may write to it.
    Unprotected,
    /// It is no shared library.
    NoLibrary,
    /// A part of it is missing or damaged.
    CutOff,
    /// It is for another machine.
    Architecture,
    /// It is no customer crate.
    SymbolMissing,
    /// It was built by another compiler, with another sdk, or for another target.
    AbiMismatch,
    /// The dynamic linker refuses it.
    Unloadable,
    /// It holds no customer, or more than one.
    CustomerCount,
    /// It is named for another customer than it holds.
    FileName,
    /// Its registrations do not fit this server: the kernel's own sentences.
    Registration,
    /// It ended the process that tried it.
    Crashed,
}

impl Library {
    /// Reads a file, and runs none of it.
    ///
    /// # Errors
    /// The first thing that keeps this server from loading it.
    pub fn inspect(file: &Path) -> Result<Self, Refusal> {
        let judged = || {
            let bytes = bytes_of(file)?;
            compare(&elf::read(&bytes)?.stamp)?;
            Ok(format!("{:x}", Hexadecimal(&Sha256::digest(&bytes))))
        };
        let sha256 = judged().map_err(|fault| Refusal { file: file.to_owned(), fault })?;
        Ok(Self { file: file.to_owned(), sha256 })
    }
}

struct Hexadecimal<'a>(&'a [u8]);

impl fmt::LowerHex for Hexadecimal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: std::io::Error| Fault::new(FaultCode::Unreadable, format!("it cannot be read: {error}"));
    // Looked at before it is opened: opening a pipe waits for somebody to write.
    let metadata = fs::metadata(file).map_err(unreadable)?;
    if !metadata.is_file() {
        let kind = if metadata.is_dir() { "a directory" } else { "no ordinary file" };
        return Err(Fault::new(FaultCode::Unreadable, format!("it is {kind}")));
    }
    protected(&metadata)?;
    if metadata.len() > LIBRARY_BYTES_MAX {
        let reason = format!("it has {} bytes; allowed: at most {LIBRARY_BYTES_MAX}", metadata.len());
        return Err(Fault::new(FaultCode::Unreadable, reason));
    }
    let mut bytes = Vec::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened.take(LIBRARY_BYTES_MAX).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// A library is code: who may write to it runs as the server.
///
/// # Errors
/// Anybody may.
pub(crate) fn protected(metadata: &fs::Metadata) -> Result<(), Fault> {
    let mode = metadata.mode() & 0o7777;
    if mode & 0o002 == 0 {
        return Ok(());
    }
    let reason = format!("anybody may write to it (mode {mode:04o}); a library is code that the server runs");
    Err(Fault { rebuild: Some("chmod o-w FILE".to_owned()), ..Fault::new(FaultCode::Unprotected, reason) })
}

/// Two stamps, line by line.
fn compare(theirs: &str) -> Result<(), Fault> {
    let ours = abi::stamp();
    if theirs == ours {
        return Ok(());
    }
    let keys = ours.lines().filter_map(|line| line.split_once(' '));
    let differing: Vec<(&str, &str, &str)> =
        keys.map(|(key, ours)| (key, value(theirs, key), ours)).filter(|(_, theirs, ours)| theirs != ours).collect();
    let words = |(key, theirs, ours): &(&str, &str, &str)| {
        format!("{}: the file has {theirs}, this server {ours}", meaning(key))
    };
    let mut reasons: Vec<String> = differing.iter().map(words).collect();
    if reasons.is_empty() {
        reasons.push("the file's ABI stamp has keys that this server does not know".to_owned());
    }
    let rebuild = Some(rebuild(ours, &differing));
    Err(Fault { rebuild, ..Fault::new(FaultCode::AbiMismatch, reasons.join("; ")) })
}

fn value<'a>(stamp: &'a str, key: &str) -> &'a str {
    let values = stamp.lines().filter_map(|line| line.split_once(' '));
    values.into_iter().find_map(|(name, value)| (name == key).then_some(value)).unwrap_or("(nothing)")
}

fn meaning(key: &str) -> &str {
    match key {
        "sdk" => "version of plugpoint-sdk",
        "source" => "sources of plugpoint-sdk",
        "rustc" => "compiler",
        "panic" => "panic strategy",
        "types" => "versions of shared crates",
        other => other,
    }
}

/// A line to paste in the customer crate's folder, and what has to be so before.
fn rebuild(ours: &str, differing: &[(&str, &str, &str)]) -> String {
    let differs = |key: &str| differing.iter().any(|(differing, ..)| *differing == key);
    let release = value(ours, "rustc").split(' ').next().unwrap_or_default();
    let toolchain = if differs("rustc") { format!("rustup run {release} ") } else { String::new() };
    let target = if differs("target") { format!(" --target {}", value(ours, "target")) } else { String::new() };
    let unwind = if differs("panic") { " --config 'profile.release.panic=\"unwind\"'" } else { "" };
    let command = format!("{toolchain}cargo build --release{target}{unwind}");
    if differs("sdk") || differs("source") || differs("types") {
        let (version, source) = (value(ours, "sdk"), value(ours, "source"));
        return format!("{command}   # with the plugpoint-sdk {version} of this server (sources {source})");
    }
    command
}

impl Fault {
    /// A fault that building anew does not mend.
    pub fn new(code: FaultCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into(), rebuild: None }
    }

    pub(crate) fn no_library(reason: &str) -> Self {
        Self::new(FaultCode::NoLibrary, reason)
    }

    pub(crate) fn cut_off(what: String) -> Self {
        let rebuild = Some("copy the file again, or: cargo build --release".to_owned());
        Self { rebuild, ..Self::new(FaultCode::CutOff, format!("the file is cut off or damaged: {what}")) }
    }

    pub(crate) fn architecture(theirs: &str, ours: &str) -> Self {
        let rebuild = Some(format!("cargo build --release --target {}", value(abi::stamp(), "target")));
        let reason = format!("architecture: the file is for {theirs}, this server runs on {ours}");
        Self { rebuild, ..Self::new(FaultCode::Architecture, reason) }
    }

    pub(crate) fn symbol_missing(symbol: &str) -> Self {
        let advice = "a customer crate has a `customer!` line, and crate-type = [\"rlib\", \"cdylib\"]";
        let rebuild = Some("cargo build --release".to_owned());
        Self { rebuild, ..Self::new(FaultCode::SymbolMissing, format!("it exports no symbol {symbol}: {advice}")) }
    }

    pub(crate) fn stamp_unreadable() -> Self {
        let rebuild = Some("cargo build --release".to_owned());
        let reason = format!("its ABI stamp (symbol {}) cannot be read", abi::STAMP_SYMBOL);
        Self { rebuild, ..Self::new(FaultCode::AbiMismatch, reason) }
    }

    /// It ended the process that tried it.
    #[must_use]
    pub fn crashed(how: &str) -> Self {
        Self::new(FaultCode::Crashed, format!("loading it ended the process that tried it: {how}"))
    }

    /// The file at which it was found.
    #[must_use]
    pub fn at(self, file: &Path) -> Refusal {
        Refusal { file: file.to_owned(), fault: self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.rebuild.iter().try_for_each(|command| write!(f, "\n     to do: {command}"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file.display(), self.fault)
    }
}

impl std::error::Error for Refusal {}

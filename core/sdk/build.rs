//! Finds out what the ABI stamp says about this build: the sdk's sources, the compiler, the target.
//!
//! Run by cargo for every crate that depends on the sdk, in this repository or outside it, so it reads nothing beyond this
//! crate and asks the compiler once. `src/abi.rs` makes the stamp of it.

use std::path::Path;
use std::process::Command;
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=build.rs");
    let mut hash = Fnv::default();
    sources(Path::new("src"), &mut hash)?;
    println!("cargo::rustc-env=PLUGPOINT_SDK_SOURCE={:016x}", hash.0);
    println!("cargo::rustc-env=PLUGPOINT_RUSTC={}", rustc()?);
    println!("cargo::rustc-env=PLUGPOINT_TARGET={}", env::var("TARGET")?);
    Ok(())
}

/// Adds every file below a folder, in the order of their names: name and content, each behind its length.
fn sources(folder: &Path, hash: &mut Fnv) -> io::Result<()> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sources(&path, hash)?;
        } else {
            hash.part(path.to_string_lossy().as_bytes());
            hash.part(&fs::read(&path)?);
        }
    }
    Ok(())
}

/// `1.95.0 (59807616e1fa2540724bfbac14d7976d7e4a3860)`: two compilers of one release number can still differ.
fn rustc() -> Result<String, Box<dyn std::error::Error>> {
    let output = Command::new(env::var("RUSTC")?).arg("-vV").output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or("unknown").trim();
    Ok(format!("{} ({})", line("release:"), line("commit-hash:")))
}

/// FNV-1a of 64 bits. It tells two states of the sources apart; it is no protection against anybody.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn part(&mut self, bytes: &[u8]) {
        for byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

//! Files of backups: copied with their hash, synced, in folders that nobody else may read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

const PIECE_BYTES: usize = 1 << 20;

/// Makes a folder that only its owner may read.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A new file that only its owner may read.
pub(super) fn create(file: &Path) -> io::Result<File> {
    if let Some(folder) = file.parent() {
        create_folder(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)
}

/// Writes a new file, on disk when this returns.
pub(super) fn write_new(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut out = create(file)?;
    out.write_all(content)?;
    out.sync_all()
}

/// Copies a file; gives its bytes and their BLAKE3. On disk when this returns.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<(u64, String)> {
    let mut out = create(to)?;
    let found = read(from, |piece| out.write_all(piece))?;
    out.sync_all()?;
    Ok(found)
}

/// Bytes and BLAKE3 of a file.
pub(super) fn hash(file: &Path) -> io::Result<(u64, String)> {
    read(file, |_| Ok(()))
}

fn read(file: &Path, mut see: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<(u64, String)> {
    let (mut file, mut hasher, mut bytes) = (File::open(file)?, blake3::Hasher::new(), 0);
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        match file.read(&mut piece)? {
            0 => return Ok((bytes, hasher.finalize().to_hex().to_string())),
            count => {
                hasher.update(&piece[..count]);
                see(&piece[..count])?;
                bytes += count as u64;
            }
        }
    }
}

/// Makes what happened to the names in a folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes a folder with all it holds, if it is there.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

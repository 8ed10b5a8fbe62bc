//! Checks a backup without a server: every file is there, as it was written, and no other; every database is sound, and its rows
//! are those that the manifest tells of.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{DatabaseCopy, Portrait, StoreErrorKind};

use super::manifest::{FileEntry, MANIFEST, MANIFEST_HASH, Manifest, TenantEntry};
use super::{files, refused};
use crate::import::meta::read_meta;

/// Checks the backup in a folder, or some tenants of it. `tell` is told of each tenant, with how many there are.
///
/// # Errors
/// `backup_invalid`, with the first thing that is not as it has to be.
pub fn check(
    folder: &Path,
    tenants: Option<&[TenantId]>,
    tell: &mut dyn FnMut(usize, usize, &TenantId),
) -> Result<Manifest, ApiError> {
    let manifest = Manifest::read(folder)?;
    if tenants.is_none() {
        nothing_else(folder, &manifest)?;
    }
    for tenant in tenants.unwrap_or_default() {
        if !manifest.tenants.iter().any(|entry| entry.tenant == *tenant) {
            let there: Vec<&str> = manifest.tenants.iter().map(|entry| entry.tenant.as_str()).collect();
            return Err(refused(format!("the backup has no tenant {tenant}; it has {}", there.join(", "))));
        }
    }
    let wanted: Vec<&TenantEntry> =
        manifest.tenants.iter().filter(|entry| tenants.is_none_or(|tenants| tenants.contains(&entry.tenant))).collect();
    for (done, entry) in wanted.iter().enumerate() {
        tell(done, wanted.len(), &entry.tenant);
        for file in manifest.files_of(&entry.tenant) {
            as_written(folder, file)?;
        }
        rows(folder, entry)?;
        documents(folder, &manifest, entry)?;
    }
    Ok(manifest)
}

/// A file, as the manifest has it.
fn as_written(folder: &Path, file: &FileEntry) -> Result<(), ApiError> {
    let FileEntry { path, bytes, blake3 } = file;
    let missing = |error: std::io::Error| refused(format!("{path}: {error}"));
    let there = fs::symlink_metadata(folder.join(path)).map_err(missing)?;
    if !there.is_file() {
        return Err(refused(format!("{path} is no file")));
    }
    if there.len() != *bytes {
        return Err(refused(format!("{path} has {} bytes instead of {bytes}", there.len())));
    }
    let (_, found) = files::hash(&folder.join(path)).map_err(missing)?;
    if found == *blake3 { Ok(()) } else { Err(refused(format!("{path} is damaged: its hash is another one"))) }
}

/// The rows of a tenant's database, and what the manifest says of them.
fn rows(folder: &Path, entry: &TenantEntry) -> Result<(), ApiError> {
    let tenant = &entry.tenant;
    let unsound = |error: plugpoint_store::StoreError| match error.kind() {
        StoreErrorKind::TooNew => {
            refused(format!("the database of tenant {tenant} was written by a newer release")).caused_by(error)
        }
        _ => refused(format!("the database of tenant {tenant} is damaged")).caused_by(error),
    };
    let copy = DatabaseCopy::open(&folder.join(tenant.as_str()).join("catalog.db")).map_err(unsound)?;
    let facts = copy.facts().map_err(unsound)?;
    match facts.catalogs == entry.catalogs {
        true => Ok(()),
        false => Err(refused(format!("the database of tenant {tenant} has other items than {MANIFEST} says"))),
    }
}

/// What a document's folder says of itself is read when it is restored; it must not lead elsewhere.
fn documents(folder: &Path, manifest: &Manifest, entry: &TenantEntry) -> Result<(), ApiError> {
    let tenant = entry.tenant.as_str();
    portrait(folder, &entry.tenant)?;
    let mut count = 0;
    for file in manifest.files_of(&entry.tenant).filter(|file| file.path.ends_with("/meta.json")) {
        let dir = file.path.trim_end_matches("/meta.json");
        let meta = read_meta(&folder.join(dir)).map_err(|error| refused(format!("{}: {error}", file.path)))?;
        if dir != format!("{tenant}/spool/{}", meta.id) || meta.tenant != tenant || meta.catalog().is_err() {
            return Err(refused(format!("{} speaks of another document", file.path)));
        }
        if !manifest
            .files_of(&entry.tenant)
            .any(|other| other.path == format!("{dir}/document") && other.bytes == meta.bytes)
        {
            return Err(refused(format!("{dir} lacks its document")));
        }
        count += 1;
    }
    let expected = entry.documents_waiting + entry.documents_kept;
    if count == expected {
        Ok(())
    } else {
        Err(refused(format!("tenant {tenant} has {count} documents, not {expected}")))
    }
}

/// The tenant as the control database had it.
pub(super) fn portrait(folder: &Path, tenant: &TenantId) -> Result<Portrait, ApiError> {
    let path = format!("{tenant}/tenant.json");
    let text = fs::read(folder.join(&path)).map_err(|error| refused(format!("{path}: {error}")))?;
    let portrait: Portrait = serde_json::from_slice(&text).map_err(|error| refused(format!("{path}: {error}")))?;
    match portrait.tenant == *tenant && !portrait.state.is_let_go() {
        true => Ok(portrait),
        false => Err(refused(format!("{path} speaks of another tenant"))),
    }
}

/// A file that the manifest does not name came later, or from elsewhere.
fn nothing_else(folder: &Path, manifest: &Manifest) -> Result<(), ApiError> {
    let known: HashSet<&str> =
        manifest.files.iter().map(|file| file.path.as_str()).chain([MANIFEST, MANIFEST_HASH]).collect();
    crate::removal::walk(folder, &mut |path| {
        let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
        match fs::symlink_metadata(path)?.is_dir() || known.contains(name.as_str()) {
            true => Ok(()),
            false => Err(std::io::Error::other(format!("{name} is no file of this backup"))),
        }
    })
    .map_err(|error| refused(error.to_string()))
}

//! Takes a tenant away for good, and proves it: rows, databases, spool with everything that was kept, reports of trials.
//!
//! Called by `plugpoint tenant delete`, and by a server that finds at its start what such a command has left unfinished. Each step
//! may be done again, and the tenant's name is the last thing to go; so whoever comes next completes what a crash has interrupted.
//! It refuses to take the files of a tenant that any process still has open.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::TenantId;
use plugpoint_store::{Act, Dropped, Store, StoreError, StoreErrorKind};
use serde::Serialize;

use crate::import::spool::Spool;

/// Where files of a tenant lie below the data folder, each in a folder of its name. The databases come last: their folder carries
/// the lock that keeps others away.
const PLACES: [(&str, &str); 4] =
    [("documents", "spool"), ("trial reports", "shadow"), ("unfinished restores", "restore"), ("databases", "tenants")];

/// Files of the data folder in which rows of many tenants lie.
const SHARED: [&str; 6] = ["control.db", "control.db-wal", "nonces.db", "nonces.db-wal", "tasks.db", "tasks.db-wal"];

/// What became of a tenant.
#[derive(Debug, Serialize)]
pub struct Removal {
    /// Its name.
    pub tenant: TenantId,
    /// What was there, by place.
    pub removed: Vec<Removed>,
    /// What was looked for afterwards.
    pub search: Search,
    /// How long it took.
    pub seconds: f64,
}

/// What one place held.
#[derive(Debug, Default, Serialize)]
pub struct Removed {
    /// The place.
    pub place: &'static str,
    /// Rows of shared databases.
    pub rows: u64,
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A search for anything that is left.
#[derive(Debug, Default, Serialize)]
pub struct Search {
    /// Names that no file and no folder of the data folder may have: the tenant's, and key ids anywhere in a name.
    pub names: Vec<String>,
    /// Files and folders whose names were looked at.
    pub entries: u64,
    /// Files whose bytes were searched for the key ids, and in which the nonces were.
    pub searched: Vec<String>,
    /// What was found. Nothing, or the tenant is not deleted.
    pub found: Vec<String>,
}

/// Takes a tenant away. Waits at most `wait_max` for processes that have it open; `tell` is told what is being done.
///
/// # Errors
/// `not_found`; `storage_busy` while a process has the tenant open: it stays `deleting`, and whoever calls this again goes on;
/// `internal` if anything of it is found afterwards; those of the storage.
pub fn remove(
    store: &Store,
    tenant: &TenantId,
    act: &Act,
    wait_max: Duration,
    tell: &mut dyn FnMut(&str),
) -> Result<Removal, ApiError> {
    let started = Instant::now();
    let control = store.control();
    control
        .begin_delete(tenant, &Act { detail: "begun".to_owned(), ..act.clone() })
        .map_err(|error| unknown(error, tenant))?;
    tell("waiting until no process has the tenant open");
    let held = store.hold(tenant, wait_max, &mut || true).map_err(still_open)?;
    if control.tenant(tenant)?.is_none() {
        // Somebody else was faster. Taken for nothing, the folder is empty.
        let _ = fs::remove_dir(&held.folder);
        return Err(ApiError::new(&codes::NOT_FOUND, format!("there is no tenant {tenant} any more")));
    }
    let key_ids = control.key_ids(tenant)?;
    let mut removed = vec![Removed { place: "nonces", rows: store.forget_nonces(&key_ids)?, ..Removed::default() }];
    removed.push(Removed { place: "runs of tasks", rows: store.forget_runs(tenant)?, ..Removed::default() });
    let has_schemas = store.has_schemas(tenant)?;
    if has_schemas {
        tell("dropping the schema");
    }
    if let Some(Dropped { rows, bytes }) = store.drop_schemas(tenant).map_err(still_open)? {
        removed.push(Removed { place: "schemas", rows, files: 0, bytes });
    }
    for (place, folder) in PLACES {
        tell(&format!("removing {place}"));
        let root = if folder == "spool" { store.spool_dir() } else { store.data_dir().join(folder) };
        let (files, bytes) = take(&root.join(tenant.as_str())).map_err(failed)?;
        removed.push(Removed { place, rows: 0, files, bytes });
    }
    let spool = Spool::of(store);
    if store.depot().is_some() {
        tell("removing documents from the bucket");
        let (files, bytes) = spool.remove_from_bucket(tenant.as_str()).map_err(failed)?;
        removed.push(Removed { place: "documents in the bucket", rows: 0, files, bytes });
    }
    removed.push(Removed { place: "credentials", rows: control.erase_credentials(tenant)?, ..Removed::default() });
    tell("searching for what is left");
    let mut search = search(store.data_dir(), tenant, &key_ids).map_err(failed)?;
    if has_schemas {
        search.found.extend(store.left_in_server(tenant, &key_ids)?);
        search.searched.push("schemas and rows of the database server".to_owned());
    }
    search.found.extend(store.has_runs(tenant)?.then(|| "runs of tasks".to_owned()));
    if let Some(depot) = store.depot() {
        let is_there = spool.is_in_bucket_still(tenant.as_str()).map_err(failed)?;
        search.found.extend(is_there.then(|| format!("{depot}/{tenant}")));
        search.searched.push(format!("the bucket {depot}"));
    }
    if !search.found.is_empty() {
        let detail =
            format!("of tenant {tenant} was left: {}; it stays `deleting`, run this again", search.found.join(", "));
        return Err(ApiError::new(&codes::INTERNAL, detail));
    }
    let sum = |of: fn(&Removed) -> u64| removed.iter().map(of).sum::<u64>();
    let (rows, files, bytes) = (sum(|it| it.rows) + 1, sum(|it| it.files), sum(|it| it.bytes));
    let detail = format!("completed: {rows} rows, {files} files, {bytes} bytes");
    let rows = control.forget_tenant(tenant, &Act { detail, ..act.clone() })?;
    removed.push(Removed { place: "tenant", rows, ..Removed::default() });
    Ok(Removal { tenant: tenant.clone(), removed, search, seconds: started.elapsed().as_secs_f64() })
}

/// How long a server waits at first before it tries once more what could not be taken away, as a rule because a process, perhaps a
/// task of its own, had the tenant open for a moment; each time twice as long, up to [`AGAIN_MAX`].
const AGAIN: Duration = Duration::from_secs(1);

/// See [`AGAIN`].
const AGAIN_MAX: Duration = Duration::from_secs(60);

/// Completes what commands have begun that did not come to an end, and comes back to what cannot be taken away yet, for as long
/// as `is_wanted`.
pub fn take_up_until_done(store: &Store, is_wanted: &dyn Fn() -> bool) {
    let mut pause = AGAIN;
    while is_wanted() && take_up(store) > 0 {
        std::thread::sleep(pause);
        pause = (pause * 2).min(AGAIN_MAX);
    }
}

/// Completes what commands have begun that did not come to an end. Gives how many could not be completed now.
pub fn take_up(store: &Store) -> usize {
    let unserved = match store.control().unserved() {
        Ok(unserved) => unserved,
        Err(error) => {
            tracing::error!(%error, "which tenants are being deleted cannot be told");
            return 1;
        }
    };
    let mut left = 0;
    for (tenant, _) in unserved.iter().filter(|(_, state)| *state == plugpoint_store::TenantState::Deleting) {
        let act = Act {
            actor: "server".to_owned(),
            action: "tenant delete",
            tenant: Some(tenant.clone()),
            detail: String::new(),
        };
        match remove(store, tenant, &act, Duration::ZERO, &mut |_| ()) {
            Ok(_) => tracing::info!(%tenant, "a deletion that was interrupted is completed"),
            Err(error) => {
                left += 1;
                tracing::warn!(%tenant, %error, "a deletion that was interrupted is not completed yet");
            }
        }
    }
    left
}

fn unknown(error: StoreError, tenant: &TenantId) -> ApiError {
    match error.kind() {
        StoreErrorKind::NotFound => ApiError::new(&codes::NOT_FOUND, format!("there is no tenant {tenant}")),
        _ => error.into(),
    }
}

fn still_open(error: StoreError) -> ApiError {
    if error.kind() != StoreErrorKind::Busy {
        return error.into();
    }
    let detail = "a process still has the tenant open, for a long export perhaps; the tenant is served no more, \
        run this again to complete it";
    ApiError::new(&codes::STORAGE_BUSY, detail).retry_after(10).caused_by(error)
}

fn failed(error: io::Error) -> ApiError {
    ApiError::new(&codes::INTERNAL, "files of the tenant cannot be removed; it stays `deleting`, run this again")
        .caused_by(error)
}

/// Removes a folder. Gives how many files it held, and their bytes.
fn take(folder: &Path) -> io::Result<(u64, u64)> {
    let (mut files, mut bytes) = (0, 0);
    walk(folder, &mut |path| {
        let meta = fs::symlink_metadata(path)?;
        if !meta.is_dir() {
            files += 1;
            bytes += meta.len();
        }
        Ok(())
    })?;
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok((files, bytes)),
    }
}

/// Everything below a folder; links are not followed. What goes meanwhile is passed over.
pub(crate) fn walk(folder: &Path, see: &mut dyn FnMut(&Path) -> io::Result<()>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        match see(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if entry.file_type()?.is_dir() {
            walk(&path, see)?;
        }
    }
    Ok(())
}

fn search(data_dir: &Path, tenant: &TenantId, key_ids: &[String]) -> io::Result<Search> {
    let mut search = Search { names: [&[tenant.to_string()], key_ids].concat(), ..Search::default() };
    walk(data_dir, &mut |path| {
        search.entries += 1;
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if name == tenant.as_str() || key_ids.iter().any(|key_id| name.contains(key_id.as_str())) {
            search.found.push(shown(data_dir, path));
        }
        Ok(())
    })?;
    for file in SHARED.iter().map(|name| data_dir.join(name)).filter(|file| file.exists()) {
        let finds = holds(&file, key_ids)?;
        search.found.extend(finds.iter().map(|key_id| format!("{key_id} in {}", shown(data_dir, &file))));
        search.searched.push(shown(data_dir, &file));
    }
    Ok(search)
}

fn shown(data_dir: &Path, path: &Path) -> String {
    path.strip_prefix(data_dir).map_or_else(|_| PathBuf::from(path), Path::to_path_buf).display().to_string()
}

/// Which of the words are anywhere in a file.
fn holds(file: &Path, words: &[String]) -> io::Result<Vec<String>> {
    const PIECE: usize = 1 << 20;
    let longest = words.iter().map(String::len).max().unwrap_or(0);
    let (mut file, mut window, mut found) = (fs::File::open(file)?, Vec::new(), Vec::<String>::new());
    loop {
        let read = file.by_ref().take(PIECE as u64).read_to_end(&mut window)?;
        for word in words.iter().filter(|word| !word.is_empty()) {
            let is_there = window.windows(word.len()).any(|bytes| bytes == word.as_bytes());
            if is_there && !found.contains(word) {
                found.push(word.clone());
            }
        }
        if read == 0 {
            return Ok(found);
        }
        // What may be the beginning of a word.
        window.drain(..window.len().saturating_sub(longest));
    }
}

#[cfg(test)]
mod tests {
    use plugpoint_store::{Kept, NewTenant, StoreOptions};

    use super::*;

    fn act() -> Act {
        let tenant = Some("acme".parse().unwrap());
        Act { actor: "tester".to_owned(), action: "tenant delete", tenant, detail: String::new() }
    }

    fn named(name: &str) -> TenantId {
        name.parse().unwrap()
    }

    /// A store with two tenants that have files in every place.
    fn store(folder: &Path) -> (Store, Vec<String>) {
        let options = StoreOptions { wait_max: Duration::from_millis(200), ..StoreOptions::default() };
        let store = Store::open(folder, options).unwrap();
        for name in ["acme", "other"] {
            let profile_toml = format!("# secret-of-{name}\n");
            store.control().create_tenant(&NewTenant { tenant: named(name), customer: None, profile_toml }).unwrap();
            store.control().add_key(&named(name), Kept::Sealed).unwrap();
            store.tenant(&named(name)).unwrap();
            for place in ["spool", "shadow"] {
                fs::create_dir_all(folder.join(place).join(name)).unwrap();
                fs::write(folder.join(place).join(name).join("file"), "12345").unwrap();
            }
            let now = plugpoint_sdk::model::timestamp::Timestamp(jiff::Timestamp::now());
            let later = plugpoint_sdk::model::timestamp::Timestamp(jiff::Timestamp::MAX);
            for key_id in store.control().key_ids(&named(name)).unwrap() {
                store.nonces().unwrap().take(&key_id, b"nonce", now, later, 10).unwrap();
            }
        }
        let key_ids = store.control().key_ids(&named("acme")).unwrap();
        (store, key_ids)
    }

    fn removed(store: &Store, wait_max: Duration) -> Result<Removal, ApiError> {
        remove(store, &named("acme"), &act(), wait_max, &mut |_| ())
    }

    #[test]
    fn nothing_is_left_of_a_tenant_and_everything_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let (store, key_ids) = store(folder.path());
        let busy = removed(&store, Duration::ZERO).unwrap_err();
        assert_eq!(busy.code.name, "storage_busy", "it is open");
        assert!(store.tenant(&named("acme")).is_ok(), "whoever has it open goes on");
        store.let_go(&named("acme")).unwrap().close();
        assert!(store.tenant(&named("acme")).is_err(), "nobody opens it anew");
        let removal = removed(&store, Duration::ZERO).unwrap();
        let of = |place: &str| removal.removed.iter().find(|it| it.place == place).unwrap();
        assert_eq!((of("credentials").rows, of("nonces").rows, of("tenant").rows), (2, 2, 1));
        assert_eq!((of("documents").files, of("documents").bytes), (1, 5));
        assert!(of("databases").files >= 1 && of("databases").bytes > 4096);
        assert_eq!(removal.search.names.len(), 3);
        for file in ["control.db", "control.db-wal", "nonces.db", "nonces.db-wal"] {
            let path = folder.path().join(file);
            let looked_for = [key_ids.as_slice(), &["secret-of-acme".to_owned()]].concat();
            assert!(!path.exists() || holds(&path, &looked_for).unwrap().is_empty(), "{file}");
        }
        assert!(!folder.path().join("tenants/acme").exists() && !folder.path().join("spool/acme").exists());
        assert_eq!(store.control().key_ids(&named("other")).unwrap().len(), 2);
        assert!(folder.path().join("spool/other/file").exists());
        assert_eq!(holds(&folder.path().join("control.db"), &["secret-of-other".to_owned()]).unwrap().len(), 1);
        // An audit line stays, and the name can be used again.
        let acts = store.control().acts(Some(&named("acme")), 10).unwrap();
        assert!(acts.last().unwrap().detail.starts_with("completed: 5 rows"), "{acts:?}");
        assert_eq!(removed(&store, Duration::ZERO).unwrap_err().code.name, "not_found");
        let new = NewTenant { tenant: named("acme"), customer: None, profile_toml: String::new() };
        store.control().create_tenant(&new).unwrap();
        assert!(store.tenant(&named("acme")).unwrap().catalogs(None, 10).unwrap().is_empty());
    }

    #[test]
    fn an_interrupted_deletion_waits_for_who_has_the_tenant_open() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _) = store(folder.path());
        store.control().begin_delete(&named("acme"), &act()).unwrap();
        let tries = std::cell::Cell::new(0);
        // The tenant is open in this process until the second try.
        take_up_until_done(&store, &|| {
            tries.set(tries.get() + 1);
            if tries.get() == 2 {
                drop(store.let_go(&named("acme")).unwrap());
            }
            tries.get() < 5
        });
        assert_eq!(tries.get(), 2);
        assert_eq!(store.control().tenant(&named("acme")).unwrap(), None);
    }

    #[test]
    fn an_interrupted_deletion_is_completed_from_wherever_it_was() {
        // What is gone already when the process ends.
        for done in 0..5 {
            let folder = tempfile::tempdir().unwrap();
            let (store, key_ids) = store(folder.path());
            drop(store.let_go(&named("acme")).unwrap());
            store.control().begin_delete(&named("acme"), &act()).unwrap();
            if done > 0 {
                store.forget_nonces(&key_ids).unwrap();
            }
            for (_, place) in PLACES.iter().take(if done > 1 { done + 1 } else { 0 }) {
                let _ = fs::remove_dir_all(folder.path().join(place).join("acme"));
            }
            if done > 3 {
                store.control().erase_credentials(&named("acme")).unwrap();
            }
            drop(store);
            let store = Store::open(folder.path(), StoreOptions::default()).unwrap();
            assert_eq!(take_up(&store), 0);
            assert_eq!(store.control().tenant(&named("acme")).unwrap(), None, "{done}");
            let search = search(folder.path(), &named("acme"), &key_ids).unwrap();
            assert!(search.found.is_empty(), "{done}: {:?}", search.found);
            assert!(store.tenant(&named("other")).is_ok());
        }
    }

    #[test]
    fn a_search_finds_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let (store, key_ids) = store(folder.path());
        let found = search(folder.path(), &named("acme"), &key_ids).unwrap().found;
        drop(store);
        for place in ["tenants/acme", "spool/acme", "shadow/acme"] {
            assert!(found.iter().any(|it| it == place), "{place}: {found:?}");
        }
        assert!(found.iter().any(|it| it.starts_with(&key_ids[0]) && it.contains("control.db")), "{found:?}");
        // A word that lies across two pieces.
        let file = folder.path().join("file");
        fs::write(&file, [vec![b'x'; (1 << 20) - 3], b"pk_123".to_vec(), vec![b'x'; 10]].concat()).unwrap();
        assert_eq!(holds(&file, &["pk_123".to_owned(), "pk_124".to_owned()]).unwrap(), ["pk_123"]);
    }
}

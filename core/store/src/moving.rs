//! A tenant's way from one place to another: copied, verified, switched by one commit of the control database, the old kept until that is
//! confirmed.
//!
//! Reads go on all the time: until a process has noticed the switch it reads the old place, where the same lies. Nothing is written there
//! from the beginning of the copy on, because the database itself refuses it (`tenant/seal.rs`), however little a process knows.
//! What lies at the other place while the control database says `copying` is ours to remove, so each step may be done again.

use std::fs::File;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use plugpoint_sdk::model::TenantId;

use crate::audit::Act;
use crate::control::{Control, about, read_tenant_id};
use crate::database::Place;
use crate::elsewhere::{Spot, seal_name};
use crate::error::{StoreError, StoreErrorKind};
use crate::files;
use crate::life::not_let_go;
use crate::schemas::{Alone, drop_schema_at};
use crate::sql::{Connection, values};
use crate::store::Store;

/// How often a tenant is asked for that somebody still writes.
const PAUSE: Duration = Duration::from_millis(50);

/// Where a tenant is to be.
#[derive(Clone)]
pub enum Destination {
    /// Where the platform has the others.
    Platform,
    /// A schema at an address.
    Address(String),
}

/// A move that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Where it was; none for the platform's own place.
    pub from: Option<String>,
    /// Where it is.
    pub to: Option<String>,
    /// Rows that were copied and read again.
    pub rows: u64,
}

/// A move that the control database knows.
struct Move {
    is_copying: bool,
    other: Option<Spot>,
}

impl Store {
    /// Moves a tenant, or goes on with a move to there that was interrupted. Waits at most `wait_max` for whoever writes. `tell` is told
    /// what is being done.
    ///
    /// # Errors
    /// `NotFound`; `Unfit` for an address that cannot be used, a place with something in it, a move to elsewhere that is not ended;
    /// `Busy`; those of the storage. The tenant is where it was then, and nothing can be written until the move is done or taken back.
    pub fn move_tenant(
        &self,
        tenant: &TenantId,
        to: &Destination,
        act: &Act,
        wait_max: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Moved, StoreError> {
        let _alone = self.alone_at_moves(tenant)?;
        let is_at = self.control().spot(tenant)?;
        let target = match to {
            Destination::Platform => None,
            Destination::Address(address) => Some(self.spot_at(tenant, address)?),
        };
        match self.control().move_of(tenant)? {
            Some(Move { is_copying: true, other }) if is_same(&other, &target) => {}
            Some(Move { is_copying: true, other }) => {
                let cause = format!("it is being moved to {}: go on with that, or take it back", shown(&other));
                return Err(unfit(tenant, cause));
            }
            Some(Move { other, .. }) => {
                let cause = format!("its last move, from {}, is neither confirmed nor taken back", shown(&other));
                return Err(unfit(tenant, cause));
            }
            None if is_same(&is_at, &target) => return Err(unfit(tenant, "it is there already")),
            None => {
                self.nothing_at(tenant, &target)?;
                self.control().begin_move(tenant, target.as_ref(), act)?;
            }
        }
        self.carry(tenant, &is_at, &target, act, wait_max, tell)
    }

    /// Takes a move back: one that is not done is given up; after one that is done, what was written since goes back with the tenant.
    /// Then it is kept, like any other, until it is confirmed.
    ///
    /// # Errors
    /// As for [`move_tenant`](Self::move_tenant).
    pub fn move_back(
        &self,
        tenant: &TenantId,
        act: &Act,
        wait_max: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Option<Moved>, StoreError> {
        let _alone = self.alone_at_moves(tenant)?;
        let Some(Move { is_copying, other }) = self.control().move_of(tenant)? else {
            return Err(unfit(tenant, "no move of it is to be taken back"));
        };
        if is_copying {
            self.clear(tenant, &other)?;
            self.tenant(tenant)?.unseal()?;
            self.control().end_move(tenant, act)?;
            return Ok(None);
        }
        let is_at = self.control().spot(tenant)?;
        self.control().begin_move_back(tenant, act)?;
        self.carry(tenant, &is_at, &other, act, wait_max, tell).map(Some)
    }

    /// Removes what was kept at the place where a tenant was.
    ///
    /// # Errors
    /// `Unfit` if nothing is to be confirmed; those of the storage.
    pub fn confirm_move(&self, tenant: &TenantId, act: &Act) -> Result<(), StoreError> {
        let _alone = self.alone_at_moves(tenant)?;
        match self.control().move_of(tenant)? {
            Some(Move { is_copying: false, other }) => {
                self.clear(tenant, &other)?;
                self.control().end_move(tenant, act)
            }
            Some(Move { other, .. }) => {
                Err(unfit(tenant, format!("its move to {} is not done; go on with it, or take it back", shown(&other))))
            }
            None => Err(unfit(tenant, "no move of it is to be confirmed")),
        }
    }

    fn carry(
        &self,
        tenant: &TenantId,
        is_at: &Option<Spot>,
        target: &Option<Spot>,
        act: &Act,
        wait_max: Duration,
        tell: &mut dyn FnMut(&str),
    ) -> Result<Moved, StoreError> {
        let from = self.tenant(tenant)?;
        tell("waiting until nobody writes");
        let deadline = Instant::now() + wait_max;
        while let Err(error) = from.seal() {
            if error.kind() != StoreErrorKind::Busy || Instant::now() >= deadline {
                return Err(error);
            }
            std::thread::sleep(PAUSE);
        }
        tell("copying");
        self.clear(tenant, target)?;
        let rows = from.copy_into(&self.place_at(tenant, target)?, tenant, self.options())?;
        tell("switching");
        self.control().complete_move(tenant, target.as_ref(), is_at.as_ref(), act)?;
        drop(self.let_go(tenant));
        let shown = |spot: &Option<Spot>| spot.as_ref().map(Spot::shown);
        Ok(Moved { from: shown(is_at), to: shown(target), rows })
    }

    /// Refuses a place with something in it.
    fn nothing_at(&self, tenant: &TenantId, spot: &Option<Spot>) -> Result<(), StoreError> {
        match self.place_at(tenant, spot)? {
            Place::File(path) if path.exists() => Err(unfit(tenant, "there is a database in its folder")),
            Place::File(_) => Ok(()),
            Place::Schema(server, schema) => {
                let connection = server.take(&schema, self.options().wait_max)?;
                let nothing = crate::elsewhere::is_empty(&connection, &schema);
                nothing.map_err(|error| error.during("move a tenant", &about(tenant)))
            }
        }
    }

    /// Removes what a move has left at a place, or what it has kept there.
    fn clear(&self, tenant: &TenantId, spot: &Option<Spot>) -> Result<(), StoreError> {
        match self.place_at(tenant, spot)? {
            Place::Schema(server, schema) => drop_schema_at(&server, &schema, self.options().wait_max),
            Place::File(path) => {
                for end in ["-wal", "-shm", ""] {
                    let mut file = path.clone().into_os_string();
                    file.push(end);
                    match std::fs::remove_file(PathBuf::from(file)) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                        _ => {}
                    }
                }
                Ok(())
            }
        }
    }

    fn alone_at_moves(&self, tenant: &TenantId) -> Result<(Alone, File), StoreError> {
        let path = self.data_dir().join("moves.lock");
        files::create_file(&path)?;
        let file = File::open(&path)?;
        if matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock)) {
            return Err(
                StoreError::of(StoreErrorKind::Busy, "another move is running").during("move a tenant", &about(tenant))
            );
        }
        Ok((self.alone(tenant, "move")?, file))
    }
}

impl Control {
    fn move_of(&self, tenant: &TenantId) -> Result<Option<Move>, StoreError> {
        const SELECT: &str = "SELECT phase, other FROM moves WHERE tenant = ?1";
        let found = self.db.read("look for a move", |connection| {
            connection.query_opt(SELECT, values![tenant.as_str()], |row| {
                Ok((row.get::<String>(0)? == "copying", row.get::<Option<Vec<u8>>>(1)?))
            })
        })?;
        let Some((is_copying, other)) = found else { return Ok(None) };
        let other = other.map(|sealed| self.open_spot(tenant, &sealed)).transpose()?;
        Ok(Some(Move { is_copying, other }))
    }

    /// The tenants of which nothing can be written because they are being moved.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn moving(&self) -> Result<Vec<TenantId>, StoreError> {
        const SELECT: &str = "SELECT tenant FROM moves WHERE phase = 'copying'";
        self.db.read("list moves", |connection| connection.query(SELECT, &[], read_tenant_id))
    }

    fn begin_move(&self, tenant: &TenantId, to: Option<&Spot>, act: &Act) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO moves (tenant, phase, other) VALUES (?1, 'copying', ?2)";
        let sealed = to.map(|spot| self.seal_spot(tenant, spot)).transpose()?;
        self.change("begin to move a tenant", act, |tx| {
            not_let_go(tx, tenant)?;
            tx.execute(INSERT, values![tenant.as_str(), sealed.as_deref()]).map(drop)
        })
    }

    fn begin_move_back(&self, tenant: &TenantId, act: &Act) -> Result<(), StoreError> {
        const UPDATE: &str = "UPDATE moves SET phase = 'copying' WHERE tenant = ?1";
        self.change("begin to move a tenant back", act, |tx| {
            not_let_go(tx, tenant)?;
            tx.execute(UPDATE, values![tenant.as_str()]).map(drop)
        })
    }

    /// The one commit of a move.
    fn complete_move(
        &self,
        tenant: &TenantId,
        to: Option<&Spot>,
        from: Option<&Spot>,
        act: &Act,
    ) -> Result<(), StoreError> {
        const INSERT: &str = "INSERT INTO places (tenant, address, spot) VALUES (?1, ?2, ?3)";
        const KEPT: &str = "UPDATE moves SET phase = 'kept', other = ?2 WHERE tenant = ?1 AND phase = 'copying'";
        let to = to.map(|spot| Ok::<_, StoreError>((self.seal_spot(tenant, spot)?, spot.hash()))).transpose()?;
        let from = from.map(|spot| self.seal_spot(tenant, spot)).transpose()?;
        let done = Act { detail: format!("{}: done", act.detail), ..act.clone() };
        self.change("complete a move", &done, |tx| {
            tx.execute("DELETE FROM places WHERE tenant = ?1", values![tenant.as_str()])?;
            if let Some((sealed, hash)) = &to {
                tx.execute(INSERT, values![tenant.as_str(), &sealed[..], &hash[..]])?;
            }
            match tx.execute(KEPT, values![tenant.as_str(), from.as_deref()])? {
                0 => Err(StoreError::of(StoreErrorKind::Busy, "the move was given up meanwhile")),
                _ => Ok(()),
            }
        })
    }

    fn end_move(&self, tenant: &TenantId, act: &Act) -> Result<(), StoreError> {
        self.change("end a move", act, |tx| {
            tx.execute("DELETE FROM moves WHERE tenant = ?1", values![tenant.as_str()]).map(drop)
        })
    }

    fn seal_spot(&self, tenant: &TenantId, spot: &Spot) -> Result<Vec<u8>, StoreError> {
        self.sealer.seal(&seal_name(tenant), &spot.sealed_text())
    }
}

/// A tenant of which two places are known is deleted or replaced only once it is clear which one counts.
pub(crate) fn not_moving(tx: &Connection, tenant: &TenantId) -> Result<(), StoreError> {
    const SELECT: &str = "SELECT EXISTS (SELECT 1 FROM moves WHERE tenant = ?1)";
    match tx.query_one(SELECT, values![tenant.as_str()], |row| row.get::<bool>(0))? {
        true => Err(unfit(
            tenant,
            "a move of it is neither confirmed nor taken back: plugpoint tenant move --confirm, or --back",
        )),
        false => Ok(()),
    }
}

fn is_same(one: &Option<Spot>, other: &Option<Spot>) -> bool {
    one.as_ref().map(Spot::hash) == other.as_ref().map(Spot::hash)
}

fn shown(spot: &Option<Spot>) -> String {
    spot.as_ref().map_or_else(|| "the platform's own place".to_owned(), Spot::shown)
}

fn unfit(tenant: &TenantId, cause: impl Into<String>) -> StoreError {
    StoreError::of(StoreErrorKind::Unfit, format!("tenant {tenant}: {}", cause.into()))
        .during("move a tenant", &about(tenant))
}

//! Operators: people and programs that look after the platform over HTTP, each with a role and one credential of its own, which stands for
//! no tenant; and the tags by which they choose tenants.

use std::collections::{BTreeMap, BTreeSet};

use plugpoint_sdk::model::TenantId;
use plugpoint_sdk::model::timestamp::Timestamp;
use serde::Serialize;

use crate::audit::Act;
use crate::control::{Control, about, read_tenant_id};
use crate::credentials::{self, Credential};
use crate::error::{StoreError, StoreErrorKind};
use crate::life::not_let_go;
use crate::sql::{Row, values};
use crate::time::{from_micros, to_micros};

/// What an operator may do; each may what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look.
    Viewer,
    /// Act on tenants.
    Operator,
    /// Act on the platform.
    Admin,
}

/// An operator as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorRow {
    /// Its name.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The public part of its credential: `ok_` and 20 hexadecimal digits.
    pub key_id: String,
    /// argon2id hash of the secret, as a PHC string.
    #[serde(skip)]
    pub secret_hash: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Role {
    /// All of them, the one that may least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Admin];

    /// As it is kept and shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
}

impl Control {
    /// Makes an operator with a credential, whose secret exists as text in this answer alone.
    ///
    /// # Errors
    /// `AlreadyExists`; those of the storage.
    pub fn create_operator(&self, name: &str, role: Role, act: &Act) -> Result<Credential, StoreError> {
        const INSERT: &str =
            "INSERT INTO operators (name, role, key_id, secret_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT DO NOTHING";
        let (credential, hash) = credentials::generate_as("ok_")?;
        let now = to_micros((self.clock)());
        self.change("create an operator", act, |tx| {
            match tx.execute(INSERT, values![name, role.name(), &credential.key_id, &hash, now])? {
                0 => Err(StoreError::new(
                    StoreErrorKind::AlreadyExists,
                    "create an operator",
                    format!("operator {name}"),
                )),
                _ => Ok(()),
            }
        })?;
        Ok(credential)
    }

    /// Takes an operator away; its credential ends with the same commit.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn remove_operator(&self, name: &str, act: &Act) -> Result<(), StoreError> {
        self.change("remove an operator", act, |tx| {
            match tx.execute("DELETE FROM operators WHERE name = ?1", values![name])? {
                0 => Err(StoreError::new(StoreErrorKind::NotFound, "remove an operator", format!("operator {name}"))),
                _ => Ok(()),
            }
        })
    }

    /// All operators by name.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn operators(&self) -> Result<Vec<OperatorRow>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM operators ORDER BY name");
        self.db.read("list operators", |connection| connection.query(&select, &[], read_operator))
    }

    /// The operator with this key id.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn operator(&self, key_id: &str) -> Result<Option<OperatorRow>, StoreError> {
        let select = format!("SELECT {COLUMNS} FROM operators WHERE key_id = ?1");
        self.db.read("read an operator", |connection| connection.query_opt(&select, values![key_id], read_operator))
    }

    /// Gives tags to a tenant and takes others away. What it has then.
    ///
    /// # Errors
    /// `NotFound`; those of the storage.
    pub fn tag_tenant(
        &self,
        tenant: &TenantId,
        more: &[String],
        less: &[String],
        act: &Act,
    ) -> Result<BTreeSet<String>, StoreError> {
        const INSERT: &str = "INSERT INTO tenant_tags (tenant, tag) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        const DELETE: &str = "DELETE FROM tenant_tags WHERE tenant = ?1 AND tag = ?2";
        const SELECT: &str = "SELECT tag FROM tenant_tags WHERE tenant = ?1";
        self.change("tag a tenant", act, |tx| {
            not_let_go(tx, tenant)?;
            for (statement, tags) in [(DELETE, less), (INSERT, more)] {
                for tag in tags {
                    tx.execute(statement, values![tenant.as_str(), tag])?;
                }
            }
            Ok(tx.query(SELECT, values![tenant.as_str()], |row| row.get(0))?.into_iter().collect())
        })
        .map_err(|error: StoreError| error.during("tag a tenant", &about(tenant)))
    }

    /// The tags of all tenants that have some.
    ///
    /// # Errors
    /// Those of the storage.
    pub fn tags(&self) -> Result<BTreeMap<TenantId, BTreeSet<String>>, StoreError> {
        const SELECT: &str = "SELECT tenant, tag FROM tenant_tags";
        let rows = self.db.read("list tags", |connection| {
            connection.query(SELECT, &[], |row| Ok((read_tenant_id(row)?, row.get::<String>(1)?)))
        })?;
        let mut tags: BTreeMap<TenantId, BTreeSet<String>> = BTreeMap::new();
        for (tenant, tag) in rows {
            tags.entry(tenant).or_default().insert(tag);
        }
        Ok(tags)
    }
}

const COLUMNS: &str = "name, role, key_id, secret_hash, created_at";

fn read_operator(row: &Row<'_>) -> Result<OperatorRow, StoreError> {
    let role: String = row.get(1)?;
    let role = Role::ALL.into_iter().find(|it| it.name() == role);
    Ok(OperatorRow {
        name: row.get(0)?,
        role: role.ok_or_else(|| StoreError::of(StoreErrorKind::Corrupt, "an operator has no such role"))?,
        key_id: row.get(2)?,
        secret_hash: row.get(3)?,
        created_at: from_micros(row.get(4)?),
    })
}

//! Where a PostgreSQL database is, and what a schema of ours is called there.

use std::fmt;
use std::str::FromStr;

use ::postgres::Config;
use plugpoint_sdk::model::TenantId;

use crate::error::{StoreError, StoreErrorKind};

/// The longest name that PostgreSQL keeps whole.
const NAME_BYTES_MAX: usize = 63;

/// The longest prefix: with it and ours the longest tenant's name fits.
const PREFIX_BYTES_MAX: usize = 16;

/// A server and a database on it, as `postgres://user:password@host:port/database?sslmode=require`, or in libpq's words.
#[derive(Clone)]
pub(crate) struct PostgresAddress {
    config: Config,
}

impl PostgresAddress {
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// `host:port/database`, without user and password.
    pub(crate) fn shown(&self) -> String {
        use ::postgres::config::Host;
        let host = |host: &Host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        let names: Vec<String> = match self.config.get_hosts() {
            [] => self.config.get_hostaddrs().iter().map(ToString::to_string).collect(),
            hosts => hosts.iter().map(host).collect(),
        };
        let ports = self.config.get_ports();
        let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        let servers: Vec<String> = names.iter().enumerate().map(|(at, name)| format!("{name}:{}", port(at))).collect();
        let user = self.config.get_user().unwrap_or_default();
        format!("{}/{}", servers.join(","), self.config.get_dbname().unwrap_or(user))
    }
}

impl FromStr for PostgresAddress {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        let refused = |cause: String| {
            StoreError::new(StoreErrorKind::Unfit, "read the database's address", "PostgreSQL").because(cause)
        };
        let config = Config::from_str(url).map_err(|error| refused(error.to_string()))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(refused("the address names no host".to_owned()));
        }
        Ok(Self { config })
    }
}

/// Without the password, which the text of the address holds.
impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {:?}", self.config.get_hosts(), self.config.get_dbname())
    }
}

/// The name of a schema: letters in lower case, digits, `_` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SchemaName(String);

impl SchemaName {
    /// `prefix` and `name`, both ours or checked by us.
    ///
    /// # Errors
    /// `Unfit` for a prefix that is too long or has other characters.
    pub(crate) fn new(prefix: &str, name: &str) -> Result<Self, StoreError> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let whole = format!("{prefix}_{name}");
        let is_name = prefix.starts_with(|c: char| c.is_ascii_lowercase()) && prefix.chars().all(is_plain);
        if prefix.len() > PREFIX_BYTES_MAX || whole.len() > NAME_BYTES_MAX || !is_name || prefix.starts_with("pg_") {
            let cause = format!(
                "the prefix of schemas has 1 to {PREFIX_BYTES_MAX} of a-z 0-9 _, the first a letter, and is not pg_: {prefix:?}"
            );
            return Err(StoreError::of(StoreErrorKind::Unfit, cause));
        }
        Ok(Self(whole))
    }

    /// One that an operator chose, of which we make and drop what is in it.
    ///
    /// # Errors
    /// `Unfit` for one with other characters, and for those that are everybody's or the server's.
    pub(crate) fn chosen(name: &str) -> Result<Self, StoreError> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(is_plain);
        let is_taken = name.starts_with("pg_") || ["public", "information_schema"].contains(&name);
        if !is_name || is_taken || name.len() > NAME_BYTES_MAX {
            let cause = format!(
                "a tenant's schema has 1 to {NAME_BYTES_MAX} of a-z 0-9 _ -, the first a letter, and is not public, \
                information_schema or pg_: {name:?}"
            );
            return Err(StoreError::of(StoreErrorKind::Unfit, cause));
        }
        Ok(Self(name.to_owned()))
    }

    /// A tenant's: `t` for its database, `n` for one that is to take its place, `o` for one that it has taken.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub(crate) fn of_tenant(prefix: &str, stage: char, tenant: &TenantId) -> Result<Self, StoreError> {
        Self::new(prefix, &format!("{stage}_{tenant}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As an identifier of SQL.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }

    /// The number of the lock that its writers take. Two schemas that share one wait for each other, and no more.
    pub(crate) fn lock(&self) -> i64 {
        number(&self.0)
    }

    /// The number of the lock that tells of a use of it: who has it open (`door`), who moves it.
    pub(crate) fn lock_of(&self, usage: &str) -> i64 {
        number(&format!("{usage} {}", self.0))
    }
}

fn number(text: &str) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..8]);
    i64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_needs_a_host_and_never_shows_its_password() {
        let address: PostgresAddress = "postgres://me:hunter2@db.example:5433/plug?sslmode=require".parse().unwrap();
        assert!(!format!("{address:?}").contains("hunter2"), "{address:?}");
        for wrong in ["postgres://", "postgres:///plug", "mysql://host/db", "postgres://host/db?no_such=1", ""] {
            let error = wrong.parse::<PostgresAddress>().unwrap_err();
            assert_eq!(error.kind(), StoreErrorKind::Unfit, "{wrong}");
        }
    }

    #[test]
    fn names_of_schemas_fit() {
        assert_eq!(SchemaName::new("plugpoint", "t_acme-2").unwrap().quoted(), "\"plugpoint_t_acme-2\"");
        SchemaName::new(&"p".repeat(PREFIX_BYTES_MAX), &format!("t_{}", "a".repeat(40))).unwrap();
        for wrong in ["", "1a", "A", "a\"b", "pg_a", "a-b", "\u{e4}", &"p".repeat(PREFIX_BYTES_MAX + 1)] {
            assert_eq!(SchemaName::new(wrong, "control").unwrap_err().kind(), StoreErrorKind::Unfit, "{wrong}");
        }
    }
}

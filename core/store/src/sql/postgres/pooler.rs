//! Refuses a pooler that hands a session to somebody else between two transactions (PgBouncer's `pool_mode = transaction`): the
//! search path says whose tenant's rows a statement sees, and it is a session's.

use ::postgres::Client;

use crate::error::{StoreError, StoreErrorKind};
use crate::random::random;

/// A setting that nobody else has: custom names need a dot.
const PROBE: &str = "SELECT coalesce(current_setting('plugpoint.session', true), '')";

/// # Errors
/// `Unfit` if what one client says to its session is heard in another's, or not in its own.
pub(super) fn refuse_transaction_mode(connect: impl Fn() -> Result<Client, StoreError>) -> Result<(), StoreError> {
    let (mut first, mut second) = (connect()?, connect()?);
    let own = u64::from_le_bytes(random::<8>()?).to_string();
    first.batch_execute(&format!("SET plugpoint.session = '{own}'"))?;
    // In a transaction it holds a session, and with a pooler most likely the one that was given back last.
    second.batch_execute("BEGIN")?;
    let leaked = probe(&mut second)? == own;
    let lost = probe(&mut first)? != own;
    second.batch_execute("ROLLBACK")?;
    if leaked || lost {
        let cause = "the address is that of a pooler that gives sessions to others between transactions (PgBouncer: pool_mode = \
            transaction); use the server's own address, or a pooler in session mode";
        return Err(StoreError::of(StoreErrorKind::Unfit, cause));
    }
    Ok(())
}

fn probe(client: &mut Client) -> Result<String, StoreError> {
    Ok(client.query_one(PROBE, &[])?.try_get(0)?)
}

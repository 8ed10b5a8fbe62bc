//! Many rows at once: COPY in its binary form (PostgreSQL's documentation, COPY, "Binary Format"). The columns have to be BIGINT, TEXT or
//! BYTEA, as all of ours are; the server takes the bytes for what its columns are.

use std::io::Write;

use super::PgConnection;
use crate::error::{StoreError, StoreErrorKind};
use crate::sql::Value;
use crate::sql::value::without_nul;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// The signature, no flags, no extension.
fn head() -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend_from_slice(&[0; 8]);
    bytes
}

/// A buffer of this size goes out before the next row.
const BUFFER_BYTES: usize = 64 * 1024;

impl PgConnection {
    /// Adds rows to `table (columns)`, of as many values each as there are columns.
    pub(in crate::sql) fn copy(&self, into: &str, columns: usize, values: &[Value<'_>]) -> Result<(), StoreError> {
        if values.is_empty() {
            return Ok(());
        }
        let count = i16::try_from(columns).map_err(|error| StoreError::of(StoreErrorKind::Internal, error))?;
        let mut client = self.client();
        let mut writer = self.told(client.copy_in(&format!("COPY {into} FROM STDIN BINARY")))?;
        let mut buffer = head();
        for row in values.chunks_exact(columns) {
            buffer.extend_from_slice(&count.to_be_bytes());
            row.iter().try_for_each(|value| put(&mut buffer, value))?;
            if buffer.len() >= BUFFER_BYTES {
                writer.write_all(&buffer)?;
                buffer.clear();
            }
        }
        buffer.extend_from_slice(&(-1_i16).to_be_bytes());
        writer.write_all(&buffer)?;
        self.told(writer.finish())?;
        Ok(())
    }
}

fn put(buffer: &mut Vec<u8>, value: &Value<'_>) -> Result<(), StoreError> {
    match value {
        Value::Null => buffer.extend_from_slice(&(-1_i32).to_be_bytes()),
        Value::Int(value) => field(buffer, &value.to_be_bytes())?,
        Value::Text(text) => field(buffer, without_nul(text).as_bytes())?,
        Value::Bytes(bytes) => field(buffer, bytes)?,
    }
    Ok(())
}

fn field(buffer: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
    let too_long = |error| StoreError::of(StoreErrorKind::Full, error);
    buffer.extend_from_slice(&i32::try_from(bytes.len()).map_err(too_long)?.to_be_bytes());
    buffer.extend_from_slice(bytes);
    Ok(())
}

//! The operating system's randomness, for secrets and keys.

use crate::error::{StoreError, StoreErrorKind};

pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::of(StoreErrorKind::Internal, error.to_string()))?;
    Ok(bytes)
}

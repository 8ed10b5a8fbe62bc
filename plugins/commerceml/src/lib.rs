//! CommerceML 2 of 1C:Enterprise, as a catalog transformer.

use plugpoint_sdk::registry::Registrar;

/// Makes the format known, for profiles that choose it by name.
pub fn register(_: &mut Registrar) {}

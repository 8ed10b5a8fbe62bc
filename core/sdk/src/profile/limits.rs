//! The keys of `[limits]`: what a tenant may cost. Read by [`super::keys`], in the order of the reference.

use super::keys::{Key, Kind, key};
use crate::operation;

/// The keys, with bounds that are those of the server's own limits where it has some.
pub(super) const KEYS: &[Key] = &[
    key(
        "document_bytes_max",
        Kind::Number { min: 1024, max: 1_099_511_627_776 },
        "1099511627776",
        "The size of a document, however it comes; a larger one is refused.",
    ),
    key(
        "records_max",
        Kind::Number { min: 1, max: 1_000_000_000 },
        "1000000000",
        "The records of a document; one with more changes nothing.",
    ),
    key(
        "receives_max",
        Kind::Number { min: 1, max: 10_000 },
        "10000",
        "Documents that are received at once; further ones are told to come back.",
    ),
    key(
        "exports_max",
        Kind::Number { min: 1, max: 1024 },
        "1024",
        "Exports that run at once; further ones are told to come back.",
    ),
    key(
        "items_max",
        Kind::Number { min: 1, max: 1_000_000_000 },
        "1000000000",
        "Items of all catalogs together; an import that would leave more changes nothing, a PUT of one more is refused.",
    ),
    key(
        "spool_bytes_max",
        Kind::Number { min: 1024, max: 1_125_899_906_842_624 },
        "1125899906842624",
        "Bytes of all documents that wait or are kept; a further one is refused.",
    ),
    key(
        "requests_per_second",
        Kind::Number { min: 1, max: 1_000_000 },
        "1000000",
        "Requests of this tenant, over REST and SOAP; further ones are told to come back.",
    ),
    key(
        "requests_burst",
        Kind::Number { min: 1, max: 1_000_000 },
        "",
        "Requests that may come at once after a pause; as many as in a second, if not given.",
    ),
    key(
        "operations",
        Kind::Table(operation::KEYS),
        "{}",
        "Limits of one operation alone, as in [limits.operations.createImport].",
    ),
];

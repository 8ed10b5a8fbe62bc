//! The HTTP core: puts the modules of the plugins together into one application, authenticates, limits, observes, and speaks
//! problem+json and OpenAPI for all of them. Plugins bring routes; the server brings the listener.
//!
//! It knows no catalog and no SOAP, and refuses to know a path of theirs. A handler never authenticates, never writes an
//! error by hand, never sees a body that is larger than allowed.
//!
//! Dependencies with a reason: `moka` (bounded concurrent cache of verified credentials), `blake3` (keyed fingerprints of
//! credentials, never the credentials themselves), `serde_path_to_error` (the JSON pointer of a field that does not fit),
//! `percent-encoding` (strict query decoding: a lossy one would let two addresses mean one resource), `tower-http` (gzip, br), `flate2` (gzip and deflate of
//! request bodies),
//! `governor` (requests of a tenant in a second),
//! `siphasher` (names of headers on the read path), `hashbrown` (look-up by parts of a key),
//! `ureq` with `rustls`, `ring` and `rustls-native-certs` (the outgoing calls: blocking, like the threads that make them),
//! `pin-project-lite` (the observer's future without an allocation of its own; already part of the tree).

pub mod address;
pub mod answers;
mod app;
pub mod auth;
pub mod body;
mod coding;
mod compression;
pub mod conditional;
pub mod cursor;
mod docs;
mod drain;
mod extract;
mod health;
mod hook_gate;
mod media_type;
mod metrics;
mod module;
mod observe;
pub mod openapi;
pub mod outgoing;
mod platform;
pub mod problem;
mod rate;
mod recent;
pub mod request_id;
mod request_log;
mod tenants;

pub use address::public_url;
pub use app::app;
pub use auth::{CSRF_HEADER, Opened, Operator, Presented, PresentedDigest, Principal, SESSION_COOKIE, Who};
pub use body::RequestBody;
pub use coding::tell_codings;
pub use extract::{ValidJson, ValidPath, ValidQuery, invalid, json};
pub use hook_gate::{HookGate, Place};
pub use media_type::MediaType;
pub use metrics::recorder;
pub use module::Module;
pub use observe::App;
pub use openapi::{AssemblyError, Rest, RestDoc};
pub use platform::Platform;
pub use problem::Problem;
pub use request_id::RequestId;
pub use request_log::Told;
pub use tenants::{Admission, TenantRuntime};

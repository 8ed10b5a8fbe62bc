//! Imports: from a document that arrives to a catalog that changed.
//!
//! [`desk`] takes documents in and answers about them; [`incoming`] is one on its way, [`spool`] makes it durable where there is
//! `room`, [`bucket`] shares it with servers that have no folder in common. [`queue`] says whose turn it is, [`arrival`] lets one
//! begin before it is whole. [`run`] is the spine; [`reading`] with [`sink`], and [`store`], are its two threads; what the last
//! import read already, [`recall`] knows. [`life`] sees which tenants are not served, [`quota`] holds the spool of each to its
//! bound, [`claims`] and [`others`] share the work with other servers. Formats and protocols are not known here.

mod arrival;
pub(crate) mod bucket;
pub mod claims;
pub mod desk;
mod findings;
pub(crate) mod incoming;
pub(crate) mod job;
pub mod kept;
mod life;
pub(crate) mod meta;
mod observe;
mod others;
mod progress;
pub(crate) mod queue;
mod quota;
mod reading;
mod recall;
pub(crate) mod record;
pub(crate) mod rejected;
pub(crate) mod retention;
mod room;
pub(crate) mod run;
mod sink;
pub(crate) mod spool;
mod store;
pub mod workers;

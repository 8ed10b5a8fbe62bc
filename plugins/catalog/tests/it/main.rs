//! The catalog plugin from outside.

mod arriving;
mod cancelling;
mod http;
mod imports;
mod long;
mod recalling;

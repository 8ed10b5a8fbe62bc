//! The catalog plugin from outside.

mod arriving;
mod http;
mod imports;

//! The catalog plugin from outside.

mod http;
mod imports;

//! The catalog plugin from outside.

mod http;

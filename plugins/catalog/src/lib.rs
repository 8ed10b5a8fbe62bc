//! plugpoint-plugin-catalog

pub mod http;

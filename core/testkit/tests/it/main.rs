//! What only the whole program can show: every declared type, every linked plugin and customer, one running server.

mod schema_limits;
mod stability;

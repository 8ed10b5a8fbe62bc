//! The extension points, one file each.

pub mod catalog_format;
pub mod catalog_transformer;
pub mod import_listener;
pub mod item_rule;

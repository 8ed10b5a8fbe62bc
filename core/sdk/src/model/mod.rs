//! The canonical catalog model: what every format is brought into and every reader gets.

mod amend;
pub mod catalog;
pub mod currency;
pub mod decimal;
pub mod extensions;
pub mod finding;
pub mod ids;
mod item_rules;
mod merge;
pub mod parts;
pub mod patch;
pub mod scope;
pub mod timestamp;

pub use catalog::{
    Attribute, Availability, Category, Contributor, Identifier, Item, ItemData, ItemDraft, ItemStatus, Media, Price,
    Relation, Text,
};
pub use extensions::Extensions;
pub use finding::{Finding, Position, Severity};
pub use ids::{CatalogId, ImportId, ImportMode, TenantId};
pub use item_rules::{is_gtin, is_isbn};
pub use merge::completed;
pub use parts::Parts;
pub use patch::{ItemPatch, PatchOp};
/// The decimal of amounts and quantities, so that a customer crate needs no dependency of its own.
pub use rust_decimal::Decimal;
pub use scope::{RelationKinds, Scope};

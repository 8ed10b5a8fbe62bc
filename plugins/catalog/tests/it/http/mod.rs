//! The REST endpoints over a real store, with a desk of its own making instead of the import machinery.

mod documents;
mod imports;
mod isolation;
mod items;
mod limits;
mod listings;
mod outcome;
mod presenting;
mod support;

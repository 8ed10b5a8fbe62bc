//! Where in a document something stands, for findings of any format.

use crate::model::Position;
use crate::xml::Element;

/// A place in a document: line and column, and what stands there in the format's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place<'a> {
    /// Line and column.
    pub position: Position,
    /// The element's name, the column's heading, the field's number.
    pub path: &'a str,
}

impl<'a> Place<'a> {
    /// A place that is not an element's.
    #[must_use]
    pub fn new(position: Position, path: &'a str) -> Self {
        Self { position, path }
    }
}

impl<'a> From<&'a Element> for Place<'a> {
    fn from(element: &'a Element) -> Self {
        Self { position: element.position(), path: element.name() }
    }
}

//! Where a value breaks a rule, and how that is said. Called by the checks; allocates only once a rule is broken.
//!
//! Messages name the limit and the actual size, and show a value only shortened: it came from outside.

use std::fmt;

use crate::error::{FieldError, quoted};

/// The longest part of a value that a message shows, in characters.
const SHOWN_CHARS_MAX: usize = 40;

/// The way to a value, kept on the stack: a JSON pointer once it is written.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment,
}

#[derive(Debug, Clone, Copy)]
enum Segment {
    Root,
    Field(&'static str),
    Index(usize),
}

impl Path<'_> {
    /// The whole document.
    pub const ROOT: Path<'static> = Path { parent: None, segment: Segment::Root };

    /// The way to a field; an empty name is the value itself.
    #[must_use]
    pub fn field<'a>(&'a self, name: &'static str) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Field(name) }
    }

    /// The way to an entry of a list.
    #[must_use]
    pub fn index<'a>(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), segment: Segment::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Field(name) => write!(f, "/{name}"),
            Segment::Index(index) => write!(f, "/{index}"),
        }
    }
}

/// The violations of one value, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Violations(Vec<FieldError>);

impl Violations {
    /// The most violations that are listed for one value. A document full of mistakes shall not become an answer full of them.
    pub const MAX: usize = 100;

    /// Whether no more are taken.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.0.len() >= Self::MAX
    }

    /// Adds a violation, unless [`MAX`](Self::MAX) are there already.
    pub fn add(&mut self, at: &Path<'_>, code: &'static str, message: impl FnOnce() -> String) {
        if !self.is_full() {
            self.0.push(FieldError { pointer: at.to_string(), code: code.to_owned(), message: message() });
        }
    }

    /// `Ok` if there is none.
    ///
    /// # Errors
    /// The violations.
    pub fn into_result(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}

/// A text as it is shown in a message.
pub(super) fn shown(text: &str) -> String {
    quoted(text, SHOWN_CHARS_MAX)
}

//! What is wrong with the registrations, and who is party to it. All problems are reported together.
//!
//! Made by [`Plans::commit`](crate::Plans::commit); printed by the server before it refuses to start.

use std::error::Error;
use std::fmt;

/// Somebody who has a part in a problem.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Party {
    /// The door: `core`, `plugin bmecat`, `customer voltwerk`.
    pub who: String,
    /// The id that was registered; none if it is about the crate as a whole.
    pub id: Option<String>,
    /// File and line of the registration, or the crate.
    pub at: String,
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{id} of {} at {}", self.who, self.at),
            None => write!(f, "{} in {}", self.who, self.at),
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What is wrong and what can be done, in one sentence.
    pub message: String,
    /// Everyone who has a part in it, sorted.
    pub parties: Vec<Party>,
}

impl Problem {
    pub(crate) fn new(message: String, mut parties: Vec<Party>) -> Self {
        parties.sort();
        parties.dedup();
        Self { message, parties }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.parties.iter().try_for_each(|party| write!(f, "\n     {party}"))
    }
}

/// Everything that is wrong, sorted, so that the text does not depend on who registered first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Ok if there are none.
    pub(crate) fn none_of(mut problems: Vec<Problem>) -> Result<(), Self> {
        problems.sort();
        problems.dedup();
        if problems.is_empty() { Ok(()) } else { Err(Self(problems)) }
    }

    /// The problems; never empty.
    #[must_use]
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0.len() == 1 { "problem" } else { "problems" };
        write!(f, "{} {plural} with the registered extensions:", self.0.len())?;
        self.0.iter().enumerate().try_for_each(|(index, problem)| write!(f, "\n  {}. {problem}", index + 1))
    }
}

impl Error for Problems {}

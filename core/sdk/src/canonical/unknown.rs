//! Counts the elements of a document that are not part of the canonical item, so that each place is reported once.

use std::collections::HashMap;

use crate::codes::finding;
use crate::document::{ItemSink, Stop};
use crate::model::{Finding, Position};

/// As many different places are told apart; the rest is counted together.
const PLACES_MAX: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Unknown {
    places: Vec<Place>,
    by_path: HashMap<String, usize>,
    others: u64,
    total: u64,
}

#[derive(Debug)]
struct Place {
    path: String,
    offer: String,
    first: Position,
    count: u64,
}

impl Unknown {
    /// One more element at `path` was passed over; `position` and `offer` are asked for the first time only.
    pub(super) fn add(&mut self, path: String, first: impl FnOnce() -> (Position, String)) {
        self.total += 1;
        if let Some(&known) = self.by_path.get(&path) {
            self.places[known].count += 1;
        } else if self.places.len() == PLACES_MAX {
            self.others += 1;
        } else {
            let (position, offer) = first();
            self.by_path.insert(path.clone(), self.places.len());
            self.places.push(Place { path, offer, first: position, count: 1 });
        }
    }

    /// How many elements were passed over so far.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Reports each place once.
    pub(super) fn report(self, sink: &mut dyn ItemSink) -> Result<(), Stop> {
        for Place { path, offer, first, count } in self.places {
            let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
            let message = format!("{path} is not part of the canonical form and was passed over {times}{offer}");
            sink.note(Finding::warning(finding::FIELD_UNKNOWN, message).path(path).at(first))?;
        }
        if self.others > 0 {
            let message = format!("{} more elements in other places are not part of the canonical form.", self.others);
            sink.note(Finding::warning(finding::FIELD_UNKNOWN, message))?;
        }
        Ok(())
    }
}

//! What a document holds and its reader never asked for: each path once, with a count, so that nobody has to guess what was lost.
//!
//! A reader's elements know who looked at them ([`Element`]); here their paths are gathered, bounded, over all records.

use std::collections::BTreeMap;

use crate::document::{ItemSink, Stop};
use crate::xml::Element;

/// The most paths that are told apart; what is beyond them is counted under [`UNMAPPED_OTHERS`].
pub const UNMAPPED_PATHS_MAX: usize = 1000;
/// The most bytes of a path; a longer one ends there.
pub const UNMAPPED_PATH_BYTES_MAX: usize = 1024;
/// The path of everything beyond [`UNMAPPED_PATHS_MAX`].
pub const UNMAPPED_OTHERS: &str = "…";

/// The paths that a reader did not know, and how often they came.
#[derive(Debug, Default)]
pub struct Unmapped {
    paths: BTreeMap<Box<str>, u64>,
    beyond: u64,
    path: String,
}

impl Unmapped {
    /// Adds what nobody asked for within a record that is read: texts, attributes, and empty elements that nobody looked for.
    /// Paths begin with the record's own name: `Product/Barcode`, `Product/Barcode/@type`.
    pub fn record(&mut self, record: &Element) {
        self.path.clear();
        self.path.push_str(record.name());
        self.unread(record);
    }

    /// Adds a part that was passed over unread, or a field of a format that has no elements.
    pub fn part(&mut self, path: &str) {
        self.path.clear();
        self.path.push_str(path);
        self.count();
    }

    /// Tells the sink; called once, when the document was read to its end.
    ///
    /// # Errors
    /// A stop of the sink.
    pub fn tell(&self, sink: &mut dyn ItemSink) -> Result<(), Stop> {
        for (path, count) in &self.paths {
            sink.unmapped(path, *count)?;
        }
        if self.beyond > 0 { sink.unmapped(UNMAPPED_OTHERS, self.beyond) } else { Ok(()) }
    }

    /// Whether everything was known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    fn unread(&mut self, element: &Element) {
        if element.is_unread() {
            self.count();
        }
        let length = self.path.len();
        for attribute in element.attributes().iter().filter(|attribute| attribute.is_unread()) {
            self.path.push_str("/@");
            self.path.push_str(attribute.name());
            self.count();
            self.path.truncate(length);
        }
        for child in element.children() {
            self.path.push('/');
            self.path.push_str(child.name());
            self.unread(child);
            self.path.truncate(length);
        }
    }

    fn count(&mut self) {
        let mut end = self.path.len().min(UNMAPPED_PATH_BYTES_MAX);
        while !self.path.is_char_boundary(end) {
            end -= 1;
        }
        let path = &self.path[..end];
        if let Some(count) = self.paths.get_mut(path) {
            *count += 1;
        } else if self.paths.len() < UNMAPPED_PATHS_MAX {
            self.paths.insert(path.into(), 1);
        } else {
            self.beyond += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::element;

    fn paths(unmapped: &Unmapped) -> Vec<(&str, u64)> {
        unmapped.paths.iter().map(|(path, count)| (&**path, *count)).collect()
    }

    #[test]
    fn what_was_read_is_known_and_the_rest_is_counted_by_its_path() {
        let record = element(
            "<p a='1' b='2' xmlns:x='http://www.w3.org/2001/XMLSchema-instance' x:nil='false'>
               <no>1</no><deep><leaf>x</leaf><leaf>y</leaf><flag/></deep><asked/><blank> </blank></p>",
        );
        assert_eq!((record.child_text("no"), record.attribute("a")), (Some("1"), Some("1")));
        assert!(record.child("asked").is_some());
        let mut unmapped = Unmapped::default();
        unmapped.record(&record);
        unmapped.part("HEADER/x");
        let expected = [("HEADER/x", 1), ("p/@b", 1), ("p/blank", 1), ("p/deep/flag", 1), ("p/deep/leaf", 2)];
        assert_eq!(paths(&unmapped), expected);
        record.pass_over();
        let mut unmapped = Unmapped::default();
        unmapped.record(&record);
        assert_eq!(paths(&unmapped), []);
    }

    #[test]
    fn the_list_is_bounded() {
        let mut unmapped = Unmapped::default();
        (0..UNMAPPED_PATHS_MAX + 2).for_each(|number| unmapped.part(&format!("p/{number}")));
        assert_eq!((unmapped.paths.len(), unmapped.beyond), (UNMAPPED_PATHS_MAX, 2));
        let mut unmapped = Unmapped::default();
        unmapped.part(&"é".repeat(UNMAPPED_PATH_BYTES_MAX));
        assert_eq!(paths(&unmapped)[0].0.len(), UNMAPPED_PATH_BYTES_MAX);
    }
}

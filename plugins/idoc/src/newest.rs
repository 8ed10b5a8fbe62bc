//! Which state of a material was read last, by the serial numbers of control records: an older one must not come over a newer one.
//!
//! Bounded: what is beyond the bound is not watched, and the walk says so once.

use std::collections::HashMap;

/// The most materials that are watched.
pub(crate) const WATCHED_MAX: usize = 50_000;

/// The newest serial number of each material and kind of message.
#[derive(Default)]
pub(crate) struct Newest(HashMap<(char, Box<str>), u64>);

/// How a record stands to what was read before it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// It is as new or newer, or nothing says how old it is.
    Newer,
    /// It is older.
    Outdated,
    /// There are too many materials to know.
    Unwatched,
}

impl Newest {
    /// Compares a record with those before it, and remembers it.
    pub(crate) fn see(&mut self, message: char, sku: &str, serial: Option<u64>) -> Order {
        let Some(serial) = serial else { return Order::Newer };
        let key = (message, Box::from(sku));
        let is_full = self.0.len() >= WATCHED_MAX;
        match self.0.get_mut(&key) {
            Some(known) if serial < *known => Order::Outdated,
            Some(known) => {
                *known = serial;
                Order::Newer
            }
            None if is_full => Order::Unwatched,
            None => {
                self.0.insert(key, serial);
                Order::Newer
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_record_is_outdated_within_its_kind_of_message() {
        let mut newest = Newest::default();
        assert_eq!(newest.see('m', "A", Some(2)), Order::Newer);
        assert_eq!(newest.see('m', "A", Some(1)), Order::Outdated);
        assert_eq!(newest.see('c', "A", Some(1)), Order::Newer);
        assert_eq!(newest.see('m', "A", Some(2)), Order::Newer);
        assert_eq!(newest.see('m', "A", None), Order::Newer);
    }

    #[test]
    fn the_bound_holds_from_both_sides() {
        let mut newest = Newest::default();
        for number in 0..WATCHED_MAX {
            assert_eq!(newest.see('m', &number.to_string(), Some(2)), Order::Newer);
        }
        assert_eq!(newest.see('m', "beyond", Some(2)), Order::Unwatched);
        assert_eq!(newest.see('m', "0", Some(1)), Order::Outdated);
        assert_eq!(newest.0.len(), WATCHED_MAX);
    }
}

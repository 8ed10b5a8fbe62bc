//! Links of products to groups that the document gives outside the product, before or after it.
//!
//! They wait in a bounded window: a product that comes takes its own along, the oldest leave as patches when the window is
//! full, the rest at the end. So neither the order of the document nor its size matters, as long as a link stands no
//! further than the window before its product.

use std::collections::{HashMap, VecDeque};

use plugpoint_sdk::model::Position;

/// Links that wait at once.
pub(crate) const LINKS_WAITING_MAX: usize = 20_000;

/// A link to a group.
#[derive(Debug, PartialEq)]
pub(crate) struct Link {
    pub(crate) group: String,
    pub(crate) position: Position,
}

/// The window.
#[derive(Default)]
pub(crate) struct Links {
    waiting: HashMap<String, Vec<Link>>,
    /// The products of `waiting` by age; also some that were taken since.
    order: VecDeque<String>,
    count: usize,
}

impl Links {
    /// Adds a link of a product.
    pub(crate) fn add(&mut self, sku: &str, link: Link) {
        if !self.waiting.contains_key(sku) {
            self.order.push_back(sku.to_owned());
        }
        self.waiting.entry(sku.to_owned()).or_default().push(link);
        self.count += 1;
    }

    /// The links of a product that has come.
    pub(crate) fn take(&mut self, sku: &str) -> Vec<Link> {
        let links = self.waiting.remove(sku).unwrap_or_default();
        self.count -= links.len();
        links
    }

    /// The oldest links if there are more than may wait, or, at the end, as long as there are any.
    pub(crate) fn overdue(&mut self, is_end: bool) -> Option<(String, Vec<Link>)> {
        while is_end || self.count > LINKS_WAITING_MAX || self.order.len() > LINKS_WAITING_MAX {
            let sku = self.order.pop_front()?;
            let links = self.take(&sku);
            if !links.is_empty() {
                return Some((sku, links));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{LINKS_WAITING_MAX, Link, Links};
    use plugpoint_sdk::model::Position;

    fn link(group: &str) -> Link {
        Link { group: group.to_owned(), position: Position::default() }
    }

    #[test]
    fn a_product_takes_its_links_along_and_the_rest_leaves_at_the_end() {
        let mut links = Links::default();
        links.add("A", link("1"));
        links.add("B", link("2"));
        links.add("A", link("3"));
        assert_eq!(links.overdue(false), None);
        assert_eq!(links.take("A"), [link("1"), link("3")]);
        assert_eq!(links.overdue(true), Some(("B".to_owned(), vec![link("2")])));
        assert_eq!(links.overdue(true), None);
    }

    #[test]
    fn the_window_is_bounded_in_links_and_in_products() {
        let mut links = Links::default();
        for _ in 0..=LINKS_WAITING_MAX {
            links.add("A", link("1"));
        }
        assert_eq!(links.overdue(false).unwrap().1.len(), LINKS_WAITING_MAX + 1);
        for number in 0..3 * LINKS_WAITING_MAX {
            let sku = number.to_string();
            links.add(&sku, link("1"));
            links.take(&sku);
            assert_eq!(links.overdue(false), None);
        }
        assert!(links.order.len() <= LINKS_WAITING_MAX);
    }
}

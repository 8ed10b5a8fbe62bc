//! Parts of an item, for documents that speak of some of them alone: a block update replaces what it names, a list of master data
//! says nothing about prices.

use serde::{Serialize, Serializer};

use super::catalog::ItemData;

/// A set of parts of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Parts(u16);

impl Parts {
    /// No part.
    pub const NONE: Self = Self(0);
    /// `kind`.
    pub const KIND: Self = Self(1);
    /// `status`.
    pub const STATUS: Self = Self(1 << 1);
    /// `brand`.
    pub const BRAND: Self = Self(1 << 2);
    /// `texts`.
    pub const TEXTS: Self = Self(1 << 3);
    /// `identifiers`.
    pub const IDENTIFIERS: Self = Self(1 << 4);
    /// `prices`.
    pub const PRICES: Self = Self(1 << 5);
    /// `categories`.
    pub const CATEGORIES: Self = Self(1 << 6);
    /// `attributes`.
    pub const ATTRIBUTES: Self = Self(1 << 7);
    /// `media`.
    pub const MEDIA: Self = Self(1 << 8);
    /// `contributors`.
    pub const CONTRIBUTORS: Self = Self(1 << 9);
    /// `availability`.
    pub const AVAILABILITY: Self = Self(1 << 10);
    /// `relations`.
    pub const RELATIONS: Self = Self(1 << 11);

    /// Every part.
    pub const ALL: Self = Self((1 << 12) - 1);

    /// Each part by its name in the canonical item.
    const NAMES: [(Self, &str); 12] = [
        (Self::KIND, "kind"),
        (Self::STATUS, "status"),
        (Self::BRAND, "brand"),
        (Self::TEXTS, "texts"),
        (Self::IDENTIFIERS, "identifiers"),
        (Self::PRICES, "prices"),
        (Self::CATEGORIES, "categories"),
        (Self::ATTRIBUTES, "attributes"),
        (Self::MEDIA, "media"),
        (Self::CONTRIBUTORS, "contributors"),
        (Self::AVAILABILITY, "availability"),
        (Self::RELATIONS, "relations"),
    ];

    /// These and those.
    #[must_use]
    pub const fn and(self, those: Self) -> Self {
        Self(self.0 | those.0)
    }

    /// Those of these that are among `those`.
    #[must_use]
    pub const fn among(self, those: Self) -> Self {
        Self(self.0 & those.0)
    }

    /// These without those.
    #[must_use]
    pub const fn but(self, those: Self) -> Self {
        Self(self.0 & !those.0)
    }

    /// Whether all of `those` are among these.
    #[must_use]
    pub const fn has(self, those: Self) -> bool {
        self.0 & those.0 == those.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The names of the parts, in the order of the item's fields.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(part, _)| self.has(*part)).map(|(_, name)| name)
    }

    /// Moves these parts of `from` to `to`.
    pub fn transfer(self, from: ItemData, to: &mut ItemData) {
        macro_rules! transfer {
            ($($part:ident $field:ident),+ $(,)?) => {
                $(if self.has(Self::$part) { to.$field = from.$field; })+
            };
        }
        transfer!(
            KIND kind, STATUS status, BRAND brand, TEXTS texts, IDENTIFIERS identifiers, PRICES prices,
            CATEGORIES categories, ATTRIBUTES attributes, MEDIA media, CONTRIBUTORS contributors,
            AVAILABILITY availability, RELATIONS relations,
        );
    }
}

/// The names of the parts as a list.
impl Serialize for Parts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Body, entries};

    #[test]
    fn every_field_of_an_item_but_its_number_and_its_extensions_is_a_part() {
        let info = entries().into_iter().find(|entry| entry.info.name == "Item").expect("declared").info;
        let Body::Object(fields) = &info.body else { panic!("an item has fields") };
        let fields: Vec<&str> = fields.iter().map(|field| field.name).collect();
        let expected: Vec<&str> =
            std::iter::once("sku").chain(Parts::NAMES.map(|(_, name)| name)).chain(["extensions"]).collect();
        let mut sorted = (fields, expected);
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        assert_eq!(sorted.0, sorted.1);
    }

    #[test]
    fn only_what_is_named_moves() {
        let item = |word: &str| ItemData {
            sku: word.to_owned(),
            kind: word.to_owned(),
            brand: Some(word.to_owned()),
            ..ItemData::default()
        };
        let mut to = item("to");
        Parts::BRAND.and(Parts::PRICES).transfer(item("from"), &mut to);
        assert_eq!((to.sku.as_str(), to.kind.as_str(), to.brand.as_deref()), ("to", "to", Some("from")));
        assert_eq!(Parts::ALL.names().count(), Parts::NAMES.len());
        assert_eq!(Parts::ALL.among(Parts::KIND), Parts::KIND);
        assert_eq!(Parts::KIND.and(Parts::BRAND).but(Parts::KIND), Parts::BRAND);
        assert_eq!(Parts::BRAND.and(Parts::PRICES).names().collect::<Vec<_>>(), ["brand", "prices"]);
    }
}

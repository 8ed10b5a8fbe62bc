//! Places of the canonical item as a profile names them: where a column of a list goes.
//!
//! Read with the profile, so that a place that does not exist is told with its line. What a cell means there is the list reader's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::near::offer;
use crate::schema::{LANGUAGE, Matcher, TOKEN};

/// The most tiers of one kind of price.
pub const TIERS_MAX: u16 = 64;

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Place {
    /// `sku`.
    Sku,
    /// `kind`.
    Kind,
    /// `status`.
    Status,
    /// `brand`.
    Brand,
    /// `texts.title`, `texts.de.title` and so on: the part and, if it is named, the language.
    Text(TextPart, Option<String>),
    /// `identifiers.gtin`: the scheme.
    Identifier(String),
    /// `prices.currency`: the currency of the row's prices that have no column of their own for it.
    Currency,
    /// `prices.list.amount`, `prices.list.2.amount`.
    Price {
        /// The kind of the price.
        kind: String,
        /// Which of several prices of that kind, from 1.
        tier: u16,
        /// What of it.
        part: PricePart,
    },
    /// `categories.supplier`: the system.
    Category(String),
    /// `attributes`, `attributes.Colour`: the name; without one the heading is it.
    Attribute(Option<String>),
    /// `media.image`: the kind.
    Media(String),
    /// `contributors.author`: the role.
    Contributor(String),
    /// `availability.quantity`.
    Availability(AvailabilityPart),
    /// `relations.accessory`: the kind.
    Relation(String),
    /// `delete`: the row's item goes where the cell says so.
    Delete,
    /// `ignore`: nowhere, on purpose.
    Ignore,
}

macro_rules! parts {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $word] $variant),+
        }
        impl $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $word)),+];

            /// The part's name in a place.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().find(|(_, name)| *name == word).map(|(part, _)| *part)
            }
        }
    };
}

parts! {
    /// A part of a text.
    TextPart { Title = "title", Description = "description", Keywords = "keywords" }
}

parts! {
    /// A part of a price.
    PricePart {
        Amount = "amount", Currency = "currency", TaxRate = "tax_rate", TaxPercent = "tax_percent", TaxIncluded = "tax_included",
        MinQuantity = "min_quantity", PerQuantity = "per_quantity", Unit = "unit", ValidFrom = "valid_from", ValidTo = "valid_to",
        Territories = "territories",
    }
}

parts! {
    /// A part of an availability.
    AvailabilityPart {
        Status = "status", Quantity = "quantity", LeadTimeDays = "lead_time_days", AvailableFrom = "available_from",
    }
}

/// Forms of places, for whoever wrote one that is none.
const FORMS: &[&str] = &[
    "sku",
    "kind",
    "status",
    "brand",
    "texts.title",
    "texts.de.title",
    "texts.description",
    "texts.keywords",
    "identifiers.gtin",
    "prices.list.amount",
    "prices.list.currency",
    "prices.list.2.amount",
    "prices.currency",
    "categories.supplier",
    "attributes",
    "attributes.NAME",
    "media.image",
    "contributors.author",
    "availability.status",
    "availability.quantity",
    "relations.accessory",
    "delete",
    "ignore",
];

impl Place {
    /// Whether several columns may go there.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        matches!(
            self,
            Self::Text(TextPart::Keywords, _)
                | Self::Identifier(_)
                | Self::Category(_)
                | Self::Attribute(_)
                | Self::Media(_)
                | Self::Contributor(_)
                | Self::Relation(_)
                | Self::Ignore
        ) || matches!(self, Self::Price { part: PricePart::Territories, .. })
    }

    fn parse(text: &str) -> Option<Self> {
        let (head, rest) = text.split_once('.').map_or((text, None), |(head, rest)| (head, Some(rest)));
        Some(match (head, rest) {
            ("sku", None) => Self::Sku,
            ("kind", None) => Self::Kind,
            ("status", None) => Self::Status,
            ("brand", None) => Self::Brand,
            ("attributes", None) => Self::Attribute(None),
            ("delete", None) => Self::Delete,
            ("ignore", None) => Self::Ignore,
            ("texts", Some(rest)) => text_place(rest)?,
            ("prices", Some("currency")) => Self::Currency,
            ("prices", Some(rest)) => price_place(rest)?,
            ("availability", Some(part)) => Self::Availability(AvailabilityPart::of(part)?),
            ("identifiers", Some(scheme)) => Self::Identifier(word(scheme)?),
            ("media", Some(kind)) => Self::Media(word(kind)?),
            ("contributors", Some(role)) => Self::Contributor(word(role)?),
            ("relations", Some(kind)) => Self::Relation(word(kind)?),
            ("categories", Some(system)) => Self::Category(of_length(system, 64)?),
            ("attributes", Some(name)) => Self::Attribute(Some(of_length(name, 256)?)),
            _ => return None,
        })
    }
}

fn text_place(rest: &str) -> Option<Place> {
    static IS_LANGUAGE: Matcher = Matcher::new(LANGUAGE);
    let (language, part) = rest.split_once('.').map_or((None, rest), |(language, part)| (Some(language), part));
    let is_language = |language: &str| language.len() <= 35 && IS_LANGUAGE.is_match(language);
    language.is_none_or(is_language).then_some(())?;
    Some(Place::Text(TextPart::of(part)?, language.map(str::to_owned)))
}

fn price_place(rest: &str) -> Option<Place> {
    let (kind, rest) = rest.split_once('.')?;
    let (tier, part) = rest.split_once('.').map_or((Some(1), rest), |(tier, part)| (tier.parse().ok(), part));
    let tier = tier.filter(|tier| (1..=TIERS_MAX).contains(tier))?;
    Some(Place::Price { kind: word(kind)?, tier, part: PricePart::of(part)? })
}

fn word(text: &str) -> Option<String> {
    static IS_TOKEN: Matcher = Matcher::new(TOKEN);
    (text.len() <= 32 && IS_TOKEN.is_match(text)).then(|| text.to_owned())
}

fn of_length(text: &str, chars_max: usize) -> Option<String> {
    let is_right = (1..=chars_max).contains(&text.chars().count()) && text.trim() == text;
    is_right.then(|| text.to_owned())
}

/// A text that is no place: a sentence that says what there is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoPlace(String);

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let shown: String = text.chars().take(80).collect();
        Self::parse(text).ok_or_else(|| {
            NoPlace(format!("{shown:?} is not a place of an item{}", offer(&shown, FORMS.iter().copied())))
        })
    }
}

impl TryFrom<String> for Place {
    type Error = NoPlace;

    fn try_from(text: String) -> Result<Self, NoPlace> {
        text.parse()
    }
}

impl From<Place> for String {
    fn from(place: Place) -> Self {
        place.to_string()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sku => f.write_str("sku"),
            Self::Kind => f.write_str("kind"),
            Self::Status => f.write_str("status"),
            Self::Brand => f.write_str("brand"),
            Self::Text(part, None) => write!(f, "texts.{}", part.name()),
            Self::Text(part, Some(language)) => write!(f, "texts.{language}.{}", part.name()),
            Self::Identifier(scheme) => write!(f, "identifiers.{scheme}"),
            Self::Currency => f.write_str("prices.currency"),
            Self::Price { kind, tier: 1, part } => write!(f, "prices.{kind}.{}", part.name()),
            Self::Price { kind, tier, part } => write!(f, "prices.{kind}.{tier}.{}", part.name()),
            Self::Category(system) => write!(f, "categories.{system}"),
            Self::Attribute(None) => f.write_str("attributes"),
            Self::Attribute(Some(name)) => write!(f, "attributes.{name}"),
            Self::Media(kind) => write!(f, "media.{kind}"),
            Self::Contributor(role) => write!(f, "contributors.{role}"),
            Self::Availability(part) => write!(f, "availability.{}", part.name()),
            Self::Relation(kind) => write!(f, "relations.{kind}"),
            Self::Delete => f.write_str("delete"),
            Self::Ignore => f.write_str("ignore"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FORMS, Place};

    #[test]
    fn every_form_is_a_place_and_is_written_as_it_was_read() {
        let more =
            ["prices.net.64.valid_to", "texts.de-AT.keywords", "categories.eclass-9.0", "attributes.Maße 1.5 [mm]"];
        for text in FORMS.iter().chain(&more) {
            assert_eq!(text.parse::<Place>().map(|place| place.to_string()).as_deref(), Ok(*text));
        }
    }

    #[test]
    fn what_is_no_place_is_told_with_what_comes_near() {
        for (text, expected) in [
            ("prices.list.amonut", "did you mean \"prices.list.amount\""),
            ("price", "did you mean \"prices.currency\""),
            ("texts.german.name", "is not a place"),
            ("texts.d e.title", "is not a place"),
            ("prices.list.0.amount", "is not a place"),
            ("prices.list.65.amount", "is not a place"),
            ("prices.Net Price.amount", "is not a place"),
            ("prices.amount", "is not a place"),
            ("identifiers.", "is not a place"),
            ("identifiers.EAN", "is not a place"),
            ("sku.x", "is not a place"),
            ("attributes.", "is not a place"),
            ("categories", "is not a place"),
            ("", "is not a place"),
        ] {
            let told = text.parse::<Place>().expect_err(text).to_string();
            assert!(told.contains(expected), "{text}: {told}");
        }
        assert!(format!("attributes.{}", "ä".repeat(256)).parse::<Place>().is_ok());
        assert!(format!("attributes.{}", "ä".repeat(257)).parse::<Place>().is_err());
    }
}

//! Section `[table]`: how a sender's lists (CSV, spreadsheets) are read, and which column goes where.
//!
//! Read with the rest of a profile; what a key does is said in [`keys`](super::keys). Whether a document has the columns is its
//! reader's to say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use super::place::Place;

/// Section `[table]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableProfile {
    /// What separates fields: `auto`, `,`, `;`, `tab` or `|`.
    pub delimiter: String,
    /// What stands around fields: `"`, `'` or `none`.
    pub quote: String,
    /// The row with the headings, 0 for none; looked for if it is not set.
    pub header: Option<u32>,
    /// Rows below the headings that are no items.
    pub skip_rows: u32,
    /// The encoding of a document that does not name one; `auto` to find out.
    pub encoding: String,
    /// The sheet of a workbook, by its name or number; the first that is visible and not empty if it is not set.
    pub sheet: Option<String>,
    /// What separates the entries of a cell that holds a list; without it a cell is one entry.
    pub list_separator: Option<String>,
    /// What becomes of columns that nobody names: `unmapped` or `attributes`.
    pub others: String,
    /// From a heading to where its column goes.
    pub columns: BTreeMap<String, ColumnEntry>,
}

impl Default for TableProfile {
    fn default() -> Self {
        Self {
            delimiter: "auto".to_owned(),
            quote: "\"".to_owned(),
            header: None,
            skip_rows: 0,
            encoding: "auto".to_owned(),
            sheet: None,
            list_separator: None,
            others: "unmapped".to_owned(),
            columns: BTreeMap::new(),
        }
    }
}

/// Where a column goes, and how its cells are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnEntry {
    /// The place.
    pub to: Place,
    /// What separates the entries of a cell; for a category: the names of its path.
    #[serde(default)]
    pub split: Option<String>,
    /// The unit of an attribute's values.
    #[serde(default)]
    pub unit: Option<String>,
    /// The system that defines an attribute.
    #[serde(default)]
    pub system: Option<String>,
    /// An attribute's id in that system.
    #[serde(default)]
    pub feature_id: Option<String>,
    /// The currency of a price that names none.
    #[serde(default)]
    pub currency: Option<String>,
    /// The cells that mean yes.
    #[serde(default)]
    pub when: Option<Vec<String>>,
    /// From a cell as it was sent, in any case, to what is read.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
}

impl From<Place> for ColumnEntry {
    fn from(to: Place) -> Self {
        Self {
            to,
            split: None,
            unit: None,
            system: None,
            feature_id: None,
            currency: None,
            when: None,
            values: BTreeMap::new(),
        }
    }
}

/// A heading as it is compared: without blanks at its ends, in one case, blanks within it as one.
#[must_use]
pub fn heading(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// What is wrong between the columns of a map, as heading and sentence: two that are one heading, two that go to one place.
pub(super) fn clashes<'c>(columns: impl Iterator<Item = (&'c str, &'c str)>) -> Vec<(String, String)> {
    let (mut headings, mut places) = (BTreeMap::new(), BTreeMap::new());
    let mut clashes = Vec::new();
    for (name, to) in columns {
        if let Some(first) = headings.insert(heading(name), name) {
            clashes.push((name.to_owned(), format!("is the same heading as {first:?}")));
        }
        let Ok(place) = to.parse::<Place>() else { continue };
        if place.is_repeatable() {
            continue;
        }
        if let Some(first) = places.insert(place, name) {
            clashes.push((name.to_owned(), format!("{first:?} goes to {to} already, which takes one column")));
        }
    }
    clashes
}

/// The columns of a section as heading and place, as far as they are right.
pub(super) fn columns(section: &Table) -> impl Iterator<Item = (&str, &str)> {
    let columns = section.get("columns").and_then(Value::as_table).into_iter().flatten();
    columns.filter_map(|(name, entry)| Some((name.as_str(), entry.get("to")?.as_str()?)))
}

#[cfg(test)]
mod tests {
    use super::super::Profile;

    #[track_caller]
    fn refuses(toml: &str, expected: &[&str]) {
        let told: Vec<String> = Profile::parse(toml).expect_err(toml).iter().map(ToString::to_string).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_map_is_read_in_its_short_and_its_long_form() {
        let table = Profile::parse(
            "[table]\ndelimiter = 'tab'\nheader = 0\n[table.columns]\nNr = 'sku'\n\
             Weg = { to = 'categories.supplier', split = '>' }\nLager = { to = 'availability.status', values = { ja = 'in_stock' } }",
        )
        .expect("valid")
        .table;
        assert_eq!((table.header, table.columns.len()), (Some(0), 3));
        assert_eq!(table.columns["Nr"].to.to_string(), "sku");
        assert_eq!(table.columns["Weg"].split.as_deref(), Some(">"));
        assert_eq!(table.columns["Lager"].values["ja"], "in_stock");
    }

    #[test]
    fn mistakes_in_a_map_have_their_lines() {
        refuses(
            "[table]\ndelimiter = ':'\nquote = '`'\nheader = 1001\nencoding = 'klingon'\nothers = 'x'\n[table.columns]\nA = 'skus'\n\
             B = { to = 'sku', splitt = ',' }\nC = 'sku'\nb = 'brand'\nD = { split = ',' }\nE = { to = 'prices.list.amount', currency = 'DEM' }",
            &[
                "line 8: table.columns.A: \"skus\" is not a place of an item; did you mean \"sku\"?",
                "line 9: table.columns.B.splitt: there is no such key; did you mean \"split\"?",
                "line 12: table.columns.D: lacks the key \"to\"",
                "line 13: table.columns.E.currency: \"DEM\" is not an active ISO 4217 currency",
                "line 2: table.delimiter: \":\" is not one of auto, ,, ;, tab, |",
                "line 5: table.encoding: \"klingon\" is not auto or an encoding such as windows-1252",
                "line 4: table.header: 1001 is not within 0 to 1000",
                "line 6: table.others: \"x\" is not one of unmapped, attributes",
                "line 3: table.quote: \"`\" is not one of \", ', none",
                "line 10: table.columns.C: \"B\" goes to sku already, which takes one column",
                "line 11: table.columns.b: is the same heading as \"B\"",
            ],
        );
    }

    #[test]
    fn two_layers_may_not_name_one_place_by_two_headings() {
        let layers = ["[table.columns]\nNr = 'sku'", "[table.columns]\nNummer = 'sku'"];
        let told = Profile::from_layers(&layers).expect_err("two").to_string();
        assert_eq!(told, "table.columns.Nummer: \"Nr\" goes to sku already, which takes one column");
        let layers = ["[table.columns]\nNr = 'sku'", "[table.columns]\nNr = 'ignore'\nNummer = 'sku'"];
        assert!(Profile::from_layers(&layers).is_ok());
    }
}

//! Damage to lists and workbooks, and the way there and back: any table that a writer of RFC 4180 writes is read cell for cell.

use std::fmt::Write as _;

use plugpoint_plugin_tables::TablesTransformer;
use plugpoint_sdk::canonical::{Canonical, CsvExporter};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample, exported, items};
use proptest::prelude::*;

use crate::cases::ROOT;
use crate::workbook::{Workbook, cells};
use crate::workbooks::read_with;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    Outcome::of(&TablesTransformer, &[], &Sample { bytes, media_type: "", charset, profile: &profile })
}

fn book() -> Vec<u8> {
    Workbook::new()
        .strings(&["<t>shared</t>", "<t>other</t>"])
        .formats(&["dd.mm.yyyy", "000000"])
        .sheet(
            "List",
            "visible",
            &cells(&[
                &["sku", "name", "price"],
                &["A1", "Nail", "<c s='2'><v>7</v></c>"],
                &["A2", "<c t='s'><v>1</v></c>", ""],
            ]),
            "<mergeCells><mergeCell ref='A1:A2'/></mergeCells>",
        )
        .build()
}

/// The XML of each part, changed, in a container that is whole: behind the checksum, a damaged part is as hostile as can be.
#[test]
fn changed_parts_never_panic() {
    let parts = [
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/_rels/workbook.xml.rels",
        "_rels/.rels",
    ];
    let original = book();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&original)).unwrap();
    let contents: Vec<(String, Vec<u8>)> = (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect();
    for name in parts {
        let length = contents.iter().find(|(other, _)| other == name).unwrap().1.len();
        for at in (0..length).step_by(3) {
            for change in [None, Some(b'9'), Some(b'<'), Some(0), Some(0xff)] {
                let changed = contents.iter().map(|(other, bytes)| {
                    let mut bytes = bytes.clone();
                    if other == name {
                        match change {
                            None => bytes.truncate(at),
                            Some(byte) => bytes[at] = byte,
                        }
                    }
                    (other.clone(), bytes)
                });
                read(&crate::workbook::packed(changed), None);
            }
        }
    }
}

#[test]
fn a_workbook_that_was_cut_is_refused() {
    let book = book();
    assert_eq!(read(&book, None).error, None);
    for end in 4..book.len() - 22 {
        let outcome = read(&book[..end], None);
        assert!(outcome.error.is_some(), "cut at {end}");
    }
}

fn quoted(cell: &str, separator: char) -> String {
    let is_plain = !cell.contains([separator, '"', '\r', '\n']);
    if is_plain { cell.to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
}

/// Texts that keep their blanks and wrappings whoever reads them.
fn cell() -> impl Strategy<Value = String> {
    "[\\PC\n\"';,|\t]{0,24}".prop_map(|text| text.trim().trim_start_matches(['=', '\'', '#']).trim().to_owned())
}

const MAP: &str = "[table]\nheader = 1\nothers = 'attributes'\n[table.columns]\nnumber = 'sku'\nname = 'texts.title'";

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_cell_for_cell(
        rows in prop::collection::vec((cell(), cell(), cell()), 1..6),
        separator in prop::sample::select(vec![';', ',', '|', '\t']),
        line_end in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut text = ["number", "name", "colour", "size"].map(str::to_owned).join(&separator.to_string()) + line_end;
        for (index, (name, colour, size)) in rows.iter().enumerate() {
            let cells = [format!("N{index}"), format!("x{name}"), colour.clone(), size.clone()];
            let _ = write!(text, "{}{line_end}", cells.map(|cell| quoted(&cell, separator)).join(&separator.to_string()));
        }
        let delimiter = if separator == '\t' { "tab".to_owned() } else { separator.to_string() };
        let outcome = read_with(text.as_bytes(), &MAP.replace("header", &format!("delimiter = '{delimiter}'\nheader")));
        prop_assert_eq!(&outcome.error, &None);
        prop_assert_eq!(outcome.items.len(), rows.len(), "{:?}", outcome.findings);
        for (item, (name, colour, size)) in outcome.items.iter().zip(&rows) {
            let title = format!("x{name}");
            prop_assert_eq!(&item.texts[0].title, title.trim());
            let value = |of: &str| item.attributes.iter().find(|it| it.name == of).map_or("", |it| it.values[0].as_str());
            prop_assert_eq!((value("colour"), value("size")), (colour.as_str(), size.as_str()));
        }
    }

    /// So is what the platform itself exports as CSV: whoever changes that in a spreadsheet sends a list.
    #[test]
    fn what_the_platform_exports_is_read_cell_for_cell(items in items(4)) {
        let profile = Profile::default();
        let written = exported(&CsvExporter, &profile, &items, None).bytes;
        let sample = Sample { bytes: &written, media_type: "text/csv", charset: None, profile: &profile };
        let canonical = Outcome::of(&Canonical, &[], &sample);
        let map = "[table]\ndelimiter = ','\nheader = 1\n[table.columns]\nsku = 'sku'\ntitle = 'texts.title'\nbrand = 'brand'";
        let list = read_with(&written, map);
        prop_assert_eq!((&canonical.error, &list.error), (&None, &None));
        // Control characters go, and what spreadsheets put around numbers; a sku in the form of a total or a shortened number is none.
        let shown = |text: &str| text.chars().filter(|it| !it.is_control() || "\t\n\r".contains(*it)).collect::<String>().trim().to_owned();
        let is_odd = |text: &str| text.trim().starts_with(['=', '\'', '#']) || text.contains('E');
        for item in &canonical.items {
            let title = &item.texts[0].title;
            if shown(title).is_empty() || is_odd(&item.sku) || is_odd(title) || item.brand.as_deref().is_some_and(is_odd) {
                continue;
            }
            let (sku, title, brand) = (shown(&item.sku), shown(title), shown(item.brand.as_deref().unwrap_or_default()));
            let is_same = |read: &plugpoint_sdk::model::ItemData| {
                read.sku == sku && read.texts[0].title == title && read.brand.as_deref().unwrap_or_default() == brand
            };
            prop_assert!(list.items.iter().any(is_same), "{} {} {}", sku, title, brand);
        }
    }

    /// The same cells in a workbook are the same items.
    #[test]
    fn a_workbook_of_texts_is_what_the_list_is(rows in prop::collection::vec((cell(), cell()), 1..5)) {
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace("_x", "_x005F_x").replace('>', "&gt;");
        let mut xml = cells(&[&["number", "name", "colour"]]);
        let mut text = "number;name;colour\n".to_owned();
        for (index, (name, colour)) in rows.iter().enumerate() {
            let cells = [format!("N{index}"), format!("x{name}"), colour.clone()];
            let _ = writeln!(text, "{}", cells.clone().map(|cell| quoted(&cell, ';')).join(";"));
            let cells = cells.map(|cell| format!("<c t='inlineStr'><is><t xml:space='preserve'>{}</t></is></c>", escaped(&cell)));
            let _ = write!(xml, "<row>{}</row>", cells.concat());
        }
        let list = read_with(text.as_bytes(), &MAP.replace("header", "delimiter = ';'\nheader"));
        let book = read_with(&Workbook::new().sheet("A", "visible", &xml, "").build(), MAP);
        prop_assert_eq!(&book.error, &None);
        prop_assert_eq!(list.items, book.items);
    }

    #[test]
    fn flipped_bytes_never_panic(case in any::<prop::sample::Index>(), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut documents: Vec<Vec<u8>> = Cases::new(ROOT, &TablesTransformer).documents().into_iter().map(|(_, bytes)| bytes).collect();
        documents.push(book());
        let mut bytes = case.get(&documents).clone();
        if !bytes.is_empty() {
            for (at, byte) in flips {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        read(&bytes, None);
    }

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..14) {
        let places = ["kind", "status", "brand", "identifiers.gtin", "prices.list.amount", "prices.list.currency", "prices.list.tax_rate",
            "prices.list.tax_percent", "prices.list.min_quantity", "prices.list.valid_to", "availability.quantity",
            "availability.lead_time_days", "categories.supplier", "media.image"];
        let profile = format!("[table]\ndelimiter = ';'\nheader = 1\n[table.columns]\nnumber = 'sku'\nname = 'texts.title'\nvalue = '{}'\n", places[place]);
        let amount = if place == 4 { String::new() } else { "price = 'prices.list.amount'".to_owned() };
        let text = format!("number;name;price;value\nA1;Nail;1;{}\n", quoted(&value, ';'));
        let outcome = read_with(text.as_bytes(), &(profile + &amount));
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1, "{:?}", outcome.findings);
    }
}

//! Workbooks: what their cells become, which sheet is read, and what is refused.

use plugpoint_plugin_tables::TablesTransformer;
use plugpoint_sdk::detect::Head;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

use crate::workbook::{Workbook, cells, packed};

pub(crate) fn read_with(bytes: &[u8], profile: &str) -> Outcome {
    let profile = Profile::parse(profile).unwrap();
    // The bytes decide, not what the sender says.
    Outcome::of(&TablesTransformer, &[], &Sample { bytes, media_type: "text/csv", charset: None, profile: &profile })
}

const ALL: &str =
    "[catalog]\ncurrency = 'EUR'\n[table]\nothers = 'attributes'\n[table.columns]\nsku = 'sku'\nname = 'texts.title'";

/// The first attribute's value of every item, by the number.
fn values(outcome: &Outcome) -> Vec<(&str, Option<&str>)> {
    let items = outcome.items.iter();
    items.map(|item| (item.sku.as_str(), item.attributes.first().map(|it| it.values[0].as_str()))).collect()
}

/// A cell as XML and what becomes of it.
fn becomes(cell: &str) -> Option<String> {
    let book = Workbook::new()
        .strings(&[
            "<t>shared</t>",
            "<r><t>ri</t></r><r><rPr><b/></rPr><t xml:space='preserve'>ch </t></r><rPh><t>x</t></rPh>",
            "",
            "<t>a_x000D_b</t>",
        ])
        .formats(&["dd/mm/yyyy", "00000000", "0%", "#,##0.00 &quot;€&quot;", "yyyy-mm-dd hh:mm"])
        .rows(&[&["sku", "name", "value"], &["A1", "Nail", cell]])
        .build();
    let outcome = read_with(&book, ALL);
    assert_eq!(outcome.error, None, "{cell}");
    values(&outcome)[0].1.map(str::to_owned)
}

#[test]
fn cells_become_what_a_person_sees() {
    for (cell, expected) in [
        ("<c t='s'><v>0</v></c>", Some("shared")),
        ("<c t='s'><v> 1 </v></c>", Some("rich")),
        ("<c t='s'><v>2</v></c>", None),
        ("<c t='s'><v>3</v></c>", Some("a\rb")),
        ("<c t='inlineStr'><is><r><t>a</t></r><r><t>b</t></r></is></c>", Some("ab")),
        ("<c t='str'><f>CONCAT(A1)</f><v>last value</v></c>", Some("last value")),
        ("<c><f>1+1</f><v>2</v></c>", Some("2")),
        ("<c><f>1+1</f></c>", None), // a finding elsewhere
        ("<c><v>4006390000000</v></c>", Some("4006390000000")),
        ("<c><v>4.00639E+12</v></c>", Some("4006390000000")),
        ("<c t='n'><v>12.499999999999998</v></c>", Some("12.5")),
        ("<c s='1'><v>45413</v></c>", Some("2024-05-01")),
        ("<c s='2'><v>123</v></c>", Some("00000123")),
        ("<c s='3'><v>0.19</v></c>", Some("19%")),
        ("<c s='4'><v>12.5</v></c>", Some("12.5 EUR")),
        ("<c s='5'><v>45413.5</v></c>", Some("2024-05-01T12:00:00")),
        ("<c s='99'><v>45413</v></c>", Some("45413")),
        ("<c t='b'><v>1</v></c>", Some("true")),
        ("<c t='b'><v>0</v></c>", Some("false")),
        ("<c t='d'><v>2024-05-01</v></c>", Some("2024-05-01")),
        ("<c t='zzz'><v>new kind</v></c>", Some("new kind")),
        ("<c><v>no number</v></c>", Some("no number")),
        ("<c><is><t>a</t></is><v>b</v></c>", Some("a")),
        ("<c><v>7</v><extLst><ext><v>8</v></ext></extLst></c>", Some("7")),
        ("<c r='C2'/>", None),
        ("<x:c xmlns:x='urn:x' t='str'><x:v>prefixed</x:v></x:c>", Some("prefixed")),
    ] {
        assert_eq!(becomes(cell).as_deref(), expected, "{cell}");
    }
}

#[test]
fn errors_are_findings_and_the_cell_is_empty() {
    let book = Workbook::new()
        .rows(&[
            &["sku", "name", "price", "stock"],
            &["A1", "Nail", "<c t='e'><v>#N/A</v></c>", "<c t='e'><v>#SPILL!</v></c>"],
            &["<c t='e'><v>#REF!</v></c>", "Nut", "<c><v>1</v></c>", ""],
            &["A3", "Bolt", "<c><f>B1*2</f></c>", "<c t='str'><f>IF(1,\"\")</f><v></v></c>"],
        ])
        .build();
    let outcome = read_with(&book, "[catalog]\ncurrency = 'EUR'");
    let told: Vec<_> = outcome.findings.iter().map(|it| (it.code.as_str(), it.line, it.path.as_deref())).collect();
    let expected = [
        ("columns_assumed", Some(1), None),
        ("cell_error", Some(2), Some("C price")),
        ("cell_error", Some(2), Some("D stock")),
        ("cell_error", Some(3), Some("A sku")),
        ("cell_error", Some(4), Some("C price")),
    ];
    assert_eq!(outcome.findings[4].value.as_deref(), Some("=B1*2"));
    assert_eq!(told, expected);
    assert_eq!((outcome.items.len(), outcome.records), (2, 3));
    assert!(outcome.items[0].prices.is_empty() && outcome.items[0].availability.is_none());
}

#[test]
fn cells_lie_where_their_names_say() {
    let row = "<row r='1'><c r='C1' t='str'><v>name</v></c><c r='B1' t='str'><v>sku</v></c></row>\
               <row r='7'><c r='B7' t='str'><v>old</v></c><c r='B7' t='str'><v>A1</v></c><c t='str'><v>Nail</v></c></row>\
               <row r='9' hidden='1'><c r='B9'><v>7</v></c><c r='C9' t='str'><v>Nut</v></c></row>";
    let merged = "<mergeCells><mergeCell ref='A1:D1'/><mergeCell ref='B7:B8'/></mergeCells><hyperlinks/>";
    let outcome = read_with(&Workbook::new().sheet("S", "visible", row, merged).build(), "");
    let items: Vec<_> = outcome.items.iter().map(|item| (item.sku.as_str(), item.texts[0].title.as_str())).collect();
    assert_eq!(items, [("A1", "Nail"), ("7", "Nut")]);
    assert_eq!(outcome.starts.iter().map(|(_, at)| at.unwrap().line).collect::<Vec<_>>(), [7, 9]);
    let last = outcome.findings.last().unwrap();
    assert_eq!((last.code.as_str(), last.line), ("part_ignored", Some(7)));
}

#[test]
fn the_first_visible_sheet_with_a_cell_is_read_or_the_one_that_the_profile_names() {
    let book = || {
        let list = |number| cells(&[&["sku", "name"], &[number, "Nail"]]);
        Workbook::new()
            .sheet("Secret", "hidden", &list("H1"), "")
            .sheet("Empty", "visible", "<row r='1'><c r='A1' s='1'/></row>", "")
            .sheet("Preise 2026", "visible", &list("P1"), "")
            .sheet("Alt", "veryHidden", &list("V1"), "")
            .build()
    };
    for (profile, number) in [
        ("", "P1"),
        ("[table]\nsheet = 'preise 2026'", "P1"),
        ("[table]\nsheet = '3'", "P1"),
        ("[table]\nsheet = 'Secret'", "H1"),
        ("[table]\nsheet = '4'", "V1"),
    ] {
        let outcome = read_with(&book(), profile);
        assert_eq!(outcome.items.iter().map(|item| item.sku.as_str()).collect::<Vec<_>>(), [number], "{profile}");
        assert_eq!(outcome.unmapped.len(), 3, "{profile}");
    }
    let outcome = read_with(&book(), "");
    let paths: Vec<&str> = outcome.unmapped.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(paths, ["sheet Alt (hidden)", "sheet Empty", "sheet Secret (hidden)"]);
    let (code, detail) = read_with(&book(), "[table]\nsheet = 'Preise'").error.unwrap();
    assert_eq!(code, "document_malformed");
    assert!(detail.contains("did you mean") || detail.contains("there is"), "{detail}");
    let (_, detail) = read_with(&book(), "[table]\nsheet = 'Empty'").error.unwrap();
    assert!(detail.contains("empty"), "{detail}");
}

#[test]
fn days_are_counted_from_1904_where_the_workbook_says_so() {
    let book = Workbook::new()
        .properties("<workbookPr date1904='1'/><x15ac:workbookPr xmlns:x15ac='urn:x'/>")
        .formats(&["yyyy\\-mm\\-dd"])
        .rows(&[&["sku", "name", "day"], &["A1", "Nail", "<c s='1'><v>43951</v></c>"]])
        .build();
    assert_eq!(values(&read_with(&book, ALL)), [("A1", Some("2024-05-01"))]);
}

#[test]
fn a_number_cell_is_no_text_of_a_sender_with_a_decimal_comma() {
    let book = Workbook::new()
        .rows(&[&["sku", "name", "price"], &["A1", "Nail", "<c><v>1.234</v></c>"], &["A2", "Nut", "1.234,50"]])
        .build();
    let outcome = read_with(&book, "[catalog]\ncurrency = 'EUR'\ndecimal_comma = true");
    let amounts: Vec<String> = outcome.items.iter().map(|item| item.prices[0].amount.to_string()).collect();
    assert_eq!(amounts, ["1.234", "1234.50"]);
}

#[test]
fn other_containers_are_refused_by_name() {
    let empty = |name: &str| packed([(name.to_owned(), b"<x/>".to_vec())]);
    let list = || Workbook::new().rows(&[&["sku", "name"], &["A1", "Nail"]]);
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (empty("a.csv"), "document_malformed", "no workbook"),
        (empty("xl/workbook.bin"), "document_malformed", ".xlsb"),
        (empty("content.xml"), "document_malformed", ".ods"),
        (empty("word/document.xml"), "document_malformed", ".docx"),
        (Workbook::new().build(), "document_malformed", "no sheet"),
        (Workbook::new().sheet("A", "hidden", "", "").build(), "document_malformed", "no visible sheet"),
        (
            Workbook::new().sheet("A", "visible", "", "").sheet("B", "visible", "", "").build(),
            "document_malformed",
            "no visible sheet of the workbook has a cell",
        ),
        (
            list().part("xl/sharedStrings.xml", "<sst><si><t>x</sst>").build(),
            "document_malformed",
            "xl/sharedStrings.xml: line 1",
        ),
        (
            list().part("xl/sharedStrings.xml", "<!DOCTYPE sst [<!ENTITY a 'b'>]><sst/>").build(),
            "doctype_refused",
            "document type",
        ),
        (list().part("xl/sharedStrings.xml", "<sst><si><t>&a;</t></si></sst>").build(), "entity_unknown", "a"),
        (list().part("xl/workbook.xml", "<workbook").build(), "document_malformed", "xl/workbook.xml"),
        (list().part("xl/_rels/workbook.xml.rels", "<Relationships/>").build(), "document_malformed", "no sheet"),
        (Workbook::new().sheet("A", "visible", "<row r='0'/>", "").build(), "document_malformed", "a row has a number"),
        (
            Workbook::new().sheet("A", "visible", "<row r='1048577'/>", "").build(),
            "document_malformed",
            "a row has a number",
        ),
        (
            Workbook::new().sheet("A", "visible", "<row><c r='XFE1'><v>1</v></c></row>", "").build(),
            "document_malformed",
            "\"XFE1\" is no cell",
        ),
        (
            Workbook::new().sheet("A", "visible", "<row><c r='XFD1'/><c><v>1</v></c></row>", "").build(),
            "document_malformed",
            "more than 16384 cells",
        ),
        (
            Workbook::new().sheet("A", "visible", "<row><c t='s'><v>0</v></c></row>", "").build(),
            "document_malformed",
            "no string \"0\"",
        ),
        (Workbook::new().sheet("A", "visible", "<row><c>", "").build(), "document_malformed", "sheet1.xml"),
        (
            Workbook::new().rows(&[&["colour", "shape"], &["red", "round"]]).build(),
            "document_malformed",
            "colour | shape",
        ),
    ];
    for (bytes, code, expected) in cases {
        let (found, detail) = read_with(&bytes, "").error.unwrap_or_default();
        assert!(found == code && detail.contains(expected), "{expected}: {found}: {detail}");
    }
}

#[test]
fn links_to_the_outside_are_passed_over_and_parts_are_found_by_their_relationships() {
    let rels = "<Relationships><Relationship Id='rId9' Type='x/worksheet' Target='https://evil.example/sheet.xml' TargetMode='External'/>\
                <Relationship Id='rId1' Type='http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet' Target='..\\Other\\LIST.xml'/></Relationships>";
    let book = packed([
        ("_rels/.rels".to_owned(), b"<Relationships><Relationship Id='a' Type='x/officeDocument' Target='/lists/book.xml'/></Relationships>".to_vec()),
        ("lists/book.xml".to_owned(), b"<workbook xmlns:r='urn:r'><sheets><sheet name='Out' r:id='rId9'/><sheet name='In' r:id='rId1'/></sheets></workbook>".to_vec()),
        ("lists/_rels/book.xml.rels".to_owned(), rels.as_bytes().to_vec()),
        ("other/list.xml".to_owned(), format!("<worksheet><sheetData>{}</sheetData></worksheet>", cells(&[&["sku", "name"], &["A1", "Nail"]])).into_bytes()),
    ]);
    let outcome = read_with(&book, "");
    assert_eq!((outcome.error, outcome.items.len()), (None, 1));
}

#[test]
fn a_workbook_is_recognised() {
    let book = Workbook::new().rows(&[&["sku", "name"]]).build();
    let detected = TablesTransformer.detect(&Head::new(&book, true, "", None)).unwrap();
    assert_eq!((detected.version.as_str(), detected.is_certain), ("XLSX", true));
    assert!(TablesTransformer.detect(&Head::new(&packed([("a.txt".to_owned(), vec![])]), true, "", None)).is_none());
}

#[test]
fn updates_and_modes_hold_for_workbooks_too() {
    let book = Workbook::new().rows(&[&["sku", "price"], &["A1", "<c><v>7.5</v></c>"]]).build();
    let outcome = read_with(&book, "[catalog]\ncurrency = 'EUR'");
    assert_eq!(outcome.declared.as_ref().map(|(name, _)| name.as_str()), Some("XLSX update of prices"));
    assert_eq!(outcome.patches.len(), 1);
}

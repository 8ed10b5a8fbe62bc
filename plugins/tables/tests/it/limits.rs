//! Documents that are large on purpose: what is bounded stays bounded, from both sides.

use std::io::{BufRead, Read};

use plugpoint_plugin_tables::{ENTRIES_MAX, STRINGS_BYTES_MAX, TablesTransformer, WORKBOOK_BYTES_MAX};
use plugpoint_sdk::document::{Document, TransformError};
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, bounded_in_memory};
use plugpoint_sdk::{memory, testkit};

use crate::workbook::{Workbook, packed};
use crate::workbooks::read_with;

/// What a hook may take; see `catalog.format`.
const MEMORY_BYTES: u64 = 128 << 20;

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn a_row_that_is_too_large_is_rejected_alone() {
    let long = "x".repeat(17 << 20);
    let text = format!("sku;name\nA1;Nail\nA2;{long}\nA3;Nut\n");
    let outcome = read_with(text.as_bytes(), "");
    assert_eq!((outcome.items.len(), outcome.records), (2, 3));
    assert_eq!(codes(&outcome), ["columns_assumed", "record_too_large"]);
    let quoted = format!("sku;name\nA1;\"{}\"\nA2;Nut\n", "x\n".repeat(9 << 20));
    assert_eq!(read_with(quoted.as_bytes(), "").items.len(), 1);
}

#[test]
fn one_endless_line_is_refused_within_the_bound() {
    struct Line(u64);
    impl Read for Line {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let count = into.len().min(usize::try_from(self.0).unwrap());
            into[..count].fill(b'a');
            self.0 -= count as u64;
            Ok(count)
        }
    }
    let mut source = std::io::BufReader::new(Line(40 << 20));
    let error = memory::within(MEMORY_BYTES, || transform(&mut source));
    assert!(error.contains("more than 16777216 bytes"), "{error}");
}

/// The error of a document, if there is one, without anything that is kept.
fn transform(source: &mut dyn BufRead) -> String {
    use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
    let profile = Profile::default();
    let mut sink = Nothing;
    match TablesTransformer.transform(&mut Document::new(source, &profile), &mut sink) {
        Err(TransformError::Document(error)) => error.detail,
        other => format!("{other:?}"),
    }
}

struct Nothing;

impl plugpoint_sdk::document::ItemSink for Nothing {
    fn declare(
        &mut self,
        _: &str,
        _: Option<plugpoint_sdk::model::ImportMode>,
    ) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
    fn upsert(&mut self, _: plugpoint_sdk::model::ItemDraft) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
    fn patch(&mut self, _: plugpoint_sdk::model::ItemPatch) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: plugpoint_sdk::model::Position) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
    fn reject(&mut self, _: plugpoint_sdk::model::Finding) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
    fn note(&mut self, _: plugpoint_sdk::model::Finding) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), plugpoint_sdk::document::Stop> {
        Ok(())
    }
}

#[test]
fn too_many_columns_are_refused_or_rejected() {
    let wide = |columns: usize| format!("sku;name{}\nA1;Nail\n", ";c".repeat(columns - 2));
    assert_eq!(read_with(wide(16_384).as_bytes(), "").error, None);
    assert!(read_with(wide(16_385).as_bytes(), "").error.is_some_and(|(_, detail)| detail.contains("16384 fields")));
    let row = format!("sku;name\nA1;Nail{}\nA2;Nut\n", ";".repeat(16_400));
    assert_eq!(read_with(row.as_bytes(), "").items.len(), 1);
}

#[test]
fn headings_are_looked_for_in_the_first_fifty_rows() {
    let below = |rows: usize| format!("{}sku;name\nA1;Nail\n", "Titel;x\n".repeat(rows));
    assert_eq!(read_with(below(49).as_bytes(), "").items.len(), 1);
    assert!(read_with(below(50).as_bytes(), "").error.is_some());
}

/// As in any other format; the testkit's own bound of memory.
#[test]
fn memory_stays_flat_for_a_list_of_any_length() {
    let profile = Profile::default();
    let bytes = b"sku;name;price\nA1;Nail;1.00 EUR\nA2;Nut;2.00 EUR\nA3;Bolt;3.00 EUR\n";
    let sample = testkit::Sample { bytes, media_type: "text/csv", charset: None, profile: &profile };
    assert_eq!(bounded_in_memory(&TablesTransformer, &sample, 100_000), Some(Ok(())));
}

#[test]
fn a_workbook_has_a_largest_size() {
    let book = |bytes: usize| {
        let rest = Workbook::new().rows(&[&["sku", "name"], &["A1", "Nail"]]).build();
        // Bytes before the first part are allowed in a container; they are not compressed.
        let mut whole = b"PK\x03\x04".to_vec();
        whole.resize(bytes.saturating_sub(rest.len()), 0);
        whole.extend(rest);
        whole
    };
    let outcome = read_with(&book(WORKBOOK_BYTES_MAX), "");
    assert_eq!((outcome.error, outcome.items.len()), (None, 1));
    let (code, detail) = read_with(&book(WORKBOOK_BYTES_MAX + 1), "").error.unwrap();
    assert_eq!(code, "limit_exceeded");
    assert!(detail.contains("33554432 bytes"), "{detail}");
}

#[test]
fn the_number_of_parts_is_counted_before_they_are_listed() {
    let parts = |count: usize| packed((0..count).map(|number| (format!("p{number}"), Vec::new())));
    assert_eq!(read_with(&parts(ENTRIES_MAX), "").error.unwrap().0, "document_malformed");
    assert_eq!(read_with(&parts(ENTRIES_MAX + 1), "").error.unwrap().0, "limit_exceeded");
}

/// Letters that do not compress well, so that it is not the ratio that ends it.
fn noise(bytes: usize) -> String {
    let mut state = 1_u64;
    let letters = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + (state >> 33) as u8 % 26)
    });
    letters.take(bytes).collect()
}

/// The largest container with nearly the largest strings: what both together take is below the bound of a hook.
#[test]
fn the_largest_workbook_is_read_within_the_bound_of_memory() {
    let piece = noise(1 << 20);
    let all = format!("<si><t>{piece}</t></si>").repeat((STRINGS_BYTES_MAX >> 20) - 1);
    let strings = format!("<sst uniqueCount='99999999999999'><si><t>A1</t></si>{all}</sst>");
    let rows: &[&[&str]] = &[&["sku", "name"], &["<c t='s'><v>0</v></c>", "Nail"]];
    // The part is stored as it is, so it fills the container as well.
    let book = Workbook::new().part("xl/sharedStrings.xml", strings).rows(rows).build();
    assert!((31 << 20..WORKBOOK_BYTES_MAX).contains(&book.len()), "{}", book.len());
    let mut source: &[u8] = &book;
    let told = memory::within(MEMORY_BYTES, || transform(&mut source));
    assert_eq!(told, "Ok(())");
}

#[test]
fn what_unfolds_to_a_multiple_is_refused() {
    let rows = "<x/>".repeat(3 << 20);
    let bomb = Workbook::new().sheet("A", "visible", &rows, "").build();
    assert!(bomb.len() < 1 << 20);
    let mut source: &[u8] = &bomb;
    let told = memory::within(MEMORY_BYTES, || transform(&mut source));
    assert!(told.contains("more than 200 times its size"), "{told}");
}

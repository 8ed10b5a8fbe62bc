//! `cargo xtask bench formats`: how fast each reader makes items of a document, beside a bare quick-xml loop over the same bytes
//! (for formats of lines: beside a loop over its lines).
//!
//! A document is a case of the reader's own tests whose record is repeated until it is large. What is measured is `plugpoint detect`,
//! which reads as an import does, with validation, and stores nothing. Rounds alternate; ratios are medians.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use serde::Deserialize;

use super::median;
use crate::Outcome;
use crate::formats::detect;
use crate::workspace::{self, Target};

/// How the document of a case is made large.
enum Record {
    /// This element is repeated.
    Element(&'static str),
    /// Every line behind so many is repeated.
    Lines(usize),
}

/// The formats, the case that grows, and what of it.
const FORMATS: &[(&str, &str, Record)] = &[
    ("canonical-csv", "core/sdk/tests/cases/canonical/csv-attributes/in.csv", Record::Lines(1)),
    ("bmecat", "plugins/bmecat/tests/cases/new_catalog_12/in.xml", Record::Element("ARTICLE")),
    ("onix", "plugins/onix/tests/cases/whole_30_reference/in.xml", Record::Element("Product")),
    ("cxml", "plugins/cxml/tests/cases/index_full/in.xml", Record::Element("IndexItem")),
    ("icecat", "plugins/icecat/tests/cases/data_sheet/in.xml", Record::Element("Product")),
    ("merchant", "plugins/merchant/tests/cases/rss_full/in.xml", Record::Element("item")),
    ("idoc", "plugins/idoc/tests/cases/matmas_whole/in.xml", Record::Element("IDOC")),
    ("gdsn", "plugins/gdsn/tests/cases/cin_whole/in.xml", Record::Element("transaction")),
    ("commerceml", "plugins/commerceml/tests/cases/whole_catalog/in.xml", Record::Element("Товар")),
    ("service", "plugins/services/tests/cases/cdiscount_list/in.xml", Record::Element("Product")),
    ("datanorm", "plugins/datanorm/tests/cases/articles_4_main_record_last/in.txt", Record::Lines(1)),
];

#[derive(Deserialize)]
struct Found {
    seconds: f64,
    reading: Reading,
}

#[derive(Deserialize)]
struct Reading {
    records: u64,
    accepted: u64,
    error: Option<(String, String)>,
}

/// Measures every format and prints a table.
pub(super) fn run(megabytes: u64, rounds: u32, only: Option<&str>, binary: Option<&Path>) -> Outcome {
    let binary = match binary {
        Some(binary) => binary.to_path_buf(),
        None => workspace::build("plugpoint-server", Target::Binary("plugpoint"), true)?,
    };
    println!("| format | MB | records | records/s | MB/s | bare loop MB/s | times the bare loop |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (format, case, record) in FORMATS.iter().filter(|(format, ..)| only.is_none_or(|only| only == *format)) {
        let file = std::env::temp_dir().join(format!("plugpoint-bench-{}-{format}", std::process::id()));
        let measured = measure(&binary, case, record, &file, megabytes << 20, rounds);
        // Nothing is left behind, however it went.
        let _ = fs::remove_file(&file);
        println!("| {format} {}", measured.map_err(|error| format!("{format}: {error}"))?);
    }
    Ok(())
}

fn measure(binary: &Path, case: &str, record: &Record, file: &Path, bytes_min: u64, rounds: u32) -> Outcome<String> {
    let bytes = grow(case, record, file, bytes_min).map_err(|error| format!("{case}: {error}"))?;
    let megabytes = bytes as f64 / 1e6;
    let (mut ours, mut bare, mut records) = (Vec::new(), Vec::new(), 0);
    for _ in 0..rounds {
        let found: Found = detect(binary, file)?;
        if let Some((code, detail)) = found.reading.error {
            return Err(format!("{code}: {detail}"));
        }
        if found.reading.accepted == 0 {
            return Err("no record was accepted".to_owned());
        }
        records = found.reading.records;
        ours.push(found.seconds);
        let started = Instant::now();
        match record {
            Record::Element(_) => bare_xml(file)?,
            Record::Lines(_) => bare_lines(file).map_err(|error| error.to_string())?,
        }
        bare.push(started.elapsed().as_secs_f64());
    }
    let ratios: Vec<f64> = ours.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    let (ours, bare) = (median(&ours), median(&bare));
    Ok(format!(
        "| {megabytes:.0} | {records} | {:.0} | {:.0} | {:.0} | {:.2} |",
        records as f64 / ours,
        megabytes / ours,
        megabytes / bare,
        median(&ratios)
    ))
}

/// Writes a case with its record repeated, and returns the bytes.
fn grow(case: &str, record: &Record, file: &Path, bytes_min: u64) -> Result<u64, String> {
    let text = fs::read_to_string(workspace::root().join(case)).map_err(|error| error.to_string())?;
    let (head, body, tail) = match record {
        Record::Element(name) => around(&text, name).ok_or("the case has no such element")?,
        Record::Lines(count) => {
            let at = text.match_indices('\n').nth(count.saturating_sub(1)).map_or(0, |(at, _)| at + 1);
            (&text[..at], &text[at..], "")
        }
    };
    let write = || -> std::io::Result<u64> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
        out.write_all(head.as_bytes())?;
        let mut written = 0;
        while written < bytes_min {
            out.write_all(body.as_bytes())?;
            written += body.len() as u64;
        }
        out.write_all(tail.as_bytes())?;
        out.flush()?;
        out.get_ref().metadata().map(|metadata| metadata.len())
    };
    write().map_err(|error| error.to_string())
}

/// The text before the first element of a name, from there to the end of the last one, and behind it.
fn around<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let starts = [format!("<{name}>"), format!("<{name} ")];
    let start = starts.iter().filter_map(|tag| text.find(tag)).min()?;
    let end_tag = format!("</{name}>");
    let end = text.rfind(&end_tag)? + end_tag.len();
    Some((&text[..start], text.get(start..end)?, &text[end..]))
}

/// Every event, with texts and attribute values looked at, and nothing made of them.
fn bare_xml(file: &Path) -> Outcome {
    let read = || -> Result<usize, quick_xml::Error> {
        let mut reader = quick_xml::Reader::from_reader(BufReader::with_capacity(256 << 10, File::open(file)?));
        let (mut buffer, mut seen) = (Vec::new(), 0);
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer)? {
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    seen += tag.name().as_ref().len();
                    seen += tag.attributes().flatten().map(|attribute| attribute.value.len()).sum::<usize>();
                }
                quick_xml::events::Event::Text(text) => seen += text.len(),
                quick_xml::events::Event::Eof => return Ok(seen),
                _ => {}
            }
        }
    };
    let seen = read().map_err(|error| error.to_string())?;
    std::hint::black_box(seen);
    Ok(())
}

/// Every line, and nothing made of it.
fn bare_lines(file: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::with_capacity(256 << 10, File::open(file)?);
    let (mut line, mut seen) = (Vec::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 {
        seen += line.len();
        line.clear();
    }
    std::hint::black_box(seen);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn a_record_is_found_with_and_without_attributes() {
        let text = "<c><h/><P a='1'>1</P> <P>2</P></c>";
        assert_eq!(around(text, "P"), Some(("<c><h/>", "<P a='1'>1</P> <P>2</P>", "</c>")));
        assert_eq!(around(text, "Q"), None);
    }

    #[test]
    fn every_format_has_its_case() {
        for (format, case, _) in super::FORMATS {
            assert!(crate::workspace::root().join(case).exists(), "{format}: {case}");
        }
    }
}

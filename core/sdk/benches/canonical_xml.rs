//! How fast canonical XML becomes items, beside a bare tokenizer on the same bytes. `cargo bench -p plugpoint-sdk`.
//!
//! Prints megabytes and items a second of processor time (wall time where the system does not tell), the best of several
//! rounds: noise only ever makes a round slower.
#![expect(clippy::print_stdout, reason = "a bench's report")]

use std::fmt::Write as _;
use std::time::Instant;

use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::document::{Document, ItemSink, Stop};
use plugpoint_sdk::model::{Finding, ImportMode, ItemDraft, ItemPatch, Position};
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::xml::{XmlEvent, XmlOptions, XmlReader};

const ITEMS: usize = 20_000;
const ROUNDS: usize = 7;

fn catalog() -> String {
    let mut xml =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<items xmlns=\"urn:plugpoint:catalog:v1\">");
    for number in 0..ITEMS {
        let _ = write!(
            xml,
            "<item><sku>SKU-{number:08X}</sku><texts><lang>en</lang><title>Steel garden chair {number}</title>\
             <description>winter classic large R&amp;D Größe light heavy portable, item {number}</description></texts>\
             <prices><kind>list</kind><amount>{}.{:02}</amount><currency>EUR</currency></prices>\
             <categories><system>supplier</system><code>home/kitchen</code></categories>\
             <attributes><name>color</name><values>oak &amp; ash</values></attributes>\
             <attributes><name>weight</name><values>{}.5</values></attributes>\
             <media><kind>image</kind><url>https://img.example/sku-{number:08x}/0.jpg</url></media>\
             <availability><status>in_stock</status><quantity>{}</quantity></availability></item>",
            number % 5000,
            number % 100,
            number % 90,
            number % 1000,
        );
    }
    xml.push_str("</items>\n");
    xml
}

#[derive(Default)]
struct Count {
    items: usize,
    findings: usize,
}

impl ItemSink for Count {
    fn declare(&mut self, _: &str, _: Option<ImportMode>) -> Result<(), Stop> {
        Ok(())
    }
    fn upsert(&mut self, draft: ItemDraft) -> Result<(), Stop> {
        self.items += usize::from(!std::hint::black_box(draft).data.sku.is_empty());
        Ok(())
    }
    fn patch(&mut self, _: ItemPatch) -> Result<(), Stop> {
        Ok(())
    }
    fn delete(&mut self, _: String, _: Position) -> Result<(), Stop> {
        Ok(())
    }
    fn reject(&mut self, _: Finding) -> Result<(), Stop> {
        self.findings += 1;
        Ok(())
    }
    fn note(&mut self, _: Finding) -> Result<(), Stop> {
        self.findings += 1;
        Ok(())
    }
    fn unmapped(&mut self, _: &str, _: u64) -> Result<(), Stop> {
        Ok(())
    }
}

fn measure(name: &str, bytes: usize, mut run: impl FnMut() -> usize) {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        assert_eq!(run(), ITEMS, "{name}");
        let elapsed = cpu.zip(cpu_seconds()).map(|(from, to)| to - from);
        best = best.min(elapsed.unwrap_or_else(|| wall.elapsed().as_secs_f64()));
    }
    println!("{name:32} {:7.0} MB/s {:9.0} items/s", bytes as f64 / best / 1e6, ITEMS as f64 / best);
}

/// Time that this process has had a processor, so that a busy machine does not change the result.
fn cpu_seconds() -> Option<f64> {
    let statistics = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    let nanoseconds: f64 = statistics.split(' ').next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

fn main() {
    let xml = catalog();
    let profile = Profile::default();
    println!("{} items, {} bytes each", ITEMS, xml.len() / ITEMS);
    measure("quick-xml tokens", xml.len(), || {
        let mut reader = quick_xml::Reader::from_reader(xml.as_bytes());
        let (mut buffer, mut items) = (Vec::new(), 0);
        loop {
            buffer.clear();
            match reader.read_event_into(&mut buffer) {
                Ok(quick_xml::events::Event::Start(tag)) => items += usize::from(tag.name().as_ref() == "item"),
                Ok(quick_xml::events::Event::Eof) | Err(_) => return items,
                Ok(_) => {}
            }
        }
    });
    measure("XmlReader events", xml.len(), || {
        let mut source = xml.as_bytes();
        let mut reader = XmlReader::new(&mut source, XmlOptions::default());
        let mut items = 0;
        loop {
            match reader.next() {
                Ok(XmlEvent::Start(tag)) => items += usize::from(tag.local() == "item"),
                Ok(XmlEvent::Eof) | Err(_) => return items,
                Ok(_) => {}
            }
        }
    });
    measure("Canonical items", xml.len(), || {
        let mut source = xml.as_bytes();
        let mut document = Document { media_type: "application/xml", ..Document::new(&mut source, &profile) };
        let mut count = Count::default();
        let _ = Canonical.transform(&mut document, &mut count);
        count.items - count.findings
    });
}

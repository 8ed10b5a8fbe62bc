//! Any bytes through the XML reader: it must come to an end, stay within its limits, and give the same events however the
//! bytes arrive.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;
use plugpoint_sdk::xml::{Doctype, XmlEvent, XmlOptions, XmlReader};

/// Every event with its position, and the error at the end.
fn events(bytes: &[u8], piece: usize) -> Vec<String> {
    let mut source = BufReader::with_capacity(piece, bytes);
    let options = XmlOptions { doctype: Doctype::Skip, ..XmlOptions::default() };
    let mut reader = XmlReader::new(&mut source, options);
    let mut events = Vec::new();
    loop {
        let event = match reader.next() {
            Ok(XmlEvent::Eof) => return events,
            Ok(XmlEvent::Start(tag)) => format!("<{} {}", tag.qname(), tag.attributes().count()),
            Ok(XmlEvent::End) => ">".to_owned(),
            Ok(XmlEvent::Text(text)) => text.to_owned(),
            Err(error) => {
                events.push(error.to_string());
                return events;
            }
        };
        events.push(format!("{:?} {event}", reader.position()));
    }
}

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(events(bytes, 1), events(bytes, 1 << 16));
});

//! The benchmark's input: a canonical SOAP envelope of any number of items, about 680 bytes each. The same every time.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::Outcome;

const WORDS: &[&str] = &[
    "steel", "cotton", "garden", "winter", "classic", "large", "small", "blue", "light", "heavy", "portable",
    "kitchen", "office", "travel", "outdoor", "natural", "organic", "premium", "solid", "round", "folding", "compact",
    "ceramic", "leather",
];
/// Text that has to be unescaped or is more than one byte a character.
const SPECIAL: &[&str] = &["Größe", "café", "Łódź", "東京", "R&amp;D", "5 &lt; 6", "&quot;quoted&quot;", "naïve"];
/// 2^32 divided by the golden ratio, made odd: one-to-one over 32 bits, so that skus are unique and unordered.
const SCATTER: u32 = 2_654_435_769;

/// The sku of the item with this number.
pub(crate) fn sku(index: u32) -> String {
    format!("SKU-{:08X}", index.wrapping_mul(SCATTER))
}

/// In the changed catalog every item of which this divides the number has another price: 1 %.
const CHANGED: u32 = 100;

/// Writes the envelope and returns its size in bytes. `is_changed`: 1 % of the items have another price.
pub(crate) fn write(path: &Path, namespace: &str, items: u32, is_changed: bool) -> Outcome<u64> {
    let write = || -> io::Result<u64> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        write!(
            file,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:cat=\"{namespace}\"><soapenv:Header/><soapenv:Body><cat:ImportCatalog><cat:catalogId>bench</cat:catalogId>\
             <cat:mode>replace</cat:mode><cat:waitSeconds>60</cat:waitSeconds><cat:items>"
        )?;
        let mut text = String::with_capacity(1024);
        for index in 0..items {
            text.clear();
            item(&mut text, index, is_changed && index % CHANGED == 0);
            file.write_all(text.as_bytes())?;
        }
        file.write_all(b"</cat:items></cat:ImportCatalog></soapenv:Body></soapenv:Envelope>\n")?;
        file.flush()?;
        file.get_ref().metadata().map(|metadata| metadata.len())
    };
    write().map_err(|error| format!("{}: {error}", path.display()))
}

fn item(text: &mut String, index: u32, is_changed: bool) {
    let mix = index.wrapping_mul(SCATTER).rotate_left(13);
    let word = |shift: u32| WORDS[(mix >> shift) as usize % WORDS.len()];
    let special = SPECIAL[mix as usize % SPECIAL.len()];
    let (euros, cents) = (1 + mix % 4999 + u32::from(is_changed), mix % 100);
    let sku = sku(index);
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "<cat:item><cat:sku>{sku}</cat:sku><cat:brand>{}</cat:brand>\
         <cat:texts><cat:lang>en</cat:lang><cat:title>{} {} {} {}</cat:title><cat:description>{} {} {special} {} {}, item {index}</cat:description></cat:texts>\
         <cat:prices><cat:kind>list</cat:kind><cat:amount>{euros}.{cents:02}</cat:amount><cat:currency>EUR</cat:currency></cat:prices>\
         <cat:categories><cat:system>supplier</cat:system><cat:code>{}</cat:code></cat:categories>\
         <cat:attributes><cat:name>weight</cat:name><cat:values>{}</cat:values><cat:unit>g</cat:unit></cat:attributes>\
         <cat:media><cat:kind>image</cat:kind><cat:url>https://img.example/{sku}/1.jpg</cat:url></cat:media></cat:item>",
        word(3),
        word(0),
        word(5),
        word(7),
        index % 997,
        word(2),
        word(9),
        word(11),
        word(13),
        mix % 500,
        mix % 9000,
    );
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn skus_are_unique_and_items_about_680_bytes() {
        let skus: BTreeSet<String> = (0..50_000).map(sku).collect();
        assert_eq!(skus.len(), 50_000);
        let mut text = String::new();
        (0..1000).for_each(|index| item(&mut text, index, false));
        let mean = text.len() / 1000;
        assert!((640..=720).contains(&mean), "{mean} bytes an item");
    }
}

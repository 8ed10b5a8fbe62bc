//! ItemDetailIndustry: what trades say about an item beyond the standard detail. The retail part is read, others are kept.

use plugpoint_sdk::reading::Record;
use plugpoint_sdk::xml::Element;

use crate::CXML;
use crate::item::{attribute, named};

/// Reads ItemDetailIndustry, or the retail part that stands alone.
pub(crate) fn read(industry: &Element, record: &mut Record<'_>) {
    if industry.name() == "ItemDetailRetail" {
        return read_retail(industry, record);
    }
    industry.children_named("ItemDetailRetail").for_each(|retail| read_retail(retail, record));
}

fn read_retail(retail: &Element, record: &mut Record<'_>) {
    for ean in retail.children_named("EANID") {
        record.identifier(ean, "gtin", ean.text());
    }
    for characteristic in retail.children_named("Characteristic") {
        let name = named(characteristic.attribute("domain"), "Characteristic");
        let value = characteristic.attribute("value").unwrap_or_default().trim();
        let code = characteristic.attribute("code").unwrap_or_default().trim();
        match (value, code) {
            ("", code) => record.fact(characteristic, CXML, &name, code),
            (value, "") => record.fact(characteristic, CXML, &name, value),
            (value, code) => {
                record.attribute(characteristic, attribute(&name, value, None));
                record.fact(characteristic, CXML, &format!("{name}@code"), code);
            }
        }
    }
}

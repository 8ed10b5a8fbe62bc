//! SAP IDocs in XML as a catalog transformer: materials (MATMAS01 to 05), retail articles (ARTMAS01 to 05), conditions (COND_A), their
//! extensions by customers and their reduced message types.
//!
//! A pure reader: bytes in, items out, one at a time. Elements are matched on their local names; which message an IDoc is follows from
//! its segments, not from the root's name. Any number of IDocs may lie in a document, in a SOAP envelope or another wrapper too.
//! It refuses IDocs of other messages, tests (unless the profile lets them in), and an older state of a material over a newer one.
//!
//! # What becomes what
//! The document declares mode merge: an IDoc never says that it is the whole catalog. A material's number is MATNR (MATNR_LONG where it
//! is sent), zeros included, unless the profile says `material_number = "without_zeros"`. What is done to it follows from MSGFN of
//! E1MARAM, or FUNCTION of E1BPE1MATHEAD:
//! - 003 deletes the item;
//! - 005, 009, or none: the item is what the IDoc says. Prices, media, brand, contributors and availability, of which master data never
//!   speaks, stay as they are, and so do relations if there are none in it;
//! - 004, 018, all others, and a record without any name (a reduced message type): a change. What is not in it stays: other languages,
//!   plants, units, attributes. An item that is not there is made of a change that has a name; of one without it is a finding.
//!
//! LVORM (DEL_FLAG) of the material makes the item discontinued, or deletes it (`deletion_flag = "delete"`). E1MAKTM are the names by
//! language (SPRAS_ISO, else SAP's key SPRAS). Of long texts the basic data text (MATERIAL, GRUN) is the description, where there is
//! none the sales text (MVKE); the others are attributes `text OBJECT.ID [de]`. Lines are joined by their formats. EAN11 and the EANs of the
//! base unit are `gtin`, those of other units `gtin_kar`, after the unit; MFRPN is `mpn`, BISMT `old`. MATKL, PRDHA and EXTWG are
//! categories of `sap-matkl`, `sap-prdha` and `sap-extwg`, without names. ATTYP 02 is a variant of SATNR; 10, 11 and 12 are bundles.
//! All other fields are attributes of the system `idoc` under their own names; those of plants, organisations, units and customers'
//! segments under their path, with the segment's key: `E1MARCM[1000]/DISMM`, `/X/SEGMENT/FIELD`. Quantities have their unit as sent, which
//! is SAP's or ISO's as the sender has set it up; the profile maps it (`catalog.units`). Characteristics of articles are attributes.
//! Decimals and dates of zeros say nothing; in a change they take the attribute away. `/` is no data.
//!
//! Each E1KOMG of a COND_A changes the prices of one kind of its material, within the validity of each E1KONH: KBETR for KPEIN KMEIN in
//! KONWA, with the scales of E1KONM; what it has of that kind before and after stays. LOEVM_KO takes them away. The kind is the condition
//! type and all of the key but the material: `pr00.1000.10`, for one customer `pr00.1000.10.0000004711`. `price_conditions` says which
//! condition types are prices; without it all are whose rate is an amount for a quantity.
//!
//! # Losses
//! - the control record but message type, SERIAL and TEST; who changed what and when; the X segments of ARTMAS, which mark fields as meant:
//!   a field that is sent is meant;
//! - SERIAL is compared within a document, for 50,000 materials; not with what was imported before. Documents that overtake each
//!   other on their way have to be put in order before they are sent;
//! - in a change: parts of a material that were taken away (a finding), the end of a deletion flag, descriptions that are now empty; these
//!   come with the next whole record;
//! - consumption and forecasts by week (they are listed as unmapped), segments deeper than eight, everything in an IDoc beside materials;
//! - percentages, discounts below 0, formulas, scales by value, scales up to a quantity (a finding each); conditions without a material;
//! - names of material groups, product hierarchies, plants: IDocs hold their keys only;
//! - an ARTMAS of more than the size of a record (16 MB unless configured) is refused whole.

mod article;
mod condition;
mod control;
mod document;
mod keep;
mod language;
mod lines;
mod material;
mod newest;
mod records;
mod segment;

use plugpoint_sdk::detect::{Detected, Head};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::points::catalog_format;
use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
use plugpoint_sdk::registry::Registrar;

/// Makes the format `idoc` known, for profiles that choose it by name.
pub fn register(registrar: &mut Registrar) {
    registrar.provide_keyed(&catalog_format::POINT, "idoc", "idoc.reader", IdocTransformer);
}

/// Reads IDocs. It has no settings but those of the profile.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdocTransformer;

impl CatalogTransformer for IdocTransformer {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        document::read(document, sink)
    }

    fn detect(&self, head: &Head<'_>) -> Option<Detected> {
        let xml = head.xml().filter(|xml| xml.has("IDOC"))?;
        let above = xml.elements.iter().take_while(|element| element.local != "IDOC").last();
        let kind = segment::sap_name(above.map_or("IDOC", |element| &element.local));
        let version = format!("SAP IDoc {}", kind.chars().take(40).collect::<String>());
        match xml.has("EDI_DC40") || xml.has("EDI_DC") {
            true => Detected::certain(version, "<IDOC> with a control record"),
            false => Detected::likely(version, "<IDOC>"),
        }
    }
}

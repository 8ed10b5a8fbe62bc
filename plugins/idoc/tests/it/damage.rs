//! Damage to every case: cut, other encodings, segments in another order, pieces of several, any value anywhere. The reader may complain
//! about the document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&IdocTransformer, &[], &sample)
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &IdocTransformer).bear_damage_as_xml(["<MATMAS05><IDOC>", "</IDOC></MATMAS05>"], "windows-1252");
}

/// Segments below a material may come in any order: the item has the same attributes.
#[test]
fn the_order_of_segments_does_not_change_the_attributes() {
    let segments = [
        "<E1MARCM><WERKS>1</WERKS><DISMM>PD</DISMM></E1MARCM>",
        "<E1MAKTM><SPRAS>D</SPRAS><MAKTX>Hahn</MAKTX></E1MAKTM>",
        "<E1MARMM><MEINH>KAR</MEINH><UMREZ>2</UMREZ></E1MARMM>",
        "<MATKL>1</MATKL><MTART>FERT</MTART>",
    ];
    let sorted = |order: &[usize]| {
        let inner: String = order.iter().map(|place| segments[*place]).collect();
        let outcome = read(format!("<X><IDOC><E1MARAM><MATNR>1</MATNR>{inner}</E1MARAM></IDOC></X>").as_bytes(), None);
        let mut item = outcome.items.into_iter().next().unwrap();
        item.attributes.sort_by(|left, right| left.name.cmp(&right.name));
        item
    };
    let expected = sorted(&[0, 1, 2, 3]);
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(sorted(&order), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..14) {
        let names = ["MTART", "BRGEW", "GEWEI", "EAN11", "MATKL", "SPRAS", "SPRAS_ISO", "WERKS", "MEINH", "TDFORMAT", "TDLINE",
            "KBETR", "DATBI", "KPEIN"];
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let field = |name: &str| format!("<{name}>{}</{name}>", if name == names[place] { &escaped } else { "10" });
        let [mtart, brgew, gewei, ean, matkl, spras, iso, werks, meinh, format, line, kbetr, datbi, kpein] = names.map(field);
        let document = format!(
            "<X><IDOC><E1MARAM><MATNR>1</MATNR>{mtart}{brgew}{gewei}{ean}{matkl}<E1MAKTM>{spras}{iso}<MAKTX>a</MAKTX></E1MAKTM>\
             <E1MARCM>{werks}</E1MARCM><E1MARMM>{meinh}</E1MARMM><E1MTXHM><E1MTXLM>{format}{line}</E1MTXLM></E1MTXHM></E1MARAM>\
             <E1KOMG><MATNR>1</MATNR><KSCHL>PR00</KSCHL><E1KONH>{datbi}<E1KONP>{kbetr}<KONWA>EUR</KONWA>{kpein}</E1KONP></E1KONH>\
             </E1KOMG></IDOC></X>"
        );
        let outcome = read(document.as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!((outcome.items.len(), outcome.records), (1, 2));
    }
}

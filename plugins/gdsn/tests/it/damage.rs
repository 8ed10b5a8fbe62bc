//! Damage to every case: cut, other encodings, elements in another order, pieces of several, any value anywhere. The reader may complain
//! about the document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_gdsn::GdsnTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&GdsnTransformer, &[], &sample)
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &GdsnTransformer).bear_damage_as_xml(
        ["<catalogueItemNotificationMessage><catalogueItem>", "</catalogueItem></catalogueItemNotificationMessage>"],
        "windows-1252",
    );
}

/// Modules of a trade item may come in any order: the item has the same attributes.
#[test]
fn the_order_of_modules_does_not_change_the_attributes() {
    let modules = [
        "<tradeItemMeasurementsModule><netContent measurementUnitCode='GRM'>5</netContent></tradeItemMeasurementsModule>",
        "<tradeItemDescription languageCode='de'>Saft</tradeItemDescription>",
        "<allergen><allergenTypeCode>AM</allergenTypeCode><levelOfContainmentCode>CONTAINS</levelOfContainmentCode></allergen>",
        "<packaging><packagingTypeCode>BO</packagingTypeCode></packaging>",
    ];
    let sorted = |order: &[usize]| {
        let inner: String = order.iter().map(|place| modules[*place]).collect();
        let document = format!("<catalogueItem><tradeItem><gtin>96385074</gtin>{inner}</tradeItem></catalogueItem>");
        let mut item = read(document.as_bytes(), None).items.into_iter().next().unwrap();
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
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..9) {
        let names = ["brandName", "gpcCategoryCode", "quantity", "discontinuedDateTime", "netContent", "allergenTypeCode",
            "preparationStateCode", "uniformResourceIdentifier", "quantityOfNextLowerLevelTradeItem"];
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let field = |name: &str| format!("<{name} languageCode=\"{escaped}\">{}</{name}>", if name == names[place] { &escaped } else { "10" });
        let [brand, gpc, quantity, date, content, allergen, state, uri, children] = names.map(field);
        let document = format!(
            "<catalogueItem><tradeItem><gtin>96385074</gtin><tradeItemDescription>a</tradeItemDescription>{brand}{gpc}{date}{content}\
             <allergen>{allergen}</allergen><nutrientHeader>{state}</nutrientHeader>\
             <referencedFileHeader>{uri}</referencedFileHeader><childTradeItem><gtin>4006381333931</gtin>{children}</childTradeItem>\
             <tradeItemUnitDescriptorCode>{escaped}</tradeItemUnitDescriptorCode></tradeItem>\
             <catalogueItemChildItemLink>{quantity}<catalogueItem><tradeItem><gtin>12345670</gtin></tradeItem></catalogueItem>\
             </catalogueItemChildItemLink></catalogueItem>"
        );
        let outcome = read(document.as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!((outcome.items.len(), outcome.records), (2, 2));
    }
}

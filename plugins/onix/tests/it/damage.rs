//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_onix::OnixTransformer;
use plugpoint_sdk::testkit::Cases;
use proptest::prelude::*;

use crate::cases::ROOT;
use crate::read;

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &OnixTransformer).bear_damage_as_xml(["<ONIXMessage>", "</ONIXMessage>"], "windows-1252");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in any::<prop::sample::Index>(), short in any::<bool>()) {
        let case = if short { "whole_31_short" } else { "whole_30_reference" };
        let template = std::fs::read_to_string(format!("{ROOT}/{case}/in.xml")).unwrap();
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        // Behind the number and the notice, every value may be anything.
        let from = template.find("15</").unwrap();
        let values: Vec<(usize, usize)> = template.match_indices("</").filter_map(|(end, _)| {
            let start = template[..end].rfind('>')? + 1;
            (start > from && start < end).then_some((start, end))
        }).collect();
        let (start, end) = *place.get(&values);
        let document = format!("{}{escaped}{}", &template[..start], &template[end..]);
        let outcome = read(document.as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!((outcome.items.len(), outcome.records), (1, 1), "{:?}", outcome.findings);
    }
}

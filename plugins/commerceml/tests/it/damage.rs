//! Damage to every case: cut, flipped bytes, other encodings, elements in another order. The reader may complain about the
//! document or about records; it never panics, and whole documents keep their records.

use plugpoint_plugin_commerceml::CommercemlTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Cases, Outcome, Sample};
use proptest::prelude::*;

use crate::cases::ROOT;

fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset, profile: &profile };
    Outcome::of(&CommercemlTransformer, &[], &sample)
}

#[test]
fn every_case_bears_damage() {
    Cases::new(ROOT, &CommercemlTransformer).bear_damage_as_xml(
        [
            "<КоммерческаяИнформация><ПакетПредложений><Предложения>",
            "</Предложения></ПакетПредложений></КоммерческаяИнформация>",
        ],
        "windows-1251",
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_in_any_place_never_panics_and_never_loses_the_record(value in "\\PC{0,40}", place in 0_usize..12) {
        let names = ["ЦенаЗаЕдиницу", "Валюта", "Коэффициент", "Единица", "МинКоличество", "ИдТипаЦены", "Ставка", "Количество",
            "Штрихкод", "Артикул", "Картинка", "Описание"];
        let template = include_str!("../every_value.xml");
        let escaped = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let name = names[place];
        let (before, rest) = template.split_once(&format!("<{name}>")).unwrap();
        let (_, after) = rest.split_once(&format!("</{name}>")).unwrap();
        let outcome = read(format!("{before}<{name}>{escaped}</{name}>{after}").as_bytes(), None);
        prop_assert_eq!(outcome.error, None);
        prop_assert_eq!(outcome.items.len(), 1);
    }
}

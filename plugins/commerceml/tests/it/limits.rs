//! Documents that are large or deep on purpose: what is bounded stays bounded, and long texts do not cost the item.

use plugpoint_plugin_commerceml::CommercemlTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

fn read(text: &str) -> Outcome {
    let profile = Profile::default();
    let sample = Sample { bytes: text.as_bytes(), media_type: "application/xml", charset: None, profile: &profile };
    Outcome::of(&CommercemlTransformer, &[], &sample)
}

fn document(inner: &str) -> String {
    format!("<КоммерческаяИнформация ВерсияСхемы='2.07'>{inner}</КоммерческаяИнформация>")
}

fn catalog(goods: &str) -> String {
    format!("<Каталог><Товары>{goods}</Товары></Каталог>")
}

fn good(rest: &str) -> String {
    format!("<Товар><Ид>1</Ид><Наименование>Чайник</Наименование>{rest}</Товар>")
}

fn codes(outcome: &Outcome) -> Vec<&str> {
    outcome.findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn ten_thousand_levels_are_refused() {
    let deep = format!("{}{}", "<Группы>".repeat(10_000), "</Группы>".repeat(10_000));
    let outcome = read(&document(&format!("<Классификатор>{deep}</Классификатор>")));
    assert_eq!(outcome.error.unwrap().0, "limit_exceeded");
}

#[test]
fn a_record_that_is_too_large_is_rejected_alone() {
    let long = "ё".repeat(450_000);
    let large = good(&format!("<Комментарий>{long}</Комментарий>").repeat(20));
    let outcome = read(&document(&catalog(&format!("{large}{}", good("")))));
    assert_eq!((outcome.records, outcome.items.len(), codes(&outcome)), (2, 1, vec!["record_too_large"]));
    assert!(outcome.findings[0].excerpt.as_ref().unwrap().starts_with("<Товар>"));
}

/// Whatever an item has too much of is cut with a finding, and what is left keeps the limits of the model.
#[test]
fn what_is_too_long_is_cut_and_the_item_stays() {
    let long = |name: &str, length: usize| format!("<{name}>{}</{name}>", "ё".repeat(length));
    let value =
        |inner: String| format!("<ЗначенияСвойств><ЗначенияСвойства>{inner}</ЗначенияСвойства></ЗначенияСвойств>");
    let requisite = |inner: String| {
        format!("<ЗначенияРеквизитов><ЗначениеРеквизита>{inner}</ЗначениеРеквизита></ЗначенияРеквизитов>")
    };
    let price = |kind: usize| {
        format!("<Цена><ИдТипаЦены>p</ИдТипаЦены><ЦенаЗаЕдиницу>{kind}</ЦенаЗаЕдиницу><Валюта>RUB</Валюта></Цена>")
    };
    let numbered =
        |name: &str, count: usize| (0..count).map(|number| format!("<{name}>{number}</{name}>")).collect::<String>();
    let cases = [
        ("text_truncated", long("Описание", 70_000)),
        ("text_truncated", long("ТорговаяМарка", 300)),
        ("text_truncated", value(format!("<Ид>a</Ид>{}", long("Значение", 66_000)))),
        ("text_truncated", requisite(format!("{}<Значение>1</Значение>", long("Наименование", 300)))),
        ("text_truncated", format!("{}x{}", "<А>".repeat(90), "</А>".repeat(90)).replace("А", "ДлинноеИмяЭлемента")),
        ("field_length", value(format!("<Ид>a</Ид>{}", numbered("Значение", 1100)))),
        (
            "field_length",
            format!(
                "<ЗначенияСвойств>{}</ЗначенияСвойств>",
                "<ЗначенияСвойства><Ид>a</Ид><Значение>1</Значение></ЗначенияСвойства>".repeat(16_390)
            ),
        ),
        ("field_length", format!("<Цены>{}</Цены>", (0..1100).map(price).collect::<String>())),
        ("field_length", format!("<Группы>{}</Группы>", numbered("Ид", 300))),
        ("field_length", format!("<Группы>{}</Группы>", long("Ид", 129))),
        ("field_length", numbered("Штрихкод", 70)),
        ("field_length", numbered("Картинка", 1100)),
        ("field_length", long("Картинка", 5000)),
        ("field_invalid", long("Артикул", 129)),
        ("field_invalid", "<Аналоги><Аналог><Ид>ё\u{200b}</Ид></Аналог></Аналоги>".to_owned()),
        ("findings_omitted", format!("<Группы>{}</Группы>", numbered("Ид", 5000))),
    ];
    for (code, rest) in cases {
        let outcome = read(&document(&catalog(&good(&rest))));
        assert_eq!(outcome.error, None);
        assert_eq!(outcome.items.len(), 1, "{code}: {:?}", outcome.findings);
        assert!(codes(&outcome).contains(&code), "{code}: {:?} {rest:.60}", outcome.findings.first());
        assert!(outcome.findings.len() <= 102);
    }
}

#[test]
fn definitions_beyond_the_bound_are_known_by_id_only() {
    let name = "ж".repeat(400_000);
    let value =
        |id: usize| format!("<Справочник><ИдЗначения>{id}</ИдЗначения><Значение>{name}</Значение></Справочник>");
    let values: String = (0..50).map(value).collect();
    let property = format!(
        "<Свойство><Ид>p</Ид><Наименование>Цвет</Наименование><ВариантыЗначений>{values}</ВариантыЗначений></Свойство>"
    );
    let uses = |id: usize| {
        format!(
            "<Товар><Ид>{id}</Ид><Наименование>Чайник</Наименование><ЗначенияСвойств><ЗначенияСвойства><Ид>p</Ид><Значение>{id}</Значение></ЗначенияСвойства></ЗначенияСвойств></Товар>"
        )
    };
    let text = document(&format!(
        "<Классификатор><Свойства>{property}</Свойства></Классификатор>{}",
        catalog(&(uses(0) + &uses(49)))
    ));
    let outcome = read(&text);
    assert_eq!(
        codes(&outcome),
        ["field_length", "text_truncated"],
        "the first value is longer than an attribute may be"
    );
    assert_eq!(outcome.items[0].attributes[0].values[0].chars().next(), Some('ж'));
    assert_eq!(outcome.items[1].attributes[0].values, ["49"]);
}

/// Beyond the goods that are remembered an offer is a record of its own, which leaves the same item.
#[test]
fn offers_of_more_goods_than_are_remembered_complete_them_as_records() {
    let goods: String =
        (0..=200_000).map(|id| format!("<Товар><Ид>{id}</Ид><Наименование>Ч</Наименование></Товар>")).collect();
    let offer = |id: usize| {
        format!("<Предложение><Ид>{id}</Ид><Наименование>Ч</Наименование><Количество>1</Количество></Предложение>")
    };
    let offers =
        format!("<ПакетПредложений><Предложения>{}{}</Предложения></ПакетПредложений>", offer(199_999), offer(200_000));
    let outcome = read(&document(&(catalog(&goods) + &offers)));
    let patched: Vec<&str> =
        outcome.patches.iter().filter(|patch| patch.is_record).map(|patch| patch.sku.as_str()).collect();
    assert_eq!((patched, outcome.records), (vec!["199999"], 200_003));
    assert_eq!(outcome.items.last().map(|item| item.sku.as_str()), Some("200000"));
}

#[test]
fn orders_of_many_kinds_are_told_for_the_first_of_them() {
    let orders: String =
        (0..40).map(|kind| format!("<Документ><ХозОперация>{kind}</ХозОперация><Номер>1</Номер></Документ>")).collect();
    let outcome = read(&document(&orders));
    assert_eq!(
        (outcome.findings.len(), outcome.records, &outcome.unmapped[..]),
        (32, 0, &[("Документ/Номер".to_owned(), 40)][..])
    );
}

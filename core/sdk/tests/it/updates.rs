//! Update files: what both ways of writing give, and what is refused with which line.

use plugpoint_sdk::update::{Backend, UPDATE_BYTES_MAX, UPDATE_STEPS_MAX, Updates, own_prefix};
use proptest::prelude::*;

/// Tag, title and both texts of each step, white space folded.
fn folded(updates: &Updates) -> Vec<[String; 4]> {
    let fold =
        |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches([' ', ';']).to_owned();
    let steps = updates.steps().iter();
    steps
        .map(|step| {
            let text = |backend| fold(step.text(backend));
            [step.tag().to_owned(), step.title().to_owned(), text(Backend::Sqlite), text(Backend::Postgres)]
        })
        .collect()
}

#[test]
fn both_ways_of_writing_say_the_same() {
    let sql = "-- what this is for\n\n-- step: 1-stock  Stock of a shop \nCREATE TABLE x_a_s (n BIGINT);\n--only:postgres\nCOMMENT ON TABLE x_a_s IS 'n';
-- both\nINSERT INTO x_a_s VALUES (1)\n-- step: 2\n-- only: sqlite\nSELECT 1;\n-- only: postgres\nSELECT 2;\n";
    let xml = r#"<?xml version="1.0"?><!-- ours --><updates>
        <step tag="1-stock" title="Stock of a shop">
            <sql>CREATE TABLE x_a_s (n BIGINT);</sql><sql backend="postgres">COMMENT ON TABLE x_a_s IS 'n'</sql>
            <sql><![CDATA[INSERT INTO x_a_s VALUES (1)]]></sql>
        </step>
        <step tag="2"><sql backend="sqlite">SELECT 1;</sql><sql backend="postgres">SELECT 2;</sql></step>
    </updates>"#;
    let (sql, xml) = (folded(&Updates::read(sql).unwrap()), folded(&Updates::read(xml).unwrap()));
    let without_ends = |steps: &[[String; 4]]| -> Vec<Vec<String>> {
        steps.iter().map(|step| step.iter().map(|text| text.replace([';', ' '], "")).collect()).collect()
    };
    assert_eq!(without_ends(&sql), without_ends(&xml));
    assert_eq!(sql[0][..2], ["1-stock", "Stock of a shop"]);
    assert!(!sql[0][2].contains("COMMENT") && sql[0][3].contains("COMMENT"));
    assert_eq!((&*sql[1][2], &*sql[1][3]), ("SELECT 1", "SELECT 2"));
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, expected) in [
        ("CREATE TABLE x (n BIGINT);", "line 1: a statement stands before the first"),
        ("-- step: A\nSELECT 1;", "line 1: the tag `A` is not 1 to 64 of a-z 0-9 . _ -"),
        ("-- step:\nSELECT 1;", "line 1: the tag `` is not"),
        ("-- step: a\nSELECT 1;\n-- step: a again\nSELECT 1;", "line 3: the tag `a` is that of line 1, too"),
        ("-- step: a\n-- step: b\nSELECT 1;", "line 1: the step `a` has no statement for sqlite"),
        ("-- step: a\n-- only: sqlite\nSELECT 1;\n", "line 1: the step `a` has no statement for postgres"),
        ("-- step: a\n-- nothing\n ; ;\n", "line 1: the step `a` has no statement for sqlite"),
        ("-- step: a\n-- only: oracle\nSELECT 1;", "line 2: there is no backend `oracle`: write sqlite or postgres"),
        ("<updates>", "line 1: "),
        ("<!DOCTYPE updates [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><updates>&a;</updates>", "line 1: "),
        ("<updates><step tag='a'><sql>&lol;</sql></step></updates>", "line 1: "),
        ("<update/>", "line 1: `update` stands where `updates` belongs"),
        ("<updates xmlns='urn:other'/>", "line 1: `updates` stands where `updates` belongs"),
        ("<updates>\n<step title='x'><sql>SELECT 1</sql></step></updates>", "line 2: the step has no tag"),
        ("<updates>\n<step tag='a' tga='b'/></updates>", "line 2: `step` has no attribute `tga`"),
        ("<updates>\n<step tag='a'>SELECT 1</step></updates>", "line 2: there is text between the elements of `step`"),
        ("<updates>\n<step tag='a'/></updates>", "line 2: the step `a` has no statement for sqlite"),
        (
            "<updates>\n<step tag='a'><sql backend='db2'>SELECT 1</sql></step></updates>",
            "line 2: there is no backend `db2`",
        ),
        ("<updates>\n<step tag='a'><sql>SELECT <b/></sql></step></updates>", "line 2: `b` stands within `sql`"),
        ("<updates/><updates/>", "line 1: "),
    ] {
        let said = Updates::read(text).unwrap_err().to_string();
        assert!(said.starts_with(expected), "{text}: {said}");
    }
}

#[test]
fn bounds_hold_from_both_sides() {
    let steps = |count: usize| (0..count).map(|n| format!("-- step: s{n}\nSELECT 1;\n")).collect::<String>();
    assert_eq!(Updates::read(&steps(UPDATE_STEPS_MAX)).unwrap().steps().len(), UPDATE_STEPS_MAX);
    assert!(Updates::read(&steps(UPDATE_STEPS_MAX + 1)).unwrap_err().message.contains("more than 1000 steps"));
    let padded = |bytes: usize| format!("-- step: a\nSELECT 1;{}", " ".repeat(bytes - 20));
    assert_eq!(Updates::read(&padded(UPDATE_BYTES_MAX)).unwrap().steps().len(), 1);
    assert!(Updates::read(&padded(UPDATE_BYTES_MAX + 1)).unwrap_err().message.contains("larger than"));
    let tagged = |chars: usize| format!("-- step: {}\nSELECT 1;", "t".repeat(chars));
    assert!(Updates::read(&tagged(64)).is_ok() && Updates::read(&tagged(65)).is_err());
    assert_eq!(Updates::read("").unwrap().steps().len(), 0);
    assert_eq!(own_prefix("my-shop"), "x_my_shop_");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in r"(<|-- step: |-- only: |</?[a-z]+>|[ \PC\n]{0,20}){0,12}") {
        let _ = Updates::read(&text);
    }

    #[test]
    fn steps_come_back_as_written(tags in prop::collection::btree_set("[a-z0-9][a-z0-9._-]{0,20}", 0..20), title in "[A-Za-z ]{0,20}") {
        let text: String = tags.iter().map(|tag| format!("-- step: {tag} {title}\nSELECT '{tag}';\n")).collect();
        let read = Updates::read(&text).unwrap();
        prop_assert_eq!(read.steps().iter().map(|step| step.tag()).collect::<Vec<_>>(), tags.iter().collect::<Vec<_>>());
        for step in read.steps() {
            prop_assert_eq!(step.title(), title.trim());
            prop_assert_eq!(step.text(Backend::Sqlite), format!("SELECT '{}';\n", step.tag()));
        }
    }
}

//! The page's service over a desk in memory: what clients of NAV do, and what nobody should.

use plugpoint_plugin_navision::NavisionFacade;
use plugpoint_sdk::facade::FacadeError;
use plugpoint_sdk::model::{ItemData, ItemStatus};
use plugpoint_sdk::points::soap_facade::conformance;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{FacadeTrial, FakeDesk};

fn profile() -> Profile {
    Profile::parse("[catalog]\ncurrency = 'EUR'\nlanguage = 'de'").unwrap()
}

fn call(desk: &mut FakeDesk, message: &str) -> Result<String, (String, String)> {
    desk.call(&NavisionFacade::default(), &profile(), message).map_err(|error| match error {
        FacadeError::Fault(fault) => {
            assert_eq!(fault.namespace, "urn:microsoft-dynamics-schemas/error");
            assert!(fault.detail.starts_with("<string xmlns="), "{fault:?}");
            (fault.code.rsplit('.').next().unwrap_or_default().to_owned(), fault.text)
        }
        FacadeError::Failed(error) => (error.code.name.to_owned(), error.detail),
    })
}

fn item(sku: &str, title: &str) -> ItemData {
    let text = plugpoint_sdk::model::Text { lang: "de".to_owned(), title: title.to_owned(), ..Default::default() };
    ItemData { sku: sku.to_owned(), kind: "product".to_owned(), texts: vec![text], ..ItemData::default() }
}

/// The text of an element in an answer.
fn value<'a>(xml: &'a str, name: &str) -> &'a str {
    let start = format!("<{name}>");
    let Some((_, rest)) = xml.split_once(&start) else { return "" };
    rest.split("</").next().unwrap_or_default()
}

const CREATE: &str = "<Create><Item><No>1000</No><Description>Hammer &amp; Co</Description><Blocked>false</Blocked>\
     <Type>Inventory</Type><Base_Unit_of_Measure>STK</Base_Unit_of_Measure><GTIN>4006381333931</GTIN>\
     <Item_Category_Code>TOOLS</Item_Category_Code><Inventory>12.5</Inventory><Net_Weight>0.80</Net_Weight>\
     <Unit_Price>19.90</Unit_Price><Price_Includes_VAT>true</Price_Includes_VAT><Vendor_No>V1</Vendor_No></Item></Create>";

#[test]
fn every_promise_is_kept() {
    let items = [item("1000", "Hammer"), item("2000", "Säge")];
    let mut desk = FakeDesk::new(&items);
    let read = call(&mut desk, "<Read><No>1000</No></Read>").unwrap();
    let key = value(&read, "Key");
    let messages = [
        "<Read><No>1000</No></Read>".to_owned(),
        "<ReadMultiple><filter><Field>No</Field><Criteria>1*|2000</Criteria></filter><bookmarkKey/><setSize>0</setSize></ReadMultiple>".to_owned(),
        format!("<IsUpdated><Key>{key}</Key></IsUpdated>"),
        CREATE.replace("1000", "3000"),
        "<CreateMultiple><Item_List><Item><No>4</No></Item><Item><No>5</No></Item></Item_List></CreateMultiple>".to_owned(),
        format!("<Update><Item><Key>{key}</Key><No>1000</No><Description>x</Description></Item></Update>"),
        format!("<UpdateMultiple><Item_List><Item><Key>{key}</Key><Blocked>1</Blocked></Item></Item_List></UpdateMultiple>"),
        format!("<Delete><Key>{key}</Key></Delete>"),
    ];
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    let trial = FacadeTrial { profile: &profile(), items: &items, messages: &messages };
    conformance(&NavisionFacade::default(), &trial).unwrap();
}

#[test]
fn a_record_goes_in_and_comes_back_as_it_was() {
    let mut desk = FakeDesk::default();
    let created = call(&mut desk, CREATE).unwrap();
    assert!(
        created.starts_with("<Create_Result xmlns=\"urn:microsoft-dynamics-schemas/page/item\"><Item><Key>"),
        "{created}"
    );
    let read = call(&mut desk, "<Read><No>1000</No></Read>").unwrap();
    let sent = CREATE.trim_start_matches("<Create>").trim_end_matches("</Create>");
    let fields = sent.split("</").filter_map(|part| part.rsplit('<').next()).filter_map(|part| part.split_once('>'));
    for field in fields.filter(|(_, value)| !value.is_empty()) {
        assert!(read.contains(&format!("<{0}>{1}</{0}>", field.0, field.1)), "{field:?} in {read}");
        assert!(created.contains(&format!("<{0}>{1}</{0}>", field.0, field.1)), "{field:?} in {created}");
    }
    let stored = &desk.items["1000"];
    assert_eq!((stored.prices[0].currency.as_str(), stored.prices[0].tax_included), ("EUR", Some(true)));
    assert_eq!(stored.prices[0].unit.as_deref(), Some("STK"));
    assert_eq!((stored.identifiers[0].scheme.as_str(), stored.categories[0].system.as_str()), ("gtin", "navision"));
    assert_eq!(stored.availability.as_ref().unwrap().status, "in_stock");
    assert_eq!(
        call(&mut desk, "<Read><No>9</No></Read>").unwrap(),
        "<Read_Result xmlns=\"urn:microsoft-dynamics-schemas/page/item\"></Read_Result>"
    );
}

#[test]
fn an_update_changes_what_it_names_and_its_key_is_good_once() {
    let mut before = item("1000", "Hammer");
    before.texts.push(plugpoint_sdk::model::Text {
        lang: "en".to_owned(),
        title: "Hammer (en)".to_owned(),
        ..Default::default()
    });
    before.brand = Some("Brand".to_owned());
    let mut desk = FakeDesk::new(&[before]);
    let read = call(&mut desk, "<Read><No>1000</No></Read>").unwrap();
    let update = format!(
        "<Update><Item><Key>{}</Key><Unit_Price>5</Unit_Price><Blocked>true</Blocked></Item></Update>",
        value(&read, "Key")
    );
    let updated = call(&mut desk, &update).unwrap();
    let stored = &desk.items["1000"];
    assert_eq!((stored.brand.as_deref(), stored.texts.len(), stored.status), (Some("Brand"), 2, ItemStatus::Inactive));
    assert_eq!(value(&updated, "Unit_Price"), "5");
    let (code, text) = call(&mut desk, &update).unwrap_err();
    assert_eq!(
        (code.as_str(), text.as_str()),
        ("NavCSideRecordChangedException", "Other user has modified \"Item\" \"No.='1000'\"")
    );
    let old = value(&read, "Key");
    assert_eq!(
        value(&call(&mut desk, &format!("<IsUpdated><Key>{old}</Key></IsUpdated>")).unwrap(), "IsUpdated_Result"),
        "true"
    );
    let new = value(&updated, "Key");
    assert_eq!(
        value(&call(&mut desk, &format!("<IsUpdated><Key>{new}</Key></IsUpdated>")).unwrap(), "IsUpdated_Result"),
        "false"
    );
    assert_eq!(
        call(&mut desk, &format!("<Delete><Key>{old}</Key></Delete>")).unwrap_err().0,
        "NavCSideRecordChangedException"
    );
    assert_eq!(
        value(&call(&mut desk, &format!("<Delete><Key>{new}</Key></Delete>")).unwrap(), "Delete_Result"),
        "true"
    );
    assert_eq!(
        call(&mut desk, &format!("<Delete><Key>{new}</Key></Delete>")).unwrap_err().0,
        "NavCSideRecordNotFoundException"
    );
    assert!(desk.items.is_empty());
}

#[test]
fn several_are_stored_as_a_whole_or_not_at_all() {
    let mut desk = FakeDesk::new(&[item("1", "One")]);
    let multiple = |records: &str| format!("<CreateMultiple><Item_List>{records}</Item_List></CreateMultiple>");
    let bad = [
        ("<Item><No>2</No></Item><Item><No>1</No></Item>", "NavCSideDuplicateKeyException"),
        ("<Item><No>2</No></Item><Item><No>2</No></Item>", "NavCSideDuplicateKeyException"),
        ("<Item><No>2</No></Item><Item><No>3</No><Unit_Price>x</Unit_Price></Item>", "NavNCLFieldValidationException"),
        ("<Item><No>2</No></Item><Item><No>3</No><Inventory>-1</Inventory></Item>", "NavNCLFieldValidationException"),
        ("<Item><No>2</No></Item><Item><No>3</No><Colour>red</Colour></Item>", "NavNCLFieldValidationException"),
        ("<Item><No>2</No></Item><Item><Description>none</Description></Item>", "NavNCLInvalidParameterException"),
        ("", "NavNCLInvalidParameterException"),
    ];
    for (records, code) in bad {
        assert_eq!(call(&mut desk, &multiple(records)).unwrap_err().0, code, "{records}");
        assert_eq!((desk.items.len(), desk.imports), (1, 0), "{records}");
    }
    let records = |count: usize| (0..count).map(|at| format!("<Item><No>N{at}</No></Item>")).collect::<String>();
    assert_eq!(call(&mut desk, &multiple(&records(1001))).unwrap_err().0, "NavNCLInvalidParameterException");
    let created = call(&mut desk, &multiple(&records(1000))).unwrap();
    assert_eq!((created.matches("<Key>").count(), desk.items.len(), desk.imports), (1000, 1001, 1));
    assert!(created.contains("<Item_List><Item>"), "a list in the result");
}

#[test]
fn reading_pages_and_filters() {
    let items: Vec<_> = (0..25).map(|at| item(&format!("A{at:02}"), &format!("Thing {at}"))).collect();
    let mut desk = FakeDesk::new(&items);
    let mut read = |filters: &[(&str, &str)], bookmark: &str, size: &str| {
        let filters: String = filters
            .iter()
            .map(|(field, criteria)| format!("<filter><Field>{field}</Field><Criteria>{criteria}</Criteria></filter>"))
            .collect();
        call(
            &mut desk,
            &format!(
                "<ReadMultiple>{filters}<bookmarkKey>{bookmark}</bookmarkKey><setSize>{size}</setSize></ReadMultiple>"
            ),
        )
    };
    let numbers = |xml: &str| {
        xml.split("<No>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&read(&[], "", "0").unwrap()).len(), 25);
    let mut bookmark = String::new();
    let mut seen = Vec::new();
    for expected in [10, 10, 5, 0] {
        let page = read(&[], &bookmark, "10").unwrap();
        let found = numbers(&page);
        assert_eq!(found.len(), expected);
        seen.extend(found);
        let last = page.rsplit("<Key>").next().and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
        bookmark = if page.contains("<Key>") { last } else { bookmark };
    }
    assert_eq!(seen, items.iter().map(|item| item.sku.clone()).collect::<Vec<_>>());
    assert_eq!(
        numbers(&read(&[("No", "a03..A05|A2*")], "", "0").unwrap()),
        ["A03", "A04", "A05", "A20", "A21", "A22", "A23", "A24"]
    );
    assert_eq!(numbers(&read(&[("No", "A0*"), ("Description", "*7|*8")], "", "0").unwrap()), ["A07", "A08"]);
    assert_eq!(numbers(&read(&[("Description", "Thing 1*"), ("Blocked", "No")], "", "2").unwrap()), ["A01", "A10"]);
    assert_eq!(numbers(&read(&[("No", "")], "", "3").unwrap()).len(), 3, "no criteria are no filter");
    let bad = [
        (vec![("No", "&lt;>A1")], "", "1", "NavFilterException"),
        (vec![("Colour", "red")], "", "1", "NavFilterException"),
        (vec![("Unit_Price", "cheap")], "", "1", "NavFilterException"),
        (vec![], "nonsense", "1", "NavNCLInvalidParameterException"),
        (vec![], "", "-1", "NavNCLInvalidParameterException"),
        (vec![], "", "many", "NavNCLInvalidParameterException"),
        (vec![], "", "", "NavNCLInvalidParameterException"),
    ];
    for (filters, bookmark, size, code) in bad {
        assert_eq!(read(&filters, bookmark, size).unwrap_err().0, code, "{filters:?} {bookmark} {size}");
    }
    let many = vec![("No", "*"); 101];
    assert!(read(&many[..100], "", "1").is_ok());
    assert_eq!(read(&many, "", "1").unwrap_err().0, "NavFilterException");
}

#[test]
fn an_answer_without_end_is_refused() {
    let items: Vec<_> = (0..10_001).map(|at| item(&format!("{at:05}"), "x")).collect();
    let mut desk = FakeDesk::new(&items[..10_000]);
    let read = "<ReadMultiple><setSize>0</setSize></ReadMultiple>";
    assert_eq!(call(&mut desk, read).unwrap().matches("<Key>").count(), 10_000);
    let (code, text) = call(&mut FakeDesk::new(&items), read).unwrap_err();
    assert!(code == "NavNCLInvalidParameterException" && text.contains("setSize"), "{code} {text}");
}

#[test]
fn what_the_platform_has_not_done_yet_is_no_success() {
    let mut desk = FakeDesk { is_slow: true, ..FakeDesk::default() };
    assert_eq!(call(&mut desk, CREATE).unwrap_err().0, "unavailable");
}

#[test]
fn a_price_without_a_currency_and_a_new_number_are_refused() {
    let mut desk = FakeDesk::new(&[item("1", "One")]);
    let error = desk.call(&NavisionFacade::default(), &Profile::default(), CREATE).unwrap_err();
    let FacadeError::Fault(fault) = error else { panic!("{error:?}") };
    assert!(fault.text.contains("catalog.currency"), "{}", fault.text);
    let read = call(&mut desk, "<Read><No>1</No></Read>").unwrap();
    let rename = format!("<Update><Item><Key>{}</Key><No>2</No></Item></Update>", value(&read, "Key"));
    assert_eq!(call(&mut desk, &rename).unwrap_err().0, "NavNCLFieldValidationException");
    assert_eq!(desk.imports, 0);
}

#[test]
fn another_page_has_another_name() {
    let facade = NavisionFacade::of("ItemCard", "urn:microsoft-dynamics-schemas/page/itemcard");
    let mut desk = FakeDesk::default();
    let create = "<Create><ItemCard><No>1</No></ItemCard></Create>";
    let created = desk.call(&facade, &profile(), create).unwrap();
    assert!(
        created.starts_with("<Create_Result xmlns=\"urn:microsoft-dynamics-schemas/page/itemcard\"><ItemCard>"),
        "{created}"
    );
}

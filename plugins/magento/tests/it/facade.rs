//! The shop over a desk in memory: what its clients do, and what nobody should.

use plugpoint_plugin_magento::MagentoFacade;
use plugpoint_sdk::facade::FacadeError;
use plugpoint_sdk::model::{ItemData, ItemStatus, Text};
use plugpoint_sdk::points::soap_facade::conformance;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{FACADE_SECRET, FacadeTrial, FakeDesk};

fn profile() -> Profile {
    Profile::parse("[catalog]\ncurrency = 'EUR'\nlanguage = 'de'").unwrap()
}

fn call(desk: &mut FakeDesk, message: &str) -> Result<String, (String, String)> {
    desk.call(&MagentoFacade, &profile(), message).map_err(|error| match error {
        FacadeError::Fault(fault) => (fault.code, fault.text),
        FacadeError::Failed(error) => (error.code.name.to_owned(), error.detail),
    })
}

fn item(sku: &str, title: &str) -> ItemData {
    let text = Text { lang: "de".to_owned(), title: title.to_owned(), ..Text::default() };
    ItemData { sku: sku.to_owned(), kind: "product".to_owned(), texts: vec![text], ..ItemData::default() }
}

fn create(sku: &str, data: &str) -> String {
    format!(
        "<catalogProductCreate><sessionId>s</sessionId><type>simple</type><set>4</set><sku>{sku}</sku>\
         <productData>{data}</productData><storeView/></catalogProductCreate>"
    )
}

fn update(sku: &str, data: &str) -> String {
    format!(
        "<catalogProductUpdate><sessionId>s</sessionId><product>{sku}</product><productData>{data}</productData>\
         <storeView>default</storeView><productIdentifierType>sku</productIdentifierType></catalogProductUpdate>"
    )
}

fn info(product: &str, kind: &str) -> String {
    format!(
        "<catalogProductInfo><sessionId>s</sessionId><product>{product}</product>\
         <productIdentifierType>{kind}</productIdentifierType></catalogProductInfo>"
    )
}

/// The text of the first element of a name in an answer.
fn value<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name} "))?;
    rest.split_once('>')?.1.split("</").next()
}

const DATA: &str = "<name>Hammer &amp; Co</name><description>Long</description><short_description>Short</short_description>\
     <weight>0.8</weight><status>1</status><url_key>hammer</url_key><visibility>4</visibility><price>19.90</price>\
     <special_price>9.5</special_price><special_from_date>2026-01-01</special_from_date><tax_class_id>2</tax_class_id>\
     <meta_keyword>tool, steel</meta_keyword><category_ids><item>3</item><item>5</item></category_ids>\
     <website_ids><item>1</item></website_ids><additional_attributes><item><key>colour</key><value>red</value></item>\
     </additional_attributes><stock_data><qty>7</qty><is_in_stock>1</is_in_stock></stock_data>";

#[test]
fn every_promise_is_kept() {
    let items = [item("A1", "Hammer"), item("B2", "Säge")];
    let messages = [
        format!("<login><username>client</username><apiKey>{FACADE_SECRET}</apiKey></login>"),
        "<endSession><sessionId>s</sessionId></endSession>".to_owned(),
        create("C3", DATA),
        update("A1", DATA),
        "<catalogProductDelete><sessionId>s</sessionId><product>A1</product></catalogProductDelete>".to_owned(),
        info("A1", "sku"),
        "<catalogProductList><sessionId>s</sessionId><filters><filter><item><key>type</key><value>simple</value></item></filter>\
         <complex_filter><item><key>sku</key><value><key>like</key><value>A%</value></value></item></complex_filter></filters>\
         </catalogProductList>"
            .to_owned(),
        "<catalogInventoryStockItemList><sessionId>s</sessionId><products><item>A1</item></products></catalogInventoryStockItemList>"
            .to_owned(),
        "<catalogInventoryStockItemUpdate><sessionId>s</sessionId><product>A1</product><data><qty>5</qty></data>\
         </catalogInventoryStockItemUpdate>"
            .to_owned(),
        "<call><sessionId>s</sessionId><resourcePath>product.info</resourcePath><args href='#1'/></call><m id='1'>A1</m>".to_owned(),
        "<multiCall><sessionId>s</sessionId><calls><item><item>product.info</item><item><item>A1</item></item></item></calls>\
         <options/></multiCall>"
            .to_owned(),
    ];
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    let trial = FacadeTrial { profile: &profile(), items: &items, messages: &messages };
    conformance(&MagentoFacade, &trial).unwrap();
}

#[test]
fn a_product_goes_in_and_comes_back_as_it_was() {
    let mut desk = FakeDesk::default();
    let created = call(&mut desk, &create("A1", DATA)).unwrap();
    let id = value(&created, "result").unwrap().to_owned();
    let told = call(&mut desk, &info("A1", "sku")).unwrap();
    assert_eq!(call(&mut desk, &info(&id, "id")).unwrap(), told, "by its id as by its sku");
    assert_eq!(call(&mut desk, &info(&id, "")).unwrap(), told, "digits are an id");
    let expected = [
        ("product_id", id.as_str()),
        ("sku", "A1"),
        ("set", "4"),
        ("type", "simple"),
        ("name", "Hammer &amp; Co"),
        ("description", "Long"),
        ("short_description", "Short"),
        ("weight", "0.8"),
        ("status", "1"),
        ("url_key", "hammer"),
        ("visibility", "4"),
        ("price", "19.9000"),
        ("special_price", "9.5000"),
        ("special_from_date", "2026-01-01 00:00:00"),
        ("tax_class_id", "2"),
        ("meta_keyword", "tool, steel"),
    ];
    for (name, text) in expected {
        assert_eq!(value(&told, name), Some(text), "{name} in {told}");
    }
    assert!(told.contains("<category_ids enc:arrayType=\"xsd:string[2]\""), "{told}");
    assert!(!told.contains("special_to_date") && !told.contains("colour"), "{told}");
    let wanted = "<catalogProductInfo><sessionId>s</sessionId><product>A1</product><attributes><attributes><item>price</item>\
         </attributes><additional_attributes><item>colour</item><item>size</item></additional_attributes></attributes>\
         </catalogProductInfo>";
    let told = call(&mut desk, wanted).unwrap();
    assert!(told.contains("m:associativeEntity[1]") && told.contains(">red</value>"), "{told}");
    assert!(value(&told, "price").is_some() && value(&told, "name").is_none(), "{told}");
    let stock = "<catalogInventoryStockItemList><sessionId>s</sessionId><products><item>A1</item><item>none</item></products>\
         </catalogInventoryStockItemList>";
    let told = call(&mut desk, stock).unwrap();
    assert_eq!((value(&told, "qty"), value(&told, "is_in_stock")), (Some("7.0000"), Some("1")));
    assert!(told.contains("catalogInventoryStockItemEntity[1]"), "what is not there is not in the list: {told}");
}

#[test]
fn an_update_changes_the_given_fields_alone() {
    let mut desk = FakeDesk::default();
    call(&mut desk, &create("A1", DATA)).unwrap();
    let stored = desk.items.get_mut("A1").unwrap();
    stored.brand = Some("Brand".to_owned());
    stored.texts.push(Text { lang: "en".to_owned(), title: "Hammer (en)".to_owned(), ..Text::default() });
    stored.categories.push(plugpoint_sdk::model::Category {
        system: "etim".to_owned(),
        code: "EC1".to_owned(),
        path: Vec::new(),
    });
    let before = stored.clone();
    let after = |data: &str| {
        let mut desk = FakeDesk::new(std::slice::from_ref(&before));
        call(&mut desk, &update("A1", data)).unwrap();
        desk.items.remove("A1").unwrap()
    };
    assert_eq!(after(""), before, "nothing given, nothing changed");
    let priced = after("<price>25</price>");
    assert_eq!(priced.prices.iter().map(|price| price.kind.as_str()).collect::<Vec<_>>(), ["special", "list"]);
    assert_eq!(ItemData { prices: before.prices.clone(), ..priced }, before);
    assert_eq!(after("<price></price>").prices.len(), 1, "given and empty: taken away");
    let special = after("<special_to_date>2026-02-01</special_to_date>");
    let special = special.prices.iter().find(|price| price.kind == "special").unwrap();
    assert_eq!(special.amount.to_string(), "9.5");
    assert!(special.valid_from.is_some() && special.valid_to.is_some(), "{special:?}");
    assert_eq!(after("<special_price/>").prices.len(), 1);
    let named = after("<name>New</name><description/>");
    assert_eq!((named.texts[0].title.as_str(), &named.texts[0].description, named.texts.len()), ("New", &None, 2));
    assert_eq!(named.texts[0].keywords, before.texts[0].keywords);
    let codes = |item: &ItemData| item.categories.iter().map(|it| it.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&after("<categories><item>9</item></categories>")), ["EC1", "9"]);
    assert_eq!(codes(&after("<categories/>")), ["EC1"]);
    assert_eq!(after("<status>2</status>").status, ItemStatus::Inactive);
    let attributes = |item: &ItemData, name: &str| {
        item.attributes.iter().filter(|it| it.name == name).map(|it| it.values.join("|")).collect::<Vec<_>>()
    };
    let changed = after(
        "<url_key>other</url_key><additional_attributes><item><key>colour</key><value/></item></additional_attributes>",
    );
    assert_eq!((attributes(&changed, "url_key"), attributes(&changed, "colour")), (vec!["other".to_owned()], vec![]));
    assert_eq!(attributes(&changed, "visibility"), ["4"]);
    let stocked = after("<stock_data><qty>0</qty></stock_data>").availability.unwrap();
    assert_eq!((stocked.status.as_str(), stocked.quantity.unwrap().to_string().as_str()), ("out_of_stock", "0"));
    let stocked = after("<stock_data><is_in_stock>0</is_in_stock></stock_data>").availability.unwrap();
    assert_eq!((stocked.status.as_str(), stocked.quantity.unwrap().to_string().as_str()), ("out_of_stock", "7"));
    let wrapped = after(
        "<additional_attributes><single_data><item><key>colour</key><value>blue</value></item></single_data></additional_attributes>",
    );
    assert_eq!(attributes(&wrapped, "colour"), ["blue"]);
}

#[test]
fn a_store_view_of_a_language_has_its_texts() {
    let mut desk = FakeDesk::new(&[item("A1", "Hammer")]);
    let of = |view: &str, data: &str| update("A1", data).replace("default", view);
    call(&mut desk, &of("fr_BE", "<description>Un marteau</description>")).unwrap();
    let stored = &desk.items["A1"];
    assert_eq!((stored.texts[1].lang.as_str(), stored.texts[1].title.as_str()), ("fr-BE", "Hammer"));
    let told =
        call(&mut desk, &info("A1", "sku").replace("<product>", "<storeView>fr_BE</storeView><product>")).unwrap();
    assert_eq!(value(&told, "description"), Some("Un marteau"));
    assert_eq!(
        call(&mut desk, &of("german", "")).unwrap_err(),
        ("100".to_owned(), "Requested store view not found.".to_owned())
    );
}

#[test]
fn faults_have_the_numbers_of_the_service() {
    let mut desk = FakeDesk::new(&[item("A1", "Hammer")]);
    let session = "<sessionId>s</sessionId>";
    let cases = [
        (create("A1", DATA), "102"),
        (create("", DATA), "6"),
        (create("B1", ""), "102"),
        (create("B1", DATA).replace("simple", "complex"), "104"),
        (create("B1", &DATA.replace("19.90", "cheap")), "102"),
        (create("B1", &DATA.replace("19.90", "-1")), "102"),
        (create("B1", &DATA.replace("<status>1", "<status>3")), "102"),
        (create("B1", &DATA.replace("2026-01-01", "soon")), "102"),
        (create("B1", &format!("<name>{}</name>", "x".repeat(1025))), "102"),
        (create("B1", &DATA.replace("productData", "other")).replace("productData", "other"), "6"),
        (format!("<catalogProductCreate>{session}</catalogProductCreate>"), "6"),
        (update("A1", "<name/>"), "102"),
        (update("B1", "<name>x</name>"), "101"),
        (info("B1", ""), "101"),
        (info("1", ""), "101"),
        (info("99999999999999999999999", "id"), "101"),
        (info("", ""), "6"),
        (format!("<catalogProductDelete>{session}<product>B1</product></catalogProductDelete>"), "101"),
        (
            format!(
                "<catalogInventoryStockItemUpdate>{session}<product>B1</product><data/></catalogInventoryStockItemUpdate>"
            ),
            "101",
        ),
        (
            format!(
                "<catalogInventoryStockItemUpdate>{session}<product>A1</product></catalogInventoryStockItemUpdate>"
            ),
            "6",
        ),
        (format!("<call>{session}<resourcePath>sales_order.list</resourcePath></call>"), "3"),
        (format!("<multiCall>{session}</multiCall>"), "6"),
        (format!("<login><username>client</username><apiKey>x{FACADE_SECRET}</apiKey></login>"), "unauthenticated"),
    ];
    for (message, code) in cases {
        let told = call(&mut desk, &message);
        assert_eq!(told.as_ref().map_err(|error| error.0.as_str()), Err(code), "{message}: {told:?}");
    }
    assert_eq!(desk.imports, 0, "what is refused is not imported");
    let filter =
        |filters: &str| format!("<catalogProductList>{session}<filters>{filters}</filters></catalogProductList>");
    let unknown = filter("<filter><item><key>updated_at</key><value>x</value></item></filter>");
    assert_eq!(call(&mut desk, &unknown).unwrap_err().0, "102");
    let condition = filter(
        "<complex_filter><item><key>sku</key><value><key>regexp</key><value>x</value></value></item></complex_filter>",
    );
    assert_eq!(call(&mut desk, &condition).unwrap_err().0, "102");
}

#[test]
fn lists_are_filtered() {
    let mut desk = FakeDesk::default();
    for (sku, data) in [("A1", DATA), ("A2", "<name>Axe</name><status>2</status>"), ("B1", "<name>Saw</name>")] {
        call(&mut desk, &create(sku, data)).unwrap();
    }
    let mut skus = |filters: &str| {
        let list = format!("<catalogProductList><sessionId>s</sessionId>{filters}</catalogProductList>");
        let told = call(&mut desk, &list).unwrap();
        told.split("<sku ").skip(1).map(|rest| rest.split(['>', '<']).nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    let complex = |key: &str, operator: &str, value: &str| {
        format!(
            "<filters><complex_filter><item><key>{key}</key><value><key>{operator}</key><value>{value}</value></value></item>\
             </complex_filter></filters>"
        )
    };
    assert_eq!(skus(""), ["A1", "A2", "B1"]);
    assert_eq!(skus("<filters/>"), ["A1", "A2", "B1"]);
    assert_eq!(skus("<filters><filter><item><key>sku</key><value>a2</value></item></filter></filters>"), ["A2"]);
    assert_eq!(skus(&complex("sku", "like", "A%")), ["A1", "A2"]);
    assert_eq!(skus(&complex("sku", "in", "A1,B1")), ["A1", "B1"]);
    assert_eq!(skus(&complex("name", "neq", "Axe")), ["A1", "B1"]);
    assert_eq!(skus(&complex("status", "eq", "2")), ["A2"]);
    assert_eq!(skus(&complex("product_id", "gt", "0")), ["A1", "A2", "B1"]);
    assert_eq!(skus(&complex("entity_id", "lteq", "0")), Vec::<String>::new());
    let first = "<filters><item><key>sku</key><value><item><key>like</key><value>%1</value></item></value></item>\
         <item><key>name</key><value>Saw</value></item></filters>";
    assert_eq!(skus(first), ["B1"], "filters of the first version");
}

#[test]
fn arguments_without_names_come_in_their_order() {
    let mut desk = FakeDesk::new(&[item("A1", "Hammer")]);
    let message =
        "<catalogProductDelete><param0>s</param0><param1>A1</param1><param2>sku</param2></catalogProductDelete>";
    assert_eq!(value(&call(&mut desk, message).unwrap(), "result"), Some("1"));
    assert!(desk.items.is_empty());
}

#[test]
fn arguments_may_have_the_names_of_later_versions() {
    let mut desk = FakeDesk::new(&[item("1", "Hammer")]);
    let message = "<catalogProductInfo><sessionId>s</sessionId><productId>1</productId>\
         <identifierType>sku</identifierType></catalogProductInfo>";
    assert_eq!(value(&call(&mut desk, message).unwrap(), "sku"), Some("1"));
}

fn several(calls: &str, options: &str) -> String {
    format!("<multiCall><sessionId>s</sessionId><calls>{calls}</calls><options>{options}</options></multiCall>")
}

#[test]
fn each_of_several_calls_has_its_own_result() {
    let mut desk = FakeDesk::new(&[item("A1", "Hammer")]);
    let pair = |key: &str, value: &str| format!("<item><key>{key}</key><value>{value}</value></item>");
    let data = pair("name", "New") + &pair("price", "3") + &pair("websites", "<item>1</item><item>2</item>");
    let calls = format!(
        "<item><item>catalog_product.create</item><item><item>simple</item><item>4</item><item>N1</item><item>{data}</item></item></item>\
         <item><item>catalog_product.info</item><item><item>nowhere</item></item></item>\
         <item><item>product.info</item><item>A1</item></item>\
         <item><item>catalog_product.delete</item><item><item>A1</item></item></item>\
         <item><item>sales_order.list</item></item>\
         <item><item>catalogProductList</item></item><item/>"
    );
    let told = call(&mut desk, &several(&calls, "")).unwrap();
    assert!(told.contains("arrayType=\"xsd:anyType[7]\""), "{told}");
    let codes: Vec<&str> = told
        .split("faultCode</key><value xsi:type=\"xsd:string\">")
        .skip(1)
        .map(|it| it.split('<').next().unwrap())
        .collect();
    assert_eq!(codes, ["101", "3", "6"]);
    assert!(told.contains("apache:Map") && told.contains(">Hammer</value>") && told.contains(">N1</value>"), "{told}");
    assert_eq!(desk.items.keys().collect::<Vec<_>>(), ["N1"]);
    assert_eq!(desk.items["N1"].attributes.iter().find(|it| it.name == "websites").unwrap().values, ["1", "2"]);
    let ended = call(&mut desk, &several(&calls, &pair("break", "1"))).unwrap();
    assert!(ended.contains("arrayType=\"xsd:anyType[1]\""), "the first is a fault now: {ended}");
}

#[test]
fn calls_are_bounded() {
    let calls = |count: usize| several(&"<item><item>product.info</item><item>x</item></item>".repeat(count), "");
    let mut desk = FakeDesk::default();
    assert!(call(&mut desk, &calls(1000)).is_ok());
    assert_eq!(call(&mut desk, &calls(1001)).unwrap_err().0, "6");
}

#[test]
fn what_the_platform_has_not_done_yet_is_no_success() {
    let mut desk = FakeDesk { is_slow: true, ..FakeDesk::default() };
    assert_eq!(call(&mut desk, &create("A1", DATA)).unwrap_err().0, "unavailable");
    let told = call(&mut desk, &several("<item><item>product.delete</item><item>A1</item></item>", "")).unwrap();
    assert!(told.contains("faultCode</key><value xsi:type=\"xsd:string\">1<"), "{told}");
}

//! Updates applied to what a whole record made: each block replaces its own and leaves the rest, in either generation.

use plugpoint_sdk::model::{ItemData, ItemStatus};

use crate::{cases::ROOT, read};

/// The item that a case's document makes.
fn whole(case: &str) -> ItemData {
    let bytes = std::fs::read(format!("{ROOT}/{case}/in.xml")).unwrap();
    read(&bytes, None).items.into_iter().next().unwrap()
}

/// The item after an update of this content.
fn after(before: &ItemData, notice: &str, content: &str) -> ItemData {
    let document = format!(
        "<ONIXMessage release='3.0'><Header><DefaultLanguageOfText>eng</DefaultLanguageOfText></Header><Product>\
         <RecordReference>{}</RecordReference><NotificationType>{notice}</NotificationType>{content}</Product></ONIXMessage>",
        before.sku
    );
    let outcome = read(document.as_bytes(), None);
    assert_eq!((outcome.error, outcome.findings), (None, Vec::new()), "{content}");
    let mut item = before.clone();
    let [patch] = <[_; 1]>::try_from(outcome.patches).unwrap();
    patch.ops.into_iter().for_each(|op| op.apply(&mut item));
    item
}

fn attribute<'i>(item: &'i ItemData, name: &str) -> Option<&'i str> {
    item.attributes.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.values[0].as_str())
}

/// The names of attributes that are in one and not in the other.
fn lost<'i>(before: &'i ItemData, after: &ItemData, but: &str) -> Vec<&'i str> {
    let names = before.attributes.iter().map(|it| it.name.as_str());
    names.filter(|name| !name.starts_with(but) && attribute(after, name).is_none()).collect()
}

#[test]
fn new_prices_leave_all_else() {
    let before = whole("whole_30_reference");
    let supply = "<ProductSupply><SupplyDetail><ProductAvailability>31</ProductAvailability><Price><PriceType>04</PriceType>\
         <PriceAmount>19.00</PriceAmount><CurrencyCode>EUR</CurrencyCode></Price></SupplyDetail></ProductSupply>";
    let item = after(&before, "04", supply);
    assert_eq!(item.prices.iter().map(|price| price.amount.to_string()).collect::<Vec<_>>(), ["19.00"]);
    let availability = item.availability.as_ref().unwrap();
    assert_eq!((availability.status.as_str(), &availability.quantity), ("out_of_stock", &None));
    assert_eq!(availability.available_from, before.availability.as_ref().unwrap().available_from);
    assert_eq!(lost(&before, &item, "ProductSupply/"), Vec::<&str>::new());
    assert_eq!(attribute(&item, "ProductSupply/SupplyDetail/Supplier/SupplierName"), None);
    let mut same = item;
    (same.prices, same.availability, same.attributes) =
        (before.prices.clone(), before.availability.clone(), before.attributes.clone());
    assert_eq!(same, before);
}

#[test]
fn a_new_description_leaves_titles_and_keywords() {
    let before = whole("whole_30_reference");
    let texts =
        "<CollateralDetail><TextContent><TextType>03</TextType><Text>Neu.</Text></TextContent></CollateralDetail>";
    let item = after(&before, "04", texts);
    let shown: Vec<_> =
        item.texts.iter().map(|text| (text.lang.as_str(), text.title.as_str(), text.description.as_deref())).collect();
    assert_eq!(shown, [("de", "Das Moor", Some("Neu.")), ("en", "Das Moor", None)]);
    assert_eq!(item.texts[0].keywords, before.texts[0].keywords);
    assert_eq!((item.media.len(), before.media.len()), (0, 2));
    assert_eq!(lost(&before, &item, "CollateralDetail/"), Vec::<&str>::new());
    assert_eq!((item.prices, item.contributors), (before.prices, before.contributors));
}

#[test]
fn a_new_title_leaves_descriptions_and_relations_to_others() {
    let mut before = whole("whole_30_reference");
    before.relations.push(plugpoint_sdk::model::Relation {
        kind: "consists_of".to_owned(),
        sku: "old".to_owned(),
        quantity: None,
    });
    let titles = "<DescriptiveDetail><ProductForm>BC</ProductForm><TitleDetail><TitleType>01</TitleType><TitleElement>\
         <TitleElementLevel>01</TitleElementLevel><TitleText>Das neue Moor</TitleText></TitleElement></TitleDetail></DescriptiveDetail>";
    let item = after(&before, "04", titles);
    assert_eq!(
        (item.texts[0].title.as_str(), &item.texts[0].description),
        ("Das neue Moor", &before.texts[0].description)
    );
    assert_eq!(
        (item.texts[1].title.as_str(), &item.texts[1].description),
        ("Das neue Moor", &before.texts[1].description)
    );
    assert!(item.texts[0].keywords.is_empty() && item.contributors.is_empty() && item.categories.is_empty());
    assert_eq!(
        (attribute(&item, "product_form"), attribute(&item, "pages"), attribute(&item, "height")),
        (Some("BC"), None, None)
    );
    assert_eq!(attribute(&item, "publisher"), Some("Kranich Verlag"));
    let kinds: Vec<_> = item.relations.iter().map(|relation| relation.kind.as_str()).collect();
    assert_eq!(kinds, ["alternative_format", "electronic_version", "work"]);
    assert_eq!((item.prices, item.media), (before.prices, before.media));
}

#[test]
fn publishing_and_relations_go_alone() {
    let before = whole("whole_30_reference");
    let publishing = "<PublishingDetail><PublishingStatus>07</PublishingStatus><PublishingDate><PublishingDateRole>01</PublishingDateRole>\
         <Date>20240402</Date></PublishingDate></PublishingDetail>";
    let item = after(&before, "04", publishing);
    assert_eq!((item.status, &item.brand), (ItemStatus::Discontinued, &None));
    assert_eq!((attribute(&item, "publication_date"), attribute(&item, "publisher")), (Some("2024-04-02"), None));
    assert_eq!(item.availability.unwrap().available_from.unwrap().to_string(), "2024-04-02T00:00:00Z");
    let item = after(&before, "04", "<RelatedMaterial/>");
    assert_eq!((item.relations.len(), before.relations.len()), (0, 3));
    assert_eq!((item.texts, item.status), (before.texts, before.status));
}

#[test]
fn composites_of_21_go_alone() {
    let before = whole("whole_21_reference");
    let item = after(
        &before,
        "04",
        "<NumberOfPages>220</NumberOfPages><Publisher><PublisherName>Reiher</PublisherName></Publisher>",
    );
    assert_eq!((attribute(&item, "pages"), attribute(&item, "height")), (Some("220"), Some("19.5")));
    assert_eq!((attribute(&item, "publisher"), item.brand.as_deref()), (Some("Reiher"), Some("Kranich Natur")));
    assert_eq!((item.attributes.len(), &item.texts), (before.attributes.len(), &before.texts));
    let item = after(&before, "04", "<Title><TitleType>01</TitleType><TitleText>Anders</TitleText></Title>");
    assert_eq!((item.texts[0].title.as_str(), &item.texts[0].description), ("Anders", &before.texts[0].description));
    assert_eq!((attribute(&item, "subtitle"), attribute(&item, "Title/03[da]")), (None, None));
    let price = "<SupplyDetail><Price><PriceTypeCode>02</PriceTypeCode><PriceAmount>9</PriceAmount><CurrencyCode>EUR</CurrencyCode></Price></SupplyDetail>";
    let item = after(&before, "12", price);
    assert_eq!((item.prices.len(), item.availability, item.media), (1, before.availability, before.media));
}

#[test]
fn a_book_that_was_sold_is_discontinued() {
    let before = whole("whole_30_reference");
    let item = after(&before, "08", "");
    assert_eq!(item.status, ItemStatus::Discontinued);
    assert_eq!(ItemData { status: before.status, ..item }, before);
}

#[test]
fn numbers_are_added_and_none_goes() {
    let before = whole("identifiers");
    let number =
        "<ProductIdentifier><ProductIDType>15</ProductIDType><IDValue>9783161484117</IDValue></ProductIdentifier>";
    let item = after(&before, "04", number);
    assert_eq!(item.identifiers[..before.identifiers.len()], before.identifiers);
    assert_eq!(item.identifiers.last().unwrap().value, "9783161484117");
}

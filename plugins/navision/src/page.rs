//! The page: its fields, and the description of its service.
//!
//! The one declaration of the fields: records are read and written by it, filters look their kinds up in it, and the schema of
//! the WSDL is made of it, in this order.

use std::fmt::Write;

use plugpoint_sdk::xml::escaped;

use crate::criteria::Kind;

/// A page under its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    /// The name of a record's element.
    pub(crate) name: &'static str,
    pub(crate) namespace: &'static str,
}

/// The page that is registered.
pub(crate) const ITEM: Page = Page { name: "Item", namespace: "urn:microsoft-dynamics-schemas/page/item" };

/// Where a field's value lives in an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Home {
    Number,
    Description,
    Blocked,
    Type,
    BaseUnit,
    Gtin,
    Category,
    Inventory,
    UnitPrice,
    IncludesTax,
    Attribute,
}

/// One field.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) home: Home,
}

const fn field(name: &'static str, kind: Kind, home: Home) -> Field {
    Field { name, kind, home }
}

const fn own(name: &'static str, kind: Kind) -> Field {
    field(name, kind, Home::Attribute)
}

/// All fields behind the key.
pub(crate) static FIELDS: &[Field] = &[
    field("No", Kind::Code, Home::Number),
    field("Description", Kind::Text, Home::Description),
    own("Description_2", Kind::Text),
    field("Blocked", Kind::Flag, Home::Blocked),
    field("Type", Kind::Code, Home::Type),
    field("Base_Unit_of_Measure", Kind::Code, Home::BaseUnit),
    field("GTIN", Kind::Code, Home::Gtin),
    own("Shelf_No", Kind::Code),
    field("Item_Category_Code", Kind::Code, Home::Category),
    own("Product_Group_Code", Kind::Code),
    own("Search_Description", Kind::Code),
    field("Inventory", Kind::Number, Home::Inventory),
    own("Net_Weight", Kind::Number),
    own("Gross_Weight", Kind::Number),
    own("Unit_Volume", Kind::Number),
    field("Unit_Price", Kind::Number, Home::UnitPrice),
    field("Price_Includes_VAT", Kind::Flag, Home::IncludesTax),
    own("Unit_Cost", Kind::Number),
    own("Standard_Cost", Kind::Number),
    own("Last_Direct_Cost", Kind::Number),
    own("Profit_Percent", Kind::Number),
    own("Allow_Invoice_Disc", Kind::Flag),
    own("Item_Disc_Group", Kind::Code),
    own("Gen_Prod_Posting_Group", Kind::Code),
    own("VAT_Prod_Posting_Group", Kind::Code),
    own("Inventory_Posting_Group", Kind::Code),
    own("Tariff_No", Kind::Code),
    own("Country_Region_of_Origin_Code", Kind::Code),
    own("Manufacturer_Code", Kind::Code),
    own("Vendor_No", Kind::Code),
    own("Vendor_Item_No", Kind::Text),
    own("Lead_Time_Calculation", Kind::Code),
    own("Sales_Unit_of_Measure", Kind::Code),
    own("Purch_Unit_of_Measure", Kind::Code),
    own("Minimum_Order_Quantity", Kind::Number),
    own("Units_per_Parcel", Kind::Number),
    own("Safety_Stock_Quantity", Kind::Number),
];

/// The field of a name.
pub(crate) fn named(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The operations with the children of their elements, and those of their results.
fn operations(page: Page) -> [(&'static str, String, String); 8] {
    let name = page.name;
    let one = |name: &str, kind: &str| element(name, kind, "1", "1");
    let record = one(name, &format!("tns:{name}"));
    let perhaps = element(name, &format!("tns:{name}"), "0", "1");
    let list = one(&format!("{name}_List"), &format!("tns:{name}_List"));
    let read = [
        element("filter", &format!("tns:{name}_Filter"), "1", "unbounded"),
        element("bookmarkKey", "xsd:string", "0", "1"),
        one("setSize", "xsd:int"),
    ];
    let key = one("Key", "xsd:string");
    let found = element("ReadMultiple_Result", &format!("tns:{name}_List"), "0", "1");
    [
        ("Read", one("No", "xsd:string"), perhaps),
        ("ReadMultiple", read.concat(), found),
        ("IsUpdated", key.clone(), one("IsUpdated_Result", "xsd:boolean")),
        ("Create", record.clone(), record.clone()),
        ("CreateMultiple", list.clone(), list.clone()),
        ("Update", record.clone(), record),
        ("UpdateMultiple", list.clone(), list),
        ("Delete", key, one("Delete_Result", "xsd:boolean")),
    ]
}

fn element(name: &str, kind: &str, min: &str, max: &str) -> String {
    format!("<xsd:element minOccurs=\"{min}\" maxOccurs=\"{max}\" name=\"{name}\" type=\"{kind}\"/>")
}

/// The description of the page's service at an address.
pub(crate) fn wsdl(page: Page, address: &str) -> String {
    let Page { name, namespace } = page;
    let (mut schema, mut messages, mut port, mut binding) = (types(page), String::new(), String::new(), String::new());
    for (operation, request, result) in operations(page) {
        for (element, children) in [(operation.to_owned(), request), (format!("{operation}_Result"), result)] {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(
                schema,
                "<xsd:element name=\"{element}\"><xsd:complexType><xsd:sequence>{children}</xsd:sequence></xsd:complexType></xsd:element>"
            );
            let part = format!("<part name=\"parameters\" element=\"tns:{element}\"/>");
            let _ = writeln!(messages, "<message name=\"{element}\">{part}</message>");
        }
        let _ = writeln!(
            port,
            "<operation name=\"{operation}\"><input name=\"{operation}\" message=\"tns:{operation}\"/>\
             <output name=\"{operation}_Result\" message=\"tns:{operation}_Result\"/></operation>"
        );
        let _ = writeln!(
            binding,
            "<operation name=\"{operation}\"><soap:operation soapAction=\"{namespace}:{operation}\" style=\"document\"/>\
             <input name=\"{operation}\"><soap:body use=\"literal\"/></input>\
             <output name=\"{operation}_Result\"><soap:body use=\"literal\"/></output></operation>"
        );
    }
    let address = escaped(address);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <definitions targetNamespace=\"{namespace}\" xmlns:tns=\"{namespace}\" xmlns=\"http://schemas.xmlsoap.org/wsdl/\" \
         xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n<types>\n\
         <xsd:schema elementFormDefault=\"qualified\" targetNamespace=\"{namespace}\">\n{schema}</xsd:schema>\n</types>\n\
         {messages}<portType name=\"{name}_Port\">\n{port}</portType>\n\
         <binding name=\"{name}_Binding\" type=\"tns:{name}_Port\">\n\
         <soap:binding transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n{binding}</binding>\n\
         <service name=\"{name}_Service\"><port name=\"{name}_Port\" binding=\"tns:{name}_Binding\">\
         <soap:address location=\"{address}\"/></port></service>\n</definitions>\n"
    )
}

fn types(page: Page) -> String {
    let name = page.name;
    let mut record = element("Key", "xsd:string", "0", "1");
    let mut names = String::from("<xsd:enumeration value=\"Key\"/>");
    for field in FIELDS {
        let kind = match (field.home, field.kind) {
            (Home::Type, _) => "tns:Type",
            (_, Kind::Text | Kind::Code) => "xsd:string",
            (_, Kind::Number) => "xsd:decimal",
            (_, Kind::Flag) => "xsd:boolean",
        };
        record += &element(field.name, kind, "0", "1");
        let _ = write!(names, "<xsd:enumeration value=\"{}\"/>", field.name);
    }
    let filter =
        [element("Field", &format!("tns:{name}_Fields"), "1", "1"), element("Criteria", "xsd:string", "1", "1")]
            .concat();
    let list = element(name, &format!("tns:{name}"), "1", "unbounded");
    let complex = |name: &str, children: &str| {
        format!("<xsd:complexType name=\"{name}\"><xsd:sequence>{children}</xsd:sequence></xsd:complexType>\n")
    };
    let simple = |name: &str, values: &str| {
        format!(
            "<xsd:simpleType name=\"{name}\"><xsd:restriction base=\"xsd:string\">{values}</xsd:restriction></xsd:simpleType>\n"
        )
    };
    let kinds = "<xsd:enumeration value=\"Inventory\"/><xsd:enumeration value=\"Service\"/>";
    [
        simple("Type", kinds),
        complex(name, &record),
        complex(&format!("{name}_List"), &list),
        simple(&format!("{name}_Fields"), &names),
        complex(&format!("{name}_Filter"), &filter),
    ]
    .concat()
}

//! The service: its operations, their arguments and types, and the WSDL that is written from them.
//!
//! Names and types are those that clients were built for. The one declaration of both: arguments are found by it, and the
//! description is made of it.

use plugpoint_sdk::facade::{Access, FacadeOperation};
use plugpoint_sdk::xml::escaped;

/// The namespace of operations and types.
pub(super) const NAMESPACE: &str = "urn:Magento";
/// The argument that carries the session.
pub(super) const SESSION: &str = "sessionId";

/// One operation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// Its path in the first version of the service.
    path: &'static str,
    doc: &'static str,
    pub(super) parts: &'static [Part],
    pub(super) result: Part,
}

/// An argument, a result, or a part of a structure.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) name: &'static str,
    kind: &'static str,
}

const fn text(name: &'static str) -> Part {
    Part { name, kind: "xsd:string" }
}

const fn int(name: &'static str) -> Part {
    Part { name, kind: "xsd:int" }
}

const fn of(name: &'static str, kind: &'static str) -> Part {
    Part { name, kind }
}

/// For the endpoint: who may call what.
pub(super) const FACADE_OPERATIONS: &[FacadeOperation] = &[
    FacadeOperation { name: "login", access: Access::Open },
    FacadeOperation { name: "endSession", access: Access::Reads },
    FacadeOperation { name: "call", access: Access::Writes },
    FacadeOperation { name: "multiCall", access: Access::Writes },
    FacadeOperation { name: "catalogProductCreate", access: Access::Writes },
    FacadeOperation { name: "catalogProductUpdate", access: Access::Writes },
    FacadeOperation { name: "catalogProductDelete", access: Access::Writes },
    FacadeOperation { name: "catalogProductInfo", access: Access::Reads },
    FacadeOperation { name: "catalogProductList", access: Access::Reads },
    FacadeOperation { name: "catalogInventoryStockItemList", access: Access::Reads },
    FacadeOperation { name: "catalogInventoryStockItemUpdate", access: Access::Writes },
];

static OPERATIONS: &[Operation] = &[
    Operation {
        name: "login",
        path: "",
        doc: "Opens a session.",
        parts: &[text("username"), text("apiKey")],
        result: text("loginReturn"),
    },
    Operation {
        name: "endSession",
        path: "",
        doc: "Ends a session.",
        parts: &[text(SESSION)],
        result: of("endSessionReturn", "xsd:boolean"),
    },
    Operation {
        name: "call",
        path: "",
        doc: "Does what one path stands for.",
        parts: &[text(SESSION), text("resourcePath"), of("args", "xsd:anyType")],
        result: of("callReturn", "xsd:anyType"),
    },
    Operation {
        name: "multiCall",
        path: "",
        doc: "Does several calls, each with a result or a fault of its own.",
        parts: &[text(SESSION), of("calls", "typens:FixedArray"), of("options", "xsd:anyType")],
        result: of("multiCallReturn", "typens:FixedArray"),
    },
    Operation {
        name: "catalogProductCreate",
        path: "catalog_product.create",
        doc: "Creates a product and gives its id.",
        parts: &[
            text(SESSION),
            text("type"),
            text("set"),
            text("sku"),
            of("productData", "typens:catalogProductCreateEntity"),
            text("storeView"),
        ],
        result: int("result"),
    },
    Operation {
        name: "catalogProductUpdate",
        path: "catalog_product.update",
        doc: "Changes the given fields of a product.",
        parts: &[
            text(SESSION),
            text("product"),
            of("productData", "typens:catalogProductCreateEntity"),
            text("storeView"),
            text("productIdentifierType"),
        ],
        result: of("result", "xsd:boolean"),
    },
    Operation {
        name: "catalogProductDelete",
        path: "catalog_product.delete",
        doc: "Removes a product.",
        parts: &[text(SESSION), text("product"), text("productIdentifierType")],
        result: int("result"),
    },
    Operation {
        name: "catalogProductInfo",
        path: "catalog_product.info",
        doc: "Gives a product.",
        parts: &[
            text(SESSION),
            text("product"),
            text("storeView"),
            of("attributes", "typens:catalogProductRequestAttributes"),
            text("productIdentifierType"),
        ],
        result: of("info", "typens:catalogProductReturnEntity"),
    },
    Operation {
        name: "catalogProductList",
        path: "catalog_product.list",
        doc: "Gives the products that pass all filters.",
        parts: &[text(SESSION), of("filters", "typens:filters"), text("storeView")],
        result: of("storeView", "typens:catalogProductEntityArray"),
    },
    Operation {
        name: "catalogInventoryStockItemList",
        path: "cataloginventory_stock_item.list",
        doc: "Gives the stock of products.",
        parts: &[text(SESSION), of("products", "typens:ArrayOfString")],
        result: of("result", "typens:catalogInventoryStockItemEntityArray"),
    },
    Operation {
        name: "catalogInventoryStockItemUpdate",
        path: "cataloginventory_stock_item.update",
        doc: "Changes the stock of a product.",
        parts: &[text(SESSION), text("product"), of("data", "typens:catalogInventoryStockItemUpdateEntity")],
        result: int("result"),
    },
];

/// Structures, by their names.
static STRUCTURES: &[(&str, &[Part])] = &[
    ("associativeEntity", &[text("key"), text("value")]),
    ("complexFilter", &[text("key"), of("value", "typens:associativeEntity")]),
    ("filters", &[of("filter", "typens:associativeArray"), of("complex_filter", "typens:complexFilterArray")]),
    (
        "catalogProductTierPriceEntity",
        &[text("customer_group_id"), text("website"), int("qty"), of("price", "xsd:double")],
    ),
    (
        "catalogInventoryStockItemUpdateEntity",
        &[
            text("qty"),
            int("is_in_stock"),
            int("manage_stock"),
            int("use_config_manage_stock"),
            int("min_qty"),
            int("use_config_min_qty"),
            int("min_sale_qty"),
            int("use_config_min_sale_qty"),
            int("max_sale_qty"),
            int("use_config_max_sale_qty"),
            int("is_qty_decimal"),
            int("backorders"),
            int("use_config_backorders"),
            int("notify_stock_qty"),
            int("use_config_notify_stock_qty"),
        ],
    ),
    ("catalogInventoryStockItemEntity", &[text("product_id"), text("sku"), text("qty"), text("is_in_stock")]),
    (
        "catalogProductEntity",
        &[
            text("product_id"),
            text("sku"),
            text("name"),
            text("set"),
            text("type"),
            of("category_ids", "typens:ArrayOfString"),
            of("website_ids", "typens:ArrayOfString"),
        ],
    ),
    (
        "catalogProductRequestAttributes",
        &[of("attributes", "typens:ArrayOfString"), of("additional_attributes", "typens:ArrayOfString")],
    ),
    ("catalogProductCreateEntity", CREATE),
    ("catalogProductReturnEntity", RETURN),
];

const CREATE: &[Part] = &[
    of("categories", "typens:ArrayOfString"),
    of("websites", "typens:ArrayOfString"),
    text("name"),
    text("description"),
    text("short_description"),
    text("weight"),
    text("status"),
    text("url_key"),
    text("url_path"),
    text("visibility"),
    of("category_ids", "typens:ArrayOfString"),
    of("website_ids", "typens:ArrayOfString"),
    text("has_options"),
    text("gift_message_available"),
    text("price"),
    text("special_price"),
    text("special_from_date"),
    text("special_to_date"),
    text("tax_class_id"),
    of("tier_price", "typens:catalogProductTierPriceEntityArray"),
    text("meta_title"),
    text("meta_keyword"),
    text("meta_description"),
    text("custom_design"),
    text("custom_layout_update"),
    text("options_container"),
    of("additional_attributes", "typens:associativeArray"),
    of("stock_data", "typens:catalogInventoryStockItemUpdateEntity"),
];

const RETURN: &[Part] = &[
    text("product_id"),
    text("sku"),
    text("set"),
    text("type"),
    of("categories", "typens:ArrayOfString"),
    of("websites", "typens:ArrayOfString"),
    text("created_at"),
    text("updated_at"),
    text("type_id"),
    text("name"),
    text("description"),
    text("short_description"),
    text("weight"),
    text("status"),
    text("url_key"),
    text("url_path"),
    text("visibility"),
    of("category_ids", "typens:ArrayOfString"),
    of("website_ids", "typens:ArrayOfString"),
    text("has_options"),
    text("gift_message_available"),
    text("price"),
    text("special_price"),
    text("special_from_date"),
    text("special_to_date"),
    text("tax_class_id"),
    of("tier_price", "typens:catalogProductTierPriceEntityArray"),
    text("meta_title"),
    text("meta_keyword"),
    text("meta_description"),
    text("custom_design"),
    text("custom_layout_update"),
    text("options_container"),
    of("additional_attributes", "typens:associativeArray"),
    text("enable_googlecheckout"),
];

/// Lists: their names, and what they hold.
static LISTS: &[(&str, &str)] = &[
    ("FixedArray", "xsd:anyType"),
    ("ArrayOfString", "xsd:string"),
    ("associativeArray", "typens:associativeEntity"),
    ("complexFilterArray", "typens:complexFilter"),
    ("catalogProductTierPriceEntityArray", "typens:catalogProductTierPriceEntity"),
    ("catalogInventoryStockItemEntityArray", "typens:catalogInventoryStockItemEntity"),
    ("catalogProductEntityArray", "typens:catalogProductEntity"),
];

/// The names of a product's own parts that are plain texts, in their order.
pub(super) fn product_texts() -> impl Iterator<Item = &'static str> {
    RETURN.iter().filter(|part| part.kind == "xsd:string").map(|part| part.name)
}

/// The operation of a name.
pub(super) fn operation(name: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name)
}

/// The operation of a path of the first version, or of a name.
pub(super) fn operation_at(path: &str) -> Option<&'static Operation> {
    let path = match path.split_once('.') {
        // The first version has short names for its resources.
        Some(("product", method)) => format!("catalog_product.{method}"),
        Some(("product_stock", method)) => format!("cataloginventory_stock_item.{method}"),
        _ => path.to_owned(),
    };
    let is_it = |operation: &&Operation| operation.path == path || operation.name == path;
    OPERATIONS.iter().filter(|operation| !operation.path.is_empty()).find(is_it)
}

/// The description of the service at an address. The schema of SOAP's encoding is to be had there as well: clients otherwise
/// fetch it from the internet.
pub(super) fn wsdl(address: &str) -> String {
    let structures: String = STRUCTURES.iter().map(|(name, parts)| structure(name, parts)).collect();
    let lists: String = LISTS.iter().map(|(name, kind)| list(name, kind)).collect();
    let messages: String = OPERATIONS.iter().map(messages).collect();
    let port: String = OPERATIONS.iter().map(port_operation).collect();
    let binding: String = OPERATIONS.iter().map(binding_operation).collect();
    let address = escaped(address);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <definitions name=\"Magento\" targetNamespace=\"{NAMESPACE}\" xmlns:typens=\"{NAMESPACE}\" \
         xmlns=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" \
         xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" xmlns:soapenc=\"http://schemas.xmlsoap.org/soap/encoding/\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">\n<types>\n\
         <xsd:schema targetNamespace=\"{NAMESPACE}\">\n\
         <xsd:import namespace=\"http://schemas.xmlsoap.org/soap/encoding/\" schemaLocation=\"{address}?xsd=encoding\"/>\n\
         {structures}{lists}</xsd:schema>\n</types>\n\
         {messages}<portType name=\"Mage_Api_Model_Server_V2_HandlerPortType\">\n{port}</portType>\n\
         <binding name=\"Mage_Api_Model_Server_V2_HandlerBinding\" type=\"typens:Mage_Api_Model_Server_V2_HandlerPortType\">\n\
         <soap:binding style=\"rpc\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n{binding}</binding>\n\
         <service name=\"MagentoService\"><port name=\"Mage_Api_Model_Server_V2_HandlerPort\" \
         binding=\"typens:Mage_Api_Model_Server_V2_HandlerBinding\"><soap:address location=\"{address}\"/></port></service>\n\
         </definitions>\n"
    )
}

fn structure(name: &str, parts: &[Part]) -> String {
    let part = |part: &Part| format!("<xsd:element name=\"{}\" type=\"{}\" minOccurs=\"0\"/>", part.name, part.kind);
    let parts: String = parts.iter().map(part).collect();
    format!("<xsd:complexType name=\"{name}\"><xsd:all>{parts}</xsd:all></xsd:complexType>\n")
}

fn list(name: &str, kind: &str) -> String {
    format!(
        "<xsd:complexType name=\"{name}\"><xsd:complexContent><xsd:restriction base=\"soapenc:Array\">\
         <xsd:attribute ref=\"soapenc:arrayType\" wsdl:arrayType=\"{kind}[]\"/></xsd:restriction></xsd:complexContent>\
         </xsd:complexType>\n"
    )
}

/// Names of messages as the service has them: those of the catalog end in `Request`.
fn request(operation: &Operation) -> String {
    let suffix = if operation.path.is_empty() { "" } else { "Request" };
    format!("{}{suffix}", operation.name)
}

fn messages(operation: &Operation) -> String {
    let part = |part: &Part| format!("<part name=\"{}\" type=\"{}\"/>", part.name, part.kind);
    let parts: String = operation.parts.iter().map(part).collect();
    let (request, result) = (request(operation), part(&operation.result));
    format!(
        "<message name=\"{request}\">{parts}</message>\n<message name=\"{}Response\">{result}</message>\n",
        operation.name
    )
}

fn port_operation(operation: &Operation) -> String {
    let (name, doc, request) = (operation.name, escaped(operation.doc), request(operation));
    format!(
        "<operation name=\"{name}\"><documentation>{doc}</documentation><input message=\"typens:{request}\"/>\
         <output message=\"typens:{name}Response\"/></operation>\n"
    )
}

fn binding_operation(operation: &Operation) -> String {
    let body = format!(
        "<soap:body namespace=\"{NAMESPACE}\" use=\"encoded\" encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"/>"
    );
    format!(
        "<operation name=\"{}\"><soap:operation soapAction=\"urn:Mage_Api_Model_Server_V2_HandlerAction\"/>\
         <input>{body}</input><output>{body}</output></operation>\n",
        operation.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_have_the_same_operations() {
        let declared: Vec<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
        let published: Vec<&str> = FACADE_OPERATIONS.iter().map(|operation| operation.name).collect();
        assert_eq!(declared, published);
    }

    #[test]
    fn every_type_is_declared() {
        let parts = OPERATIONS.iter().flat_map(|it| it.parts.iter().chain([&it.result]));
        let parts = parts.chain(STRUCTURES.iter().flat_map(|(_, parts)| *parts)).map(|part| part.kind);
        for kind in parts.chain(LISTS.iter().map(|(_, kind)| *kind)) {
            let is_known = match kind.strip_prefix("typens:") {
                Some(name) => STRUCTURES.iter().map(|it| it.0).chain(LISTS.iter().map(|it| it.0)).any(|it| it == name),
                None => kind.starts_with("xsd:"),
            };
            assert!(is_known, "{kind}");
        }
    }

    #[test]
    fn paths_of_the_first_version() {
        let name = |path: &str| operation_at(path).map(|operation| operation.name);
        assert_eq!(name("catalog_product.create"), Some("catalogProductCreate"));
        assert_eq!(name("product.info"), Some("catalogProductInfo"));
        assert_eq!(name("product_stock.update"), Some("catalogInventoryStockItemUpdate"));
        assert_eq!(name("catalogProductList"), Some("catalogProductList"));
        for none in ["", "login", "call", "multiCall", "catalog_product", "catalog_product.", "sales_order.list"] {
            assert_eq!(name(none), None, "{none}");
        }
    }
}

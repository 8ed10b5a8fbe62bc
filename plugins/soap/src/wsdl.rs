//! The WSDL and its schema, written from the declarations of the operations.
//!
//! Served at `?wsdl`, printed by the command line, committed under `openapi/`. Its shape is what every known client loads:
//! one document without imports, document/literal wrapped, one namespace, qualified, the port of SOAP 1.1 first, no fault
//! lines in the binding of 1.2 (Axis 1.4 refuses them), and no operation without an answer (the generator of SOAP::WSDL dies of
//! one). Those are in a second document, which has everything: `?wsdl=oneway`.

use plugpoint_sdk::schema::xsd::XsdTypes;
use plugpoint_sdk::xml::escaped;

use crate::NAMESPACE;
use crate::fault::PlugpointFault;
use crate::operations::{ItemList, Operation, PORT_TYPE};

/// A document of the sender's own: one element of any namespace.
const DOCUMENT: &str = "<xs:complexType name=\"Document\"><xs:annotation><xs:documentation>Any XML document. Its text may be \
     sent instead of its element.</xs:documentation></xs:annotation><xs:sequence><xs:any processContents=\"lax\"/>\
     </xs:sequence></xs:complexType>\n";

/// What the schema says for a pattern by categories of Unicode: no blank at either end. soap4r compiles every pattern for bytes,
/// where `\p` is a mistake, and then refuses the whole WSDL. The server enforces the pattern itself.
const PRINTABLE: (&str, &str) = (r"[^\p{Z}\p{C}]([^\p{C}]*[^\p{Z}\p{C}])?", r"\S(.*\S)?");

/// Which operations a document has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contents {
    /// Those with an answer.
    Answered,
    /// All.
    All,
}

impl Contents {
    /// What is written for each operation, one behind the other.
    fn each(self, write: impl FnMut(Operation) -> String) -> String {
        let has = |operation: &Operation| self == Self::All || !operation.is_one_way();
        Operation::ALL.into_iter().filter(has).map(write).collect()
    }
}

/// A document in base64, which a client with MTOM sends as an attachment; what it holds is for its bytes to say, hence any type.
const ATTACHMENT: &str = "<xs:element name=\"attachment\" type=\"xs:base64Binary\" minOccurs=\"0\" \
     xmlns:xmime=\"http://www.w3.org/2005/05/xmlmime\" xmime:expectedContentTypes=\"application/octet-stream\"/>";

/// The WSDL of the service at an absolute address, as every client loads it.
#[must_use]
pub fn wsdl(address: &str) -> String {
    written(address, Contents::Answered)
}

/// The same with the operations that have no answer.
#[must_use]
pub fn wsdl_with_one_way(address: &str) -> String {
    written(address, Contents::All)
}

fn written(address: &str, contents: Contents) -> String {
    let schema = schema(contents);
    let (messages, operations) = (contents.each(messages), contents.each(port_operation));
    let binding_11 = binding("soap", "CatalogSoap11", true, contents);
    let binding_12 = binding("soap12", "CatalogSoap12", false, contents);
    let address = escaped(address);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <wsdl:definitions name=\"Catalog\" targetNamespace=\"{NAMESPACE}\" xmlns:tns=\"{NAMESPACE}\" \
         xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
         xmlns:soap12=\"http://schemas.xmlsoap.org/wsdl/soap12/\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n\
         <wsdl:types>\n{schema}</wsdl:types>\n{messages}\
         <wsdl:message name=\"CatalogFault\"><wsdl:part name=\"fault\" element=\"tns:PlugpointFault\"/></wsdl:message>\n\
         <wsdl:portType name=\"{PORT_TYPE}\">\n{operations}</wsdl:portType>\n{binding_11}{binding_12}\
         <wsdl:service name=\"CatalogService\">\n\
         <wsdl:port name=\"CatalogSoap11\" binding=\"tns:CatalogSoap11\"><soap:address location=\"{address}\"/></wsdl:port>\n\
         <wsdl:port name=\"CatalogSoap12\" binding=\"tns:CatalogSoap12\"><soap12:address location=\"{address}\"/></wsdl:port>\n\
         </wsdl:service>\n</wsdl:definitions>\n"
    )
}

/// The schema of all messages as a document of its own.
#[must_use]
pub fn xsd() -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", schema(Contents::All))
}

fn schema(contents: Contents) -> String {
    let mut types = XsdTypes::new("tns");
    let mut elements = contents.each(|operation| wrappers(operation, &mut types));
    elements.push_str(&wrapper("PlugpointFault", &types.elements::<PlugpointFault>()));
    let definitions = types.definitions().replace(PRINTABLE.0, PRINTABLE.1);
    format!(
        "<xs:schema targetNamespace=\"{NAMESPACE}\" elementFormDefault=\"qualified\" xmlns:tns=\"{NAMESPACE}\" \
         xmlns:xs=\"http://www.w3.org/2001/XMLSchema\">\n{definitions}{DOCUMENT}{elements}</xs:schema>\n"
    )
}

fn wrappers(operation: Operation, types: &mut XsdTypes) -> String {
    let name = operation.name();
    let mut request = operation.request_elements(types);
    if operation.has_payload() {
        let items = types.add::<ItemList>();
        // Exactly one of them, which the server sees to: an xs:choice would cost several clients their plain parameters.
        request.push_str(&format!("<xs:element name=\"items\" type=\"{items}\" minOccurs=\"0\"/>"));
        request.push_str("<xs:element name=\"document\" type=\"tns:Document\" minOccurs=\"0\"/>");
        request.push_str(ATTACHMENT);
    }
    let response = operation.response_elements(types).map(|elements| wrapper(&format!("{name}Response"), &elements));
    [wrapper(name, &request), response.unwrap_or_default()].concat()
}

fn wrapper(name: &str, elements: &str) -> String {
    let content = format!("<xs:complexType><xs:sequence>{elements}</xs:sequence></xs:complexType>");
    format!("<xs:element name=\"{name}\">{content}</xs:element>\n")
}

fn messages(operation: Operation) -> String {
    let message = |name: &str| {
        let part = format!("<wsdl:part name=\"parameters\" element=\"tns:{name}\"/>");
        format!("<wsdl:message name=\"{name}\">{part}</wsdl:message>\n")
    };
    let name = operation.name();
    let response = if operation.is_one_way() { String::new() } else { message(&format!("{name}Response")) };
    [message(name), response].concat()
}

fn port_operation(operation: Operation) -> String {
    let (name, doc) = (operation.name(), escaped(operation.doc()));
    let answers = format!(
        "<wsdl:output message=\"tns:{name}Response\"/><wsdl:fault name=\"CatalogFault\" message=\"tns:CatalogFault\"/>"
    );
    let answers = if operation.is_one_way() { "" } else { answers.as_str() };
    format!(
        "<wsdl:operation name=\"{name}\"><wsdl:documentation>{doc}</wsdl:documentation>\
         <wsdl:input message=\"tns:{name}\"/>{answers}</wsdl:operation>\n"
    )
}

fn binding(prefix: &str, name: &str, has_faults: bool, contents: Contents) -> String {
    let fault = format!(
        "<wsdl:fault name=\"CatalogFault\"><{prefix}:fault name=\"CatalogFault\" use=\"literal\"/></wsdl:fault>"
    );
    let fault = if has_faults { fault.as_str() } else { "" };
    let answers = format!("<wsdl:output><{prefix}:body use=\"literal\"/></wsdl:output>{fault}");
    let operation = |operation: Operation| {
        let (name, answers) = (operation.name(), if operation.is_one_way() { "" } else { answers.as_str() });
        format!(
            "<wsdl:operation name=\"{name}\"><{prefix}:operation soapAction=\"{NAMESPACE}/{name}\"/>\
             <wsdl:input><{prefix}:body use=\"literal\"/></wsdl:input>{answers}</wsdl:operation>\n"
        )
    };
    let operations = contents.each(operation);
    format!(
        "<wsdl:binding name=\"{name}\" type=\"tns:Catalog\">\n\
         <{prefix}:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>\n{operations}</wsdl:binding>\n"
    )
}

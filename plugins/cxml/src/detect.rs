//! Recognises cXML by its root and first elements. The version may stand in the root or in the address of the DTD, which is read as a
//! text and never loaded.

use plugpoint_sdk::detect::{Detected, Head, XmlHead};

/// Characters of a version, such as `1.2.063`.
const VERSION_CHARS_MAX: usize = 16;

/// What the head says of itself.
pub(crate) fn detect(head: &Head<'_>) -> Option<Detected> {
    let xml = head.xml()?;
    let content = if xml.root.eq_ignore_ascii_case("cXML") { content(xml) } else { Some(alone(xml)?) };
    let version = xml.attribute("version").map(shortened).or_else(|| version_of_dtd(head.text()));
    let words = ["cXML".to_owned(), version.unwrap_or_default(), content.unwrap_or_default().to_owned()];
    let words: Vec<String> = words.into_iter().filter(|word| !word.is_empty()).collect();
    Detected::certain(words.join(" "), format!("root <{}>", xml.root))
}

/// What an envelope holds: the first element within Message, Request or Response, or beside the header.
fn content(xml: &XmlHead) -> Option<&str> {
    let beside = xml.elements.iter().skip_while(|it| !(it.depth == 2 && it.local != "Header"));
    let mut beside = beside.map(|it| it.local.as_str());
    match beside.next()? {
        "Message" | "Request" => beside.find(|name| *name != "Status"),
        name => Some(name),
    }
}

/// A catalog without an envelope. The root's name is anybody's; what stands below it is not.
fn alone(xml: &XmlHead) -> Option<&'static str> {
    match xml.root.as_str() {
        "Index" if ["IndexItem", "IndexItemAdd", "SupplierID", "SearchGroup"].iter().any(|name| xml.has(name)) => {
            Some("Index")
        }
        "Contract" if xml.has("ItemSegment") || xml.has("ContractItem") => Some("Contract"),
        "PunchOutOrderMessage" => Some("PunchOutOrderMessage"),
        "PunchOutSetupRequest" => Some("PunchOutSetupRequest"),
        _ => None,
    }
}

/// `http://xml.cxml.org/schemas/cXML/1.2.063/cXML.dtd` is of version 1.2.063.
fn version_of_dtd(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("<!DOCTYPE")?;
    let (declaration, _) = rest.split_once('>')?;
    let (_, rest) = declaration.split_once("/cXML/")?;
    let (version, _) = rest.split_once('/')?;
    version.starts_with(|first: char| first.is_ascii_digit()).then(|| shortened(version))
}

fn shortened(version: &str) -> String {
    version.trim().chars().take(VERSION_CHARS_MAX).collect()
}

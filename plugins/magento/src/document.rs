//! The document that the source writes: elements of answers, written anew.
//!
//! Nothing of an answer's bytes is copied. Names are local names that the reader has checked, texts are escaped, attributes,
//! prefixes and namespaces are left behind.

use plugpoint_sdk::xml::{Element, escaped};

use crate::NAMESPACE;

/// The document's end.
pub(crate) const END: &str = "</magentoCatalog>\n";

/// The document's beginning.
pub(crate) fn start() -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<magentoCatalog xmlns=\"{NAMESPACE}\">\n")
}

/// One product on a line of its own.
pub(crate) fn product(info: &Element, stock: Option<&Element>) -> String {
    let mut text = String::from("<product>");
    write(&mut text, "info", info);
    if let Some(stock) = stock {
        write(&mut text, "stock", stock);
    }
    text + "</product>\n"
}

/// An element under a name. The depth of what the reader gives is bounded, and so is this.
fn write(text: &mut String, name: &str, element: &Element) {
    text.push('<');
    text.push_str(name);
    text.push('>');
    if element.children().is_empty() {
        text.push_str(&escaped(element.text()));
    }
    for child in element.children() {
        write(text, child.name(), child);
    }
    text.push_str("</");
    text.push_str(name);
    text.push('>');
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::xml::{XmlEvent, XmlOptions, XmlReader};

    use super::*;

    fn element(mut xml: &[u8]) -> Element {
        let mut reader = XmlReader::new(&mut xml, XmlOptions::default());
        assert!(matches!(reader.next(), Ok(XmlEvent::Start(_))));
        reader.element().unwrap()
    }

    #[test]
    fn what_is_written_holds_names_and_texts_alone() {
        let xml =
            b"<a:r xmlns:a='urn:x' a:t='1'><a:b q='<'>1 &lt; 2 &amp;&#13;]]&gt;<![CDATA[<x>]]></a:b> mixed <c/></a:r>";
        let expected = "<product><info><b>1 &lt; 2 &amp;&#xD;]]&gt;&lt;x&gt;</b><c></c></info></product>\n";
        // An attribute may hold no `<`.
        let xml = String::from_utf8_lossy(xml).replace("q='<'", "q='y'");
        assert_eq!(product(&element(xml.as_bytes()), None), expected);
    }
}

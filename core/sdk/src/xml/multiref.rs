//! SOAP encoding's references: a message whose parts point at one another, as one tree.
//!
//! Called by the SOAP endpoint for rpc/encoded messages. Both generations are known: `href="#id"` and `id` of SOAP 1.1, `ref`
//! and `id` of the namespace of SOAP 1.2's encoding. It follows no address and refuses what points outside of the message, at
//! itself or at nothing. What is pointed at twice is there twice afterwards, so the size of the result is bounded, not only that
//! of the message: ten references to ten references, ten times over, are a small message.

use std::collections::HashMap;

use super::element::Element;
use crate::error::quoted;

/// The namespace of SOAP 1.2's encoding.
const ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";

/// The first element of a message with all references in it resolved. `bytes_max` bounds its tree, `depth_max` its depth.
///
/// # Errors
/// A sentence about the first reference that cannot be resolved, or about the bound that is exceeded.
pub fn resolved(message: Vec<Element>, bytes_max: usize, depth_max: usize) -> Result<Element, String> {
    let mut targets = HashMap::new();
    let mut has_references = false;
    for element in &message {
        index(element, &mut targets, &mut has_references)?;
    }
    if has_references {
        let Some(first) = message.first() else { return Err(EMPTY.to_owned()) };
        let mut copy = Copy { targets, open: Vec::new(), bytes_left: bytes_max, depth_max };
        copy.element(first, 0)
    } else {
        message.into_iter().next().ok_or_else(|| EMPTY.to_owned())
    }
}

const EMPTY: &str = "the message has no element";

/// Takes down what can be pointed at.
fn index<'m>(
    element: &'m Element,
    targets: &mut HashMap<&'m str, &'m Element>,
    has_references: &mut bool,
) -> Result<(), String> {
    if let Some(id) = id_of(element)
        && targets.insert(id, element).is_some()
    {
        return Err(format!("two elements have the id {}", quoted(id, 80)));
    }
    *has_references |= reference_of(element).is_some();
    element.children().iter().try_for_each(|child| index(child, targets, has_references))
}

fn id_of(element: &Element) -> Option<&str> {
    element.attribute_ns("", "id").or_else(|| element.attribute_ns(ENCODING_12, "id"))
}

/// What an element points at, as it is written.
fn reference_of(element: &Element) -> Option<&str> {
    element.attribute_ns("", "href").or_else(|| element.attribute_ns(ENCODING_12, "ref"))
}

struct Copy<'m> {
    targets: HashMap<&'m str, &'m Element>,
    /// The ids of what is being copied, from the outside in.
    open: Vec<&'m str>,
    bytes_left: usize,
    depth_max: usize,
}

impl<'m> Copy<'m> {
    fn element(&mut self, element: &'m Element, depth: usize) -> Result<Element, String> {
        if depth >= self.depth_max {
            return Err(format!("with its references resolved the message is deeper than {} elements", self.depth_max));
        }
        let mut copy = element.head();
        self.spend(element.head_bytes())?;
        let opened = self.open.len();
        let mut content = element;
        self.open.extend(id_of(element));
        while let Some(reference) = reference_of(content) {
            content = self.target(reference)?;
            self.open.extend(id_of(content));
            self.spend(content.head_bytes())?;
            // What it is, whether it is nil and how long its array is stands at the target.
            copy.attributes = content.attributes.clone();
        }
        self.spend(content.text().len())?;
        copy.text = content.text().to_owned();
        for child in content.children() {
            let child = self.element(child, depth + 1)?;
            copy.children.push(child);
        }
        self.open.truncate(opened);
        Ok(copy)
    }

    fn target(&self, reference: &str) -> Result<&'m Element, String> {
        // SOAP 1.2's are bare names.
        let id = match reference.strip_prefix('#') {
            Some(id) => id,
            None if reference.contains(':') || reference.contains('/') => {
                return Err(format!("the reference {} points outside of the message", quoted(reference, 80)));
            }
            None => reference,
        };
        if self.open.contains(&id) {
            return Err(format!("the reference {} points at what it is a part of", quoted(reference, 80)));
        }
        self.targets
            .get(id)
            .copied()
            .ok_or_else(|| format!("the reference {} points at nothing", quoted(reference, 80)))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), String> {
        let left = self.bytes_left.checked_sub(bytes);
        self.bytes_left =
            left.ok_or_else(|| "with its references resolved the message is larger than allowed".to_owned())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testkit::element;

    fn message(xml: &str) -> Vec<Element> {
        element(&format!("<Body xmlns:e='{ENCODING_12}'>{xml}</Body>")).children
    }

    fn written(element: &Element) -> String {
        let inner: String = element.children().iter().map(written).collect();
        format!("<{0}>{1}{inner}</{0}>", element.name(), element.text().trim())
    }

    #[track_caller]
    fn check(xml: &str, expected: Result<&str, &str>) {
        let found = resolved(message(xml), 10_000, 16);
        let found = found.as_ref().map(written).map_err(String::as_str);
        assert_eq!(found.as_deref().map_err(|error| *error), expected, "{xml}");
    }

    #[test]
    fn references_of_both_generations_in_any_order() {
        check("<op><a>1</a></op>", Ok("<op><a>1</a></op>"));
        check("<op><a href='#1'/></op><m id='1'>x</m>", Ok("<op><a>x</a></op>"));
        check("<op><a id='1'><b>x</b></a><c href='#1'/></op>", Ok("<op><a><b>x</b></a><c><b>x</b></c></op>"));
        check("<op><c href='#1'/><a id='1'>x</a></op>", Ok("<op><c>x</c><a>x</a></op>"));
        check("<op><a e:ref='1'/><b e:id='1'>x</b></op>", Ok("<op><a>x</a><b>x</b></op>"));
        let chain = "<op><a href='#1'/></op><m id='1'><n href='#2'/></m><m id='2' href='#3'/><m id='3'>x</m>";
        check(chain, Ok("<op><a><n>x</n></a></op>"));
    }

    #[test]
    fn attributes_are_those_of_the_target() {
        let message = message("<op><a href='#1'/></op><m id='1' nil='true'/>");
        let element = resolved(message, 10_000, 16).unwrap();
        assert_eq!(element.child("a").unwrap().attribute("nil"), Some("true"));
    }

    #[test]
    fn cycles_and_what_is_not_there_are_refused() {
        let cycle = |id: &str| format!("the reference \"#{id}\" points at what it is a part of");
        check("<op><a href='#1'/></op><m id='1'><n href='#1'/></m>", Err(&cycle("1")));
        check("<op id='0'><a href='#0'/></op>", Err(&cycle("0")));
        check("<op><a id='1' href='#1'/></op>", Err(&cycle("1")));
        check("<op><a href='#1'/></op><m id='1'><n href='#2'/></m><m id='2'><n href='#1'/></m>", Err(&cycle("1")));
        check("<op><a href='#9'/></op>", Err("the reference \"#9\" points at nothing"));
        for outside in ["cid:part", "http://evil.example/x", "../file"] {
            let expected = format!("the reference {outside:?} points outside of the message");
            check(&format!("<op><a href='{outside}'/></op>"), Err(&expected));
        }
        check("<op><a id='1'/><b id='1'/></op>", Err("two elements have the id \"1\""));
        assert!(resolved(Vec::new(), 10_000, 16).is_err());
    }

    #[test]
    fn a_small_message_does_not_become_a_large_one() {
        let mut xml = "<op><a href='#0'/></op>".to_owned();
        for level in 0..9 {
            let references = format!("<n href='#{}'/>", level + 1).repeat(10);
            xml += &format!("<m id='{level}'>{references}</m>");
        }
        xml += "<m id='9'>x</m>";
        let error = resolved(message(&xml), 1 << 20, 64).unwrap_err();
        assert_eq!(error, "with its references resolved the message is larger than allowed");
        let mut deep = "<op><a href='#0'/></op>".to_owned();
        for level in 0..20 {
            deep += &format!("<m id='{level}'><n href='#{}'/></m>", level + 1);
        }
        deep += "<m id='20'>x</m>";
        let error = resolved(message(&deep), 1 << 20, 16).unwrap_err();
        assert_eq!(error, "with its references resolved the message is deeper than 16 elements");
        assert!(resolved(message(&deep), 1 << 20, 32).is_ok());
    }
}

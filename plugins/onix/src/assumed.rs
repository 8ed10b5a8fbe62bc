//! What our own export has to write because the standard wants it, and the item does not say: such as a product form.
//!
//! Each such element says so in `sourcename`, which ONIX allows everywhere, so that reading the message back does not take it for
//! the sender's word. Written by the export, taken off by the reader; other systems' messages do not have it.

use plugpoint_sdk::xml::Element;

/// The attribute as the export writes it, with the blank before it.
pub(crate) const MARK: &str = " sourcename=\"plugpoint-assumed\"";

/// The record without what nobody has said.
pub(crate) fn take_off(record: &mut Element) {
    let is_ours = |element: &Element| {
        element.attributes().iter().any(|it| it.name() == "sourcename" && it.value() == "plugpoint-assumed")
    };
    record.retain(&|element| !is_ours(element));
}

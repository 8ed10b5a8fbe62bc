//! What our own export has to write because the standard wants it, and the item does not say: such as an order unit.
//!
//! It is named in a user-defined extension, `UDX.PLUGPOINT.ASSUMED`, so that reading the document back does not take it for the
//! supplier's word. Written by the export, read by the reader; other systems' documents do not have it.

use plugpoint_sdk::xml::Element;

use crate::spelling::{child, children};

/// The extension's element.
pub(crate) const ELEMENT: &str = "UDX.PLUGPOINT.ASSUMED";

/// The order unit is no attribute of the item.
pub(crate) const ORDER_UNIT: &str = "ORDER_UNIT";
/// The price quantity is no attribute of the item; it holds for the prices all the same.
pub(crate) const PRICE_QUANTITY: &str = "PRICE_QUANTITY";
/// The status says that the product is discontinued, and nothing else.
pub(crate) const PRODUCT_STATUS: &str = "PRODUCT_STATUS";
/// Prices are not for the order unit.
pub(crate) const PRICE_UNIT: &str = "PRICE_UNIT";

/// The names that a product's extension lists.
#[derive(Clone, Copy, Default)]
pub(crate) struct Assumed<'e>(&'e str);

impl<'e> Assumed<'e> {
    /// Of a product.
    pub(crate) fn read(product: &'e Element) -> Self {
        let extensions = children(product, "USER_DEFINED_EXTENSIONS").find_map(|extensions| child(extensions, ELEMENT));
        Self(extensions.map(|(_, names)| names).unwrap_or_default())
    }

    /// Whether a name is listed.
    pub(crate) fn has(self, name: &str) -> bool {
        self.0.split(' ').any(|listed| listed == name)
    }
}

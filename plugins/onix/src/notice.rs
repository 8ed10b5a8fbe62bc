//! NotificationType: what the sender wants done with a record.

use plugpoint_sdk::xml::Element;

/// What is to be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// 01, 02, 03, and 09 with a title: the whole record.
    Full {
        /// It says that the book has not appeared yet.
        is_advance: bool,
        /// It was not said; it is taken for 03.
        is_assumed: bool,
    },
    /// 04, and 09 without a title: what it holds replaces what there was.
    Update,
    /// 08: the book was sold to another publisher. An update, after which it is no longer to be had from this one.
    Sold,
    /// 12, 13, 14 of 2.1: supply, market or both, and nothing else of the record.
    SupplyOnly { supply: bool, market: bool },
    /// 05.
    Delete,
    /// 88, 89: a test, to be read by people.
    Test,
    /// Anything else.
    Unknown,
}

impl Notice {
    /// The notice of a record in reference names. Blanks around the code and a missing zero before it are forgiven.
    pub(crate) fn of(product: &Element) -> Self {
        let full = |is_advance| Self::Full { is_advance, is_assumed: false };
        match product.child_text("NotificationType").unwrap_or_default() {
            "" => Self::Full { is_advance: false, is_assumed: true },
            "01" | "1" | "02" | "2" => full(true),
            "03" | "3" => full(false),
            "04" | "4" => Self::Update,
            "05" | "5" => Self::Delete,
            "08" | "8" => Self::Sold,
            "09" | "9" if has_title(product) => full(false),
            "09" | "9" => Self::Update,
            "12" => Self::SupplyOnly { supply: true, market: false },
            "13" => Self::SupplyOnly { supply: false, market: true },
            "14" => Self::SupplyOnly { supply: true, market: true },
            "88" | "89" => Self::Test,
            _ => Self::Unknown,
        }
    }
}

fn has_title(product: &Element) -> bool {
    let is_title = |child: &Element| matches!(child.name(), "Title" | "DistinctiveTitle" | "DescriptiveDetail");
    product.children().iter().any(is_title)
}

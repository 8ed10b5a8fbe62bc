//! Which ONIX a document is: release and tags, by root, namespace and attribute. Used by the reader and by detection.

use plugpoint_sdk::detect::{Detected, Head};

/// Blocks of 3.x.
const BLOCKS: &[&str] = &[
    "DescriptiveDetail",
    "CollateralDetail",
    "PromotionDetail",
    "ContentDetail",
    "PublishingDetail",
    "RelatedMaterial",
    "ProductionDetail",
    "ProductSupply",
];

/// `ONIXMessage`, `ONIXmessage`, however it is written.
pub(crate) fn is_message(root: &str) -> bool {
    root.eq_ignore_ascii_case("ONIXMessage")
}

/// `Product`, or `product` of short tags.
pub(crate) fn is_product(root: &str) -> bool {
    matches!(root, "Product" | "product")
}

/// Whether an element is a block of 3.x, in either set of names.
pub(crate) fn is_block(name: &str) -> bool {
    BLOCKS.iter().any(|block| block.eq_ignore_ascii_case(name))
}

/// The message in words. 2.1 does not have to name its release, 3.x does.
pub(crate) fn named(root: &str, release: Option<&str>, namespace: &str) -> String {
    let of_namespace = namespace.split_once("/onix/").and_then(|(_, rest)| rest.split('/').next());
    let release = release.map(str::trim).filter(|release| !release.is_empty()).or(of_namespace).unwrap_or("2.1");
    let release: String = release.chars().take(8).collect();
    let is_short = root == "ONIXmessage" || namespace.ends_with("/short");
    format!("ONIX {release} {}", if is_short { "short tags" } else { "reference tags" })
}

/// A product without a message in words.
pub(crate) fn of_product(root: &str, is_blocks: bool) -> String {
    let release = if is_blocks { "3.0" } else { "2.1" };
    format!("ONIX {release} {} (one product)", if root == "product" { "short tags" } else { "reference tags" })
}

/// Whether a document is ONIX, and which.
pub(crate) fn detect(head: &Head<'_>) -> Option<Detected> {
    let xml = head.xml()?;
    if is_message(&xml.root) {
        let version = named(&xml.root, xml.attribute("release"), &xml.namespace);
        return Detected::certain(version, format!("root <{}>", xml.root));
    }
    if !is_product(&xml.root) {
        return None;
    }
    let reference = ["RecordReference", "a001"].into_iter().find(|name| xml.has(name));
    let identifier = ["ProductIDType", "b221"].into_iter().find(|name| xml.has(name));
    let is_blocks = xml.elements.iter().any(|element| element.depth == 2 && is_block(&element.local));
    let version = of_product(&xml.root, is_blocks);
    let why = |name: &str| format!("root <{}> with <{name}>", xml.root);
    match (reference, identifier) {
        (Some(name), _) => Detected::certain(version, why(name)),
        (None, Some(name)) => Detected::likely(version, why(name)),
        (None, None) => None,
    }
}

//! The extension points: one file each, one list of them all.
//!
//! A new point is a file here, a line in `points!` below, a guard in [`crate::guard`] and its place in the kernel's plan.
//! Each file is in the same order: documentation under the same headings, `POINT`, trait, default, `conformance`, tests.

use std::fmt;
use std::sync::Arc;

use crate::registry::{Bounds, Order, PointInfo};

pub mod catalog_exporter;
pub mod catalog_format;
pub mod catalog_transformer;
pub mod credential_verifier;
pub mod import_listener;
pub mod import_source;
pub mod item_presenter;
pub mod item_rule;
pub mod soap_facade;

/// The headings of every point's documentation, in their order.
pub const HEADINGS: [&str; 8] =
    ["Purpose", "Called by", "When and how often", "Order", "Conflict", "On error", "Default", "Example"];

macro_rules! points {
    ($($kind:ident($module:ident, $hook:ty, $file:literal);)*) => {
        /// An implementation of one of the points. Closed, so that none is ever found by a type id: those may differ between
        /// a program and a library that it has loaded.
        #[derive(Clone)]
        pub enum Implementation {
            $(#[doc = concat!("Of the point in `", $file, "`.")] $kind(Arc<$hook>),)*
        }

        impl Implementation {
            /// The rules of the point that it implements.
            #[must_use]
            pub fn point(&self) -> &'static PointInfo {
                match self {
                    $(Self::$kind(_) => const { &$module::POINT.info(include_str!($file)) },)*
                }
            }
        }

        static ALL: &[PointInfo] = &[$($module::POINT.info(include_str!($file)),)*];
    };
}

points! {
    CatalogTransformer(catalog_transformer, dyn catalog_transformer::CatalogTransformer, "catalog_transformer.rs");
    CatalogFormat(catalog_format, dyn catalog_transformer::CatalogTransformer, "catalog_format.rs");
    ItemRule(item_rule, dyn item_rule::ItemRule, "item_rule.rs");
    ImportListener(import_listener, dyn import_listener::ImportListener, "import_listener.rs");
    ImportSource(import_source, dyn import_source::ImportSource, "import_source.rs");
    ItemPresenter(item_presenter, dyn item_presenter::ItemPresenter, "item_presenter.rs");
    CatalogExporter(catalog_exporter, dyn catalog_exporter::CatalogExporter, "catalog_exporter.rs");
    CredentialVerifier(credential_verifier, dyn credential_verifier::CredentialVerifier, "credential_verifier.rs");
    SoapFacade(soap_facade, dyn soap_facade::SoapFacade, "soap_facade.rs");
}

impl fmt::Debug for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Implementation({})", self.point().name)
    }
}

/// All points: those of an import in the order in which it meets them, what brings documents, then the others.
#[must_use]
pub fn all() -> &'static [PointInfo] {
    ALL
}

impl PointInfo {
    /// The point's documentation: the head of its source file, as Markdown.
    #[must_use]
    pub fn documentation(&self) -> String {
        let head = self.source.lines().map_while(|line| line.strip_prefix("//!"));
        head.map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
    }
}

/// The document `openapi/extension-points.md`: the rules as a table, then each point's own documentation.
#[must_use]
pub fn document() -> String {
    let mut text = String::from(
        "# Extension points\n\nGenerated from `core/sdk/src/points/`. Do not edit.\n\n\
         | point | arity | order | on error | time budget | memory | breaker |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for point in all() {
        let order = match point.order {
            Order::None => "none".to_owned(),
            Order::Anchors(anchors) => anchors.join(", "),
        };
        let (name, arity, on_error, budget) = (point.name, point.arity, point.on_error, point.bounds.budget);
        let (memory, breaker) = (point.bounds.memory_bytes >> 20, breaker(point));
        text += &format!("| `{name}` | {arity:?} | {order} | {on_error:?} | {budget:?} | {memory} MiB | {breaker} |\n");
    }
    for point in all() {
        // A heading below the point's own: the file's headings are of the first level.
        let body = point.documentation().replace("\n# ", "\n### ");
        text += &format!("\n## {}\n\n{}\n", point.name, body.trim_end());
    }
    text
}

fn breaker(point: &PointInfo) -> String {
    let Bounds { failures, window, pause, .. } = point.bounds;
    format!("{failures} failures in {window:?}, open for {pause:?}")
}

/// The page of one point in the integrator's guide: its rules, then its documentation.
#[must_use]
pub fn page(name: &str) -> Option<String> {
    let point = all().iter().find(|point| point.name == name)?;
    let body = point.documentation().replace("\n# ", "\n## ");
    let order = match point.order {
        Order::None => "none".to_owned(),
        Order::Anchors(anchors) => anchors.join(", "),
    };
    let rules = format!(
        "Arity: {:?} · order: {order} · on error: {:?} · time budget: {:?} · memory: {} MiB · breaker: {}",
        point.arity,
        point.on_error,
        point.bounds.budget,
        point.bounds.memory_bytes >> 20,
        breaker(point)
    );
    Some(format!(
        "# {name}\n\nGenerated from the head of its source file. Do not edit.\n\n{rules}\n\n{}\n",
        body.trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_is_documented_under_the_same_headings() {
        for point in all() {
            let documentation = point.documentation();
            let headings: Vec<&str> = documentation.lines().filter_map(|line| line.strip_prefix("# ")).collect();
            assert_eq!(headings, HEADINGS, "{}", point.name);
            assert!(documentation.starts_with(&format!("`{}`", point.name)), "{} is not named first", point.name);
        }
    }

    #[test]
    fn every_point_has_its_page_in_the_guide() {
        let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src");
        let summary = std::fs::read_to_string(format!("{guide}/SUMMARY.md")).unwrap();
        for point in all() {
            let link = format!("points/{}.md", point.name);
            assert!(summary.contains(&format!("({link})")), "{link} is not in docs/src/SUMMARY.md");
            let page = std::fs::read_to_string(format!("{guide}/{link}")).unwrap_or_default();
            assert_eq!(page.trim_end(), page_of(point.name), "{link}: `make regen`");
        }
        assert_eq!(page("catalog.nothing"), None);
    }

    fn page_of(name: &str) -> String {
        page(name).unwrap().trim_end().to_owned()
    }

    #[test]
    fn names_are_unique_and_in_the_document() {
        let document = document();
        let mut names: Vec<&str> = all().iter().map(|point| point.name).collect();
        assert!(names.iter().all(|name| document.contains(&format!("\n## {name}\n"))));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}

//! `catalog.item_rule`: looks at each item of an import, may change it or refuse it.
//!
//! # Purpose
//! What holds for one customer's items and is no matter of format: surcharges, house categories, items not to be taken.
//!
//! # Called by
//! The import of `plugins/catalog`, for each item that the transformer hands over whole.
//!
//! # When and how often
//! Once for each item, in the order of the chain, on the import's thread. So it computes and does not wait.
//!
//! # Order
//! Anchors `decoded` and `validated`. A rule after `decoded` and before `validated` sees what the sender sent, unchecked; one
//! after `validated` sees an item that keeps every declared limit, and the item is checked again after it. A rule that names
//! no place stands right after `decoded`. Ties go by id.
//!
//! # Conflict
//! Two of one id at the same layer are refused at start-up; one at a higher layer has to say `replace`, and then stands where
//! the replaced one stood unless it names a place.
//!
//! # On error
//! A finding of severity error rejects the item, and no further rule sees it. A panic does the same under the code
//! `rule_panicked`. The import goes on, until more is rejected than the profile tolerates.
//!
//! # Default
//! No rule: the item stays as it is.
//!
//! # Example
//! ```
//! use plugpoint_sdk::codes;
//! use plugpoint_sdk::model::{Finding, ItemData};
//! use plugpoint_sdk::points::item_rule::{self, ItemRule, RuleContext};
//! use plugpoint_sdk::registry::Registrar;
//!
//! struct NoSamples;
//!
//! impl ItemRule for NoSamples {
//!     fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
//!         if item.sku.starts_with("SAMPLE-") {
//!             let finding = Finding::error(codes::finding::RULE_REJECTED, "samples are not sold");
//!             ctx.findings.push(finding.at(ctx.position));
//!         }
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     registrar.provide(&item_rule::POINT, "example.no_samples", NoSamples).after("validated");
//! }
//! ```

use std::time::Duration;

use crate::model::{Finding, ItemData, Position};
use crate::points::Implementation;
use crate::profile::Profile;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The item is as the transformer read it.
pub const DECODED: &str = "decoded";

/// The item keeps every declared limit.
pub const VALIDATED: &str = "validated";

/// The rules above, as data.
pub const POINT: Point<dyn ItemRule> = Point {
    name: "catalog.item_rule",
    arity: Arity::Chain,
    order: Order::Anchors(&[DECODED, VALIDATED]),
    on_error: OnError::RejectItem,
    default: Fallback::Nothing,
    bounds: Bounds {
        budget: Duration::from_secs(5),
        memory_bytes: 32 << 20,
        failures: 50,
        window: Duration::from_secs(60),
        pause: Duration::from_secs(30),
    },
    implementation: Implementation::ItemRule,
};

/// A rule over one item.
pub trait ItemRule: Send + Sync {
    /// Looks at one item, may change it. A finding of severity error refuses the item. Applied to its own result it changes
    /// nothing more: an import may be restarted, and an item sent twice.
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>);
}

/// What a rule may know and say.
pub struct RuleContext<'a> {
    /// The tenant's profile.
    pub profile: &'a Profile,
    /// Where the record starts.
    pub position: Position,
    /// What the rule has to say about the item.
    pub findings: &'a mut Vec<Finding>,
}

/// What every rule keeps to: it survives any item, does the same to the same item, and changes nothing more when it meets its
/// own result. `items` are whatever the rule cares for; empty and odd ones are added, and mutants of them all.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(rule: &dyn ItemRule, profile: &Profile, items: &[ItemData]) -> Result<(), Vec<String>> {
    let apply = |item: &ItemData| {
        let (mut item, mut findings, position) = (item.clone(), Vec::new(), Position::default());
        let mut ctx = RuleContext { profile, position, findings: &mut findings };
        crate::guard::contain(|| rule.apply(&mut item, &mut ctx)).map(|()| (item, findings))
    };
    let odd = ["", " ", "\u{0}", "\u{1F4A1}"].map(|sku| ItemData { sku: sku.to_owned(), ..ItemData::default() });
    let violation = |item: &ItemData| match apply(item) {
        Err(panicked) => Some(format!("on {:?} it {panicked}", item.sku)),
        Ok(first) if apply(item).as_ref() != Ok(&first) => Some(format!("on {:?} it gave two results", item.sku)),
        Ok((once, _)) => match apply(&once) {
            Ok((twice, _)) if twice == once => None,
            _ => Some(format!("on {:?} it changed its own result", item.sku)),
        },
    };
    let mut violations: Vec<String> = items.iter().chain(&odd).filter_map(violation).collect();
    if violations.is_empty() {
        violations.extend(crate::testkit::rule_is_idempotent(rule, profile, items));
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Rule<F>(F);

    impl<F: Fn(&mut ItemData) + Send + Sync> ItemRule for Rule<F> {
        fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
            (self.0)(item);
        }
    }

    #[track_caller]
    fn check(rule: &dyn ItemRule, expected: Result<(), &[&str]>) {
        let item = ItemData { sku: "A1".to_owned(), ..ItemData::default() };
        let found = conformance(rule, &Profile::default(), &[item]);
        assert_eq!(found, expected.map_err(|list| list.iter().map(|it| (*it).to_owned()).collect()));
    }

    #[test]
    fn conformance_finds_what_panics_and_what_never_rests() {
        check(&Rule(|item: &mut ItemData| item.brand = Some(item.sku.clone())), Ok(()));
        check(
            &Rule(|item: &mut ItemData| assert!(!item.sku.is_empty(), "no sku")),
            Err(&["on \"\" it panicked: no sku"]),
        );
        let adds = |item: &mut ItemData| {
            if item.sku.starts_with('A') {
                item.sku.push('1');
            }
        };
        check(&Rule(adds), Err(&["on \"A1\" it changed its own result"]));
        let calls = std::sync::atomic::AtomicU64::new(0);
        let counts = move |item: &mut ItemData| {
            if item.sku == "A1" {
                item.kind = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
            }
        };
        check(&Rule(counts), Err(&["on \"A1\" it gave two results"]));
    }
}

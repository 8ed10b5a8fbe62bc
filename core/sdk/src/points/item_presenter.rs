//! `item.presenter`: the last word on an item that REST answers, under `extensions`.
//!
//! # Purpose
//! Lets a customer add what its readers want to see and no catalog has: a link into its shop, a computed price, a label. It
//! adds only: each presenter has one member of the object `extensions`, the item's own fields stay as they are stored, and
//! the OpenAPI document is the same whoever presents.
//!
//! # Called by
//! The REST routes of `plugins/catalog` that answer items: one item, and the listing. SOAP answers are not presented.
//!
//! # When and how often
//! At most once for each item that is answered, on a thread of the tenant's, with the item as it is stored. The answer is a
//! pure function of item, catalog and profile: it is kept in memory with the item until the tenant's next commit, so a
//! presenter that looks at a clock or at something outside is told back old. It computes and does not wait. All items of one
//! page together have two seconds; those that come later are answered without.
//!
//! # Order
//! None: each has a member of its own. They are called, and answered, in the order of their members' names.
//!
//! # Conflict
//! One for each member's name, which is the key. A second of one name at the same layer is refused at start-up; one at a
//! higher layer has to say `replace_keyed`.
//!
//! # On error
//! The member is left out and the failure is logged under the presenter's id: an error, a panic, a call that was given up, a
//! text that is no JSON or longer than 16 KiB. The item is answered all the same, and not kept in memory.
//!
//! # Default
//! None is called: items are answered as they are stored, without `extensions`.
//!
//! # Example
//! ```
//! use plugpoint_sdk::model::ItemData;
//! use plugpoint_sdk::points::item_presenter::{self, Fragment, ItemPresenter, PresentContext};
//! use plugpoint_sdk::registry::Registrar;
//!
//! struct ShopLink;
//!
//! impl ItemPresenter for ShopLink {
//!     fn present(&self, item: &ItemData, ctx: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
//!         if item.brand.is_none() {
//!             return Ok(None);
//!         }
//!         Fragment::of(&format!("https://shop.example.com/{}?sku={}", ctx.catalog, item.sku)).map(Some)
//!     }
//! }
//!
//! pub fn register(registrar: &mut Registrar) {
//!     // {"sku": …, "extensions": {"shop_link": "https://…"}}
//!     registrar.provide_keyed(&item_presenter::POINT, "shop_link", "example.shop_link", ShopLink);
//! }
//! ```

use std::time::Duration;

use serde::Serialize;

use crate::model::{CatalogId, ItemData};
use crate::points::Implementation;
use crate::profile::Profile;
use crate::registry::{Arity, Bounds, Fallback, OnError, Order, Point};

/// The longest fragment, in bytes of JSON.
pub const FRAGMENT_BYTES_MAX: usize = 16 * 1024;

/// The rules above, as data.
pub const POINT: Point<dyn ItemPresenter> = Point {
    name: "item.presenter",
    arity: Arity::OnePerKey,
    order: Order::None,
    on_error: OnError::LeaveOut,
    default: Fallback::Nothing,
    bounds: Bounds {
        budget: Duration::from_millis(250),
        memory_bytes: 16 << 20,
        failures: 20,
        window: Duration::from_secs(60),
        pause: Duration::from_secs(30),
    },
    implementation: Implementation::ItemPresenter,
};

/// Says what is answered beside an item's own fields.
pub trait ItemPresenter: Send + Sync {
    /// What the presenter's member of `extensions` holds for this item; `None` if the item has no such member. The same item
    /// in the same catalog under the same profile gives the same.
    ///
    /// # Errors
    /// A sentence for the log; the member is left out.
    fn present(&self, item: &ItemData, ctx: &PresentContext<'_>) -> Result<Option<Fragment>, String>;
}

/// What a presenter may know beside the item.
#[derive(Debug, Clone, Copy)]
pub struct PresentContext<'a> {
    /// The tenant's profile.
    pub profile: &'a Profile,
    /// The catalog that the item is read from.
    pub catalog: &'a CatalogId,
}

/// One JSON value as text. It is written by the presenter's own code and checked by the platform, so that no type of a JSON
/// library has to be the same on both sides of a loaded library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment(String);

impl Fragment {
    /// Writes a value as JSON.
    ///
    /// # Errors
    /// The value has no form in JSON, as a map whose keys are no texts.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, String> {
        serde_json::to_string(value).map(Self).map_err(|error| format!("the value cannot be written as JSON: {error}"))
    }

    /// Takes a text that is JSON already. It is checked when it is answered.
    #[must_use]
    pub fn ready(json: String) -> Self {
        Self(json)
    }

    /// The text, if it is one JSON value of at most [`FRAGMENT_BYTES_MAX`] bytes.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence. Nested deeper than 127 levels is no JSON to us: many readers stop there.
    pub fn checked(self) -> Result<String, String> {
        let bytes = self.0.len();
        if bytes > FRAGMENT_BYTES_MAX {
            return Err(format!("its fragment has {bytes} bytes; allowed: at most {FRAGMENT_BYTES_MAX}"));
        }
        match serde_json::from_str::<serde_json::Value>(&self.0) {
            Ok(_) => Ok(self.0),
            Err(error) => Err(format!("its fragment is no JSON: {error}")),
        }
    }
}

/// What every presenter keeps to: it survives any item, says the same of the same item, and what it says is JSON within the
/// limit. `items` are whatever the presenter cares for; empty and odd ones are added, and mutants of them all. That it fails
/// on an item that no catalog could hold is its own affair.
///
/// # Errors
/// Every violation, in one sentence each.
#[cfg(any(test, feature = "testkit"))]
pub fn conformance(presenter: &dyn ItemPresenter, profile: &Profile, items: &[ItemData]) -> Result<(), Vec<String>> {
    let odd = ["", " ", "\u{0}", "\u{1F4A1}"].map(|sku| ItemData { sku: sku.to_owned(), ..ItemData::default() });
    let failing = |item: &ItemData| violation(presenter, profile, item).map(|what| format!("on {:?} {what}", item.sku));
    let mut violations: Vec<String> = items.iter().chain(&odd).filter_map(failing).collect();
    if violations.is_empty() {
        violations.extend(crate::testkit::on_mutants(items, |item| violation(presenter, profile, item)));
    }
    if violations.is_empty() { Ok(()) } else { Err(violations) }
}

#[cfg(any(test, feature = "testkit"))]
fn violation(presenter: &dyn ItemPresenter, profile: &Profile, item: &ItemData) -> Option<String> {
    let Ok(catalog) = "main".parse() else { return None };
    let present = || {
        let ctx = PresentContext { profile, catalog: &catalog };
        crate::guard::contain(|| presenter.present(item, &ctx))
    };
    match present() {
        Err(panicked) => Some(format!("it {panicked}")),
        Ok(first) if present().as_ref() != Ok(&first) => Some("it gave two results".to_owned()),
        Ok(Ok(Some(fragment))) => fragment.checked().err(),
        Ok(Ok(None) | Err(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    struct Presenter<F>(F);

    impl<F: Fn(&ItemData) -> Result<Option<Fragment>, String> + Send + Sync> ItemPresenter for Presenter<F> {
        fn present(&self, item: &ItemData, _: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
            (self.0)(item)
        }
    }

    #[track_caller]
    fn check(present: impl Fn(&ItemData) -> Result<Option<Fragment>, String> + Send + Sync, expected: &[&str]) {
        let item = ItemData { sku: "A1".to_owned(), texts: vec![Text::default()], ..ItemData::default() };
        let found = conformance(&Presenter(present), &Profile::default(), &[item]).err().unwrap_or_default();
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{found:?}");
        }
    }

    #[test]
    fn conformance_finds_each_vice() {
        check(|item| Fragment::of(&item.sku).map(Some), &[]);
        check(|_| Err("it has a bad day".to_owned()), &[]);
        let on_empty = |item: &ItemData| {
            assert!(!item.sku.is_empty(), "no sku");
            Ok(None)
        };
        check(on_empty, &[r#"on "" it panicked: no sku"#]);
        let calls = std::sync::atomic::AtomicU64::new(0);
        let counts = move |item: &ItemData| {
            let count = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if item.sku == "A1" { Fragment::of(&count).map(Some) } else { Ok(None) }
        };
        check(counts, &[r#"on "A1" it gave two results"#]);
        let no_json = |item: &ItemData| Ok((item.sku == "A1").then(|| Fragment::ready("{".to_owned())));
        check(no_json, &[r#"on "A1" its fragment is no JSON"#]);
        let at_the_mutants = |item: &ItemData| {
            assert!(item.texts.len() < 2, "two texts");
            Ok(None)
        };
        check(at_the_mutants, &["on a mutated item it panicked: two texts"]);
    }

    #[test]
    fn a_fragment_is_one_json_value_within_the_limit() {
        let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let limit = text(FRAGMENT_BYTES_MAX);
        for good in ["1", " null ", "{\"a\": [1, \"ä\"]}", limit.as_str(), &deep(127)] {
            assert_eq!(Fragment::ready(good.to_owned()).checked().as_deref(), Ok(good));
        }
        let expected = "its fragment has 16385 bytes; allowed: at most 16384";
        assert_eq!(Fragment::ready(text(FRAGMENT_BYTES_MAX + 1)).checked(), Err(expected.to_owned()));
        for bad in ["", " ", "{", "1 2", "{\"a\":1}}", "\"a\u{1}\"", "nul", "\"\\ud800\"", &deep(128)] {
            let told = Fragment::ready(bad.to_owned()).checked().unwrap_err();
            assert!(told.starts_with("its fragment is no JSON: "), "{bad}: {told}");
        }
    }

    #[test]
    fn what_has_no_form_in_json_is_an_error() {
        let odd = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(Fragment::of(&odd).unwrap_err().starts_with("the value cannot be written as JSON"));
        assert_eq!(Fragment::of("ä\n").unwrap().checked().as_deref(), Ok(r#""ä\n""#));
    }
}

//! The customer of the bench: linked into it, and built as a library that it loads. Its hooks do next to nothing, so that
//! what is measured is the way to them.

use plugpoint_sdk::canonical::Canonical;
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::points::catalog_transformer;
use plugpoint_sdk::points::item_rule::{self, ItemRule, RuleContext};
use plugpoint_sdk::registry::Registrar;

/// Looks at one field.
pub(crate) struct Touch;

impl ItemRule for Touch {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        std::hint::black_box(&mut item.kind);
    }
}

/// Registers the platform's own reader, and one rule at each anchor.
pub(crate) fn register(registrar: &mut Registrar) {
    registrar.provide(&catalog_transformer::POINT, "bench.transformer", Canonical);
    registrar.provide(&item_rule::POINT, "bench.decoded", Touch).after(item_rule::DECODED);
    registrar.provide(&item_rule::POINT, "bench.validated", Touch).after(item_rule::VALIDATED);
}

plugpoint_sdk::customer! { name: "bench", register: register, profile: "" }

//! Rules over single items, whatever format they came in.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, ItemData};
use plugpoint_sdk::points::item_rule::{ItemRule, RuleContext};

/// Samples are in their export and not for sale: each is refused with a finding, the rest of the import goes on.
pub struct NoSamples;

impl ItemRule for NoSamples {
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
        if item.sku.starts_with("SAMPLE-") {
            let finding = Finding::error(finding::RULE_REJECTED, "samples are not sold").at(ctx.position);
            ctx.findings.push(finding);
        }
    }
}

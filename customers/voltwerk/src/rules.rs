//! What holds for every item of Voltwerk's: units of UN/ECE Recommendation 20, and no cable without its copper base.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Attribute, Decimal, Finding, ItemData, decimal};
use plugpoint_sdk::points::item_rule::{ItemRule, RuleContext};

use crate::transform::SYSTEM;

/// What their clerks write for a unit, in lower case, and its code.
const UNITS: &[(&str, &str)] = &[
    ("stück", "C62"),
    ("stk", "C62"),
    ("st", "C62"),
    ("pce", "C62"),
    ("m", "MTR"),
    ("mtr", "MTR"),
    ("meter", "MTR"),
    ("rolle", "RO"),
    ("ring", "RG"),
    ("packung", "PK"),
    ("pak", "PK"),
    ("paar", "PR"),
];

/// Brings units into the codes of UN/ECE Recommendation 20; an unknown unit stays as it is.
pub struct Units;

impl ItemRule for Units {
    fn apply(&self, item: &mut ItemData, _ctx: &mut RuleContext<'_>) {
        for price in &mut item.prices {
            if let Some(unit) = &mut price.unit {
                normalise(unit);
            }
        }
        let is_unit = |attribute: &&mut Attribute| {
            attribute.system.as_deref() == Some("bmecat") && matches!(&*attribute.name, "ORDER_UNIT" | "CONTENT_UNIT")
        };
        item.attributes.iter_mut().filter(is_unit).flat_map(|attribute| &mut attribute.values).for_each(normalise);
    }
}

fn normalise(unit: &mut String) {
    let written = unit.to_lowercase();
    if let Some((_, code)) = UNITS.iter().find(|(known, _)| *known == written) {
        (*code).clone_into(unit);
    }
}

/// A cable's price holds for a copper price, the base; the surcharge on it changes daily and is computed in the shop. Items
/// with copper in them are marked for it, and one without a base is refused: it would be sold below what its copper costs.
pub struct Copper;

impl ItemRule for Copper {
    fn apply(&self, item: &mut ItemData, ctx: &mut RuleContext<'_>) {
        let Some(sent) = value_of(item, "copper_weight") else { return };
        let Ok(weight) = decimal::parse(sent) else {
            let message = "the copper weight is no decimal number, so the surcharge cannot be computed";
            let finding = Finding::error(finding::DECIMAL_INVALID, message).at(ctx.position);
            return ctx.findings.push(finding.path("UDX.VOLTWERK.KUPFERZAHL").value(sent));
        };
        if weight <= Decimal::ZERO {
            return;
        }
        if value_of(item, "copper_base").is_none() {
            let message = "the item contains copper and has no copper base, so its price would leave the copper out";
            let finding = Finding::error(finding::RULE_REJECTED, message).at(ctx.position);
            return ctx.findings.push(finding.path("UDX.VOLTWERK.KUPFERBASIS"));
        }
        if value_of(item, "copper_surcharge").is_some() {
            return;
        }
        let values = vec!["daily".to_owned()];
        let name = "copper_surcharge".to_owned();
        item.attributes.push(Attribute { name, values, system: Some(SYSTEM.to_owned()), ..Attribute::default() });
    }
}

fn value_of<'i>(item: &'i ItemData, name: &str) -> Option<&'i str> {
    let own = |attribute: &&Attribute| attribute.system.as_deref() == Some(SYSTEM) && attribute.name == name;
    item.attributes.iter().find(own)?.values.first().map(String::as_str)
}

//! `catalog.item_rule`: looks at each item of an import, may change it or refuse it.

use crate::model::{Finding, ItemData, Position};
use crate::profile::Profile;

/// A rule over one item.
pub trait ItemRule: Send + Sync {
    /// Looks at one item, may change it. A finding of severity error refuses the item.
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

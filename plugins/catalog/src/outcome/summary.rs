//! The findings of one import by their codes: how many of each, and the first of them. Bounded, whatever the import found.

use plugpoint_sdk::model::{Finding, ImportId, Severity};
use plugpoint_store::{StoreError, TenantDb};

/// Codes that are told apart. The platform has fewer; a customer's rules may have any number of their own.
pub(crate) const GROUPS_MAX: usize = 60;

/// Findings of one code that are shown.
pub(crate) const SHOWN_PER_GROUP_MAX: usize = 25;

/// Findings that are read at once.
const PAGE: u32 = 500;

/// All findings of one code and severity.
pub(crate) struct Group {
    pub(crate) severity: Severity,
    pub(crate) code: String,
    pub(crate) count: u64,
    /// The first of them.
    pub(crate) shown: Vec<Finding>,
}

/// The findings of one import.
#[derive(Default)]
pub(crate) struct Summary {
    /// Errors before warnings, the most frequent first.
    pub(crate) groups: Vec<Group>,
    /// There are more codes than are told apart.
    pub(crate) has_more_codes: bool,
}

impl Summary {
    /// Reads all findings of an import. Blocks.
    ///
    /// # Errors
    /// Those of the storage.
    pub(crate) fn read(db: &TenantDb, id: ImportId) -> Result<Self, StoreError> {
        let (mut summary, mut after) = (Self::default(), 0);
        loop {
            let page = db.findings(id, after, PAGE)?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            page.into_iter().for_each(|(_, finding)| summary.add(finding));
        }
        summary.groups.sort_by(|one, other| {
            let rank = |group: &Group| (group.severity == Severity::Warning, std::cmp::Reverse(group.count));
            rank(one).cmp(&rank(other)).then_with(|| one.code.cmp(&other.code))
        });
        Ok(summary)
    }

    fn add(&mut self, finding: Finding) {
        let is_it = |group: &&mut Group| group.severity == finding.severity && group.code == finding.code;
        if let Some(group) = self.groups.iter_mut().find(is_it) {
            group.count += 1;
            if group.shown.len() < SHOWN_PER_GROUP_MAX {
                group.shown.push(finding);
            }
        } else if self.groups.len() < GROUPS_MAX {
            let (severity, code) = (finding.severity, finding.code.clone());
            self.groups.push(Group { severity, code, count: 1, shown: vec![finding] });
        } else {
            self.has_more_codes = true;
        }
    }

    /// Findings of one severity, as far as their codes are told apart.
    pub(crate) fn count(&self, severity: Severity) -> u64 {
        self.of(severity).map(|group| group.count).sum()
    }

    /// The groups of one severity.
    pub(crate) fn of(&self, severity: Severity) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.severity == severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_and_what_is_shown_is_bounded() {
        let mut summary = Summary::default();
        for _ in 0..SHOWN_PER_GROUP_MAX + 2 {
            summary.add(Finding::error("sku_missing", "x"));
            summary.add(Finding::warning("sku_missing", "x"));
        }
        let all: Vec<_> = summary.groups.iter().map(|group| (group.count, group.shown.len())).collect();
        assert_eq!(all, [(27, SHOWN_PER_GROUP_MAX), (27, SHOWN_PER_GROUP_MAX)]);
        assert_eq!(summary.count(Severity::Error), 27);
    }

    #[test]
    fn so_many_codes_and_no_more() {
        let mut summary = Summary::default();
        let finding = |number: usize| {
            let mut finding = Finding::error("own", "x");
            finding.code = format!("own_{number}");
            finding
        };
        (0..GROUPS_MAX).for_each(|number| summary.add(finding(number)));
        assert_eq!((summary.groups.len(), summary.has_more_codes), (GROUPS_MAX, false));
        summary.add(finding(GROUPS_MAX));
        summary.add(finding(0));
        assert_eq!((summary.groups.len(), summary.has_more_codes, summary.groups[0].count), (GROUPS_MAX, true, 2));
    }
}

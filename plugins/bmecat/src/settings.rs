//! What the section `[bmecat]` of a profile leaves out or renames, after a record was read. Where the files lie (`mime_root`)
//! is the header's.

use plugpoint_sdk::adapt::Adapt;
use plugpoint_sdk::model::{Category, ItemDraft, ItemPatch, PatchOp};
use plugpoint_sdk::profile::BmecatProfile;

use crate::groups::SUPPLIER;
use crate::kept::{BMECAT, UDX};

/// Applies a profile's section to every record.
pub(crate) struct Settings<'p>(pub(crate) &'p BmecatProfile);

impl Settings<'_> {
    fn name_system(&self, category: &mut Category) {
        if category.system == SUPPLIER {
            category.system.clone_from(&self.0.group_system);
        }
    }
}

impl Adapt for Settings<'_> {
    fn item(&mut self, draft: &mut ItemDraft) {
        let BmecatProfile { extensions, extras, .. } = *self.0;
        draft.data.attributes.retain(|attribute| match attribute.system.as_deref() {
            Some(UDX) => extensions,
            Some(BMECAT) => extras,
            _ => true,
        });
        draft.data.categories.iter_mut().for_each(|category| self.name_system(category));
    }

    fn patch(&mut self, patch: &mut ItemPatch) {
        for op in &mut patch.ops {
            if let PatchOp::AddCategory(category) = op {
                self.name_system(category);
            }
        }
    }
}

//! One product on its way to a draft: the sdk's record, and what the document says in general.

use std::ops::{Deref, DerefMut};

use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading;
use plugpoint_sdk::xml::Element;

use crate::groups::Groups;
use crate::header::Header;

/// What holds for every product of a document.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) header: &'a Header,
    pub(crate) profile: &'a CatalogProfile,
    pub(crate) groups: &'a Groups,
}

/// The product being read; otherwise it is the sdk's record.
pub(crate) struct Record<'a> {
    pub(crate) ctx: Context<'a>,
    record: reading::Record<'a>,
}

impl<'a> Record<'a> {
    pub(crate) fn new(ctx: Context<'a>, sku: &str, product: &Element) -> Self {
        let mut record = reading::Record::new(sku, product, ctx.profile);
        record.language.clone_from(&ctx.header.language);
        record.currency.clone_from(&ctx.header.currency);
        Self { ctx, record }
    }

    /// The BCP 47 language of an element by its `lang` attribute, else the document's.
    pub(crate) fn language_of(&mut self, element: &Element) -> String {
        self.record.language_of(element, element.attribute("lang"))
    }

    /// Adds a place in a system, with the path that the document gives for it, else with `name` as its path. False if the document
    /// does not know the place.
    pub(crate) fn category(&mut self, at: &Element, system: &str, code: &str, name: Option<&str>) -> bool {
        let (mut category, is_known) = self.ctx.groups.category(system, code);
        if category.path.is_empty() {
            category.path.extend(name.map(str::to_owned));
        }
        self.record.category(at, system, code, category.path);
        is_known
    }

    /// What the record became.
    pub(crate) fn into_inner(self) -> reading::Record<'a> {
        self.record
    }
}

impl<'a> Deref for Record<'a> {
    type Target = reading::Record<'a>;
    fn deref(&self) -> &Self::Target {
        &self.record
    }
}

impl DerefMut for Record<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.record
    }
}

//! The customer crate that the tests of loading build: not part of the workspace, one feature for each of its vices.
//!
//! Written as an integrator would write it. The tests patch `slot-000` to have many customers of one build.

use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::{ItemData, ItemDraft, Position, Text};
use plugpoint_sdk::points::catalog_transformer::{self, CatalogTransformer};
use plugpoint_sdk::points::credential_verifier::{self, CredentialVerifier, PresentedCredential, Verdict};
use plugpoint_sdk::points::item_presenter::{self, Fragment, ItemPresenter, PresentContext};
use plugpoint_sdk::points::item_rule::{self, ItemRule, RuleContext};
use plugpoint_sdk::registry::Registrar;

/// One sku and title a line.
struct Lines;

impl CatalogTransformer for Lines {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let mut line = String::new();
        for number in 1.. {
            line.clear();
            if document.source.read_line(&mut line)? == 0 {
                break;
            }
            assert!(line.trim() != "panic in the transformer", "the transformer was told to");
            let mut draft = ItemDraft::new(line.trim(), Position { line: number, column: 1 });
            let (lang, title) = ("de".to_owned(), line.trim().to_owned());
            draft.data.texts.push(Text { lang, title, ..Text::default() });
            sink.upsert(draft)?;
        }
        Ok(())
    }
}

/// Leaves its mark, and panics when told to.
struct Marks;

impl ItemRule for Marks {
    fn apply(&self, item: &mut ItemData, _: &mut RuleContext<'_>) {
        assert!(item.sku != "panic", "the rule was told to");
        item.brand = Some("slot-000".to_owned());
    }
}

/// Says what it was given, and panics when told to.
struct Tells;

impl ItemPresenter for Tells {
    fn present(&self, item: &ItemData, ctx: &PresentContext<'_>) -> Result<Option<Fragment>, String> {
        assert!(item.sku != "C3", "the presenter was told to");
        Fragment::of(&["slot-000", ctx.catalog.as_str(), &ctx.profile.catalog.language, &item.sku]).map(Some)
    }
}

/// Knows one person, and panics when told to.
struct Porter;

impl CredentialVerifier for Porter {
    fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String> {
        assert!(presented.user != "panic", "the verifier was told to");
        Ok(match (presented.user, presented.secret) {
            ("jane", "open sesame") => Verdict::Accept,
            _ => Verdict::Unknown,
        })
    }
}

/// Registers all hooks.
pub fn register(registrar: &mut Registrar) {
    assert!(!cfg!(feature = "register_panics"), "not today");
    if cfg!(feature = "register_aborts") {
        std::process::abort();
    }
    while cfg!(feature = "register_loops") {
        std::thread::sleep(std::time::Duration::from_secs(1));
    }
    if cfg!(feature = "register_prints") {
        print!("hello from register");
    }
    registrar.provide_keyed(&item_presenter::POINT, "told", "slot-000.tells", Tells);
    registrar.provide(&credential_verifier::POINT, "slot-000.porter", Porter);
    registrar.provide(&catalog_transformer::POINT, "slot-000.transformer", Lines);
    if cfg!(feature = "replaces_nothing") {
        registrar.replace(&item_rule::POINT, "slot-000.marks", Marks);
    } else {
        registrar.provide(&item_rule::POINT, "slot-000.marks", Marks);
    }
}

#[cfg(not(feature = "no_customer"))]
plugpoint_sdk::customer! { name: "slot-000", register: register, profile: "[catalog]\nlanguage = \"de\"\n" }

#[cfg(feature = "two_customers")]
plugpoint_sdk::customer! { name: "second", register: register, profile: "" }

#[cfg(feature = "own_allocator")]
#[global_allocator]
static ALLOCATOR: std::alloc::System = std::alloc::System;

//! The customer crate that `bench hostile` builds and loads: each document names the vice that its transformer shows.

use std::hint::black_box;
use std::time::Duration;

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::model::{Finding, ItemDraft, Position};
use plugpoint_sdk::points::catalog_transformer::{self, CatalogTransformer};
use plugpoint_sdk::registry::Registrar;

const RECORDS: u64 = 1_000_000;

struct Hostile;

impl CatalogTransformer for Hostile {
    fn transform(&self, document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Result<(), TransformError> {
        let mut vice = String::new();
        document.source.read_line(&mut vice)?;
        let mut taken = Vec::new();
        match vice.trim() {
            "panics" => panic!("as it was told"),
            "loops" => loop {
                black_box(());
            },
            "allocates" => loop {
                taken.push(black_box(vec![1_u8; 64 << 10]));
            },
            "blocks" => loop {
                std::thread::sleep(Duration::from_secs(3600));
            },
            "findings" => {
                for _ in 0..RECORDS {
                    sink.note(Finding::error(finding::RULE_REJECTED, "one of a million"))?;
                }
            }
            _ => {
                for line in 1..=RECORDS {
                    sink.upsert(ItemDraft::new("", Position { line, column: 1 }))?;
                }
            }
        }
        Ok(())
    }
}

fn register(registrar: &mut Registrar) {
    registrar.provide(&catalog_transformer::POINT, "hostile.transformer", Hostile);
}

plugpoint_sdk::customer! { name: "hostile", register: register, profile: "" }

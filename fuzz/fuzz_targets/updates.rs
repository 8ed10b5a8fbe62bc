//! Bytes as a customer's update file: it is read or refused with a reason, whatever they are, and what was read has a text for each backend.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_sdk::update::{Backend, Updates};

fuzz_target!(|bytes: &[u8]| {
    let Ok(updates) = Updates::read(&String::from_utf8_lossy(bytes)) else { return };
    for step in updates.steps() {
        assert!(!step.tag().is_empty());
        assert!(!step.text(Backend::Sqlite).trim().is_empty() && !step.text(Backend::Postgres).trim().is_empty());
    }
});

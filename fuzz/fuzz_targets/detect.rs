//! Bytes as the beginning of any document: what they are is told, whatever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_sdk::detect::Head;

fuzz_target!(|bytes: &[u8]| {
    for charset in [None, Some("windows-1251"), Some("utf-16")] {
        let head = Head::new(bytes, true, "", charset).named("a.xml");
        assert!(head.xml().is_none_or(|xml| !xml.root.is_empty()));
    }
});

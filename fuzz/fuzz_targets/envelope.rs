//! Any bytes as a SOAP envelope: the reader comes to an end, and gives the same however the bytes arrive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_soap::fuzzing::envelope;

fuzz_target!(|bytes: &[u8]| {
    assert_eq!(envelope(bytes, 1), envelope(bytes, 1 << 16));
});

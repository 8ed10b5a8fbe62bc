//! Any bytes as a multipart body with the boundary `b`: the reader comes to an end, and finds the same parts however the bytes
//! arrive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_soap::fuzzing::multipart;

fuzz_target!(|bytes: &[u8]| {
    let parts = multipart(bytes, 1 << 16);
    for size in [1, 3, 70] {
        assert_eq!(multipart(bytes, size), parts, "in pieces of {size}");
    }
});

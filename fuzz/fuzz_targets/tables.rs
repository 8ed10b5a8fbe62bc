//! Lists of any kind: a document may be refused, but nothing panics and items keep their limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_tables::TablesTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::trial::{Outcome, Sample};

fuzz_target!(|bytes: &[u8]| {
    let profile = Profile::default();
    let _ = Outcome::of(&TablesTransformer, &[], &Sample { bytes, media_type: "", charset: None, profile: &profile });
});

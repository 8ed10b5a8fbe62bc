//! Bytes as an ONIX message: the reader comes to an end, whatever they are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_onix::OnixTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::trial::{Outcome, Sample};

fuzz_target!(|bytes: &[u8]| {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    let _ = Outcome::of(&OnixTransformer, &[], &sample);
});

//! Any bytes through the reader of GS1 GDSN messages: every document must come to an end, as items, findings or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_gdsn::GdsnTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::trial::{Outcome, Sample};

fuzz_target!(|bytes: &[u8]| {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    let _ = Outcome::of(&GdsnTransformer, &[], &sample).to_json();
});

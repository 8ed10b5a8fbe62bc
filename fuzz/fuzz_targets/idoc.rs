//! Any bytes through the reader of SAP IDocs: every document must come to an end, as items, findings or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plugpoint_plugin_idoc::IdocTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::trial::{Outcome, Sample};

fuzz_target!(|bytes: &[u8]| {
    let profile = Profile::default();
    let sample = Sample { bytes, media_type: "application/xml", charset: None, profile: &profile };
    let _ = Outcome::of(&IdocTransformer, &[], &sample).to_json();
});

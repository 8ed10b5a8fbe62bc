//! The ONIX reader against case folders, damaged documents and, when they are at hand, real files.

mod cases;
mod damage;
mod detection;
mod exports;
mod limits;
mod real_files;
mod shape;
mod updates;

use plugpoint_plugin_onix::OnixTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample};

/// Reads a document with the default profile.
fn read(bytes: &[u8], charset: Option<&str>) -> Outcome {
    let profile = Profile::default();
    Outcome::of(&OnixTransformer, &[], &Sample { bytes, media_type: "application/xml", charset, profile: &profile })
}

/// A message of 3.0 around `products`.
fn message(products: &str) -> String {
    format!("<ONIXMessage release='3.0'>{products}</ONIXMessage>")
}

/// A product of 3.x with a title and `rest`.
fn product(rest: &str) -> String {
    format!(
        "<Product><RecordReference>1</RecordReference><NotificationType>03</NotificationType><DescriptiveDetail><TitleDetail>\
         <TitleType>01</TitleType><TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>Das Moor</TitleText>\
         </TitleElement></TitleDetail></DescriptiveDetail>{rest}</Product>"
    )
}

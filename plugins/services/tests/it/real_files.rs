//! Real answers that are not part of this repository: `PLUGPOINT_SHARED_DATA` or `../shared/data` beside the checkout. Where they
//! are absent the test says so and passes.

use plugpoint_plugin_services::ServiceTransformer;
use plugpoint_sdk::profile::Profile;
use plugpoint_sdk::testkit::{Outcome, Sample, real_documents};

/// Each file, with the number of its records that are refused, and why.
const FILES: &[(&str, usize)] = &[
    ("soap-cdiscount/GetProductList_1_response_200.xml", 0),
    ("soap-cdiscount/GetProductList_2_response_200.xml", 0),
    ("soap-cdiscount/GetProductListByIdentifier_1_response_200.xml", 0),
    ("soap-cdiscount/package_products_Products.xml", 0),
    // Offers change items that are there; the profile names the currency that the package does not.
    ("soap-cdiscount/package_offers_Offers.xml", 0),
    ("soap-prodws/getProductVersionsList.xml", 0),
    ("soap-netsuite/search_saved_search_item.xml", 0),
    // Acknowledgements.
    ("soap-netsuite/update_list_update_list_items.xml", 2),
    // Accounts.
    ("soap-dynamics-crm/retrieve_multiple_result.xml", 3),
    // Opportunities.
    ("soap-salesforce/query_response.xml", 2),
    // An order.
    ("soap-economic/order_get_data_array_single.xml", 1),
    ("content-vendor/boundless_tiny_collection.xml", 0),
];

#[test]
fn real_answers_have_as_many_records_as_their_manifest_says() {
    let Some(files) = real_documents(|_| true) else { return };
    let profile = Profile::parse("[catalog]\ncurrency = \"EUR\"\n").unwrap();
    for (name, refused) in FILES {
        let listed = files.iter().find(|file| file.file == *name).unwrap();
        let sample = Sample { bytes: &listed.bytes, media_type: "application/xml", charset: None, profile: &profile };
        let outcome = Outcome::of(&ServiceTransformer, &[], &sample);
        assert_eq!(outcome.error, None, "{name}");
        assert_eq!(Some(outcome.records), listed.records, "{name}");
        let taken = outcome.items.len() + outcome.patches.len();
        assert_eq!(outcome.records as usize - taken, *refused, "{name}: {:?}", outcome.findings);
    }
}

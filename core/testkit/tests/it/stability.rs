//! The interface is the same whoever is linked in.

use plugpoint_server::assembly;
use plugpoint_testkit::TestServer;
use serde_json::json;

#[test]
fn the_openapi_document_with_customers_is_the_cores() {
    assert!(plugpoint_sdk::customer::linked().count() >= 2, "customers are linked in");
    let cores = assembly::openapi().unwrap();
    let server = TestServer::start();
    let _tenants: Vec<_> = plugpoint_sdk::customer::linked()
        .map(|customer| server.tenant(customer.name, Some(customer.name), ""))
        .collect();
    assert_eq!(server.get("/openapi.json").body, cores);
}

#[test]
fn a_tenant_reads_what_it_wrote_through_the_whole_server() {
    let server = TestServer::start();
    let (one, other) = (server.tenant("one", None, ""), server.tenant("other", None, ""));
    let item = json!({"sku": "A1", "texts": [{"lang": "en", "title": "Cable tie"}]});
    assert_eq!(one.put("/v1/catalogs/main/items/A1", &item).status, 201);
    assert_eq!(one.get("/v1/catalogs/main/items/A1").body["texts"], item["texts"]);
    assert_eq!(other.get("/v1/catalogs/main/items/A1").status, 404);
    assert_eq!(server.get("/v1/catalogs/main/items/A1").status, 401);
}

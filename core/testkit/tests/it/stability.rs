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
fn a_customers_presenter_adds_to_the_answer_and_nothing_to_the_document() {
    let cores = assembly::openapi().unwrap();
    assert_eq!(cores["components"]["schemas"]["Item"]["properties"]["extensions"]["readOnly"], true);
    let server = TestServer::start();
    let (with, without) = (server.tenant("with", Some("voltwerk"), ""), server.tenant("without", None, ""));
    let price = json!({"kind": "list", "amount": "12.50", "currency": "EUR", "per_quantity": "100"});
    let item = json!({"sku": "A1", "texts": [{"lang": "de", "title": "Kabel"}], "prices": [price]});
    let path = "/v1/catalogs/main/items/A1";
    for tenant in [&with, &without] {
        assert_eq!(tenant.put(path, &item).status, 201);
    }
    let mut presented = with.get(path).body;
    assert_eq!(presented["extensions"], json!({"unit_price": {"amount": "0.125", "currency": "EUR"}}));
    assert_eq!(with.get("/v1/catalogs/main/items").body["items"][0], presented);
    presented.as_object_mut().unwrap().remove("extensions");
    assert_eq!(presented, without.get(path).body);
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

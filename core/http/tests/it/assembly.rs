//! What the assembly refuses, and the document it makes.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use plugpoint_http::openapi::document;
use plugpoint_http::{Module, Rest, app};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::routes;

use crate::support::TestApp;

#[derive(ToSchema)]
#[schema(as = Clash)]
struct One {
    #[expect(dead_code, reason = "read by the schema alone")]
    text: String,
}

#[derive(ToSchema)]
#[schema(as = Clash)]
struct Other {
    #[expect(dead_code, reason = "read by the schema alone")]
    number: u32,
}

#[utoipa::path(get, path = "/one", operation_id = "one", tag = "t", summary = "One", responses((status = 200, body = One)))]
async fn one() {}

#[utoipa::path(get, path = "/other", operation_id = "other", tag = "t", summary = "Other", responses((status = 200, body = Other)))]
async fn other() {}

#[utoipa::path(get, path = "/again", operation_id = "one", tag = "t", summary = "Again", responses((status = 200, body = One)))]
async fn again() {}

#[utoipa::path(get, path = "/bare", responses((status = 200)))]
async fn bare() {}

fn refused(rest: Rest) -> String {
    document(vec![rest.into_doc()]).unwrap_err().to_string()
}

#[test]
fn two_schemas_of_one_name_are_refused() {
    let text = refused(Rest::new().routes(routes!(one)).routes(routes!(other)));
    assert!(text.contains("Clash"), "{text}");
    assert!(document(vec![Rest::<()>::new().routes(routes!(one)).into_doc()]).is_ok());
}

#[test]
fn operations_are_described_and_named_once() {
    let text = refused(Rest::new().routes(routes!(one)).routes(routes!(again)));
    assert!(text.contains("operationId one"), "{text}");
    let text = refused(Rest::new().routes(routes!(bare)));
    assert!(text.contains("get /bare has no summary"), "{text}");
    let text = document(vec![
        Rest::<()>::new().routes(routes!(one)).into_doc(),
        Rest::<()>::new().routes(routes!(one)).into_doc(),
    ]);
    assert!(text.unwrap_err().to_string().contains("get /one is described twice"));
}

#[test]
fn overlapping_routes_are_named() {
    let test = TestApp::new();
    let raw = || Router::new().route("/same", get(|| async { "" }));
    let error = app(&test.platform, vec![Module::raw("first", raw()), Module::raw("second", raw())]).err().unwrap();
    assert!(error.to_string().contains("second"), "{error}");
}

#[tokio::test]
async fn the_document_is_whole_and_served() {
    let app = TestApp::new();
    assert_eq!(app.get("/openapi.json").await.json(), app.document);
    let document = &app.document;
    assert_eq!(document["openapi"], "3.1.0");
    let probe = &document["paths"]["/probe"]["get"];
    assert_eq!(probe["operationId"], "getProbe");
    assert_eq!(probe["responses"]["default"]["$ref"], "#/components/responses/Problem");
    let limit = probe["parameters"].as_array().unwrap().iter().find(|parameter| parameter["name"] == "limit").unwrap();
    assert_eq!(
        (&limit["schema"]["minimum"], &limit["schema"]["maximum"], &limit["in"]),
        (&1.into(), &10.into(), &"query".into())
    );
    assert_eq!(document["components"]["schemas"]["ProbeBody"]["properties"]["text"]["maxLength"], 5);
    assert_eq!(document["paths"]["/healthz"]["get"]["security"], Value::Array(vec![serde_json::json!({})]));
    assert!(document["components"]["securitySchemes"]["basic"].is_object());
}

#[test]
fn a_second_assembly_is_the_same() {
    let (first, second) = (TestApp::new(), TestApp::new());
    assert_eq!(first.document, second.document);
    assert!(Arc::strong_count(&first.platform) > 1);
}

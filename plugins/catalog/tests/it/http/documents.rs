//! The OpenAPI document of the catalog's routes, and the views of the tenant itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::support::TestServer;

fn references<'a>(node: &'a Value, found: &mut BTreeSet<&'a str>) {
    match node {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_needs_no_server_and_is_the_one_that_is_served() {
    let alone = plugpoint_http::openapi::document(vec![plugpoint_plugin_catalog::http::doc()]).unwrap();
    assert_eq!(alone, TestServer::new().document);
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_is_described() {
    let document = TestServer::new().document;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{place}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{place} {parameter}");
            }
            let names: BTreeSet<_> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let declared = operation["parameters"].as_array().into_iter().flatten();
            let declared: BTreeSet<_> =
                declared.filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(names, declared, "{place}");
            let good = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
            let has_example = good.flat_map(|(status, answer)| {
                let contents = answer["content"]
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(_, content)| content["example"] != Value::Null);
                contents.chain((status == "204").then_some(true))
            });
            assert!(has_example.into_iter().any(|has| has), "{place} shows no example");
        }
    }
}

#[tokio::test]
async fn the_tenant_sees_itself() {
    let server = TestServer::with_config(|config| config.limits.import_body_bytes_max = 4096);
    let tenant = server.get("/v1/tenants/self").await.json();
    assert_eq!((&tenant["tenant"], &tenant["limits"]["document_bytes_max"]), (&"acme".into(), &4096.into()));
    assert!(tenant["key_id"].as_str().unwrap().starts_with("pk_") && tenant.get("customer").is_none());
    let plan = server.get("/v1/extensions").await.json();
    assert!(plan["points"].as_array().unwrap().iter().any(|point| point["point"] == "catalog.transformer"), "{plan}");
}

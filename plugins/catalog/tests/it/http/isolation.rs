//! No tenant sees, lists or infers anything of another: every route, asked by the wrong one, answers as for what is not there.

use axum::http::Method;

use super::support::{As, TestServer};

/// Every route of the document, with acme's names in it.
fn routes(document: &serde_json::Value, id: &str) -> Vec<(Method, String)> {
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let mut required = parameters.filter(|it| it["in"] == "query" && it["required"] == true);
            // The name of nothing: whoever may not know the catalog hears of that first.
            let query = required.next().map(|it| format!("?{}=nothing", it["name"].as_str().unwrap()));
            let path = path.clone() + &query.unwrap_or_default();
            let path = path.replace("{catalog}", "main").replace("{sku}", "A1").replace("{id}", id);
            routes.push((method.to_uppercase().parse().unwrap(), path));
        }
    }
    assert!(routes.len() >= 15, "{routes:?}");
    routes
}

#[tokio::test]
async fn every_route_of_the_interface_asks_for_credentials() {
    let server = TestServer::new();
    for (method, path) in routes(&server.document, "x") {
        let is_open = ["/healthz", "/readyz", "/metrics"].contains(&path.as_str());
        let answer = server.send(As::Nobody, method.clone(), &path, &[], "").await;
        assert_eq!(answer.status, if is_open { 200 } else { 401 }, "{method} {path}");
    }
}

#[tokio::test]
async fn foreign_and_unknown_are_the_same_answer() {
    let server = TestServer::new();
    server.stock("A1").await;
    let created = server.send(As::Acme, Method::POST, "/v1/catalogs/main/imports", &[], "x").await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let strange = uuid::Uuid::now_v7().to_string();
    let fixed = [("x-request-id", "same")];
    for (method, path) in routes(&server.document, &id) {
        let is_shared = !path.starts_with("/v1/") || path == "/v1/tenants/self" || path == "/v1/extensions";
        if is_shared || matches!(method, Method::PUT | Method::POST) {
            continue;
        }
        let unknown = path.replace("main", "nain").replace("A1", "B1").replace(&id, &strange);
        let foreign = server.send(As::Rival, method.clone(), &path, &fixed, "").await;
        let unknown = server.send(As::Rival, method.clone(), &unknown, &fixed, "").await;
        assert_eq!((foreign.status, foreign.text()), (unknown.status, unknown.text()), "{method} {path}");
        assert!(
            !foreign.text().contains("A1") && !foreign.text().contains("acme"),
            "{method} {path}: {}",
            foreign.text()
        );
        assert!(
            foreign.status == 404 || foreign.text() == "{\"catalogs\":[]}" || foreign.text() == "{\"imports\":[]}",
            "{method} {path}"
        );
    }
    assert_eq!(server.get("/v1/catalogs/main/items/A1").await.status, 200, "and acme's is still there");
}

#[tokio::test]
async fn the_same_names_are_different_things() {
    let server = TestServer::new();
    server.stock("A1").await;
    let path = "/v1/catalogs/main/items/A1";
    assert_eq!(server.get(path).await.status, 200);
    let json = [("content-type", "application/json")];
    let theirs = r#"{"sku":"A1","texts":[{"lang":"en","title":"theirs"}]}"#;
    assert_eq!(server.send(As::Rival, Method::PUT, path, &json, theirs).await.status, 201);
    assert_eq!(server.get(path).await.json()["texts"][0]["title"], "A1");
    assert_eq!(server.send(As::Rival, Method::GET, path, &[], "").await.json()["texts"][0]["title"], "theirs");
    assert_eq!(server.send(As::Rival, Method::DELETE, path, &[], "").await.status, 204);
    assert_eq!(server.get(path).await.status, 200);
}

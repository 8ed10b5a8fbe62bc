//! One item: read, written, removed, under conditions.

use axum::http::Method;
use serde_json::json;

use super::support::{As, TestServer, item};

const A1: &str = "/v1/catalogs/main/items/A1";

#[tokio::test]
async fn what_is_put_is_got_canonical_and_tagged() {
    let server = TestServer::new();
    let created = server.put(A1, &[], &item("A1")).await;
    assert_eq!((created.status, created.header("location")), (201, Some(A1)));
    let etag = created.header("etag").unwrap().to_owned();
    assert_eq!(created.json()["kind"], "product", "defaults are written out");

    for _ in 0..2 {
        let got = server.get(A1).await;
        assert_eq!((got.status, got.header("content-type")), (200, Some("application/json")));
        assert_eq!((got.header("etag"), &got.body), (Some(etag.as_str()), &created.body));
    }
    assert_eq!(server.put(A1, &[], &item("A1")).await.status, 200, "the same again");
    let changed = server.put(A1, &[], &json!({"sku": "A1", "texts": [{"lang": "en", "title": "other"}]})).await;
    assert_eq!(changed.status, 200);
    assert_ne!(changed.header("etag"), Some(etag.as_str()));
    assert_eq!(server.get(A1).await.body, changed.body, "no old copy is answered after a commit");
    let head = server.send(As::Acme, Method::HEAD, A1, &[], "").await;
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, changed.header("etag")));
    assert_eq!(head.header("content-length"), Some(changed.body.len().to_string().as_str()));
}

#[tokio::test]
async fn reads_are_conditional() {
    let server = TestServer::new();
    server.stock("A1").await;
    let etag = server.get(A1).await.header("etag").unwrap().to_owned();
    let weak = format!("W/{etag}");
    let list = format!("\"x\", {etag}");
    let zipped = format!("{};gzip\"", etag.trim_end_matches('"'));
    for (condition, status) in
        [(etag.as_str(), 304), (&weak, 304), (&list, 304), (&zipped, 304), ("*", 304), ("\"x\"", 200), ("x", 200)]
    {
        let answer = server.send(As::Acme, Method::GET, A1, &[("if-none-match", condition)], "").await;
        // The tag of a compressed copy is told back as it is; else it is that of the plain one.
        let expected = if condition == zipped { &zipped } else { &etag };
        assert_eq!((answer.status, answer.header("etag")), (status, Some(expected.as_str())), "{condition}");
        assert_eq!(answer.body.is_empty(), status == 304);
    }
}

#[tokio::test]
async fn writes_are_conditional() {
    let server = TestServer::new();
    let put = async |headers: &[(&str, &str)], title: &str| {
        server.put(A1, headers, &json!({"sku": "A1", "texts": [{"lang": "en", "title": title}]})).await.status
    };
    assert_eq!(put(&[("if-match", "*")], "one").await, 412);
    assert_eq!(put(&[("if-none-match", "*")], "one").await, 201);
    assert_eq!(put(&[("if-none-match", "*")], "two").await, 412);
    let etag = server.get(A1).await.header("etag").unwrap().to_owned();
    assert_eq!(put(&[("if-match", "\"x\"")], "two").await, 412);
    assert_eq!(put(&[("if-match", &format!("W/{etag}"))], "two").await, 412, "weak tags never match strongly");
    assert_eq!(put(&[("if-none-match", &etag)], "two").await, 412);
    assert_eq!(put(&[("if-match", &format!("\"x\", {etag}"))], "two").await, 200);
    assert_eq!(put(&[("if-match", &etag)], "three").await, 412, "that was the old tag");
    assert_eq!(put(&[("if-match", "*")], "three").await, 200);

    let delete = async |headers: &[(&str, &str)]| server.send(As::Acme, Method::DELETE, A1, headers, "").await.status;
    assert_eq!(delete(&[("if-match", &etag)]).await, 412);
    assert_eq!(delete(&[]).await, 204);
    assert_eq!(delete(&[]).await, 404);
    assert_eq!(delete(&[("if-match", "*")]).await, 412);
    assert_eq!(server.get(A1).await.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn every_violated_rule_is_told() {
    let server = TestServer::new();
    let bad = json!({"sku": "B", "texts": [], "prices": [{"kind": "List", "amount": "-1", "currency": "eur"}]});
    let answer = server.put(A1, &[], &bad).await;
    assert_eq!(answer.refusal(), (400, "request_invalid".to_owned()));
    let document = answer.json();
    let mut pointers: Vec<_> =
        document["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.dedup();
    assert_eq!(pointers, ["/sku", "/texts", "/prices/0/kind", "/prices/0/amount", "/prices/0/currency"]);
    for (body, pointer) in [
        (json!({"sku": "A1", "texts": [{"lang": "en", "title": "x"}], "prize": 1}), "/prize"),
        (json!({"sku": "A1", "texts": [{"lang": "en"}]}), "/texts/0"),
        (
            json!({"sku": "A1", "texts": [{"lang": "en", "title": "x"}], "prices": [{"kind": "list", "amount": 1.5, "currency": "EUR"}]}),
            "/prices/0/amount",
        ),
    ] {
        let answer = server.put(A1, &[], &body).await;
        assert_eq!(
            (answer.refusal().0, answer.json()["errors"][0]["pointer"].as_str()),
            (400, Some(pointer)),
            "{}",
            answer.text()
        );
    }
    assert_eq!(server.get(A1).await.status, 404, "nothing was stored");
    assert_eq!(server.get("/v1/catalogs").await.json(), json!({"catalogs": []}));
}

#[tokio::test]
async fn a_sku_may_hold_any_printable_character() {
    let server = TestServer::new();
    for (segment, sku) in [
        ("A%2F1", "A/1"),
        ("a%20b", "a b"),
        ("%C3%A4%22%3C", "ä\"<"),
        ("..", ".."),
        ("%25", "%"),
        ("a+b", "a+b"),
        ("%2Fv1%2Fcatalogs", "/v1/catalogs"),
        ("x%3Fy%23z", "x?y#z"),
    ] {
        let path = format!("/v1/catalogs/main/items/{segment}");
        let created = server.put(&path, &[], &item(sku)).await;
        assert_eq!(created.status, 201, "{segment}: {}", created.text());
        let location = created.header("location").unwrap().to_owned();
        assert!(!location["/v1/catalogs/main/items/".len()..].contains('/'), "{location}");
        for path in [&path, &location] {
            assert_eq!(server.get(path).await.json()["sku"], sku, "{path}");
        }
    }
    for segment in ["%FF", "%0D%0AX-Evil:%201", "%00"] {
        let path = format!("/v1/catalogs/main/items/{segment}");
        let answer = server.get(&path).await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{segment}");
        assert!(answer.headers.get("x-evil").is_none());
    }
    let answer = server.put("/v1/catalogs/main/items/a%0D%0AX-Evil:1", &[], &item("a\r\nX-Evil:1")).await;
    assert_eq!((answer.refusal().0, answer.headers.get("location")), (400, None));
}

#[tokio::test]
async fn bodies_are_limited_and_typed() {
    let server = TestServer::with_config(|config| config.limits.json_body_bytes_max = 1024);
    let large = json!({"sku": "A1", "texts": [{"lang": "en", "title": "x".repeat(1100)}]});
    assert_eq!(server.put(A1, &[], &large).await.refusal(), (413, "body_too_large".to_owned()));
    let answer = server.send(As::Acme, Method::PUT, A1, &[("content-type", "application/xml")], "<item/>").await;
    assert_eq!(answer.refusal(), (415, "media_type_unsupported".to_owned()));
    let answer = server.send(As::Acme, Method::PUT, A1, &[("content-type", "application/json")], "{\"sku\":").await;
    assert_eq!(answer.refusal(), (400, "document_malformed".to_owned()));
    for path in ["/v1/catalogs/-x/items/A1", "/v1/catalogs/%2E%2E%2F/items/A1"] {
        assert_eq!(server.put(path, &[], &item("A1")).await.refusal(), (404, "not_found".to_owned()), "{path}");
    }
}

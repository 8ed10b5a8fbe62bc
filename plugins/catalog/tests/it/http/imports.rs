//! Documents handed in and what is told about them.

use std::time::Duration;

use axum::http::Method;
use plugpoint_sdk::codes;
use plugpoint_sdk::model::ImportMode;

use super::listings::all;
use super::support::{Answer, As, TestServer};

const IMPORTS: &str = "/v1/catalogs/main/imports";

async fn post(server: &TestServer, query: &str, headers: &[(&str, &str)], body: &'static str) -> Answer {
    server.send(As::Acme, Method::POST, &format!("{IMPORTS}{query}"), headers, body).await
}

#[tokio::test]
async fn a_document_is_handed_over_as_it_came() {
    let server = TestServer::new();
    server.desk.lasts(Duration::from_secs(60));
    let headers = [
        ("content-type", "Text/XML; charset=\"ISO-8859-1\""),
        ("idempotency-key", "\"night-1\""),
        ("x-request-id", "r-1"),
    ];
    let answer = post(&server, "?mode=replace", &headers, "<a>\u{0}</a>").await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), Some(format!("{IMPORTS}/{id}").as_str()));
    assert_eq!((&answer.json()["status"], answer.header("preference-applied")), (&"running".into(), None));

    let received = server.desk.received();
    let (receipt, bytes) = &received[0];
    assert_eq!(bytes, b"<a>\0</a>");
    assert_eq!(
        (receipt.tenant.as_str(), receipt.catalog.as_str(), receipt.mode),
        ("acme", "main", Some(ImportMode::Replace))
    );
    assert_eq!((receipt.media_type.as_str(), receipt.charset.as_deref()), ("text/xml", Some("ISO-8859-1")));
    assert_eq!((receipt.idempotency_key.as_deref(), receipt.request_id.as_str()), (Some("night-1"), "r-1"));
    assert!(!receipt.is_canonical);

    let one = server.get(&format!("{IMPORTS}/{id}")).await;
    assert_eq!((one.status, &one.json()["progress"]), (200, &0.5.into()));
    assert_eq!(server.get(&format!("{IMPORTS}/{id}/findings")).await.json(), serde_json::json!({"findings": []}));
    for path in [
        format!("/v1/catalogs/other/imports/{id}"),
        format!("{IMPORTS}/x"),
        format!("{IMPORTS}/{}", uuid::Uuid::now_v7()),
    ] {
        for path in [path.clone(), format!("{path}/findings"), format!("{path}/events")] {
            assert_eq!(server.get(&path).await.refusal(), (404, "not_found".to_owned()), "{path}");
        }
    }
}

#[tokio::test]
async fn without_a_type_the_bytes_speak_for_themselves() {
    let server = TestServer::new();
    assert_eq!(post(&server, "", &[], "sku;title").await.status, 202);
    let (receipt, _) = &server.desk.received()[0];
    assert_eq!(
        (receipt.media_type.as_str(), receipt.mode, receipt.idempotency_key.as_deref()),
        ("application/octet-stream", None, None)
    );
}

#[tokio::test]
async fn every_type_of_a_document_is_taken() {
    let server = TestServer::new();
    for media_type in [
        "application/xml",
        "text/xml; charset=utf-8",
        "application/vnd.acme.catalog+xml",
        "application/json",
        "application/ld+json",
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "text/csv",
        "application/csv",
        "text/plain",
        "Application/Octet-Stream",
    ] {
        assert_eq!(post(&server, "", &[("content-type", media_type)], "x").await.status, 202, "{media_type}");
    }
    let refused = post(&server, "", &[("content-type", "application/pdf")], "x").await;
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("application/pdf") && detail.contains("application/x-ndjson"), "{detail}");
}

#[tokio::test]
async fn what_has_not_ended_is_listed_too() {
    let server = TestServer::new();
    server.desk.lasts(Duration::from_secs(60));
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.insert(0, post(&server, "", &[], "x").await.json()["id"].clone());
    }
    for limit in [1, 2, 5, 100] {
        let listed = all(&server, IMPORTS, "imports", limit).await;
        assert_eq!(listed.iter().map(|import| import["id"].clone()).collect::<Vec<_>>(), ids, "{limit} a page");
        assert!(listed.iter().all(|import| import["status"] == "running"), "{listed:?}");
    }
    let elsewhere = server.get("/v1/catalogs/elsewhere/imports").await.json();
    assert_eq!(elsewhere["imports"], serde_json::json!([]));
}

#[tokio::test]
async fn a_wait_is_a_preference() {
    let server = TestServer::new();
    server.desk.lasts(Duration::from_millis(200));
    for (prefer, status) in [
        ("wait=10", 200),
        ("respond-async, wait=10; x=y", 200),
        ("WAIT=\"10\"", 200),
        ("return=minimal", 202),
        ("wait=0", 202),
    ] {
        let answer = post(&server, "", &[("prefer", prefer)], "x").await;
        assert_eq!(answer.status, status, "{prefer}: {}", answer.text());
        assert_eq!(answer.header("preference-applied"), (status == 200).then_some("wait=10"), "{prefer}");
        assert_eq!(answer.json()["status"] == "succeeded", status == 200);
        assert!(answer.header("location").is_some());
    }
    server.desk.lasts(Duration::from_secs(60));
    assert_eq!(post(&server, "", &[("prefer", "wait=1")], "x").await.status, 202, "not ended in time");
}

#[tokio::test]
async fn refusals_hand_nothing_over() {
    let server = TestServer::with_config(|config| config.limits.import_body_bytes_max = 1024);
    let large: &'static str = Box::leak("x".repeat(1025).into_boxed_str());
    let long: &'static str = Box::leak("k".repeat(201).into_boxed_str());
    type Headers = Vec<(&'static str, &'static str)>;
    let cases: [(&str, Headers, &'static str, u16, &str); 18] = [
        ("", vec![], "", 400, "document_malformed"),
        ("", vec![], large, 413, "body_too_large"),
        ("?mode=replce", vec![], "x", 400, "request_invalid"),
        ("?mod=replace", vec![], "x", 400, "request_invalid"),
        ("", vec![("content-type", "x")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-type", "application/x-www-form-urlencoded")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-type", "multipart/form-data; boundary=x")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-type", "application/pdf")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-type", "application/zip")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-type", "image/svg")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-type", "application/x-json")], "x", 415, "media_type_unsupported"),
        ("", vec![("content-encoding", "gzip")], "xy", 400, "document_malformed"),
        ("", vec![("content-encoding", "gzip")], "", 400, "document_malformed"),
        ("", vec![("content-encoding", "br")], "x", 415, "media_type_unsupported"),
        ("", vec![("idempotency-key", "")], "x", 400, "request_invalid"),
        ("", vec![("idempotency-key", long)], "x", 400, "request_invalid"),
        ("", vec![("idempotency-key", "a b")], "x", 400, "request_invalid"),
        ("", vec![("prefer", "wait=soon")], "x", 400, "request_invalid"),
    ];
    for (query, headers, body, status, code) in cases {
        assert_eq!(
            post(&server, query, &headers, body).await.refusal(),
            (status, code.to_owned()),
            "{query} {headers:?}"
        );
    }
    let twice = post(&server, "", &[("idempotency-key", "a"), ("idempotency-key", "b")], "x").await;
    assert_eq!(twice.refusal().0, 400);
    assert!(server.desk.received().is_empty());

    server.desk.refuses(&codes::STORAGE_FULL);
    assert_eq!(post(&server, "", &[], "x").await.refusal(), (507, "storage_full".to_owned()));
    server.desk.refuses(&codes::UNAVAILABLE);
    let answer = post(&server, "", &[], "x").await;
    assert_eq!((answer.refusal(), answer.header("retry-after")), ((503, "unavailable".to_owned()), Some("3")));
}

#[tokio::test]
async fn a_catalog_name_is_checked_before_the_body() {
    let server = TestServer::new();
    let answer = server.send(As::Acme, Method::POST, "/v1/catalogs/a%2Fb/imports", &[], "x").await;
    assert_eq!(answer.refusal(), (404, "not_found".to_owned()));
}

#[tokio::test]
async fn events_tell_the_progress_until_the_end() {
    let server = TestServer::new();
    server.desk.lasts(Duration::from_millis(700));
    let id = post(&server, "", &[], "x").await.json()["id"].as_str().unwrap().to_owned();
    let stream = server.get(&format!("{IMPORTS}/{id}/events")).await;
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
    let text = stream.text();
    let events: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(events, ["progress", "ended"], "{text}");
    let data: Vec<serde_json::Value> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    assert_eq!((&data[0]["status"], &data[1]["status"]), (&"running".into(), &"succeeded".into()));
    let again = server.get(&format!("{IMPORTS}/{id}/events")).await.text();
    assert!(again.starts_with("event: ended"), "{again}");
}

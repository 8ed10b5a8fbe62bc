//! Request ids, metrics, compression: what the observer does to every answer.

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method};

use crate::support::TestApp;

#[tokio::test]
async fn a_harmless_request_id_comes_back() {
    let app = TestApp::new();
    let with = |id: &str| {
        let id = HeaderValue::from_bytes(id.as_bytes()).unwrap();
        app.request(Method::GET, "/nothing").header("x-request-id", id).body(Body::empty()).unwrap()
    };
    let answer = app.send(with("order-4711")).await;
    assert_eq!(answer.header("x-request-id"), Some("order-4711"));
    assert_eq!(answer.json()["request_id"], "order-4711");
    for foreign in ["a b", "a\tb", "\u{e4}", "x\"y", "<x>", &"a".repeat(129)] {
        let answer = app.send(with(foreign)).await;
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(uuid::Uuid::parse_str(id).unwrap().get_version_num(), 7, "{foreign:?}");
    }
}

#[tokio::test]
async fn every_answer_has_an_id_and_is_not_sniffed() {
    let app = TestApp::new();
    for path in ["/probe", "/nothing", "/healthz", "/docs/", "/openapi.json"] {
        let answer = app.get(path).await;
        assert!(answer.header("x-request-id").is_some(), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}

#[tokio::test]
async fn compresses_only_what_is_worth_it_and_asked_for() {
    let app = TestApp::new();
    for (method, path, accept, coding, etag) in [
        (Method::GET, "/probe/long-name", None, None, Some("\"abc\"")),
        (Method::GET, "/probe/long-name", Some("gzip"), Some("gzip"), Some("\"abc;gzip\"")),
        (Method::GET, "/probe/long-name", Some("br, gzip;q=0.5"), Some("br"), Some("\"abc;br\"")),
        (Method::GET, "/probe/long-name", Some("zstd"), None, Some("\"abc\"")),
        (Method::GET, "/probe/long-name", Some("gzip;q=0"), None, Some("\"abc\"")),
        (Method::HEAD, "/probe/long-name", Some("gzip"), None, Some("\"abc\"")),
        (Method::GET, "/probe?text=a", Some("gzip"), None, None),
        (Method::GET, "/nothing", Some("gzip"), None, None),
    ] {
        let mut request = app.request(method.clone(), path);
        if let Some(accept) = accept {
            request = request.header("accept-encoding", accept);
        }
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("content-encoding"), coding, "{method} {path} {accept:?}");
        assert_eq!(answer.header("etag"), etag, "{method} {path} {accept:?}");
        if coding.is_some() {
            assert!(answer.body.len() < 200, "{} bytes", answer.body.len());
        }
    }
}

#[tokio::test]
async fn counts_by_template_never_by_address() {
    let app = TestApp::new();
    for path in ["/probe/one", "/probe/two", "/secret-path"] {
        app.get(path).await;
    }
    app.send(Request::builder().method("BREW").uri("/probe").body(Body::empty()).unwrap()).await;
    let metrics = String::from_utf8(app.get("/metrics").await.body).unwrap();
    for line in [
        r#"http_requests_total{method="GET",route="/probe/{name}",status="200"}"#,
        r#"http_requests_total{method="GET",route="unmatched",status="404"}"#,
        r#"http_requests_total{method="other",route="/probe",status="405"}"#,
        "http_request_duration_seconds_bucket{",
        "auth_verifications_total",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
    assert!(!metrics.contains("secret-path") && !metrics.contains("BREW") && !metrics.contains("acme"));
}

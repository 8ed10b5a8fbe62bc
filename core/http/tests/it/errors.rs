//! One table of refusals: request in, status and code out.

use axum::body::Body;
use axum::http::Method;

use crate::support::TestApp;

struct Case {
    method: Method,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    status: u16,
    code: &'static str,
    /// The first violated rule's pointer and code.
    error: Option<(&'static str, &'static str)>,
}

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

fn get(path: &'static str, status: u16, code: &'static str, error: Option<(&'static str, &'static str)>) -> Case {
    Case { method: Method::GET, path, headers: &[], body: "", status, code, error }
}

fn post(
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    status: u16,
    code: &'static str,
    error: Option<(&'static str, &'static str)>,
) -> Case {
    Case { method: Method::POST, path: "/probe", headers, body, status, code, error }
}

/// What the framework and the query refuse.
fn refused_addresses() -> Vec<Case> {
    let invalid = "request_invalid";
    vec![
        get("/nothing", 404, "not_found", None),
        get("/probe/a/b", 404, "not_found", None),
        get("/probe/%ff", 404, "not_found", None),
        get("/docs/errors/nothing", 404, "not_found", None),
        get("/docs/nothing.js", 404, "not_found", None),
        get("/docs/errors/%ff", 404, "not_found", None),
        get("/docs/%ff", 404, "not_found", None),
        get("/probe?limt=1", 400, invalid, Some(("?limt", "parameter_unknown"))),
        get("/probe?limit=", 400, invalid, Some(("?limit", "field_invalid"))),
        get("/probe?limit=0", 400, invalid, Some(("?limit", "field_range"))),
        get("/probe?limit=11", 400, invalid, Some(("?limit", "field_range"))),
        get("/probe?limit=-1", 400, invalid, Some(("?limit", "field_invalid"))),
        get("/probe?limit=4294967296", 400, invalid, Some(("?limit", "field_invalid"))),
        get("/probe?limit=1&limit=2", 400, invalid, Some(("?limit", "parameter_repeated"))),
        get("/probe?text=123456", 400, invalid, Some(("?text", "field_length"))),
        get("/probe?text=", 400, invalid, Some(("?text", "field_length"))),
        get("/probe?text=%ff", 400, invalid, Some(("?text", "encoding_invalid"))),
        get("/probe?flag=yes", 400, invalid, Some(("?flag", "field_invalid"))),
        get("/probe?text=panic", 500, "internal", None),
    ]
}

/// What is wrong with a body.
fn refused_bodies() -> Vec<Case> {
    let invalid = "request_invalid";
    vec![
        post(JSON, "", 400, "document_malformed", None),
        post(JSON, "{", 400, "document_malformed", None),
        post(JSON, "{\"text\":\"a\"} x", 400, "document_malformed", None),
        post(JSON, "{\"text\":\"\u{1}\"}", 400, "document_malformed", None),
        post(JSON, "[]", 400, invalid, Some(("", "field_invalid"))),
        post(JSON, "{}", 400, invalid, Some(("", "field_required"))),
        post(JSON, "{\"text\":1}", 400, invalid, Some(("/text", "field_invalid"))),
        post(JSON, "{\"text\":\"a\",\"x\":1}", 400, invalid, Some(("/x", "field_unknown"))),
        post(JSON, "{\"text\":\"\"}", 400, invalid, Some(("/text", "field_length"))),
        post(
            JSON,
            "{\"text\":\"a\",\"parts\":[{\"number\":1},{\"number\":0}]}",
            400,
            invalid,
            Some(("/parts/1/number", "field_range")),
        ),
        post(
            JSON,
            "{\"text\":\"a\",\"parts\":[{\"number\":\"1\"}]}",
            400,
            invalid,
            Some(("/parts/0/number", "field_invalid")),
        ),
        post(&[], "{}", 415, "media_type_unsupported", None),
        post(&[("content-type", "text/plain")], "{}", 415, "media_type_unsupported", None),
        post(&[("content-type", "json")], "{}", 415, "media_type_unsupported", None),
        post(
            &[("content-type", "application/json"), ("content-encoding", "gzip")],
            "{}",
            400,
            "document_malformed",
            None,
        ),
        post(
            &[("content-type", "application/json"), ("content-encoding", "br")],
            "{}",
            415,
            "media_type_unsupported",
            None,
        ),
    ]
}

#[tokio::test]
async fn every_refusal_is_a_problem_document() {
    let app = TestApp::new();
    let cases = refused_addresses().into_iter().chain(refused_bodies());
    for Case { method, path, headers, body, status, code, error } in cases {
        let mut request = app.request(method.clone(), path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = app.send(request.body(Body::from(body)).unwrap()).await;
        let what = format!("{method} {path} {headers:?} {body}");
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{what}: {}", answer.json());
        let first = &answer.json()["errors"][0];
        assert_eq!(
            error,
            error.and(Some((first["pointer"].as_str().unwrap_or("-"), first["code"].as_str().unwrap_or("-")))),
            "{what}"
        );
    }
}

#[tokio::test]
async fn too_long_queries_are_refused_before_the_handler() {
    let app = TestApp::with_config(|config| config.limits.query_bytes_max = 18);
    assert_eq!(app.get("/probe?text=abcde&limit=10").await.refusal(), (414, "uri_too_long".to_owned()));
    assert_eq!(app.get("/probe?text=abcde&limit=").await.refusal().0, 400);
    let app = TestApp::with_config(|config| config.limits.url_bytes_max = 256);
    assert_eq!(app.get(&format!("/probe/{}", "x".repeat(250))).await.refusal().0, 414);
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let app = TestApp::new();
    for (method, path, allow) in [
        (Method::DELETE, "/probe", "GET,HEAD,POST"),
        (Method::PATCH, "/probe/x", "GET,HEAD,PUT"),
        (Method::POST, "/healthz", "GET,HEAD"),
        (Method::PUT, "/openapi.json", "GET,HEAD"),
    ] {
        let answer = app.send(app.request(method, path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.refusal(), (405, "method_not_allowed".to_owned()), "{path}");
        assert_eq!(answer.header("allow"), Some(allow), "{path}");
    }
    let answer = app.send(app.request(Method::OPTIONS, "/probe").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (204, Some("GET,HEAD,POST")));
}

#[tokio::test]
async fn head_has_the_head_of_get() {
    let app = TestApp::new();
    let got = app.get("/probe?text=a").await;
    let head = app.send(app.request(Method::HEAD, "/probe?text=a").body(Body::empty()).unwrap()).await;
    assert_eq!((head.status, head.body.len()), (got.status, 0));
    assert_eq!(head.header("content-type"), got.header("content-type"));
    assert_eq!(head.header("content-length"), Some(got.body.len().to_string().as_str()));
    for path in ["/nothing", "/probe?limit=0"] {
        let head = app.send(app.request(Method::HEAD, path).body(Body::empty()).unwrap()).await;
        assert_eq!((head.body.len(), head.header("content-type")), (0, Some("application/problem+json")), "{path}");
        let got = app.get(path).await;
        assert_eq!((head.status, head.header("content-length")), (got.status, got.header("content-length")), "{path}");
    }
}

#[tokio::test]
async fn a_near_match_is_offered() {
    let app = TestApp::new();
    let message = app.get("/probe?limt=1").await.json()["errors"][0]["message"].clone();
    assert_eq!(message, "there is no parameter \"limt\"; did you mean \"limit\"?");
}

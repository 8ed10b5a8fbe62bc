//! What an operation may cost a tenant: shown to it, passed at the limit, refused one beyond it, however the body comes.

use std::convert::Infallible;
use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::Method;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::{As, TestServer};

const PROFILE: &str = "[limits]\ndocument_bytes_max = 2000\nrecords_max = 7\nreceives_max = 3\nexports_max = 10\n\
    [limits.operations.createImport]\nbody_bytes_max = 1500\nwait_s_max = 9\n\
    [limits.operations.putItem]\nbody_bytes_max = 1200\n\
    [limits.operations.listItems]\npage_items_max = 2\n\
    [limits.operations.listCatalogs]\npage_items_max = 5000\n\
    [limits.operations.GetItem]\nbody_bytes_max = 900\n";

/// The limits of an operation as a tenant sees them.
async fn shown(server: &TestServer, operation: &str) -> serde_json::Value {
    let tenant = server.get("/v1/tenants/self").await.json();
    let operations = tenant["limits"]["operations"].as_array().unwrap().clone();
    operations.into_iter().find(|one| one["operation"] == operation).unwrap()
}

#[tokio::test]
async fn a_tenant_sees_the_limits_that_hold_for_it() {
    let server = TestServer::with_profile(PROFILE);
    let limits = server.get("/v1/tenants/self").await.json()["limits"].clone();
    let of = |key: &str| limits[key].as_u64().unwrap();
    assert_eq!((of("document_bytes_max"), of("item_bytes_max"), of("records_max")), (2000, 1200, 7));
    assert_eq!((of("receives_max"), of("exports_max")), (3, 2), "lowered, and not raised");
    for (operation, expected) in [
        ("createImport", serde_json::json!({"body_bytes_max": 1500, "wait_s_max": 9})),
        ("putItem", serde_json::json!({"body_bytes_max": 1200})),
        ("listItems", serde_json::json!({"page_items_max": 2})),
        ("listCatalogs", serde_json::json!({"page_items_max": 1000})),
        ("ImportCatalog", serde_json::json!({"body_bytes_max": 17_179_869_184_u64, "wait_s_max": 300})),
        ("GetItem", serde_json::json!({"body_bytes_max": 900})),
    ] {
        let mut expected = expected;
        expected["operation"] = operation.into();
        assert_eq!(shown(&server, operation).await, expected);
    }
    let plain = TestServer::new();
    assert_eq!(shown(&plain, "createImport").await["body_bytes_max"], 17_179_869_184_u64);
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn chunked(text: &str) -> Body {
    let chunks: Vec<_> = text.as_bytes().chunks(100).map(Bytes::copy_from_slice).map(Ok::<_, Infallible>).collect();
    Body::from_stream(tokio_stream::iter(chunks))
}

#[tokio::test]
async fn bodies_pass_at_the_limit_and_are_refused_one_byte_beyond() {
    let server = TestServer::with_profile(PROFILE);
    let item = |bytes: usize| {
        let (head, tail) = (r#"{"sku":"A","texts":[{"lang":"en","title":"A"}]"#, "}");
        format!("{head}{}{tail}", " ".repeat(bytes - head.len() - tail.len()))
    };
    for (method, path, limit) in
        [(Method::POST, "/v1/catalogs/main/imports", 1500), (Method::PUT, "/v1/catalogs/main/items/A", 1200)]
    {
        let json = ("content-type", "application/json");
        for (bytes, fits) in [(limit, true), (limit + 1, false)] {
            let text = item(bytes);
            let bodies = [
                ("with its length", vec![json], Body::from(text.clone())),
                ("in chunks", vec![json], chunked(&text)),
                ("packed", vec![json, ("content-encoding", "gzip")], Body::from(packed(&text))),
            ];
            for (how, headers, body) in bodies {
                let before = server.desk.received().len();
                let answer = server.send(As::Acme, method.clone(), path, &headers, body).await;
                match fits {
                    true => assert!(answer.status < 300, "{path} {how} {bytes}: {}", answer.text()),
                    false => {
                        assert_eq!(answer.refusal(), (413, "body_too_large".to_owned()), "{path} {how} {bytes}");
                        assert_eq!(server.desk.received().len(), before, "nothing was handed over");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_announced_beyond_the_limit_is_refused_unread() {
    let server = TestServer::with_profile("[limits]\ndocument_bytes_max = 1024");
    let body = |bytes: u64| {
        let unread = tokio_stream::pending::<Result<Bytes, Infallible>>();
        Body::new(Announced { bytes, body: Body::from_stream(unread) })
    };
    let answer = server.send(As::Acme, Method::POST, "/v1/catalogs/main/imports", &[], body(1025)).await;
    assert_eq!(answer.refusal(), (413, "body_too_large".to_owned()));
    server.desk.refuses(&plugpoint_sdk::codes::STORAGE_FULL);
    let answer = server.send(As::Acme, Method::POST, "/v1/catalogs/main/imports", &[], body(1024)).await;
    assert_eq!(answer.refusal(), (507, "storage_full".to_owned()), "the desk is asked before the body is");
}

/// A body that says how large it is, and never comes.
struct Announced {
    bytes: u64,
    body: Body,
}

impl axum::body::HttpBody for Announced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        ctx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(ctx)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.bytes)
    }
}

#[tokio::test]
async fn pages_are_as_long_as_the_tenant_may_have_them() {
    let server = TestServer::with_profile(PROFILE);
    for sku in ["A", "B", "C"] {
        server.stock(sku).await;
    }
    for (asked, expected) in [(1, 1), (2, 2), (3, 2), (1000, 2)] {
        let page = server.get(&format!("/v1/catalogs/main/items?limit={asked}")).await.json();
        assert_eq!(page["items"].as_array().unwrap().len(), expected, "{asked}");
    }
}

#[tokio::test]
async fn a_wait_is_as_long_as_the_tenant_may_wait() {
    let server = TestServer::with_profile(PROFILE);
    let headers = [("prefer", "wait=60")];
    let answer = server.send(As::Acme, Method::POST, "/v1/catalogs/main/imports", &headers, "x").await;
    assert_eq!(answer.header("preference-applied"), Some("wait=9"), "{}", answer.text());
}

//! Case folders: a request as a client sends it, and everything that comes of it.
//!
//! `request.xml` is the body; `request.headers` replaces the usual headers, and may start with another request line;
//! `expected.txt` is status, content type, body (a line per tag) and what was sealed. `UPDATE_EXPECTED=1` writes it anew,
//! to be read before it is committed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, Response};
use plugpoint_sdk::desk::Receipt;

use crate::desk::Desk;
use crate::{BASIC, PATH, endpoint, send};

#[tokio::test]
async fn every_case_is_answered_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut failures = Vec::new();
    let mut count = 0;
    let mut entries: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for case in entries {
        count += 1;
        let found = run(&case).await;
        let file = case.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&file, &found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if found != expected {
            failures.push(format!("{}:\n{found}\n-- expected:\n{expected}", case.display()));
        }
    }
    assert!(failures.is_empty(), "{} of {count} cases differ:\n{}", failures.len(), failures.join("\n"));
    assert!(count >= 60, "only {count} cases");
}

async fn run(case: &Path) -> String {
    let desk = Arc::new(Desk::default());
    let response = send(endpoint(&desk), request(case)).await;
    let sealed = desk.sealed.lock().unwrap();
    told(&response, &sealed)
}

fn request(case: &Path) -> Request<Body> {
    let body = fs::read(case.join("request.xml")).unwrap_or_default();
    let usual = format!("Content-Type: text/xml; charset=utf-8\nSOAPAction: \"\"\nAuthorization: {BASIC}\n");
    let headers = fs::read_to_string(case.join("request.headers")).unwrap_or(usual);
    let mut request = Request::builder().method(Method::POST).uri(PATH).header("X-Request-Id", "case");
    for line in headers.lines().filter(|line| !line.is_empty()) {
        request = match line.split_once(": ") {
            Some((name, value)) => request.header(name, value),
            None => {
                let (method, uri) = line.split_once(' ').unwrap();
                request.method(method).uri(uri)
            }
        };
    }
    request.body(Body::from(body)).unwrap()
}

/// An answer and what was sealed, in the form of `expected.txt`.
fn told(response: &Response<String>, sealed: &[(Receipt, Vec<u8>)]) -> String {
    let mut told = format!("{}\n", response.status());
    for name in ["content-type", "retry-after", "allow"] {
        if let Some(value) = response.headers().get(name) {
            writeln!(told, "{name}: {}", value.to_str().unwrap()).unwrap();
        }
    }
    let body = response.body().replace("><", ">\n<");
    writeln!(told, "\n{}", body.trim_end()).unwrap();
    for (receipt, bytes) in sealed {
        let Receipt { tenant, catalog, mode, idempotency_key, media_type, charset, is_canonical, request_id, .. } =
            receipt;
        writeln!(told, "\nsealed for {tenant} {catalog} {mode:?} {idempotency_key:?} {media_type} {charset:?}")
            .unwrap();
        writeln!(told, "canonical {is_canonical}, request {request_id}").unwrap();
        writeln!(told, "{}", String::from_utf8(bytes.clone()).unwrap()).unwrap();
    }
    told
}

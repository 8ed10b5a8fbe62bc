//! Refusals while the client still sends: the answer is seen all the same, within bounds.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{TestApp, basic};

/// Serves the application on a free port until the runtime ends.
async fn serve(app: &TestApp) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = app.router.clone();
    tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback_service(router)).await });
    address
}

/// Sends a head, gives the server time to answer and close, sends the body as an ordinary client does, and only then reads.
fn late_body(address: SocketAddr, head: &str, body: &[u8]) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(head.as_bytes())?;
    std::thread::sleep(Duration::from_millis(200));
    for chunk in body.chunks(64 * 1024) {
        stream.write_all(chunk)?;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn head(line: &str, length: usize, more: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{more}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_seen_by_a_client_that_sends_everything_first() {
    let app = TestApp::with_config(|config| config.limits.json_body_bytes_max = 1024);
    let address = serve(&app).await;
    let known =
        format!("Authorization: {}\r\nContent-Type: application/json\r\n", basic(&app.acme.key_id, &app.acme.secret));
    let form = known.replace("json", "x-www-form-urlencoded");
    for (line, more, status) in [
        ("POST /probe", "", 401),
        ("POST /probe", "Authorization: Bearer wrong:secret\r\n", 401),
        ("POST /probe", form.as_str(), 415),
        ("POST /probe", known.as_str(), 413),
        ("POST /nothing", known.as_str(), 404),
        ("DELETE /probe", known.as_str(), 405),
    ] {
        for length in [3, 4 * 1024 * 1024] {
            if status == 413 && length == 3 {
                continue;
            }
            let (head, body) = (head(line, length, more), vec![b' '; length]);
            let answer = tokio::task::spawn_blocking(move || late_body(address, &head, &body)).await.unwrap();
            let answer = answer.unwrap_or_else(|error| panic!("{line} {status}, {length} bytes: {error}"));
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}, {length} bytes: {answer}");
            assert!(answer.contains("application/problem+json"), "{answer}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn patience_ends() {
    let app = TestApp::with_config(|config| {
        config.limits.unread_body_bytes_max = 256 * 1024;
        config.limits.unread_body_timeout_s = 1;
    });
    let address = serve(&app).await;
    let gone = |head: String, body: Vec<u8>| {
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            // Whether the client sees the answer or a broken connection is up to chance now; that it ends is not.
            let _ = late_body(address, &head, &body);
            started.elapsed()
        })
    };
    let endless = head("POST /probe", 1 << 40, "");
    for body in [vec![b' '; 64 * 1024 * 1024], vec![b' '; 10]] {
        let took = gone(endless.clone(), body).await.unwrap();
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_waits_for_continue_is_not_told_to() {
    let app = TestApp::new();
    let address = serve(&app).await;
    let head = head("POST /probe", 1000, "Expect: 100-continue\r\n");
    let answer = tokio::task::spawn_blocking(move || late_body(address, &head, b"")).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

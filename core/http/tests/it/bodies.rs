//! Bodies: bounded in bytes and time, streamed to a thread that may block.

use std::convert::Infallible;
use std::io::Write;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use plugpoint_http::RequestBody;
use plugpoint_http::body::{BodyLimits, receive};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::support::TestApp;

const LIMITS: BodyLimits = BodyLimits {
    bytes_max: 1000,
    unpack_ratio_max: 200,
    gzip_members_max: 10,
    idle_max: Duration::from_millis(150),
    total_max: Duration::from_millis(600),
};

fn chunks(sizes: &[usize]) -> Body {
    let chunks: Vec<_> = sizes.iter().map(|size| Ok::<_, Infallible>(Bytes::from(vec![b'x'; *size]))).collect();
    Body::from_stream(tokio_stream::iter(chunks))
}

async fn length(body: Body, limits: BodyLimits) -> Result<u64, &'static str> {
    let received = receive(RequestBody::plain(body), limits, |reader| {
        let mut sink = Vec::new();
        let read = std::io::copy(reader, &mut sink)
            .map_err(|error| plugpoint_sdk::error::ApiError::new(&plugpoint_sdk::codes::INTERNAL, error.to_string()))?;
        assert_eq!((sink.len() as u64, reader.received()), (read, read));
        Ok(read)
    });
    received.await.map_err(|error| error.code.name)
}

#[tokio::test]
async fn bytes_are_counted() {
    for (sizes, expected) in [
        (vec![], Ok(0)),
        (vec![0, 0], Ok(0)),
        (vec![1, 0, 2], Ok(3)),
        (vec![500, 500], Ok(1000)),
        (vec![500, 501], Err("body_too_large")),
        (vec![1001], Err("body_too_large")),
    ] {
        assert_eq!(length(chunks(&sizes), LIMITS).await, expected, "{sizes:?}");
    }
    assert_eq!(length(Body::from(vec![0; 1001]), LIMITS).await, Err("body_too_large"));
    assert_eq!(length(Body::from(vec![0; 1000]), LIMITS).await, Ok(1000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_given_up() {
    for (pause, parts, expected) in [(400, 2, "request_timeout"), (100, 20, "request_timeout")] {
        let (sender, receiver) = mpsc::channel::<Result<Bytes, Infallible>>(1);
        tokio::spawn(async move {
            for _ in 0..parts {
                if sender.send(Ok(Bytes::from_static(b"x"))).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
        });
        let body = Body::from_stream(ReceiverStream::new(receiver));
        assert_eq!(length(body, LIMITS).await, Err(expected), "a pause of {pause} ms");
    }
}

#[tokio::test]
async fn a_broken_body_is_told_from_a_broken_job() {
    let parts = [Ok(Bytes::from_static(b"abc")), Err(std::io::Error::other("the line is gone"))];
    assert_eq!(
        length(Body::from_stream(tokio_stream::iter(parts).map(|part| part)), LIMITS).await,
        Err("body_incomplete")
    );
    let result = receive(RequestBody::plain("abc"), LIMITS, |_| {
        Err::<(), _>(plugpoint_sdk::error::ApiError::new(&plugpoint_sdk::codes::STORAGE_FULL, "full"))
    });
    assert_eq!(result.await.unwrap_err().code.name, "storage_full");
    let result = receive(RequestBody::plain("abc"), LIMITS, |_| -> Result<(), _> { panic!("a job's panic") });
    assert_eq!(result.await.unwrap_err().code.name, "internal");
}

#[tokio::test]
async fn limits_come_from_the_configuration() {
    let app = TestApp::with_config(|config| {
        config.limits.import_body_bytes_max = 100;
        config.limits.json_body_bytes_max = 50;
    });
    let put = |size| app.request(Method::PUT, "/probe/x").body(Body::from(vec![b'x'; size])).unwrap();
    assert_eq!(app.send(put(100)).await.body, b"100");
    assert_eq!(app.send(put(101)).await.refusal(), (413, "body_too_large".to_owned()));
    let post = app.request(Method::POST, "/probe").header("content-type", "application/json");
    assert_eq!(
        app.send(post.body(Body::from(vec![b' '; 51])).unwrap()).await.refusal(),
        (413, "body_too_large".to_owned())
    );
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn packed_bodies_are_unpacked_whoever_takes_them() {
    let app = TestApp::new();
    let document = b"0123456789".repeat(20_000);
    let json = br#"{"text":"abc","parts":[{"number":1}]}"#;
    for (coding, put, post) in [
        ("gzip", gzip(&document), gzip(json)),
        ("x-gzip", [gzip(&document[..7]), gzip(&document[7..])].concat(), [gzip(json), gzip(b"")].concat()),
        ("deflate", zlib(&document), zlib(json)),
        ("identity", document.clone(), json.to_vec()),
    ] {
        let request = app.request(Method::PUT, "/probe/x").header("content-encoding", coding);
        let pieces: Vec<_> = put.chunks(100).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
        let answer = app.send(request.body(Body::from_stream(tokio_stream::iter(pieces))).unwrap()).await;
        assert_eq!(String::from_utf8(answer.body).unwrap(), "200000", "{coding}");
        let request = app.request(Method::POST, "/probe").header("content-type", "application/json");
        let answer = app.send(request.header("content-encoding", coding).body(Body::from(post)).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.json()["text"].as_str()), (200, Some("abc")), "{coding}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_packed_body_is_told() {
    let app = TestApp::with_config(|config| {
        config.limits.json_body_bytes_max = 1 << 19;
        config.limits.import_body_bytes_max = 10 << 20;
        config.limits.gzip_members_max = 3;
    });
    let bomb = gzip(&vec![b' '; 5 << 20]);
    let cut = gzip(b"{}")[..15].to_vec();
    let exact = |bytes: usize| gzip(&[br#"{"text":"a"}"#.to_vec(), vec![b' '; bytes - 12]].concat());
    for (coding, body, put, post) in [
        ("br", b"x".to_vec(), (415, "media_type_unsupported"), (415, "media_type_unsupported")),
        ("gzip, gzip", b"x".to_vec(), (415, "media_type_unsupported"), (415, "media_type_unsupported")),
        ("gzip", b"x".to_vec(), (400, "body_incomplete"), (400, "body_incomplete")),
        ("gzip", b"{}".to_vec(), (400, "document_malformed"), (400, "document_malformed")),
        ("gzip", Vec::new(), (400, "document_malformed"), (400, "document_malformed")),
        ("gzip", cut, (400, "body_incomplete"), (400, "body_incomplete")),
        ("gzip", gzip(b" ").repeat(4), (400, "limit_exceeded"), (400, "limit_exceeded")),
        ("gzip", exact(1 << 19), (200, ""), (200, "")),
        ("gzip", exact((1 << 19) + 1), (200, ""), (413, "body_too_large")),
        ("gzip", bomb, (400, "limit_exceeded"), (413, "body_too_large")),
        ("identity", vec![b' '; (10 << 20) + 1], (413, "body_too_large"), (413, "body_too_large")),
    ] {
        for (method, path, expected) in [(Method::PUT, "/probe/x", put), (Method::POST, "/probe", post)] {
            let request = app.request(method, path).header("content-type", "application/json");
            let request = request.header("content-encoding", coding).body(Body::from(body.clone())).unwrap();
            let answer = app.send(request).await;
            let what = format!("{path}, {} bytes of {coding}", body.len());
            if expected.0 == 200 {
                assert_eq!(answer.status.as_u16(), 200, "{what}: {}", String::from_utf8_lossy(&answer.body));
                continue;
            }
            assert_eq!(answer.refusal(), (expected.0, expected.1.to_owned()), "{what}: {}", answer.json());
            let told = (expected.0 == 415).then_some("gzip, deflate, identity");
            assert_eq!(answer.header("accept-encoding"), told, "{what}");
        }
    }
    let picture =
        app.request(Method::POST, "/probe").header("content-type", "image/png").body(Body::from("x")).unwrap();
    let answer = app.send(picture).await;
    assert_eq!(
        (answer.refusal().0, answer.header("accept-encoding")),
        (415, None),
        "the type is wrong, not the coding"
    );
}

#[tokio::test]
async fn unpacked_bytes_count_and_a_broken_line_is_told_from_a_broken_stream() {
    let headers = HeaderMap::from_iter([("content-encoding".parse().unwrap(), HeaderValue::from_static("gzip"))]);
    let packed = |body: Body| RequestBody::of(&headers, body).unwrap_or_else(|error| panic!("{error}"));
    for (bytes, expected) in [(1000, Ok(1000)), (1001, Err("body_too_large"))] {
        let body = packed(Body::from(gzip(&vec![b'x'; bytes])));
        let read = receive(body, LIMITS, |reader| reader.copy_to(&mut std::io::sink())).await;
        assert_eq!(read.map_err(|error| error.code.name), expected);
    }
    let parts = [Ok(Bytes::from(gzip(b"abc")[..5].to_vec())), Err(std::io::Error::other("the line is gone"))];
    let body = packed(Body::from_stream(tokio_stream::iter(parts)));
    let error = receive(body, LIMITS, |reader| reader.copy_to(&mut std::io::sink())).await.unwrap_err();
    assert_eq!(
        (error.code.name, error.detail.as_str()),
        ("body_incomplete", "the connection ended before the body did")
    );
}

//! Bodies: bounded in bytes and time, streamed to a thread that may block.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::Method;
use plugpoint_http::body::{BodyLimits, receive};
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::support::TestApp;

const LIMITS: BodyLimits =
    BodyLimits { bytes_max: 1000, idle_max: Duration::from_millis(150), total_max: Duration::from_millis(600) };

fn chunks(sizes: &[usize]) -> Body {
    let chunks: Vec<_> = sizes.iter().map(|size| Ok::<_, Infallible>(Bytes::from(vec![b'x'; *size]))).collect();
    Body::from_stream(tokio_stream::iter(chunks))
}

async fn length(body: Body, limits: BodyLimits) -> Result<u64, &'static str> {
    let received = receive(body, limits, |reader| {
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
    let result = receive(Body::from("abc"), LIMITS, |_| {
        Err::<(), _>(plugpoint_sdk::error::ApiError::new(&plugpoint_sdk::codes::STORAGE_FULL, "full"))
    });
    assert_eq!(result.await.unwrap_err().code.name, "storage_full");
    let result = receive(Body::from("abc"), LIMITS, |_| -> Result<(), _> { panic!("a job's panic") });
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

//! What an operation may cost its tenant: at the limit it passes, one byte beyond it is refused by a fault, however the message comes.

use std::io::Write;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Request;
use flate2::Compression;
use flate2::write::GzEncoder;
use plugpoint_sdk::operation::{ApiOperation, OperationLimits};

use crate::desk::Desk;
use crate::{BASIC, PATH, endpoint_for, endpoint_limited, send};

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
const ID: &str = "01970000-0000-7000-8000-000000000001";

fn message(version: &str, name: &str, fields: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='{version}'><s:Body><{name} xmlns='urn:plugpoint:catalog:v1'>{fields}</{name}></s:Body></s:Envelope>"
    )
}

/// One message of each operation.
fn messages(version: &str) -> Vec<(ApiOperation, String)> {
    let import = "<catalogId>spring</catalogId><mode>merge</mode><document><a>some text</a></document>";
    [
        (ApiOperation::SoapImportCatalog, import.to_owned()),
        (ApiOperation::SoapSubmitCatalog, import.to_owned()),
        (ApiOperation::SoapGetImportStatus, format!("<importId>{ID}</importId>")),
        (ApiOperation::SoapGetItem, "<catalogId>spring</catalogId><sku>A1</sku>".to_owned()),
        (ApiOperation::SoapListItems, "<catalogId>spring</catalogId>".to_owned()),
    ]
    .into_iter()
    .map(|(operation, fields)| (operation, message(version, operation.name(), &fields)))
    .collect()
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Sent {
    WithLength,
    InChunks(usize),
    Packed,
}

fn request(message: &str, sent: Sent) -> Request<Body> {
    let request = Request::post(PATH).header("content-type", "text/xml").header("authorization", BASIC);
    let chunks = |bytes: &[u8], size: usize| {
        let chunks: Vec<_> = bytes.chunks(size).map(Bytes::copy_from_slice).map(Ok::<_, std::io::Error>).collect();
        Body::from_stream(tokio_stream::iter(chunks))
    };
    match sent {
        Sent::WithLength => request.body(Body::from(message.to_owned())),
        Sent::InChunks(size) => request.body(chunks(message.as_bytes(), size)),
        Sent::Packed => {
            let mut packer = GzEncoder::new(Vec::new(), Compression::default());
            packer.write_all(message.as_bytes()).unwrap();
            request.header("content-encoding", "gzip").body(Body::from(packer.finish().unwrap()))
        }
    }
    .unwrap()
}

/// Status and code of the answer to a message of an operation that may have so many bytes, and how many documents were kept.
async fn answer(operation: ApiOperation, bytes_max: usize, request: Request<Body>) -> (u16, String, usize) {
    let desk = Arc::new(Desk::default());
    let limits_of = move |tenant: &plugpoint_sdk::model::TenantId, asked: ApiOperation| {
        assert_eq!(tenant.as_str(), "acme");
        let body_bytes_max = (asked == operation).then_some(bytes_max as u64);
        OperationLimits { body_bytes_max, ..OperationLimits::default() }
    };
    let response = send(endpoint_limited(&desk, |_| Ok("acme".parse().unwrap()), limits_of), request).await;
    let code = response.body().split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("none");
    let code = if response.body().contains("Fault>") { code } else { "none" };
    let kept = desk.sealed.lock().unwrap().len();
    (response.status().as_u16(), code.to_owned(), kept)
}

#[tokio::test]
async fn a_message_at_the_limit_of_its_operation_passes_and_one_beyond_is_refused() {
    for (version, refused) in [(SOAP_11, 500), (SOAP_12, 400)] {
        for (operation, message) in messages(version) {
            for sent in [Sent::WithLength, Sent::InChunks(7), Sent::InChunks(usize::MAX), Sent::Packed] {
                let (status, code, kept) = answer(operation, message.len(), request(&message, sent)).await;
                let keeps = matches!(operation, ApiOperation::SoapImportCatalog | ApiOperation::SoapSubmitCatalog);
                assert!(status < 300, "{operation:?} {sent:?}: {status} {code}");
                assert_eq!(kept, usize::from(keeps), "{operation:?} {sent:?}");
                let told = answer(operation, message.len() - 1, request(&message, sent)).await;
                assert_eq!(told, (refused, "body_too_large".to_owned(), 0), "{operation:?} {sent:?}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_announced_is_refused_before_the_payload_is_read() {
    let desk = Arc::new(Desk::default());
    let limits = |_: &plugpoint_sdk::model::TenantId, _| OperationLimits {
        body_bytes_max: Some(100_000),
        ..OperationLimits::default()
    };
    let payload = "x".repeat(200_000);
    let fields = format!("<catalogId>spring</catalogId><mode>merge</mode><document><a>{payload}</a></document>");
    let message = message(SOAP_11, "ImportCatalog", &fields);
    let endpoint = endpoint_limited(&desk, |_| Ok("acme".parse().unwrap()), limits);
    let response = send(endpoint, request(&message, Sent::WithLength)).await;
    assert!(response.body().contains("<code>body_too_large</code>"), "{}", response.body());
    assert!(response.body().contains("100000 bytes"), "{}", response.body());
    assert_eq!(*desk.begun.lock().unwrap(), 0, "no place in the spool was asked for");
}

#[tokio::test]
async fn the_desk_is_told_how_large_a_message_says_it_is() {
    let message = messages(SOAP_11).remove(0).1;
    for (sent, expected) in [(Sent::WithLength, Some(message.len() as u64)), (Sent::InChunks(50), None)] {
        let desk = Arc::new(Desk::default());
        let response = send(endpoint_for(&desk, |_| Ok("acme".parse().unwrap())), request(&message, sent)).await;
        assert_eq!(response.status(), 200, "{}", response.body());
        assert_eq!(desk.sealed.lock().unwrap()[0].0.bytes_announced, expected, "{sent:?}");
    }
}

//! What depends on how a body arrives, ends, or how large it is: nothing half-taken is ever sealed.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use plugpoint_sdk::xml::{XmlEvent, XmlReader};
use proptest::prelude::*;
use tokio_stream::StreamExt;

use crate::desk::Desk;
use crate::{BODY_BYTES_MAX, endpoint, post, send};

fn import(payload: &str) -> String {
    format!(
        "<?xml version='1.0'?><s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>\
         <ImportCatalog xmlns='urn:plugpoint:catalog:v1'><catalogId>spring</catalogId><mode>merge</mode>{payload}\
         </ImportCatalog></s:Body></s:Envelope>"
    )
}

fn chunks(bytes: &[u8], size: usize) -> impl tokio_stream::Stream<Item = Result<Bytes, Infallible>> + use<> {
    let chunks: Vec<_> = bytes.chunks(size.max(1)).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
    tokio_stream::iter(chunks)
}

fn code(body: &str) -> &str {
    body.split("<code>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("none")
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let envelope = import("<items><item><sku>A1</sku></item></items>");
    for length in (0..envelope.len()).step_by(3) {
        let desk = Arc::new(Desk::default());
        let cut = chunks(&envelope.as_bytes()[..length], 64).map(|chunk| chunk.map_err(|never| match never {}));
        let broken = cut.chain(tokio_stream::once(Err(io::Error::from(io::ErrorKind::ConnectionReset))));
        let response = send(endpoint(&desk), post(Body::from_stream(broken))).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(code(response.body()), "body_incomplete", "after {length} bytes");
        // The same bytes with a proper end: the transfer is whole, the document is not.
        let response = send(endpoint(&desk), post(envelope.as_bytes()[..length].to_vec())).await;
        // Cut in the middle of `<?xml`, it is an instruction that has no place there.
        assert!(
            ["document_malformed", "soap_envelope_invalid"].contains(&code(response.body())),
            "after {length} bytes"
        );
        assert!(desk.sealed.lock().unwrap().is_empty(), "after {length} bytes");
    }
}

/// Only once the import has ended, as many as may be told, and how many there are.
#[tokio::test]
async fn what_is_unmapped_is_told_with_its_number_up_to_a_bound() {
    let status = |wait: &str| import(&format!("<waitSeconds>{wait}</waitSeconds><document><a/></document>"));
    for (unmapped, wait, listed, total) in [
        (0, "5", 0, None),
        (3, "0", 0, None),
        (3, "5", 3, Some("3")),
        (100, "5", 100, Some("100")),
        (101, "5", 100, Some("101")),
    ] {
        let desk = Arc::new(Desk { unmapped, ..Desk::default() });
        let response = send(endpoint(&desk), post(status(wait))).await;
        let body = response.body();
        assert_eq!(response.status(), StatusCode::OK, "{body}");
        assert_eq!(body.matches("<unmappedPath>").count(), listed, "{unmapped} {wait}: {body}");
        let told = body.split("<unmappedTotal>").nth(1).and_then(|rest| rest.split('<').next());
        assert_eq!(told, total, "{unmapped} {wait}");
        assert_eq!(body.contains("<unmapped>"), total.is_some(), "no empty list");
        assert!(listed == 0 || body.contains("<path>ARTICLE/NOTE_&lt;2&gt;</path>"), "{body}");
    }
}

#[tokio::test]
async fn a_body_that_stops_arriving_is_given_up() {
    let desk = Arc::new(Desk::default());
    let envelope = import("<items><item>");
    let start = envelope.split_inclusive("<item>").next().unwrap();
    let start = chunks(start.as_bytes(), 30).chain(tokio_stream::pending());
    let response = send(endpoint(&desk), post(Body::from_stream(start))).await;
    assert_eq!(code(response.body()), "request_timeout");
    assert!(desk.sealed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn sizes_and_depths_end_where_the_limits_say() {
    let nested = |depth: usize| format!("<document>{}x{}</document>", "<a>".repeat(depth), "</a>".repeat(depth));
    let text = |bytes: usize| format!("<document><a>{}</a></document>", "x".repeat(bytes));
    let attributes = |count: usize| {
        let attributes: String = (0..count).map(|at| format!(" a{at}='1'")).collect();
        format!("<document><a{attributes}/></document>")
    };
    let declarations = |count: usize| {
        let nested: String = (0..count).map(|at| format!("<a xmlns:p{at}='urn:{at}'>")).collect();
        format!("<document>{nested}{}</document>", "</a>".repeat(count))
    };
    for (name, payload, expected) in [
        ("depth at the limit", nested(128), "none"),
        ("depth beyond the limit", nested(129), "limit_exceeded"),
        ("10,000 deep", nested(10_000), "limit_exceeded"),
        ("attributes at the limit", attributes(256), "none"),
        ("attributes beyond the limit", attributes(257), "limit_exceeded"),
        ("a million attributes", attributes(300_000), "limit_exceeded"),
        ("many declarations", declarations(100), "none"),
        ("a giant attribute", format!("<document><a b='{}'/></document>", "x".repeat(2 << 20)), "limit_exceeded"),
        ("a giant name", format!("<document><{}/></document>", "x".repeat(2 << 20)), "limit_exceeded"),
        (
            "a giant comment in the document",
            format!("<document><a><!--{}--></a></document>", "x".repeat(2 << 20)),
            "none",
        ),
        (
            "a giant comment in the envelope",
            format!("<!--{}--><document><a/></document>", "x".repeat(2 << 20)),
            "limit_exceeded",
        ),
        (
            "a giant DOCTYPE",
            format!("<document><!DOCTYPE a [{}]><a/></document>", " ".repeat(2 << 20)),
            "limit_exceeded",
        ),
        ("a large text", text(3 << 20), "none"),
        ("a body beyond the limit", text(usize::try_from(BODY_BYTES_MAX).unwrap()), "body_too_large"),
    ] {
        let desk = Arc::new(Desk::default());
        // Without a content length, so that the limit is met on the way.
        let response = send(endpoint(&desk), post(Body::from_stream(chunks(import(&payload).as_bytes(), 8192)))).await;
        assert_eq!(code(response.body()), expected, "{name}");
        assert_eq!(desk.sealed.lock().unwrap().len(), usize::from(expected == "none"), "{name}");
    }
}

#[tokio::test]
async fn a_full_disk_leaves_nothing() {
    let desk = Arc::new(Desk { disk_bytes: Some(1000), ..Desk::default() });
    for bytes in [2000, 1 << 20] {
        let payload = format!("<document><a>{}</a></document>", "x".repeat(bytes));
        let response = send(endpoint(&desk), post(import(&payload))).await;
        assert_eq!((response.status().as_u16(), code(response.body())), (500, "storage_full"));
    }
    assert!(desk.sealed.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_is_not_asked_for_before_the_credentials_are_right() {
    let desk = Arc::new(Desk::default());
    let untouched = Body::from_stream(tokio_stream::pending::<Result<Bytes, Infallible>>());
    let mut request = post(untouched);
    request.headers_mut().insert("authorization", "Basic YWNtZTp3cm9uZw==".parse().unwrap());
    let answer = tokio::time::timeout(Duration::from_secs(5), send(endpoint(&desk), request)).await;
    assert_eq!(code(answer.unwrap().body()), "unauthenticated");
    // By header: nothing of the Body is looked at, not even whether it is XML.
    let envelope =
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Header/><s:Body><ImportCatalog><<<";
    let mut request = post(envelope);
    request.headers_mut().remove("authorization");
    assert_eq!(code(send(endpoint(&desk), request).await.body()), "unauthenticated");
    assert_eq!(*desk.begun.lock().unwrap(), 0);
}

/// The events of a document, without what a copy may change: declarations and empty texts.
fn events(document: &[u8]) -> Vec<String> {
    let mut bytes = document;
    let mut reader = XmlReader::new(&mut bytes, plugpoint_sdk::xml::XmlOptions::default());
    let mut events = Vec::new();
    loop {
        match reader.next().unwrap() {
            XmlEvent::Start(tag) => {
                let attributes: Vec<_> =
                    tag.attributes().map(|it| format!("{{{}}}{}={}", it.namespace(), it.local(), it.value())).collect();
                events.push(format!("<{{{}}}{} {attributes:?}", tag.namespace(), tag.local()));
            }
            XmlEvent::Text(text) => events.push(text.to_owned()),
            XmlEvent::End => events.push(">".to_owned()),
            XmlEvent::Eof => return events,
        }
    }
}

/// Documents made of few names, with text, references, CDATA, comments, attributes and namespaces.
fn element() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "text",
        " ",
        "&amp;&#228;",
        "<![CDATA[<&]]>",
        "<!-- c -->",
        "<b/>",
        "<p:c p:d='1' e=\"'&lt;\"/>",
        "<b xmlns=''/>",
        "ä\u{1f600}\r\n",
        "<?pi x?>",
    ]);
    let names = prop::sample::select(vec!["a", "p:b", "c xmlns='urn:c'", "p:d xmlns:p='urn:other'"]);
    let leaf = leaf.prop_map(str::to_owned);
    let inner = leaf.prop_recursive(5, 60, 6, move |inner| {
        (names.clone(), prop::collection::vec(inner, 0..6)).prop_map(|(name, children)| {
            let end = name.split(' ').next().unwrap();
            format!("<{name}>{}</{end}>", children.concat())
        })
    });
    prop::collection::vec(inner, 0..8).prop_map(|children| format!("<root x='1'>{}</root>", children.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_spooled_is_what_was_sent(root in element(), size in 1_usize..200, cut in 0_usize..4000) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let payload = format!("<document xmlns:p='urn:p'>{root}</document>");
        let envelope = import(&payload);
        let desk = Arc::new(Desk::default());
        let response = runtime.block_on(send(endpoint(&desk), post(Body::from_stream(chunks(envelope.as_bytes(), size)))));
        prop_assert_eq!(response.status(), StatusCode::OK, "{}", response.body());
        let spooled = desk.sealed.lock().unwrap().remove(0).1;
        let alone = root.replacen("<root", "<root xmlns='urn:plugpoint:catalog:v1' xmlns:p='urn:p'", 1);
        prop_assert_eq!(events(&spooled), events(alone.as_bytes()));

        let cut = cut % envelope.len();
        prop_assume!(std::str::from_utf8(&envelope.as_bytes()[..cut]).is_ok());
        let part = chunks(&envelope.as_bytes()[..cut], size);
        runtime.block_on(send(endpoint(&desk), post(Body::from_stream(part))));
        prop_assert!(desk.sealed.lock().unwrap().is_empty());
    }
}

//! Messages with attachments: what each toolkit writes is taken, and each mistake has one answer.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::Request;
use proptest::prelude::*;

use crate::attachment_mistakes::MISTAKES;
use crate::desk::Desk;
use crate::{BASIC, PATH, endpoint, send};

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const PLAIN: &str = "multipart/related; boundary=b";

/// An envelope around an import with this payload.
fn import(namespace: &str, payload: &str) -> String {
    format!(
        "<?xml version='1.0'?><s:Envelope xmlns:s='{namespace}'><s:Body>\
         <ImportCatalog xmlns='urn:plugpoint:catalog:v1'><catalogId>spring</catalogId><mode>merge</mode>{payload}\
         </ImportCatalog></s:Body></s:Envelope>"
    )
}

fn include(href: &str) -> String {
    format!("<attachment><xop:Include xmlns:xop='http://www.w3.org/2004/08/xop/include' href='{href}'/></attachment>")
}

/// The message of most cases: an envelope, and what follows it, with the boundary `b`.
fn message(payload: &str, rest: &str) -> Vec<u8> {
    let envelope = import(SOAP_11, payload);
    format!("--b\r\nContent-Type: application/xop+xml\r\nContent-ID: <root>\r\n\r\n{envelope}\r\n{rest}").into_bytes()
}

/// A part with the id `a`, and the end of the message.
fn part(head: &str, content: &str) -> String {
    format!("--b\r\nContent-ID: <a>\r\n{head}\r\n{content}\r\n--b--\r\n")
}

/// What was sealed: label, charset and content; or the code of the fault and what it says.
type Told = Result<(String, Option<String>, Vec<u8>), (String, String)>;

async fn told(content_type: &str, body: Body) -> Told {
    let desk = Arc::new(Desk::default());
    let request = Request::post(PATH).header("content-type", content_type).header("authorization", BASIC);
    let response = send(endpoint(&desk), request.body(body).unwrap()).await;
    let inner = |name: &str| {
        let start = response.body().split_once(&format!("<{name}>"))?.1;
        start.split_once("</").map(|(text, _)| text.to_owned())
    };
    let sealed = desk.sealed.lock().unwrap().pop();
    match (sealed, inner("code")) {
        (Some((receipt, document)), None) => Ok((receipt.media_type, receipt.charset, document)),
        (None, Some(code)) => Err((code, inner("message").unwrap_or_default())),
        (sealed, code) => panic!("{sealed:?} {code:?}: {}", response.body()),
    }
}

#[tokio::test]
async fn whatever_the_content_is_it_is_spooled_as_it_was() {
    let base64 = "PGNhdGFsb2c+DQo8L2NhdGFsb2c+";
    let inline = |payload: &str| (message(payload, "--b--"), "<catalog>\r\n</catalog>".to_owned());
    let xmime = "xmlns:x='http://www.w3.org/2005/05/xmlmime' x:contentType='text/xml; charset=utf-16'";
    for (name, (body, content), label, charset) in [
        ("inline", inline(&format!("<attachment>{base64}</attachment>")), "application/octet-stream", None),
        (
            "inline, in lines",
            inline("<attachment>\r\nPGNh dGFs&#13;\nb2c+DQo8L2Nh<![CDATA[\ndGFsb2c+]]><!-- - -->\n</attachment>"),
            "application/octet-stream",
            None,
        ),
        ("inline, labelled", inline(&format!("<attachment {xmime}>{base64}</attachment>")), "text/xml", Some("utf-16")),
        (
            "base64 and CSV",
            (
                message(
                    &include("cid:a"),
                    &part("Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n", "c2t1Owox\r\nOw=="),
                ),
                "sku;\n1;".to_owned(),
            ),
            "text/csv",
            None,
        ),
        (
            "quoted-printable",
            (
                message(
                    &include("cid:a"),
                    &part(
                        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: Quoted-Printable\r\n",
                        "a=3Db=\r\nc",
                    ),
                ),
                "a=bc".to_owned(),
            ),
            "application/octet-stream",
            Some("utf-8"),
        ),
        (
            "with a document type",
            (
                message(&include("cid:a"), &part("", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")),
                "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".to_owned(),
            ),
            "application/octet-stream",
            None,
        ),
    ] {
        let found = told(PLAIN, body.into()).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(found, (label.to_owned(), charset.map(str::to_owned), content.into_bytes()), "{name}");
    }
}

#[tokio::test]
async fn a_message_in_parts_needs_no_attachment() {
    let items = message("<items><item/></items>", "--b--\r\nthe end");
    let (label, _, content) = told(PLAIN, items.into()).await.unwrap();
    assert_eq!((label.as_str(), content.starts_with(b"<items")), ("application/xml", true));
    let request = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>\
         <GetItem xmlns='urn:plugpoint:catalog:v1'><catalogId>spring</catalogId><sku>A1</sku></GetItem></s:Body></s:Envelope>";
    let get = |rest: &str| format!("--b\r\nContent-Type: application/xop+xml\r\n\r\n{request}\r\n{rest}");
    let ask = Request::post(PATH).header("content-type", PLAIN).header("authorization", BASIC);
    let response = send(endpoint(&Arc::new(Desk::default())), ask.body(Body::from(get("--b--"))).unwrap()).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    assert!(response.body().contains("GetItemResponse"));
    let (code, detail) = told(PLAIN, get(&part("", "x")).into()).await.unwrap_err();
    assert_eq!(code, "soap_attachment_invalid");
    assert!(detail.starts_with("nothing refers to the part &quot;a&quot;"), "{detail}");
}

async fn expect(name: &str, content_type: &str, body: Vec<u8>, code: &str, says: &str) {
    match told(content_type, body.into()).await {
        Err((found, detail)) => {
            assert_eq!(found, code, "{name}: {detail}");
            assert!(detail.contains(says), "{name}: {detail}");
        }
        Ok(sealed) => panic!("{name}: {sealed:?}"),
    }
}

#[tokio::test]
async fn each_mistake_has_its_answer() {
    for [name, content_type, payload, rest, code, says] in MISTAKES {
        let body = match payload.strip_prefix('@') {
            Some(href) => message(&include(href), rest),
            None if payload == "=" => rest.as_bytes().to_vec(),
            None => message(payload, rest),
        };
        let content_type = if content_type.is_empty() { PLAIN } else { content_type };
        expect(name, content_type, body, code, says).await;
    }
}

#[tokio::test]
async fn what_is_too_much_is_refused_as_it_comes() {
    let alone = import(SOAP_11, &include("cid:a")).into_bytes();
    expect("no parts at all", "text/xml", alone, "soap_attachment_invalid", "has no attachment").await;
    let message = |rest: &str| message(&include("cid:a"), rest);
    for (name, body, code, says) in [
        (
            "a hundred thousand empty parts",
            message(&"--b\r\n\r\n".repeat(100_000)),
            "soap_attachment_invalid",
            "no Content-ID",
        ),
        (
            "a long head",
            message(&part(&format!("X: {}\r\n", "x".repeat(20_000)), "x")),
            "limit_exceeded",
            "the head of a part",
        ),
        ("a head of many lines", message(&part(&"X: x\r\n".repeat(100), "x")), "limit_exceeded", "the head of a part"),
        (
            "much behind the end",
            message(&(part("", "x") + &"x".repeat(40_000))),
            "limit_exceeded",
            "behind the last boundary",
        ),
        (
            "much before the first",
            [b"x".repeat(40_000), message("--b--")].concat(),
            "soap_attachment_invalid",
            "first 32768 bytes",
        ),
        ("a long reference", long_reference(), "request_invalid", "a reference of more than 16384 bytes"),
    ] {
        expect(name, PLAIN, body, code, says).await;
    }
}

fn long_reference() -> Vec<u8> {
    message(&format!("<attachment>cid:{}</attachment>", "x".repeat(20_000)), "--b--")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_is_attached_is_what_is_spooled(content in prop::collection::vec(any::<u8>(), 1..3000), size in 1_usize..500, cut in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut body = message(&include("cid:a"), "--b\r\nContent-ID: <a>\r\n\r\n");
        body.extend_from_slice(&content);
        body.extend_from_slice(b"\r\n--b--");
        let pieces = |body: &[u8]| {
            let pieces: Vec<_> = body.chunks(size).map(|piece| Ok::<_, Infallible>(Bytes::copy_from_slice(piece))).collect();
            Body::from_stream(tokio_stream::iter(pieces))
        };
        let (_, _, spooled) = runtime.block_on(told(PLAIN, pieces(&body))).unwrap();
        prop_assert_eq!(spooled, content);
        let cut = cut.index(body.len());
        prop_assert!(runtime.block_on(told(PLAIN, pieces(&body[..cut]))).is_err(), "{} of {} bytes", cut, body.len());
    }
}

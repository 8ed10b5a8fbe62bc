//! Users of a customer's own directory sign in over SOAP as over REST: what they send reaches the judge as it was sent.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use plugpoint_http::Presented;
use plugpoint_sdk::codes::{self, Code};
use plugpoint_sdk::error::ApiError;

use crate::desk::Desk;
use crate::{PATH, endpoint_for, send};

const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";

fn envelope(header: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>{header}<s:Body>\
         <ListItems xmlns='urn:plugpoint:catalog:v1'><catalogId>spring</catalogId></ListItems></s:Body></s:Envelope>"
    )
}

fn token(user: &str, secret: &str) -> String {
    format!(
        "<s:Header><w:Security xmlns:w='{WSSE}'><w:UsernameToken><w:Username>{user}</w:Username>\
         <w:Password>{secret}</w:Password></w:UsernameToken></w:Security></s:Header>"
    )
}

/// Sends one request to an endpoint whose judge says this; the answer's status and fault code, and what the judge was shown.
async fn judged(
    request: Request<Body>,
    verdict: Result<(), &'static Code>,
) -> (u16, Option<String>, Vec<(String, String)>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shown = Arc::clone(&seen);
    let router = endpoint_for(&Arc::new(Desk::default()), move |presented| {
        let Presented::Basic { key_id, secret } = presented else { panic!("{presented:?}") };
        shown.lock().unwrap().push((key_id.clone(), secret.clone()));
        let refused = |code| ApiError::new(code, "the credentials cannot be verified now").retry_after(2);
        verdict.map(|()| "acme".parse().unwrap()).map_err(refused)
    });
    let response = send(router, request).await;
    let code = response.body().split("<code>").nth(1).and_then(|rest| rest.split('<').next()).map(str::to_owned);
    let seen = seen.lock().unwrap().clone();
    (response.status().as_u16(), code, seen)
}

fn post(authorization: Option<&str>, body: String) -> Request<Body> {
    let request = Request::post(PATH).header("content-type", "text/xml; charset=utf-8");
    let request = authorization.into_iter().fold(request, |request, value| request.header("authorization", value));
    request.body(body.into()).unwrap()
}

#[tokio::test]
async fn a_user_of_a_directory_is_shown_to_the_judge_by_token_and_by_basic() {
    let expected = vec![("jane@example.com@acme".to_owned(), "a:b@c".to_owned())];
    // "jane@example.com@acme:a:b@c" in base64.
    let basic = "Basic amFuZUBleGFtcGxlLmNvbUBhY21lOmE6YkBj";
    for request in [post(None, envelope(&token("jane@example.com@acme", "a:b@c"))), post(Some(basic), envelope(""))] {
        let (_, code, seen) = judged(request, Ok(())).await;
        assert_eq!(seen, expected);
        assert_ne!(code.as_deref(), Some("unauthenticated"));
    }
}

#[tokio::test]
async fn what_the_judge_cannot_say_now_is_a_fault_that_says_so() {
    for (verdict, expected) in [(&codes::UNAVAILABLE, "unavailable"), (&codes::UNAUTHENTICATED, "unauthenticated")] {
        let (status, code, seen) = judged(post(None, envelope(&token("jane@acme", "x"))), Err(verdict)).await;
        assert_eq!((status, code.as_deref(), seen.len()), (500, Some(expected), 1));
    }
}

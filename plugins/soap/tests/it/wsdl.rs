//! The WSDL: pinned as a whole, and held against what clients are known to demand.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use plugpoint_plugin_soap::{wsdl, wsdl_with_one_way, xsd};

use crate::desk::Desk;
use crate::{PATH, endpoint, send};

#[test]
fn the_documents_are_pinned() {
    let address = "https://catalog.example/soap/v1/catalog";
    for (name, found) in [("expected.wsdl", wsdl(address)), ("expected-oneway.wsdl", wsdl_with_one_way(address))] {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&file, &found).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        let differing = found.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
        assert_eq!(differing, None, "a change here is one for every client: see the changelog");
        assert_eq!(found.len(), expected.len());
    }
    assert!(wsdl_with_one_way("http://x/").contains(xsd().split_once('\n').unwrap().1), "the schema is the same");
}

#[test]
fn an_operation_without_an_answer_stands_where_it_breaks_nobody() {
    let (usual, all) = (wsdl("http://h/"), wsdl_with_one_way("http://h/"));
    assert!(!usual.contains("SubmitCatalog"), "wsdl2perl of SOAP::WSDL dies of it");
    let operation = |document: &str, name: &str| {
        let start = document.find(&format!("<wsdl:operation name=\"{name}\">")).unwrap();
        document[start..].split("</wsdl:operation>").next().unwrap().to_owned()
    };
    assert!(operation(&all, "ImportCatalog").contains("<wsdl:output"));
    let one_way = operation(&all, "SubmitCatalog");
    assert!(one_way.contains("<wsdl:input") && !one_way.contains("<wsdl:output") && !one_way.contains("<wsdl:fault"));
    for line in usual.lines() {
        assert!(all.contains(line), "what both describe is the same: {line}");
    }
}

#[tokio::test]
async fn it_is_served_with_the_address_that_the_client_used() {
    for query in ["?wsdl", "?WSDL", "?Wsdl", "?wsdl=1", "?singleWsdl", "?wsdl&x=1"] {
        let request =
            Request::get(format!("{PATH}{query}")).header("host", "shop.example:8700").body(Body::empty()).unwrap();
        let response = send(endpoint(&Arc::new(Desk::default())), request).await;
        assert_eq!(response.status(), StatusCode::OK, "{query}");
        assert_eq!(response.headers()["content-type"], "text/xml; charset=utf-8");
        let address = "location=\"http://shop.example:8700/soap/v1/catalog\"";
        assert_eq!(response.body().matches(address).count(), 2, "{query}");
    }
}

#[tokio::test]
async fn other_requests_are_told_what_there_is() {
    for (method, query, status, expected) in [
        (Method::GET, "", StatusCode::OK, "Its WSDL is at http://h/soap/v1/catalog?wsdl,"),
        (Method::GET, "?xsd", StatusCode::OK, "<xs:schema"),
        (Method::GET, "?wsdl=oneway", StatusCode::OK, "SubmitCatalog"),
        (Method::GET, "?WSDL=OneWay&x=1", StatusCode::OK, "SubmitCatalog"),
        (Method::GET, "?wsdl=1&oneway", StatusCode::OK, "ListItems"),
        (Method::HEAD, "?wsdl", StatusCode::OK, ""),
        (Method::PUT, "", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        (Method::DELETE, "?wsdl", StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
    ] {
        let request = Request::builder().method(method.clone()).uri(format!("{PATH}{query}")).header("host", "h");
        let response = send(endpoint(&Arc::new(Desk::default())), request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), status, "{method} {query}");
        assert!(response.body().contains(expected), "{method} {query}: {}", response.body());
        let allow = response.headers().get("allow").map(|allow| allow.to_str().unwrap());
        assert_eq!(allow, (status == StatusCode::METHOD_NOT_ALLOWED).then_some("GET, HEAD, POST"));
    }
}

#[test]
fn it_has_the_shape_that_every_known_client_loads() {
    let wsdl = wsdl("http://h/soap/v1/catalog");
    let place = |text: &str| wsdl.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(place("<soap:address") < place("<soap12:address"), "SOAP::WSDL wants the port of 1.1 first");
    assert!(!wsdl.contains("soap12:fault"), "Axis 1.4 refuses fault lines in the binding of 1.2");
    assert!(!wsdl.contains(r"\p"), "soap4r refuses a pattern by categories, and with it the WSDL");
    assert!(!wsdl.contains(":import") && !wsdl.contains("schemaLocation"), "SOAP::WSDL follows no import");
    assert_eq!(wsdl.matches("elementFormDefault=\"qualified\"").count(), 1);
    assert_eq!(wsdl.matches("targetNamespace=\"urn:plugpoint:catalog:v1\"").count(), 2);
    assert_eq!(wsdl.matches("transport=\"http://schemas.xmlsoap.org/soap/http\"").count(), 2, "Mono wants it for both");
}

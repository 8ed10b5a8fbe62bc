//! What is told of an import that has ended: findings by filters and languages, the table, the page, what was unmapped, and the refusals
//! of rejected records. The records themselves need a real import; `tests/e2e/test_outcome.py` has them.

use axum::http::Method;
use plugpoint_sdk::desk::UnmappedPath;
use plugpoint_sdk::model::Finding;
use serde_json::json;

use super::listings::all;
use super::support::{Answer, As, TestServer};

const EVIL: &str = "=cmd|' /C calc'!A0<script>\u{202e}";

/// The address of an import of acme's with findings, which has ended.
async fn ended(server: &TestServer, findings: Vec<Finding>, unmapped: Vec<UnmappedPath>) -> String {
    let created = server.send(As::Acme, Method::POST, "/v1/catalogs/main/imports", &[], "x").await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    server.record(&id, findings, unmapped);
    format!("/v1/catalogs/main/imports/{id}")
}

fn three() -> Vec<Finding> {
    let mut price = Finding::error("decimal_invalid", "no decimal").sku("A1").path("PRICE_AMOUNT").value("12,5x");
    (price.line, price.column) = (Some(7), Some(3));
    vec![
        price,
        Finding::warning("tax_percent", "a percentage").sku("A1"),
        Finding::error("sku_missing", EVIL).sku("B2").value(EVIL),
    ]
}

async fn get(server: &TestServer, path: &str, language: &str) -> Answer {
    server.send(As::Acme, Method::GET, path, &[("accept-language", language)], "").await
}

#[tokio::test]
async fn findings_are_filtered_and_paged() {
    let server = TestServer::new();
    let import = ended(&server, three(), Vec::new()).await;
    for (query, expected) in [
        ("", &["decimal_invalid", "tax_percent", "sku_missing"][..]),
        ("?severity=error", &["decimal_invalid", "sku_missing"]),
        ("?severity=warning", &["tax_percent"]),
        ("?code=sku_missing", &["sku_missing"]),
        ("?sku=A1", &["decimal_invalid", "tax_percent"]),
        ("?sku=A1&severity=error&code=decimal_invalid", &["decimal_invalid"]),
        ("?sku=A", &[]),
    ] {
        for limit in [1, 2, 100] {
            let found = all(&server, &format!("{import}/findings{query}"), "findings", limit).await;
            let codes: Vec<_> = found.iter().map(|finding| finding["code"].as_str().unwrap()).collect();
            assert_eq!(codes, expected, "{query} in pages of {limit}");
        }
    }
    let cursor =
        server.get(&format!("{import}/findings?limit=1")).await.json()["next_cursor"].as_str().unwrap().to_owned();
    for query in ["?severity=fatal", "?code=", "?sku=", "?level=error"] {
        assert_eq!(server.get(&format!("{import}/findings{query}")).await.status, 400, "{query}");
    }
    let other = format!("{import}/findings?severity=error&cursor={cursor}");
    assert_eq!(server.get(&other).await.status, 400, "a cursor holds for its filters");
}

#[tokio::test]
async fn findings_are_told_in_the_readers_language_and_say_so() {
    let server = TestServer::new();
    let import = ended(&server, three(), Vec::new()).await;
    let path = format!("{import}/findings");
    for (accepted, language) in
        [("de-AT, en;q=0.5", "de"), ("ja, fr;q=0.1", "fr"), ("ja", "en"), ("", "en"), ("pl", "pl")]
    {
        let answer = get(&server, &path, accepted).await;
        assert_eq!(answer.header("content-language"), Some(language), "{accepted}");
        assert!(answer.header("vary").unwrap().contains("Accept-Language"));
        let finding = &answer.json()["findings"][0];
        assert_eq!((&finding["code"], finding["advice"].is_string()), (&json!("decimal_invalid"), true));
        assert_eq!(finding["message"] == "no decimal", language == "en", "{finding}");
        assert_eq!(finding["detail"] == "no decimal", language != "en", "{finding}");
    }
    let (german, polish) = (get(&server, &path, "de").await, get(&server, &path, "pl").await);
    assert_ne!(german.header("etag"), polish.header("etag"));
    let again = [("accept-language", "de"), ("if-none-match", german.header("etag").unwrap())];
    let again = server.send(As::Acme, Method::GET, &path, &again, "").await;
    assert_eq!((again.status, again.header("content-language")), (304, Some("de")));
    let other = [("accept-language", "pl"), ("if-none-match", german.header("etag").unwrap())];
    assert_eq!(server.send(As::Acme, Method::GET, &path, &other, "").await.status, 200);
}

#[tokio::test]
async fn the_profile_chooses_where_the_request_does_not() {
    let server = TestServer::with_profile("[catalog]\nreport_language = \"ru\"\n");
    let import = ended(&server, three(), Vec::new()).await;
    for (accepted, language) in [("", "ru"), ("ja", "ru"), ("*", "ru"), ("de", "de")] {
        let answer = get(&server, &format!("{import}/report"), accepted).await;
        assert_eq!(answer.header("content-language"), Some(language), "{accepted}");
        assert!(answer.text().contains(&format!("<html lang=\"{language}\">")));
    }
}

#[tokio::test]
async fn the_table_has_all_findings_and_no_formula() {
    let server = TestServer::new();
    let mut findings = three();
    findings.extend((0..1200).map(|number| Finding::warning("part_ignored", format!("part {number}"))));
    let import = ended(&server, findings, Vec::new()).await;
    let answer = server.get(&format!("{import}/findings.csv")).await;
    assert_eq!(answer.header("content-type"), Some("text/csv; charset=utf-8; header=present"));
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"findings-"));
    let text = answer.text();
    assert_eq!(text.lines().count(), 1 + 1203);
    assert!(text.starts_with("\u{feff}\"severity\",\"code\",\"line\","), "{text:.60}");
    assert!(text.contains("\"'=cmd|' /C calc'!A0<script><U+202E>\"") && !text.contains("\"=cmd"), "{text:.900}");
    let plain = server.get(&format!("{import}/findings.csv?bom=false&separator=tab&severity=error")).await.text();
    assert!(plain.starts_with("\"severity\"\t\"code\"") && plain.lines().count() == 3, "{plain}");
    let german = get(&server, &format!("{import}/findings.csv?sku=A1&separator=semicolon"), "de").await;
    assert!(german.text().contains("\"Schreiben Sie die Zahl"), "{}", german.text());
    assert_eq!(german.header("content-language"), Some("de"));
    for query in ["?separator=|", "?bom=maybe", "?limit=5", "?severity=x"] {
        assert_eq!(server.get(&format!("{import}/findings.csv{query}")).await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn the_page_stands_alone_and_runs_nothing() {
    let server = TestServer::new();
    let mut findings = three();
    findings.extend((0..40).map(|_| Finding::warning("part_ignored", "x".repeat(1 << 20))));
    let unmapped = vec![UnmappedPath { path: format!("a/{EVIL}"), count: 12 }];
    let import = ended(&server, findings, unmapped).await;
    let answer = server.get(&format!("{import}/report")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let page = answer.text();
    let page = &page[page.find("<body>").unwrap()..];
    assert!(!page.contains("<script") && !page.contains('\u{202e}') && page.contains("U+202E"));
    assert!(
        page.contains("href=\"findings.csv?separator=comma\"")
            && page.contains("href=\"findings.csv?separator=comma&amp;code=part_ignored\"")
    );
    assert!(page.contains("15 more of this kind are in the"), "{page}");
    assert!(page.find("decimal_invalid").unwrap() < page.find("tax_percent").unwrap(), "what was rejected comes first");
    assert!(page.len() < 200_000, "{}", page.len());
    for remote in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!page.contains(remote), "{remote}");
    }
}

#[tokio::test]
async fn an_import_that_still_runs_has_a_page_and_nothing_to_give_back() {
    let server = TestServer::new();
    server.desk.lasts(std::time::Duration::from_secs(60));
    let created = server.send(As::Acme, Method::POST, "/v1/catalogs/main/imports", &[], "x").await;
    let import = format!("/v1/catalogs/main/imports/{}", created.json()["id"].as_str().unwrap());
    assert!(server.get(&format!("{import}/report")).await.text().contains("has not ended yet"));
    assert_eq!(server.get(&format!("{import}/findings.csv?bom=false")).await.text().lines().count(), 1);
    let refused = server.get(&format!("{import}/rejected")).await;
    assert_eq!(refused.refusal(), (409, "rejected_unavailable".to_owned()));
    assert!(refused.text().contains("has not ended yet"));
}

#[tokio::test]
async fn what_was_unmapped_is_told_of_one_import_and_absent_where_there_is_nothing() {
    let server = TestServer::new();
    let unmapped = vec![UnmappedPath { path: "T/PRODUCT/x".to_owned(), count: 3 }];
    let import = ended(&server, Vec::new(), unmapped).await;
    assert_eq!(server.get(&import).await.json()["unmapped"], json!([{"path": "T/PRODUCT/x", "count": 3}]));
    let without = ended(&server, Vec::new(), Vec::new()).await;
    assert!(server.get(&without).await.json().get("unmapped").is_none());
    for listed in all(&server, "/v1/catalogs/main/imports", "imports", 100).await {
        assert!(listed.get("unmapped").is_none());
    }
}

#[tokio::test]
async fn long_answers_have_places_and_no_more() {
    let server = TestServer::new();
    let findings = (0..3000).map(|_| Finding::warning("part_ignored", "x".repeat(500))).collect();
    let import = ended(&server, findings, Vec::new()).await;
    let mut held = Vec::new();
    // Each answer is longer than what is sent ahead, and nobody reads it.
    for _ in 0..16 {
        held.push(server.open(&format!("{import}/findings.csv")).await);
    }
    for path in ["findings.csv", "report"] {
        let refused = server.get(&format!("{import}/{path}")).await;
        assert_eq!(refused.refusal(), (429, "too_many_requests".to_owned()), "{path}");
        assert!(refused.header("retry-after").is_some());
    }
    drop(held);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while server.get(&format!("{import}/report")).await.status != 200 {
        assert!(std::time::Instant::now() < deadline, "the places do not come back");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

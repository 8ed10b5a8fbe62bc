//! Listings: complete in pages of any size, filtered, refused where the question is not understood.

use axum::http::Method;
use serde_json::{Value, json};

use super::support::{As, TestServer, item};

/// Reads all pages of a listing.
pub(super) async fn all(server: &TestServer, path: &str, list: &str, limit: usize) -> Vec<Value> {
    let separator = if path.contains('?') { '&' } else { '?' };
    let first = format!("{path}{separator}limit={limit}");
    let (mut entries, mut next) = (Vec::new(), first.clone());
    loop {
        let page = server.get(&next).await;
        assert_eq!(page.status, 200, "{next}: {}", page.text());
        let page = page.json();
        let found = page[list].as_array().unwrap();
        assert!(found.len() <= limit);
        entries.extend(found.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("{first}&cursor={cursor}"),
            None => return entries,
        }
        assert!(entries.len() < 1000, "the pages do not end");
    }
}

fn skus(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["sku"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_are_complete_under_every_filter() {
    let server = TestServer::new();
    for number in 0..25 {
        let sku = format!("S{number:02}");
        let item = json!({"sku": sku, "brand": if number % 2 == 0 { "Even & Co" } else { "Odd" },
            "texts": [{"lang": "en", "title": format!("{} thing {number}", if number < 10 { "Small" } else { "large" })}],
            "categories": [{"system": "s", "code": (number % 3).to_string()}]});
        assert_eq!(server.put(&format!("/v1/catalogs/main/items/{sku}"), &[], &item).await.status, 201);
    }
    let numbers =
        |keep: fn(usize) -> bool| (0..25).filter(|n| keep(*n)).map(|n| format!("S{n:02}")).collect::<Vec<_>>();
    for (query, expected) in [
        ("", numbers(|_| true)),
        ("?brand=Even+%26+Co", numbers(|n| n % 2 == 0)),
        ("?category=s:1", numbers(|n| n % 3 == 1)),
        ("?category=2&brand=Odd", numbers(|n| n % 3 == 2 && n % 2 == 1)),
        ("?text=SMALL", numbers(|n| n < 10)),
        ("?text=large&category=s:0", numbers(|n| n >= 10 && n % 3 == 0)),
        ("?updated_since=2000-01-01", numbers(|_| true)),
        ("?updated_since=2999-01-01T00:00:00Z", Vec::new()),
        ("?brand=Nobody", Vec::new()),
    ] {
        for limit in [1, 4, 25, 1000] {
            let found = all(&server, &format!("/v1/catalogs/main/items{query}"), "items", limit).await;
            assert_eq!(skus(&found), expected, "{query} in pages of {limit}");
        }
    }
    let changes = all(&server, "/v1/catalogs/main/changes", "changes", 1000).await;
    assert_eq!(skus(&changes), numbers(|_| true));
}

#[tokio::test]
async fn an_item_that_stays_is_told_once_while_others_come_and_go() {
    let server = TestServer::new();
    for sku in ["A", "B", "C", "D"] {
        server.stock(sku).await;
    }
    let first = server.get("/v1/catalogs/main/items?limit=2").await.json();
    server.send(As::Acme, Method::DELETE, "/v1/catalogs/main/items/B", &[], "").await;
    server.stock("AA").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = server.get(&format!("/v1/catalogs/main/items?limit=2&cursor={cursor}")).await.json();
    assert_eq!(skus(second["items"].as_array().unwrap()), ["C", "D"]);
    assert!(second["next_cursor"].is_null());
}

#[tokio::test]
async fn cursors_hold_for_their_question_only() {
    let server = TestServer::new();
    for sku in ["A", "B", "C"] {
        server.stock(sku).await;
    }
    let page = server.get("/v1/catalogs/main/items?limit=1").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    assert_eq!(
        server.get(&format!("/v1/catalogs/main/items?limit=2&cursor={cursor}")).await.status,
        200,
        "another limit is fine"
    );
    for path in [
        format!("/v1/catalogs/main/items?brand=x&cursor={cursor}"),
        format!("/v1/catalogs/other/items?cursor={cursor}"),
        format!("/v1/catalogs?cursor={cursor}"),
        format!("/v1/catalogs/main/imports?cursor={cursor}"),
        "/v1/catalogs/main/items?cursor=x".to_owned(),
        "/v1/catalogs/main/items?cursor=%20".to_owned(),
        format!("/v1/catalogs/main/items?cursor={cursor}A"),
    ] {
        let answer = server.get(&path).await;
        let (status, _) = answer.refusal();
        assert_eq!(
            (status, answer.json()["errors"][0]["pointer"].as_str()),
            (400, Some("?cursor")),
            "{path}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn a_question_that_is_not_understood_is_refused() {
    let server = TestServer::new();
    server.stock("A").await;
    for (query, pointer, message) in [
        ("?categroy=x", "?categroy", Some("there is no parameter \"categroy\"; did you mean \"category\"?")),
        ("?page=2", "?page", None),
        ("?limit=0", "?limit", None),
        ("?limit=1001", "?limit", None),
        ("?limit=many", "?limit", None),
        ("?brand=", "?brand", None),
        ("?brand=a&brand=b", "?brand", None),
        ("?updated_since=yesterday", "?updated_since", None),
    ] {
        let answer = server.get(&format!("/v1/catalogs/main/items{query}")).await;
        let error = &answer.json()["errors"][0];
        assert_eq!((answer.refusal().0, error["pointer"].as_str()), (400, Some(pointer)), "{query}: {error}");
        if let Some(message) = message {
            assert_eq!(error["message"], message);
        }
    }
}

#[tokio::test]
async fn catalogs_tell_their_state() {
    let server = TestServer::new();
    for catalog in ["b", "a", "c"] {
        server.put(&format!("/v1/catalogs/{catalog}/items/A"), &[], &item("A")).await;
    }
    let catalogs = all(&server, "/v1/catalogs", "catalogs", 2).await;
    let ids: Vec<_> = catalogs.iter().map(|catalog| catalog["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let one = server.get("/v1/catalogs/a").await.json();
    assert_eq!((&one["item_count"], &one["last_seq"].is_u64()), (&json!(1), &true));
    for path in [
        "/v1/catalogs/d",
        "/v1/catalogs/d/items",
        "/v1/catalogs/d/changes",
        "/v1/catalogs/%00",
        "/v1/catalogs/%2F/items",
    ] {
        assert_eq!(server.get(path).await.refusal(), (404, "not_found".to_owned()), "{path}");
    }
    assert_eq!(server.get("/v1/catalogs/d/imports").await.json(), json!({"imports": []}));
}

#[tokio::test]
async fn listings_are_tagged() {
    let server = TestServer::new();
    server.stock("A").await;
    for path in [
        "/v1/catalogs",
        "/v1/catalogs/main",
        "/v1/catalogs/main/items",
        "/v1/catalogs/main/changes",
        "/v1/catalogs/main/imports",
        "/v1/tenants/self",
        "/v1/extensions",
    ] {
        let etag = server.get(path).await.header("etag").unwrap().to_owned();
        let again = server.send(As::Acme, Method::GET, path, &[("if-none-match", &etag)], "").await;
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
    }
    let etag = server.get("/v1/catalogs/main/items").await.header("etag").unwrap().to_owned();
    server.stock("B").await;
    let again = server.send(As::Acme, Method::GET, "/v1/catalogs/main/items", &[("if-none-match", &etag)], "").await;
    assert_eq!(again.status, 200);
}

#[tokio::test]
async fn changes_go_on_from_where_the_reader_stopped() {
    let server = TestServer::new();
    server.stock("A").await;
    server.stock("B").await;
    let first = server.get("/v1/catalogs/main/changes").await.json();
    let seen = first["last_seq"].as_u64().unwrap();
    let nothing = server.get(&format!("/v1/catalogs/main/changes?since={seen}")).await.json();
    assert_eq!(nothing, json!({"changes": [], "last_seq": seen}));
    server.put("/v1/catalogs/main/items/A", &[], &json!({"sku": "A", "texts": [{"lang": "en", "title": "x"}]})).await;
    server.send(As::Acme, Method::DELETE, "/v1/catalogs/main/items/B", &[], "").await;
    let page = server.get(&format!("/v1/catalogs/main/changes?since={seen}&limit=1")).await.json();
    assert_eq!((&page["changes"][0]["sku"], &page["changes"][0]["kind"]), (&json!("A"), &json!("changed")));
    let next = page["next_cursor"].as_str().unwrap();
    let page = server.get(&format!("/v1/catalogs/main/changes?since={next}&limit=1")).await.json();
    assert_eq!((&page["changes"][0]["sku"], &page["changes"][0]["kind"]), (&json!("B"), &json!("removed")));
    assert!(page["next_cursor"].is_null());
}

#[tokio::test]
async fn a_page_of_items_is_the_stored_bytes() {
    let server = TestServer::new();
    server.stock("A").await;
    server.stock("B").await;
    let (a, b) =
        (server.get("/v1/catalogs/main/items/A").await.text(), server.get("/v1/catalogs/main/items/B").await.text());
    assert_eq!(server.get("/v1/catalogs/main/items").await.text(), format!("{{\"items\":[{a},{b}]}}"));
}

#[tokio::test]
async fn the_server_may_be_set_to_smaller_pages() {
    let server = TestServer::with_config(|config| config.limits.page_items_max = 2);
    for sku in ["A", "B", "C"] {
        server.stock(sku).await;
    }
    let page = server.get("/v1/catalogs/main/items?limit=1000").await.json();
    assert_eq!(skus(page["items"].as_array().unwrap()), ["A", "B"]);
    assert_eq!(skus(&all(&server, "/v1/catalogs/main/items", "items", 1000).await), ["A", "B", "C"]);
}

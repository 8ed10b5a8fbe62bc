//! What presenters add to items that REST answers: where it stands, what it does to tags, and that nothing a presenter does
//! fails a read.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use axum::http::Method;
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::points::item_presenter::{self, FRAGMENT_BYTES_MAX, Fragment, ItemPresenter, PresentContext};
use plugpoint_sdk::registry::Registrar;
use serde_json::{Value, json};

use super::support::{As, TestServer, item};

const A1: &str = "/v1/catalogs/main/items/A1";

type Said = Result<Option<Fragment>, String>;

struct Presenter<F>(F);

impl<F: Fn(&ItemData, &PresentContext<'_>) -> Said + Send + Sync> ItemPresenter for Presenter<F> {
    fn present(&self, item: &ItemData, ctx: &PresentContext<'_>) -> Said {
        (self.0)(item, ctx)
    }
}

fn provide(r: &mut Registrar, member: &str, present: impl Fn(&ItemData) -> Said + Send + Sync + 'static) {
    let present = move |item: &ItemData, _: &PresentContext<'_>| present(item);
    r.provide_keyed(&item_presenter::POINT, member, &format!("acme.{member}"), Presenter(present));
}

fn title(item: &ItemData) -> Said {
    Fragment::of(&item.texts[0].title).map(Some)
}

/// A server whose presenter says an item's title, and how often it was asked.
fn titled() -> (TestServer, Arc<AtomicU64>) {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let server = TestServer::with_customer(move |r| {
        provide(r, "title", move |item| {
            counted.fetch_add(1, Ordering::Relaxed);
            title(item)
        });
    });
    (server, calls)
}

fn titled_item(title: &str) -> Value {
    json!({"sku": "A1", "texts": [{"lang": "en", "title": title}]})
}

#[tokio::test]
async fn extensions_stand_behind_the_items_own_fields() {
    let server = TestServer::with_customer(|r| {
        let link = |item: &ItemData, ctx: &PresentContext<'_>| {
            Fragment::of(
                &json!({"href": format!("/{}/{}", ctx.catalog, item.sku), "lang": ctx.profile.catalog.language}),
            )
            .map(Some)
        };
        r.provide_keyed(&item_presenter::POINT, "z_link", "acme.link", Presenter(link));
        provide(r, "title", |item| if item.sku == "A1" { title(item) } else { Ok(None) });
        provide(r, "none", |_| Ok(None));
    });
    server.stock("A1").await;
    server.stock("B2").await;
    let stored = server.put(A1, &[], &item("A1")).await;
    assert!(!stored.text().contains("extensions"), "what is written is answered as it is stored");
    let expected =
        stored.text().replace("}]}", r#"}],"extensions":{"title":"A1","z_link":{"href":"/main/A1","lang":"en"}}}"#);
    for _ in 0..2 {
        let got = server.get(A1).await;
        assert_eq!((got.status, got.text()), (200, expected.clone()));
        assert_eq!(got.header("content-length"), Some(expected.len().to_string().as_str()));
    }
    let listed = server.get("/v1/catalogs/main/items").await.json();
    assert_eq!(listed["items"][0], server.get(A1).await.json());
    assert_eq!(listed["items"][1]["extensions"], json!({"z_link": {"href": "/main/B2", "lang": "en"}}));
}

#[tokio::test]
async fn a_tenant_without_presenters_is_answered_as_stored() {
    let (server, calls) = titled();
    let put = server.send(As::Rival, Method::PUT, A1, &[("content-type", "application/json")], item("A1").to_string());
    let stored = put.await;
    let got = server.send(As::Rival, Method::GET, A1, &[], "").await;
    assert_eq!((&got.body, got.header("etag")), (&stored.body, stored.header("etag")));
    let listed = server.send(As::Rival, Method::GET, "/v1/catalogs/main/items", &[], "").await;
    assert_eq!(listed.text(), format!("{{\"items\":[{}]}}", stored.text()));
    assert_eq!(calls.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn an_item_is_presented_once_until_the_next_commit() {
    let (server, calls) = titled();
    for title in ["one", "two"] {
        server.put(A1, &[], &titled_item(title)).await;
        for _ in 0..3 {
            assert_eq!(server.get(A1).await.json()["extensions"], json!({"title": title}));
        }
    }
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    server.stock("B2").await;
    server.get(A1).await;
    assert_eq!(calls.load(Ordering::Relaxed), 3, "any commit of the tenant ends what is remembered");
}

#[tokio::test]
async fn the_tag_changes_with_the_item_and_with_its_extensions() {
    let words = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&words);
    let server = TestServer::with_customer(move |r| {
        provide(r, "word", move |_| match shared.load(Ordering::Relaxed) {
            0 => Ok(None),
            number => Fragment::of(&number).map(Some),
        });
    });
    let mut tags: Vec<String> = Vec::new();
    for (title, word) in [("one", 0), ("one", 1), ("one", 2), ("two", 2), ("two", 0)] {
        words.store(word, Ordering::Relaxed);
        let stored = server.put(A1, &[], &titled_item(title)).await.header("etag").unwrap().to_owned();
        server.stock(&format!("other-{}", tags.len())).await;
        let got = server.get(A1).await;
        let tag = got.header("etag").unwrap().to_owned();
        let suffix = tag.strip_prefix(stored.trim_end_matches('"')).unwrap();
        let is_plain = suffix == "\"";
        let is_presented = suffix.len() == ";x-01234567\"".len() && suffix.starts_with(";x-");
        assert_eq!((is_plain, is_presented), (word == 0, word > 0), "{tag}");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
            let again = server.send(As::Acme, Method::GET, A1, &[("if-none-match", &known)], "").await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{known}");
        }
        for known in &tags {
            let again = server.send(As::Acme, Method::GET, A1, &[("if-none-match", known)], "").await;
            assert_eq!(again.status, 200, "{known} is not {tag}");
        }
        tags.push(tag);
    }
}

#[tokio::test]
async fn what_was_read_can_be_written_back_under_its_tag() {
    let (server, _) = titled();
    server.put(A1, &[], &titled_item("one")).await;
    let got = server.get(A1).await;
    let (tag, body) = (got.header("etag").unwrap().to_owned(), got.json());
    assert!(tag.contains(";x-") && body["extensions"]["title"] == "one");
    let zipped = format!("{};gzip\"", tag.trim_end_matches('"'));
    for tag in [&tag, &zipped] {
        let written = server.put(A1, &[("if-match", tag)], &body).await;
        assert_eq!((written.status, written.json().get("extensions")), (200, None), "{tag}");
    }
    assert_eq!(server.get(A1).await.header("etag"), Some(tag.as_str()), "nothing has changed");
    assert_eq!(server.put(A1, &[("if-none-match", &tag)], &body).await.status, 412);
    let mut changed = body.clone();
    changed["texts"][0]["title"] = "two".into();
    assert_eq!(server.put(A1, &[("if-match", &tag)], &changed).await.status, 200);
    assert_eq!(
        server.put(A1, &[("if-match", &tag)], &changed).await.refusal(),
        (412, "precondition_failed".to_owned())
    );
    let delete = async |tag: &str| server.send(As::Acme, Method::DELETE, A1, &[("if-match", tag)], "").await.status;
    assert_eq!(delete(&tag).await, 412);
    let tag = server.get(A1).await.header("etag").unwrap().to_owned();
    assert_eq!(delete(&tag).await, 204);
}

#[tokio::test]
async fn what_a_client_sends_as_extensions_is_passed_over() {
    let (server, _) = titled();
    for (extensions, status) in [(json!({"title": "lie", "x": [1]}), 201), (json!(null), 200), (json!("text"), 200)] {
        let mut sent = item("A1");
        sent["extensions"] = extensions;
        let put = server.put(A1, &[], &sent).await;
        assert_eq!((put.status, put.json().get("extensions")), (status, None), "{}", put.text());
        assert_eq!(server.get(A1).await.json()["extensions"], json!({"title": "A1"}));
    }
    let mut sent = item("A1");
    sent["texts"][0]["extensions"] = json!({});
    assert_eq!(
        server.put(A1, &[], &sent).await.refusal(),
        (400, "request_invalid".to_owned()),
        "only of the item itself"
    );
}

/// Every way in which a presenter fails, beside one that does not.
fn register_failures(r: &mut Registrar) {
    let text = |bytes: usize| Ok(Some(Fragment::ready(format!("\"{}\"", "x".repeat(bytes - 2)))));
    provide(r, "a_error", |_| Err("a bad day".to_owned()));
    provide(r, "b_panic", |item| panic!("no word on {}", item.sku));
    provide(r, "c_too_large", move |_| text(FRAGMENT_BYTES_MAX + 1));
    provide(r, "d_large", move |_| text(FRAGMENT_BYTES_MAX));
    for (number, hostile) in ["", "{", "1,\"sku\":\"B2\"", "1}", "null}}", "\"\u{0}\"", "tru"].into_iter().enumerate() {
        provide(r, &format!("e_hostile{number}"), move |_| Ok(Some(Fragment::ready(hostile.to_owned()))));
    }
    provide(r, "f_deep", |_| Ok(Some(Fragment::ready("[".repeat(200) + &"]".repeat(200)))));
    provide(r, "g_title", title);
}

#[tokio::test]
async fn what_fails_is_left_out_and_the_read_goes_well() {
    let server = TestServer::with_customer(register_failures);
    server.stock("A1").await;
    for _ in 0..3 {
        let got = server.get(A1).await;
        assert_eq!(got.status, 200);
        let item = got.json();
        let members: Vec<_> = item["extensions"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(members, ["d_large", "g_title"]);
        assert_eq!((&item["sku"], &item["extensions"]["g_title"]), (&json!("A1"), &json!("A1")));
        assert_eq!(server.get("/v1/catalogs/main/items").await.json()["items"][0], item);
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let is_well = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&is_well);
    let server = TestServer::with_customer(move |r| {
        provide(
            r,
            "title",
            move |item| if shared.load(Ordering::Relaxed) { title(item) } else { Err("ill".to_owned()) },
        );
    });
    server.stock("A1").await;
    assert_eq!(server.get(A1).await.json().get("extensions"), None);
    is_well.store(true, Ordering::Relaxed);
    assert_eq!(server.get(A1).await.json()["extensions"], json!({"title": "A1"}));
}

#[tokio::test]
async fn one_that_keeps_failing_is_suspended() {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let server = TestServer::with_customer(move |r| {
        provide(r, "ill", move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Err("ill".to_owned())
        });
        provide(r, "title", title);
    });
    server.stock("A1").await;
    for _ in 0..50 {
        assert_eq!(server.get(A1).await.json()["extensions"], json!({"title": "A1"}));
    }
    assert_eq!(calls.load(Ordering::Relaxed), u64::from(item_presenter::POINT.bounds.failures));
    let report = server.get("/v1/extensions").await.json();
    let point = report["points"].as_array().unwrap().iter().find(|it| it["point"] == "item.presenter").unwrap();
    assert_eq!((&point["hooks"][0]["key"], &point["hooks"][0]["calls"]["breaker"]), (&json!("ill"), &json!("open")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_that_never_returns_costs_its_budget_once_and_others_nothing() {
    // Given back at the end, so that the thread ends with the test.
    let (release, wait) = mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = TestServer::with_customer(move |r| {
        provide(r, "b_loop", move |item| {
            if item.sku == "B2" {
                let _ = wait.lock().unwrap().recv();
            }
            title(item)
        });
        provide(r, "a_title", title);
        provide(r, "c_title", title);
    });
    for sku in ["A1", "B2", "C3"] {
        server.stock(sku).await;
    }
    let budget = item_presenter::POINT.bounds.budget;
    let started = Instant::now();
    let page = server.get("/v1/catalogs/main/items").await.json();
    let took = started.elapsed();
    assert!(took >= budget, "{took:?}");
    let said = |sku: usize| page["items"][sku]["extensions"].clone();
    assert_eq!(said(0), json!({"a_title": "A1", "b_loop": "A1", "c_title": "A1"}), "what was said before stays");
    assert_eq!(said(1), json!({"a_title": "B2", "c_title": "B2"}));
    assert_eq!(said(2), json!({"a_title": "C3", "c_title": "C3"}), "it is suspended");
    let calls = async || {
        let plan = server.get("/v1/extensions").await.json();
        let mut hooks =
            plan["points"].as_array().unwrap().iter().flat_map(|point| point["hooks"].as_array().unwrap().clone());
        hooks.find(|hook| hook["id"].as_str().unwrap().ends_with("b_loop")).unwrap()["calls"]["count"].clone()
    };
    let before = calls().await;
    let got = server.get("/v1/catalogs/main/items/B2").await.json();
    assert_eq!(got["extensions"], json!({"a_title": "B2", "c_title": "B2"}));
    let rivals = server.send(As::Rival, Method::GET, "/v1/catalogs", &[], "").await;
    assert_eq!(rivals.status, 200);
    assert_eq!(calls().await, before, "it is suspended");
    drop(release);
}

#[tokio::test]
async fn a_page_takes_no_longer_than_an_answer_may() {
    let server = TestServer::with_customer(|r| {
        provide(r, "slow", |item| {
            std::thread::sleep(Duration::from_millis(100));
            title(item)
        });
    });
    for number in 10..50 {
        server.stock(&format!("A{number}")).await;
    }
    let started = Instant::now();
    let page = server.get("/v1/catalogs/main/items").await;
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(4), "{took:?}");
    let page = page.json();
    let items = page["items"].as_array().unwrap();
    let presented = items.iter().take_while(|item| item["extensions"]["slow"] == item["sku"]).count();
    assert!((5..=20).contains(&presented), "{presented}");
    assert_eq!(items.len(), 40);
    assert!(items.iter().skip(presented).all(|item| item.get("extensions").is_none()));
    // The hook itself has done nothing wrong.
    assert_eq!(server.get("/v1/catalogs/main/items/A49").await.json()["extensions"], json!({"slow": "A49"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_customers_presenters_hold_at_once_for_what_is_in_memory() {
    let (server, _) = titled();
    server.stock("A1").await;
    assert_eq!(server.get(A1).await.json()["extensions"], json!({"title": "A1"}));
    server.serve_acme_by("plain");
    let deadline = Instant::now() + Duration::from_secs(10);
    while server.get(A1).await.json().get("extensions").is_some() {
        assert!(Instant::now() < deadline, "the tenant's row is looked at again within seconds");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn the_schema_of_an_item_has_extensions_whoever_presents() {
    let (with, without) = (titled().0, TestServer::new());
    assert_eq!(with.document, without.document);
    let item = &with.document["components"]["schemas"]["Item"];
    let extensions = &item["properties"]["extensions"];
    assert_eq!(
        (&extensions["type"], &extensions["readOnly"], &extensions["additionalProperties"]),
        (&json!("object"), &json!(true), &json!(true))
    );
    assert!(!item["required"].as_array().unwrap().contains(&json!("extensions")));
}

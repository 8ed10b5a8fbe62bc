//! The source against a shop: pages, gaps, faults, sessions that expire, answers made to hurt.

use std::cell::RefCell;
use std::rc::Rc;

use plugpoint_plugin_magento::{MagentoSource, MagentoTransformer};
use plugpoint_sdk::points::import_source;
use plugpoint_sdk::profile::{Profile, SourceProfile};
use plugpoint_sdk::pull::SourceError;
use plugpoint_sdk::testkit::{FAKE_SECRET, FakeService, Outcome, PullTrial, Pulled, Sample};

use crate::shop::{Oddity, Seen, shop};

fn settings(page_size: u32) -> SourceProfile {
    SourceProfile {
        url: "https://shop.example".into(),
        user: Some("api".into()),
        page_size,
        ..SourceProfile::default()
    }
}

fn profile() -> Profile {
    Profile::parse("[catalog]\ncurrency = 'EUR'").expect("a profile")
}

fn pull_with(ids: &[u64], oddity: &Oddity, settings: &SourceProfile, profile: &Profile) -> (Pulled, Rc<RefCell<Seen>>) {
    let seen = RefCell::new(None);
    let service = || -> FakeService {
        let (service, its) = shop(ids, oddity.clone());
        *seen.borrow_mut() = Some(its);
        service
    };
    let pulled = PullTrial { settings, profile, service: &service }.pull(&MagentoSource);
    let seen = seen.into_inner().expect("a service");
    (pulled, seen)
}

fn pull(ids: &[u64], oddity: &Oddity) -> (Pulled, Rc<RefCell<Seen>>) {
    pull_with(ids, oddity, &settings(10), &profile())
}

fn error_of(pulled: &Pulled) -> (&'static str, String) {
    match &pulled.result {
        Err(SourceError::Failed(error)) => (error.code.name, error.detail.clone()),
        other => panic!("no failure: {other:?}"),
    }
}

/// The items of what was pulled, by their numbers.
fn skus(pulled: &Pulled) -> Vec<String> {
    assert!(pulled.result.is_ok(), "{:?}", pulled.result);
    let profile = profile();
    let sample = Sample { bytes: &pulled.document, media_type: "application/xml", charset: None, profile: &profile };
    let outcome = Outcome::of(&MagentoTransformer, &[], &sample);
    assert_eq!(outcome.error, None);
    assert!(outcome.findings.is_empty(), "{:?}", outcome.findings);
    for item in &outcome.items {
        assert_eq!(item.texts[0].title, format!("Nägel & {}", &item.sku[1..]));
        assert_eq!(item.categories.len(), 2);
    }
    outcome.items.iter().map(|item| item.sku.clone()).collect()
}

fn numbers(ids: &[u64]) -> Vec<String> {
    ids.iter().map(|id| format!("S{id}")).collect()
}

#[test]
fn all_products_come_once_whatever_the_shop_is_like() {
    let dense: Vec<u64> = (1..=35).collect();
    let gaps = vec![1, 2, 11, 500, 501, 1_000_000, 4_294_967_295];
    for ids in [dense, gaps, vec![7], vec![10, 20], Vec::new()] {
        for is_wsi in [false, true] {
            for refuses_bound in [false, true] {
                let oddity = Oddity { is_wsi, refuses_bound, ..Oddity::default() };
                let (pulled, seen) = pull(&ids, &oddity);
                assert_eq!(skus(&pulled), numbers(&ids), "{oddity:?}");
                assert_eq!(pulled.progress.0, ids.len() as u64);
                let seen = seen.borrow();
                assert!(seen.open.is_empty(), "the session was left");
                assert_eq!((seen.sessions, seen.operations.last().map(String::as_str)), (1, Some("endSession")));
            }
        }
    }
}

#[test]
fn pages_are_as_large_as_they_were_asked_for() {
    let ids: Vec<u64> = (1..=30).collect();
    for (page_size, pages) in [(10, 3), (1, 30), (1000, 1)] {
        let (pulled, seen) = pull_with(&ids, &Oddity::default(), &settings(page_size), &profile());
        assert_eq!(skus(&pulled).len(), 30);
        let count = |name: &str| seen.borrow().operations.iter().filter(|it| *it == name).count();
        assert_eq!(count("catalogInventoryStockItemList"), pages);
        assert_eq!(count("catalogProductInfo"), 30);
        assert!(count("catalogProductList") <= pages + 9, "the end is proved by a few questions");
    }
}

#[test]
fn stock_is_told_where_the_user_may_see_it() {
    let (pulled, _) = pull(&[4], &Oddity::default());
    assert!(String::from_utf8_lossy(&pulled.document).contains("<qty>5.0000</qty>"));
    for code in ["2", "3", "4"] {
        let (pulled, seen) =
            pull(&(1..=30).collect::<Vec<_>>(), &Oddity { stock_fault: Some(code), ..Oddity::default() });
        assert_eq!(skus(&pulled).len(), 30);
        let asked = seen.borrow().operations.iter().filter(|it| *it == "catalogInventoryStockItemList").count();
        assert_eq!(asked, 1, "it is not asked again");
    }
    let (pulled, seen) = pull(&[4], &Oddity { stock_fault: Some("1"), ..Oddity::default() });
    assert!(error_of(&pulled).1.contains("catalogInventoryStockItemList: the service answered fault 1"));
    assert!(seen.borrow().open.is_empty());
}

#[test]
fn a_session_that_expires_is_renewed_once() {
    let ids: Vec<u64> = (1..=9).collect();
    let expires = |after| Oddity { expires_after: Some(after), ..Oddity::default() };
    let (pulled, seen) = pull(&ids, &expires(12));
    assert_eq!(skus(&pulled), numbers(&ids));
    assert_eq!((seen.borrow().sessions, seen.borrow().open.len()), (2, 0));
    let (pulled, seen) = pull(&ids, &expires(3));
    let (code, detail) = error_of(&pulled);
    assert_eq!(code, "source_failed");
    assert!(detail.contains("fault 5: Session expired"), "{detail}");
    assert_eq!(seen.borrow().sessions, 2);
}

#[test]
fn a_product_that_has_gone_meanwhile_is_left_out() {
    let (pulled, _) = pull(&[1, 2, 3], &Oddity { gone: Some(2), ..Oddity::default() });
    assert_eq!(skus(&pulled), numbers(&[1, 3]));
    assert_eq!(pulled.progress.0, 2);
}

#[test]
fn a_page_that_repeats_for_ever_ends_the_pull() {
    let (pulled, seen) = pull(&[1, 2, 3], &Oddity { repeats: true, ..Oddity::default() });
    assert!(error_of(&pulled).1.contains("lists the same products again, though it was asked for those after 3"));
    assert!(seen.borrow().open.is_empty());
    let limited = Profile::parse("[limits]\nrecords_max = 29").expect("a profile");
    let (pulled, seen) = pull_with(&(1..=30).collect::<Vec<_>>(), &Oddity::default(), &settings(10), &limited);
    assert_eq!(error_of(&pulled).0, "limit_exceeded");
    assert!(seen.borrow().open.is_empty());
    let limited = Profile::parse("[limits]\nrecords_max = 30").expect("a profile");
    assert!(pull_with(&(1..=30).collect::<Vec<_>>(), &Oddity::default(), &settings(10), &limited).0.result.is_ok());
}

#[test]
fn a_login_that_fails_says_why() {
    let (pulled, seen) = pull(&[1], &Oddity { refuses_login: true, ..Oddity::default() });
    let (code, detail) = error_of(&pulled);
    // The platform takes the secret out of what the shop repeats.
    assert_eq!((code, detail.contains("fault 2: Access denied")), ("source_login_refused", true), "{detail}");
    assert_eq!(seen.borrow().operations, ["login"], "there is no session to leave");
    assert!(pulled.document.is_empty());
    let nobody = SourceProfile { user: None, ..settings(10) };
    let (pulled, seen) = pull_with(&[1], &Oddity::default(), &nobody, &profile());
    assert_eq!(error_of(&pulled), ("profile_invalid", "a Magento source logs in: set sources.trial.user".to_owned()));
    assert!(seen.borrow().operations.is_empty());
}

#[test]
fn answers_made_to_hurt_end_the_pull_and_the_session() {
    let body = |inner: &str| {
        let (head, tail) = (
            "<e:Envelope xmlns:e='x'><e:Body><catalogProductInfoResponse><info>",
            "</info></catalogProductInfoResponse></e:Body></e:Envelope>",
        );
        format!("{head}{inner}{tail}").into_bytes()
    };
    let whole = body("<product_id>2</product_id><sku>S2</sku>");
    let bomb = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]>";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("no SOAP that can be read", [bomb.as_bytes(), &whole].concat()),
        ("no SOAP that can be read", body("<sku>&file;</sku>")),
        ("no SOAP that can be read", whole[..whole.len() - 20].to_vec()),
        ("more than 32", body(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000)))),
        ("a text has more than", body(&format!("<sku>{}</sku>", "x".repeat((1 << 20) + 1)))),
        ("larger than", body(&"<a>x</a>".repeat(200_000))),
        ("does not describe product 2", body("<product_id>3</product_id><sku>S3</sku>")),
        ("does not describe product 2", body("")),
        ("no SOAP", b"<html>Maintenance</html>".to_vec()),
        ("no SOAP", vec![0xff; 100]),
    ];
    for (expected, answer) in cases {
        let (pulled, seen) = pull(&[1, 2, 3], &Oddity { answers: Some((2, answer)), ..Oddity::default() });
        let (code, detail) = error_of(&pulled);
        assert_eq!(code, "source_failed");
        assert!(detail.starts_with("catalogProductInfo: ") && detail.contains(expected), "{expected}: {detail}");
        assert!(seen.borrow().open.is_empty(), "the session was left");
    }
    let (pulled, _) = pull(&[1, 2, 3], &Oddity { answers: Some((2, whole)), ..Oddity::default() });
    assert!(pulled.result.is_ok());
}

#[test]
fn the_source_keeps_the_promises_of_sources() {
    for oddity in [Oddity::default(), Oddity { is_wsi: true, ..Oddity::default() }] {
        let service = || shop(&[1, 2, 3, 14], oddity.clone()).0;
        let trial = PullTrial { settings: &settings(2), profile: &profile(), service: &service };
        import_source::conformance(&MagentoSource, &trial).expect("promises");
    }
}

#[test]
fn the_secret_goes_into_the_login_alone() {
    let (pulled, _) = pull(&[1, 2], &Oddity::default());
    let holds = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains(FAKE_SECRET);
    assert_eq!(pulled.requests.iter().filter(|request| holds(&request.body)).count(), 1);
    assert!(holds(&pulled.requests[0].body) && !holds(&pulled.document));
    assert!(
        pulled.requests.iter().all(|request| request.headers.iter().all(|(_, value)| !value.contains(FAKE_SECRET)))
    );
}

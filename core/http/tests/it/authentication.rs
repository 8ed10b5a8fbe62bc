//! Credentials: who is let in, what it costs, and how soon a change is known.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use plugpoint_http::Presented;
use plugpoint_store::{Store, StoreOptions};

use crate::support::{TestApp, basic, create_tenant};

async fn status(app: &TestApp, authorization: &str) -> u16 {
    let request = Request::get("/probe?text=a").header("authorization", authorization);
    app.send(request.body(Body::empty()).unwrap()).await.status.as_u16()
}

#[tokio::test]
async fn basic_and_bearer_let_in() {
    let app = TestApp::new();
    let (key_id, secret) = (&app.acme.key_id, &app.acme.secret);
    for value in [basic(key_id, secret), format!("Bearer {key_id}:{secret}"), format!("bearer {key_id}.{secret}")] {
        assert_eq!(status(&app, &value).await, 200, "{value}");
    }
    assert_eq!(app.platform.verifications(), 1, "the scheme does not matter to the cache");
}

#[tokio::test]
async fn whatever_is_wrong_is_one_answer() {
    let app = TestApp::new();
    let (key_id, secret) = (&app.acme.key_id, &app.acme.secret);
    let wrong = [
        basic(key_id, "wrong"),
        basic("pk_unknown", secret),
        basic(key_id, ""),
        basic("", secret),
        format!("Bearer {secret}"),
    ];
    let mut details = std::collections::BTreeSet::new();
    for value in wrong {
        let request = Request::get("/probe").header("authorization", &value).body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{value}");
        let schemes: Vec<_> =
            answer.headers.get_all("www-authenticate").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(schemes, [r#"Basic realm="plugpoint", charset="UTF-8""#, r#"Bearer realm="plugpoint""#]);
        details.insert(answer.json()["detail"].to_string());
    }
    assert_eq!(details.len(), 1, "{details:?}");
    let answer = app.send(Request::get("/probe").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.refusal().0, 401);
}

#[tokio::test]
async fn an_open_route_asks_for_nothing() {
    let app = TestApp::new();
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/", "/docs/errors"] {
        let answer = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn a_credential_costs_one_argon2_run() {
    let app = TestApp::new();
    let right = basic(&app.acme.key_id, &app.acme.secret);
    for _ in 0..50 {
        assert_eq!(status(&app, &right).await, 200);
    }
    assert_eq!(app.platform.verifications(), 1);
    let wrong = basic(&app.acme.key_id, "wrong");
    for _ in 0..50 {
        assert_eq!(status(&app, &wrong).await, 401);
    }
    assert_eq!(app.platform.verifications(), 2, "a refusal is remembered too");
    for _ in 0..3 {
        assert_eq!(status(&app, &basic("pk_unknown", "x")).await, 401);
    }
    assert_eq!(app.platform.verifications(), 3, "an unknown key id costs a run as well, once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_share_one_run() {
    let app = TestApp::new();
    let presented = Presented::Basic { key_id: app.acme.key_id.clone(), secret: app.acme.secret.clone() };
    let all: Vec<_> = (0..200)
        .map(|_| {
            let (platform, presented) = (app.platform.clone(), presented.clone());
            tokio::spawn(async move { platform.authenticate(&presented).await.is_ok() })
        })
        .collect();
    for one in all {
        assert!(one.await.unwrap());
    }
    assert_eq!(app.platform.verifications(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_of_wrong_credentials_is_bounded() {
    let app = TestApp::new();
    let all: Vec<_> = (0..300)
        .map(|number| {
            let platform = app.platform.clone();
            let presented = Presented::Bearer(format!("pk_{number}:guess"));
            tokio::spawn(async move { platform.authenticate(&presented).await.err().map(|error| error.code.name) })
        })
        .collect();
    let mut codes = std::collections::BTreeMap::new();
    for one in all {
        *codes.entry(one.await.unwrap().unwrap()).or_insert(0) += 1;
    }
    assert!(codes["unavailable"] > 0, "{codes:?}");
    assert!(app.platform.verifications() < 300);
}

#[tokio::test]
async fn a_tenant_made_by_another_process_is_served_at_once() {
    let app = TestApp::new();
    assert_eq!(status(&app, &basic(&app.acme.key_id, &app.acme.secret)).await, 200);
    let other = Store::open(app.data.path(), StoreOptions::default()).unwrap();
    let young = create_tenant(&other, "young");
    let request = Request::get("/probe?text=a").header("authorization", basic(&young.key_id, &young.secret));
    let answer = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(String::from_utf8(answer.body).unwrap(), "young a 10 false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_stops_working_soon_and_others_are_not_hashed_again() {
    let app = TestApp::new();
    let store = app.platform.store().clone();
    let bob = create_tenant(&store, "bob");
    let (acme, bob) = (basic(&app.acme.key_id, &app.acme.secret), basic(&bob.key_id, &bob.secret));
    assert_eq!((status(&app, &acme).await, status(&app, &bob).await), (200, 200));
    assert_eq!(app.platform.verifications(), 2);

    let other = Store::open(app.data.path(), StoreOptions::default()).unwrap();
    let fresh = other.control().rotate_key(&"acme".parse().unwrap()).unwrap();
    assert_eq!(status(&app, &basic(&fresh.key_id, &fresh.secret)).await, 200, "the new one works at once");
    assert_eq!(status(&app, &acme).await, 401, "what was seen with the new one holds for the old one too");
    let runs = app.platform.verifications();
    assert_eq!(status(&app, &bob).await, 200);
    assert_eq!(app.platform.verifications(), runs, "bob's row has not changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_seen_without_any_other_traffic() {
    let app = TestApp::new();
    let acme = basic(&app.acme.key_id, &app.acme.secret);
    assert_eq!(status(&app, &acme).await, 200);
    let other = Store::open(app.data.path(), StoreOptions::default()).unwrap();
    other.control().rotate_key(&"acme".parse().unwrap()).unwrap();
    let mut seen = 0;
    for _ in 0..40 {
        seen = status(&app, &acme).await;
        if seen == 401 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(seen, 401);
}

#[tokio::test]
async fn nobodys_hash_costs_what_a_real_one_does() {
    let app = TestApp::new();
    let row = app.platform.store().control().credential(&app.acme.key_id).unwrap().unwrap();
    assert!(row.secret_hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", row.secret_hash);
}

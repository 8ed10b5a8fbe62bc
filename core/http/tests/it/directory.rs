//! Credentials that a customer's own directory judges: `USER@TENANT`, over HTTP.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::Request;
use plugpoint_http::Presented;
use plugpoint_kernel::Source;
use plugpoint_sdk::points::credential_verifier::{self, CredentialVerifier, PresentedCredential, Verdict};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::support::{Answer, TestApp, basic, create_tenant, create_tenant_of, customer};

struct Verifier<F>(F);

impl<F: Fn(&str, &str) -> Result<Verdict, String> + Send + Sync> CredentialVerifier for Verifier<F> {
    fn verify(&self, presented: &PresentedCredential<'_>) -> Result<Verdict, String> {
        (self.0)(presented.user, presented.secret)
    }
}

/// The customer acme, with one verifier.
fn acme(verify: impl Fn(&str, &str) -> Result<Verdict, String> + Send + Sync + 'static) -> Source {
    customer("acme", |r| _ = r.provide(&credential_verifier::POINT, "acme.directory", Verifier(verify)))
}

/// An app whose tenant acme asks this verifier, and how often it did.
fn app_asking(
    verify: impl Fn(&str, &str) -> Result<Verdict, String> + Send + Sync + 'static,
) -> (TestApp, Arc<AtomicU64>) {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let counting = move |user: &str, secret: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        verify(user, secret)
    };
    (TestApp::with_customers(vec![acme(counting)], |_| {}), calls)
}

fn jane(user: &str, secret: &str) -> Result<Verdict, String> {
    Ok(match (user, secret) {
        ("jane" | "jane@example.com" | "@", "right") => Verdict::Accept,
        ("jane" | "jane@example.com" | "@", _) => Verdict::Refuse,
        _ => Verdict::Unknown,
    })
}

async fn ask(app: &TestApp, authorization: &str) -> Answer {
    let request = Request::get("/probe?text=a").header("authorization", authorization);
    app.send(request.body(Body::empty()).unwrap()).await
}

async fn status(app: &TestApp, key_id: &str, secret: &str) -> u16 {
    ask(app, &basic(key_id, secret)).await.status.as_u16()
}

fn presented(key_id: &str) -> Presented {
    Presented::Basic { key_id: key_id.to_owned(), secret: "right".to_owned() }
}

#[tokio::test]
async fn the_directory_lets_in_for_its_own_tenant() {
    let (app, calls) = app_asking(jane);
    for value in [
        basic("jane@acme", "right"),
        basic("jane@example.com@acme", "right"),
        basic("@@acme", "right"),
        "Bearer jane@example.com@acme:right".to_owned(),
        "Bearer jane@acme.right".to_owned(),
    ] {
        let answer = ask(&app, &value).await;
        assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"acme a 10 false"[..]), "{value}");
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3, "the scheme does not matter to what is remembered");
    assert_eq!(app.platform.verifications(), 0, "argon2 has no part in it");
    let principal = app.platform.authenticate(&presented("jane@example.com@acme")).await.unwrap();
    assert_eq!((principal.tenant.as_str(), &*principal.key_id), ("acme", "jane@example.com@acme"));
    assert_eq!(status(&app, &app.acme.key_id, &app.acme.secret).await, 200, "the platform's credentials go on");
    assert_eq!((calls.load(Ordering::SeqCst), app.platform.verifications()), (3, 1));
}

#[tokio::test]
async fn the_first_verifier_that_does_not_pass_on_decides() {
    let says = |map: &'static [(&'static str, Verdict)]| {
        Verifier(move |user: &str, _: &str| {
            Ok(map.iter().find(|(known, _)| *known == user).map_or(Verdict::Unknown, |(_, verdict)| *verdict))
        })
    };
    let two = customer("acme", move |r| {
        r.provide(&credential_verifier::POINT, "acme.a", says(&[("eve", Verdict::Accept), ("bob", Verdict::Accept)]));
        let first = says(&[("jane", Verdict::Accept), ("eve", Verdict::Refuse)]);
        r.provide(&credential_verifier::POINT, "acme.z", first).before("acme.a");
    });
    let app = TestApp::with_customers(vec![two], |_| {});
    for (user, expected) in [("jane", 200), ("eve", 401), ("bob", 200), ("nobody", 401)] {
        assert_eq!(status(&app, &format!("{user}@acme"), "s").await, expected, "{user}");
    }
}

#[tokio::test]
async fn whoever_is_refused_gets_the_one_answer() {
    let (app, calls) = app_asking(jane);
    create_tenant(app.platform.store(), "plain");
    let wrong = ask(&app, &basic("pk_unknown", "right")).await;
    let (expected, argon2) = (wrong.json()["detail"].clone(), app.platform.verifications());
    for (key_id, is_asked) in [
        ("jane@acme", true),
        ("stranger@acme", true),
        ("a@b@acme", true),
        ("jane@plain", false),
        ("jane@acme@plain", false),
        ("jane@nobody", false),
        ("jane@Acme", false),
        ("jane@acme\0", false),
        ("jane@", false),
        ("@acme", false),
        ("@", false),
        ("jane", false),
    ] {
        let (asked, runs) = (calls.load(Ordering::SeqCst), app.platform.verifications());
        let secret = if is_asked && key_id.starts_with("jane") { "wrong" } else { "right" };
        let answer = ask(&app, &basic(key_id, secret)).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated".to_owned()), "{key_id}");
        assert_eq!(answer.json()["detail"], expected, "{key_id}");
        let costs = (calls.load(Ordering::SeqCst) - asked, app.platform.verifications() - runs);
        assert_eq!(
            costs,
            if is_asked { (1, 0) } else { (0, 1) },
            "{key_id}: it costs an argon2 run unless a verifier is asked"
        );
    }
    assert!(app.platform.verifications() > argon2);
}

#[tokio::test]
async fn odd_credentials_reach_the_verifier_as_they_were_sent() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&seen);
    let (app, _) = app_asking(move |user, secret| {
        shared.lock().unwrap().push((user.to_owned(), secret.to_owned()));
        Ok(Verdict::Unknown)
    });
    let long = "x".repeat(600);
    let odd = [("a b", "c:d@acme"), ("\u{0}", "\u{0}"), ("ä\u{1F4A1}", "\r\n"), (long.as_str(), "s")];
    for (user, secret) in odd {
        assert_eq!(status(&app, &format!("{user}@acme"), secret).await, 401);
    }
    let expected: Vec<_> = odd.iter().map(|(user, secret)| ((*user).to_owned(), (*secret).to_owned())).collect();
    assert_eq!(*seen.lock().unwrap(), expected);
    assert_eq!(status(&app, &format!("{}@acme", "x".repeat(2000)), "s").await, 401);
    assert_eq!(seen.lock().unwrap().len(), odd.len(), "what is longer than a credential may be is asked of nobody");
}

#[tokio::test]
async fn a_verdict_is_remembered() {
    let (app, calls) = app_asking(jane);
    for _ in 0..50 {
        assert_eq!(status(&app, "jane@acme", "right").await, 200);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    for _ in 0..50 {
        assert_eq!(status(&app, "jane@acme", "wrong").await, 401);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 2, "a refusal too");
    assert_eq!(status(&app, "jane@acme", "right").await, 200);
    assert_eq!(calls.load(Ordering::SeqCst), 2, "and it takes nothing from the other");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_verdict_outlives_changes_of_other_tenants_and_not_one_of_its_own() {
    let (first, calls) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (counted, shared) = (Arc::clone(&calls), Arc::clone(&first));
    let is_first = move |user: &str, secret: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        if shared.load(Ordering::SeqCst) == 0 { jane(user, secret) } else { Ok(Verdict::Refuse) }
    };
    let app = TestApp::with_customers(vec![acme(is_first), customer("plain", |_| {})], |_| {});
    assert_eq!(status(&app, "jane@acme", "right").await, 200);
    let control = app.platform.store().control();
    let young = create_tenant(app.platform.store(), "young");
    assert_eq!(status(&app, &young.key_id, &young.secret).await, 200, "the change was seen");
    assert_eq!(status(&app, "jane@acme", "right").await, 200);
    assert_eq!(calls.load(Ordering::SeqCst), 1, "looked at again, not asked again");

    first.store(1, Ordering::SeqCst);
    control.promote(&"acme".parse().unwrap(), "plain").unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while status(&app, "jane@acme", "right").await != 401 {
        assert!(Instant::now() < deadline, "another customer's crate serves the tenant");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1, "the new crate has no verifier");
    control.promote(&"acme".parse().unwrap(), "acme").unwrap();
    // The refusal in between is remembered for five seconds.
    let deadline = Instant::now() + Duration::from_secs(10);
    while calls.load(Ordering::SeqCst) == 1 {
        assert!(Instant::now() < deadline, "the verifier is asked anew");
        assert_eq!(status(&app, "jane@acme", "right").await, 401, "the old verdict was forgotten");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn nothing_is_remembered_where_the_operator_says_so() {
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let counting = move |user: &str, secret: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        jane(user, secret)
    };
    let app = TestApp::with_customers(vec![acme(counting)], |config| config.auth.cache_ttl_s = 0);
    for _ in 0..3 {
        assert_eq!(status(&app, "jane@acme", "right").await, 200);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn one_tenants_directory_says_nothing_for_another() {
    let app = TestApp::with_customers(
        vec![
            acme(jane),
            customer("rival", |r| {
                let refuses = Verifier(|_: &str, _: &str| Ok(Verdict::Refuse));
                r.provide(&credential_verifier::POINT, "rival.directory", refuses);
            }),
        ],
        |_| {},
    );
    create_tenant_of(app.platform.store(), "rival", Some("rival"));
    create_tenant_of(app.platform.store(), "sister", Some("acme"));
    assert_eq!(status(&app, "jane@acme", "right").await, 200);
    assert_eq!(status(&app, "jane@rival", "right").await, 401);
    assert_eq!(status(&app, "jane@acme@rival", "right").await, 401);
    let sister = ask(&app, &basic("jane@sister", "right")).await;
    assert_eq!(&*sister.body, b"sister a 10 false", "tenants of one customer share its crate, not their credentials");
}

/// Keeps every event as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        struct Line(String);
        impl Visit for Line {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                self.0.push_str(&format!("{field}={value:?} "));
            }
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_goes_wrong_lets_nobody_in_and_is_not_remembered() {
    let log = Log::default();
    // No other test of this program listens.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let is_well = Arc::new(AtomicBool::new(false));
    let shared = Arc::clone(&is_well);
    let later = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&later);
    let two = customer("acme", move |r| {
        let ill = move |user: &str, secret: &str| match (shared.load(Ordering::SeqCst), user) {
            (true, _) => jane(user, secret),
            (false, "panic") => panic!("no line to the directory for {secret}"),
            (false, _) => Err(format!("no line to the directory for {secret}")),
        };
        r.provide(&credential_verifier::POINT, "acme.a", Verifier(ill));
        let accepts_all = move |_: &str, _: &str| {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(Verdict::Accept)
        };
        r.provide(&credential_verifier::POINT, "acme.b", Verifier(accepts_all));
    });
    let app = TestApp::with_customers(vec![two], |_| {});
    for user in ["jane", "panic"] {
        let answer = ask(&app, &basic(&format!("{user}@acme"), "s3cret word")).await;
        assert_eq!(answer.refusal(), (503, "unavailable".to_owned()), "{user}");
        assert!(answer.header("retry-after").is_some());
        assert!(!String::from_utf8_lossy(&answer.body).contains("directory"), "nobody is told why");
    }
    assert_eq!(later.load(Ordering::SeqCst), 0, "nobody else is asked");
    let log = log.0.lock().unwrap().clone();
    assert!(!log.iter().any(|line| line.contains("s3cret")), "{log:?}");
    let told = |what: &str| {
        let of_acme = log.iter().filter(|line| line.contains("tenant=acme") && line.contains("hook=acme.a"));
        of_acme.filter(|line| line.contains(what)).count()
    };
    assert_eq!(told("no line to the directory for (the secret)"), 2, "{log:?}");
    assert_eq!(told("the verifier acme.a panicked"), 1, "{log:?}");
    is_well.store(true, Ordering::SeqCst);
    assert_eq!(status(&app, "jane@acme", "right").await, 200);
}

#[tokio::test]
async fn one_that_keeps_failing_is_suspended_and_still_lets_nobody_in() {
    let (app, calls) = app_asking(|_, _| Err("out of order".to_owned()));
    for number in 0..20 {
        assert_eq!(status(&app, &format!("user{number}@acme"), "s").await, 503);
    }
    assert_eq!(calls.load(Ordering::SeqCst), u64::from(credential_verifier::POINT.bounds.failures));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hanging_directory_costs_its_budget_and_other_tenants_nothing() {
    let (release, wait) = mpsc::channel::<()>();
    let wait = Mutex::new(wait);
    let hangs = move |_: &str, _: &str| {
        let _ = wait.lock().unwrap().recv();
        Ok(Verdict::Accept)
    };
    // Half of the budget, two and a half seconds: time enough for the others on a busy machine.
    let app = Arc::new(TestApp::with_customers(vec![acme(hangs)], |config| config.hooks.budget_percent = 50));
    let bob = create_tenant(app.platform.store(), "bob");
    let budget = credential_verifier::POINT.bounds.budget / 2;
    let started = Instant::now();
    let hanging = {
        let app = Arc::clone(&app);
        tokio::spawn(async move { (status(&app, "jane@acme", "right").await, started.elapsed()) })
    };
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(status(&app, &bob.key_id, &bob.secret).await, 200);
    assert_eq!(status(&app, &app.acme.key_id, &app.acme.secret).await, 200, "nor the tenant's other credentials");
    assert!(!hanging.is_finished(), "they were let in meanwhile");
    let (answered, took) = hanging.await.unwrap();
    assert!(answered == 503 && took >= budget, "{answered} after {took:?}");
    let started = Instant::now();
    assert_eq!(status(&app, "john@acme", "right").await, 503);
    assert!(started.elapsed() < budget, "it is suspended: {:?}", started.elapsed());
    drop(release);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_than_four_credentials_of_a_tenant_are_judged_at_once() {
    let (release, wait) = mpsc::channel::<()>();
    let (wait, entered) = (Mutex::new(wait), Arc::new(AtomicU64::new(0)));
    let counted = Arc::clone(&entered);
    let waits = move |_: &str, _: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        let _ = wait.lock().unwrap().recv_timeout(Duration::from_secs(4));
        Ok(Verdict::Accept)
    };
    let app = Arc::new(TestApp::with_customers(vec![acme(waits)], |_| {}));
    let ask_as = |number: u32| {
        let app = Arc::clone(&app);
        tokio::spawn(async move { ask(&app, &basic(&format!("user{number}@acme"), "right")).await })
    };
    let judged: Vec<_> = (0..4).map(ask_as).collect();
    let deadline = Instant::now() + Duration::from_secs(10);
    while entered.load(Ordering::SeqCst) < 4 {
        assert!(Instant::now() < deadline, "four are judged at once");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for number in 4..8 {
        let answer = ask_as(number).await.unwrap();
        assert_eq!(answer.refusal(), (503, "unavailable".to_owned()));
        assert!(answer.header("retry-after").is_some());
    }
    drop(release);
    for one in judged {
        assert_eq!(one.await.unwrap().status.as_u16(), 200);
    }
    assert_eq!(ask_as(4).await.unwrap().status.as_u16(), 200, "it was told to come back");
}

#[tokio::test]
async fn a_tenant_that_cannot_be_served_is_not_told_of_to_strangers() {
    let (app, _) = app_asking(jane);
    create_tenant_of(app.platform.store(), "lost", Some("gone"));
    let answer = ask(&app, &basic("jane@lost", "right")).await;
    assert_eq!(answer.refusal(), (503, "unavailable".to_owned()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("gone"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_come_first_at_once_share_one_runtime() {
    let app = TestApp::with_customers(vec![acme(|_, _| Ok(Verdict::Accept))], |_| {});
    let platform = &app.platform;
    let acme = "acme".parse().unwrap();
    let barrier = std::sync::Barrier::new(8);
    let numbers: Vec<u64> = std::thread::scope(|scope| {
        let one = || {
            barrier.wait();
            platform.tenant(&acme).unwrap().number
        };
        let all: Vec<_> = (0..8).map(|_| scope.spawn(one)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(numbers.iter().all(|number| *number == numbers[0]), "{numbers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_may_block_gets_the_same_verdict() {
    let (app, _) = app_asking(jane);
    let platform = Arc::clone(&app.platform);
    // As the SOAP endpoint does.
    let verdicts = tokio::task::spawn_blocking(move || {
        ["jane@acme", "john@acme"]
            .map(|key_id| platform.authenticate_blocking(&presented(key_id)).map(|it| it.key_id.clone()))
    });
    let [good, bad] = verdicts.await.unwrap();
    assert_eq!(good.unwrap(), "jane@acme");
    assert_eq!(bad.unwrap_err().code.name, "unauthenticated");
}

//! Password digests: which credentials have them, how often each is good, and what a wrong one costs and tells.

use plugpoint_http::{Platform, Presented, PresentedDigest};
use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_store::{Credential, Kept};
use sha1::{Digest, Sha1};

use crate::support::{TestApp, create_tenant};

const CREATED: &str = "2026-01-01T12:00:00.123Z";

fn sha1(parts: &[&[u8]]) -> [u8; 20] {
    parts.iter().fold(Sha1::new(), Sha1::chain_update).finalize().into()
}

/// A right digest of this nonce, sent at noon and good for five minutes.
fn digest(credential: &Credential, nonce: &[u8]) -> PresentedDigest {
    let now: jiff::Timestamp = "2026-01-01T12:00:01Z".parse().unwrap();
    PresentedDigest {
        key_id: credential.key_id.clone(),
        digest: sha1(&[nonce, CREATED.as_bytes(), credential.secret.as_bytes()]),
        nonces: vec![nonce.to_vec()],
        created: CREATED.to_owned(),
        now: Timestamp(now),
        fresh_until: Timestamp(now + jiff::SignedDuration::from_secs(300)),
    }
}

fn made_for_digests(app: &TestApp) -> Credential {
    app.platform.store().control().add_key(&"acme".parse().unwrap(), Kept::Sealed).unwrap()
}

/// The tenant, or the code and the sentence of the refusal.
async fn asked(platform: &Platform, digest: PresentedDigest) -> Result<String, (&'static str, String)> {
    let answer = platform.authenticate(&Presented::Digest(Box::new(digest))).await;
    answer.map(|principal| principal.tenant.to_string()).map_err(|error| (error.code.name, error.detail))
}

#[tokio::test]
async fn a_digest_is_good_once() {
    let app = TestApp::new();
    let credential = made_for_digests(&app);
    assert_eq!(asked(&app.platform, digest(&credential, b"1")).await, Ok("acme".to_owned()));
    assert_eq!(asked(&app.platform, digest(&credential, b"2")).await, Ok("acme".to_owned()));
    let (code, detail) = asked(&app.platform, digest(&credential, b"1")).await.unwrap_err();
    assert_eq!(code, "unauthenticated");
    assert!(detail.contains("used before"), "{detail}");
    assert_eq!(app.platform.verifications(), 0, "argon2 has nothing to do with it");
}

#[tokio::test]
async fn a_nonce_in_another_spelling_is_the_same() {
    let app = TestApp::new();
    let credential = made_for_digests(&app);
    let first = PresentedDigest { nonces: vec![b"other".to_vec(), b"n".to_vec()], ..digest(&credential, b"n") };
    assert_eq!(asked(&app.platform, first).await, Ok("acme".to_owned()));
    let second = PresentedDigest { nonces: vec![b"n".to_vec(), b"more".to_vec()], ..digest(&credential, b"n") };
    assert_eq!(asked(&app.platform, second).await.unwrap_err().0, "unauthenticated");
}

#[tokio::test]
async fn the_same_secret_still_works_as_a_text() {
    let app = TestApp::new();
    let Credential { key_id, secret } = made_for_digests(&app);
    let basic = Presented::Basic { key_id, secret };
    assert_eq!(app.platform.authenticate(&basic).await.unwrap().tenant.as_str(), "acme");
}

#[tokio::test]
async fn whatever_is_wrong_is_one_answer_and_leaves_no_nonce() {
    let app = TestApp::new();
    let credential = made_for_digests(&app);
    let unknown = Credential { key_id: "pk_unknown".to_owned(), ..credential.clone() };
    let directory = Credential { key_id: "jane@acme".to_owned(), ..credential.clone() };
    let nobodys = Credential { key_id: "pk_unknown".to_owned(), secret: String::new() };
    let right = || digest(&credential, b"n");
    let wrong = [
        ("a credential that was not made for it", digest(&app.acme, b"n")),
        ("an unknown key id", digest(&unknown, b"n")),
        ("an unknown key id and no secret", digest(&nobodys, b"n")),
        ("a user of a directory", digest(&directory, b"n")),
        ("a digest of something else", PresentedDigest { digest: [0; 20], ..right() }),
        ("another nonce", PresentedDigest { nonces: vec![b"m".to_vec()], ..right() }),
        ("no nonce", PresentedDigest { nonces: Vec::new(), ..right() }),
        ("another Created", PresentedDigest { created: "2026-01-01T12:00:00.124Z".to_owned(), ..right() }),
    ];
    let mut told = std::collections::BTreeSet::new();
    for (name, presented) in wrong {
        let (code, detail) = asked(&app.platform, presented).await.unwrap_err();
        assert_eq!(code, "unauthenticated", "{name}");
        told.insert(detail);
    }
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told.first().unwrap().contains("plugpoint tenant add-key NAME --digest"), "{told:?}");
    assert_eq!(app.platform.verifications(), 0, "a wrong digest wears out no argon2");
    assert!(!app.data.path().join("nonces.db").exists(), "nothing was remembered");
    assert_eq!(asked(&app.platform, right()).await, Ok("acme".to_owned()), "the nonce is still good");
}

#[tokio::test]
async fn a_credential_has_so_many_nonces_and_others_are_not_held_up() {
    let app = TestApp::with_config(|config| config.auth.nonces_per_credential_max = 100);
    let (busy, other) = (made_for_digests(&app), made_for_digests(&app));
    for number in 0..100_u8 {
        assert_eq!(asked(&app.platform, digest(&busy, &[number])).await, Ok("acme".to_owned()), "{number}");
    }
    assert_eq!(asked(&app.platform, digest(&busy, &[100])).await.unwrap_err().0, "unavailable");
    assert_eq!(asked(&app.platform, digest(&other, &[100])).await, Ok("acme".to_owned()));
    let mut later = digest(&busy, &[100]);
    later.now = Timestamp(later.now.0 + jiff::SignedDuration::from_secs(301));
    assert_eq!(asked(&app.platform, later).await, Ok("acme".to_owned()), "what has expired makes room");
}

#[tokio::test]
async fn a_rotated_key_and_a_lost_one_end_digests() {
    let app = TestApp::new();
    let credential = made_for_digests(&app);
    create_tenant(app.platform.store(), "rival");
    let key = app.data.path().join("secrets.key");
    std::fs::remove_file(&key).unwrap();
    assert_eq!(asked(&app.platform, digest(&credential, b"1")).await, Ok("acme".to_owned()), "the key is in memory");
    app.platform.store().control().rotate_key(&"acme".parse().unwrap()).unwrap();
    assert_eq!(asked(&app.platform, digest(&credential, b"2")).await.unwrap_err().0, "unauthenticated");
}

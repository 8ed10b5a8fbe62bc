//! Tenants and credentials.

use std::collections::HashSet;

use plugpoint_sdk::error::ApiError;
use plugpoint_store::{Kept, NewTenant, Store, StoreErrorKind, verify_secret};

use crate::support::{TestStore, catalog, create_tenant, eventually, item, tenant};

fn new(name: &str) -> NewTenant {
    NewTenant { tenant: tenant(name), customer: Some("voltwerk".to_owned()), profile_toml: "[catalog]".to_owned() }
}

#[test]
fn a_tenant_is_created_with_a_credential_that_works() {
    let t = TestStore::new();
    let control = t.store.control();
    let credential = control.create_tenant(&new("volt-1")).unwrap();
    let row = control.tenant(&tenant("volt-1")).unwrap().unwrap();
    assert_eq!((row.customer.as_deref(), row.profile_toml.as_str()), (Some("voltwerk"), "[catalog]"));
    let kept = control.credential(&credential.key_id).unwrap().unwrap();
    assert_eq!(kept.tenant, tenant("volt-1"));
    assert!(kept.secret_hash.starts_with("$argon2id$"), "{}", kept.secret_hash);
    assert!(verify_secret(&kept.secret_hash, &credential.secret));
    for wrong in ["", "x", &credential.secret[1..], &format!("{} ", credential.secret)] {
        assert!(!verify_secret(&kept.secret_hash, wrong), "{wrong:?}");
    }
}

#[test]
fn tenants_are_listed_by_name() {
    let t = TestStore::new();
    create_tenant(&t.store, "zeta");
    create_tenant(&t.store, "beta");
    let names: Vec<_> = t.store.control().tenants().unwrap().into_iter().map(|row| row.tenant.to_string()).collect();
    assert_eq!(names, ["acme", "beta", "zeta"]);
}

#[test]
fn secrets_are_long_and_never_shown_by_accident() {
    let t = TestStore::new();
    let made: Vec<_> = ["a", "b", "c"].map(|name| t.store.control().create_tenant(&new(name)).unwrap()).into();
    assert_eq!(made.iter().map(|credential| &credential.key_id).collect::<HashSet<_>>().len(), 3);
    for credential in &made {
        assert!(credential.key_id.starts_with("pk_") && credential.secret.len() == "ps_".len() + 43);
        assert!(!format!("{credential:?}").contains(&credential.secret[3..]));
    }
}

#[test]
fn the_same_tenant_twice_is_refused_and_the_first_one_stays() {
    let t = TestStore::new();
    let credential = t.store.control().create_tenant(&new("twice")).unwrap();
    let error = t.store.control().create_tenant(&new("twice")).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::AlreadyExists);
    assert_eq!(ApiError::from(error).detail, "tenant twice exists already");
    assert!(t.store.control().credential(&credential.key_id).unwrap().is_some());
}

#[test]
fn a_rotated_key_ends_the_old_one() {
    let t = TestStore::new();
    let control = t.store.control();
    let old = control.create_tenant(&new("rota")).unwrap();
    let new = control.rotate_key(&tenant("rota")).unwrap();
    assert!(control.credential(&old.key_id).unwrap().is_none());
    assert!(verify_secret(&control.credential(&new.key_id).unwrap().unwrap().secret_hash, &new.secret));
    assert_eq!(control.rotate_key(&tenant("nobody")).unwrap_err().kind(), StoreErrorKind::NotFound);
}

#[test]
fn an_added_key_leaves_the_others_and_is_sealed_only_on_purpose() {
    let t = TestStore::new();
    let control = t.store.control();
    let first = control.create_tenant(&new("more")).unwrap();
    let hashed = control.add_key(&tenant("more"), Kept::Hash).unwrap();
    let key = t.folder.path().join("secrets.key");
    assert!(!key.exists(), "who needs no key has none");
    let sealed = control.add_key(&tenant("more"), Kept::Sealed).unwrap();
    assert!(key.exists());
    for credential in [&first, &hashed, &sealed] {
        assert!(verify_secret(
            &control.credential(&credential.key_id).unwrap().unwrap().secret_hash,
            &credential.secret
        ));
    }
    assert_eq!([&first, &hashed].map(|it| control.sealed_secret(&it.key_id).unwrap()), [None, None]);
    let found = control.sealed_secret(&sealed.key_id).unwrap();
    assert_eq!(found, Some((tenant("more"), sealed.secret.clone())));
    // As another process finds it.
    let other = Store::open(t.folder.path(), t.options.clone()).unwrap();
    assert_eq!(other.control().sealed_secret(&sealed.key_id).unwrap().unwrap().1, sealed.secret);
    control.rotate_key(&tenant("more")).unwrap();
    assert_eq!(control.sealed_secret(&sealed.key_id).unwrap(), None);
    assert_eq!(control.add_key(&tenant("nobody"), Kept::Sealed).unwrap_err().kind(), StoreErrorKind::NotFound);
}

#[test]
fn the_unknown_is_none() {
    let t = TestStore::new();
    assert!(t.store.control().tenant(&tenant("nobody")).unwrap().is_none());
    assert!(t.store.control().credential("pk_0").unwrap().is_none());
    assert!(t.store.control().sealed_secret("pk_0").unwrap().is_none());
}

#[test]
fn an_unknown_tenant_has_no_database_and_gets_none() {
    let t = TestStore::new();
    let error = t.store.tenant(&tenant("nobody")).err().unwrap();
    assert_eq!(error.kind(), StoreErrorKind::NotFound);
    assert_eq!(ApiError::from(error).code.name, "not_found");
    assert!(!t.folder.path().join("tenants/nobody").exists());
}

#[test]
fn the_stamp_moves_with_every_change_by_anyone() {
    let t = TestStore::new();
    let control = t.store.control();
    let before = control.stamp().unwrap();
    assert_eq!(control.stamp().unwrap(), before, "reading moves nothing");
    control.tenants().unwrap();
    assert_eq!(control.stamp().unwrap(), before, "reading moves nothing");
    create_tenant(&t.store, "own");
    let own = control.stamp().unwrap();
    assert_ne!(own, before);
    // As the command line does, beside the server.
    let other = Store::open(t.folder.path(), t.options.clone()).unwrap();
    other.control().rotate_key(&tenant("acme")).unwrap();
    eventually("another's change", || control.stamp().unwrap() != own);
    create_tenant(&other, "late");
    assert!(t.store.tenant(&tenant("late")).is_ok(), "served without a restart");
}

#[test]
fn tenants_do_not_see_each_other() {
    let t = TestStore::new();
    create_tenant(&t.store, "rival");
    let rival = t.store.tenant(&tenant("rival")).unwrap();
    t.db.put_item(&catalog(), &item("A", "a"), None).unwrap();
    assert!(rival.item(&catalog(), "A").unwrap().is_none());
    assert!(rival.catalog(&catalog()).unwrap().is_none());
    assert!(rival.changes(&catalog(), 0, 10).unwrap().is_empty());
}

#[test]
fn one_database_per_tenant_however_often_it_is_asked_for() {
    let t = TestStore::new();
    create_tenant(&t.store, "many");
    let opened: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| t.store.tenant(&tenant("many")).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(opened.iter().all(|db| std::sync::Arc::ptr_eq(db, &opened[0])));
}

#[test]
fn a_candidate_is_set_promoted_and_gone() {
    let store = TestStore::new().store;
    let (acme, nobody) = (tenant("acme"), tenant("nobody"));
    let row = || store.control().tenant(&acme).unwrap().unwrap();
    assert_eq!(row().candidate, None);
    let before = store.control().stamp().unwrap();
    store.control().set_candidate(&acme, Some("voltwerk")).unwrap();
    assert_eq!((row().customer, row().candidate.as_deref()), (None, Some("voltwerk")));
    store.control().promote(&acme, "voltwerk").unwrap();
    assert_eq!((row().customer.as_deref(), row().candidate), (Some("voltwerk"), None));
    store.control().set_candidate(&acme, None).unwrap();
    assert_ne!(store.control().stamp().unwrap(), before, "servers hear of it");
    for refused in [store.control().set_candidate(&nobody, None), store.control().promote(&nobody, "x")] {
        assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::NotFound);
    }
}

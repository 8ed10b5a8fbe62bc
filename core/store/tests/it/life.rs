//! Tenants that are suspended, let go, deleted and restored, as far as rows and open files go.

use plugpoint_store::{Act, NewTenant, StoreErrorKind, TenantState};

use super::support::{TestStore, tenant};

fn act(action: &'static str, detail: &str) -> Act {
    Act { actor: "tester".to_owned(), action, tenant: Some(tenant("acme")), detail: detail.to_owned() }
}

fn state(store: &TestStore) -> Option<(TenantState, Option<String>)> {
    store.store.control().tenant(&tenant("acme")).unwrap().map(|row| (row.state, row.reason))
}

#[test]
fn a_state_and_its_act_are_one_commit() {
    let it = TestStore::new();
    let control = it.store.control();
    let stamp = control.stamp().unwrap();
    control.set_suspended(&tenant("acme"), true, Some("why"), &act("tenant suspend", "why")).unwrap();
    assert_eq!(state(&it), Some((TenantState::Suspended, Some("why".to_owned()))));
    assert_ne!(control.stamp().unwrap(), stamp, "whoever looks for changes sees it");
    assert_eq!(control.unserved().unwrap(), [(tenant("acme"), TenantState::Suspended)]);
    control.set_suspended(&tenant("acme"), false, None, &act("tenant resume", "")).unwrap();
    assert_eq!(state(&it), Some((TenantState::Active, None)));
    let nobody = control.set_suspended(&tenant("nobody"), true, None, &act("tenant suspend", ""));
    assert_eq!(nobody.unwrap_err().kind(), StoreErrorKind::NotFound);
    let acts = control.acts(None, 10).unwrap();
    assert_eq!(acts.iter().map(|act| act.action.as_str()).collect::<Vec<_>>(), ["tenant suspend", "tenant resume"]);
    assert!(acts[0].at < acts[1].at && acts[0].detail == "why" && acts[0].actor == "tester");
    assert_eq!(control.acts(None, 1).unwrap(), acts[1..]);
    assert_eq!(control.acts(Some(&tenant("other")), 10).unwrap(), []);
}

#[test]
fn who_is_deleted_or_restored_is_nobody_elses_and_is_not_opened() {
    for (begin, expected) in
        [(TenantState::Deleting, StoreErrorKind::NotFound), (TenantState::Restoring, StoreErrorKind::Busy)]
    {
        let it = TestStore::new();
        let control = it.store.control();
        match begin {
            TenantState::Deleting => control.begin_delete(&tenant("acme"), &act("tenant delete", "")).unwrap(),
            _ => control.begin_restore(&tenant("acme"), &act("restore", "")).unwrap(),
        }
        for refused in [
            control.set_suspended(&tenant("acme"), true, None, &act("tenant suspend", "")),
            control.begin_restore(&tenant("acme"), &act("restore", "")),
        ] {
            assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::Busy, "{begin}");
        }
        assert!(it.store.tenant(&tenant("acme")).is_ok(), "who has it open goes on");
        it.store.let_go(&tenant("acme")).unwrap().close();
        assert_eq!(it.store.tenant(&tenant("acme")).err().unwrap().kind(), expected, "{begin}");
        control.give_up_restore(&tenant("acme")).unwrap();
        assert_eq!(
            it.store.tenant(&tenant("acme")).is_ok(),
            begin == TenantState::Restoring,
            "given up, it is what it was"
        );
    }
}

#[test]
fn a_suspended_tenant_that_is_restored_in_vain_is_suspended_again() {
    let it = TestStore::new();
    let control = it.store.control();
    control.set_suspended(&tenant("acme"), true, Some("why"), &act("tenant suspend", "")).unwrap();
    control.begin_restore(&tenant("acme"), &act("restore", "")).unwrap();
    control.give_up_restore(&tenant("acme")).unwrap();
    assert_eq!(state(&it), Some((TenantState::Suspended, Some("why".to_owned()))));
}

#[test]
fn a_name_that_is_gone_leaves_no_folder() {
    let it = TestStore::new();
    let control = it.store.control();
    let (other, profile_toml) = (tenant("other"), String::new());
    control.create_tenant(&NewTenant { tenant: other.clone(), customer: None, profile_toml }).unwrap();
    let act = Act { tenant: Some(other.clone()), ..act("tenant delete", "") };
    control.begin_delete(&other, &act).unwrap();
    assert!(it.store.tenant(&other).is_err());
    assert!(!it.store.folder_of(&other).exists());
    control.erase_credentials(&other).unwrap();
    assert_eq!((control.forget_tenant(&other, &act).unwrap(), control.forget_tenant(&other, &act).unwrap()), (1, 0));
    assert_eq!(control.begin_delete(&other, &act).unwrap_err().kind(), StoreErrorKind::NotFound);
}

#[test]
fn items_are_held_to_their_bound_over_all_catalogs() {
    use super::support::{catalog, item};
    use plugpoint_sdk::model::ImportMode;
    let it = TestStore::new();
    it.db.set_items_max(2);
    let put = |name: &str, sku: &str| it.db.put_item(&name.parse().unwrap(), &item(sku, "one"), None);
    put("a", "A").unwrap();
    put("b", "B").unwrap();
    assert_eq!(put("a", "C").unwrap_err().kind(), StoreErrorKind::OverQuota);
    assert!(it.db.put_item(&"a".parse().unwrap(), &item("A", "two"), None).is_ok(), "what is there may change");
    let mut tx = it.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    tx.upsert(&item("D", "one")).unwrap();
    tx.within_quota().unwrap();
    let record = super::support::record();
    assert_eq!(tx.commit(&record, &mut std::iter::empty()).unwrap_err().kind(), StoreErrorKind::OverQuota);
    assert!(it.db.catalog(&catalog()).unwrap().is_none(), "nothing was changed");
    it.db.set_items_max(3);
    let mut tx = it.db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    tx.upsert(&item("D", "one")).unwrap();
    assert_eq!(tx.commit(&record, &mut std::iter::empty()).unwrap().added, 1);
    it.db.set_items_max(1);
    it.db.delete_item(&"a".parse().unwrap(), "A", None).unwrap();
    assert_eq!(put("a", "A").unwrap_err().kind(), StoreErrorKind::OverQuota, "it was not let in before, nor now");
}

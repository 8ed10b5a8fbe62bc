//! Tenants at addresses of their own, beside others where the platform has them. Without a server there is nothing to test.

use std::time::Duration;

use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{Act, ElsewhereOptions, NewTenant, Store, StoreErrorKind};

use super::support::{TestStore, catalog, item, item_in, postgres, record, tenant};

fn new(name: &str) -> NewTenant {
    NewTenant { tenant: tenant(name), customer: None, profile_toml: String::new() }
}

/// A platform in files or on the server, and what to put before the name of a schema at an address.
fn platforms() -> Vec<(TestStore, String)> {
    let Some(server) = postgres() else { return Vec::new() };
    let platform = |is_server: bool| {
        let schema_prefix = postgres().unwrap().schema_prefix;
        let it = TestStore::with(|options| {
            options.postgres = options.postgres.take().filter(|_| is_server);
            options.wait_max = Duration::from_secs(5);
            options.elsewhere = ElsewhereOptions { schema_prefix: schema_prefix.clone(), connections_max: 2 };
        });
        (it, format!("{}&schema={schema_prefix}", server.url))
    };
    vec![platform(false), platform(true)]
}

#[test]
fn a_tenant_elsewhere_is_served_copied_replaced_and_deleted_as_any_other() {
    for (it, address) in platforms() {
        it.store.create_tenant_at(&new("away"), &format!("{address}_shop")).unwrap();
        let db = it.store.tenant(&tenant("away")).unwrap();
        let mut tx = db.begin_import(&catalog(), ImportMode::Replace).unwrap();
        tx.upsert(&item_in("A", "one", &["tools"])).unwrap();
        tx.commit(&record(), &mut std::iter::empty()).unwrap();
        assert!(it.db.catalog(&catalog()).unwrap().is_none(), "others are where they were");
        let shown = it.store.place_shown(&tenant("away")).unwrap().unwrap();
        assert!(shown.starts_with("postgres://127.0.0.1:") && shown.ends_with("_shop"), "{shown}");
        assert!(!shown.contains("plugpoint:"), "no password: {shown}");
        assert_eq!(it.store.place_shown(&tenant("acme")).unwrap(), None);
        // After a restart it is found again.
        drop((it.store.let_go(&tenant("away")), db));
        let again = Store::open(it.folder.path(), it.options.clone()).unwrap();
        let db = again.tenant(&tenant("away")).unwrap();
        assert_eq!(db.skus(&catalog(), None, 10).unwrap(), ["A"]);
        let copy = it.folder.path().join("copy.db");
        again.copy_database(&tenant("away"), &copy).unwrap();
        db.put_item(&catalog(), &item("B", "two"), None).unwrap();
        again.let_go(&tenant("away")).unwrap().close();
        drop(db);
        again.fill_schema(&tenant("away"), &copy).unwrap();
        again.switch_schemas(&tenant("away")).unwrap();
        again.sweep_schemas(&tenant("away")).unwrap();
        assert_eq!(
            again.tenant(&tenant("away")).unwrap().skus(&catalog(), None, 10).unwrap(),
            ["A"],
            "as it was copied"
        );
        again.let_go(&tenant("away")).unwrap().close();
        let act = Act { actor: "t".to_owned(), action: "tenant delete", tenant: None, detail: String::new() };
        again.control().begin_delete(&tenant("away"), &act).unwrap();
        assert!(again.drop_schemas(&tenant("away")).unwrap().unwrap().rows > 0);
        assert_eq!(again.left_in_server(&tenant("away"), &[]).unwrap(), Vec::<String>::new());
        again.control().erase_credentials(&tenant("away")).unwrap();
        again.control().forget_tenant(&tenant("away"), &act).unwrap();
        // Name and schema can be used again.
        again.create_tenant_at(&new("away"), &format!("{address}_shop")).unwrap();
        assert!(again.tenant(&tenant("away")).unwrap().catalogs(None, 10).unwrap().is_empty());
    }
}

#[test]
fn an_address_that_cannot_be_used_creates_nothing() {
    for (it, address) in platforms() {
        it.store.create_tenant_at(&new("first"), &format!("{address}_one")).unwrap();
        it.store.create_tenant_at(&new("second"), &format!("{address}_two")).unwrap();
        let pooler = std::env::var("PLUGPOINT_TEST_POOLER").unwrap();
        let wrong_password = address.replace("plugpoint:plugpoint@", "plugpoint:wrong@");
        for (address, kind, words) in [
            (format!("{address}_one"), StoreErrorKind::Unfit, "is in use"),
            (format!("{address}_A"), StoreErrorKind::Unfit, "schema has 1 to 63"),
            ("mysql://db/shop".to_owned(), StoreErrorKind::Unfit, "begins with postgres://"),
            (pooler, StoreErrorKind::Unfit, "pooler"),
            ("postgres://u@127.0.0.1:1/shop?sslmode=disable".to_owned(), StoreErrorKind::Unavailable, "refused"),
            ("postgres://u@127.0.0.1:1/shop?sslmode=disable".to_owned(), StoreErrorKind::Unavailable, "a moment ago"),
            (format!("{wrong_password}_x"), StoreErrorKind::Unavailable, "password"),
        ] {
            let error = it.store.create_tenant_at(&new("third"), &address).unwrap_err();
            let causes = format!("{error} {:?}", std::error::Error::source(&error));
            assert!(error.kind() == kind && causes.contains(words), "{address}: {causes}");
            assert_eq!(it.store.control().tenant(&tenant("third")).unwrap(), None, "{address}");
        }
        // An empty schema is everybody's until a tenant has it: of two at once the control database lets one.
        let error = it.store.create_tenant_at(&new("first"), &format!("{address}_three")).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::AlreadyExists);
    }
}

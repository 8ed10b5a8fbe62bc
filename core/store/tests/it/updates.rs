//! Customers' update files: each step once, in its order, recorded; a step that fails leaves nothing; nobody changes what is not his own.

use std::collections::BTreeMap;
use std::sync::Arc;

use plugpoint_sdk::model::ImportMode;
use plugpoint_sdk::update::Updates;
use plugpoint_store::{Behind, Migrate, NewTenant, Store, StoreError, StoreErrorKind, StoreOptions, Structure};

use crate::support::{TestStore, catalog, item, postgres, tenant};

const STOCK: &str = "-- step: stock\nCREATE TABLE x_a_b_stock (sku TEXT PRIMARY KEY, pieces BIGINT, note TEXT);\n\
    INSERT INTO x_a_b_stock (sku, pieces, note) SELECT sku, 7, 'nul free' FROM items;\n";
const SHELF: &str = "-- step: shelf Where it lies\nALTER TABLE x_a_b_stock ADD COLUMN shelf BIGINT;\n\
    UPDATE x_a_b_stock SET shelf = pieces * 2;\nCREATE INDEX x_a_b_stock_shelf ON x_a_b_stock (shelf);\n";
const REBUILT: &str = "-- step: rebuilt\nCREATE TABLE x_a_b_new (sku TEXT PRIMARY KEY, place BIGINT NOT NULL);\n\
    INSERT INTO x_a_b_new SELECT sku, shelf FROM x_a_b_stock;\nDROP TABLE x_a_b_stock;\n\
    ALTER TABLE x_a_b_new RENAME TO x_a_b_stock;\n";

fn updates(text: &str) -> Arc<BTreeMap<String, Arc<Updates>>> {
    Arc::new([("a-b".to_owned(), Arc::new(text.parse().unwrap()))].into())
}

/// A store with a tenant `shop` of the customer `a-b`, which has an item, and no steps yet.
fn shop() -> TestStore {
    let t = TestStore::new();
    let new = NewTenant { tenant: tenant("shop"), customer: Some("a-b".to_owned()), profile_toml: String::new() };
    t.store.control().create_tenant(&new).unwrap();
    let db = t.store.tenant(&tenant("shop")).unwrap();
    let mut tx = db.begin_import(&catalog(), ImportMode::Merge).unwrap();
    tx.upsert(&item("A", "cable")).unwrap();
    tx.commit(&crate::support::record(), &mut std::iter::empty()).unwrap();
    t
}

/// The same data, opened by a program whose customer brings this.
fn with(t: &TestStore, text: &str) -> Store {
    Store::open(t.folder.path(), StoreOptions { updates: updates(text), ..t.options.clone() }).unwrap()
}

/// What a statement says of the tenant's database, its columns in one text.
fn ask(t: &TestStore, sql: &str) -> Result<Vec<String>, String> {
    match &t.options.postgres {
        None => {
            let file = t.folder.path().join("tenants/shop/catalog.db");
            let connection = rusqlite::Connection::open(file).unwrap();
            let mut select = connection.prepare(sql).map_err(|error| error.to_string())?;
            let rows = select.query_map([], |row| row.get(0)).unwrap();
            rows.collect::<Result<_, _>>().map_err(|error| error.to_string())
        }
        Some(options) => {
            let mut client = ::postgres::Client::connect(&options.url, ::postgres::NoTls).unwrap();
            let path = format!("SET search_path TO \"{}_t_shop\"", options.schema_prefix);
            client.batch_execute(&path).unwrap();
            let rows = client.simple_query(sql).map_err(|error| error.to_string())?;
            let text = |message| match message {
                ::postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            };
            Ok(rows.into_iter().filter_map(text).collect())
        }
    }
}

fn recorded(t: &TestStore) -> String {
    let rows = "SELECT owner || '/' || tag || '/' || position FROM steps_done WHERE owner NOT LIKE 'plugpoint%' ORDER BY position";
    ask(t, rows).unwrap().join(" ")
}

fn cause(error: &StoreError) -> String {
    std::error::Error::source(error).map(ToString::to_string).unwrap_or_default()
}

fn lacks(store: &Store) -> Vec<String> {
    match store.structure(&tenant("shop")).unwrap() {
        Structure::Behind(Behind { steps, .. }) => steps,
        other => {
            assert_eq!(other, Structure::Current);
            Vec::new()
        }
    }
}

#[test]
fn each_step_is_done_once_in_its_order_and_recorded() {
    let t = shop();
    let store = with(&t, STOCK);
    assert_eq!(lacks(&store), ["a-b/stock"]);
    store.tenant(&tenant("shop")).unwrap();
    assert_eq!(ask(&t, "SELECT sku || ' ' || pieces FROM x_a_b_stock").unwrap(), ["A 7"]);
    // Those that are done are not done again.
    let store = with(&t, &[STOCK, SHELF, REBUILT].concat());
    assert_eq!(lacks(&store), ["a-b/shelf", "a-b/rebuilt"]);
    store.bring_up_to_date(&tenant("shop"), Some("shelf")).unwrap();
    assert_eq!((recorded(&t).as_str(), lacks(&store)), ("a-b/stock/1 a-b/shelf/2", vec!["a-b/rebuilt".to_owned()]));
    store.bring_up_to_date(&tenant("shop"), Some("stock")).unwrap();
    assert_eq!(lacks(&store), ["a-b/rebuilt"]);
    store.bring_up_to_date(&tenant("shop"), None).unwrap();
    store.bring_up_to_date(&tenant("shop"), None).unwrap();
    assert_eq!(recorded(&t), "a-b/stock/1 a-b/shelf/2 a-b/rebuilt/3");
    assert_eq!(ask(&t, "SELECT sku || ' ' || place FROM x_a_b_stock").unwrap(), ["A 14"]);
    assert_eq!(lacks(&store), [""; 0]);
    // The catalog is as it was, and goes on; tenants of others have none of it.
    let db = store.tenant(&tenant("shop")).unwrap();
    assert_eq!(db.item(&catalog(), "A").unwrap().unwrap().body, item("A", "cable").body);
    db.put_item(&catalog(), &item("B", "plug"), None).unwrap();
    assert_eq!(store.structure(&tenant("acme")).unwrap(), Structure::Current);
    // A program that brings fewer steps serves it, too.
    assert_eq!(lacks(&with(&t, STOCK)), [""; 0]);
    with(&t, STOCK).tenant(&tenant("shop")).unwrap();
}

#[test]
fn what_was_changed_after_it_was_done_is_refused() {
    let t = shop();
    with(&t, &[STOCK, SHELF].concat()).tenant(&tenant("shop")).unwrap();
    for (text, expected) in [
        (STOCK.replace('7', "8"), "step `stock` of customer a-b: its text was changed after it was done"),
        (format!("-- step: new\nSELECT 1;\n{STOCK}{SHELF}"), "step `new` of customer a-b: it stands before `shelf`"),
    ] {
        let store = with(&t, &text);
        let refused = store.tenant(&tenant("shop")).err().unwrap();
        assert_eq!(refused.kind(), StoreErrorKind::Behind);
        assert!(cause(&refused).starts_with(expected), "{}", cause(&refused));
        assert_eq!(store.structure(&tenant("shop")).unwrap_err().kind(), StoreErrorKind::Behind);
        assert!(store.tenant(&tenant("acme")).is_ok(), "nobody else is harmed");
        // Not tried again with each request.
        assert_eq!(cause(&store.tenant(&tenant("shop")).err().unwrap()), cause(&refused));
    }
}

#[test]
fn a_step_that_fails_leaves_nothing_and_can_be_done_later() {
    let t = shop();
    let fails = "-- step: fails\nUPDATE x_a_b_stock SET pieces = 9;\nINSERT INTO x_a_b_missing VALUES (1);\n";
    let store = with(&t, &[STOCK, SHELF, fails].concat());
    let refused = store.bring_up_to_date(&tenant("shop"), None).unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Behind);
    assert!(
        cause(&refused).contains("step `fails`") && cause(&refused).contains("x_a_b_missing"),
        "{}",
        cause(&refused)
    );
    assert_eq!(recorded(&t), "");
    ask(&t, "SELECT sku FROM x_a_b_stock").unwrap_err();
    // The cause is removed.
    let store = with(&t, &[STOCK, SHELF, "-- step: fails\nUPDATE x_a_b_stock SET pieces = 9;\n"].concat());
    store.bring_up_to_date(&tenant("shop"), None).unwrap();
    assert_eq!(ask(&t, "SELECT pieces || ' ' || shelf FROM x_a_b_stock").unwrap(), ["9 14"]);
}

/// Statements that reach beyond what is the customer's, and for which backend they are.
const BEYOND: [(&str, &str); 29] = [
    ("both", "DELETE FROM items"),
    ("both", "UPDATE catalogs SET item_count = 9"),
    ("both", "INSERT INTO steps_done VALUES ('a-b', 'x', 1, '', 0, 0, 0); UPDATE meta SET next_seq = 1"),
    ("both", "DELETE FROM steps_done WHERE owner <> 'a-b'"),
    ("both", "DROP TABLE findings"),
    ("both", "ALTER TABLE items ADD COLUMN note TEXT"),
    ("both", "ALTER TABLE x_a_b_stock RENAME TO stock"),
    ("both", "CREATE TABLE stock (n BIGINT)"),
    ("both", "CREATE TABLE x_a_bstock (n BIGINT)"),
    ("both", "CREATE INDEX x_a_b_i ON items (brand)"),
    ("both", "CREATE INDEX items_mine ON x_a_b_stock (pieces)"),
    ("both", "CREATE VIEW item AS SELECT * FROM items"),
    ("both", "CREATE TEMP TABLE items (n BIGINT)"),
    ("both", "CREATE TABLE x_a_b_tied (n BIGINT REFERENCES catalogs (row_id))"),
    ("both", "COMMIT"),
    ("both", "DELETE FROM items; ROLLBACK"),
    ("sqlite", "CREATE TRIGGER x_a_b_t AFTER INSERT ON items BEGIN DELETE FROM x_a_b_stock; END"),
    ("sqlite", "CREATE TRIGGER x_a_b_t AFTER INSERT ON x_a_b_stock BEGIN DELETE FROM items; END"),
    ("sqlite", "PRAGMA writable_schema = 1"),
    ("sqlite", "ATTACH ':memory:' AS other"),
    ("sqlite", "SAVEPOINT mine"),
    ("sqlite", "CREATE VIRTUAL TABLE x_a_b_v USING fts5 (a)"),
    ("postgres", "TRUNCATE items CASCADE"),
    ("postgres", "DO $$ BEGIN EXECUTE 'DELETE FROM items'; END $$"),
    ("postgres", "SET search_path TO public"),
    ("postgres", "CREATE FUNCTION x_a_b_f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    ("postgres", "CREATE TABLE public.x_a_b_elsewhere AS SELECT 1"),
    ("postgres", "CREATE VIEW public.x_a_b_elsewhere AS SELECT 1"),
    ("postgres", "SELECT query_to_xml('DELETE FROM items RETURNING 1', true, true, '')"),
];

#[test]
fn nobody_changes_what_is_not_his_own() {
    let t = shop();
    with(&t, STOCK).tenant(&tenant("shop")).unwrap();
    let backend = if t.options.postgres.is_some() { "postgres" } else { "sqlite" };
    for (only, sql) in BEYOND {
        if only != "both" && only != backend {
            continue;
        }
        let store = with(&t, &format!("{STOCK}-- step: beyond\n{sql};\n"));
        let refused = store.tenant(&tenant("shop")).err().unwrap_or_else(|| panic!("{sql}: was done"));
        assert_eq!(refused.kind(), StoreErrorKind::Behind, "{sql}: {}", cause(&refused));
        assert!(cause(&refused).starts_with("step `beyond` of customer a-b: "), "{sql}: {}", cause(&refused));
        assert_eq!(recorded(&t), "a-b/stock/1", "{sql}");
    }
    let db = with(&t, STOCK).tenant(&tenant("shop")).unwrap();
    assert_eq!(db.item(&catalog(), "A").unwrap().unwrap().body, item("A", "cable").body);
    assert_eq!(ask(&t, "SELECT sku || pieces FROM x_a_b_stock").unwrap(), ["A7"]);
}

#[test]
fn what_is_the_customers_own_may_be_done() {
    let t = shop();
    let own = "-- step: own\nCREATE TABLE X_A_B_Mixed (n BIGINT UNIQUE, m BIGINT REFERENCES x_a_b_stock2 (n));\n"
        .replace("REFERENCES x_a_b_stock2 (n)", "")
        + "CREATE VIEW x_a_b_seen AS SELECT sku FROM items;\nCREATE UNIQUE INDEX x_a_b_mixed_m ON x_a_b_mixed (m);\n\
        INSERT INTO x_a_b_mixed SELECT 1, 2; DELETE FROM x_a_b_mixed WHERE n = 5;\nDROP INDEX x_a_b_mixed_m;\n\
        CREATE TABLE x_a_b_child (n BIGINT REFERENCES x_a_b_mixed (n));\nDROP TABLE x_a_b_child;\n\
        WITH RECURSIVE up (n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM up WHERE n < 12) INSERT INTO x_a_b_mixed SELECT n, n FROM up;\n";
    with(&t, &own).tenant(&tenant("shop")).unwrap();
    assert_eq!(ask(&t, "SELECT sku FROM x_a_b_seen").unwrap(), ["A"]);
    assert_eq!(ask(&t, "SELECT '' || sum(n) FROM x_a_b_mixed").unwrap(), ["34"]);
}

#[test]
fn a_copy_has_the_customers_tables_too() {
    let text = [STOCK, SHELF, REBUILT].concat();
    for (of_server, to_server) in [(false, false), (false, true), (true, false), (true, true)] {
        let schemas = |is_server: bool| is_server.then(postgres).flatten();
        let t = TestStore::with(|options| {
            options.postgres = schemas(of_server);
            options.updates = updates(&text);
        });
        let new = NewTenant { tenant: tenant("shop"), customer: Some("a-b".to_owned()), profile_toml: String::new() };
        t.store.control().create_tenant(&new).unwrap();
        t.store.tenant(&tenant("shop")).unwrap().put_item(&catalog(), &item("A", "x"), None).unwrap();
        ask_all(&t, "INSERT INTO x_a_b_stock VALUES ('B', 21), ('C', 22)");
        let copy = TestStore::with(|options| options.postgres = schemas(to_server));
        t.store.copy_tenant(&tenant("shop"), &copy.store).unwrap();
        let rows = "SELECT sku || place FROM x_a_b_stock ORDER BY sku";
        assert_eq!(ask(&copy, rows).unwrap(), ask(&t, rows).unwrap());
        assert_eq!(ask(&copy, rows).unwrap(), ["B21", "C22"]);
        assert_eq!(recorded(&copy), recorded(&t));
        assert_eq!(lacks(&with(&copy, &text)), [""; 0]);
        // Who does not know the steps makes no copy of another kind, rather than one that lacks something.
        let without =
            Store::open(t.folder.path(), StoreOptions { updates: Arc::default(), ..t.options.clone() }).unwrap();
        let other = TestStore::with(|options| options.postgres = schemas(to_server));
        let copied = without.copy_tenant(&tenant("shop"), &other.store);
        let is_file_copy = t.options.postgres.is_none() && other.options.postgres.is_none();
        assert_eq!(
            copied.map_err(|error| error.kind()),
            if is_file_copy { Ok(()) } else { Err(StoreErrorKind::Unfit) }
        );
    }
}

fn ask_all(t: &TestStore, sql: &str) {
    if t.options.postgres.is_some() {
        ask(t, sql).unwrap();
    } else {
        let file = t.folder.path().join("tenants/shop/catalog.db");
        rusqlite::Connection::open(file).unwrap().execute_batch(sql).unwrap();
    }
}

/// As releases before and after this one leave a tenant.
fn number(t: &TestStore, number: i64) {
    match t.options.postgres {
        None => ask_all(t, &format!("PRAGMA user_version = {number}")),
        Some(_) => ask_all(t, &format!("UPDATE structure SET number = {number}")),
    }
}

#[test]
fn the_structures_before_and_after_are_served_where_nothing_was_taken_away() {
    let t = shop();
    let by_command = || {
        let options = StoreOptions { migrate: Migrate::ByCommand, updates: updates(STOCK), ..t.options.clone() };
        Store::open(t.folder.path(), options).unwrap()
    };
    let writes = |store: &Store, sku: &str| {
        let db = store.tenant(&tenant("shop"))?;
        db.put_item(&catalog(), &item(sku, "written"), None)?;
        Ok::<_, StoreError>(db.item(&catalog(), sku)?.is_some())
    };
    // The release after this one has added something, which this one does not know.
    number(&t, 8);
    assert!(writes(&by_command(), "after").unwrap());
    // Then it has taken something away.
    let digest = if t.options.postgres.is_some() { "''" } else { "x''" };
    ask_all(&t, &format!("INSERT INTO steps_done VALUES ('plugpoint core', '0008_less', 8, {digest}, 1, 0, 0)"));
    let refused = writes(&by_command(), "after").unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::TooNew);
    assert_eq!(cause(&refused), "the database has structure 8, this release serves 6 to 7");
    // The release before, which had no records.
    ask_all(&t, "DROP TABLE steps_done");
    number(&t, 6);
    assert!(writes(&by_command(), "before").unwrap());
    assert_eq!(lacks(&by_command()), ["core/0007_steps_done", "a-b/stock"]);
    // Those before that.
    number(&t, 5);
    assert_eq!(writes(&by_command(), "long ago").unwrap_err().kind(), StoreErrorKind::Behind);
    number(&t, 6);
    by_command().bring_up_to_date(&tenant("shop"), None).unwrap();
    assert_eq!(lacks(&by_command()), [""; 0]);
    assert!(writes(&by_command(), "now").unwrap());
    let core = "SELECT tag || ' ' || position FROM steps_done WHERE owner LIKE 'plugpoint%'";
    assert_eq!(ask(&t, core).unwrap(), ["0007_steps_done 7"]);
}

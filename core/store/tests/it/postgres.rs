//! What is so because databases are schemas of a PostgreSQL server: connections that die, tenants that share them, what other processes
//! commit, addresses that are wrong. Each test passes without a server, and says so.

use std::time::{Duration, Instant};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::{ItemFilter, PostgresOptions, Store, StoreError, StoreErrorKind, StoreOptions};

use crate::support::{TestStore, catalog, create_tenant, eventually, item, postgres, record, tenant};

/// A store on the server; none, with a word, where there is no server.
#[expect(clippy::print_stderr, reason = "a test that tests nothing says so")]
fn on_server() -> Option<TestStore> {
    if postgres().is_none() {
        eprintln!("skipped: PLUGPOINT_TEST_POSTGRES names no server");
        return None;
    }
    Some(TestStore::new())
}

fn client(t: &TestStore) -> ::postgres::Client {
    ::postgres::Client::connect(&t.options.postgres.as_ref().unwrap().url, ::postgres::NoTls).unwrap()
}

/// Ends every session of the platform's, as a restart of the server does.
fn end_sessions(t: &TestStore) {
    const END: &str =
        "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE starts_with(a.application_name, $1)";
    let name = t.options.postgres.as_ref().unwrap();
    client(t).execute(END, &[&application(name)]).unwrap();
}

/// Every test has a name of its own at the server, so that it ends its own sessions alone.
fn application(options: &PostgresOptions) -> String {
    // Behind it comes the node.
    format!("plugpoint {} ", options.schema_prefix)
}

fn sessions(t: &TestStore, of: &PostgresOptions) -> i64 {
    const COUNT: &str = "SELECT count(*) FROM pg_stat_activity WHERE starts_with(application_name, $1)";
    client(t).query_one(COUNT, &[&application(of)]).unwrap().get(0)
}

fn patiently<T>(ask: impl Fn() -> Result<T, StoreError>) -> T {
    loop {
        match ask() {
            Err(error) if error.kind() == StoreErrorKind::Busy => {}
            other => return other.unwrap(),
        }
    }
}

#[test]
fn sessions_that_end_cost_no_read_and_no_write() {
    let Some(t) = on_server() else { return };
    for round in 0..5 {
        let title = round.to_string();
        t.db.put_item(&catalog(), &item("A", &title), None).unwrap();
        end_sessions(&t);
        assert!(t.body("A").unwrap().contains(&format!("\"{title}\"")), "a read asks again");
        end_sessions(&t);
        t.db.put_item(&catalog(), &item("B", &title), None).unwrap();
        end_sessions(&t);
        t.import(ImportMode::Merge, &[item("C", &title)]);
    }
    assert_eq!(t.skus(&ItemFilter::default()), "A B C");
}

#[test]
fn an_import_whose_session_ends_fails_whole_and_can_be_told_to_come_again() {
    let Some(t) = on_server() else { return };
    t.import(ImportMode::Merge, &[item("A", "1")]);
    let mut tx = t.db.begin_import(&catalog(), ImportMode::Replace).unwrap();
    tx.upsert(&item("B", "1")).unwrap();
    end_sessions(&t);
    let failed = tx.commit(&record(), &mut std::iter::empty()).unwrap_err();
    assert_eq!(failed.kind(), StoreErrorKind::Unavailable, "{failed:?}");
    let api = ApiError::from(failed);
    assert_eq!((api.code.name, api.retry_after_s.is_some()), ("storage_busy", true));
    assert_eq!(t.skus(&ItemFilter::default()), "A");
    t.import(ImportMode::Replace, &[item("B", "1")]);
    assert_eq!(t.skus(&ItemFilter::default()), "B");
}

#[test]
fn tenants_share_connections_and_nothing_else() {
    let Some(t) = on_server() else { return };
    let names: Vec<_> = (0..12).map(|n| format!("many-{n}")).collect();
    for name in &names {
        create_tenant(&t.store, name);
    }
    std::thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| {
                // Fewer connections than threads: some wait so long that they are told so.
                let db = patiently(|| t.store.tenant(&tenant(name)));
                for round in 0..20 {
                    patiently(|| db.put_item(&catalog(), &item(name, &round.to_string()), None));
                    assert_eq!(patiently(|| db.skus(&catalog(), None, 10)), std::slice::from_ref(name));
                }
            });
        }
    });
    let count = sessions(&t, t.options.postgres.as_ref().unwrap());
    assert!(count <= 6, "{count} sessions: four at most, one that listens, and one that holds the doors");
}

#[test]
fn commits_of_another_process_are_heard_of() {
    let Some(t) = on_server() else { return };
    let other = Store::open(t.folder.path(), t.options.clone()).unwrap();
    let others = other.tenant(&tenant("acme")).unwrap();
    // What a new listener may have missed counts as a commit, once.
    std::thread::sleep(Duration::from_millis(500));
    t.db.look().unwrap();
    let (generation, stamp) = (t.db.generation(), t.store.control().stamp().unwrap());
    t.db.look().unwrap();
    assert_eq!((t.db.generation(), t.store.control().stamp().unwrap()), (generation, stamp), "nothing happened");
    others.put_item(&catalog(), &item("A", "1"), None).unwrap();
    eventually("the other's item", || {
        t.db.look().unwrap();
        t.db.generation() != generation
    });
    other.control().rotate_key(&tenant("acme")).unwrap();
    eventually("the other's key", || t.store.control().stamp().unwrap() != stamp);
    end_sessions(&t);
    let (generation, stamp) = (t.db.generation(), t.store.control().stamp().unwrap());
    eventually("whatever was missed", || {
        t.db.look().unwrap();
        t.db.generation() != generation && t.store.control().stamp().unwrap() != stamp
    });
}

#[test]
fn a_text_with_u_0000_is_stored_and_found() {
    let Some(t) = on_server() else { return };
    let odd = item("A", "nul \u{0} within");
    t.import(ImportMode::Merge, std::slice::from_ref(&odd));
    assert_eq!(t.body("A").unwrap(), odd.body);
    let filter = ItemFilter { text_prefix: Some("nul \u{0} W".to_owned()), ..ItemFilter::default() };
    assert_eq!(t.skus(&filter), "A");
}

#[test]
fn a_schema_that_is_not_ours_is_refused_and_left_alone() {
    let Some(t) = on_server() else { return };
    let prefix = &t.options.postgres.as_ref().unwrap().schema_prefix;
    create_tenant(&t.store, "next");
    let harm = format!(
        "CREATE SCHEMA \"{prefix}_t_next\"; CREATE TABLE \"{prefix}_t_next\".structure (kind BIGINT, number BIGINT);
        INSERT INTO \"{prefix}_t_next\".structure VALUES (7, 0)"
    );
    client(&t).batch_execute(&harm).unwrap();
    assert_eq!(t.store.tenant(&tenant("next")).err().unwrap().kind(), StoreErrorKind::Corrupt);
    client(&t)
        .batch_execute(&format!(
            "UPDATE \"{prefix}_t_acme\".structure SET number = 99; DROP TABLE \"{prefix}_t_acme\".steps_done"
        ))
        .unwrap();
    let again = Store::open(t.folder.path(), t.options.clone()).unwrap();
    assert_eq!(again.tenant(&tenant("acme")).err().unwrap().kind(), StoreErrorKind::TooNew);
}

#[test]
fn a_store_that_is_gone_keeps_no_session_however_often_others_commit() {
    let (Some(t), Some(gone)) = (on_server(), on_server()) else { return };
    let options = gone.options.postgres.clone().unwrap();
    gone.db.put_item(&catalog(), &item("A", "a"), None).unwrap();
    drop(gone);
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut round = 0;
    while sessions(&t, &options) > 0 {
        assert!(Instant::now() < deadline, "it still has {} sessions", sessions(&t, &options));
        t.db.put_item(&catalog(), &item("A", &round.to_string()), None).unwrap();
        round += 1;
    }
}

#[test]
fn a_pooler_that_gives_sessions_to_others_is_refused() {
    let Ok(url) = std::env::var("PLUGPOINT_TEST_POOLER") else { return };
    let folder = tempfile::TempDir::new().unwrap();
    let postgres = PostgresOptions { url, ..postgres().unwrap() };
    let options = StoreOptions { postgres: Some(postgres), ..StoreOptions::default() };
    let refused = Store::open(folder.path(), options).err().unwrap();
    assert_eq!(refused.kind(), StoreErrorKind::Unfit, "{refused:?}");
    let cause = std::error::Error::source(&refused).unwrap().to_string();
    assert!(cause.contains("session mode"), "{cause}");
}

#[test]
fn wrong_addresses_are_told_at_the_start() {
    let folder = tempfile::TempDir::new().unwrap();
    let open = |url: &str, prefix: &str| {
        let postgres = PostgresOptions { url: url.to_owned(), schema_prefix: prefix.to_owned(), connections_max: 2 };
        let wait_max = Duration::from_millis(300);
        let options = StoreOptions { postgres: Some(postgres), wait_max, ..StoreOptions::default() };
        Store::open(folder.path(), options).err().unwrap().kind()
    };
    // A port on which nobody listens: one that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    assert_eq!(open(&format!("postgres://a:b@127.0.0.1:{port}/x"), "plugpoint"), StoreErrorKind::Unavailable);
    assert_eq!(open("postgres://", "plugpoint"), StoreErrorKind::Unfit);
    assert_eq!(open("no address", "plugpoint"), StoreErrorKind::Unfit);
    assert_eq!(open("postgres://a:b@127.0.0.1/x", "Not A Prefix"), StoreErrorKind::Unfit);
    let Some(t) = on_server() else { return };
    let url = &t.options.postgres.as_ref().unwrap().url;
    assert_eq!(open(&url.replace("plugpoint:plugpoint", "plugpoint:wrong"), "plugpoint"), StoreErrorKind::Unavailable);
    assert_eq!(open(&url.replace("/postgres?", "/missing?"), "plugpoint"), StoreErrorKind::Unavailable);
}

//! Libraries in the customers folder of a running server: loaded, shadowed, refused, or the reason why it does not start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use plugpoint_kernel::{Library, Loaded, Plans, Source, TenantPlan};
use plugpoint_sdk::testkit::Cases;
use plugpoint_server::bundle;

use crate::program::{Server, plugpoint, tenant, text};
use crate::workshop::{library, patched, plain_library, put, repository_library, root};

const SKIP: (&str, &str) = ("PLUGPOINT__CUSTOMERS__ON_REFUSAL", "skip");

/// A data folder whose customers folder holds these files.
fn data(files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let data = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        put(&data.path().join("customers"), name, bytes);
    }
    data
}

#[track_caller]
fn does_not_start(data: &Path, settings: &[(&str, &str)], words: &[&str]) {
    let told = Server::start(data, settings).err().expect("the server does not start");
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
}

#[test]
fn a_loaded_customer_serves_its_tenants_and_contains_its_panics() {
    let data = data(&[("slot-000-1.2.0.so", library(""))]);
    let credential = tenant(data.path(), "acme", "slot-000");
    let server = Server::start(data.path(), &[]).unwrap();

    let (status, import) = server.import(&credential, "A1\nB2\n");
    assert_eq!(
        (status, &import["status"], &import["counts"]["added"]),
        (200, &"succeeded".into(), &2.into()),
        "{import}"
    );
    let (_, item) = server.get("/v1/catalogs/main/items/A1", &credential);
    assert_eq!((&item["brand"], &item["texts"][0]["title"]), (&"slot-000".into(), &"A1".into()), "{item}");

    let (_, import) = server.import(&credential, "A1\npanic in the transformer\n");
    assert_eq!((&import["status"], &import["error"]["code"]), (&"failed".into(), &"hook_failed".into()), "{import}");
    let (_, import) = server.import(&credential, "A1\nB2\npanic\n");
    assert_eq!((&import["status"], &import["counts"]["rejected"]), (&"succeeded".into(), &1.into()), "{import}");

    let (_, plan) = server.get("/v1/extensions", &credential);
    let shown = &plan["points"][0]["hooks"][0]["library"];
    assert_eq!(shown["file"], "slot-000-1.2.0.so", "a tenant sees no folder of ours: {plan}");
    assert_eq!(shown["sha256"].as_str().unwrap().len(), 64);
    let told = text(&plugpoint(data.path(), &["extensions", "--tenant", "acme"]).stdout);
    let file = data.path().join("customers/slot-000-1.2.0.so");
    assert!(
        told.contains(&format!("loaded from {}, sha256 {}", file.display(), shown["sha256"].as_str().unwrap())),
        "{told}"
    );
}

#[test]
fn a_loaded_customer_presents_items_and_lets_its_own_people_in() {
    let data = data(&[("slot-000-1.2.0.so", library(""))]);
    let credential = tenant(data.path(), "acme", "slot-000");
    let server = Server::start(data.path(), &[]).unwrap();
    assert_eq!(server.import(&credential, "A1\nC3\n").0, 200);

    let (status, item) = server.get("/v1/catalogs/main/items/A1", "jane@acme:open sesame");
    let told = serde_json::json!({"told": ["slot-000", "main", "de", "A1"]});
    assert_eq!((status, &item["extensions"]), (200, &told), "{item}");
    let (status, item) = server.get("/v1/catalogs/main/items/C3", "jane@acme:open sesame");
    assert_eq!((status, &item["sku"], item.get("extensions")), (200, &"C3".into(), None), "{item}");
    let (_, page) = server.get("/v1/catalogs/main/items", &credential);
    assert_eq!((&page["items"][0]["extensions"], page["items"][1].get("extensions")), (&told, None), "{page}");

    for (wrong, expected) in [("jane@acme:x", 401), ("john@acme:open sesame", 401), ("panic@acme:open sesame", 503)] {
        assert_eq!(server.get("/v1/tenants/self", wrong).0, expected, "{wrong}");
    }
    let log = server.log();
    let words =
        ["slot-000.tells panicked: the presenter was told to", "slot-000.porter panicked: the verifier was told to"];
    assert!(words.iter().all(|word| log.contains(word)) && !log.contains("open sesame"), "{log}");
}

#[test]
fn every_refused_library_is_told_before_the_server_does_not_start() {
    let data = data(&[
        ("slot-000-1.2.0.so", library("")),
        ("half-1.0.0.so", library("")[..4096].to_vec()),
        ("plain-1.0.0.so", plain_library()),
        ("nameless.so", library("")),
        ("panics-1.0.0.so", patched(&library("register_panics"), "slot-000", "panics-0")),
    ]);
    let words =
        ["4 customer libraries", "half-1.0.0.so: ", "plain-1.0.0.so: ", "nameless.so: ", "NAME-VERSION.so", "skip"];
    does_not_start(data.path(), &[], &words);
    // A command that needs the plans needs them whole.
    let output = plugpoint(data.path(), &["extensions", "--customer", "slot-000"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_refused_customer_can_be_left_out_and_its_tenants_are_told() {
    let data = data(&[
        ("slot-000-1.2.0.so", library("")),
        ("slot-001-1.2.0.so", patched(&library(""), "slot-000", "slot-001")),
        ("slot-002-1.2.0.so", patched(&library(""), "slot-000", "slot-002")),
        ("slot-003-1.2.0.so", patched(&library(""), "slot-000", "slot-003")),
        ("README", Vec::new()),
    ]);
    let names = ["slot-000", "slot-001", "slot-002", "slot-003"];
    let [good, panics, older, loops] = names.map(|name| tenant(data.path(), name, name));
    put(
        &data.path().join("customers"),
        "slot-001-1.2.0.so",
        &patched(&library("register_panics"), "slot-000", "slot-001"),
    );
    put(
        &data.path().join("customers"),
        "slot-003-1.2.0.so",
        &patched(&library("register_loops"), "slot-000", "slot-003"),
    );
    // A newer version that is refused is not replaced by the older one.
    put(&data.path().join("customers"), "slot-002-1.3.0.so", b"not yet copied");
    let server = Server::start(data.path(), &[SKIP]).unwrap();
    assert_eq!(server.import(&good, "A1\n").0, 200);
    for refused in [panics, older, loops] {
        let (status, problem) = server.import(&refused, "A1\n");
        assert_eq!((status, &problem["code"]), (503, &"customer_unknown".into()), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains("was refused when the server started"), "{problem}");
    }
    let log = server.log();
    for word in [
        "slot-001-1.2.0.so",
        "panicked: not today",
        "has not come back within",
        "slot-002-1.3.0.so",
        "no ELF library",
        "README",
    ] {
        assert!(log.contains(word), "{word:?} is not in {log}");
    }
}

#[test]
fn the_highest_version_is_loaded_and_says_what_it_shadows() {
    let data = data(&[
        ("slot-000-1.2.0.so", library("")),
        ("slot-000-1.10.0.so", library("")),
        ("slot-000-1.9.0.so", b"never looked at".to_vec()),
    ]);
    let told = text(&plugpoint(data.path(), &["extensions", "--customer", "slot-000", "--json"]).stdout);
    let plan: serde_json::Value = serde_json::from_str(&told).unwrap();
    let shown = &plan["points"][0]["hooks"][0]["library"];
    let file = |name: &str| data.path().join("customers").join(name).display().to_string();
    assert_eq!(shown["file"], file("slot-000-1.10.0.so"));
    assert_eq!(shown["shadows"], serde_json::json!([file("slot-000-1.9.0.so"), file("slot-000-1.2.0.so")]));
}

#[test]
fn two_of_one_customer_are_a_clash_that_names_both_files() {
    let both = ["slot-000-1.2.0.so", "other-1.0.0.so"];
    let copies = data(&both.map(|name| (name, library(""))));
    does_not_start(copies.path(), &[], &["more than one customer slot-000", both[0], both[1]]);
    does_not_start(copies.path(), &[SKIP], &["more than one customer slot-000", both[0], both[1]]);
    let linked = data(&[("voltwerk-9.0.0.so", patched(&library(""), "slot-000", "voltwerk"))]);
    let words = ["more than one customer voltwerk", "voltwerk-9.0.0.so", "plugpoint-customer-voltwerk 0.1.0"];
    does_not_start(linked.path(), &[], &words);
    let misnamed = data(&[("other-1.0.0.so", library(""))]);
    does_not_start(
        misnamed.path(),
        &[],
        &["named for customer other and holds customer slot-000", "slot-000-1.2.0.so"],
    );
}

#[test]
fn the_folder_may_be_elsewhere_but_not_open_to_anybody() {
    let (data, elsewhere) = (data(&[("never-1.0.0.so", Vec::new())]), tempfile::tempdir().unwrap());
    put(elsewhere.path(), "slot-000-1.2.0.so", &library(""));
    let setting = ("PLUGPOINT__CUSTOMERS__DIR", elsewhere.path().to_str().unwrap());
    let server = Server::start(data.path(), &[setting]).unwrap();
    drop(server);
    fs::set_permissions(elsewhere.path(), fs::Permissions::from_mode(0o777)).unwrap();
    does_not_start(data.path(), &[setting, SKIP], &["anybody may write to it (mode 0777)"]);
}

/// The very crates that are linked into this program, loaded beside it: same cases, same results.
#[test]
fn a_customer_gives_the_same_linked_and_loaded() {
    let folder = tempfile::tempdir().unwrap();
    for customer in ["voltwerk", "lindenverlag"] {
        let file = put(folder.path(), &format!("{customer}.so"), &repository_library(customer));
        let loaded = Library::inspect(&file).and_then(Loaded::open).unwrap_or_else(|refusal| panic!("{refusal}"));
        let mut sources = bundle::platform();
        sources.push(Source::loaded(&loaded, &[]));
        let cases = root().join("customers").join(customer).join("tests/cases");
        let counts = [bundle::sources(), sources].map(|sources| {
            let plans = Plans::commit(sources).unwrap();
            let profile = plans.profile(Some(customer), "").unwrap();
            let plan: TenantPlan = plans.for_tenant(Some(customer), &profile).unwrap();
            let rules = plan.rules_decoded.iter().chain(&plan.rules_validated);
            let cases = Cases::new(&cases, &*plan.transformer.call).profile(loaded.entry.profile);
            rules.fold(cases, |cases, rule| cases.rule(&*rule.call)).run()
        });
        assert!(counts[0] > 5 && counts[0] == counts[1], "{counts:?}");
    }
}

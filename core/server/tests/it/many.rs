//! Two hundred customers, linked and loaded: each with its own hooks; one more that clashes is told with both. How soon the
//! server is ready is printed (`cargo nextest run -p plugpoint-server --no-capture two_hundred`), not judged: a busy machine
//! would decide.

use crate::program::{Server, tenant};
use crate::workshop::{library, patched, put, stripped};

const CUSTOMERS: usize = 200;

#[test]
#[expect(clippy::print_stdout, reason = "the figure is what the test is for")]
fn two_hundred_customers_run_their_own_hooks() {
    let data = tempfile::tempdir().unwrap();
    let (folder, built) = (data.path().join("customers"), stripped(&library("")));
    let loaded = CUSTOMERS - plugpoint_bundle::linked().len();
    for number in 0..loaded {
        let name = format!("slot-{number:03}");
        put(&folder, &format!("{name}-1.2.0.so"), &patched(&built, "slot-000", &name));
    }
    let credentials = [0, 117, loaded - 1].map(|number| {
        let name = format!("slot-{number:03}");
        let credential = tenant(data.path(), &name, &name);
        (name, credential)
    });

    let server = Server::start(data.path(), &[]).unwrap();
    let (ready_after, cpu_time) = (server.ready_after, server.cpu_time());
    println!(
        "{CUSTOMERS} customers, {loaded} of them loaded: ready after {ready_after:?}, processor time {cpu_time:?}"
    );
    for (name, credential) in &credentials {
        assert_eq!(server.import(credential, "A1\n").0, 200);
        let (_, item) = server.get("/v1/catalogs/main/items/A1", credential);
        assert_eq!(item["brand"], **name, "each customer runs its own hooks");
    }
    drop(server);

    put(&folder, "slot-200-1.2.0.so", &patched(&built, "slot-000", "slot-117"));
    let told = Server::start(data.path(), &[]).err().expect("a clash");
    for word in ["more than one customer slot-117", "slot-117-1.2.0.so", "slot-200-1.2.0.so"] {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
}

//! Two hundred customers, linked and loaded: ready in time, each with its own hooks; one more that clashes is told with both.

use std::time::Duration;

use crate::program::{Server, tenant};
use crate::workshop::{library, patched, put};

const CUSTOMERS: usize = 200;
const READY_MAX: Duration = Duration::from_secs(2);

#[test]
#[expect(clippy::print_stdout, reason = "the figure is what the test is for")]
fn two_hundred_customers_are_ready_within_two_seconds() {
    let data = tempfile::tempdir().unwrap();
    let (folder, built) = (data.path().join("customers"), library(""));
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
    // Beside other work the clock says nothing about the server; then the time that it was given has to suffice.
    let counted = if is_busy() { ready_after.min(cpu_time) } else { ready_after };
    assert!(counted < READY_MAX, "ready after {ready_after:?}, processor time {cpu_time:?}");
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

/// Whether more wants to run on this machine than it has processors.
fn is_busy() -> bool {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap();
    let load: f64 = load.split(' ').next().unwrap().parse().unwrap();
    load > std::thread::available_parallelism().unwrap().get() as f64
}

//! Documents that are imported while they arrive: the outcome is that of a document which was whole before, whatever comes between.

use std::io::Write;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use plugpoint_sdk::desk::{ImportDesk, ImportStatus, Receipt, SpoolWriter};
use plugpoint_sdk::model::ImportMode;
use plugpoint_store::PreparedItem;

use crate::imports::{READ, Spine, catalog, counts, items, keyed, receipt, tenant};

/// Enough for the import to begin, and more.
const ITEMS: u64 = 4_000;

/// A document in two halves, of items called AHEAD-1 and so on.
fn halves(title: &str) -> [String; 2] {
    let long = "word ".repeat(150);
    let item = |n| {
        format!(
            "{{\"sku\":\"AHEAD-{n}\",\"texts\":[{{\"lang\":\"en\",\"title\":\"{title} {n}\",\"description\":\"{long}\"}}]}}\n"
        )
    };
    [(1..=ITEMS / 2).map(item).collect(), (ITEMS / 2 + 1..=ITEMS).map(item).collect()]
}

/// A document on its way in, its first half written, of which something has been read already. A machine that is too busy to bring
/// it fast is asked again.
fn begun(spine: &Spine, receipt: &Receipt, first: &str) -> Box<dyn SpoolWriter> {
    for _ in 0..50 {
        let before = READ.load(SeqCst);
        let mut place = spine.desk.receive(receipt.clone()).unwrap();
        place.write_all(first.as_bytes()).unwrap();
        let deadline = Instant::now() + Duration::from_millis(300);
        while Instant::now() < deadline {
            if READ.load(SeqCst) > before {
                return place;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    panic!("no document was imported while it arrived");
}

fn replace() -> Receipt {
    receipt("acme", Some(ImportMode::Replace))
}

fn title_of(spine: &Spine, sku: &str) -> String {
    let item = spine.desk.item(&tenant("acme"), &catalog(), sku).unwrap();
    serde_json::from_str::<serde_json::Value>(&item.body).unwrap()["texts"][0]["title"].as_str().unwrap().to_owned()
}

#[test]
fn it_begins_before_the_document_is_whole_and_ends_like_any_other() {
    let spine = Spine::new();
    spine.import(ImportMode::Merge, &items(&["OLD"]));
    let [first, second] = halves("Item");
    let mut place = begun(&spine, &replace(), &first);
    assert!(spine.desk.unfinished(&tenant("acme"), &catalog()).unwrap().is_empty(), "it has no id yet");
    assert_eq!(spine.skus(), ["OLD"]);
    place.write_all(second.as_bytes()).unwrap();
    let id = place.seal().unwrap();
    let view = spine.ended("acme", id);
    assert_eq!((view.status, counts(&view)), (ImportStatus::Succeeded, [ITEMS, ITEMS, 0, ITEMS, 0, 0, 1]));
    assert!(view.started_at >= Some(view.created_at), "it was acknowledged before it is said to have started");
    let [first, second] = halves("Item");
    let repeated = spine.send(replace(), &[first, second].concat()).unwrap();
    assert_eq!(counts(&spine.ended("acme", repeated)), [ITEMS, ITEMS, 0, 0, 0, ITEMS, 0]);
}

#[test]
fn a_document_that_never_becomes_whole_leaves_nothing() {
    let spine = Spine::new();
    let [first, _] = halves("Item");
    drop(begun(&spine, &replace(), &first));
    assert_eq!(counts(&spine.import(ImportMode::Merge, &items(&["A"]))), [1, 1, 0, 1, 0, 0, 0]);
    assert_eq!(spine.skus(), ["A"]);
    assert_eq!(spine.spooled().len(), 1);
}

#[test]
fn what_is_acknowledged_before_it_is_imported_before_it() {
    let spine = Spine::new();
    let [first, second] = halves("Late");
    let mut place = begun(&spine, &receipt("acme", Some(ImportMode::Merge)), &first);
    let early = spine.send(receipt("acme", Some(ImportMode::Merge)), &items(&["AHEAD-7", "A"])).unwrap();
    assert_eq!(spine.ended("acme", early).counts.added, 2);
    assert_eq!(title_of(&spine, "AHEAD-7"), "Item AHEAD-7");
    place.write_all(second.as_bytes()).unwrap();
    let view = spine.ended("acme", place.seal().unwrap());
    assert_eq!(counts(&view), [ITEMS, ITEMS, 0, ITEMS - 1, 1, 0, 0]);
    assert_eq!(title_of(&spine, "AHEAD-7"), "Late 7");
}

#[test]
fn one_that_stalls_lets_others_write() {
    let spine = Spine::new();
    let [first, second] = halves("Item");
    let mut place = begun(&spine, &replace(), &first);
    let db = spine.platform.store().tenant(&tenant("acme")).unwrap();
    let data = serde_json::from_str(items(&["PUT"]).trim()).unwrap();
    let item = PreparedItem::new(&plugpoint_sdk::model::Item::try_from_data(data).unwrap(), 0).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while db.put_item(&catalog(), &item, None).is_err() {
        assert!(Instant::now() < deadline, "the run has given way");
    }
    place.write_all(second.as_bytes()).unwrap();
    let view = spine.ended("acme", place.seal().unwrap());
    assert_eq!(counts(&view), [ITEMS, ITEMS, 0, ITEMS, 0, 0, 1]);
}

#[test]
fn what_is_wrong_with_it_is_told_once_it_is_acknowledged() {
    let spine = Spine::new();
    spine.import(ImportMode::Replace, &items(&["A"]));
    let json = Receipt { media_type: "application/json".to_owned(), ..replace() };
    let [first, _] = halves("Item");
    let first = format!("[{}", first.trim_end().replace('\n', ",\n"));
    let mut place = begun(&spine, &json, &first);
    place.write_all(b", nothing that ends").unwrap();
    let view = spine.ended("acme", place.seal().unwrap());
    assert_eq!((view.status, view.error.unwrap().0.as_str()), (ImportStatus::Failed, "document_malformed"));
    assert_eq!(spine.skus(), ["A"]);
}

#[test]
fn a_stop_of_the_server_forgets_no_acknowledged_document() {
    let spine = Spine::new();
    let [first, second] = halves("Item");
    let mut place = begun(&spine, &replace(), &first);
    place.write_all(second.as_bytes()).unwrap();
    let id = place.seal().unwrap();
    let spine = Spine::on(spine.stop(), true);
    assert_eq!(counts(&spine.ended("acme", id)), [ITEMS, ITEMS, 0, ITEMS, 0, 0, 0]);
}

#[test]
fn a_document_with_a_key_is_never_imported_ahead() {
    let spine = Spine::new();
    let [first, second] = halves("Item");
    let before = READ.load(SeqCst);
    let mut place = spine.desk.receive(keyed("k")).unwrap();
    place.write_all(first.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(READ.load(SeqCst), before);
    place.write_all(second.as_bytes()).unwrap();
    assert_eq!(spine.ended("acme", place.seal().unwrap()).counts.added, ITEMS);
}

#[test]
fn a_document_that_was_not_sealed_leaves_nothing() {
    let spine = Spine::new();
    let mut place = spine.desk.receive(receipt("acme", None)).unwrap();
    place.write_all(items(&["A"]).as_bytes()).unwrap();
    assert_eq!(spine.spooled().len(), 1);
    drop(place);
    assert_eq!(spine.spooled(), Vec::<String>::new());
}

#[test]
fn documents_of_one_tenant_arrive_in_a_bounded_number() {
    let spine = Spine::new();
    let max = spine.platform.config().limits.receives_per_tenant_max;
    let mut arriving: Vec<_> = (0..max).map(|_| spine.desk.receive(receipt("acme", None)).unwrap()).collect();
    let refused = spine.desk.receive(receipt("acme", None)).map(drop).unwrap_err();
    assert_eq!((refused.code.name, refused.retry_after_s), ("too_many_requests", Some(2)));
    assert!(spine.desk.receive(receipt("panicky", None)).is_ok(), "another tenant has places of its own");
    arriving.pop();
    assert!(spine.desk.receive(receipt("acme", None)).is_ok(), "a place is given back");
}

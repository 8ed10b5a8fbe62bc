//! Checking a valid item allocates nothing: an import checks a hundred thousand of them. Who takes more than it may does not
//! return, so an allowance of nothing shows it.

use std::sync::mpsc;
use std::time::Duration;

use plugpoint_sdk::memory;
use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::schema::Check;

/// Whether the work comes to its end without a byte.
fn needs_nothing(work: impl FnOnce() + Send + 'static, wait: Duration) -> bool {
    let (done, end) = mpsc::channel();
    std::thread::spawn(move || {
        memory::within(0, work);
        let _ = done.send(());
    });
    end.recv_timeout(wait).is_ok()
}

#[test]
fn a_valid_item_is_checked_without_an_allocation() {
    let json = r#"{"sku": "A-1", "brand": "Voltwerk", "texts": [{"lang": "de", "title": "Überspannungsschutz"}],
        "prices": [{"kind": "list", "amount": "12.50", "currency": "EUR", "tax_rate": "0.19", "territories": ["DE"]}],
        "categories": [{"system": "eclass-9.0", "code": "27", "path": ["Elektro"]}],
        "attributes": [{"name": "Breite", "values": ["12"], "unit": "mm"}]}"#;
    let item: ItemData = serde_json::from_str(json).expect("an item");
    assert_eq!(item.check(), Ok(()), "the first check makes the patterns");
    assert!(needs_nothing(move || assert!(item.check().is_ok()), Duration::from_secs(30)));
    assert!(!needs_nothing(|| drop(std::hint::black_box(vec![1_u8])), Duration::from_millis(500)), "the bound binds");
}

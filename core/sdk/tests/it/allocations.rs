//! Checking a valid item allocates nothing: an import checks a hundred thousand of them. Counted per thread by an allocator
//! that stands before the system's in this test binary only.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use plugpoint_sdk::model::ItemData;
use plugpoint_sdk::schema::Check;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

#[expect(unsafe_code, reason = "there is no other way to count allocations; every call goes to the system unchanged")]
// SAFETY: every call is handed to the system's allocator as it is; the counter allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that is ending has no counter any more.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.with(Cell::get);
    work();
    ALLOCATIONS.with(Cell::get) - before
}

#[test]
fn a_valid_item_is_checked_without_an_allocation() {
    let json = r#"{"sku": "A-1", "brand": "Voltwerk", "texts": [{"lang": "de", "title": "Überspannungsschutz"}],
        "prices": [{"kind": "list", "amount": "12.50", "currency": "EUR", "tax_rate": "0.19", "territories": ["DE"]}],
        "categories": [{"system": "eclass-9.0", "code": "27", "path": ["Elektro"]}],
        "attributes": [{"name": "Breite", "values": ["12"], "unit": "mm"}]}"#;
    let item: ItemData = serde_json::from_str(json).expect("an item");
    assert_eq!(item.check(), Ok(()), "the first check makes the patterns");
    assert_eq!(allocations(|| assert!(item.check().is_ok())), 0);
    assert!(allocations(|| drop(vec![1_u8])) > 0, "the counter counts");
}

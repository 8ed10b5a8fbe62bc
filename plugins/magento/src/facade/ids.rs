//! The number of a product: derived from its sku, from 1 to 2147483647, the same for ever.
//!
//! FNV-1a over the sku's bytes with 64 bits, modulo 2^31 - 1, plus 1. So it needs no table, and an item that came in by a BMEcat
//! document has one as well. The way back is a walk through the catalog's skus; what it finds twice it does not choose between.

use plugpoint_sdk::facade::FacadeDesk;

use super::{FacadeError, words};

/// The largest number: `xsd:int` is what clients were built for.
const ID_MAX: u64 = i32::MAX as u64;
/// Skus that are asked for at once.
const PAGE: u32 = 10_000;

/// The number of a sku.
pub(super) fn id_of(sku: &str) -> u64 {
    let hash = sku
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash % ID_MAX + 1
}

/// The sku of a number, if the catalog has one.
///
/// # Errors
/// Fault 102 if it has several.
pub(super) fn sku_of(desk: &mut FacadeDesk<'_>, id: u64) -> Result<Option<String>, FacadeError> {
    let mut found: Option<String> = None;
    let mut after: Option<String> = None;
    loop {
        let mut page = desk.skus(after.as_deref(), PAGE)?;
        for sku in page.iter().filter(|sku| id_of(sku) == id) {
            if let Some(first) = &found {
                let said = format!("The id {id} stands for {first} and for {sku}; use the sku.");
                return Err(words::DATA_INVALID.fault(&said).into());
            }
            found = Some(sku.clone());
        }
        match page.pop() {
            Some(last) => after = Some(last),
            None => return Ok(found),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use plugpoint_sdk::model::ItemData;
    use plugpoint_sdk::testkit::FakeDesk;

    use super::*;

    #[test]
    fn numbers_never_change() {
        // A client has written these down.
        for (sku, id) in [("", 470_244_594), ("A1", 1_202_873_239), ("100-ä", 1_590_101_891)] {
            assert_eq!(id_of(sku), id, "{sku}");
        }
    }

    /// Two skus of one number.
    fn twins() -> (String, String) {
        let mut seen = HashMap::new();
        let mut sku = 0_u64;
        loop {
            let text = format!("S{sku}");
            if let Some(twin) = seen.insert(id_of(&text), text.clone()) {
                return (twin, text);
            }
            sku += 1;
        }
    }

    #[test]
    fn a_number_of_two_names_neither() {
        let (one, other) = twins();
        let item = |sku: &str| ItemData { sku: sku.to_owned(), ..ItemData::default() };
        let mut platform = FakeDesk::new(&[item(&one), item("else")]);
        let mut desk = FacadeDesk { platform: &mut platform };
        assert_eq!(sku_of(&mut desk, id_of(&other)).unwrap().as_deref(), Some(one.as_str()));
        assert_eq!(sku_of(&mut desk, id_of("nowhere")).unwrap(), None);
        let mut platform = FakeDesk::new(&[item(&one), item(&other)]);
        let mut desk = FacadeDesk { platform: &mut platform };
        let Err(FacadeError::Fault(fault)) = sku_of(&mut desk, id_of(&other)) else { panic!("two of one number") };
        assert_eq!(fault.code, "102");
        assert!(fault.text.contains(&one) && fault.text.contains(&other), "{}", fault.text);
    }
}

//! What a loaded customer library shows of itself: a stamp that can be read without running it, and one function.
//!
//! Read by the kernel, which compares the stamp with its own before any type of Rust crosses the border. The customer crate
//! writes nothing of this: both symbols belong to the sdk, and a library has its own copy of the sdk. So there is one
//! of each in a library and one in the server, however many customers are linked into either.

use crate::customer::{self, CustomerEntry};

/// What the stamp begins with. The number goes up when the frame changes, not when the ABI does.
pub const MAGIC: [u8; 16] = *b"plugpoint-abi-1\n";

/// The length of the static behind [`STAMP_SYMBOL`]: [`MAGIC`], the text's length as four bytes (little-endian), the text,
/// zeros.
pub const STAMP_BYTES: usize = 512;

/// The symbol of the stamp, a static of [`STAMP_BYTES`] bytes.
pub const STAMP_SYMBOL: &str = "plugpoint_abi_stamp";

/// The symbol of the function that hands over the library's customers; its type is [`Customers`].
pub const CUSTOMERS_SYMBOL: &str = "plugpoint_customers";

/// Adds the library's customers to the list. To be called only when the stamps are equal.
pub type Customers = extern "C" fn(&mut Vec<&'static CustomerEntry>);

/// Where the text begins.
const TEXT_AT: usize = MAGIC.len() + 4;

/// The third-party types that cross the border belong to these; the workspace pins the versions.
const FOREIGN: &str = "rust_decimal 1.43.0, jiff 0.2.43, uuid 1.29.1";

/// One line for each key. `panic` is among them because a library that aborts cannot contain its panics.
const TEXT: &[&str] = &[
    concat!("sdk ", env!("CARGO_PKG_VERSION"), "\n"),
    concat!("source ", env!("PLUGPOINT_SDK_SOURCE"), plugpoint_sdk_macros::source_hash!(), "\n"),
    concat!("rustc ", env!("PLUGPOINT_RUSTC"), "\n"),
    concat!("target ", env!("PLUGPOINT_TARGET"), "\n"),
    if cfg!(panic = "unwind") { "panic unwind\n" } else { "panic abort\n" },
    "types ",
    FOREIGN,
    "\n",
];

// The sdk's own tests link the sdk twice, so there only the other copy exports.
#[cfg_attr(
    not(test),
    expect(
        unsafe_code,
        reason = "who loads the library knows the symbol by this name; nothing else is unsafe about it"
    ),
    unsafe(export_name = "plugpoint_abi_stamp")
)]
static EXPORTED_STAMP: [u8; STAMP_BYTES] = framed(TEXT);

#[cfg_attr(
    not(test),
    expect(
        unsafe_code,
        reason = "who loads the library knows the symbol by this name; nothing else is unsafe about it"
    ),
    unsafe(export_name = "plugpoint_customers")
)]
extern "C" fn exported_customers(list: &mut Vec<&'static CustomerEntry>) {
    list.extend(customer::linked());
}

/// The stamp of this program: equal stamps, equal layout of every type that crosses the border. What leaves layouts alone
/// is no part of it: optimisation, debug assertions, features of the sdk.
#[must_use]
pub fn stamp() -> &'static str {
    read(&EXPORTED_STAMP).unwrap_or_default()
}

/// The text in a stamp; none if the bytes are no stamp.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<&str> {
    let (length, text) = bytes.strip_prefix(&MAGIC)?.split_first_chunk()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    std::str::from_utf8(text.get(..length)?).ok()
}

/// Does not compile when the text is too long for the frame.
const fn framed(parts: &[&str]) -> [u8; STAMP_BYTES] {
    let mut bytes = [0; STAMP_BYTES];
    let mut end = TEXT_AT;
    let mut part = 0;
    while part < parts.len() {
        let text = parts[part].as_bytes();
        let mut index = 0;
        while index < text.len() {
            bytes[end] = text[index];
            (end, index) = (end + 1, index + 1);
        }
        part += 1;
    }
    let (head, _) = bytes.split_at_mut(TEXT_AT);
    head.split_at_mut(MAGIC.len()).0.copy_from_slice(&MAGIC);
    #[expect(clippy::cast_possible_truncation, reason = "at most STAMP_BYTES")]
    let length = ((end - TEXT_AT) as u32).to_le_bytes();
    head.split_at_mut(MAGIC.len()).1.copy_from_slice(&length);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_says_what_this_build_is() {
        let keys: Vec<&str> = stamp().lines().filter_map(|line| line.split_once(' ')).map(|(key, _)| key).collect();
        assert_eq!(keys, ["sdk", "source", "rustc", "target", "panic", "types"]);
        let is_hash = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(stamp().lines().any(|line| line.strip_prefix("source ").is_some_and(is_hash)), "{}", stamp());
    }

    #[test]
    fn what_is_no_stamp_has_no_text() {
        let stamp = EXPORTED_STAMP;
        for length in 0..stamp.len() {
            let expected = (length >= TEXT_AT + self::stamp().len()).then(self::stamp);
            assert_eq!(read(&stamp[..length]), expected, "{length}");
        }
        for (place, byte) in [(0, b'P'), (15, b'2'), (17, 0xff), (19, 0xff), (20, 0xff)] {
            let mut forged = stamp;
            forged[place] = byte;
            assert_eq!(read(&forged), None, "{place}");
        }
    }

    inventory::submit! {
        CustomerEntry { name: "abi", register: |_| (), profile: "", demo: b"", updates: "", package: "", location: "" }
    }

    #[test]
    fn every_customer_is_handed_over() {
        let mut list = Vec::new();
        let exported: Customers = exported_customers;
        exported(&mut list);
        assert!(list.iter().any(|entry| entry.name == "abi"), "{list:?}");
    }

    #[test]
    fn the_types_that_cross_have_the_versions_that_are_locked() {
        let lock = include_str!("../../../Cargo.lock");
        for foreign in FOREIGN.split(", ") {
            let (name, version) = foreign.split_once(' ').expect("a name and a version");
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"\n")), "{foreign}");
        }
    }
}

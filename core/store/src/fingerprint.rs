//! 128-bit names of items and records: SipHash-1-3 (Aumasson and Bernstein, 2012), which takes about a quarter of what BLAKE3
//! takes for a few hundred bytes (profiles of an import). An import computes two for each record.
//!
//! It tells what is different by chance or by mistake. Whoever found two contents of one fingerprint could keep his own change of his
//! own item from being seen, and nothing else: no other tenant's rows, no credential and no document depend on it.

use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

/// A name of 16 bytes.
pub type Fingerprint = [u8; 16];

/// What is named with one key has one name if it is the same.
#[derive(Debug, Clone, Copy)]
pub struct FingerprintKey(SipHasher13);

impl FingerprintKey {
    /// Names that are unlike those of any other key.
    #[must_use]
    pub fn new(key: &[u8; 16]) -> Self {
        Self(SipHasher13::new_with_key(key))
    }

    /// The name of some bytes.
    #[must_use]
    pub fn name(&self, bytes: &[u8]) -> Fingerprint {
        let mut hasher = self.0;
        hasher.write(bytes);
        hasher.finish128().as_bytes()
    }
}

/// Names of items' bodies. Part of what is stored: another key would make every item look changed.
pub(crate) const BODIES: &[u8; 16] = b"plugpoint.item.1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_of_the_key_and_every_byte() {
        let key = FingerprintKey::new(BODIES);
        let body = [7_u8; 700];
        assert_eq!(key.name(&body), key.name(&body));
        assert_ne!(key.name(&body), FingerprintKey::new(&[0; 16]).name(&body));
        for at in 0..body.len() {
            let mut other = body;
            other[at] ^= 1;
            assert_ne!(key.name(&body), key.name(&other), "{at}");
        }
        assert_ne!(key.name(b""), key.name(&[0]));
    }

    #[test]
    fn the_names_of_bodies_stay_what_they_are() {
        let hex: String =
            FingerprintKey::new(BODIES).name(br#"{"sku":"A1"}"#).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "fb441cceeda61a604bd2a4553085da4e");
    }
}

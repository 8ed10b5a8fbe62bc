//! A set of row ids at one bit each. An import remembers which rows it has met: a million items take 125 kB.
//!
//! Pages of 32,768 ids, made when first touched, so that ids far apart (or a damaged row's absurd id) cost a page and no more.

use std::collections::BTreeMap;

const WORDS: usize = 512;
const IDS_PER_PAGE: i64 = 512 * 64;

#[derive(Default)]
pub(super) struct Bitmap {
    pages: BTreeMap<i64, Box<[u64; WORDS]>>,
}

fn place(id: i64) -> (i64, usize, u64) {
    let within = id.rem_euclid(IDS_PER_PAGE).unsigned_abs();
    let word = usize::try_from(within / 64).unwrap_or(0);
    (id.div_euclid(IDS_PER_PAGE), word, 1 << (within % 64))
}

impl Bitmap {
    pub(super) fn contains(&self, id: i64) -> bool {
        let (page, word, bit) = place(id);
        self.pages.get(&page).is_some_and(|words| words[word] & bit != 0)
    }

    /// True if it was not in the set.
    pub(super) fn insert(&mut self, id: i64) -> bool {
        let (page, word, bit) = place(id);
        let words = self.pages.entry(page).or_insert_with(|| Box::new([0; WORDS]));
        let is_new = words[word] & bit == 0;
        words[word] |= bit;
        is_new
    }

    pub(super) fn remove(&mut self, id: i64) {
        let (page, word, bit) = place(id);
        if let Some(words) = self.pages.get_mut(&page) {
            words[word] &= !bit;
        }
    }

    /// Every id, ascending.
    pub(super) fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        self.pages.iter().flat_map(|(page, words)| {
            let bits = words.iter().flat_map(|word| (0..64).map(move |bit| word >> bit & 1 == 1));
            bits.zip(page * IDS_PER_PAGE..).filter(|(is_set, _)| *is_set).map(|(_, id)| id)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Bitmap;

    proptest! {
        #[test]
        fn is_a_set(steps in prop::collection::vec((any::<bool>(), prop_oneof![0..200_i64, -100_000..100_000_i64]), 0..200)) {
            let (mut bitmap, mut set) = (Bitmap::default(), BTreeSet::new());
            for (is_insert, id) in steps {
                if is_insert {
                    prop_assert_eq!(bitmap.insert(id), set.insert(id));
                } else {
                    bitmap.remove(id);
                    set.remove(&id);
                }
                prop_assert_eq!(bitmap.contains(id), set.contains(&id));
            }
            prop_assert!(bitmap.iter().eq(set));
        }
    }

    #[test]
    fn takes_any_id() {
        let mut bitmap = Bitmap::default();
        for id in [i64::MAX, 0, i64::MIN + 32_768] {
            assert!(bitmap.insert(id) && bitmap.contains(id));
        }
    }
}

//! A bounded memory of what was used lately, for the hot path: a hit costs one hash and one shared lock, nothing else.
//!
//! Two generations instead of an order of use: what is asked for moves to the young one; when that is half of the bound, it
//! becomes the old one and what was old is forgotten. It knows no time and no truth: the caller judges whether a value still
//! holds.

use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

use hashbrown::{Equivalent, HashMap};

/// The memory. `V` should be cheap to clone, an `Arc` for instance.
pub(crate) struct Recent<K, V> {
    weight_max: u64,
    generations: RwLock<Generations<K, V>>,
}

struct Generations<K, V> {
    young: HashMap<K, (V, u64)>,
    young_weight: u64,
    old: HashMap<K, (V, u64)>,
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    /// An empty memory that holds values of `weight_max` together; 0 keeps none.
    #[must_use]
    pub(crate) fn new(weight_max: u64) -> Self {
        let generations = Generations { young: HashMap::new(), young_weight: 0, old: HashMap::new() };
        Self { weight_max, generations: RwLock::new(generations) }
    }

    /// The value, if it is remembered. What is asked with has to hash as the key does.
    pub(crate) fn get<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<V> {
        {
            let generations = self.generations.read().unwrap_or_else(PoisonError::into_inner);
            if let Some((value, _)) = generations.young.get(key) {
                return Some(value.clone());
            }
            if !generations.old.contains_key(key) {
                return None;
            }
        }
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        let (key, (value, weight)) = generations.old.remove_entry(key)?;
        generations.put(self.weight_max, key, value.clone(), weight);
        Some(value)
    }

    /// Remembers a value, in place of an older one. One that is heavier than half of the bound is not kept.
    pub(crate) fn put(&self, key: K, value: V, weight: u64) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        generations.old.remove(&key);
        generations.put(self.weight_max, key, value, weight);
    }

    /// Forgets what is said to go. Costs a look at everything that is remembered.
    pub(crate) fn forget(&self, goes: impl Fn(&K, &V) -> bool) {
        let mut generations = self.generations.write().unwrap_or_else(PoisonError::into_inner);
        generations.old.retain(|key, (value, _)| !goes(key, value));
        let mut freed = 0;
        generations.young.retain(|key, (value, weight)| {
            let goes = goes(key, value);
            freed += if goes { *weight } else { 0 };
            !goes
        });
        generations.young_weight -= freed;
    }
}

impl<K: Eq + Hash, V> Generations<K, V> {
    fn put(&mut self, weight_max: u64, key: K, value: V, weight: u64) {
        let half = weight_max / 2;
        if let Some((_, before)) = self.young.remove(&key) {
            self.young_weight -= before;
        }
        if weight > half {
            return;
        }
        if self.young_weight + weight > half {
            self.old = std::mem::take(&mut self.young);
            self.young_weight = 0;
        }
        self.young_weight += weight;
        self.young.insert(key, (value, weight));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Recent;

    #[test]
    fn what_is_asked_for_stays() {
        let recent = Recent::new(10);
        recent.put("kept", 0, 1);
        for n in 0..100 {
            recent.put("other", n, 1);
            recent.put(["a", "b", "c", "d", "e", "f", "g"][n % 7], n, 1);
            assert_eq!(recent.get("kept"), Some(0), "after {n}");
        }
    }

    #[test]
    fn nothing_is_kept_without_room() {
        let recent = Recent::new(0);
        recent.put(1, 1, 1);
        assert_eq!(recent.get(&1), None);
        let recent = Recent::new(10);
        recent.put(1, 1, 5);
        recent.put(1, 2, 6);
        assert_eq!(recent.get(&1), None, "the heavy one replaced the light one, and is not kept");
    }

    proptest! {
        #[test]
        fn it_answers_what_was_put_last_within_its_bound(steps in prop::collection::vec((0u8..21, 0u64..4, any::<bool>()), 0..200)) {
            let recent = Recent::new(24);
            let mut last = std::collections::HashMap::new();
            for (n, (key, weight, is_put)) in steps.into_iter().enumerate() {
                if key == 20 {
                    recent.forget(|key, _| key % 3 == 0);
                    last.retain(|key, _| key % 3 != 0);
                    prop_assert_eq!((0..20).filter(|key| key % 3 == 0).find_map(|key| recent.get(&key)), None);
                } else if is_put {
                    recent.put(key, n, weight);
                    last.insert(key, n);
                } else if let Some(value) = recent.get(&key) {
                    prop_assert_eq!(Some(&value), last.get(&key));
                }
                let held = recent.generations.read().unwrap();
                let weight: u64 = held.young.values().chain(held.old.values()).map(|(_, weight)| weight).sum();
                prop_assert!(weight <= 24);
                prop_assert_eq!(held.young_weight, held.young.values().map(|(_, weight)| weight).sum::<u64>());
            }
        }
    }
}

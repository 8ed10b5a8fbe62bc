//! Which row has the item of a sku, for one catalog within one transaction. Used by the changeset.
//!
//! A file keeps this in a tree of its own. A catalog that had no item when the transaction began gets its part of the tree at the end,
//! in order: until then skus wait in memory, and when those are many, in sorted runs in a temporary table. Written one by one as they
//! come, each would read and write a page of its own as soon as the tree outgrows the page cache: a million scattered skus are four
//! gigabytes of log. A server keeps an index of the items themselves, so nothing has to be written; but what this transaction has not added
//! to a catalog that was empty need not be asked for.

use std::hash::{BuildHasher as _, RandomState};
use std::ops::Range;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::texts::{Place, Texts};
use crate::error::StoreError;
use crate::fingerprint::FingerprintKey;
use crate::sql::{Connection, ROWS_AT_ONCE, values};

/// Skus that wait in memory; each takes about 50 bytes.
const WAITING_MAX: usize = 32_768;

/// What those of usual length take.
const SKU_BYTES: usize = 32 * WAITING_MAX;

/// The skus that one layer of the filter is made for, as whole runs.
const LAYER_RUNS: u32 = 32;

/// Blocks of a layer: 12 bits for each sku, so that one in two hundred of the others seems to be there.
const LAYER_BLOCKS: usize = 12 * LAYER_RUNS as usize * WAITING_MAX / Block::BITS;

/// How many bits stand for a sku.
const BITS_PER_SKU: u32 = 6;

pub(super) struct Skus {
    catalog: i64,
    /// None once each sku is where it belongs.
    unsettled: Option<Unsettled>,
}

struct Unsettled {
    /// The rows themselves are found by their sku: what was written is looked for there.
    has_index: bool,
    /// Nobody else's, so that no document can be made of skus that seem to be there.
    key: FingerprintKey,
    waiting: HashTable<Waiting>,
    hasher: DefaultHashBuilder,
    skus: Texts,
    runs: u32,
    layers: Vec<Layer>,
}

/// A sku that is in no tree yet.
#[derive(Clone, Copy)]
struct Waiting {
    sku: Place,
    item: i64,
}

/// Says of most skus that none of its runs has them: a Bloom filter.
struct Layer {
    runs: Range<u32>,
    blocks: Vec<Block>,
}

impl Skus {
    /// Begins a transaction. Whether anything may wait is known from the catalog: it has no item yet.
    pub(super) fn begin(tx: &Connection, catalog: i64) -> Result<Self, StoreError> {
        const ANY: &str = "SELECT EXISTS (SELECT 1 FROM items WHERE catalog = ?1)";
        let has_any = tx.query_one(ANY, values![catalog], |row| row.get::<bool>(0))?;
        let unsettled = (!has_any).then(|| Unsettled::new(tx.postgres().is_some()));
        if !has_any && tx.postgres().is_none() {
            tx.execute("DELETE FROM sku_runs", &[])?;
        }
        Ok(Self { catalog, unsettled })
    }

    /// Where the row of a sku is told.
    pub(super) fn find(&self, tx: &Connection, sku: &str) -> Result<Found, StoreError> {
        match &self.unsettled {
            None => Ok(Found::LookInTree),
            Some(unsettled) => unsettled.find(tx, sku),
        }
    }

    /// Whether the catalog had no item when the transaction began, so that nobody need be asked for those that come.
    pub(super) fn are_all_new(&self) -> bool {
        self.unsettled.is_some()
    }

    /// Adds a sku. False, and nothing is changed, if it is there.
    pub(super) fn add(&mut self, tx: &Connection, sku: &str, item: i64) -> Result<bool, StoreError> {
        const INSERT: &str = "INSERT INTO item_skus (catalog, sku, item) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        match &mut self.unsettled {
            None if tx.postgres().is_some() => Ok(true),
            None => Ok(tx.execute(INSERT, values![self.catalog, sku, item])? == 1),
            Some(unsettled) => unsettled.add(tx, sku, item),
        }
    }

    /// Removes a sku; to be called when all are where they belong.
    pub(super) fn remove(&self, tx: &Connection, sku: &str) -> Result<(), StoreError> {
        if tx.postgres().is_none() {
            tx.execute("DELETE FROM item_skus WHERE catalog = ?1 AND sku = ?2", values![self.catalog, sku])?;
        }
        Ok(())
    }

    /// Brings each sku where it belongs.
    pub(super) fn settle(&mut self, tx: &Connection) -> Result<(), StoreError> {
        const MERGE: &str =
            "INSERT INTO item_skus (catalog, sku, item) SELECT ?1, sku, item FROM sku_runs ORDER BY sku";
        let Some(mut unsettled) = self.unsettled.take().filter(|unsettled| !unsettled.has_index) else { return Ok(()) };
        if unsettled.runs == 0 {
            return unsettled.write(tx, "item_skus (catalog, sku, item)", self.catalog);
        }
        unsettled.write_run(tx)?;
        tx.execute(MERGE, values![self.catalog])?;
        tx.execute("DELETE FROM sku_runs", &[])?;
        Ok(())
    }
}

/// Where a sku is.
pub(super) enum Found {
    /// The tree says, or the server's index.
    LookInTree,
    /// This transaction has added it.
    Row(i64),
    /// It is not there.
    Nowhere,
}

impl Unsettled {
    fn new(has_index: bool) -> Self {
        let mut key = [0; 16];
        key.as_chunks_mut().0.iter_mut().for_each(|half| *half = RandomState::new().hash_one(0).to_ne_bytes());
        Self {
            has_index,
            key: FingerprintKey::new(&key),
            waiting: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            skus: Texts::default(),
            runs: 0,
            layers: Vec::new(),
        }
    }

    fn find(&self, tx: &Connection, sku: &str) -> Result<Found, StoreError> {
        const SELECT: &str = "SELECT item FROM sku_runs WHERE run = ?1 AND sku = ?2";
        let hash = self.hasher.hash_one(sku);
        if let Some(waiting) = self.waiting.find(hash, |waiting| self.skus.get(waiting.sku) == sku) {
            return Ok(Found::Row(waiting.item));
        }
        if self.layers.is_empty() {
            return Ok(Found::Nowhere);
        }
        let places = Places::of(&self.key, sku);
        let mut layers = self.layers.iter().filter(|layer| layer.may_have(places));
        if self.has_index {
            return Ok(if layers.next().is_some() { Found::LookInTree } else { Found::Nowhere });
        }
        for run in layers.flat_map(|layer| layer.runs.clone()) {
            let item = tx.query_opt(SELECT, values![run, sku], |row| row.get(0))?;
            if let Some(item) = item {
                return Ok(Found::Row(item));
            }
        }
        Ok(Found::Nowhere)
    }

    fn add(&mut self, tx: &Connection, sku: &str, item: i64) -> Result<bool, StoreError> {
        // Whoever has an index has looked before.
        if !self.has_index && !matches!(self.find(tx, sku)?, Found::Nowhere) {
            return Ok(false);
        }
        let waiting = Waiting { sku: self.skus.keep(sku), item };
        let (hasher, skus) = (&self.hasher, &self.skus);
        self.waiting.insert_unique(hasher.hash_one(sku), waiting, |waiting| hasher.hash_one(skus.get(waiting.sku)));
        if self.waiting.len() >= WAITING_MAX {
            self.write_run(tx)?;
        }
        Ok(true)
    }

    fn write_run(&mut self, tx: &Connection) -> Result<(), StoreError> {
        let run = self.runs;
        self.runs += 1;
        if run.is_multiple_of(LAYER_RUNS) {
            self.layers.push(Layer { runs: run..run, blocks: vec![Block([0; 8]); LAYER_BLOCKS] });
        }
        if let Some(layer) = self.layers.last_mut() {
            layer.runs.end = self.runs;
            self.waiting.iter().for_each(|waiting| layer.add(Places::of(&self.key, self.skus.get(waiting.sku))));
        }
        if self.has_index {
            self.waiting.clear();
            self.skus.clear(SKU_BYTES);
            return Ok(());
        }
        self.write(tx, "sku_runs (run, sku, item)", i64::from(run))
    }

    /// Writes all that wait, in the order of the tree.
    fn write(&mut self, tx: &Connection, into: &str, key: i64) -> Result<(), StoreError> {
        let text = |waiting: &Waiting| self.skus.get(waiting.sku);
        let mut sorted: Vec<Waiting> = self.waiting.drain().collect();
        sorted.sort_unstable_by(|a, b| text(a).cmp(text(b)));
        for skus in sorted.chunks(ROWS_AT_ONCE) {
            let rows = skus.iter().map(|waiting| *values![key, text(waiting), waiting.item]);
            tx.insert_all(into, &rows.collect::<Vec<_>>())?;
        }
        self.skus.clear(SKU_BYTES);
        Ok(())
    }
}

/// The bits of a sku are all in one block, and that is one line of the processor's cache (Putze, Sanders and Singler, Cache-, Hash- and
/// Space-Efficient Bloom Filters, 2007).
#[derive(Clone)]
#[repr(align(64))]
struct Block([u64; 8]);

impl Block {
    const BITS: usize = 512;
}

/// Where the bits of a sku are.
#[derive(Clone, Copy)]
struct Places {
    block: usize,
    /// Nine bits for each.
    bits: u64,
}

impl Places {
    fn of(key: &FingerprintKey, sku: &str) -> Self {
        let name = u128::from_le_bytes(key.name(sku.as_bytes()));
        Self { block: ((name >> 64) % LAYER_BLOCKS as u128) as usize, bits: name as u64 }
    }

    fn each(self) -> impl Iterator<Item = (usize, u64)> {
        (0..BITS_PER_SKU).map(move |n| {
            let bit = self.bits >> (9 * n) & 511;
            ((bit / 64) as usize, 1 << (bit % 64))
        })
    }
}

impl Layer {
    fn add(&mut self, places: Places) {
        let Block(words) = &mut self.blocks[places.block];
        places.each().for_each(|(word, bit)| words[word] |= bit);
    }

    fn may_have(&self, places: Places) -> bool {
        let Block(words) = &self.blocks[places.block];
        places.each().all(|(word, bit)| words[word] & bit != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Connection {
        let tx = Connection::Sqlite(rusqlite::Connection::open_in_memory().unwrap());
        for step in ["0001_catalogs", "0005_skus"] {
            let file = format!("{}/migrations/tenant/{step}.sql", env!("CARGO_MANIFEST_DIR"));
            tx.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
        }
        tx.execute_batch(super::super::TEMPORARY_TABLES.sqlite).unwrap();
        tx
    }

    fn scattered(number: usize) -> String {
        format!("{:08X}", number.wrapping_mul(0x9E37_79B9) % 0x1_0000_0000)
    }

    fn row_in_tree(tx: &Connection, sku: &str) -> Option<i64> {
        tx.query_opt("SELECT item FROM item_skus WHERE catalog = 1 AND sku = ?1", values![sku], |row| row.get(0))
            .unwrap()
    }

    #[test]
    fn each_sku_is_taken_once_and_ends_where_it_belongs() {
        for count in [0, 1, 64, 65, WAITING_MAX - 1, WAITING_MAX, WAITING_MAX + 1, 2 * WAITING_MAX + 5] {
            let tx = tree();
            let mut skus = Skus::begin(&tx, 1).unwrap();
            for number in 0..count {
                assert!(skus.add(&tx, &scattered(number), number as i64).unwrap());
            }
            for number in (0..count).step_by(997) {
                assert!(!skus.add(&tx, &scattered(number), -1).unwrap(), "{number} of {count}");
                assert!(matches!(skus.find(&tx, &scattered(number)).unwrap(), Found::Row(row) if row == number as i64));
            }
            assert!(matches!(skus.find(&tx, "none").unwrap(), Found::Nowhere));
            skus.settle(&tx).unwrap();
            let all: i64 = tx.query_one("SELECT count(*) FROM item_skus", &[], |row| row.get(0)).unwrap();
            assert_eq!(all, count as i64);
            for number in (0..count).step_by(997) {
                assert_eq!(row_in_tree(&tx, &scattered(number)), Some(number as i64));
            }
            let left: i64 = tx.query_one("SELECT count(*) FROM sku_runs", &[], |row| row.get(0)).unwrap();
            assert_eq!(left, 0);
        }
    }

    #[test]
    fn what_was_settled_is_found_in_the_tree_and_can_go() {
        let tx = tree();
        tx.execute_batch("INSERT INTO items VALUES (1, 1, 'A', 1, 1, 0, NULL, NULL, x'00', NULL, '', '', '')").unwrap();
        let mut skus = Skus::begin(&tx, 1).unwrap();
        assert!(skus.add(&tx, "B", 2).unwrap() && !skus.add(&tx, "B", 3).unwrap());
        assert!(matches!(skus.find(&tx, "B").unwrap(), Found::LookInTree));
        assert_eq!(row_in_tree(&tx, "B"), Some(2));
        skus.remove(&tx, "B").unwrap();
        assert_eq!(row_in_tree(&tx, "B"), None);
    }

    #[test]
    fn few_skus_seem_to_be_where_they_are_not() {
        let mut layer = Layer { runs: 0..LAYER_RUNS, blocks: vec![Block([0; 8]); LAYER_BLOCKS] };
        let full = LAYER_RUNS as usize * WAITING_MAX;
        let key = FingerprintKey::new(&[1; 16]);
        (0..full).for_each(|number| layer.add(Places::of(&key, &scattered(number))));
        assert!((0..full).step_by(101).all(|number| layer.may_have(Places::of(&key, &scattered(number)))));
        let wrong = (0..100_000).filter(|number| layer.may_have(Places::of(&key, &format!("other {number}")))).count();
        assert!(wrong < 700, "{wrong} of 100,000");
    }
}

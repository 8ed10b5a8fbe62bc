//! Texts and files that several articles refer to by a number (records T, E and G), before or after the articles.
//!
//! The standard lets them stand anywhere. A block waits for its articles, the oldest going first when there is no room; an article
//! waits for a block that has not come, as a few bytes. Both are bounded.

use std::collections::{HashMap, VecDeque};

use plugpoint_sdk::model::{Media, Position};

/// Bytes that blocks may hold, their own overhead included.
pub(crate) const BLOCKS_BYTES_MAX: usize = 32 << 20;
/// Bytes that articles which wait for a block may hold.
pub(crate) const WAITING_BYTES_MAX: usize = 8 << 20;
/// Bytes of one block; a description takes no more characters.
const BLOCK_BYTES_MAX: usize = 256 << 10;
/// What a block or a waiting article costs beside its texts.
const ENTRY_BYTES: usize = 256;
/// What a line costs beside its text.
const LINE_BYTES: usize = 32;

/// What a number stands for: the three kinds have numbers of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// A text as it is.
    Text,
    /// A text with places for values: runs of `$`.
    Insert,
    /// Files.
    Files,
}

pub(crate) type Key = (Kind, Box<str>);

/// A text or a list of files.
#[derive(Debug, Default)]
pub(crate) struct Block {
    pub(crate) lines: Vec<String>,
    pub(crate) files: Vec<Media>,
    last_line: u64,
    bytes: usize,
}

/// One part of an article's long text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A line of its own.
    Line(String),
    /// A block as it is.
    Block(Key),
    /// A block with these values, `$` between them.
    Filled(Key, String),
}

/// An article whose blocks have not all come.
#[derive(Debug)]
pub(crate) struct Waiter {
    pub(crate) sku: String,
    pub(crate) parts: Vec<Part>,
    pub(crate) files: Option<Box<str>>,
    pub(crate) position: Position,
}

/// Blocks and those who wait for them.
#[derive(Debug, Default)]
pub(crate) struct Blocks {
    blocks: HashMap<Key, Block>,
    order: VecDeque<Key>,
    bytes: usize,
    waiting: HashMap<Key, Vec<Waiter>>,
    waiting_bytes: usize,
    /// The block whose records are being read.
    open: Option<Key>,
    /// A block had to go, or an article could not wait.
    pub(crate) has_lost: bool,
}

impl Blocks {
    /// Whether records of another block, or of none, come now: the one before is complete.
    pub(crate) fn close(&mut self, next: Option<&Key>) -> Option<Key> {
        if self.open.as_ref() == next { None } else { self.open.take() }
    }

    /// The block that a record belongs to.
    pub(crate) fn open(&mut self, key: &Key) {
        if self.open.as_ref() == Some(key) {
            return;
        }
        self.open = Some(key.clone());
        if !self.blocks.contains_key(key) {
            self.spend(ENTRY_BYTES + 2 * key.1.len());
            self.blocks.insert(key.clone(), Block { bytes: ENTRY_BYTES + 2 * key.1.len(), ..Block::default() });
            self.order.push_back(key.clone());
        }
    }

    /// A line of the open block. One that numbers its lines from the start again is defined anew.
    pub(crate) fn add_line(&mut self, number: Option<u64>, text: &str) {
        let bytes = text.len() + LINE_BYTES;
        let Some(block) = self.open.as_ref().and_then(|key| self.blocks.get_mut(key)) else { return };
        if number == Some(1) && block.last_line > 0 {
            block.lines.clear();
        }
        block.last_line = number.unwrap_or(block.last_line + 1);
        if block.bytes + bytes > BLOCK_BYTES_MAX {
            self.has_lost = true;
            return;
        }
        block.bytes += bytes;
        block.lines.push(text.to_owned());
        self.spend(bytes);
    }

    /// A file of the open block.
    pub(crate) fn add_file(&mut self, file: Media) {
        let bytes = file.url.len() + file.description.as_ref().map_or(0, String::len) + ENTRY_BYTES;
        let Some(block) = self.open.as_ref().and_then(|key| self.blocks.get_mut(key)) else { return };
        if block.bytes + bytes > BLOCK_BYTES_MAX {
            self.has_lost = true;
        } else if !block.files.contains(&file) {
            block.bytes += bytes;
            block.files.push(file);
            self.spend(bytes);
        }
    }

    /// Makes room, the oldest block first; the open one stays.
    fn spend(&mut self, bytes: usize) {
        self.bytes += bytes;
        while self.bytes > BLOCKS_BYTES_MAX && self.order.len() > 1 {
            let Some(oldest) = self.order.pop_front() else { return };
            if self.open.as_ref() == Some(&oldest) {
                self.order.push_back(oldest);
                continue;
            }
            if let Some(block) = self.blocks.remove(&oldest) {
                self.bytes = self.bytes.saturating_sub(block.bytes);
                self.has_lost = true;
            }
        }
    }

    /// Whether no block has come.
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The files of a number; nothing if they have not come.
    pub(crate) fn files(&self, number: &str) -> Option<&[Media]> {
        self.complete(&(Kind::Files, number.into())).map(|block| block.files.as_slice())
    }

    /// The lines of a long text as far as they have come, and the first block that has not.
    pub(crate) fn text(&self, parts: &[Part]) -> (Vec<String>, Option<Key>) {
        let (mut lines, mut missing) = (Vec::new(), None);
        for part in parts {
            let (Part::Block(key) | Part::Filled(key, _)) = part else {
                if let Part::Line(line) = part {
                    lines.push(line.clone());
                }
                continue;
            };
            match (self.complete(key), part) {
                (Some(block), Part::Filled(_, values)) => {
                    let mut values = values.split('$').filter(|value| !value.is_empty());
                    lines.extend(block.lines.iter().map(|line| filled(line, &mut values)));
                }
                (Some(block), _) => lines.extend(block.lines.iter().cloned()),
                (None, _) => missing = missing.or_else(|| Some(key.clone())),
            }
        }
        (lines, missing)
    }

    /// A block all of whose records have been read. A text is found as the other kind of text too: senders mix them up.
    fn complete(&self, key: &Key) -> Option<&Block> {
        let other = match key.0 {
            Kind::Text => Some(Kind::Insert),
            Kind::Insert => Some(Kind::Text),
            Kind::Files => None,
        };
        let is_closed = |key: &Key| self.open.as_ref() != Some(key);
        let found = self.blocks.get(key).filter(|_| is_closed(key));
        found.or_else(|| {
            let other = (other?, key.1.clone());
            self.blocks.get(&other).filter(|_| is_closed(&other))
        })
    }

    /// Lets an article wait for a block.
    pub(crate) fn wait(&mut self, key: Key, waiter: Waiter) {
        let bytes = waiter.bytes();
        if self.waiting_bytes + bytes > WAITING_BYTES_MAX {
            self.has_lost = true;
            return;
        }
        self.waiting_bytes += bytes;
        self.waiting.entry(key).or_default().push(waiter);
    }

    /// Those who waited for a block that is complete now.
    pub(crate) fn released(&mut self, key: &Key) -> Vec<Waiter> {
        let mut released = self.waiting.remove(key).unwrap_or_default();
        let other = match key.0 {
            Kind::Text => Kind::Insert,
            Kind::Insert => Kind::Text,
            Kind::Files => Kind::Files,
        };
        released.extend(self.waiting.remove(&(other, key.1.clone())).unwrap_or_default());
        self.waiting_bytes -= released.iter().map(Waiter::bytes).sum::<usize>();
        released
    }

    /// Those who waited in vain, in the order of the document, with what they waited for.
    pub(crate) fn unreleased(&mut self) -> Vec<(Key, Waiter)> {
        let waiting = std::mem::take(&mut self.waiting);
        let mut left: Vec<(Key, Waiter)> = waiting
            .into_iter()
            .flat_map(|(key, waiters)| waiters.into_iter().map(move |it| (key.clone(), it)))
            .collect();
        left.sort_by(|(one, first), (other, second)| {
            (first.position.line, &first.sku, &one.1).cmp(&(second.position.line, &second.sku, &other.1))
        });
        left
    }
}

impl Waiter {
    fn bytes(&self) -> usize {
        let of_part = |part: &Part| match part {
            Part::Line(line) => line.len() + LINE_BYTES,
            Part::Block((_, number)) => number.len() + LINE_BYTES,
            Part::Filled((_, number), values) => number.len() + values.len() + LINE_BYTES,
        };
        ENTRY_BYTES + self.sku.len() + self.parts.iter().map(of_part).sum::<usize>()
    }
}

/// A line with each run of `$` replaced by the next value.
fn filled<'v>(line: &str, values: &mut impl Iterator<Item = &'v str>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        out.push_str(values.next().unwrap_or_default().trim());
        rest = rest[at..].trim_start_matches('$');
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: &str) -> Key {
        (Kind::Text, number.into())
    }

    #[test]
    fn values_take_the_places_of_dollar_signs() {
        let line = |line: &str, values: &str| filled(line, &mut values.split('$').filter(|it| !it.is_empty()));
        assert_eq!(line("Maße $$$$ x $$ mm", "$15$1$"), "Maße 15 x 1 mm");
        assert_eq!(line("$$", ""), "");
        assert_eq!(line("ohne", "$1$"), "ohne");
    }

    #[test]
    fn a_block_is_there_when_the_next_record_is_of_another() {
        let mut blocks = Blocks::default();
        blocks.open(&key("1"));
        blocks.add_line(Some(1), "a");
        let parts = [Part::Line("x".to_owned()), Part::Block(key("1"))];
        assert_eq!(blocks.text(&parts), (vec!["x".to_owned()], Some(key("1"))));
        assert_eq!(blocks.close(Some(&key("1"))), None);
        assert_eq!(blocks.close(None), Some(key("1")));
        assert_eq!(blocks.text(&parts), (vec!["x".to_owned(), "a".to_owned()], None));
        blocks.open(&key("1"));
        blocks.add_line(Some(2), "b");
        blocks.close(None);
        assert_eq!(blocks.text(&parts).0, ["x", "a", "b"]);
        blocks.open(&key("1"));
        blocks.add_line(Some(1), "new");
        blocks.close(None);
        assert_eq!(blocks.text(&parts).0, ["x", "new"]);
    }

    #[test]
    fn the_oldest_goes_first_and_that_is_known() {
        let mut blocks = Blocks::default();
        let line = "x".repeat(200 << 10);
        let fits = BLOCKS_BYTES_MAX / ((200 << 10) + LINE_BYTES + ENTRY_BYTES + 6);
        for number in 0..fits {
            blocks.open(&key(&format!("{number:03}")));
            blocks.add_line(None, &line);
        }
        assert!(!blocks.has_lost);
        blocks.open(&key("last"));
        blocks.add_line(None, &line);
        blocks.close(None);
        assert!(blocks.has_lost && blocks.text(&[Part::Block(key("000"))]).1.is_some());
        assert!(
            blocks.text(&[Part::Block(key("001"))]).1.is_none() && blocks.text(&[Part::Block(key("last"))]).1.is_none()
        );
    }

    #[test]
    fn a_block_and_the_waiting_are_bounded_from_both_sides() {
        let mut blocks = Blocks::default();
        blocks.open(&key("1"));
        blocks.add_line(None, &"x".repeat(BLOCK_BYTES_MAX - ENTRY_BYTES - 2 - LINE_BYTES));
        assert!(!blocks.has_lost);
        blocks.add_line(None, "");
        assert!(blocks.has_lost);
        let waiter = |bytes: usize| Waiter {
            sku: "x".repeat(bytes),
            parts: Vec::new(),
            files: None,
            position: Position::default(),
        };
        let mut blocks = Blocks::default();
        blocks.wait(key("1"), waiter(WAITING_BYTES_MAX - ENTRY_BYTES));
        assert!(!blocks.has_lost);
        blocks.wait(key("1"), waiter(0));
        assert!(blocks.has_lost);
        assert_eq!((blocks.released(&key("1")).len(), blocks.waiting_bytes), (1, 0));
        blocks.wait(key("1"), waiter(1));
        assert_eq!(blocks.unreleased().len(), 1);
    }
}

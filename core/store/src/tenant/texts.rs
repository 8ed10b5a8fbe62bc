//! Texts that wait together, one behind the other in one buffer: a row of an import costs no allocation of its own.

use std::ops::Range;

/// A buffer of texts.
#[derive(Default)]
pub(super) struct Texts(String);

/// Where one of them is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    start: u32,
    end: u32,
}

impl Texts {
    /// The most that a buffer has, far above what anybody lets wait.
    const BYTES_MAX: usize = u32::MAX as usize;

    pub(super) fn keep(&mut self, text: &str) -> Place {
        let start = self.0.len();
        assert!(start + text.len() <= Self::BYTES_MAX, "texts wait that nobody writes");
        self.0.push_str(text);
        Place { start: start as u32, end: self.0.len() as u32 }
    }

    pub(super) fn get(&self, Place { start, end }: Place) -> &str {
        &self.0[Range { start: start as usize, end: end as usize }]
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.len()
    }

    /// Forgets all; the memory serves the next ones, if it is not much more than usual.
    pub(super) fn clear(&mut self, usual: usize) {
        self.0.clear();
        self.0.shrink_to(usual);
    }
}

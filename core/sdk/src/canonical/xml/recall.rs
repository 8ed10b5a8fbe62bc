//! Asks the sink whether it knows a record by its bytes, before the record is read.
//!
//! Used by the reader of canonical XML. Where a record ends is guessed: at the first end tag of its name. Whether that was right is
//! seen when the record was read, and only bytes that made exactly one record are ever called recallable; so if the sink knows the
//! bytes, the guess is right without reading.

use memchr::memmem::Finder;

use crate::document::{ItemSink, Recalled, Stop};
use crate::model::Position;
use crate::profile::CatalogProfile;
use crate::xml::{XmlLimits, XmlReader};

/// Larger records are read every time.
const REACH_BYTES: usize = 64 << 10;

/// After so many wrong guesses none is made any more: looking ahead in vain costs time.
const WRONG_MAX: u32 = 16;

/// What is known of a record before it is read.
pub(super) enum Guess {
    /// The sink has taken it, and it was passed over.
    Recalled,
    /// It ends after so many bytes, if the guess is right.
    Bytes(usize),
    None,
}

pub(super) struct Recalling {
    /// How records are read, and the root's tag: what they inherit.
    surroundings: String,
    /// The end tag of records.
    end: Option<Finder<'static>>,
    wrong: u32,
    /// The sink wants to be asked no more.
    is_over: bool,
}

impl Recalling {
    /// Whoever calls the reader may give it another profile or other limits than the platform's.
    pub(super) fn new(profile: &CatalogProfile, limits: &XmlLimits) -> Self {
        Self { surroundings: format!("{profile:?} {limits:?} "), end: None, wrong: 0, is_over: false }
    }

    /// The root was read.
    pub(super) fn within(&mut self, tag: &str) {
        self.surroundings.push_str(tag);
    }

    /// Asks for the record behind its start tag.
    pub(super) fn ask(
        &mut self,
        reader: &mut XmlReader<'_>,
        sink: &mut dyn ItemSink,
        position: Position,
    ) -> Result<Guess, Stop> {
        if self.is_over || self.wrong >= WRONG_MAX {
            return Ok(Guess::None);
        }
        let end = self.end_of(reader.tag().qname());
        let Some(record) = reader.peek_element(end, REACH_BYTES) else {
            self.wrong += 1;
            return Ok(Guess::None);
        };
        let bytes = record.len();
        match sink.recalls(&self.surroundings, record, position)? {
            Recalled::Unknown => Ok(Guess::Bytes(bytes)),
            Recalled::Never => {
                self.is_over = true;
                Ok(Guess::None)
            }
            Recalled::Stored => {
                reader.pass_over(bytes);
                Ok(Guess::Recalled)
            }
        }
    }

    /// Whether the guess was right, now that the record was read.
    pub(super) fn was_right(&mut self, guess: &Guess, reader: &XmlReader<'_>) -> bool {
        let Guess::Bytes(bytes) = guess else { return false };
        let is_right = reader.record_bytes() == *bytes as u64;
        self.wrong += u32::from(!is_right);
        is_right
    }

    fn end_of(&mut self, name: &str) -> &Finder<'static> {
        let is_it = |end: &Finder<'_>| end.needle()[2..].strip_suffix(b">") == Some(name.as_bytes());
        let end = self.end.take().filter(is_it);
        self.end.insert(end.unwrap_or_else(|| Finder::new(&format!("</{name}>")).into_owned()))
    }
}

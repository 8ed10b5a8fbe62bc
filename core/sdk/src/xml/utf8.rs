//! A document's text as verified UTF-8, for those who pass a document on instead of reading it.
//!
//! The SOAP endpoint copies documents out of envelopes with it. It chooses the encoding as the reader does and refuses bytes
//! that do not fit; what the text says is not its business.

use std::io::{self, Read};

use super::decode::{self, Charset, Guess};
use super::lines::Mark;
use crate::codes;
use crate::error::ApiError;
use crate::model::Position;

/// Bytes that are read in one go.
const CHUNK_BYTES: usize = 64 << 10;

/// Reads bytes of any supported encoding as UTF-8, without the byte order mark. Its errors of kind `Other` carry an
/// [`ApiError`] with the code `encoding_invalid`; those of the source pass through.
pub struct Utf8Reader<'a, R> {
    source: R,
    label: Option<&'a str>,
    charset: Option<Charset>,
    /// What the bytes are in if the first of them above 127 are not UTF-8; none once that is decided.
    fallback: Option<&'static str>,
    guessed: Option<(&'static str, Position)>,
    /// Bytes as sent: `raw[raw_taken..raw_filled]` are not decoded yet.
    raw: Vec<u8>,
    raw_taken: usize,
    raw_filled: usize,
    source_ended: bool,
    /// Decoded text: `text[text_taken..]` is not handed out yet.
    text: String,
    text_taken: usize,
    ended: bool,
    /// Waits behind the text that is still good.
    coming: Option<io::Error>,
    mark: Mark,
}

impl<'a, R: Read> Utf8Reader<'a, R> {
    /// A reader of a document from its first byte. `charset` is the content type's.
    pub fn new(source: R, charset: Option<&'a str>) -> Self {
        Self {
            source,
            label: charset,
            charset: None,
            fallback: None,
            guessed: None,
            raw: vec![0; CHUNK_BYTES],
            raw_taken: 0,
            raw_filled: 0,
            source_ended: false,
            text: String::new(),
            text_taken: 0,
            ended: false,
            coming: None,
            mark: Mark::start(),
        }
    }

    /// Reads a document that neither a label nor a mark names the encoding of, and that is not UTF-8, in `fallback` (a label). The
    /// first byte above 127 decides, with up to 64 KiB of what follows it; single bytes that do not fit a document that is
    /// rather UTF-8 are taken for what they probably are.
    #[must_use]
    pub fn or(mut self, fallback: &'static str) -> Self {
        self.fallback = Some(fallback);
        self
    }

    /// What bytes were taken for that are not UTF-8, and where the first of them was, so far.
    #[must_use]
    pub fn guessed(&self) -> Option<(&'static str, Position)> {
        self.guessed
    }

    fn read_source(&mut self) -> io::Result<()> {
        let bytes = self.source.read(&mut self.raw[self.raw_filled..])?;
        self.raw_filled += bytes;
        self.source_ended = bytes == 0;
        Ok(())
    }

    fn detect(&mut self) -> io::Result<Charset> {
        while !self.source_ended && !decode::head_is_enough(&self.raw[..self.raw_filled]) {
            self.read_source()?;
        }
        // As much is looked at however the bytes arrive.
        let head = &self.raw[..self.raw_filled.min(decode::HEAD_BYTES_MAX)];
        let charset = decode::detect(head, self.label).map_err(|what| invalid(&what))?;
        self.raw_taken = charset.mark_bytes;
        if self.label.is_some() || charset.mark_bytes > 0 || !charset.is_utf_8() {
            self.fallback = None;
        }
        Ok(charset)
    }

    /// While nothing but ASCII has come: the bytes that are certainly that, or the decision. `charset` is UTF-8 until then.
    fn undecided(&mut self, charset: &mut Charset, fallback: &'static str) -> io::Result<usize> {
        let ascii = self.raw[self.raw_taken..self.raw_filled].iter().take_while(|byte| byte.is_ascii()).count();
        if ascii > 0 || self.raw_taken == self.raw_filled {
            return Ok(self.raw_taken + ascii);
        }
        // As much is looked at however the bytes arrive.
        self.raw.copy_within(self.raw_taken..self.raw_filled, 0);
        (self.raw_taken, self.raw_filled) = (0, self.raw_filled - self.raw_taken);
        while self.raw_filled < self.raw.len() && !self.source_ended {
            self.read_source()?;
        }
        self.fallback = None;
        if is_rather_utf_8(&self.raw[..self.raw_filled]) {
            charset.guess = Some(Guess::default());
        } else {
            let name = decode::of_language(fallback, &self.raw[..self.raw_filled]);
            *charset = decode::detect(b"", Some(name)).map_err(|what| invalid(&what))?;
            self.guessed = Some((name, self.mark.position));
        }
        Ok(self.raw_filled)
    }

    /// Decodes what there is; reads more of the source when there is nothing.
    fn refill(&mut self) -> io::Result<()> {
        let mut charset = match self.charset.take() {
            Some(charset) => charset,
            None => self.detect()?,
        };
        if self.raw_taken == self.raw_filled && !self.source_ended {
            (self.raw_taken, self.raw_filled) = (0, 0);
            let read = self.read_source();
            if read.is_err() {
                self.charset = Some(charset);
                return read;
            }
        }
        let end = match self.fallback.map(|fallback| self.undecided(&mut charset, fallback)) {
            Some(Err(error)) => {
                self.charset = Some(charset);
                return Err(error);
            }
            Some(Ok(end)) => end,
            None => self.raw_filled,
        };
        let bytes = &self.raw[self.raw_taken..end];
        self.text.clear();
        self.text_taken = 0;
        let is_last = self.source_ended && end == self.raw_filled;
        let (used, misfit) = charset.decode(bytes, is_last, &mut self.text);
        self.raw_taken += used;
        self.ended = self.source_ended && self.raw_taken == self.raw_filled;
        if let Some(at) = charset.guess.as_ref().and_then(|guess| guess.first_at).filter(|_| self.guessed.is_none()) {
            let before = self.text.as_bytes().get(..at).unwrap_or_default();
            self.guessed = Some((decode::GUESSED.name(), self.mark.after(before).position));
        }
        self.mark = self.mark.after(self.text.as_bytes());
        self.charset = Some(charset);
        if let Some(encoding) = misfit {
            // The text in front of the byte is still good; what follows it is not looked at, whoever asks again.
            self.ended = true;
            let Position { line, column } = self.mark.position;
            let what = format!("line {line}, column {column}: a byte does not fit the encoding {encoding}");
            self.coming = Some(invalid(&what));
        }
        Ok(())
    }
}

/// Whether more of the characters beyond ASCII are UTF-8 than are not. One that is cut off at the end says nothing.
fn is_rather_utf_8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        good += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
        let is_cut = chunks.peek().is_none() && bytes.len() == CHUNK_BYTES;
        bad += usize::from(!chunk.invalid().is_empty() && !is_cut);
    }
    good > bad || bad == 0
}

fn invalid(what: &str) -> io::Error {
    io::Error::other(ApiError::new(&codes::ENCODING_INVALID, what))
}

impl<R: Read> Read for Utf8Reader<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.text_taken == self.text.len() && !self.ended {
            self.refill()?;
        }
        if self.text_taken == self.text.len()
            && let Some(error) = self.coming.take()
        {
            return Err(error);
        }
        let count = into.len().min(self.text.len() - self.text_taken);
        into[..count].copy_from_slice(&self.text.as_bytes()[self.text_taken..self.text_taken + count]);
        self.text_taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], charset: Option<&str>, chunk_bytes: usize) -> Result<String, String> {
        let chunks = bytes
            .chunks(chunk_bytes)
            .fold(Box::new(io::empty()) as Box<dyn Read>, |all, chunk| Box::new(all.chain(chunk)));
        let mut text = String::new();
        let result = Utf8Reader::new(chunks, charset).read_to_string(&mut text);
        result.map(|_| text).map_err(|error| error.to_string())
    }

    #[test]
    fn text_in_front_of_a_byte_that_does_not_fit_comes_first() {
        let mut reader = Utf8Reader::new(&b"good\xffbad"[..], None);
        let mut text = [0; 16];
        assert_eq!(reader.read(&mut text).unwrap(), 4);
        assert_eq!(&text[..4], b"good");
        assert!(reader.read(&mut text).unwrap_err().to_string().contains("column 5"));
        assert_eq!(reader.read(&mut text).unwrap(), 0);
    }

    #[test]
    fn a_declaration_that_goes_on_behind_the_head_is_judged_alike_however_it_arrives() {
        let far = |encoding: &str| format!("<?xml version='1.0' {}encoding='{encoding}'?><a/>", " ".repeat(1024));
        for encoding in ["none-that-we-know", "ISO-8859-1"] {
            let document = far(encoding);
            let [slow, whole] = [7, 1 << 20].map(|chunk_bytes| read(document.as_bytes(), None, chunk_bytes));
            assert_eq!(slow, whole, "{encoding}");
        }
    }

    #[test]
    fn what_is_not_utf_8_is_read_in_the_fallback_however_it_arrives() {
        let guess = |bytes: &[u8], chunk_bytes: usize| {
            let source = io::BufReader::with_capacity(chunk_bytes, bytes);
            let mut reader = Utf8Reader::new(source, None).or("windows-1252");
            let mut text = String::new();
            let result = reader.read_to_string(&mut text).map_err(|error| error.to_string());
            (result.map(|_| text), reader.guessed().map(|(name, at)| (name, at.line, at.column)))
        };
        let far = [vec![b'a'; 200_000], b"M\xfctze".to_vec()].concat();
        let cyrillic = encoding_rs::WINDOWS_1251.encode("Наименование товара").0.into_owned();
        let damaged = ["Grüße, Maß\n und M".as_bytes(), b"\xfc", b"tze"].concat();
        for chunk_bytes in [1, 3, 1 << 20] {
            assert_eq!(guess("a ü €".as_bytes(), chunk_bytes), (Ok("a ü €".to_owned()), None));
            assert_eq!(guess(b"a \xfc \x80", chunk_bytes), (Ok("a ü €".to_owned()), Some(("windows-1252", 1, 3))));
            assert_eq!(guess(b"abc", chunk_bytes), (Ok("abc".to_owned()), None));
            assert_eq!(guess(&cyrillic, chunk_bytes).0.as_deref(), Ok("Наименование товара"));
            assert!(guess(&far, chunk_bytes).0.is_ok_and(|text| text.ends_with("aMütze")));
            let one_byte = (Ok("Grüße, Maß\n und Mütze".to_owned()), Some(("windows-1252", 2, 7)));
            assert_eq!(guess(&damaged, chunk_bytes), one_byte);
            assert!(guess(b"\xef\xbb\xbfa\xfc", chunk_bytes).0.is_err(), "a mark is no guess");
        }
    }

    #[test]
    fn every_encoding_becomes_utf_8_however_it_arrives() {
        let utf_16: Vec<u8> = "\u{feff}<a>äß\u{1f600}</a>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let declared = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>";
        for chunk_bytes in 1..8 {
            assert_eq!(read(&utf_16, None, chunk_bytes).unwrap(), "<a>äß\u{1f600}</a>");
            let text = read(declared, None, chunk_bytes).unwrap();
            assert_eq!(text, "<?xml version='1.0' encoding='ISO-8859-1'?><a>ä</a>");
            assert_eq!(read("\u{feff}<a>é</a>".as_bytes(), Some("utf-8"), chunk_bytes).unwrap(), "<a>é</a>");
            assert_eq!(read(b"", None, chunk_bytes).unwrap(), "");
        }
    }

    #[test]
    fn bytes_that_do_not_fit_are_an_error_with_their_place() {
        for (bytes, charset, expected) in [
            (&b"<a>\n\xc3\xa4\xff</a>"[..], None, "line 2, column 2: a byte does not fit the encoding UTF-8"),
            (b"<a>\xe4</a>", Some("us-ascii"), "column 4"),
            (b"<a>\xc3", None, "column 4"),
            (b"<a/>", Some("utf-7"), "utf-7"),
            (b"\xff\xfe<\0a", None, "UTF-16LE"),
        ] {
            let message = read(bytes, charset, 3).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}

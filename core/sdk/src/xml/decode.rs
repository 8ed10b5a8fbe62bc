//! Finds out in which encoding a document is, from its first bytes, the declaration and the content type.
//!
//! Called once per document by the feed. It refuses encodings that it cannot decode strictly, instead of guessing.

use encoding_rs::{Decoder, Encoding, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251, WINDOWS_1252};

/// As many bytes are looked at for the XML declaration; a longer one is treated as if it named no encoding.
pub(crate) const HEAD_BYTES_MAX: usize = 1024;

/// How the bytes of a document become characters.
pub(crate) struct Charset {
    pub(crate) decoder: Decoder,
    /// Bytes of the byte order mark, not part of the text.
    pub(crate) mark_bytes: usize,
    /// Declared as US-ASCII: a byte above 127 does not fit, whatever the decoder makes of it.
    pub(crate) ascii_only: bool,
    /// Nothing is declared and bytes that are not UTF-8 are taken for what they probably are.
    pub(crate) guess: Option<Guess>,
}

/// Bytes that are not UTF-8 in a document that declares nothing. They are taken for [`GUESSED`], one by one: what came before
/// and after decides nothing, so that the same bytes give the same text however they arrive.
#[derive(Debug, Default)]
pub(crate) struct Guess {
    /// How many there were.
    pub(crate) bytes: u64,
    /// Where the first of them stands in the text that it was decoded into.
    pub(crate) first_at: Option<usize>,
    /// The beginning of a character whose rest has not come yet.
    begun: Vec<u8>,
}

impl Charset {
    fn of(encoding: &'static Encoding, mark_bytes: usize) -> Self {
        Self { decoder: encoding.new_decoder_without_bom_handling(), mark_bytes, ascii_only: false, guess: None }
    }

    pub(crate) fn is_utf_8(&self) -> bool {
        self.decoder.encoding() == UTF_8 && !self.ascii_only
    }

    /// Decodes bytes behind `text` and says how many were used, and the name of the encoding if what follows does not fit it.
    pub(crate) fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) -> (usize, Option<&'static str>) {
        if let Some(guess) = &mut self.guess {
            guess.decode(bytes, last, text);
            return (bytes.len(), None);
        }
        let length = text.len();
        text.reserve(self.decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
        let (result, used) = self.decoder.decode_to_string_without_replacement(bytes, text, last);
        let malformed = matches!(result, encoding_rs::DecoderResult::Malformed(..));
        let mut misfit = malformed.then(|| self.decoder.encoding().name());
        if self.ascii_only
            && let Some(at) = text[length..].bytes().position(|byte| !byte.is_ascii())
        {
            text.truncate(length + at);
            misfit = Some("US-ASCII");
        }
        (used, misfit)
    }
}

/// What bytes are taken for of which nothing says what they are.
pub(crate) const GUESSED: &Encoding = WINDOWS_1252;

impl Guess {
    /// Decodes all of `bytes`: what is UTF-8 as that, every other byte on its own.
    fn decode(&mut self, bytes: &[u8], last: bool, text: &mut String) {
        let joined;
        let mut rest = if self.begun.is_empty() {
            bytes
        } else {
            self.begun.extend_from_slice(bytes);
            joined = std::mem::take(&mut self.begun);
            &joined
        };
        loop {
            let error = match std::str::from_utf8(rest) {
                Ok(valid) => return text.push_str(valid),
                Err(error) => error,
            };
            let (valid, others) = rest.split_at(error.valid_up_to());
            text.push_str(std::str::from_utf8(valid).unwrap_or_default());
            let wrong = match error.error_len() {
                Some(wrong) => wrong,
                None if last => others.len(),
                None => {
                    self.begun = others.to_vec();
                    return;
                }
            };
            self.first_at.get_or_insert(text.len());
            text.push_str(&GUESSED.decode_without_bom_handling(&others[..wrong]).0);
            self.bytes += wrong as u64;
            rest = &others[wrong..];
        }
    }
}

/// What bytes probably are that are not UTF-8 and of which nothing says what they are, and by what one can tell. In Cyrillic text
/// of one byte a letter most letters are above 0xC0; in Western text few are.
pub(crate) fn probable(bytes: &[u8]) -> (&'static Encoding, &'static str) {
    let high = bytes.iter().filter(|&&byte| byte >= 0xC0).count();
    let plain = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    if high > plain / 2 && high > 8 {
        return (WINDOWS_1251, "nothing declared, not UTF-8; most letters look like Cyrillic of one byte each");
    }
    (WINDOWS_1252, "nothing declared, not UTF-8; few bytes are beyond ASCII, as in Western text")
}

/// The label of what bytes are in that are not UTF-8: `fallback`, or what they look like where that is the usual one.
pub(crate) fn of_language(fallback: &'static str, bytes: &[u8]) -> &'static str {
    if fallback == GUESSED.name() { probable(bytes).0.name() } else { fallback }
}

/// Whether `head` says all that it can say about the encoding: more bytes would change nothing.
pub(crate) fn head_is_enough(head: &[u8]) -> bool {
    let declaration = b"<?xml";
    let may_become_declaration = head.len() < declaration.len() || head.starts_with(declaration);
    head.len() >= HEAD_BYTES_MAX || !may_become_declaration || memchr::memchr(b'>', head).is_some()
}

/// Chooses the encoding: byte order mark, then content type, then declaration, then UTF-8 (RFC 7303).
///
/// # Errors
/// A sentence that names the encoding we cannot read.
pub(crate) fn detect(head: &[u8], charset: Option<&str>) -> Result<Charset, String> {
    detect_with_reason(head, charset).map(|(charset, _)| charset)
}

/// What an encoding was decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// A byte order mark.
    Mark,
    /// The content type's charset.
    ContentType,
    /// The XML declaration.
    Declaration,
    /// Two bytes a character, seen at the first of them.
    Pattern,
    /// Nothing: UTF-8.
    Default,
}

/// As [`detect`], with what decided.
///
/// # Errors
/// As [`detect`].
pub(crate) fn detect_with_reason(head: &[u8], charset: Option<&str>) -> Result<(Charset, Reason), String> {
    if let Some(family) = unreadable(head) {
        return Err(format!("the document is in {family}, which is not supported; send UTF-8"));
    }
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(head) {
        return Ok((Charset::of(encoding, mark_bytes), Reason::Mark));
    }
    let sniffed = match head {
        [b'<', 0, ..] => Some(UTF_16LE),
        [0, b'<', ..] => Some(UTF_16BE),
        _ => None,
    };
    match charset {
        Some(label) => by_label(label, sniffed, true).map(|charset| (charset, Reason::ContentType)),
        None => match (sniffed, declared_encoding(head)) {
            (Some(encoding), _) => Ok((Charset::of(encoding, 0), Reason::Pattern)),
            (None, Some(label)) => by_label(label, None, false).map(|charset| (charset, Reason::Declaration)),
            (None, None) => Ok((Charset::of(UTF_8, 0), Reason::Default)),
        },
    }
}

fn unreadable(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] | [b'<', 0, 0, 0, ..] | [0, 0, 0, b'<', ..] => Some("UTF-32"),
        [0x4C, 0x6F, 0xA7, 0x94, ..] => Some("EBCDIC"),
        _ => None,
    }
}

/// `sniffed` decides the byte order that the label `utf-16` leaves open; big-endian if nothing does (RFC 2781).
fn by_label(label: &str, sniffed: Option<&'static Encoding>, external: bool) -> Result<Charset, String> {
    let label =
        label.trim_matches(|character: char| character.is_ascii_whitespace() || matches!(character, '"' | '\''));
    if label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii") {
        return Ok(Charset { ascii_only: true, ..Charset::of(UTF_8, 0) });
    }
    if label.eq_ignore_ascii_case("utf-16") && external {
        return Ok(Charset::of(sniffed.unwrap_or(UTF_16BE), 0));
    }
    let encoding = Encoding::for_label(label.as_bytes()).filter(|encoding| *encoding != REPLACEMENT);
    let Some(encoding) = encoding else {
        return Err(format!("the encoding {:?} is not supported; send UTF-8", shown(label)));
    };
    // The declaration was just read as single bytes: it cannot be in the two-byte encoding that it names.
    if !external && (encoding == UTF_16LE || encoding == UTF_16BE) {
        return Err(format!("the declaration says {} but the bytes are not", shown(label)));
    }
    Ok(Charset::of(encoding, 0))
}

fn shown(label: &str) -> String {
    label.chars().take(40).collect()
}

/// The value of `encoding` in an XML declaration of single bytes.
fn declared_encoding(head: &[u8]) -> Option<&str> {
    let rest = head.strip_prefix(b"<?xml")?;
    let declaration = &rest[..memchr::memchr(b'>', rest)?];
    let declaration = std::str::from_utf8(declaration).ok()?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split_once(quote).map(|(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(head: &[u8], charset: Option<&str>) -> String {
        detect(head, charset).map_or_else(|error| error, |found| found.decoder.encoding().name().to_owned())
    }

    #[test]
    fn a_mark_wins_over_the_content_type_which_wins_over_the_declaration() {
        let declared = b"<?xml version='1.0' encoding = \"windows-1252\" ?><a/>";
        assert_eq!(name(declared, None), "windows-1252");
        assert_eq!(name(declared, Some("\"UTF-8\"")), "UTF-8");
        assert_eq!(name(b"\xEF\xBB\xBF<?xml version='1.0' encoding='koi8-r'?>", Some("utf-16")), "UTF-8");
        assert_eq!(name(b"\xFF\xFE<\0a\0", Some("utf-8")), "UTF-16LE");
        assert_eq!(name(b"<a/>", None), "UTF-8");
        assert_eq!(name(b"<?xml version='1.0'?><a encoding='koi8-r'/>", None), "UTF-8");
    }

    #[test]
    fn utf_16_is_recognised_without_a_mark() {
        assert_eq!(name(b"<\0?\0x\0", None), "UTF-16LE");
        assert_eq!(name(b"\0<\0?\0x", None), "UTF-16BE");
        assert_eq!(name(b"<\0a\0", Some("utf-16")), "UTF-16LE");
        assert_eq!(name(b"\0 \0<", Some("UTF-16")), "UTF-16BE");
    }

    #[test]
    fn what_cannot_be_decoded_is_refused_by_name() {
        for (head, charset, expected) in [
            (&b"\xFF\xFE\0\0"[..], None, "UTF-32"),
            (b"\0\0\0<", None, "UTF-32"),
            (b"\x4C\x6F\xA7\x94", None, "EBCDIC"),
            (b"<a/>", Some("utf-7"), "\"utf-7\""),
            (b"<a/>", Some("iso-2022-kr"), "\"iso-2022-kr\""),
            (b"<?xml version='1.0' encoding='klingon'?><a/>", None, "\"klingon\""),
            (b"<?xml version='1.0' encoding='UTF-16'?><a/>", None, "says UTF-16"),
        ] {
            let message = name(head, charset);
            assert!(message.contains(expected), "{message}");
        }
    }
}

//! The bytes of a document as text: DOS code page 850 as the standard has it, or what senders really use.
//!
//! Called by the walk for each line. It refuses UTF-16, and to decide by a byte that may be a letter in both: what speaks for
//! neither is code page 850. The semicolon and the end of a line are the same in all of them, so a wrong guess costs letters only.

use encoding_rs::WINDOWS_1252;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

/// Code page 850 from 0x80 on.
const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐\
     └┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";
/// Code page 437 from 0x80 on.
const CP437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
/// The bytes of German umlauts and the sharp s in the DOS code pages, and in windows-1252.
const DOS_LETTERS: [u8; 7] = [0x84, 0x94, 0x81, 0x8E, 0x99, 0x9A, 0xE1];
const WINDOWS_LETTERS: [u8; 7] = [0xE4, 0xF6, 0xFC, 0xC4, 0xD6, 0xDC, 0xDF];

/// How bytes become characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Charset {
    Cp850,
    Cp437,
    Windows1252,
    Utf8,
}

/// What is known about the encoding of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Somebody says so: the profile, the content type, a byte order mark.
    Said(Charset),
    /// The bytes speak for it.
    Guessed(Charset),
    /// Nothing but ASCII so far.
    Open,
}

impl Charset {
    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cp850 => "CP850",
            Self::Cp437 => "CP437",
            Self::Windows1252 => "windows-1252",
            Self::Utf8 => "UTF-8",
        }
    }

    /// The encoding of a name; nothing if it is none that DATANORM comes in.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        let name = name.trim_matches(|it: char| it.is_ascii_whitespace() || matches!(it, '"' | '\''));
        Some(match name.to_ascii_lowercase().as_str() {
            "cp850" | "ibm850" | "850" | "dos-850" => Self::Cp850,
            "cp437" | "ibm437" | "437" => Self::Cp437,
            "windows-1252" | "cp1252" | "iso-8859-1" | "iso8859-1" | "latin1" | "iso-8859-15" => Self::Windows1252,
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Self::Utf8,
            _ => return None,
        })
    }

    /// A line as text. What does not fit becomes the replacement character; true if there was such a byte.
    pub(crate) fn decode(self, bytes: &[u8], text: &mut String) -> bool {
        text.clear();
        let page = match self {
            _ if bytes.is_ascii() => {
                text.push_str(&String::from_utf8_lossy(bytes));
                return false;
            }
            Self::Cp850 => CP850,
            Self::Cp437 => CP437,
            Self::Windows1252 => {
                text.push_str(&WINDOWS_1252.decode_without_bom_handling(bytes).0);
                return false;
            }
            Self::Utf8 => {
                let decoded = String::from_utf8_lossy(bytes);
                text.push_str(&decoded);
                return std::str::from_utf8(bytes).is_err();
            }
        };
        // Few bytes of a line are beyond ASCII.
        text.extend(bytes.iter().map(|&byte| match byte {
            0..0x80 => char::from(byte),
            _ => page.chars().nth(usize::from(byte) - 0x80).unwrap_or(char::REPLACEMENT_CHARACTER),
        }));
        false
    }
}

/// What profile, content type and the first bytes say.
///
/// # Errors
/// An encoding that no DATANORM comes in.
pub(crate) fn choose(option: &str, label: Option<&str>, head: &[u8]) -> Result<Known, ApiError> {
    if head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]) {
        let detail = "line 1: the document is in UTF-16; send CP850, windows-1252 or UTF-8";
        return Err(ApiError::new(&codes::ENCODING_INVALID, detail));
    }
    if head.starts_with(b"\xEF\xBB\xBF") {
        return Ok(Known::Said(Charset::Utf8));
    }
    if let Some(charset) = Charset::by_name(option) {
        return Ok(Known::Said(charset));
    }
    let Some(label) = label else { return Ok(guess(head)) };
    let Some(charset) = Charset::by_name(label) else {
        let shown: String = label.chars().take(40).collect();
        let detail = format!("the encoding {shown:?} is not supported; send CP850, windows-1252 or UTF-8");
        return Err(ApiError::new(&codes::ENCODING_INVALID, detail));
    };
    // Many clients call every text UTF-8.
    match guess(head) {
        Known::Guessed(Charset::Utf8) => Ok(Known::Said(charset)),
        guessed if charset == Charset::Utf8 => Ok(guessed),
        _ => Ok(Known::Said(charset)),
    }
}

/// What bytes speak for. The last character of them may be cut.
pub(crate) fn guess(bytes: &[u8]) -> Known {
    if bytes.is_ascii() {
        return Known::Open;
    }
    if std::str::from_utf8(bytes).err().is_none_or(|error| error.error_len().is_none()) {
        return Known::Guessed(Charset::Utf8);
    }
    let (mut dos, mut windows) = (0_u32, 0_u32);
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii()) {
        let is_letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
        let (before, behind) = (is_letter(at.checked_sub(1)), is_letter(at.checked_add(1)));
        dos += u32::from((before || behind) && DOS_LETTERS.contains(byte));
        // The ü of windows is the ³ of DOS, which stands behind letters: m³.
        windows += u32::from((behind || (before && *byte != 0xFC)) && WINDOWS_LETTERS.contains(byte));
    }
    Known::Guessed(if windows > dos { Charset::Windows1252 } else { Charset::Cp850 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(charset: Charset, bytes: &[u8]) -> String {
        let mut text = String::new();
        charset.decode(bytes, &mut text);
        text
    }

    #[test]
    fn the_code_pages_have_128_characters_each() {
        assert_eq!((CP850.chars().count(), CP437.chars().count()), (128, 128));
        let umlauts = b"\x84\x94\x81\x8E\x99\x9A\xE1";
        for charset in [Charset::Cp850, Charset::Cp437] {
            assert_eq!(decoded(charset, umlauts), "äöüÄÖÜß");
        }
        assert_eq!(decoded(Charset::Cp850, b"\xF8\xFC\xFD\xE6\x9D\xFF"), "°³²µØ\u{a0}");
        assert_eq!(decoded(Charset::Cp437, b"\xF8\xFD\xE3\xE0"), "°²πα");
        assert_eq!(decoded(Charset::Windows1252, b"\xE4\x80"), "ä€");
        assert_eq!(decoded(Charset::Utf8, b"a\xFF"), "a\u{fffd}");
    }

    #[test]
    fn the_bytes_speak_for_an_encoding_or_for_none() {
        let cases: [(&[u8], Known); 8] = [
            (b"A;N;1", Known::Open),
            ("Größe".as_bytes(), Known::Guessed(Charset::Utf8)),
            (b"Gr\x94\xE1e, Einbaum\xFC", Known::Guessed(Charset::Cp850)),
            (b"Gr\xF6\xDFe", Known::Guessed(Charset::Windows1252)),
            (b"10 m\xFC", Known::Guessed(Charset::Cp850)),
            (b"f\xFCr T\xFCren", Known::Guessed(Charset::Windows1252)),
            (b"20 \xF8C", Known::Guessed(Charset::Cp850)),
            (b"\xB0", Known::Guessed(Charset::Cp850)),
        ];
        for (bytes, expected) in cases {
            assert_eq!(guess(bytes), expected, "{bytes:02x?}");
        }
    }

    #[test]
    fn who_says_it_first_is_right() {
        let marked = b"\xEF\xBB\xBFV;050";
        assert_eq!(choose("cp850", None, marked).unwrap(), Known::Said(Charset::Utf8));
        assert_eq!(choose("cp437", Some("utf-8"), b"V;050").unwrap(), Known::Said(Charset::Cp437));
        assert_eq!(choose("auto", Some("\"ISO-8859-1\""), b"V;050").unwrap(), Known::Said(Charset::Windows1252));
        assert_eq!(choose("auto", Some("utf-8"), b"V;\x94l").unwrap(), Known::Guessed(Charset::Cp850));
        assert_eq!(choose("auto", Some("utf-8"), b"V;050").unwrap(), Known::Open, "the lines behind the head decide");
        assert_eq!(choose("utf-8", None, b"V;\x94l").unwrap(), Known::Said(Charset::Utf8));
        assert_eq!(choose("auto", None, b"V;050").unwrap(), Known::Open);
        assert_eq!(choose("auto", Some("koi8-r"), b"V;050").unwrap_err().code.name, "encoding_invalid");
        assert_eq!(choose("auto", None, b"\xFF\xFEV\0").unwrap_err().code.name, "encoding_invalid");
    }
}

//! Transfer encodings (RFC 2045): how a part's bytes are written, and how they are got back while they come in.
//!
//! For parts, and for the base64 that stands in an envelope itself. Damage is an error and never guessed away: what comes out
//! is what was sent, or nothing is taken.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::{invalid, shown};

/// Characters that are decoded together; a multiple of four.
const GROUPED_BYTES: usize = 8 << 10;

/// How a part is written.
pub(crate) enum Transfer {
    /// `binary`, `8bit`, `7bit`, or nothing said.
    Plain,
    Base64(Base64),
    QuotedPrintable(Quoted),
}

impl Transfer {
    /// The encoding of a name.
    ///
    /// # Errors
    /// `media_type_unsupported`.
    pub(super) fn of(name: Option<&str>) -> Result<Self, ApiError> {
        match name.unwrap_or("binary").trim().to_ascii_lowercase().as_str() {
            "binary" | "8bit" | "7bit" | "" => Ok(Self::Plain),
            "base64" => Ok(Self::Base64(Base64::default())),
            "quoted-printable" => Ok(Self::QuotedPrintable(Quoted::default())),
            other => {
                let other = shown(other);
                let detail = format!(
                    "the Content-Transfer-Encoding {other} is not known; send binary, base64 or quoted-printable"
                );
                Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail))
            }
        }
    }

    /// Decodes further bytes.
    ///
    /// # Errors
    /// `soap_attachment_invalid`.
    pub(super) fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ApiError> {
        match self {
            Self::Plain => out.extend_from_slice(bytes),
            Self::Base64(base64) => base64.push(bytes, out)?,
            Self::QuotedPrintable(quoted) => quoted.push(bytes, out)?,
        }
        Ok(())
    }

    /// Decodes what is left at the end.
    ///
    /// # Errors
    /// `soap_attachment_invalid`.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ApiError> {
        match self {
            Self::Plain => Ok(()),
            Self::Base64(base64) => base64.end(out),
            Self::QuotedPrintable(quoted) => quoted.end(),
        }
    }
}

/// Base64 in lines of any length.
#[derive(Default)]
pub(crate) struct Base64 {
    group: Vec<u8>,
    /// Whether the end was seen: padding, behind which nothing may come.
    is_padded: bool,
}

impl Base64 {
    /// Decodes further characters. Blanks and line ends mean nothing.
    ///
    /// # Errors
    /// `soap_attachment_invalid`.
    pub(crate) fn push(&mut self, characters: &[u8], out: &mut Vec<u8>) -> Result<(), ApiError> {
        for line in characters.split(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')) {
            if !line.is_empty() && self.is_padded {
                return Err(invalid("something follows the end of the base64"));
            }
            self.group.extend_from_slice(line);
            if self.group.len() >= GROUPED_BYTES {
                self.decode(out)?;
            }
        }
        Ok(())
    }

    /// Decodes what is left.
    ///
    /// # Errors
    /// `soap_attachment_invalid` if that is no whole group of four characters.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), ApiError> {
        self.decode(out)?;
        if self.group.is_empty() {
            Ok(())
        } else {
            Err(invalid("the base64 ends in the middle of a group of four characters"))
        }
    }

    /// Decodes all whole groups.
    fn decode(&mut self, out: &mut Vec<u8>) -> Result<(), ApiError> {
        let whole = self.group.len() / 4 * 4;
        let wrong = |_| invalid("the base64 has a character that it cannot have, or ends too early");
        STANDARD.decode_vec(&self.group[..whole], out).map_err(wrong)?;
        self.is_padded = self.is_padded || self.group[..whole].ends_with(b"=");
        self.group.drain(..whole);
        if self.is_padded && !self.group.is_empty() {
            Err(invalid("something follows the end of the base64"))
        } else {
            Ok(())
        }
    }
}

/// Quoted-printable. Blanks at the end of a line are kept: whoever adds some on the way is not of our time.
#[derive(Default)]
pub(crate) struct Quoted {
    /// What has come of an escape: its `=`, and perhaps a character behind it.
    escape: Vec<u8>,
}

impl Quoted {
    fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), ApiError> {
        for byte in bytes {
            if self.escape.is_empty() && *byte != b'=' {
                out.push(*byte);
                continue;
            }
            self.escape.push(*byte);
            match self.escape.as_slice() {
                [b'=', b'\n'] | [b'=', b'\r', b'\n'] | [b'=', b' ', b'\n'] => self.escape.clear(),
                [b'='] | [b'=', b'\r'] => {}
                // Blanks between a soft line end and the line end it hides.
                [b'=', b' ' | b'\t'] | [b'=', b' ', b' ' | b'\t'] => self.escape = b"= ".to_vec(),
                [b'=', b' ', b'\r'] => self.escape = b"=\r".to_vec(),
                [b'=', high] if high.is_ascii_hexdigit() => {}
                [b'=', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    out.push(nibble(*high) << 4 | nibble(*low));
                    self.escape.clear();
                }
                _ => return Err(invalid("the quoted-printable has a = that begins nothing")),
            }
        }
        Ok(())
    }

    fn end(&self) -> Result<(), ApiError> {
        if self.escape.is_empty() {
            Ok(())
        } else {
            Err(invalid("the quoted-printable ends in the middle of an escape"))
        }
    }
}

/// The value of a hexadecimal digit.
fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.wrapping_sub(b'A').wrapping_add(10) & 0x0f,
    }
}

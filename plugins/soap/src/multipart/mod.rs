//! A multipart body (RFC 2046) as a stream: one part after the other, its head as data and its content as a [`Read`], with the
//! transfer encoding taken off.
//!
//! `package` drives it, for the endpoint and for facades alike. It holds one window of the body and one piece of what that
//! decodes to, however large a part is and however many there are; a part that nobody reads is passed over unread. A part ends
//! where its boundary is and nowhere else, so that one which was cut off is an error and never looks whole. It knows no SOAP.
//!
//! It is our own because none of the crates fits: `multer` reads `multipart/form-data` from asynchronous streams and knows no
//! transfer encodings, the readers of mail take a message that is in memory as a whole.

mod frames;
mod head;
#[cfg(test)]
mod tests;
mod transfer;

use std::io::{self, Read};

use plugpoint_sdk::codes;
use plugpoint_sdk::error::{ApiError, quoted};

use frames::Frames;
pub(crate) use head::{PartHead, parameter, unbracketed};
pub(crate) use transfer::Base64;
use transfer::Transfer;

/// The longest boundary, in characters (RFC 2046, 5.1.1).
const BOUNDARY_CHARS_MAX: usize = 70;

/// What is read of an encoded part in one go.
const PIECE_BYTES: usize = 16 << 10;

/// A multipart body that is being read.
pub(crate) struct Multipart<R> {
    frames: Frames<R>,
    transfer: Transfer,
    /// A piece of an encoded part, as sent.
    raw: Vec<u8>,
    /// What it decodes to: `decoded[taken..]` is not handed out yet.
    decoded: Vec<u8>,
    taken: usize,
}

impl<R: Read> Multipart<R> {
    /// A body whose parts are divided by `boundary`. Reads nothing.
    ///
    /// # Errors
    /// `soap_attachment_invalid` for a boundary that is none.
    pub(crate) fn new(source: R, boundary: &str) -> Result<Self, ApiError> {
        // More characters are taken than the standard has: what divides is whatever the sender writes.
        let may_be_one = boundary.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        if !may_be_one || boundary.is_empty() || boundary.ends_with(' ') || boundary.len() > BOUNDARY_CHARS_MAX {
            let what = format!("the boundary has to be 1 to {BOUNDARY_CHARS_MAX} visible characters");
            return Err(invalid(&what));
        }
        let (raw, decoded) = (Vec::new(), Vec::new());
        Ok(Self { frames: Frames::new(source, boundary), transfer: Transfer::Plain, raw, decoded, taken: 0 })
    }

    /// Goes to the next part, passing over what is left of the current one; `None` behind the last.
    ///
    /// # Errors
    /// `soap_attachment_invalid`, `limit_exceeded`, `body_incomplete`, and those of the source.
    pub(crate) fn next_part(&mut self) -> Result<Option<PartHead>, ApiError> {
        let Some(lines) = self.frames.next_head()? else { return Ok(None) };
        let head = PartHead::of(lines)?;
        self.transfer = Transfer::of(head.transfer_encoding())?;
        self.decoded.clear();
        self.taken = 0;
        Ok(Some(head))
    }

    /// Reads what lies behind the last part, which means nothing, to the body's last byte.
    ///
    /// # Errors
    /// `limit_exceeded`, and those of the source.
    pub(crate) fn finish(&mut self) -> Result<(), ApiError> {
        self.frames.finish()
    }

    /// Decodes further bytes of the part; none at its end.
    fn decode(&mut self) -> Result<(), ApiError> {
        self.decoded.clear();
        self.taken = 0;
        self.raw.resize(PIECE_BYTES, 0);
        while self.decoded.is_empty() {
            let bytes = self.frames.read(&mut self.raw)?;
            if bytes == 0 {
                return self.transfer.end(&mut self.decoded);
            }
            self.transfer.push(&self.raw[..bytes], &mut self.decoded)?;
        }
        Ok(())
    }
}

/// The current part's content. Errors carry an [`ApiError`].
impl<R: Read> Read for Multipart<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if matches!(self.transfer, Transfer::Plain) {
            return self.frames.read(into).map_err(io::Error::other);
        }
        if self.taken == self.decoded.len() {
            self.decode().map_err(io::Error::other)?;
        }
        let count = into.len().min(self.decoded.len() - self.taken);
        into[..count].copy_from_slice(&self.decoded[self.taken..self.taken + count]);
        self.taken += count;
        Ok(count)
    }
}

/// `soap_attachment_invalid`.
pub(crate) fn invalid(what: &str) -> ApiError {
    ApiError::new(&codes::SOAP_ATTACHMENT_INVALID, what)
}

/// A text of the sender's as it is told back: quoted, and cut where it is long.
pub(crate) fn shown(text: &str) -> String {
    quoted(text, 120)
}

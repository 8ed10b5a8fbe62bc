//! The frame of a multipart body: boundaries, the lines of heads, contents as sent.
//!
//! `Multipart` alone uses it. Line ends may be CRLF or LF alone, whatever the sender prefers. A line is a boundary only if it is
//! one as a whole, so that a boundary that begins like another one divides nothing.

use std::io::Read;

use memchr::memmem::Finder;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::invalid;
use crate::io::api_error;

/// The window over the body. Any line of a head, and any boundary with what is around it, fits in.
const WINDOW_BYTES: usize = 64 << 10;
/// A part's head.
pub(super) const HEAD_BYTES_MAX: usize = 16 << 10;
/// Lines of a part's head.
pub(super) const HEAD_LINES_MAX: usize = 64;
/// What may lie before the first boundary, and behind the last.
pub(super) const ASIDE_BYTES_MAX: usize = 32 << 10;
/// Blanks behind a boundary, which some mail gateway may have put there.
const PADDING_BYTES_MAX: usize = 128;

/// Where the reader stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Preamble,
    Head,
    Content,
    /// Behind the last boundary.
    Epilogue,
}

/// What comes next in a content.
enum Ahead {
    /// So many bytes that are content for certain.
    Content(usize),
    Boundary {
        bytes: usize,
        is_last: bool,
    },
    /// What can be told with more bytes only.
    Unclear,
}

/// What a line is.
enum Line {
    Boundary { bytes: usize, is_last: bool },
    Other,
    Unclear,
}

pub(super) struct Frames<R> {
    source: R,
    /// Two hyphens and the boundary.
    dashed: Vec<u8>,
    /// A line end before them.
    finder: Finder<'static>,
    /// What is known of the body and not passed: `window[start..end]`.
    window: Vec<u8>,
    start: usize,
    end: usize,
    has_ended: bool,
    place: Place,
    /// Whether the content begins here, where a boundary needs no line end of its own before it.
    is_at_beginning: bool,
    /// So many bytes are known to be content.
    certain: usize,
}

impl<R: Read> Frames<R> {
    pub(super) fn new(source: R, boundary: &str) -> Self {
        Self {
            source,
            dashed: format!("--{boundary}").into_bytes(),
            finder: Finder::new(&format!("\n--{boundary}")).into_owned(),
            window: vec![0; WINDOW_BYTES],
            start: 0,
            end: 0,
            has_ended: false,
            place: Place::Preamble,
            is_at_beginning: true,
            certain: 0,
        }
    }

    /// The lines of the next part's head, without their ends; `None` behind the last part.
    pub(super) fn next_head(&mut self) -> Result<Option<Vec<Vec<u8>>>, ApiError> {
        match self.place {
            Place::Preamble => self.pass_preamble()?,
            Place::Content => while self.pass(usize::MAX)? > 0 {},
            Place::Head | Place::Epilogue => {}
        }
        if self.place == Place::Epilogue {
            return Ok(None);
        }
        let (mut lines, mut bytes) = (Vec::new(), 0);
        loop {
            let line = self.line()?;
            bytes += line.len();
            if line.is_empty() {
                break;
            }
            if bytes > HEAD_BYTES_MAX || lines.len() == HEAD_LINES_MAX {
                return Err(head_too_long());
            }
            lines.push(line);
        }
        (self.place, self.is_at_beginning) = (Place::Content, true);
        Ok(Some(lines))
    }

    /// Reads of the current part's content; 0 at its end, and where there is no part.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, ApiError> {
        let from = if self.place == Place::Content { self.ensure()?.min(into.len()) } else { 0 };
        into[..from].copy_from_slice(&self.window[self.start..self.start + from]);
        self.consume(from);
        Ok(from)
    }

    /// Reads from behind the last boundary to the body's end.
    pub(super) fn finish(&mut self) -> Result<(), ApiError> {
        let mut bytes = 0;
        loop {
            bytes += self.end - self.start;
            self.start = self.end;
            if bytes > ASIDE_BYTES_MAX {
                let detail = format!("more than {ASIDE_BYTES_MAX} bytes behind the last boundary");
                return Err(ApiError::new(&codes::LIMIT_EXCEEDED, detail));
            }
            if !self.fill()? {
                return Ok(());
            }
        }
    }

    fn pass_preamble(&mut self) -> Result<(), ApiError> {
        let mut bytes = 0;
        loop {
            let passed = match self.pass(ASIDE_BYTES_MAX + 1 - bytes) {
                Err(_) if self.has_ended => {
                    return Err(invalid("the boundary of the Content-Type is nowhere in the body"));
                }
                passed => passed?,
            };
            bytes += passed;
            if passed == 0 {
                return Ok(());
            }
            if bytes > ASIDE_BYTES_MAX {
                let what =
                    format!("the boundary of the Content-Type is not in the body's first {ASIDE_BYTES_MAX} bytes");
                return Err(invalid(&what));
            }
        }
    }

    /// Passes over content, unread. 0 at its end.
    fn pass(&mut self, bytes_max: usize) -> Result<usize, ApiError> {
        let bytes = self.ensure()?.min(bytes_max);
        self.consume(bytes);
        Ok(bytes)
    }

    fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.certain -= bytes;
        self.is_at_beginning = self.is_at_beginning && bytes == 0;
    }

    /// How many bytes of content come next for certain; 0 at its end, with the boundary passed.
    fn ensure(&mut self) -> Result<usize, ApiError> {
        while self.certain == 0 {
            match self.ahead() {
                Ahead::Content(bytes) => self.certain = bytes,
                Ahead::Boundary { bytes, is_last } => {
                    self.start += bytes;
                    self.place = if is_last { Place::Epilogue } else { Place::Head };
                    return Ok(0);
                }
                Ahead::Unclear => {
                    if !self.fill()? && self.start == self.end {
                        return Err(cut_off("a part, before its closing boundary"));
                    }
                }
            }
        }
        Ok(self.certain)
    }

    fn ahead(&self) -> Ahead {
        let rest = &self.window[self.start..self.end];
        if self.is_at_beginning {
            match self.line_of(rest) {
                Line::Boundary { bytes, is_last } => return Ahead::Boundary { bytes, is_last },
                Line::Unclear => return Ahead::Unclear,
                Line::Other => {}
            }
        }
        let mut from = 0;
        while let Some(found) = self.finder.find(&rest[from..]) {
            let line_end = from + found;
            // The line end before a boundary is part of the boundary.
            let content = if rest[..line_end].ends_with(b"\r") { line_end - 1 } else { line_end };
            match self.line_of(&rest[line_end + 1..]) {
                Line::Other => from = line_end + 1,
                Line::Boundary { bytes, is_last } if content == 0 => {
                    return Ahead::Boundary { bytes: line_end + 1 + bytes, is_last };
                }
                Line::Unclear if content == 0 => return Ahead::Unclear,
                Line::Boundary { .. } | Line::Unclear => return Ahead::Content(content),
            }
        }
        // The end of what is there may be the beginning of a boundary.
        let held = if self.has_ended { 0 } else { self.dashed.len() + 1 };
        match rest.len().saturating_sub(held) {
            0 => Ahead::Unclear,
            content => Ahead::Content(content),
        }
    }

    /// What the line is that begins here. Nothing is unclear once the body has ended.
    fn line_of(&self, text: &[u8]) -> Line {
        let unclear = if self.has_ended { Line::Other } else { Line::Unclear };
        let Some(behind) = text.strip_prefix(&*self.dashed) else {
            return if self.dashed.starts_with(text) { unclear } else { Line::Other };
        };
        let is_last = behind.starts_with(b"--");
        if !is_last && behind == b"-" {
            return unclear;
        }
        let behind = if is_last { &behind[2..] } else { behind };
        let padding = behind.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        if padding > PADDING_BYTES_MAX {
            return Line::Other;
        }
        let line_end = match &behind[padding..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            // Behind the last boundary nothing need come.
            rest @ ([] | [b'\r']) if is_last && self.has_ended => rest.len(),
            [] | [b'\r'] => return unclear,
            _ => return Line::Other,
        };
        Line::Boundary { bytes: text.len() - behind.len() + padding + line_end, is_last }
    }

    /// A line of a head, without its end.
    fn line(&mut self) -> Result<Vec<u8>, ApiError> {
        let mut known = 0;
        loop {
            let rest = &self.window[self.start..self.end];
            if let Some(found) = memchr::memchr(b'\n', &rest[known..]) {
                let line = &rest[..known + found];
                let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
                self.start += known + found + 1;
                return Ok(line);
            }
            known = rest.len();
            if known > HEAD_BYTES_MAX {
                return Err(head_too_long());
            }
            if !self.fill()? {
                return Err(cut_off("the head of a part"));
            }
        }
    }

    /// Reads more of the body. False at its end.
    fn fill(&mut self) -> Result<bool, ApiError> {
        if self.has_ended {
            return Ok(false);
        }
        self.window.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        loop {
            match self.source.read(&mut self.window[self.end..]) {
                Ok(bytes) => {
                    self.end += bytes;
                    self.has_ended = bytes == 0;
                    return Ok(bytes > 0);
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(api_error(error)),
            }
        }
    }
}

fn head_too_long() -> ApiError {
    let detail = format!("the head of a part has more than {HEAD_BYTES_MAX} bytes or {HEAD_LINES_MAX} lines");
    ApiError::new(&codes::LIMIT_EXCEEDED, detail)
}

fn cut_off(where_: &str) -> ApiError {
    ApiError::new(&codes::BODY_INCOMPLETE, format!("the body ends inside {where_}"))
}

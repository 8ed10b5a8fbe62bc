//! What stands beside elements and text: comments, CDATA sections, processing instructions, declarations, document types.
//!
//! Part of the scanner. All of it comes in pieces, whatever its length; a document type is skipped without being read.

use std::io::Read;

use memchr::memmem;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use super::{Inside, Scanner, Token};
use crate::envelope::syntax;

impl<R: Read> Scanner<R> {
    pub(super) fn exclamation(&mut self) -> Result<Token, ApiError> {
        for (opening, inside, token) in [
            (b"<!--".as_slice(), Inside::Comment, Token::Comment),
            (b"<![CDATA[".as_slice(), Inside::CData, Token::CDataDelimiter),
        ] {
            if self.starts_with(opening)? {
                if inside == Inside::CData && self.scopes.depth() == 0 {
                    return Err(self.error(0, "text outside of the root element"));
                }
                self.window.take(opening.len());
                self.inside = inside;
                return Ok(token);
            }
        }
        if !self.starts_with(b"<!DOCTYPE")? {
            return Err(self.error(0, "markup that starts with <! and is nothing known"));
        }
        if !self.allow_prolog || self.scopes.depth() == 0 {
            return Err(self.coded(
                &codes::DOCTYPE_REFUSED,
                0,
                "a document type declaration has no place in an envelope",
            ));
        }
        self.allow_unknown_entities = true;
        self.doctype()
    }

    pub(super) fn instruction(&mut self) -> Result<Token, ApiError> {
        let is_declaration =
            self.starts_with(b"<?xml")? && self.at_least(6)? && syntax::is_blank(self.window.rest()[5]);
        if !is_declaration {
            self.window.take(2);
            self.inside = Inside::Instruction;
            return Ok(Token::Instruction);
        }
        if !self.allow_prolog || (self.scopes.depth() == 0 && self.offset() > 3) {
            return Err(self.error(0, "an XML declaration that is not at the beginning"));
        }
        self.window.take(5);
        self.inside = Inside::Declaration;
        Ok(Token::Prolog)
    }

    /// A piece of what ends with `closing`, or its end. A `--` must be the end of its comment.
    pub(super) fn until(&mut self, closing: &[u8], token: Token) -> Result<Token, ApiError> {
        loop {
            let rest = self.window.rest();
            let length = match memmem::find(rest, closing) {
                Some(0) => return self.closed(closing, token),
                Some(at) => at,
                None => syntax::whole_characters(&rest[..rest.len().saturating_sub(closing.len() - 1)]),
            };
            if let Some(at) = syntax::illegal_character(&rest[..length]) {
                return Err(self.error(at, "a character that XML does not allow"));
            }
            if length > 0 {
                self.window.take(length);
                return Ok(token);
            }
            if !self.window.fill()? {
                return Err(self.cut_off("a comment, a CDATA section or an instruction"));
            }
        }
    }

    fn closed(&mut self, closing: &[u8], token: Token) -> Result<Token, ApiError> {
        let closing = if token == Token::Comment { b"-->" } else { closing };
        if !self.starts_with(closing)? {
            return Err(self.error(0, "-- inside a comment"));
        }
        self.window.take(closing.len());
        self.inside = Inside::Content;
        Ok(if token == Token::CData { Token::CDataDelimiter } else { token })
    }

    /// Skips a document type: brackets, quotes, comments and instructions are told apart, and nothing in them is read.
    fn doctype(&mut self) -> Result<Token, ApiError> {
        let start = self.offset();
        self.window.skip(2);
        let mut depth = 1_u32;
        while depth > 0 {
            if self.offset() - start > self.limits.doctype_bytes_max as u64 {
                return Err(self.exceeded("bytes of a document type", self.limits.doctype_bytes_max));
            }
            if !self.at_least(1)? {
                return Err(self.cut_off("a document type"));
            }
            let mark = self.window.rest()[0];
            match mark {
                b'<' if self.starts_with(b"<!--")? => self.skip_past(4, b"-->")?,
                b'<' if self.starts_with(b"<?")? => self.skip_past(2, b"?>")?,
                b'"' => self.skip_past(1, b"\"")?,
                b'\'' => self.skip_past(1, b"'")?,
                _ => {
                    depth = match mark {
                        b'<' | b'[' => depth + 1,
                        b'>' | b']' => depth - 1,
                        _ => depth,
                    };
                    self.window.skip(1);
                }
            }
        }
        Ok(Token::Prolog)
    }

    fn skip_past(&mut self, opening_bytes: usize, closing: &[u8]) -> Result<(), ApiError> {
        self.window.skip(opening_bytes);
        let mut skipped = 0;
        loop {
            if let Some(at) = memmem::find(self.window.rest(), closing) {
                self.window.skip(at + closing.len());
                return Ok(());
            }
            let known = self.window.rest().len().saturating_sub(closing.len() - 1);
            self.window.skip(known);
            skipped += known;
            if skipped > self.limits.doctype_bytes_max {
                return Err(self.exceeded("bytes of a document type", self.limits.doctype_bytes_max));
            }
            if !self.window.fill()? {
                return Err(self.cut_off("a document type"));
            }
        }
    }
}

//! The field `document`: a foreign document as an element, or as text with a document in it.
//!
//! Part of the envelope reader. An XML declaration and a document type before the element are skipped unread: legacy
//! systems glue whole files between two strings. Text is handed on as it is; only its first character is looked at.

use std::io::{Read, Write};

use plugpoint_sdk::error::ApiError;

use super::scanner::Token;
use super::{EnvelopeReader, is_blank, syntax};
use crate::io::api_error;

/// What the field has been found to hold.
enum Form {
    Nothing,
    Element,
    Text,
}

impl<R: Read> EnvelopeReader<R> {
    /// Copies the document inside the current field.
    ///
    /// # Errors
    /// `request_invalid` for a field that holds no document or more than one; whatever is not well-formed, exceeds a limit
    /// or cannot be written.
    pub(crate) fn copy_document(&mut self, out: &mut dyn Write) -> Result<(), ApiError> {
        let mut form = Form::Nothing;
        self.scanner.allow_prolog = true;
        loop {
            match (self.next()?, &form) {
                (Token::End, Form::Nothing) => return Err(self.refused("a document field without a document")),
                (Token::End, _) => break,
                (Token::Start, Form::Nothing) => {
                    self.copy_payload(out)?;
                    form = Form::Element;
                }
                (Token::Start, _) => return Err(self.refused("a document field with more than one document")),
                (token @ (Token::Text | Token::CData), _) => self.copy_piece(token, &mut form, out)?,
                _ => {}
            }
        }
        self.scanner.allow_prolog = false;
        self.scanner.allow_unknown_entities = false;
        Ok(())
    }

    fn copy_piece(&mut self, token: Token, form: &mut Form, out: &mut dyn Write) -> Result<(), ApiError> {
        let raw = self.scanner.raw();
        self.copied_bytes += raw.len() as u64;
        match form {
            Form::Element if is_blank(raw) => return Ok(()),
            Form::Element => return Err(self.refused("a document field with an element and text")),
            Form::Text if token == Token::CData || !raw.contains(&b'&') => {
                return out.write_all(raw).map_err(api_error);
            }
            Form::Nothing | Form::Text => {}
        }
        let text = String::from_utf8_lossy(raw);
        let text = if token == Token::Text { syntax::unescaped(&text) } else { text.into_owned() };
        let mut text = text.as_str();
        if matches!(form, Form::Nothing) {
            text = text.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
            match text.chars().next() {
                None => return Ok(()),
                Some('<') => *form = Form::Text,
                Some(_) => return Err(self.refused("a document field with text that is no XML document")),
            }
            self.scanner.allow_prolog = false;
        }
        out.write_all(text.as_bytes()).map_err(api_error)
    }
}

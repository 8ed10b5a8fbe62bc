//! The fields `document` and `attachment`: a foreign document as an element, as text, in base64, or by a reference to a part
//! that follows the envelope.
//!
//! Part of the envelope reader. An XML declaration and a document type before the element are skipped unread: legacy
//! systems glue whole files between two strings. Text is handed on as it is; only its beginning is looked at. A reference is
//! an `xop:Include` (MTOM), an attribute `href` (SOAP with Attachments) or the text `cid:…` (WS-I's swaRef); it is given back,
//! and followed by nobody here.

use std::io::{Read, Write};

use plugpoint_sdk::error::ApiError;

use super::scanner::Token;
use super::{EnvelopeReader, FIELD_BYTES_MAX, is_blank, syntax};
use crate::io::api_error;
use crate::multipart::Base64;

/// The namespace of `Include`.
const XOP: &str = "http://www.w3.org/2004/08/xop/include";
/// The namespaces of `contentType`, the older one of which gSOAP and Axis2 still write.
const XMIME: [&str; 2] = ["http://www.w3.org/2005/05/xmlmime", "http://www.w3.org/2004/11/xmlmime"];
/// The beginning of a reference that is written as text.
const CID: &str = "cid:";

/// What the field has been found to hold.
enum Form {
    Nothing,
    Element,
    Text,
    /// An `Include`, by its `href`.
    Include(String),
    /// Text that begins like a reference.
    Cid(String),
}

/// What an attachment field has been found to hold.
enum Attached {
    /// The first characters, too few to tell.
    Beginning(String),
    Base64(Base64),
    Include(String),
    Cid(String),
}

impl<R: Read> EnvelopeReader<R> {
    /// Copies the document inside the current field, or gives the reference to it.
    ///
    /// # Errors
    /// `request_invalid` for a field that holds no document or more than one; whatever is not well-formed, exceeds a limit
    /// or cannot be written.
    pub(crate) fn copy_document(&mut self, out: &mut dyn Write) -> Result<Option<String>, ApiError> {
        if let Some(href) = self.attribute("", "href") {
            return self.reference(href).map(Some);
        }
        let mut form = Form::Nothing;
        self.scanner.allow_prolog = true;
        loop {
            match (self.next()?, &form) {
                (Token::End, Form::Nothing) => return Err(self.refused("a document field without a document")),
                (Token::End, _) => break,
                (Token::Start, Form::Nothing) if self.is_include() => form = Form::Include(self.include()?),
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
        match form {
            Form::Include(href) => Ok(Some(href)),
            Form::Cid(text) if text.get(..CID.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(CID)) => {
                Ok(Some(text))
            }
            Form::Cid(_) => Err(self.no_document()),
            Form::Nothing | Form::Element | Form::Text => Ok(None),
        }
    }

    fn copy_piece(&mut self, token: Token, form: &mut Form, out: &mut dyn Write) -> Result<(), ApiError> {
        let raw = self.scanner.raw();
        self.copied_bytes += raw.len() as u64;
        match form {
            Form::Element | Form::Include(_) if is_blank(raw) => return Ok(()),
            Form::Element | Form::Include(_) => return Err(self.refused("a document field with an element and text")),
            Form::Text if token == Token::CData || !raw.contains(&b'&') => {
                return out.write_all(raw).map_err(api_error);
            }
            Form::Nothing | Form::Text | Form::Cid(_) => {}
        }
        let text = String::from_utf8_lossy(raw);
        let text = if token == Token::Text { syntax::unescaped(&text) } else { text.into_owned() };
        let mut text = text.as_str();
        if matches!(form, Form::Nothing) {
            text = text.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']);
            match text.chars().next() {
                None => return Ok(()),
                Some('<') => *form = Form::Text,
                Some('c' | 'C') => *form = Form::Cid(String::new()),
                Some(_) => return Err(self.no_document()),
            }
            self.scanner.allow_prolog = false;
        }
        let Form::Cid(reference) = form else { return out.write_all(text.as_bytes()).map_err(api_error) };
        reference.push_str(text);
        if reference.len() > FIELD_BYTES_MAX { Err(self.no_document()) } else { Ok(()) }
    }

    fn no_document(&self) -> ApiError {
        self.refused("a document field with text that is no XML document")
    }

    /// The type that the current field's sender says its content has.
    pub(crate) fn content_type(&self) -> Option<String> {
        XMIME.into_iter().find_map(|namespace| self.attribute(namespace, "contentType"))
    }

    /// Decodes what the current field holds in base64, or gives the reference to it.
    ///
    /// # Errors
    /// `request_invalid` for an empty field, `soap_attachment_invalid` for what is no base64; whatever is not well-formed or
    /// cannot be written.
    pub(crate) fn copy_attachment(&mut self, out: &mut dyn Write) -> Result<Option<String>, ApiError> {
        if let Some(href) = self.attribute("", "href") {
            return self.reference(href).map(Some);
        }
        let (mut attached, mut decoded) = (Attached::Beginning(String::new()), Vec::new());
        loop {
            match self.next()? {
                Token::End => break,
                Token::Start => match &attached {
                    Attached::Beginning(text) if text.is_empty() && self.is_include() => {
                        attached = Attached::Include(self.include()?);
                    }
                    _ => return Err(self.refused("elements in an attachment field")),
                },
                token @ (Token::Text | Token::CData) => {
                    attached = self.attach(token, attached, &mut decoded)?;
                    // Nothing decoded is nothing to write: the first byte opens the spool.
                    if !decoded.is_empty() {
                        out.write_all(&decoded).map_err(api_error)?;
                        decoded.clear();
                    }
                }
                Token::Instruction => return Err(self.instruction()),
                _ => {}
            }
        }
        let base64 = match attached {
            Attached::Include(href) | Attached::Cid(href) => return Ok(Some(href)),
            Attached::Beginning(text) if text.is_empty() => {
                return Err(self.refused("an attachment field without an attachment"));
            }
            Attached::Beginning(text) => {
                let mut base64 = Base64::default();
                base64.push(text.as_bytes(), &mut decoded).map(|()| base64)
            }
            Attached::Base64(base64) => Ok(base64),
        };
        let ended = base64.and_then(|mut base64| base64.end(&mut decoded));
        ended.map_err(|error| self.coded(error.code, &error.detail))?;
        if !decoded.is_empty() {
            out.write_all(&decoded).map_err(api_error)?;
        }
        Ok(None)
    }

    /// Takes a piece of an attachment field's text.
    fn attach(&mut self, token: Token, attached: Attached, decoded: &mut Vec<u8>) -> Result<Attached, ApiError> {
        let raw = self.scanner.raw();
        self.copied_bytes += raw.len() as u64;
        let text = String::from_utf8_lossy(raw);
        // Some toolkits write the line ends of base64 as references.
        let text = if token == Token::Text { syntax::unescaped(&text) } else { text.into_owned() };
        let (mut base64, text) = match attached {
            Attached::Include(_) if text.trim().is_empty() => return Ok(attached),
            Attached::Include(_) => return Err(self.refused("an attachment field with an element and text")),
            Attached::Cid(mut reference) => {
                reference.push_str(&text);
                return self.bounded(reference).map(Attached::Cid);
            }
            Attached::Base64(base64) => (base64, text),
            Attached::Beginning(mut beginning) => {
                beginning.push_str(if beginning.is_empty() { text.trim_start() } else { &text });
                match beginning.get(..CID.len()) {
                    None if beginning.len() < CID.len() => return Ok(Attached::Beginning(beginning)),
                    Some(begin) if begin.eq_ignore_ascii_case(CID) => {
                        return self.bounded(beginning).map(Attached::Cid);
                    }
                    _ => (Base64::default(), beginning),
                }
            }
        };
        base64.push(text.as_bytes(), decoded).map_err(|error| self.coded(error.code, &error.detail))?;
        Ok(Attached::Base64(base64))
    }

    fn bounded(&self, reference: String) -> Result<String, ApiError> {
        if reference.len() > FIELD_BYTES_MAX {
            return Err(self.refused(&format!("a reference of more than {FIELD_BYTES_MAX} bytes")));
        }
        Ok(reference)
    }

    fn is_include(&self) -> bool {
        let name = self.name();
        name.local == "Include" && name.namespace == XOP
    }

    /// The reference of the `Include` whose start tag is the current token.
    fn include(&mut self) -> Result<String, ApiError> {
        let href = self.attribute("", "href").ok_or_else(|| self.refused("an Include without href"))?;
        self.reference(href)
    }

    /// A reference that stands in an attribute of the current element, which then holds nothing else.
    fn reference(&mut self, href: String) -> Result<String, ApiError> {
        if self.child("an element that refers to an attachment")? {
            return Err(self.refused("elements inside one that refers to an attachment"));
        }
        Ok(href)
    }
}

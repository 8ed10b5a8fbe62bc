//! A message's package: the envelope alone, or the envelope with attachments beside it (MTOM/XOP, SOAP with Attachments).
//!
//! The endpoint and the facades read the envelope through it, and `ImportCatalog` what it refers to. The envelope has to be the
//! first part, as every client writes it: then nothing is kept, and an attachment goes on to where it belongs while it arrives.
//! Only what the envelope refers to is taken, and nothing is passed over in silence: a part that nobody refers to is refused.
//! It believes no label of a part beyond what names a format; it fetches nothing.

use std::cell::RefCell;
use std::io::{self, Read, Write};

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use plugpoint_http::MediaType;
use plugpoint_sdk::canonical::MEDIA_TYPES;
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

use crate::io::api_error;
use crate::multipart::{Multipart, PartHead, invalid, parameter, shown, unbracketed};

/// What a content type says that has no meaning: the bytes decide.
pub(crate) const ANY_TYPE: &str = "application/octet-stream";

/// Bytes of an attachment that are copied in one go.
const COPY_BYTES: usize = 64 << 10;

/// How a message is packed, by its content type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Form {
    Envelope {
        charset: Option<String>,
    },
    Parts {
        boundary: String,
        /// The id of the part that is the envelope, if one is named.
        start: Option<String>,
    },
}

impl Form {
    /// The form of a request with these headers.
    ///
    /// # Errors
    /// `media_type_unsupported` for what cannot be a message, `soap_attachment_invalid` for parts without a boundary.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let refused = |detail: &str| Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail));
        let media_type = MediaType::of(headers)?;
        match media_type.as_ref().map(|media_type| media_type.essence.as_str()) {
            None => {}
            Some(xml) if is_xml(xml) => {}
            Some("multipart/related") => {
                let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
                let Some(boundary) = parameter(content_type, "boundary") else {
                    return Err(invalid("the Content-Type multipart/related has no boundary"));
                };
                let start = parameter(content_type, "start").filter(|start| !unbracketed(start).is_empty());
                return Ok(Self::Parts { boundary, start: start.map(|start| unbracketed(&start).to_owned()) });
            }
            Some(multipart) if multipart.starts_with("multipart/") => {
                return refused("a message with attachments is multipart/related");
            }
            Some(_) => {
                return refused(
                    "an envelope is text/xml (SOAP 1.1) or application/soap+xml (SOAP 1.2), alone or in multipart/related",
                );
            }
        }
        Ok(Self::Envelope { charset: media_type.and_then(|media_type| media_type.charset) })
    }
}

fn is_xml(essence: &str) -> bool {
    essence.ends_with("/xml") || essence.ends_with("+xml")
}

/// A reference to an attachment: the address of a part, as RFC 2392 has it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// What stands behind `cid:`.
    sent: String,
    decoded: String,
}

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// `soap_attachment_invalid` for anything but a `cid:` address: nothing is fetched from elsewhere.
    pub(crate) fn of(href: &str) -> Result<Self, ApiError> {
        let href = href.trim();
        let sent = match href.split_once(':') {
            Some((scheme, id)) if scheme.eq_ignore_ascii_case("cid") && !id.is_empty() => id.to_owned(),
            _ => {
                return Err(invalid(&format!(
                    "{} refers to no attachment; that would be cid: and its Content-ID",
                    shown(href)
                )));
            }
        };
        let decoded = percent_decoded(&sent);
        Ok(Self { sent, decoded })
    }

    /// Some senders write the id into the head as they write it into the address, escapes and all.
    fn is_of(&self, id: &str) -> bool {
        self.decoded == id || self.sent == id
    }
}

/// An address without its escapes; what only looks like one stays.
fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(at) {
        let digits =
            bytes.get(at + 1..at + 3).filter(|digits| *byte == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        let escaped = digits.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// What is known of an attachment before its first byte.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// A type that names a format, else [`ANY_TYPE`].
    pub(crate) media_type: String,
    pub(crate) charset: Option<String>,
}

impl Label {
    /// What a content type is worth. Clients label a file by the end of its name, by a setting of the desktop, or not at all: a
    /// CSV comes as a spreadsheet, anything as text. So only the name of a format is believed.
    pub(crate) fn of(media_type: Option<MediaType>) -> Self {
        let said = media_type.unwrap_or(MediaType { essence: ANY_TYPE.to_owned(), charset: None });
        let MediaType { essence, charset } = said;
        let names_a_format = is_xml(&essence) || MEDIA_TYPES.contains(&essence.as_str());
        Self { media_type: if names_a_format { essence } else { ANY_TYPE.to_owned() }, charset }
    }
}

/// A message that is being read: first its envelope to the end, then what it refers to.
pub(crate) struct Package<'b> {
    source: RefCell<Source<'b>>,
    charset: Option<String>,
    /// The id of the part that is the envelope.
    root: Option<String>,
}

enum Source<'b> {
    Envelope(&'b mut dyn Read),
    Parts(Box<Multipart<&'b mut dyn Read>>),
}

/// The envelope's bytes.
pub(crate) struct EnvelopeBytes<'p, 'b>(&'p Package<'b>);

impl Read for EnvelopeBytes<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut *self.0.source.borrow_mut() {
            Source::Envelope(body) => body.read(into),
            Source::Parts(parts) => parts.read(into),
        }
    }
}

impl<'b> Package<'b> {
    /// Reads as far as the envelope's first byte.
    ///
    /// # Errors
    /// `soap_attachment_invalid`, and what else can be wrong with a multipart body.
    pub(crate) fn open(body: &'b mut dyn Read, form: &Form) -> Result<Self, ApiError> {
        match form {
            Form::Envelope { charset } => {
                Ok(Self { source: RefCell::new(Source::Envelope(body)), charset: charset.clone(), root: None })
            }
            Form::Parts { boundary, start } => Self::open_parts(body, boundary, start.as_deref()),
        }
    }

    fn open_parts(body: &'b mut dyn Read, boundary: &str, start: Option<&str>) -> Result<Self, ApiError> {
        let mut parts = Box::new(Multipart::new(body, boundary)?);
        let Some(head) = parts.next_part()? else { return Err(invalid("the message has no part at all")) };
        check_content(&head)?;
        if let (Some(start), Some(id)) = (start, head.id())
            && start != id
        {
            let (id, start) = (shown(id), shown(start));
            let detail = format!("the first part is {id} and not {start}, the envelope; send the envelope first");
            return Err(invalid(&detail));
        }
        let media_type = head.media_type();
        if media_type.as_ref().is_some_and(|media_type| !is_xml(&media_type.essence)) {
            return Err(invalid("the first part is no XML by its Content-Type; send the envelope first"));
        }
        let root = head.id().or(start).map(str::to_owned);
        let charset = media_type.and_then(|media_type| media_type.charset);
        Ok(Self { source: RefCell::new(Source::Parts(parts)), charset, root })
    }

    /// What the envelope's label says of its encoding.
    pub(crate) fn charset(&self) -> Option<&str> {
        self.charset.as_deref()
    }

    /// The envelope, to be read to its end before anything else is asked for.
    pub(crate) fn envelope(&self) -> EnvelopeBytes<'_, 'b> {
        EnvelopeBytes(self)
    }

    /// Goes to the attachment that the envelope refers to.
    ///
    /// # Errors
    /// `soap_attachment_invalid` if it is not what comes next, and what else can be wrong with a multipart body.
    pub(crate) fn attachment(&self, reference: &Reference) -> Result<Label, ApiError> {
        if self.root.as_ref().is_some_and(|root| reference.is_of(root)) {
            return Err(invalid("the message refers to itself as its attachment"));
        }
        let missing = || invalid(&format!("the message has no attachment {}", shown(&reference.decoded)));
        let mut source = self.source.borrow_mut();
        let Source::Parts(parts) = &mut *source else { return Err(missing()) };
        let head = parts.next_part()?.ok_or_else(missing)?;
        match head.id() {
            Some(id) if reference.is_of(id) => check_content(&head).map(|()| Label::of(head.media_type())),
            Some(id) if self.root.as_deref() != Some(id) => {
                let (wanted, id) = (shown(&reference.decoded), shown(id));
                Err(invalid(&format!("the envelope refers to the attachment {wanted}, but {id} follows it")))
            }
            _ => Err(self.unwanted(&head, None)),
        }
    }

    /// Copies that attachment. Gives its bytes.
    ///
    /// # Errors
    /// What can be wrong with a multipart body, and what cannot be written.
    pub(crate) fn copy_attachment(&self, out: &mut dyn Write) -> Result<u64, ApiError> {
        let mut source = self.source.borrow_mut();
        let Source::Parts(parts) = &mut *source else { return Ok(0) };
        let (mut piece, mut copied) = (vec![0; COPY_BYTES], 0);
        loop {
            let bytes = parts.read(&mut piece).map_err(api_error)?;
            if bytes == 0 {
                return Ok(copied);
            }
            out.write_all(&piece[..bytes]).map_err(api_error)?;
            copied += bytes as u64;
        }
    }

    /// Reads to the message's last byte. `taken` is the attachment that was read.
    ///
    /// # Errors
    /// `soap_attachment_invalid` if there is a further part, and what else can be wrong with a multipart body.
    pub(crate) fn finish(&self, taken: Option<&Reference>) -> Result<(), ApiError> {
        // An envelope alone has been read to its end.
        let mut source = self.source.borrow_mut();
        let Source::Parts(parts) = &mut *source else { return Ok(()) };
        match parts.next_part()? {
            Some(head) => Err(self.unwanted(&head, taken)),
            None => parts.finish(),
        }
    }

    /// The refusal of a part that nobody refers to.
    fn unwanted(&self, head: &PartHead, taken: Option<&Reference>) -> ApiError {
        let Some(id) = head.id() else {
            return invalid("a part of the message has no Content-ID, so nothing can refer to it");
        };
        if self.root.as_deref() == Some(id) || taken.is_some_and(|taken| taken.is_of(id)) {
            return invalid(&format!("two parts of the message have the Content-ID {}", shown(id)));
        }
        invalid(&format!(
            "nothing refers to the part {}; one attachment is taken, by the field attachment or document of ImportCatalog",
            shown(id)
        ))
    }
}

/// Refuses what may not be inside a part.
fn check_content(head: &PartHead) -> Result<(), ApiError> {
    let essence = head.media_type().map(|media_type| media_type.essence).unwrap_or_default();
    if essence.starts_with("multipart/") {
        return Err(invalid("a part of the message is multipart itself"));
    }
    if head.content_coding().is_some() || matches!(essence.as_str(), "application/gzip" | "application/x-gzip") {
        let detail = "a part of the message is packed; pack the message as a whole, with Content-Encoding";
        return Err(ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_decoded_and_compared() {
        for (href, id, is_of) in [
            ("cid:a@b", "a@b", true),
            ("CID:a@b", "a@b", true),
            (" cid:a%40b\n", "a@b", true),
            ("cid:http%3A%2F%2Ftempuri.org%2F1%2F63", "http://tempuri.org/1/63", true),
            ("cid:a%40b", "a%40b", true),
            ("cid:100%", "100%", true),
            ("cid:%zz", "%zz", true),
            ("cid:%c3%a4", "ä", true),
            ("cid:A@b", "a@b", false),
            ("cid:a", "a@b", false),
        ] {
            assert_eq!(Reference::of(href).unwrap().is_of(id), is_of, "{href} {id}");
        }
        for href in ["", "a@b", "cid:", "http://x/a", "#a", "mid:a@b", "file:///etc/hostname"] {
            assert_eq!(Reference::of(href).unwrap_err().code.name, "soap_attachment_invalid", "{href}");
        }
    }

    #[test]
    fn labels_count_where_they_name_a_format() {
        for (content_type, media_type, charset) in [
            ("text/xml; charset=iso-8859-1", "text/xml", Some("iso-8859-1")),
            ("application/atom+xml", "application/atom+xml", None),
            ("application/json", "application/json", None),
            ("text/csv", "text/csv", None),
            ("text/plain; charset=windows-1252", ANY_TYPE, Some("windows-1252")),
            ("application/vnd.ms-excel", ANY_TYPE, None),
            ("image/jpeg", ANY_TYPE, None),
            ("nonsense", ANY_TYPE, None),
        ] {
            let label = Label { media_type: media_type.to_owned(), charset: charset.map(str::to_owned) };
            assert_eq!(Label::of(MediaType::parse(content_type)), label, "{content_type}");
        }
    }

    #[test]
    fn the_form_follows_from_the_content_type() {
        let envelope = |charset: Option<&str>| Ok(Form::Envelope { charset: charset.map(str::to_owned) });
        let parts = |boundary: &str, start: Option<&str>| {
            Ok(Form::Parts { boundary: boundary.to_owned(), start: start.map(str::to_owned) })
        };
        for (content_type, expected) in [
            ("", envelope(None)),
            ("text/xml; charset=utf-8", envelope(Some("utf-8"))),
            ("application/xop+xml", envelope(None)),
            ("multipart/related; boundary=b", parts("b", None)),
            ("Multipart/Related; boundary=\"a=b/c:+\"; start=\"<root*x>\"", parts("a=b/c:+", Some("root*x"))),
            (
                "multipart/related;start=root;start-info=\"application/soap+xml;action=\\\"x;boundary=y\\\"\";Boundary=uuid:1",
                parts("uuid:1", Some("root")),
            ),
            ("multipart/related; boundary=b; start=\"\"", parts("b", None)),
            ("multipart/related", Err("soap_attachment_invalid")),
            ("multipart/related; start=\"boundary=b\"", Err("soap_attachment_invalid")),
            ("multipart/form-data; boundary=b", Err("media_type_unsupported")),
            ("multipart/mixed; boundary=b", Err("media_type_unsupported")),
            ("application/json", Err("media_type_unsupported")),
        ] {
            let mut headers = HeaderMap::new();
            if !content_type.is_empty() {
                headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
            }
            assert_eq!(Form::of(&headers).map_err(|error| error.code.name), expected, "{content_type}");
        }
    }
}

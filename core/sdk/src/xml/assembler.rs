//! Checks each token against what XML demands beyond tokens, and gathers text: the state of a document between two events.
//!
//! Used by the reader alone, which adds positions to the flaws that are found here.

use quick_xml::events::{BytesDecl, Event};

use super::chars;
use super::error::XmlErrorKind;
use super::names::Namespaces;
use super::options::{Doctype, XmlOptions};
use super::references;
use super::tag::{Flaw, Tag, TagContext};

/// What a token means to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Start,
    End,
    Eof,
    /// Nothing that interrupts a text.
    Within,
}

/// How far the document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    First,
    Prolog,
    Root,
    Epilog,
}

pub(super) struct Assembler<'a> {
    pub(super) options: XmlOptions<'a>,
    pub(super) tag: Tag,
    pub(super) names: Namespaces,
    /// The text since the last tag: runs, references and CDATA in one.
    pub(super) text: String,
    open: usize,
    stage: Stage,
    doctype_seen: bool,
}

impl<'a> Assembler<'a> {
    pub(super) fn new(options: XmlOptions<'a>) -> Self {
        Self {
            options,
            tag: Tag::default(),
            names: Namespaces::new(options.limits.namespaces_max),
            text: String::new(),
            open: 0,
            stage: Stage::First,
            doctype_seen: false,
        }
    }

    /// The most bytes that the next token may have. The slack is for the delimiters around a text.
    pub(super) fn token_bytes_max(&self) -> usize {
        const SLACK: usize = 16;
        let limits = &self.options.limits;
        let before_root = matches!(self.stage, Stage::First | Stage::Prolog);
        let doctype = if before_root { limits.doctype_bytes_max } else { 0 };
        limits.text_bytes_max.max(doctype).saturating_add(SLACK)
    }

    /// Takes one token.
    pub(super) fn take(&mut self, event: &Event<'_>) -> Result<Step, Flaw> {
        let first = self.stage == Stage::First;
        if first {
            self.stage = Stage::Prolog;
        }
        match event {
            Event::Start(content) | Event::Empty(content) => self.start(content),
            Event::End(_) => Ok(self.end()),
            Event::Text(text) => self.text_run(text),
            Event::CData(text) => self.cdata(text),
            Event::GeneralRef(name) => self.reference(name),
            Event::Decl(declaration) if first => check_declaration(declaration),
            Event::Decl(_) => Err(Flaw::malformed(0, "the XML declaration must stand at the very beginning")),
            Event::PI(instruction) => check_instruction(instruction.target()),
            Event::Comment(_) => Ok(Step::Within),
            Event::DocType(declaration) => self.doctype(declaration.len()),
            Event::Eof => self.eof(),
        }
    }

    fn start(&mut self, content: &str) -> Result<Step, Flaw> {
        if self.stage == Stage::Epilog {
            return Err(Flaw::malformed(0, "a second root element"));
        }
        let limits = &self.options.limits;
        if self.open >= limits.depth_max {
            let max = limits.depth_max;
            let kind = XmlErrorKind::LimitExceeded { what: "open elements", max };
            return Err(Flaw { kind, at: 0, message: format!("more than {max} elements within each other") });
        }
        self.stage = Stage::Root;
        self.open += 1;
        let entities = self.options.entities;
        self.tag.load(content, &mut TagContext { limits, entities, names: &mut self.names, depth: self.open })?;
        Ok(Step::Start)
    }

    /// The tokenizer has already compared the names.
    fn end(&mut self) -> Step {
        self.names.leave(self.open);
        self.open = self.open.saturating_sub(1);
        if self.open == 0 {
            self.stage = Stage::Epilog;
        }
        Step::End
    }

    fn text_run(&mut self, raw: &str) -> Result<Step, Flaw> {
        if self.stage != Stage::Root {
            return match raw.bytes().position(|byte| !chars::is_blank(byte)) {
                Some(at) => Err(Flaw::malformed(at, "text outside of the root element")),
                None => Ok(Step::Within),
            };
        }
        self.check_text_size(raw.len())?;
        if memchr::memchr(b'>', raw.as_bytes()).is_some()
            && let Some(at) = raw.find("]]>")
        {
            return Err(Flaw::malformed(at, "]]> must be written as ]]&gt; in a text"));
        }
        references::text_run(raw, &mut self.text);
        Ok(Step::Within)
    }

    fn cdata(&mut self, raw: &str) -> Result<Step, Flaw> {
        if self.stage != Stage::Root {
            return Err(Flaw::malformed(0, "a CDATA section outside of the root element"));
        }
        self.check_text_size(raw.len())?;
        references::text_run(raw, &mut self.text);
        Ok(Step::Within)
    }

    fn reference(&mut self, name: &str) -> Result<Step, Flaw> {
        if self.stage != Stage::Root {
            return Err(Flaw::malformed(0, "a reference outside of the root element"));
        }
        references::resolve(name, 0, self.options.entities, &mut self.text)?;
        self.check_text_size(0)?;
        Ok(Step::Within)
    }

    fn check_text_size(&self, more: usize) -> Result<(), Flaw> {
        let max = self.options.limits.text_bytes_max;
        if self.text.len().saturating_add(more) <= max {
            return Ok(());
        }
        let kind = XmlErrorKind::LimitExceeded { what: "bytes in one text", max };
        Err(Flaw { kind, at: 0, message: format!("a text has more than {max} bytes") })
    }

    fn doctype(&mut self, bytes: usize) -> Result<Step, Flaw> {
        if self.options.doctype == Doctype::Refuse {
            let message = "a document type declaration is not allowed here".to_owned();
            return Err(Flaw { kind: XmlErrorKind::DoctypeRefused, at: 0, message });
        }
        if self.stage != Stage::Prolog || self.doctype_seen {
            return Err(Flaw::malformed(0, "a document type declaration may only stand once, before the root element"));
        }
        let max = self.options.limits.doctype_bytes_max;
        if bytes > max {
            let kind = XmlErrorKind::LimitExceeded { what: "bytes in the document type declaration", max };
            return Err(Flaw {
                kind,
                at: 0,
                message: format!("the document type declaration has more than {max} bytes"),
            });
        }
        self.doctype_seen = true;
        Ok(Step::Within)
    }

    fn eof(&self) -> Result<Step, Flaw> {
        match self.stage {
            Stage::Epilog => Ok(Step::Eof),
            Stage::Root => Err(Flaw::malformed(0, format!("the document ends within {} open elements", self.open))),
            Stage::First | Stage::Prolog => Err(Flaw::malformed(0, "the document has no root element")),
        }
    }
}

/// Any version 1.x is read by the rules of 1.0, as 1.0's fifth edition says; what 1.1 allows beyond them is refused where it stands.
fn check_declaration(declaration: &BytesDecl<'_>) -> Result<Step, Flaw> {
    let malformed = |message: &str| Flaw::malformed(0, message);
    let version = declaration.version().map_err(|_| malformed("the XML declaration has no version"))?;
    let minor = version.strip_prefix("1.").unwrap_or_default();
    if minor.is_empty() || !minor.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(malformed("the XML version is not 1.0"));
    }
    match declaration.encoding() {
        Some(Err(_)) => return Err(malformed("the encoding of the XML declaration cannot be read")),
        Some(Ok(name)) if name.is_empty() => return Err(malformed("the encoding of the XML declaration is empty")),
        _ => {}
    }
    match declaration.standalone() {
        None => Ok(Step::Within),
        Some(Ok(answer)) if matches!(&*answer, "yes" | "no") => Ok(Step::Within),
        Some(_) => Err(malformed("standalone in the XML declaration must be yes or no")),
    }
}

fn check_instruction(target: &str) -> Result<Step, Flaw> {
    if target.eq_ignore_ascii_case("xml") || chars::name_flaw(target).is_some() {
        return Err(Flaw::malformed(0, "this is no processing instruction"));
    }
    Ok(Step::Within)
}

/// The tokenizer takes the keyword in any case and without a blank behind it; XML does not.
pub(super) fn check_keyword(token: &[u8]) -> Result<(), Flaw> {
    let is_doctype = matches!(token, [b'<', b'!', b'D' | b'd', ..]);
    let after_keyword = token.strip_prefix(b"<!DOCTYPE").and_then(|rest| rest.first());
    if is_doctype && !after_keyword.is_some_and(|&byte| chars::is_blank(byte)) {
        return Err(Flaw::malformed(0, "this is no document type declaration"));
    }
    Ok(())
}

//! Checks each token against what XML demands beyond tokens, and gathers text: the state of a document between two events.
//!
//! Used by the reader alone, which adds positions to the flaws that are found here.

use quick_xml::events::{BytesDecl, BytesStart};

use super::chars;
use super::error::XmlErrorKind;
use super::names::Namespaces;
use super::options::{Doctype, XmlOptions};
use super::quick::KnownTags;
use super::references;
use super::tag::{Flaw, Tag, TagContext};
use super::tokens::Kind;

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
    /// The names of the open elements one behind the other, and where each begins.
    pub(super) open_names: String,
    pub(super) open: Vec<usize>,
    pub(super) known: KnownTags,
    is_empty_element: bool,
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
            open_names: String::new(),
            open: Vec::new(),
            known: KnownTags::new(),
            is_empty_element: false,
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

    /// Takes one token with its delimiters.
    pub(super) fn take(&mut self, kind: Kind, token: &str) -> Result<Step, Flaw> {
        let first = self.stage == Stage::First;
        if first {
            self.stage = Stage::Prolog;
        }
        match kind {
            Kind::StartTag => self.start(&token[1..token.len() - 1]),
            Kind::EndTag => self.end_tag(&token[2..token.len() - 1]),
            Kind::Text => self.text_run(token),
            Kind::Reference => self.reference(&token[1..token.len() - 1]),
            Kind::CData => self.cdata(&token[9..token.len() - 3]),
            Kind::Comment => check_comment(&token[4..token.len() - 3]),
            Kind::Instruction => check_instruction(&token[2..token.len() - 2], first),
            Kind::Doctype => self.doctype(token),
        }
    }

    fn start(&mut self, content: &str) -> Result<Step, Flaw> {
        if self.stage == Stage::Epilog {
            return Err(Flaw::malformed(0, "a second root element"));
        }
        let limits = &self.options.limits;
        if self.open.len() >= limits.depth_max {
            let max = limits.depth_max;
            let kind = XmlErrorKind::LimitExceeded { what: "open elements", max };
            return Err(Flaw { kind, at: 0, message: format!("more than {max} elements within each other") });
        }
        self.stage = Stage::Root;
        let (content, is_empty) = content.strip_suffix('/').map_or((content, false), |content| (content, true));
        self.is_empty_element = is_empty;
        self.open.push(self.open_names.len());
        let depth = self.open.len();
        let entities = self.options.entities;
        self.tag.load(content, &mut TagContext { limits, entities, names: &mut self.names, depth })?;
        self.open_names.push_str(self.tag.qname());
        if let Some(name) = self.tag.only_name().filter(|_| !is_empty) {
            self.known.add(self.tag.content(), name, &self.names);
        }
        Ok(Step::Start)
    }

    fn end_tag(&mut self, name: &str) -> Result<Step, Flaw> {
        let Some(&start) = self.open.last() else {
            return Err(Flaw::malformed(0, format!("</{}> closes nothing", shown(name))));
        };
        let open = &self.open_names[start..];
        if name == open || name.trim_end_matches([' ', '\t', '\r', '\n']) == open {
            return Ok(self.end());
        }
        Err(Flaw::malformed(0, format!("</{}> stands where </{open}> is expected", shown(name))))
    }

    /// The innermost element ends here.
    pub(super) fn end(&mut self) -> Step {
        self.names.leave(self.open.len());
        self.open_names.truncate(self.open.pop().unwrap_or_default());
        if self.open.is_empty() {
            self.stage = Stage::Epilog;
        }
        Step::End
    }

    pub(super) fn is_within_root(&self) -> bool {
        self.stage == Stage::Root
    }

    /// Whether the last tag is an empty element's, whose end is no tag.
    pub(super) fn is_at_empty_element(&self) -> bool {
        self.is_empty_element
    }

    /// The end that an empty element has without an end tag.
    pub(super) fn end_of_empty(&mut self) -> Option<Step> {
        std::mem::take(&mut self.is_empty_element).then(|| self.end())
    }

    fn text_run(&mut self, raw: &str) -> Result<Step, Flaw> {
        if self.stage != Stage::Root {
            return match raw.bytes().position(|byte| !chars::is_blank(byte)) {
                Some(at) => Err(Flaw::malformed(at, "text outside of the root element")),
                None => Ok(Step::Within),
            };
        }
        self.check_text_size(raw.len())?;
        // Nearly every text has neither and goes on as it is.
        if memchr::memchr2(b'>', b'\r', raw.as_bytes()).is_none() {
            self.text.push_str(raw);
            return Ok(Step::Within);
        }
        if let Some(at) = raw.find("]]>") {
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

    fn doctype(&mut self, token: &str) -> Result<Step, Flaw> {
        if self.options.doctype == Doctype::Refuse {
            let message = "a document type declaration is not allowed here".to_owned();
            return Err(Flaw { kind: XmlErrorKind::DoctypeRefused, at: 0, message });
        }
        if self.stage != Stage::Prolog || self.doctype_seen {
            return Err(Flaw::malformed(0, "a document type declaration may only stand once, before the root element"));
        }
        let max = self.options.limits.doctype_bytes_max;
        if token.len() > max {
            let kind = XmlErrorKind::LimitExceeded { what: "bytes in the document type declaration", max };
            return Err(Flaw {
                kind,
                at: 0,
                message: format!("the document type declaration has more than {max} bytes"),
            });
        }
        if !token["<!DOCTYPE".len()..].starts_with([' ', '\t', '\r', '\n']) {
            return Err(Flaw::malformed(0, "the document type declaration has no name"));
        }
        self.doctype_seen = true;
        Ok(Step::Within)
    }

    /// The document is over.
    pub(super) fn eof(&self) -> Result<Step, Flaw> {
        match self.stage {
            Stage::Epilog => Ok(Step::Eof),
            Stage::Root => {
                Err(Flaw::malformed(0, format!("the document ends within {} open elements", self.open.len())))
            }
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

fn check_comment(content: &str) -> Result<Step, Flaw> {
    if content.ends_with('-') || content.contains("--") {
        return Err(Flaw::malformed(0, "-- stands within a comment"));
    }
    Ok(Step::Within)
}

fn check_instruction(content: &str, first: bool) -> Result<Step, Flaw> {
    let target = content.split([' ', '\t', '\r', '\n']).next().unwrap_or_default();
    if target == "xml" && first {
        return check_declaration(&BytesDecl::from_start(BytesStart::from_content(content, target.len())));
    }
    if target.eq_ignore_ascii_case("xml") {
        return Err(Flaw::malformed(0, "the XML declaration must stand at the very beginning"));
    }
    match chars::name_flaw(target) {
        Some(_) => Err(Flaw::malformed(0, "this is no processing instruction")),
        None => Ok(Step::Within),
    }
}

fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}

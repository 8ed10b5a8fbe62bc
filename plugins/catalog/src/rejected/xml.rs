//! XML: everything that is no record, and of the records the rejected ones. Names, prefixes, declarations and attributes are written as
//! they were sent; references, also to named characters, are resolved and texts escaped anew; comments, processing instructions and a DOCTYPE are left out.
//!
//! A record is known by its path, the local names from the root: that of each rejected one is learned first.

use std::fs::File;
use std::io::{BufReader, Write};

use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::Position;
use plugpoint_sdk::xml::{Doctype, EntityTable, StartTag, XmlEvent, XmlLimits, XmlOptions, XmlReader, escaped};

use super::{Source, unavailable, unreadable};

/// Different paths of records in one document; formats have one or two.
const PATHS_MAX: usize = 64;

/// Where the rejected records are.
pub(super) struct Records {
    reading: Reading,
    paths: Vec<String>,
    /// In order.
    places: Vec<Position>,
}

impl Records {
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    fn has(&self, place: Position) -> bool {
        is_among(&self.places, place)
    }
}

fn is_among(places: &[Position], place: Position) -> bool {
    places.binary_search_by_key(&(place.line, place.column), |known| (known.line, known.column)).is_ok()
}

/// The names of the open elements, as one text and as written.
#[derive(Default)]
struct Way {
    path: String,
    lengths: Vec<usize>,
}

impl Way {
    fn enter(&mut self, local: &str) {
        self.lengths.push(self.path.len());
        self.path.push('/');
        self.path.push_str(local);
    }

    fn leave(&mut self) {
        self.path.truncate(self.lengths.pop().unwrap_or_default());
    }
}

/// How the import read the document.
struct Reading {
    charset: Option<String>,
    limits: XmlLimits,
    named: Option<&'static EntityTable>,
}

impl Reading {
    fn options(&self) -> XmlOptions<'_> {
        let Self { charset, limits, named } = self;
        // As a format reads it that guesses; for one that does not, the document had nothing to guess.
        XmlOptions {
            charset: charset.as_deref(),
            doctype: Doctype::Skip,
            limits: *limits,
            entities: *named,
            guesses_encoding: true,
        }
    }
}

/// Looks which elements the rejected records are.
pub(super) fn find(file: File, source: &Source<'_>) -> Result<Records, ApiError> {
    let mut bytes = BufReader::with_capacity(64 << 10, file);
    let named = source.named_characters()?;
    let reading = Reading { charset: source.charset.map(str::to_owned), limits: source.limits, named };
    let mut reader = XmlReader::new(&mut bytes, reading.options());
    let (mut paths, mut places) = (Vec::new(), Vec::new());
    let mut way = Way::default();
    loop {
        match reader.next().map_err(unread)? {
            XmlEvent::Start(tag) => way.enter(tag.local()),
            XmlEvent::End => {
                way.leave();
                continue;
            }
            XmlEvent::Text(_) => continue,
            XmlEvent::Eof => break,
        }
        let place = reader.position();
        if !is_among(&source.places.rejected, place) {
            continue;
        }
        places.push(place);
        if !paths.contains(&way.path) {
            if paths.len() == PATHS_MAX {
                return Err(unavailable(format!("the rejected records have more than {PATHS_MAX} different paths")));
            }
            paths.push(way.path.clone());
        }
        reader.skip().map_err(unread)?;
        way.leave();
    }
    Ok(Records { reading, paths, places })
}

/// The import has read the document; what stands against reading it again is how its format reads it (named characters that it
/// does not declare).
fn unread(error: plugpoint_sdk::xml::XmlError) -> ApiError {
    unavailable(format!("the document can only be read by its own format: {error}")).caused_by(error)
}

/// Writes the document without the records that were taken.
pub(super) fn write(
    source: &mut BufReader<File>,
    records: &Records,
    remark: &str,
    out: &mut dyn Write,
) -> Result<(), ApiError> {
    let mut reader = XmlReader::new(source, records.reading.options());
    let mut copy = Copy { out, way: Way::default(), open: Vec::new(), is_tag_open: false, drops_blanks: false };
    copy.begin(remark).map_err(unreadable)?;
    // Depth of the record that is being copied, if one is.
    let mut within: Option<usize> = None;
    loop {
        match reader.next()? {
            XmlEvent::Start(tag) => copy.start(tag).map_err(unreadable)?,
            XmlEvent::End => {
                copy.end().map_err(unreadable)?;
                within = within.filter(|depth| copy.open.len() >= *depth);
                continue;
            }
            XmlEvent::Text(text) => {
                copy.text(text).map_err(unreadable)?;
                continue;
            }
            XmlEvent::Eof => return copy.out.write_all(b"\n").map_err(unreadable),
        }
        if within.is_some() || !records.paths.contains(&copy.way.path) {
            copy.tag(reader.tag()).map_err(unreadable)?;
        } else if records.has(reader.position()) {
            within = Some(copy.open.len());
            copy.tag(reader.tag()).map_err(unreadable)?;
        } else {
            reader.skip()?;
            copy.drop_element();
        }
    }
}

/// Elements whose text is a password, in formats that carry one: cXML.
const SECRETS: [&str; 2] = ["SharedSecret", "DigitalSignature"];

/// The document being written.
struct Copy<'o> {
    out: &'o mut dyn Write,
    way: Way,
    /// The names of open elements as written.
    open: Vec<String>,
    /// The last start tag has no `>` yet, so that an empty element stays one.
    is_tag_open: bool,
    /// Behind an element that was left out: the blanks that stood there go with it.
    drops_blanks: bool,
}

impl Copy<'_> {
    fn begin(&mut self, remark: &str) -> std::io::Result<()> {
        // Two hyphens would end the comment early.
        let remark = remark.replace('-', "\u{2010}");
        write!(self.out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- {remark} -->\n")
    }

    /// An element begins that may yet be left out.
    fn start(&mut self, tag: StartTag<'_>) -> std::io::Result<()> {
        self.close_tag()?;
        self.way.enter(tag.local());
        self.open.push(tag.qname().to_owned());
        Ok(())
    }

    fn tag(&mut self, tag: StartTag<'_>) -> std::io::Result<()> {
        self.drops_blanks = false;
        self.is_tag_open = true;
        write!(self.out, "<{}", tag.qname())?;
        for (prefix, uri) in tag.declarations() {
            let colon = if prefix.is_empty() { "" } else { ":" };
            write!(self.out, " xmlns{colon}{prefix}=\"{}\"", value(uri))?;
        }
        for attribute in tag.attributes() {
            let (prefix, local) = (attribute.prefix(), attribute.local());
            let colon = if prefix.is_empty() { "" } else { ":" };
            write!(self.out, " {prefix}{colon}{local}=\"{}\"", value(attribute.value()))?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> std::io::Result<()> {
        if std::mem::take(&mut self.drops_blanks) && text.trim_ascii().is_empty() {
            // The next element may be left out as well.
            self.drops_blanks = true;
            return Ok(());
        }
        // Blanks outside of the root are no content.
        if self.open.is_empty() {
            return Ok(());
        }
        self.close_tag()?;
        // Whoever corrects the records need not see the password that the document was sent with.
        if self.way.path.rsplit('/').next().is_some_and(|local| SECRETS.contains(&local)) {
            return Ok(());
        }
        self.out.write_all(escaped(text).as_bytes())
    }

    fn end(&mut self) -> std::io::Result<()> {
        self.drops_blanks = false;
        self.way.leave();
        let Some(name) = self.open.pop() else { return Ok(()) };
        if std::mem::take(&mut self.is_tag_open) {
            return self.out.write_all(b"/>");
        }
        write!(self.out, "</{name}>")
    }

    fn drop_element(&mut self) {
        self.way.leave();
        self.open.pop();
        self.drops_blanks = true;
    }

    fn close_tag(&mut self) -> std::io::Result<()> {
        if std::mem::take(&mut self.is_tag_open) { self.out.write_all(b">") } else { Ok(()) }
    }
}

/// An attribute's value: line breaks and tabs as references, since a reader makes blanks of bare ones.
fn value(text: &str) -> String {
    escaped(text).replace('\n', "&#xA;").replace('\t', "&#x9;")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use plugpoint_sdk::auto::Auto;
    use plugpoint_sdk::detect::{Detected, Head, KnownFormat};
    use plugpoint_sdk::document::{Document, ItemSink, TransformError};
    use plugpoint_sdk::points::catalog_transformer::CatalogTransformer;
    use plugpoint_sdk::profile::Profile;
    use plugpoint_sdk::xml::{EntityTable, XHTML_CHARACTERS};

    use super::super::tests::{written, written_of};

    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a \u{2010}\u{2010} remark\u{2010} -->\n";

    /// A format with named characters.
    struct Named;

    impl CatalogTransformer for Named {
        fn transform(&self, _: &mut Document<'_>, _: &mut dyn ItemSink) -> Result<(), TransformError> {
            Ok(())
        }

        fn detect(&self, head: &Head<'_>) -> Option<Detected> {
            head.xml().filter(|xml| xml.has("h")).and_then(|_| Detected::certain("x", "x"))
        }

        fn named_characters(&self) -> Option<&'static EntityTable> {
            Some(&XHTML_CHARACTERS)
        }
    }

    fn xml(document: &str, places: &[(u64, u64)]) -> String {
        let written = written(document.as_bytes(), None, "x", places);
        written.strip_prefix(HEAD).map(|rest| rest.trim_end().to_owned()).unwrap_or(written)
    }

    #[test]
    fn everything_but_the_records_that_were_taken() {
        let document = "<?xml version=\"1.0\"?>\n<!DOCTYPE c [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<c v='1'>\n <head>H<!-- c --></head>\n \
            <p>1</p>\n <p>2</p>\n <p>3</p>\n <p>4</p>\n <tail/>\n</c>\n";
        let expected = "<c v=\"1\">\n <head>H</head>\n <p>2</p>\n <p>4</p>\n <tail/>\n</c>";
        assert_eq!(xml(document, &[(6, 2), (8, 2)]), expected);
        assert_eq!(xml(document, &[(6, 2), (8, 2), (99, 1)]), expected, "a place that is not there");
    }

    #[test]
    fn names_are_declared_where_they_were() {
        let document = "<n:c xmlns:n='urn:n' xmlns='urn:d'><p xmlns:q='urn:q?a&amp;b' q:a='1'><q:x/></p><p xmlns=''>2</p><n:p>3</n:p></n:c>";
        let first = "<n:c xmlns:n=\"urn:n\" xmlns=\"urn:d\"><p xmlns:q=\"urn:q?a&amp;b\" q:a=\"1\"><q:x/></p></n:c>";
        // `n:p` has the local name of a record and goes with the records.
        assert_eq!(xml(document, &[(1, 36)]), first);
        let second = document.find("<p xmlns=''").unwrap() as u64 + 1;
        assert_eq!(xml(document, &[(1, second)]), "<n:c xmlns:n=\"urn:n\" xmlns=\"urn:d\"><p xmlns=\"\">2</p></n:c>");
    }

    #[test]
    fn a_password_does_not_come_back() {
        let document = "<cXML><Sender><SharedSecret>hush</SharedSecret></Sender><p>1</p><p>2</p></cXML>";
        let expected = "<cXML><Sender><SharedSecret></SharedSecret></Sender><p>1</p></cXML>";
        let place = document.find("<p>1").unwrap() as u64 + 1;
        assert_eq!(xml(document, &[(1, place)]), expected);
    }

    #[test]
    fn what_must_be_escaped_is() {
        let document = "<c><p a='&lt;&#10;&#9;\"&amp;'><![CDATA[<script>&]]>&#13;]]&gt;</p><p>taken</p></c>";
        assert_eq!(
            xml(document, &[(1, 4)]),
            "<c><p a=\"&lt;&#xA;&#x9;&quot;&amp;\">&lt;script&gt;&amp;&#xD;]]&gt;</p></c>"
        );
    }

    #[test]
    fn records_within_a_kept_record_stay_and_equal_names_elsewhere_too() {
        let document = "<c><p><sub><p>inner</p></sub></p><p>taken</p><other><p>not a record</p></other></c>";
        assert_eq!(xml(document, &[(1, 4)]), "<c><p><sub><p>inner</p></sub></p><other><p>not a record</p></other></c>");
    }

    #[test]
    fn two_kinds_of_records_and_a_root_that_is_one() {
        let document = "<c><a>1</a><b>1</b><a>2</a><b>2</b></c>";
        assert_eq!(xml(document, &[(1, 4), (1, 28)]), "<c><a>1</a><b>2</b></c>");
        assert_eq!(xml("<item><sku/></item>", &[(1, 1)]), "<item><sku/></item>");
    }

    #[test]
    fn any_encoding_becomes_utf_8() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><c><p>\xe4</p><p>taken</p></c>";
        assert_eq!(written(latin, None, "x", &[(1, 47)]), format!("{HEAD}<c><p>ä</p></c>\n"));
        let utf_16: Vec<u8> = "\u{feff}<c><p>ä</p><p/></c>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(written(&utf_16, None, "x", &[(1, 4)]), format!("{HEAD}<c><p>ä</p></c>\n"));
    }

    #[test]
    fn named_characters_become_characters_if_the_format_or_one_behind_it_declares_them() {
        let document = "<c a='&eacute;'><h>&ccaron;</h><p b='&quot;&ndash;'>&eacute;&amp;lt;&gt;</p><p>taken</p></c>";
        let (sent, place) = ((document.as_bytes(), None, "x"), [(1, document.find("<p").unwrap() as u64 + 1)]);
        let known = [KnownFormat { key: "onix".into(), format: Arc::new(Named) }];
        for reader in [(&Named as &dyn CatalogTransformer, &[][..]), (&Auto, &known)] {
            let written = written_of(&Profile::default(), None, reader, sent, &place);
            let expected = "<c a=\"é\"><h>č</h><p b=\"&quot;–\">é&amp;lt;&gt;</p></c>\n";
            assert_eq!(written.strip_prefix(HEAD), Some(expected));
        }
    }

    #[test]
    fn named_characters_that_nobody_declares_are_refused_not_guessed() {
        let said = xml("<c><p>&eacute;</p></c>", &[(1, 4)]);
        assert!(
            said.starts_with("rejected_unavailable: the document can only be read by its own format: line 1"),
            "{said}"
        );
    }

    #[test]
    fn so_many_paths_and_no_more() {
        for (count, is_written) in [(super::PATHS_MAX, true), (super::PATHS_MAX + 1, false)] {
            let mut document = "<c>".to_owned();
            let mut places = Vec::new();
            for number in 0..count {
                places.push((1, document.len() as u64 + 1));
                document.push_str(&format!("<p{number}/>"));
            }
            document.push_str("</c>");
            let written = xml(&document, &places);
            assert_eq!(written == document, is_written, "{written}");
        }
    }
}

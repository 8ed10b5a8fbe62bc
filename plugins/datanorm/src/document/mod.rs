//! The walk over one document: line by line, article by article.
//!
//! Holds one article, the bounded tables and blocks, and a bounded list of articles that wait for a text; never the document.

mod changes;
mod texts;

use std::collections::BTreeSet;
use std::io::{BufRead, Read as _};

use plugpoint_sdk::codes::{self, finding};
use plugpoint_sdk::document::{Document, ItemSink, TransformError};
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::model::{Finding, ImportMode, ItemData, ItemDraft, ItemPatch, Parts, PatchOp, Position};
use plugpoint_sdk::profile::CatalogProfile;
use plugpoint_sdk::reading::Unmapped;

use crate::article::{Article, Main};
use crate::blocks::{Blocks, Kind, Waiter};
use crate::charset::{self, Charset, Known};
use crate::fields::{Fields, Version};
use crate::header::{self, Header};
use crate::lines::{LINE_BYTES_MAX, Lines};
use crate::tables::{DiscountGroup, TABLES_BYTES_MAX, Tables};
use texts::complete;

/// As many bytes are looked at for the encoding, before anything is read.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Articles whose text has not come that are named.
const MISSING_MAX: usize = 100;
/// A control character that ends files of DOS.
const END_OF_FILE: char = '\u{1a}';
/// It was told that the encoding was guessed.
const GUESS_TOLD: &str = "guess";
/// Parts of which no record says anything.
const UNSAID: Parts = Parts::BRAND.and(Parts::CONTRIBUTORS).and(Parts::AVAILABILITY);
/// Parts that several records of an article speak of; prices change one by one.
const SAID: Parts = Parts::TEXTS
    .and(Parts::IDENTIFIERS)
    .and(Parts::CATEGORIES)
    .and(Parts::ATTRIBUTES)
    .and(Parts::MEDIA)
    .and(Parts::RELATIONS);

type Walked<T = ()> = Result<T, TransformError>;

/// Reads `document` into `sink`.
pub(crate) fn read(document: &mut Document<'_>, sink: &mut dyn ItemSink) -> Walked {
    let head = head(&mut *document.source)?;
    let known = charset::choose(&document.profile.datanorm.encoding, document.charset, &head)?;
    let mut told = BTreeSet::new();
    if let (Some(_), Known::Guessed(charset)) = (document.charset, known) {
        let message =
            format!("the content type says UTF-8, which the bytes are not; they are read as {}", charset.name());
        sink.note(Finding::warning(finding::ENCODING_GUESSED, message))?;
        told.insert(GUESS_TOLD.to_owned());
    }
    let mut source = head.as_slice().chain(&mut *document.source);
    let mut lines = Lines::new(&mut source);
    let mut walk = Walk {
        sink,
        profile: &document.profile.catalog,
        known,
        header: None,
        is_declared: false,
        pending: None,
        tables: Tables::default(),
        blocks: Blocks::default(),
        unmapped: Unmapped::default(),
        told,
        lines_of_file: 0,
        has_ended: true,
    };
    let mut text = String::new();
    while lines.advance()? {
        walk.line(&lines, &mut text)?;
    }
    walk.end(lines.number.saturating_sub(1))
}

/// The first bytes, taken from the source.
fn head(source: &mut dyn BufRead) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while head.len() < HEAD_BYTES_MAX {
        let bytes = match source.fill_buf() {
            Ok([]) => break,
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let count = bytes.len().min(HEAD_BYTES_MAX - head.len());
        head.extend_from_slice(&bytes[..count]);
        source.consume(count);
    }
    Ok(head)
}

struct Walk<'d> {
    sink: &'d mut dyn ItemSink,
    profile: &'d CatalogProfile,
    known: Known,
    header: Option<Header>,
    is_declared: bool,
    pending: Option<Article<'d>>,
    tables: Tables,
    blocks: Blocks,
    unmapped: Unmapped,
    /// What is told once for a document, by what it is about.
    told: BTreeSet<String>,
    /// Lines since the last header, the present one included.
    lines_of_file: u64,
    /// Nothing is open that an end record should close.
    has_ended: bool,
}

impl<'d> Walk<'d> {
    fn line(&mut self, lines: &Lines<'_>, text: &mut String) -> Walked {
        let position = Position { line: lines.number, column: 1 };
        let bytes = lines.bytes.as_slice();
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").filter(|_| lines.number == 1).unwrap_or(bytes);
        let does_not_fit = self.charset(bytes, position)?.decode(bytes, text);
        let line = text.trim_end_matches(|it: char| it.is_ascii_whitespace() || it == END_OF_FILE);
        if line.trim().is_empty() {
            return Ok(());
        }
        self.lines_of_file += 1;
        if does_not_fit && self.told.insert("encoding".to_owned()) {
            let message = "bytes do not fit the encoding; they were replaced (told once)";
            self.sink.note(Finding::warning(finding::ENCODING_GUESSED, message).at(position))?;
        }
        if lines.is_too_long {
            let message = format!("the line is longer than {LINE_BYTES_MAX} bytes");
            self.flush()?;
            return self.reject(Finding::error(finding::RECORD_TOO_LARGE, message).at(position), line);
        }
        if let Some(header) = Header::of(line) {
            return self.start(header?, position);
        }
        let fields = Fields::of(line, lines.number);
        if self.header.is_none() {
            let fields = fields.as_ref().filter(|fields| header::is_record(fields));
            self.start_without_header(fields.is_some(), line, position)?;
        }
        let Some(fields) = fields else {
            self.flush()?;
            let message = "the line is no record: it does not begin with a letter and a semicolon";
            return self.reject(Finding::error(finding::RECORD_MALFORMED, message).at(position), line);
        };
        self.record(&fields, line)?;
        fields.tell(&mut self.unmapped);
        Ok(())
    }

    /// The encoding of a line. While all was ASCII, the first line that is not decides for the rest.
    fn charset(&mut self, bytes: &[u8], position: Position) -> Walked<Charset> {
        if self.known == Known::Open {
            self.known = charset::guess(bytes);
        }
        let charset = match self.known {
            Known::Said(charset) | Known::Guessed(charset) => charset,
            Known::Open => Charset::Cp850,
        };
        if self.known == Known::Guessed(Charset::Windows1252) && self.told.insert(GUESS_TOLD.to_owned()) {
            let message = "nothing says which encoding this is; the bytes look like windows-1252, not like CP850 (datanorm.encoding in the profile says it)";
            self.sink.note(Finding::warning(finding::ENCODING_GUESSED, message).at(position))?;
        }
        Ok(charset)
    }

    /// A file begins; several may have been put into one document.
    fn start(&mut self, header: Header, position: Position) -> Walked {
        self.flush()?;
        self.close_block(None)?;
        self.miss_end(position.line)?;
        if header.currency.is_none() && self.profile.currency.is_none() {
            let message = "the V record names no currency";
            self.sink.note(Finding::warning(finding::CURRENCY_MISSING, message).at(position).path("V"))?;
        }
        self.has_ended = header.version == Version::Four;
        self.lines_of_file = 1;
        self.header = Some(header);
        Ok(())
    }

    fn start_without_header(&mut self, is_record: bool, line: &str, position: Position) -> Walked {
        if !is_record {
            let shown: String = line.chars().take(64).collect();
            let detail = format!("line {}: the document is not DATANORM: its first line is {shown:?}", position.line);
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
        }
        let message = "the document begins without a V record; it is read as version 4";
        self.sink.note(Finding::warning(finding::FIELD_REQUIRED, message).at(position).path("V"))?;
        self.header = Some(Header { version: Version::Four, currency: None });
        Ok(())
    }

    fn version(&self) -> Version {
        self.header.as_ref().map_or(Version::Four, |header| header.version)
    }

    fn currency(&self) -> Option<String> {
        self.header.as_ref().and_then(|header| header.currency.clone())
    }

    /// Says what the document is, before the first record of it. Prices alone must not remove what they do not name.
    fn declare(&mut self, what: &str, mode: Option<ImportMode>) -> Walked {
        if std::mem::replace(&mut self.is_declared, true) {
            return Ok(());
        }
        let version = if self.version() == Version::Four { 4 } else { 5 };
        let charset = match self.known {
            Known::Said(charset) | Known::Guessed(charset) => format!(", {}", charset.name()),
            Known::Open => String::new(),
        };
        Ok(self.sink.declare(&format!("DATANORM {version} {what}{charset}"), mode)?)
    }

    fn record(&mut self, fields: &Fields<'_>, line: &str) -> Walked {
        let version = self.version();
        let block = match (fields.kind, version) {
            ('T', Version::Five) if fields.get(3) == "2" => Some(Kind::Insert),
            ('T', _) => Some(Kind::Text),
            ('E', Version::Four) => Some(Kind::Insert),
            ('G', Version::Five) => Some(Kind::Files),
            _ => None,
        };
        let key = block.map(|kind| (kind, fields.get(2).into()));
        self.close_block(key.as_ref())?;
        if let Some(key) = key {
            return self.block(fields, &key);
        }
        match (fields.kind, version) {
            ('A', Version::Four) if fields.get(1) == "L" => self.delete(fields, line),
            ('A', Version::Four) if fields.get(1) == "X" => self.renumber(fields, 4, line),
            ('A', _) => self.main(fields, line),
            ('B', Version::Five) if fields.get(1) == "A" => self.renumber(fields, 3, line),
            ('B', Version::Five) => self.delete(fields, line),
            ('B' | 'D' | 'Z', _) => self.part(fields, 2),
            ('C', _) => self.part(fields, 3),
            ('E', Version::Five) => self.end_record(fields),
            ('P', _) => self.prices(fields, line),
            ('S', Version::Four) => self.group(fields, [2, 4, 3, 5]),
            ('S', Version::Five) => self.group(fields, [1, 2, 3, 3]),
            ('R', Version::Four) => self.discount(fields, 2),
            ('R', Version::Five) => self.discount(fields, 1),
            _ => self.unknown(fields),
        }
    }

    /// A, the main record. Its other records follow, or come apart from it.
    fn main(&mut self, fields: &Fields<'_>, line: &str) -> Walked {
        let version = self.version();
        // Its other records may stand before it.
        let begun = self.pending.as_mut().filter(|it| it.main.is_none() && it.record.draft.data.sku == fields.get(2));
        if let Some(article) = begun {
            article.record.draft.position = fields.position();
        } else {
            self.flush()?;
            let Some(sku) = self.number(fields, 2, line)? else { return Ok(()) };
            self.open(&sku, fields);
        }
        let main = match fields.get(1) {
            "N" => Main::New,
            _ => Main::Change,
        };
        if let Some(article) = &mut self.pending {
            if !matches!(fields.get(1), "N" | "A") {
                let message = "the flag is none of N, A, L, X; the record is taken for a change";
                article.record.findings.warn_value(finding::FIELD_INVALID, &fields.at(1), fields.get(1), message);
            }
            article.main(fields, main, version, &self.tables);
        }
        Ok(())
    }

    /// B, D, Z or C: more about an article, beside its main record or apart from it.
    fn part(&mut self, fields: &Fields<'_>, number: usize) -> Walked {
        let (version, sku) = (self.version(), fields.get(number));
        if sku.is_empty() || fields.get(1) == "L" {
            let (code, message) = if sku.is_empty() {
                (finding::SKU_MISSING, "the record names no article; it was left out")
            } else {
                (finding::PART_IGNORED, "a part of an article cannot be deleted alone; send the article again")
            };
            fields.pass_over();
            let at = fields.at(number);
            let note = Finding::warning(code, message).at(at.position).path(at.path);
            return Ok(self.sink.note(if sku.is_empty() { note } else { note.sku(sku) })?);
        }
        let is_open = self.pending.as_ref().is_some_and(|article| article.record.draft.data.sku == sku);
        if !is_open {
            self.flush()?;
            self.open(sku, fields);
        }
        let Some(article) = &mut self.pending else { return Ok(()) };
        match fields.kind {
            'B' => article.supplement(fields, &self.tables),
            'Z' => article.surcharge(fields, version),
            'C' => article.service(fields),
            _ => {
                if !article.dimension(fields, version) && self.told.insert("parts".to_owned()) {
                    let message = "the article has too many lines of text; the rest was left out (told once)";
                    let note = Finding::warning(finding::FIELD_LENGTH, message).at(fields.position()).path("D");
                    self.sink.note(note.sku(sku))?;
                }
            }
        }
        Ok(())
    }

    fn open(&mut self, sku: &str, fields: &Fields<'_>) {
        let currency = self.currency();
        self.pending = Some(Article::new(sku, &fields.at(0), self.profile, currency.as_ref()));
    }

    /// The article's number; nothing, and the record is rejected, if it has none.
    fn number(&mut self, fields: &Fields<'_>, index: usize, line: &str) -> Walked<Option<String>> {
        if let Some(sku) = fields.some(index) {
            return Ok(Some(sku.to_owned()));
        }
        let refused = Finding::error(finding::SKU_MISSING, "the record has no article number");
        self.reject(refused.at(fields.position()).path(fields.at(index).path), line)?;
        Ok(None)
    }

    fn group(&mut self, fields: &Fields<'_>, [main, group, main_label, group_label]: [usize; 4]) -> Walked {
        let (main, group) = (fields.get(main), fields.get(group));
        let mut has_room = true;
        if let Some(label) = fields.some(main_label).filter(|_| group.is_empty() || main_label != group_label) {
            has_room &= self.tables.add_group(main, "", label);
        }
        if let Some(label) = fields.some(group_label).filter(|_| !group.is_empty()) {
            has_room &= self.tables.add_group(main, group, label);
        }
        self.table_is_full(!has_room, fields)
    }

    fn discount(&mut self, fields: &Fields<'_>, code: usize) -> Walked {
        let field = |index: usize| fields.get(index).to_owned();
        let group = DiscountGroup { kind: field(code + 1), value: field(code + 2), label: field(code + 3) };
        let has_room = self.tables.add_discount(fields.get(code), group);
        self.table_is_full(!has_room, fields)
    }

    fn table_is_full(&mut self, is_full: bool, fields: &Fields<'_>) -> Walked {
        if is_full && self.told.insert("tables".to_owned()) {
            let message =
                format!("the groups are larger than {TABLES_BYTES_MAX} bytes; the rest is known by code only");
            self.sink.note(
                Finding::warning(finding::FIELD_LENGTH, message).at(fields.position()).path(fields.kind.to_string()),
            )?;
        }
        Ok(())
    }

    /// Hands over the article that was read.
    fn flush(&mut self) -> Walked {
        let Some(article) = self.pending.take() else { return Ok(()) };
        let Article { mut record, main, parts, files, .. } = article;
        let (sku, position) = (record.draft.data.sku.clone(), record.draft.position);
        let missing = complete(&self.blocks, &mut record, &parts, files.as_deref());
        let is_titled = record.draft.data.texts.iter().any(|text| !text.title.is_empty());
        match main {
            Some(Main::New) => {
                self.declare("articles", None)?;
                let mut draft = record.finish();
                draft.keeps = UNSAID.and(Parts::RELATIONS);
                // Net prices come in files of their own: an article that is sent again with its list price keeps them.
                draft.merges = Parts::PRICES;
                for (part, is_unsaid) in
                    [(Parts::PRICES, draft.data.prices.is_empty()), (Parts::MEDIA, draft.data.media.is_empty())]
                {
                    if is_unsaid {
                        draft.keeps = draft.keeps.and(part);
                    }
                }
                self.sink.upsert(draft)?;
            }
            Some(Main::Change) if is_titled => {
                self.declare("articles", Some(ImportMode::Merge))?;
                let mut draft = record.finish();
                draft.keeps = UNSAID.and(Parts::KIND).and(Parts::STATUS).and(Parts::PRICES);
                draft.merges = SAID;
                let ops = vec![PatchOp::AmendPrices(draft.data.prices.clone())];
                let has_prices = !draft.data.prices.is_empty();
                self.sink.upsert(draft)?;
                if has_prices {
                    self.sink.patch(ItemPatch { sku: sku.clone(), ops, position, is_record: false })?;
                }
            }
            main => {
                self.declare("articles", Some(ImportMode::Merge))?;
                self.amend(record.fitted(), main.is_some())?;
            }
        }
        if let Some(key) = missing {
            self.blocks.wait(key, Waiter { sku, parts, files, position });
        }
        Ok(())
    }

    fn amend(&mut self, draft: ItemDraft, is_record: bool) -> Walked {
        let ItemDraft { mut data, position, findings, .. } = draft;
        let sku = data.sku.clone();
        for finding in findings {
            self.sink.note(finding.sku(sku.clone()))?;
        }
        let prices = std::mem::take(&mut data.prices);
        let is_silent = ItemData { sku: sku.clone(), kind: data.kind.clone(), ..ItemData::default() } == data;
        let mut ops = Vec::new();
        if !is_silent {
            ops.push(PatchOp::Merge { parts: SAID, data: Box::new(data) });
        }
        if !prices.is_empty() {
            ops.push(PatchOp::AmendPrices(prices));
        }
        if ops.is_empty() && !is_record {
            return Ok(());
        }
        Ok(self.sink.patch(ItemPatch { sku, ops, position, is_record })?)
    }

    fn reject(&mut self, finding: Finding, line: &str) -> Walked {
        self.declare("articles", Some(ImportMode::Merge))?;
        Ok(self.sink.reject(finding.excerpt(line))?)
    }

    /// E of version 5: how many lines the file has, so that one can see whether all have come.
    fn end_record(&mut self, fields: &Fields<'_>) -> Walked {
        self.flush()?;
        self.has_ended = true;
        let _ = fields.get(2);
        let Some(sent) = fields.some(1) else { return Ok(()) };
        if sent.parse() == Ok(self.lines_of_file) {
            return Ok(());
        }
        let message = format!(
            "the file has {} lines where its end record counts others; it may be incomplete",
            self.lines_of_file
        );
        let at = fields.at(1);
        Ok(self
            .sink
            .note(Finding::warning(finding::RECORD_MALFORMED, message).at(at.position).path(at.path).value(sent))?)
    }

    fn has_definitions(&self) -> bool {
        !self.tables.is_empty() || !self.blocks.is_empty()
    }

    fn miss_end(&mut self, line: u64) -> Walked {
        if std::mem::replace(&mut self.has_ended, true) {
            return Ok(());
        }
        let message = "the file of version 5 ends without an end record; it may be incomplete";
        let at = Position { line, column: 1 };
        Ok(self.sink.note(Finding::warning(finding::FIELD_REQUIRED, message).at(at).path("E"))?)
    }

    fn end(mut self, lines: u64) -> Walked {
        if self.header.is_none() {
            let detail = "the document is not DATANORM: it is empty";
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail).into());
        }
        self.flush()?;
        self.close_block(None)?;
        self.miss_end(lines)?;
        let unreleased = self.blocks.unreleased();
        let beyond = unreleased.len().saturating_sub(MISSING_MAX);
        for ((_, number), waiter) in unreleased.into_iter().take(MISSING_MAX) {
            let message = "the document does not hold this text or list of files; the article is without";
            let note = Finding::warning(finding::FIELD_REQUIRED, message).at(waiter.position).sku(waiter.sku);
            self.sink.note(note.value(&number))?;
        }
        if beyond > 0 {
            let message = format!("{beyond} further articles refer to texts or files that the document does not hold");
            self.sink.note(Finding::warning(finding::FINDINGS_OMITTED, message))?;
        }
        if self.blocks.has_lost {
            let message = "the texts, or the articles that wait for them, are too many; some articles are without";
            self.sink.note(Finding::warning(finding::FIELD_LENGTH, message))?;
        }
        if !self.is_declared && self.has_definitions() {
            let message =
                "the document has names, discounts or texts only; they are used with articles of the same document";
            self.sink.note(Finding::warning(finding::PART_IGNORED, message))?;
        }
        self.declare("without articles", Some(ImportMode::Merge))?;
        Ok(self.unmapped.tell(self.sink)?)
    }
}

//! The report page: self-contained HTML without a script, for the screen and for paper.
//!
//! It answers in this order: did it work, what is wrong, what is to be done, where exactly. Every text in it goes through
//! [`visible`](super::visible); the style is one fixed text, whose hash the answer's policy names, so nothing else may style or run.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plugpoint_messages::{Argument, Language, Texts, Word, word};
use plugpoint_sdk::desk::{ImportStatus, ImportView, UnmappedPath};
use plugpoint_sdk::model::{Finding, Severity};
use sha2::{Digest, Sha256};

use super::excerpt::{self, Excerpt};
use super::summary::{Group, Summary};
use super::visible::html;

const STYLE: &str = include_str!("page.css");

/// Paths that are listed of what was not read; the import's description has all of them.
const UNMAPPED_SHOWN_MAX: usize = 200;

/// The policy under which a browser shows the page: this style and nothing else.
pub(crate) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// What a page tells.
pub(crate) struct Report<'a> {
    pub(crate) texts: &'static Texts,
    pub(crate) import: &'a ImportView,
    /// Format, size and encoding of the document, as far as they are known.
    pub(crate) format: Option<&'a str>,
    pub(crate) bytes: Option<u64>,
    pub(crate) encoding: Option<&'a str>,
    pub(crate) summary: &'a Summary,
    pub(crate) unmapped: &'a [UnmappedPath],
    /// The document around the findings that are shown, by line and column.
    pub(crate) excerpts: &'a BTreeMap<(u64, u64), Excerpt>,
    /// No more findings are kept of one import.
    pub(crate) findings_kept_max: u64,
    /// The rejected records can be had.
    pub(crate) has_rejected: bool,
}

impl Report<'_> {
    /// The whole page.
    pub(crate) fn html(&self) -> String {
        let (language, title) = (self.texts.language().code(), self.said(word::REPORT_TITLE));
        let catalog = html(&self.import.catalog);
        let mut page = format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title} · {catalog}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        );
        self.head(&mut page);
        for severity in [Severity::Error, Severity::Warning] {
            self.findings(&mut page, severity);
        }
        self.unmapped(&mut page);
        page.push_str("</body>\n</html>\n");
        page
    }

    fn head(&self, page: &mut String) {
        let import = self.import;
        let (class, outcome) = self.outcome();
        let (title, catalog) = (self.said(word::REPORT_TITLE), self.said(word::LABEL_CATALOG));
        let name = html(&import.catalog);
        page.push_str(&format!(
            "<header>\n<p class=\"kind\">{title} · {catalog} <b><bdi>{name}</bdi></b></p>\n<h1{class}>{outcome}</h1>\n"
        ));
        if let Some((code, detail)) = &import.error {
            let (title, advice) = self.texts.error(code);
            let (reason, todo) = (self.said(word::REASON), self.said(word::WHAT_TO_DO));
            page.push_str(&format!(
                "<div class=\"group\"><header><h3>{reason}: {}</h3><p class=\"do\"><b>{todo}:</b> {}</p></header>\
                 <div class=\"finding\"><p class=\"says\"><bdi>{}</bdi></p><p class=\"code\">{}</p>",
                html(&title),
                html(&advice),
                html(detail),
                html(code)
            ));
            if let Some(excerpt) = excerpt::place_in(detail).and_then(|at| self.excerpts.get(&(at.line, at.column))) {
                self.lines(page, excerpt, None);
            }
            page.push_str("</div></div>\n");
        }
        self.counts(page);
        self.facts(page);
        self.ways(page);
        page.push_str("</header>\n");
    }

    /// The outcome in one sentence, and how it looks.
    fn outcome(&self) -> (&'static str, String) {
        let counts = self.import.counts;
        let numbers = [("read", counts.read), ("accepted", counts.accepted), ("rejected", counts.rejected)];
        let numbers = numbers.map(|(name, number)| (name, Argument::Number(number)));
        let (class, word) = match self.import.status {
            ImportStatus::Queued | ImportStatus::Running => ("", word::OUTCOME_WAITING),
            ImportStatus::Failed => (" class=\"bad\"", word::OUTCOME_FAILED),
            ImportStatus::Succeeded if counts.read == 0 => ("", word::OUTCOME_EMPTY),
            ImportStatus::Succeeded if counts.rejected > 0 => (" class=\"bad\"", word::OUTCOME_PARTIAL),
            ImportStatus::Succeeded if self.summary.groups.is_empty() => (" class=\"good\"", word::OUTCOME_CLEAN),
            ImportStatus::Succeeded => ("", word::OUTCOME_CLEAN),
        };
        (class, html(&self.texts.word(word, &numbers)))
    }

    fn counts(&self, page: &mut String) {
        let counts = self.import.counts;
        let warnings = self.summary.count(Severity::Warning);
        let mut cells = vec![
            ("", word::COUNT_READ, counts.read),
            ("", word::COUNT_ACCEPTED, counts.accepted),
            (if counts.rejected > 0 { " class=\"bad\"" } else { "" }, word::COUNT_REJECTED, counts.rejected),
        ];
        if self.import.status == ImportStatus::Succeeded {
            cells.extend([
                ("", word::COUNT_ADDED, counts.added),
                ("", word::COUNT_CHANGED, counts.changed),
                ("", word::COUNT_UNCHANGED, counts.unchanged),
                ("", word::COUNT_REMOVED, counts.removed),
            ]);
        }
        if warnings > 0 {
            cells.push((" class=\"note\"", word::SECTION_WARNINGS, warnings));
        }
        page.push_str("<dl class=\"counts\">");
        for (class, label, number) in cells {
            page.push_str(&format!("<div{class}><dt>{}</dt><dd>{}</dd></div>", self.said(label), self.number(number)));
        }
        page.push_str("</dl>\n");
    }

    fn facts(&self, page: &mut String) {
        let import = self.import;
        let size = self.bytes.map(|bytes| self.texts.word(word::SIZE_BYTES, &[("bytes", Argument::Number(bytes))]));
        let id = import.id.to_string();
        let facts = [
            (word::LABEL_FORMAT, self.format.map(str::to_owned)),
            (word::LABEL_ENCODING, self.encoding.map(str::to_owned)),
            (word::LABEL_SIZE, size),
            (word::LABEL_MODE, Some(import.mode.as_str().to_owned())),
            (word::LABEL_RECEIVED, Some(moment(&import.created_at))),
            (word::LABEL_FINISHED, import.finished_at.as_deref().map(moment)),
            (word::LABEL_IMPORT, Some(id)),
        ];
        page.push_str("<dl class=\"facts\">");
        for (label, fact) in facts {
            if let Some(fact) = fact {
                page.push_str(&format!("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", self.said(label), html(&fact)));
            }
        }
        page.push_str("</dl>\n");
    }

    /// What can be done from here.
    fn ways(&self, page: &mut String) {
        let is_well = self.import.findings_count == 0 && self.import.counts.rejected == 0 && self.unmapped.is_empty();
        if is_well && self.import.status == ImportStatus::Succeeded {
            page.push_str(&format!("<p>{}</p>\n", self.said(word::ALL_WELL)));
        }
        if self.import.findings_count == 0 && !self.has_rejected {
            return;
        }
        page.push_str("<ul class=\"ways\">");
        if self.has_rejected {
            let (link, how) = (self.said(word::REJECTED_LINK), self.said(word::REJECTED_HOW));
            page.push_str(&format!("<li><a href=\"rejected\">{link}</a> <small>{how}</small></li>"));
        }
        page.push_str(&format!("<li><a href=\"{}\">{}</a>", self.table(None), self.said(word::CSV_LINK)));
        if self.import.findings_count >= self.findings_kept_max {
            let kept = [("count", Argument::Number(self.import.findings_count))];
            page.push_str(&format!(" <small>{}</small>", html(&self.texts.word(word::FINDINGS_KEPT_MAX, &kept))));
        }
        page.push_str("</li></ul>\n");
    }

    fn findings(&self, page: &mut String, severity: Severity) {
        let (class, heading) = match severity {
            Severity::Error => ("error", word::SECTION_ERRORS),
            Severity::Warning => ("warning", word::SECTION_WARNINGS),
        };
        let mut groups = self.summary.of(severity).peekable();
        if groups.peek().is_none() {
            return;
        }
        page.push_str(&format!("<section class=\"{class}\">\n<h2>{}</h2>\n", self.said(heading)));
        for group in groups {
            self.group(page, group);
        }
        if self.summary.has_more_codes {
            let (more, table) = (self.said(word::MORE_KINDS), self.said(word::MORE_PLACE));
            page.push_str(&format!("<p class=\"more\">{more} <a href=\"{}\">{table}</a>.</p>\n", self.table(None)));
        }
        page.push_str("</section>\n");
    }

    fn group(&self, page: &mut String, group: &Group) {
        let own = group.shown.first().and_then(|finding| finding.advice.clone());
        let advice = own.unwrap_or_else(|| self.texts.advice(&group.code));
        page.push_str(&format!(
            "<div class=\"group\">\n<header><h3><span class=\"n\">{}</span>{}</h3><p class=\"do\"><b>{}:</b> {}</p>\
             <span class=\"code\">{}</span></header>\n",
            self.number(group.count),
            html(&self.texts.title(&group.code)),
            self.said(word::WHAT_TO_DO),
            html(&advice),
            html(&group.code)
        ));
        for finding in &group.shown {
            self.finding(page, finding);
        }
        let beyond = group.count - group.shown.len() as u64;
        if beyond > 0 {
            let more = self.texts.word(word::MORE_OF_KIND, &[("count", Argument::Number(beyond))]);
            let (link, table) = (self.table(Some(&group.code)), self.said(word::MORE_PLACE));
            page.push_str(&format!("<p class=\"more\">{} <a href=\"{link}\">{table}</a>.</p>\n", html(&more)));
        }
        page.push_str("</div>\n");
    }

    fn finding(&self, page: &mut String, finding: &Finding) {
        page.push_str("<div class=\"finding\"><p class=\"at\">");
        if let Some(sku) = &finding.sku {
            page.push_str(&format!("<b>{} <bdi>{}</bdi></b>", self.said(word::COLUMN_ITEM), html(sku)));
        }
        if let Some(line) = finding.line {
            page.push_str(&format!("<span>{}</span>", self.place(line, finding.column)));
        }
        if let Some(path) = finding.path.as_deref().filter(|path| !path.is_empty()) {
            let path = self.texts.word(word::ELEMENT_PATH, &[("path", Argument::Text(path))]);
            page.push_str(&format!("<span class=\"path\"><bdi>{}</bdi></span>", html(&path)));
        }
        page.push_str("</p>");
        self.says(page, finding);
        self.source(page, finding);
        page.push_str("</div>\n");
    }

    /// What is wrong with this one. In another language than English the title above says it, and place and value are beside it; what
    /// the reader wrote follows in small.
    fn says(&self, page: &mut String, finding: &Finding) {
        let message = html(&finding.message);
        if self.texts.says(&finding.code) {
            page.push_str(&format!("<p class=\"says\"><small lang=\"en\">{message}</small></p>"));
        } else {
            page.push_str(&format!("<p class=\"says\"><bdi>{message}</bdi></p>"));
        }
        if let Some(value) = &finding.value {
            let sent = self.said(word::SENT_VALUE);
            page.push_str(&format!("<p class=\"says\">{sent}: <mark><bdi>{}</bdi></mark></p>", html(value)));
        }
    }

    /// The sender's own lines: from the document where it is kept, else what the reader kept of the record.
    fn source(&self, page: &mut String, finding: &Finding) {
        let place = (finding.line.unwrap_or_default(), finding.column.unwrap_or(1).max(1));
        let value = finding.value.as_deref();
        match (self.excerpts.get(&place), &finding.excerpt) {
            (Some(excerpt), _) => self.lines(page, excerpt, value),
            (None, Some(raw)) => {
                let value = value.filter(|value| !value.is_empty());
                let marked = value.and_then(|value| Some(raw.find(value)?..raw.find(value)? + value.len()));
                self.marked(page, raw, marked.unwrap_or_default());
            }
            (None, None) => {}
        }
    }

    /// Lines of the document with the offending part of them marked.
    fn lines(&self, page: &mut String, excerpt: &Excerpt, value: Option<&str>) {
        let excerpt = excerpt.dedented();
        let marked = excerpt::offending(&excerpt.after, value);
        let before = excerpt.before.len();
        self.marked(page, &(excerpt.before + &excerpt.after), before + marked.start..before + marked.end);
    }

    fn marked(&self, page: &mut String, text: &str, marked: Range<usize>) {
        let (head, rest) = text.split_at(marked.start.min(text.len()));
        let (part, tail) = rest.split_at(marked.len().min(rest.len()));
        let part = if part.is_empty() { String::new() } else { format!("<mark>{}</mark>", html(part)) };
        let title = self.said(word::FROM_DOCUMENT);
        page.push_str(&format!("<pre dir=\"ltr\" title=\"{title}\">{}{part}{}</pre>", html(head), html(tail)));
    }

    /// Digits as an editor wants them, without groups.
    fn place(&self, line: u64, column: Option<u64>) -> String {
        let (line, column) = (line.to_string(), column.map(|column| column.to_string()));
        let mut place = vec![("line", Argument::Text(&line))];
        place.extend(column.as_ref().map(|column| ("column", Argument::Text(column))));
        html(&self.texts.word(if column.is_some() { word::LINE_COLUMN } else { word::LINE }, &place))
    }

    fn unmapped(&self, page: &mut String) {
        if self.unmapped.is_empty() {
            return;
        }
        page.push_str(&format!(
            "<section>\n<h2>{}</h2>\n<p>{}</p>\n<table><thead><tr><th>{}</th><th>{}</th></tr></thead><tbody>\n",
            self.said(word::SECTION_UNMAPPED),
            self.said(word::UNMAPPED_INTRO),
            self.said(word::COLUMN_PATH),
            self.said(word::COLUMN_COUNT)
        ));
        for UnmappedPath { path, count } in self.unmapped.iter().take(UNMAPPED_SHOWN_MAX) {
            page.push_str(&format!("<tr><td><bdi>{}</bdi></td><td>{}</td></tr>\n", html(path), self.number(*count)));
        }
        page.push_str("</tbody></table>\n");
        let beyond = self.unmapped.len().saturating_sub(UNMAPPED_SHOWN_MAX) as u64;
        if beyond > 0 {
            let more = self.texts.word(word::UNMAPPED_MORE, &[("count", Argument::Number(beyond))]);
            page.push_str(&format!("<p>{}</p>\n", html(&more)));
        }
        page.push_str("</section>\n");
    }

    fn said(&self, word: Word) -> String {
        html(&self.texts.word(word, &[]))
    }

    fn number(&self, number: u64) -> String {
        html(&self.texts.number(number))
    }

    /// The address of the table, with the separator that spreadsheets of the language expect.
    fn table(&self, code: Option<&str>) -> String {
        let separator = if self.texts.language() == Language::En { "comma" } else { "semicolon" };
        let is_plain = |code: &&str| code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let code = code.filter(is_plain).map(|code| format!("&amp;code={code}")).unwrap_or_default();
        format!("findings.csv?separator={separator}{code}")
    }
}

/// RFC 3339 as people read it.
fn moment(text: &str) -> String {
    let is_utc = text.ends_with('Z');
    let seconds = text.split('.').next().unwrap_or(text).trim_end_matches('Z').replacen('T', " ", 1);
    if is_utc { format!("{seconds} UTC") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use plugpoint_sdk::desk::ImportCounts;
    use plugpoint_sdk::model::{ImportId, ImportMode};

    use super::*;

    fn import() -> ImportView {
        ImportView {
            id: ImportId(uuid::Uuid::nil()),
            catalog: "main".to_owned(),
            status: ImportStatus::Succeeded,
            mode: ImportMode::Merge,
            counts: ImportCounts { read: 3, accepted: 2, rejected: 1, ..ImportCounts::default() },
            progress: 1.0,
            records_per_second: None,
            seconds_left: None,
            error: None,
            created_at: "2026-01-31T12:00:00.123Z".to_owned(),
            started_at: None,
            finished_at: None,
            findings_count: 1,
        }
    }

    fn finding(text: &str) -> Finding {
        let mut finding = Finding::error("decimal_invalid", text).path(text).sku(text).value(text).excerpt(text);
        finding.advice = Some(text.to_owned());
        finding
    }

    fn page(language: Language, import: &ImportView, findings: &[Finding], unmapped: &[UnmappedPath]) -> String {
        let mut summary = Summary::default();
        findings.iter().for_each(|finding| {
            let (severity, code) = (finding.severity, finding.code.clone());
            summary.groups.push(Group { severity, code, count: 1000, shown: vec![finding.clone()] });
        });
        let report = Report {
            texts: Texts::of(language),
            import,
            format: Some("<format>"),
            bytes: Some(12_345),
            encoding: Some("<utf>"),
            summary: &summary,
            unmapped,
            excerpts: &BTreeMap::new(),
            findings_kept_max: 1,
            has_rejected: true,
        };
        report.html()
    }

    #[test]
    fn nothing_of_a_stranger_is_markup() {
        let evil = "<script>alert(1)</script>\"' onmouseover=x </style><!--\u{202e}&lt;";
        let unmapped = [UnmappedPath { path: evil.to_owned(), count: 1 }];
        let mut import = import();
        import.error = Some((evil.to_owned(), evil.to_owned()));
        import.catalog = evil.to_owned();
        for language in Language::ALL {
            let mut odd = finding(evil);
            odd.code = evil.to_owned();
            let page = page(language, &import, &[finding(evil), odd], &unmapped);
            let body = &page[page.find("<body>").unwrap()..];
            for part in ["<script", "<!--", "</style", "\u{202e}", "\" onmouse", "' onmouse"] {
                assert!(!body.contains(part), "{part}: {body}");
            }
            assert_eq!(page.matches("<style>").count(), 1);
            assert_eq!(page.matches("</style>").count(), 1);
            assert!(page.contains("U+202E"), "it is shown");
        }
    }

    #[test]
    fn a_page_stays_a_page_whatever_is_in_it() {
        let unmapped: Vec<_> = (0..1001).map(|_| UnmappedPath { path: "x".repeat(1024), count: 1 }).collect();
        let many: Vec<_> = (0..60).map(|_| finding(&"ä".repeat(1 << 20))).collect();
        let page = page(Language::De, &import(), &many, &unmapped);
        assert!(page.len() < 2 << 20, "{}", page.len());
        assert!(page.contains("801 weitere Pfade stehen in der Beschreibung"), "{}", &page[page.len() - 300..]);
    }

    #[test]
    fn the_outcome_is_one_sentence_in_each_language() {
        let mut import = import();
        assert!(
            page(Language::Fr, &import, &[], &[])
                .contains("<h1 class=\"bad\">Un enregistrement sur 3 a été rejeté. 2 ont été repris.</h1>")
        );
        import.status = ImportStatus::Failed;
        assert!(page(Language::Pl, &import, &[], &[]).contains("<h1 class=\"bad\">Niczego nie zmieniono"));
        import.status = ImportStatus::Running;
        assert!(page(Language::Ru, &import, &[], &[]).contains("<h1>Этот импорт ещё не закончен."));
        import.status = ImportStatus::Succeeded;
        import.counts.rejected = 0;
        assert!(page(Language::En, &import, &[], &[]).contains("<h1 class=\"good\">All 2 records were taken.</h1>"));
        import.counts.read = 0;
        assert!(page(Language::En, &import, &[], &[]).contains("holds no records"));
    }

    #[test]
    fn the_offending_place_is_marked_in_the_senders_lines() {
        let mut finding = Finding::error("decimal_invalid", "no decimal").value("12,5x");
        (finding.line, finding.column) = (Some(4), Some(3));
        let mut summary = Summary::default();
        summary.groups.push(Group {
            severity: Severity::Error,
            code: finding.code.clone(),
            count: 1,
            shown: vec![finding],
        });
        let excerpt = Excerpt { before: "  ".to_owned(), after: "<P>12,5x</P>".to_owned() };
        let import = import();
        let report = Report {
            texts: Texts::of(Language::En),
            import: &import,
            format: None,
            bytes: None,
            encoding: None,
            summary: &summary,
            unmapped: &[],
            excerpts: &BTreeMap::from([((4, 3), excerpt)]),
            findings_kept_max: 9,
            has_rejected: false,
        };
        let page = report.html();
        assert!(page.contains("&lt;P&gt;<mark>12,5x</mark>&lt;/P&gt;"), "{page}");
        assert!(page.contains("line 4, column 3") && !page.contains("href=\"rejected\""));
    }

    #[test]
    fn moments_are_read_easily() {
        assert_eq!(moment("2026-01-31T12:00:00.123Z"), "2026-01-31 12:00:00 UTC");
        assert_eq!(moment("2026-01-31T12:00:00Z"), "2026-01-31 12:00:00 UTC");
        assert_eq!(moment("soon"), "soon");
    }

    #[test]
    fn the_policy_names_the_style_and_nothing_else() {
        assert!(
            POLICY.starts_with("default-src 'none'; style-src 'sha256-") && !POLICY.contains("unsafe"),
            "{}",
            *POLICY
        );
    }
}

//! A workbook made of its parts, as text: what a test wants in it and nothing else.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The parts of a workbook.
pub(crate) struct Workbook {
    parts: Vec<(String, Vec<u8>)>,
    sheets: Vec<(String, &'static str)>,
    properties: &'static str,
}

const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

impl Workbook {
    pub(crate) fn new() -> Self {
        Self { parts: Vec::new(), sheets: Vec::new(), properties: "" }
    }

    /// A sheet of rows as XML: what stands within `sheetData`, and behind it.
    pub(crate) fn sheet(mut self, name: &str, state: &'static str, rows: &str, behind: &str) -> Self {
        let number = self.sheets.len() + 1;
        let xml = format!("<worksheet xmlns='{MAIN}'><sheetData>{rows}</sheetData>{behind}</worksheet>");
        self.parts.push((format!("xl/worksheets/sheet{number}.xml"), xml.into_bytes()));
        self.sheets.push((name.to_owned(), state));
        self
    }

    /// A sheet of texts alone, each in its cell; what begins with `<` is a cell as XML.
    pub(crate) fn rows(self, rows: &[&[&str]]) -> Self {
        let xml = cells(rows);
        self.sheet("Sheet1", "visible", &xml, "")
    }

    /// Any part, under its name.
    pub(crate) fn part(mut self, name: &str, content: impl Into<Vec<u8>>) -> Self {
        self.parts.push((name.to_owned(), content.into()));
        self
    }

    /// The strings that cells share, each as the XML within `si`.
    pub(crate) fn strings(self, strings: &[&str]) -> Self {
        let list: String = strings.iter().map(|string| format!("<si>{string}</si>")).collect();
        self.part("xl/sharedStrings.xml", format!("<sst xmlns='{MAIN}'>{list}</sst>"))
    }

    /// The formats of numbers: the codes of the cell styles 1, 2 and so on.
    pub(crate) fn formats(self, codes: &[&str]) -> Self {
        let (mut own, mut cells) = (String::new(), "<xf numFmtId='0'/>".to_owned());
        for (index, code) in codes.iter().enumerate() {
            let _ = write!(own, "<numFmt numFmtId='{}' formatCode='{}'/>", 164 + index, code.replace('\'', "&apos;"));
            let _ = write!(cells, "<xf numFmtId='{}'><alignment/></xf>", 164 + index);
        }
        let styles = "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>";
        self.part(
            "xl/styles.xml",
            format!(
                "<styleSheet xmlns='{MAIN}'><numFmts>{own}</numFmts>{styles}<cellXfs>{cells}</cellXfs></styleSheet>"
            ),
        )
    }

    /// What stands before the sheets of the workbook.
    pub(crate) fn properties(mut self, xml: &'static str) -> Self {
        self.properties = xml;
        self
    }

    /// The bytes.
    pub(crate) fn build(self) -> Vec<u8> {
        let Self { parts, sheets, properties } = self;
        let (mut list, mut rels) = (String::new(), String::new());
        for (index, (name, state)) in sheets.iter().enumerate() {
            let number = index + 1;
            let _ = write!(list, "<sheet name='{name}' sheetId='{number}' state='{state}' r:id='rId{number}'/>");
            let _ = write!(
                rels,
                "<Relationship Id='rId{number}' Type='{RELATIONSHIPS}/worksheet' Target='worksheets/sheet{number}.xml'/>"
            );
        }
        for (index, (kind, target)) in
            [("sharedStrings", "/xl/sharedStrings.xml"), ("styles", "styles.xml")].iter().enumerate()
        {
            let _ = write!(rels, "<Relationship Id='rIdX{index}' Type='{RELATIONSHIPS}/{kind}' Target='{target}'/>");
        }
        let own = [
            (
                "_rels/.rels",
                format!(
                    "<Relationships><Relationship Id='a' Type='{RELATIONSHIPS}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns='{MAIN}' xmlns:r='{RELATIONSHIPS}'>{properties}<sheets>{list}</sheets></workbook>"
                ),
            ),
            ("xl/_rels/workbook.xml.rels", format!("<Relationships>{rels}</Relationships>")),
        ];
        let own = own.into_iter().map(|(name, xml)| (name.to_owned(), xml.into_bytes()));
        let named: Vec<(String, Vec<u8>)> =
            own.filter(|(name, _)| parts.iter().all(|(other, _)| other != name)).collect();
        packed(named.into_iter().chain(parts))
    }
}

/// Parts in a container.
pub(crate) fn packed(parts: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        // Large parts as they are: what is tried on them is not how well they compress.
        let method = if content.len() > 16 << 20 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let best = (method == CompressionMethod::Deflated).then_some(9);
        archive
            .start_file(name, SimpleFileOptions::default().compression_method(method).compression_level(best))
            .unwrap();
        archive.write_all(&content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Rows of texts as XML.
pub(crate) fn cells(rows: &[&[&str]]) -> String {
    let mut xml = String::new();
    for row in rows {
        xml.push_str("<row>");
        for text in *row {
            if text.starts_with('<') {
                xml.push_str(text);
            } else if text.is_empty() {
                xml.push_str("<c/>");
            } else {
                let _ = write!(xml, "<c t='inlineStr'><is><t>{}</t></is></c>", text.replace('&', "&amp;"));
            }
        }
        xml.push_str("</row>");
    }
    xml
}

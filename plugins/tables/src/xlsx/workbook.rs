//! The parts of a workbook by their meaning: its sheets in their order, its strings and styles.
//!
//! Found by following relationships, as the standard says; names such as `xl/workbook.xml` are only the usual ones. Relationships
//! that point outside are passed over: nothing is fetched.

use plugpoint_sdk::codes;
use plugpoint_sdk::document::TransformError;
use plugpoint_sdk::error::ApiError;
use plugpoint_sdk::near::offer;
use plugpoint_sdk::xml::{XmlEvent, XmlReader};

use super::package::{Package, flawed, malformed};

/// Sheets that a workbook may have.
const SHEETS_MAX: usize = 1024;
/// Relationships that a part may have.
const RELATIONSHIPS_MAX: usize = 4096;

/// One sheet.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) part: String,
    is_visible: bool,
}

/// What a workbook consists of.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    pub(super) sheets: Vec<Sheet>,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
    pub(super) is_1904: bool,
}

struct Relationship {
    id: String,
    kind: String,
    part: String,
}

impl Workbook {
    /// The sheets that may be read, in the order in which they are tried.
    pub(super) fn chosen(&self, wanted: Option<&str>) -> Result<Vec<usize>, TransformError> {
        let Some(wanted) = wanted.map(str::trim) else {
            let visible: Vec<usize> = (0..self.sheets.len()).filter(|index| self.sheets[*index].is_visible).collect();
            return match visible.is_empty() {
                true => Err(malformed("the workbook has no visible sheet")),
                false => Ok(visible),
            };
        };
        let named = self.sheets.iter().position(|sheet| sheet.name.trim().to_lowercase() == wanted.to_lowercase());
        let numbered = || wanted.parse::<usize>().ok()?.checked_sub(1).filter(|index| *index < self.sheets.len());
        named.or_else(numbered).map(|index| vec![index]).ok_or_else(|| {
            let known = offer(wanted, self.sheets.iter().map(|sheet| sheet.name.as_str()));
            malformed(format!("the workbook has no sheet {wanted:?}, which the profile names{known}"))
        })
    }

    /// The sheets beside one, for the report.
    pub(super) fn others(&self, read: usize) -> Vec<String> {
        let named = |(index, sheet): (usize, &Sheet)| {
            let hidden = if sheet.is_visible { "" } else { " (hidden)" };
            (index != read).then(|| format!("sheet {}{hidden}", sheet.name))
        };
        self.sheets.iter().enumerate().filter_map(named).collect()
    }
}

/// Reads what the workbook says of its parts.
pub(super) fn read(package: &mut Package<'_>) -> Result<Workbook, TransformError> {
    if let Some(message) = another(package) {
        return Err(malformed(message));
    }
    let root = relationships(package, "_rels/.rels", "")?;
    let main = root.iter().find(|it| it.kind == "officeDocument").map_or("xl/workbook.xml", |it| it.part.as_str());
    if main.to_ascii_lowercase().ends_with(".bin") {
        return Err(malformed("the document is a binary workbook (.xlsb); save it as .xlsx"));
    }
    if !package.has(main) {
        return Err(malformed("the document is a ZIP archive and no workbook"));
    }
    let (folder, name) = main.rsplit_once('/').map_or(("", main), |(folder, name)| (folder, name));
    let rels = if folder.is_empty() { format!("_rels/{name}.rels") } else { format!("{folder}/_rels/{name}.rels") };
    let rels = relationships(package, &rels, folder)?;
    let of = |kind: &str| rels.iter().find(|it| it.kind == kind).map(|it| it.part.clone());
    let mut workbook = Workbook { strings: of("sharedStrings"), styles: of("styles"), ..Workbook::default() };
    sheets(package, main, &rels, &mut workbook)?;
    if workbook.sheets.is_empty() {
        return Err(malformed("the workbook has no sheet with cells"));
    }
    Ok(workbook)
}

/// What else a container may hold.
fn another(package: &Package<'_>) -> Option<&'static str> {
    let cases = [
        ("xl/workbook.bin", "the document is a binary workbook (.xlsb); save it as .xlsx"),
        ("content.xml", "the document is an OpenDocument file (.ods); save it as .xlsx or CSV"),
        ("word/document.xml", "the document is a text document (.docx); send the list as .xlsx or CSV"),
        ("Index/Document.iwa", "the document is a Numbers spreadsheet; export it as .xlsx or CSV"),
    ];
    cases.into_iter().find(|(part, _)| package.has(part)).map(|(_, message)| message)
}

fn sheets(
    package: &mut Package<'_>,
    main: &str,
    rels: &[Relationship],
    workbook: &mut Workbook,
) -> Result<(), TransformError> {
    let options = package.options();
    let mut part = package.part(main)?;
    let mut reader = XmlReader::new(&mut part, options);
    loop {
        match reader.next().map_err(|error| flawed(main, error))? {
            XmlEvent::Start(tag) if tag.local() == "workbookPr" => {
                // One of an extension has the same name and says nothing of this.
                if let Some(value) = tag.attribute("date1904") {
                    workbook.is_1904 = matches!(value.trim(), "1" | "true");
                }
            }
            XmlEvent::Start(tag) if tag.local() == "sheet" => {
                let id = tag.attribute("id").unwrap_or_default();
                let Some(rel) = rels.iter().find(|rel| rel.id == id && rel.kind == "worksheet") else { continue };
                if workbook.sheets.len() == SHEETS_MAX {
                    let what = format!("the workbook has more than {SHEETS_MAX} sheets");
                    return Err(ApiError::new(&codes::LIMIT_EXCEEDED, what).into());
                }
                let name = tag.attribute("name").unwrap_or_default().to_owned();
                let is_visible = !matches!(tag.attribute("state"), Some("hidden" | "veryHidden"));
                workbook.sheets.push(Sheet { name, part: rel.part.clone(), is_visible });
            }
            XmlEvent::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The relationships of a part; none if it has no such list.
fn relationships(package: &mut Package<'_>, name: &str, folder: &str) -> Result<Vec<Relationship>, TransformError> {
    let mut found = Vec::new();
    if !package.has(name) {
        return Ok(found);
    }
    let options = package.options();
    let mut part = package.part(name)?;
    let mut reader = XmlReader::new(&mut part, options);
    loop {
        match reader.next().map_err(|error| flawed(name, error))? {
            XmlEvent::Start(tag) if tag.local() == "Relationship" && found.len() < RELATIONSHIPS_MAX => {
                if tag.attribute("TargetMode") == Some("External") {
                    continue;
                }
                let text = |name: &str| tag.attribute(name).unwrap_or_default().to_owned();
                let kind = text("Type").rsplit('/').next().unwrap_or_default().to_owned();
                found.push(Relationship { id: text("Id"), kind, part: resolved(folder, &text("Target")) });
            }
            XmlEvent::Eof => return Ok(found),
            _ => {}
        }
    }
}

/// The name of a part as a relationship of a folder gives it.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut names: Vec<&str> = match target.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => folder.split('/').filter(|name| !name.is_empty()).collect(),
    };
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => _ = names.pop(),
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolved;

    #[test]
    fn targets_are_relative_or_absolute() {
        for (folder, target, expected) in [
            ("xl", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("xl", "../styles.xml", "styles.xml"),
            ("", "xl/workbook.xml", "xl/workbook.xml"),
            ("a/b", "./c\\d.xml", "a/b/c/d.xml"),
            ("xl", "../../../x", "x"),
        ] {
            assert_eq!(resolved(folder, target), expected);
        }
    }
}

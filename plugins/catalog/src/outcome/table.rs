//! Findings as rows of CSV (RFC 4180), for people with a spreadsheet.
//!
//! A spreadsheet runs a cell that begins like a formula, and these cells are written by strangers. So such a cell begins with an
//! apostrophe (OWASP, CSV injection), every cell stands in quotes, and control characters are written out.

use plugpoint_messages::Texts;
use plugpoint_sdk::model::{Finding, Severity};

use super::visible;

/// The names of the columns: the same in every language, as codes are.
const COLUMNS: [&str; 9] = ["severity", "code", "line", "column", "path", "sku", "value", "message", "advice"];

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Separator {
    /// `,`, as RFC 4180 has it.
    Comma,
    /// `;`, which spreadsheets expect where a decimal point is a comma: in German, French, Polish, Russian.
    Semicolon,
    /// A tab.
    Tab,
}

impl Separator {
    /// By its name in the query; a comma where it is none.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "semicolon" => Self::Semicolon,
            "tab" => Self::Tab,
            _ => Self::Comma,
        }
    }

    fn character(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
        }
    }
}

/// The header, behind the mark that tells a spreadsheet that this is UTF-8.
pub(crate) fn header(has_mark: bool, separator: Separator) -> String {
    let mut text = String::from(if has_mark { "\u{feff}" } else { "" });
    row(&mut text, separator, COLUMNS);
    text
}

/// One finding, in the language of `texts`.
pub(crate) fn add(text: &mut String, separator: Separator, finding: Finding, texts: &Texts) {
    let finding = texts.localized(finding);
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let number = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let (line, column) = (number(finding.line), number(finding.column));
    // What the reader wrote says more than the code does: where the message is another, it goes behind it.
    let message = match &finding.detail {
        Some(detail) => format!("{} ({detail})", finding.message),
        None => finding.message,
    };
    let or_empty = |field: &Option<String>| field.clone().unwrap_or_default();
    let cells = [
        severity,
        &finding.code,
        &line,
        &column,
        &or_empty(&finding.path),
        &or_empty(&finding.sku),
        &or_empty(&finding.value),
        &message,
        &or_empty(&finding.advice),
    ];
    row(text, separator, cells);
}

fn row<const N: usize>(text: &mut String, separator: Separator, cells: [&str; N]) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            text.push(separator.character());
        }
        push_cell(text, cell);
    }
    text.push_str("\r\n");
}

fn push_cell(text: &mut String, cell: &str) {
    let cell = visible::line(cell);
    text.push('"');
    // Blanks before a formula do not keep every spreadsheet from running it. The wide forms are formulas in East Asian ones.
    if cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        text.push('\'');
    }
    text.push_str(&cell.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use plugpoint_messages::Language;

    use super::*;

    fn cell(cell: &str) -> String {
        let mut text = String::new();
        push_cell(&mut text, cell);
        text
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=cmd|' /C calc'!A0", "＝1", "－2"] {
            assert!(cell(formula).trim_start_matches('"').starts_with('\''), "{formula:?}: {}", cell(formula));
        }
        assert_eq!(cell("a=b"), "\"a=b\"");
        assert_eq!(cell("say \"hi\",\r\nthere;"), "\"say \"\"hi\"\", there;\"");
        assert_eq!(cell("\u{202e}=1"), "\"<U+202E>=1\"");
    }

    #[test]
    fn a_row_is_a_finding() {
        let finding = || {
            let mut finding =
                Finding::error("decimal_invalid", "no decimal").path("PRICE_AMOUNT").value("-x").sku("A1");
            (finding.line, finding.column) = (Some(7), Some(3));
            finding
        };
        let mut text = header(true, Separator::Comma);
        add(&mut text, Separator::Comma, finding(), Texts::of(Language::En));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[0],
            "\u{feff}\"severity\",\"code\",\"line\",\"column\",\"path\",\"sku\",\"value\",\"message\",\"advice\""
        );
        assert!(
            lines[1].starts_with(
                "\"error\",\"decimal_invalid\",\"7\",\"3\",\"PRICE_AMOUNT\",\"A1\",\"'-x\",\"no decimal\",\"Write"
            ),
            "{text}"
        );
        let mut text = header(false, Separator::Semicolon);
        add(&mut text, Separator::Semicolon, finding(), Texts::of(Language::De));
        assert!(
            text.starts_with("\"severity\";\"code\";") && text.contains(" (no decimal)\";\"Schreiben Sie"),
            "{text}"
        );
    }
}

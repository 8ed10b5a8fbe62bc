//! What the program says to the person at the terminal. The only place that prints; logs go through `tracing`.

use std::io::{self, IsTerminal, Write};

/// Prints text on standard output. A closed pipe (`| head`) ends the program quietly, as it should.
pub fn out(text: &str) {
    let mut stdout = io::stdout().lock();
    if stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Prints a line on standard output.
pub fn line(text: &str) {
    out(&format!("{text}\n"));
}

/// Prints bytes on standard output as they are. A closed pipe ends the program quietly, as it should.
pub fn raw(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    if stdout.write_all(bytes).and_then(|()| stdout.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Prints what is to be told beside a document that goes to standard output: on standard error.
pub fn aside(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = write!(io::stderr().lock(), "{text}");
}

/// Prints a failure on standard error.
pub fn error(text: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr().lock(), "plugpoint: {text}");
}

/// Says how far something is, to a person who waits: on standard error, and only if that is a terminal.
pub fn progress(text: &str) {
    let stderr = io::stderr();
    if stderr.is_terminal() {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(stderr.lock(), "{text}");
    }
}

/// Lays out rows under headers, each column as wide as its widest cell.
#[must_use]
pub fn table(headers: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([headers[column].chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headers.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("  {}\n", padded.join("  ").trim_end())
    };
    let mut text = line(headers.to_vec());
    for row in rows {
        text.push_str(&line(row.iter().map(String::as_str).collect()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let text = table(&["tenant", "n"], &[vec!["é".into(), "1".into()], vec!["lindenverlag".into(), "22".into()]]);
        assert_eq!(text, "  tenant        n\n  é             1\n  lindenverlag  22\n");
    }
}

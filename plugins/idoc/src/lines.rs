//! Long texts: lines with SAPscript's paragraph formats, joined to what an editor would show.

/// A text under way.
#[derive(Default)]
pub(crate) struct Lines(String);

impl Lines {
    /// Adds a line. `*`, `/` and every paragraph format of the sender's own begin a new line, `=` and blank go on with the last
    /// one, without and with a blank between; `/*` is a comment and `/:` a command, which say nothing to a reader.
    pub(crate) fn push(&mut self, format: &str, line: &str) {
        match format.trim() {
            "/*" | "/:" => return,
            "" if !self.0.is_empty() => self.0.push(' '),
            "=" | "" => {}
            _ if !self.0.is_empty() => self.0.push('\n'),
            _ => {}
        }
        self.0.push_str(&plain(line));
    }

    /// The text, blanks at its ends left out.
    pub(crate) fn finish(self) -> String {
        self.0.trim().to_owned()
    }
}

/// `<(>` and `<)>` stand around characters that SAPscript would read as its own: `<(>&<)>` is `&`.
fn plain(line: &str) -> String {
    line.replace("<(>", "").replace("<)>", "")
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn formats_join_lines() {
        let joined = |lines: &[(&str, &str)]| {
            let mut text = Lines::default();
            lines.iter().for_each(|(format, line)| text.push(format, line));
            text.finish()
        };
        let cases: [(&[(&str, &str)], &str); 6] = [
            (&[("*", "one"), ("", "two"), ("=", "three"), ("/", "four"), ("*", "five")], "one twothree\nfour\nfive"),
            (&[("", "one"), ("/*", "comment"), ("/:", "INCLUDE X"), ("U1", "head")], "one\nhead"),
            (&[("*", "H<(>&<)>B <(><<)>b>")], "H&B <b>"),
            (&[("*", ""), ("*", "")], ""),
            (&[("*", "one"), ("*", ""), ("*", "two")], "one\n\ntwo"),
            (&[("=", "one"), ("=", "two")], "onetwo"),
        ];
        for (lines, expected) in cases {
            assert_eq!(joined(lines), expected);
        }
    }
}

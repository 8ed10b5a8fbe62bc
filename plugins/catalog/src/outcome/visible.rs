//! Text of strangers as it may be shown: nothing in it is markup, turns the direction of what stands around it, or hides.
//!
//! A price that holds a zero-width space is wrong for a reason that nobody can see; here it is seen.

use std::fmt::Write;

/// The most characters of one value that are shown; a page is to be read.
pub(super) const CHARS_MAX: usize = 1000;

/// Whether a character changes how others look, or looks like nothing at all.
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{61c}'
        | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// As HTML, between tags or within a quoted attribute; at most [`CHARS_MAX`] characters. Line breaks stay.
pub(super) fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len().min(CHARS_MAX) + 16);
    for (count, character) in text.chars().enumerate() {
        if count == CHARS_MAX {
            html.push('…');
            break;
        }
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            '\r' => {}
            hidden if is_hidden(hidden) => {
                // Writing to a String cannot fail.
                let _ = write!(html, "<i class=\"c\">U+{:04X}</i>", u32::from(hidden));
            }
            other => html.push(other),
        }
    }
    html
}

/// As plain text on one line, whole.
pub(super) fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\r' => {}
            '\n' | '\t' => line.push(' '),
            hidden if is_hidden(hidden) => {
                let _ = write!(line, "<U+{:04X}>", u32::from(hidden));
            }
            other => line.push(other),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_text_and_the_hidden_is_seen() {
        assert_eq!(html("<script>'\"&"), "&lt;script&gt;&#39;&quot;&amp;");
        assert_eq!(
            html("1\u{200b}2\u{202e}3\u{0}"),
            "1<i class=\"c\">U+200B</i>2<i class=\"c\">U+202E</i>3<i class=\"c\">U+0000</i>"
        );
        assert_eq!(html("a\r\nb\tc"), "a\nb\tc");
        assert_eq!(html("12\u{a0}50 żółw 商品 \u{1f600}"), "12<i class=\"c\">U+00A0</i>50 żółw 商品 \u{1f600}");
        assert_eq!(line("a\r\nb\t\u{2066}\u{85}"), "a b <U+2066><U+0085>");
    }

    #[test]
    fn so_many_characters_and_no_more() {
        assert_eq!(html(&"<".repeat(CHARS_MAX)), "&lt;".repeat(CHARS_MAX));
        assert_eq!(html(&"<".repeat(CHARS_MAX + 1)), "&lt;".repeat(CHARS_MAX) + "…");
        assert_eq!(html(&"x".repeat(1 << 20)).chars().count(), CHARS_MAX + 1);
    }
}

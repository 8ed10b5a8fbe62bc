//! A line diff for humans: what is equal at both ends is left away but for a little context.
//!
//! Not minimal: one changed block per comparison is what a reviewer of a case wants to see.

use std::fmt::Write as _;

const CONTEXT_LINES: usize = 3;
const CHANGED_LINES_MAX: usize = 60;

/// The difference as text, or nothing when both are equal.
pub(super) fn lines(expected: &str, actual: &str) -> Option<String> {
    if expected == actual {
        return None;
    }
    let old: Vec<&str> = expected.lines().collect();
    let new: Vec<&str> = actual.lines().collect();
    let start = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(left, right)| left == right).count();
    let mut text = format!("    first difference at line {}\n", start + 1);
    let mut put = |mark: &str, lines: &[&str]| {
        for line in lines.iter().take(CHANGED_LINES_MAX) {
            let _ = writeln!(text, "{mark} {line}");
        }
        if lines.len() > CHANGED_LINES_MAX {
            let _ = writeln!(text, "{mark} ... {} more lines", lines.len() - CHANGED_LINES_MAX);
        }
    };
    put(" ", &old[start.saturating_sub(CONTEXT_LINES)..start]);
    put("-", &old[start..old.len() - end]);
    put("+", &new[start..new.len() - end]);
    put(" ", &old[old.len() - end..(old.len() - end + CONTEXT_LINES).min(old.len())]);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::lines;

    #[test]
    fn shows_the_changed_block_with_context() {
        let text = lines("a\nb\nc\nd\ne\nf\n", "a\nb\nc\nd\nX\nY\nf\n").unwrap();
        assert_eq!(text, "    first difference at line 5\n  b\n  c\n  d\n- e\n+ X\n+ Y\n  f\n");
    }

    #[test]
    fn equal_texts_have_no_difference_and_a_missing_one_is_all_difference() {
        assert_eq!(lines("a\n", "a\n"), None);
        assert!(lines("", "a\n").unwrap().contains("+ a"));
        assert!(lines("a\na\n", "a\n").unwrap().contains("- a"));
    }
}

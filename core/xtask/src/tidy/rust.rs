//! Rules for Rust files: an opening `//!`, functions of 70 lines at most, a reason beside every silenced lint.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// The same number as in clippy.toml; clippy leaves out what a macro wraps, this does not leave out tests either.
const FUNCTION_LINES_MAX: usize = 70;

/// Checks one file.
pub(crate) fn check(path: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    if !text.starts_with("//!") {
        problems.push(format!("{path}:1: opens without //! (what it is, who calls it, what it refuses to do)"));
    }
    match syn::parse_file(text) {
        Ok(file) => {
            let lines: Vec<&str> = text.lines().collect();
            let mut visitor = Visitor { path, lines: &lines, problems };
            visitor.visit_file(&file);
            visitor.problems
        }
        Err(error) => {
            problems.push(format!("{path}:{}: is not Rust: {error}", error.span().start().line));
            problems
        }
    }
}

struct Visitor<'a> {
    path: &'a str,
    lines: &'a [&'a str],
    problems: Vec<String>,
}

impl Visitor<'_> {
    /// Counts from the signature to the closing brace, without blank lines and comments.
    fn measure(&mut self, name: &syn::Ident, from: usize, to: usize) {
        let body = self.lines.get(from - 1..to).unwrap_or_default();
        let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
        let count = body.iter().filter(is_code).count();
        if count > FUNCTION_LINES_MAX {
            self.problems
                .push(format!("{}:{from}: fn {name} has {count} lines, {FUNCTION_LINES_MAX} are allowed", self.path));
        }
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig.ident, item.sig.span().start().line, item.block.span().end().line);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig.ident, item.sig.span().start().line, item.block.span().end().line);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig.ident, item.sig.span().start().line, block.span().end().line);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let silences = attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
        let has_reason = |list: &syn::MetaList| list.tokens.to_string().contains("reason =");
        if silences && !attribute.meta.require_list().is_ok_and(has_reason) {
            let line = attribute.span().start().line;
            self.problems.push(format!("{}:{line}: a lint is silenced without `reason = \"…\"`", self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str) -> String {
        check("a.rs", text).join("|")
    }

    #[test]
    fn a_file_says_what_it_is() {
        assert_eq!(verdict("//! Good.\nfn a() {}\n"), "");
        assert!(verdict("fn a() {}\n").contains("opens without"));
        assert!(verdict("//! Bad.\nfn a( {}\n").contains("is not Rust"));
    }

    #[test]
    fn seventy_lines_of_code_are_the_end() {
        let body = |statements: usize| {
            format!("//! X.\nfn long() {{\n    // why\n\n{}}}\n", "    step();\n".repeat(statements))
        };
        assert_eq!(verdict(&body(68)), "");
        assert!(verdict(&body(69)).contains("fn long has 71 lines"));
    }

    #[test]
    fn a_silenced_lint_needs_a_reason() {
        assert!(verdict("//! X.\n#[allow(dead_code)]\nfn a() {}\n").contains("a.rs:2: a lint is silenced"));
        assert!(verdict("//! X.\n#![expect(dead_code)]\nfn a() {}\n").contains("without `reason"));
        assert_eq!(verdict("//! X.\n#[expect(dead_code, reason = \"used by a macro\")]\nfn a() {}\n"), "");
    }
}

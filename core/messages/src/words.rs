//! The words of the report page, declared once: a misspelt one does not compile.

/// A word or a sentence of the files under `texts/`, by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(pub(crate) &'static str);

macro_rules! words {
    ($($ident:ident = $key:literal;)*) => {
        /// The words as constants. What an entry says, and with which variables, is in `texts/en.ftl`.
        pub mod word {
            use super::Word;

            $(#[doc = concat!("`", $key, "`")] pub const $ident: Word = Word($key);)*
            /// All of them.
            pub static ALL: &[Word] = &[$($ident),*];
        }
    };
}

words! {
    REPORT_TITLE = "report-title";
    OUTCOME_WAITING = "outcome-waiting";
    OUTCOME_FAILED = "outcome-failed";
    OUTCOME_EMPTY = "outcome-empty";
    OUTCOME_CLEAN = "outcome-clean";
    OUTCOME_PARTIAL = "outcome-partial";
    REASON = "reason";
    WHAT_TO_DO = "what-to-do";
    LABEL_IMPORT = "label-import";
    LABEL_CATALOG = "label-catalog";
    LABEL_FORMAT = "label-format";
    LABEL_ENCODING = "label-encoding";
    LABEL_SIZE = "label-size";
    LABEL_RECEIVED = "label-received";
    LABEL_FINISHED = "label-finished";
    LABEL_MODE = "label-mode";
    SIZE_BYTES = "size-bytes";
    COUNT_READ = "count-read";
    COUNT_ACCEPTED = "count-accepted";
    COUNT_REJECTED = "count-rejected";
    COUNT_ADDED = "count-added";
    COUNT_CHANGED = "count-changed";
    COUNT_UNCHANGED = "count-unchanged";
    COUNT_REMOVED = "count-removed";
    SECTION_ERRORS = "section-errors";
    SECTION_WARNINGS = "section-warnings";
    SECTION_UNMAPPED = "section-unmapped";
    COLUMN_PLACE = "column-place";
    COLUMN_ITEM = "column-item";
    COLUMN_PROBLEM = "column-problem";
    LINE = "line";
    LINE_COLUMN = "line-column";
    ELEMENT_PATH = "element-path";
    SENT_VALUE = "sent-value";
    FROM_DOCUMENT = "from-document";
    MORE_OF_KIND = "more-of-kind";
    MORE_KINDS = "more-kinds";
    MORE_PLACE = "more-place";
    FINDINGS_KEPT_MAX = "findings-kept-max";
    CSV_LINK = "csv-link";
    REJECTED_LINK = "rejected-link";
    REJECTED_HOW = "rejected-how";
    UNMAPPED_INTRO = "unmapped-intro";
    COLUMN_PATH = "column-path";
    COLUMN_COUNT = "column-count";
    UNMAPPED_MORE = "unmapped-more";
    ALL_WELL = "all-well";
}

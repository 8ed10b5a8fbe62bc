//! plugpoint-messages: what people are told, in five languages, from one message file per language.
//!
//! Called by the catalog plugin (findings, tables, the report page) and by whoever else answers to people. It chooses the language
//! of an answer and puts findings into it. Codes are the same in every language. It refuses to know HTTP, storage and formats, and it
//! never fails: a text that is missing is told by its key, which a test keeps from happening.
//!
//! A new code of the sdk needs its title and its advice in every file of `texts/`; the tests here name what is missing. A new word is
//! a line in `words` and in every file.
//!
//! Dependencies with a reason: `fluent-bundle` (Mozilla's message format with the plural rules of each language, which Polish and
//! Russian cannot do without), `unic-langid` (the names of languages in its interface).

mod language;
mod texts;
mod words;

pub use language::{Language, chosen};
pub use texts::{Argument, Texts};
pub use words::{Word, word};

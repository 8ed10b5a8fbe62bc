//! The record as it grows: values, groups, and what every text of ONIX has to keep to.

use std::collections::{HashMap, HashSet};

use plugpoint_sdk::model::timestamp::Timestamp;
use plugpoint_sdk::model::{Attribute, ItemData};
use plugpoint_sdk::reading::library_language_code;
use plugpoint_sdk::xml::escaped;

use super::markup;
use crate::assumed::MARK;
use crate::book::ONIX;

pub(super) const START: &str = "T00:00:00Z";
pub(super) const END: &str = "T23:59:59Z";

/// Attributes of ONIX by their names.
pub(super) struct Facts<'i>(pub(super) HashMap<&'i str, &'i Attribute>);

impl<'i> Facts<'i> {
    pub(super) fn of(item: &'i ItemData) -> Self {
        let own = item.attributes.iter().filter(|attribute| attribute.system.as_deref() == Some(ONIX));
        Self(own.map(|attribute| (attribute.name.as_str(), attribute)).collect())
    }

    /// The values that say something.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'i str> {
        let values = self.0.get(name).into_iter().flat_map(|attribute| attribute.values.iter().map(String::as_str));
        values.filter(|value| !value.trim_ascii().is_empty())
    }

    pub(super) fn first(&self, name: &str) -> Option<&'i str> {
        self.values(name).next()
    }
}

/// What a simple value of ONIX may be.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// A line of text.
    Line,
    /// Text of any length, with or without markup.
    Text,
    /// A code of as many capital letters and digits.
    Code(usize),
    /// A whole number, of which the smallest is named.
    Whole(u32),
}

impl Form {
    pub(super) fn takes(self, value: &str) -> bool {
        match self {
            Self::Line | Self::Text => !value.trim_ascii().is_empty(),
            Self::Code(width) => {
                value.len() == width && value.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
            }
            Self::Whole(least) => value.parse::<u32>().is_ok_and(|number| number >= least),
        }
    }
}

/// A value that was kept by its path: where, what it may be, and whether there may be several.
pub(super) type Kept = (&'static str, Form, bool);

/// The record.
pub(super) struct Out<'t> {
    pub(super) text: &'t mut String,
}

impl Out<'_> {
    /// A line of text; one that was broken becomes one line, which is all that ONIX has room for.
    pub(super) fn value(&mut self, name: &str, value: &str) {
        self.element(name, "", value);
    }

    pub(super) fn assumed(&mut self, name: &str, value: &str) {
        self.element(name, MARK, value);
    }

    fn element(&mut self, name: &str, attributes: &str, value: &str) {
        let line = value.replace("\r\n", " ").replace(['\r', '\n'], " ");
        self.text.extend(["<", name, attributes, ">", &escaped(&line), "</", name, ">"]);
    }

    pub(super) fn in_language(&mut self, name: &str, lang: &str, value: &str) {
        self.element(name, &language(lang), value);
    }

    /// Text that may have markup: escaped as it is, with the format that says so.
    pub(super) fn flowing(&mut self, name: &str, lang: Option<&str>, value: &str) {
        let format = match markup::format(value) {
            Some(code) => format!(" textformat=\"{code}\""),
            None => String::new(),
        };
        let lang = lang.map(language).unwrap_or_default();
        self.text.extend(["<", name, &format, &lang, ">", &escaped(value), "</", name, ">"]);
    }

    pub(super) fn within(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.text.extend(["<", name, ">"]);
        content(self);
        self.text.extend(["</", name, ">\n"]);
    }

    /// The same for a part that nobody has said.
    pub(super) fn within_assumed(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.text.extend(["<", name, MARK, ">"]);
        content(self);
        self.text.extend(["</", name, ">\n"]);
    }

    /// Values of a block that were kept by their path, as far as they are what the standard takes there; each code once.
    pub(super) fn kept(&mut self, facts: &Facts<'_>, block: &str, all: &[Kept]) {
        let mut codes = HashSet::new();
        for (name, form, is_list) in all {
            let path = format!("{block}/{name}");
            let most = if *is_list { usize::MAX } else { 1 };
            for value in facts.values(&path).filter(|value| form.takes(value)).take(most) {
                match form {
                    Form::Text => self.flowing(name, None, value),
                    Form::Code(_) if !codes.insert(value) => {}
                    _ => self.value(name, value),
                }
            }
        }
    }

    pub(super) fn date(&mut self, at: Timestamp, whole_day: &str) {
        // ONIX knows seconds and nothing smaller.
        let text = at.to_string();
        let text = text.split_once('.').map_or_else(|| text.clone(), |(seconds, _)| format!("{seconds}Z"));
        let digits = |text: &str| text.chars().filter(|it| !matches!(it, '-' | ':')).collect::<String>();
        match text.strip_suffix(whole_day).filter(|date| date.len() == 10) {
            Some(date) => self.text.extend(["<Date dateformat=\"00\">", &digits(date), "</Date>"]),
            None => self.text.extend(["<Date dateformat=\"14\">", &digits(&text), "</Date>"]),
        }
    }
}

/// The attribute of a language with the blank before it; nothing for one that the standard's list cannot have.
fn language(lang: &str) -> String {
    language_code(lang).map(|code| format!(" language=\"{code}\"")).unwrap_or_default()
}

/// The code of a language, if it can be one of the standard's list.
pub(super) fn language_code(lang: &str) -> Option<String> {
    Some(library_language_code(lang))
        .filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase()))
}

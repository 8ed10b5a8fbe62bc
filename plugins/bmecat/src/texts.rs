//! DESCRIPTION_SHORT, DESCRIPTION_LONG and KEYWORD become one text per language.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, Text};
use plugpoint_sdk::xml::Element;

use crate::record::Record;
use crate::spelling::text;

/// Characters of a title; the model takes no more.
pub(crate) const TITLE_CHARS_MAX: usize = 1024;

/// Which part of a text an element is.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    Title,
    Description,
    Keyword,
}

/// Adds one element. Of two titles or descriptions of one language the first stays.
pub(crate) fn add(part: Part, element: &Element, record: &mut Record<'_>) {
    let Some(sent) = text(element) else { return };
    let lang = record.language_of(element);
    let texts = &mut record.draft.data.texts;
    let index = texts.iter().position(|known| known.lang == lang).unwrap_or_else(|| {
        texts.push(Text { lang, ..Text::default() });
        texts.len() - 1
    });
    let entry = &mut texts[index];
    let is_taken = match part {
        Part::Title => !entry.title.is_empty(),
        Part::Description => entry.description.is_some(),
        Part::Keyword => false,
    };
    match part {
        _ if is_taken => {
            let message = "there is one before it in the same language; this one was left out";
            record.findings.warn_value(finding::PART_IGNORED, element, sent, message);
        }
        Part::Title => sent.clone_into(&mut entry.title),
        Part::Description => entry.description = Some(sent.to_owned()),
        Part::Keyword => entry.keywords.push(sent.to_owned()),
    }
}

/// Gives every language a title: its own, that of the document's language, that of any, at last the beginning of a description.
pub(crate) fn complete(product: &Element, record: &mut Record<'_>) {
    let texts = &mut record.draft.data.texts;
    let titled = |text: &&Text| !text.title.is_empty();
    let own = texts.iter().filter(titled).find(|text| text.lang == record.ctx.header.language);
    let title = match own.or_else(|| texts.iter().find(titled)) {
        Some(text) => text.title.clone(),
        None => {
            let description = texts.iter().find_map(|text| text.description.as_deref());
            let Some(description) = description else {
                texts.clear();
                let message = "the product has neither DESCRIPTION_SHORT nor DESCRIPTION_LONG";
                let finding = Finding::error(finding::FIELD_REQUIRED, message);
                return record.findings.push(finding.at(product.position()).path("DESCRIPTION_SHORT"));
            };
            let message = "DESCRIPTION_SHORT is missing; the title was taken from DESCRIPTION_LONG";
            record.findings.warn(finding::FIELD_REQUIRED, product, message);
            let line = description.lines().next().unwrap_or_default();
            line.chars().take(TITLE_CHARS_MAX).collect()
        }
    };
    for text in texts.iter_mut().filter(|text| text.title.is_empty()) {
        text.title.clone_from(&title);
    }
}

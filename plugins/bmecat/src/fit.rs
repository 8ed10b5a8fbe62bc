//! The last step of a product: texts and lists that are longer than the model takes are cut, each with a finding, so that one
//! long text does not cost the whole item.
//!
//! Numbers, codes and addresses are never cut: half of one is a wrong one. The sku is left to the platform, which rejects.

use plugpoint_sdk::codes::finding;
use plugpoint_sdk::model::{Finding, ItemData};
use plugpoint_sdk::xml::Element;

use crate::scalar::is_number;
use crate::texts::TITLE_CHARS_MAX;
use plugpoint_sdk::reading::Findings;

/// Cuts `item` to what the model takes.
pub(crate) fn fit(item: &mut ItemData, findings: &mut Findings, at: &Element) {
    let mut fitter = Fitter { findings, at };
    if let Some(brand) = &mut item.brand {
        fitter.cut(brand, 256, || "/brand".to_owned());
    }
    for (index, text) in item.texts.iter_mut().enumerate() {
        fitter.cut(&mut text.title, TITLE_CHARS_MAX, || format!("/texts/{index}/title"));
        if let Some(description) = &mut text.description {
            fitter.cut(description, 65_536, || format!("/texts/{index}/description"));
        }
        for keyword in &mut text.keywords {
            fitter.cut(keyword, 1024, || format!("/texts/{index}/keywords"));
        }
        fitter.shorten(&mut text.keywords, 256, || format!("/texts/{index}/keywords"));
    }
    for (index, attribute) in item.attributes.iter_mut().enumerate() {
        for value in &mut attribute.values {
            fitter.cut(value, 65_536, || format!("/attributes/{index}/values"));
        }
        fitter.shorten(&mut attribute.values, 1024, || format!("/attributes/{index}/values"));
    }
    for (index, media) in item.media.iter_mut().enumerate() {
        if let Some(description) = &mut media.description {
            fitter.cut(description, 1024, || format!("/media/{index}/description"));
        }
        media.mime_type.take_if(|mime_type| mime_type.chars().count() > 128);
    }
    fitter.keep_printable(item);
    fitter.shorten(&mut item.texts, 64, || "/texts".to_owned());
    fitter.shorten(&mut item.identifiers, 64, || "/identifiers".to_owned());
    fitter.shorten(&mut item.prices, 1024, || "/prices".to_owned());
    fitter.shorten(&mut item.categories, 256, || "/categories".to_owned());
    fitter.shorten(&mut item.media, 1024, || "/media".to_owned());
    fitter.shorten(&mut item.relations, 4096, || "/relations".to_owned());
}

struct Fitter<'a> {
    findings: &'a mut Findings,
    at: &'a Element,
}

impl Fitter<'_> {
    fn cut(&mut self, text: &mut String, chars_max: usize, pointer: impl Fn() -> String) {
        if text.len() <= chars_max {
            return;
        }
        let Some((end, _)) = text.char_indices().nth(chars_max) else { return };
        let message = format!("the text was cut to {chars_max} characters");
        let finding = Finding::warning(finding::TEXT_TRUNCATED, message).at(self.at.position());
        self.findings.push(finding.path(pointer()).value(text));
        text.truncate(end);
    }

    fn shorten<T>(&mut self, list: &mut Vec<T>, length_max: usize, pointer: impl Fn() -> String) {
        if list.len() > length_max {
            let message =
                format!("the list has {} entries; those after the first {length_max} were left out", list.len());
            self.findings.push(Finding::warning(finding::FIELD_LENGTH, message).at(self.at.position()).path(pointer()));
            list.truncate(length_max);
        }
    }

    /// Leaves out relations whose number cannot be one.
    fn keep_printable(&mut self, item: &mut ItemData) {
        let (findings, at) = (&mut *self.findings, self.at);
        item.relations.retain(|relation| {
            let is_kept = is_number(&relation.sku);
            if !is_kept {
                let message =
                    "the number is longer than 128 characters or holds control characters; the reference was left out";
                findings.warn_value(finding::FIELD_INVALID, at, &relation.sku, message);
            }
            is_kept
        });
    }
}

//! Subjects become categories and keywords, product classifications categories.

use plugpoint_sdk::reading::system_name;
use plugpoint_sdk::xml::Element;

use crate::book::{Book, found};
use crate::words;

/// Characters of a code; a heading that stands in for one may be longer.
const CODE_CHARS_MAX: usize = 128;

/// Reads all subjects, main subjects first.
pub(crate) fn read(product: &Element, book: &mut Book<'_>) {
    let basic = [("BASICMainSubject", "BASICVersion", "bisac"), ("BICMainSubject", "BICVersion", "bic")];
    for (name, version, system) in basic {
        for main in product.children_named(name) {
            let system = with_version(system, product.child_text(version));
            book.record.category(main, &system, main.text(), Vec::new());
        }
    }
    let main = product.children_named("MainSubject");
    let all: Vec<_> = main.chain(found(product, "DescriptiveDetail", "Subject").map(|found| found.element)).collect();
    let is_main = |subject: &&&Element| subject.name() == "MainSubject" || subject.child("MainSubject").is_some();
    for subject in all.iter().filter(is_main) {
        one(subject, book);
    }
    for subject in all.iter().filter(|subject| !is_main(subject)) {
        one(subject, book);
    }
    for classification in found(product, "DescriptiveDetail", "ProductClassification").map(|found| found.element) {
        let kind = classification.child_text("ProductClassificationType").unwrap_or_default();
        let system = words::classification(kind).map_or_else(|| format!("classification-{kind}"), str::to_owned);
        let Some(code) = classification.child_text("ProductClassificationCode") else { continue };
        book.record.category(classification, &system, code, Vec::new());
    }
}

fn one(subject: &Element, book: &mut Book<'_>) {
    let scheme = subject.child_text("SubjectSchemeIdentifier");
    let scheme = scheme.or_else(|| subject.child_text("MainSubjectSchemeIdentifier")).unwrap_or_default();
    let headings: Vec<_> = subject.children_named("SubjectHeadingText").collect();
    if matches!(scheme, "20" | "B2") {
        let words = headings.iter().copied().chain(subject.children_named("SubjectCode"));
        for words in words {
            let language = words.attribute("language");
            words.text().split(';').for_each(|word| book.record.keyword(words, language, word));
        }
        return;
    }
    let name = subject.child_text("SubjectSchemeName");
    let system = match (words::scheme(scheme), name) {
        (Some(known), _) => known.to_owned(),
        (None, Some(name)) => system_name(name),
        (None, None) if matches!(scheme, "23" | "24" | "") => "supplier".to_owned(),
        (None, None) => format!("subject-{scheme}"),
    };
    let system: String = with_version(&system, subject.child_text("SubjectSchemeVersion")).chars().take(64).collect();
    let path: Vec<_> = headings.first().map(|heading| heading.text().trim().to_owned()).into_iter().collect();
    for heading in headings.iter().skip(1) {
        book.fact(*heading, "subject_heading", heading.text());
    }
    let codes: Vec<_> = subject.children_named("SubjectCode").filter(|code| !code.text().trim().is_empty()).collect();
    for code in &codes {
        book.record.category(*code, &system, code.text(), path.clone());
    }
    if let (true, Some(heading)) = (codes.is_empty(), path.first()) {
        let code: String = heading.chars().take(CODE_CHARS_MAX).collect();
        book.record.category(subject, &system, &code, path.clone());
    }
}

fn with_version(system: &str, version: Option<&str>) -> String {
    version.map_or_else(|| system.to_owned(), |version| system_name(&format!("{system}-{version}")))
}

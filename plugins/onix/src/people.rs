//! Contributor: who had which part in the book. Names are taken as one would print them.

use plugpoint_sdk::xml::Element;

use crate::book::{Book, found};
use crate::{titles, words};

/// Other forms of a name that is taken.
const NAME_FORMS: &[&str] = &[
    "PersonName",
    "PersonNameInverted",
    "NamesBeforeKey",
    "PrefixToKey",
    "KeyNames",
    "NamesAfterKey",
    "SuffixToKey",
    "CorporateName",
    "CorporateNameInverted",
];

/// Reads all contributors in the order of their numbers.
pub(crate) fn read(product: &Element, book: &mut Book<'_>) {
    let mut people: Vec<_> = found(product, "DescriptiveDetail", "Contributor").map(|found| found.element).collect();
    people.sort_by_key(|person| titles::order(person));
    for person in people {
        let Some(name) = name(person) else { continue };
        person.children().iter().filter(|child| NAME_FORMS.contains(&child.name())).for_each(Element::pass_over);
        let mut roles = person.children_named("ContributorRole").map(|role| role.text().trim()).peekable();
        if roles.peek().is_none() {
            book.record.contributor(person, "contributor", &name);
        }
        for role in roles {
            book.record.contributor(person, words::role(role).unwrap_or(role), &name);
        }
    }
}

fn name(person: &Element) -> Option<String> {
    let text = |name| person.child_text(name);
    if let Some(name) = text("PersonName") {
        return Some(name.to_owned());
    }
    let parts = ["NamesBeforeKey", "PrefixToKey", "KeyNames", "NamesAfterKey", "SuffixToKey"];
    if text("NamesBeforeKey").is_some() && text("KeyNames").is_some() {
        return Some(parts.into_iter().filter_map(text).collect::<Vec<_>>().join(" "));
    }
    let other = ["CorporateName", "PersonNameInverted", "KeyNames", "CorporateNameInverted"];
    if let Some(name) = other.into_iter().find_map(text) {
        return Some(name.to_owned());
    }
    match text("UnnamedPersons")? {
        "01" => Some("unknown".to_owned()),
        "02" => Some("anonymous".to_owned()),
        "03" => Some("et al.".to_owned()),
        "04" => Some("various".to_owned()),
        code => Some(format!("unnamed ({code})")),
    }
}

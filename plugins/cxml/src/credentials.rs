//! Keeps credentials out of everything that is shown or kept. Called for every record and every excerpt.

use plugpoint_sdk::xml::Element;

/// Elements that hold credentials.
const SECRET: [&str; 3] = ["SharedSecret", "DigitalSignature", "CredentialMac"];

/// Marks credentials within a record as read, so that nobody keeps them.
pub(crate) fn pass_over(element: &Element) {
    if SECRET.contains(&element.name()) {
        return element.pass_over();
    }
    element.children().iter().for_each(pass_over);
}

/// An excerpt of a record up to the first credential.
pub(crate) fn before(excerpt: &str) -> &str {
    let first = SECRET.iter().filter_map(|name| excerpt.find(name)).min();
    &excerpt[..first.unwrap_or(excerpt.len())]
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn an_excerpt_ends_before_a_credential() {
        assert_eq!(before("<a><b/><SharedSecret>x"), "<a><b/><");
        assert_eq!(before("<a><CredentialMac/><SharedSecret>x"), "<a><");
        assert_eq!(before("<a>"), "<a>");
    }
}

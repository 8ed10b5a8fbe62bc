//! What of an element has no place of its own in an item becomes attributes, so that nothing with a value is lost in silence.

use super::Record;
use crate::xml::Element;

/// The namespace of `xml:lang`.
const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// Bytes of a path: it must not grow with the depth of the document. The model takes 256 characters of a name.
const PATH_BYTES_MAX: usize = 1024;

impl Record<'_> {
    /// Keeps whatever nobody asked for in `element`: one attribute of `system` for each text and each XML attribute in it,
    /// named by its path, `path.child@attribute`. Values of one name that follow each other are values of one attribute; a text
    /// in another language than the record's has it behind its name, `path[de]`. What is empty has no value and is kept by nobody.
    ///
    /// Call it last: what was read is not kept again.
    pub fn keep(&mut self, system: &str, path: &str, element: &Element) {
        let first = self.draft.data.attributes.len();
        let mut keeper = Keeper { record: self, system, first, path: String::new() };
        keeper.step(path);
        keeper.element(element);
    }
}

struct Keeper<'r, 'p, 's> {
    record: &'r mut Record<'p>,
    system: &'s str,
    /// Attributes before this one belong to other elements and are never added to.
    first: usize,
    path: String,
}

impl Keeper<'_, '_, '_> {
    fn step(&mut self, name: &str) {
        self.path.push_str(name);
        let beyond = self.path.len().saturating_sub(PATH_BYTES_MAX);
        let start = (beyond..self.path.len()).find(|&at| self.path.is_char_boundary(at)).unwrap_or_default();
        self.path.drain(..start);
    }

    fn element(&mut self, element: &Element) {
        let before = self.path.clone();
        if element.is_unread() {
            let text = element.text().trim();
            if let Some(language) = element.attribute_ns(XML, "lang").filter(|_| !text.is_empty()) {
                let language = self.record.language_of(element, Some(language));
                if language != self.record.language {
                    self.step(&format!("[{language}]"));
                }
            }
            self.leaf(element, text);
            self.path.clone_from(&before);
        }
        for attribute in element.attributes().iter().filter(|attribute| attribute.is_unread()) {
            self.step("@");
            self.step(attribute.name());
            self.leaf(element, attribute.value().trim());
            self.path.clone_from(&before);
        }
        for child in element.children() {
            self.step(".");
            self.step(child.name());
            self.element(child);
            self.path.clone_from(&before);
        }
    }

    fn leaf(&mut self, element: &Element, value: &str) {
        if value.is_empty() {
            return;
        }
        let attributes = &mut self.record.draft.data.attributes;
        let is_own = attributes.len() > self.first;
        if let Some(last) = attributes.last_mut().filter(|last| is_own && last.name == self.path) {
            return last.values.push(value.to_owned());
        }
        self.record.fact(element, self.system, &self.path, value);
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::CatalogProfile;
    use crate::reading::{Record, Unmapped};
    use crate::testkit::element;
    use crate::xml::Element;

    fn kept(element: &Element) -> Vec<(String, Vec<String>)> {
        let profile = CatalogProfile::default();
        let mut record = Record::new("A1", element, &profile);
        record.keep("x", element.name(), element);
        record.draft.data.attributes.into_iter().map(|attribute| (attribute.name, attribute.values)).collect()
    }

    #[test]
    fn what_nobody_read_is_kept_by_its_path_and_is_read_then() {
        let part = element(
            "<p a='1' b='2' c=''><no>1</no><w>red</w><w>blue</w><deep><leaf u='mm'>5</leaf></deep><empty/>
               <t xml:lang='en'>one</t><t xml:lang='de'>eins</t></p>",
        );
        assert_eq!((part.child_text("no"), part.attribute("a")), (Some("1"), Some("1")));
        let expected = [
            ("p@b", vec!["2"]),
            ("p.w", vec!["red", "blue"]),
            ("p.deep.leaf", vec!["5"]),
            ("p.deep.leaf@u", vec!["mm"]),
            ("p.t", vec!["one"]),
            ("p.t[de]", vec!["eins"]),
        ];
        let found = kept(&part);
        let found: Vec<(&str, Vec<&str>)> =
            found.iter().map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect())).collect();
        assert_eq!(found, expected);
        assert_eq!(kept(&part), [], "a second time there is nothing left");
        let mut unmapped = Unmapped::default();
        unmapped.record(&part);
        assert!(unmapped.is_empty());
    }

    #[test]
    fn a_deep_path_keeps_its_end() {
        let name = "n".repeat(60);
        let deep =
            element(&format!("<p>{}{}{}</p>", format!("<{name}>").repeat(100), "v", format!("</{name}>").repeat(100)));
        let found = kept(&deep);
        assert!(found[0].0.ends_with(&name) && found[0].0.chars().count() <= 256);
    }
}

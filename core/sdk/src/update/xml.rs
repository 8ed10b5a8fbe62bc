//! An update file of XML: `<updates>` with `<step tag="..." title="...">`, each with `<sql>` or `<sql backend="...">`, in no namespace.

use super::{Backend, Taken, UpdateError};
use crate::xml::{Element, XmlError, XmlEvent, XmlOptions, XmlReader};

pub(super) fn read(text: &str, taken: &mut Taken) -> Result<(), UpdateError> {
    let mut source = text.as_bytes();
    let mut reader = XmlReader::new(&mut source, XmlOptions::default());
    let root = loop {
        match reader.next().map_err(refused)? {
            XmlEvent::Start(_) => break reader.element().map_err(refused)?,
            XmlEvent::Eof => return Err(UpdateError::new(None, "the document has no root element")),
            _ => {}
        }
    };
    // What stands behind the root is read too: there may be nothing.
    while !matches!(reader.next().map_err(refused)?, XmlEvent::Eof) {}
    expect(&root, "updates", &[])?;
    for step in root.children() {
        let line = step.position().line;
        expect(step, "step", &["tag", "title"])?;
        let tag = step.attribute("tag").ok_or_else(|| UpdateError::new(line, "the step has no tag"))?;
        taken.begin(tag, step.attribute("title").unwrap_or_default(), line)?;
        for sql in step.children() {
            let line = sql.position().line;
            expect(sql, "sql", &["backend"])?;
            if let Some(child) = sql.children().first() {
                let message = format!("`{}` stands within `sql`; write < as &lt;", child.name());
                return Err(UpdateError::new(child.position().line, message));
            }
            let only = sql.attribute("backend").map(|name| Backend::named(name, line)).transpose()?;
            // One statement after the other, whether or not the text before it ends with a semicolon.
            taken.add(&format!("{}\n;\n", sql.text().trim_end().trim_end_matches(';')), only);
        }
        taken.end()?;
    }
    Ok(())
}

/// Refuses another element, attributes that mean nothing here, and text where none belongs.
fn expect(element: &Element, name: &str, attributes: &[&str]) -> Result<(), UpdateError> {
    let refuse = |message| Err(UpdateError::new(element.position().line, message));
    if element.name() != name || !element.namespace().is_empty() {
        return refuse(format!("`{}` stands where `{name}` belongs", element.name()));
    }
    let known = |given: &str| attributes.contains(&given);
    if let Some(other) = element.attributes().iter().find(|it| !it.namespace().is_empty() || !known(it.name())) {
        return refuse(format!("`{name}` has no attribute `{}`", other.name()));
    }
    if name != "sql" && !element.text().trim().is_empty() {
        return refuse(format!("there is text between the elements of `{name}`"));
    }
    Ok(())
}

fn refused(error: XmlError) -> UpdateError {
    UpdateError::new(error.position.line, error.message)
}

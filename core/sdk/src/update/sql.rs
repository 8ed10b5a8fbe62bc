//! An update file of SQL: `-- step: TAG TITLE` begins a step; from `-- only: BACKEND` on to `-- both` or the end of the step the text is
//! one backend's.

use super::{Backend, Taken, UpdateError, has_statement};

pub(super) fn read(text: &str, taken: &mut Taken) -> Result<(), UpdateError> {
    let mut only = None;
    for (line, number) in text.lines().zip(1..) {
        let said = line.trim().strip_prefix("--").map(str::trim).unwrap_or_default();
        if let Some(step) = said.strip_prefix("step:") {
            taken.end()?;
            let (tag, title) = step.trim().split_once(char::is_whitespace).unwrap_or((step.trim(), ""));
            taken.begin(tag, title, number)?;
            only = None;
        } else if let Some(backend) = said.strip_prefix("only:") {
            only = Some(Backend::named(backend.trim(), number)?);
        } else if said == "both" {
            only = None;
        } else if !taken.add(&format!("{line}\n"), only) && has_statement(line) {
            return Err(UpdateError::new(number, "a statement stands before the first `-- step: TAG TITLE`"));
        }
    }
    taken.end()
}
